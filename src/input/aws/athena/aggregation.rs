//! An inventory table that Athena adds up: which delivery, at what price, and the tallies that come back.

use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, anyhow, bail};
use aws_sdk_athena::types::TableMetadata;
use serde::Deserialize;

use super::Athena;
use super::catalog::property;
use crate::cost::Pricing;
use crate::input::ScanRequest;
use crate::input::aggregate::row;
use crate::input::aggregate::statement::Inventory;
use crate::input::aws::Connection;
use crate::input::aws::error::Asked;
use crate::input::aws::s3::Ask;
use crate::input::layout::Tally;
use crate::input::scan::InventoryRequest;
use crate::lake::{Bytes, Location, Usd};

/// The folder of an inventory that tables lie over.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html>
const HIVE: &str = "hive";

/// A statement that is ready to run.
#[derive(Debug)]
pub(crate) struct Aggregation {
    athena: Athena,
    inventory: Inventory,
    statement: String,
    /// Bytes of the files of the delivery, of which a columnar one is read in part; or why they are unknown.
    files: Result<u64, String>,
    pricing: Pricing,
    /// What the statement has read.
    ran: Mutex<Option<u64>>,
}

/// The part of `manifest.json` that tells what a statement reads.
#[derive(Deserialize)]
struct Report {
    files: Vec<ReportFile>,
}

#[derive(Deserialize)]
struct ReportFile {
    size: u64,
}

impl Aggregation {
    /// Finds the table, its newest delivery and what that costs. Nothing that costs money is asked.
    pub(crate) fn plan(
        connection: &Connection,
        request: &ScanRequest,
        wanted: &InventoryRequest,
    ) -> Result<Aggregation> {
        let athena = Athena::new(connection, request.workgroup.as_deref(), request.results.as_deref());
        let (database, name) = split(&wanted.table)?;
        let table = athena.table(&database, &name)?;
        let lower = |text: &str| text.to_lowercase();
        let columns: Vec<(String, String)> =
            table.columns().iter().map(|c| (lower(c.name()), lower(c.r#type().unwrap_or_default()))).collect();
        let inventory = Inventory::of(&database, &name, &columns)?;
        let delivery = match table.partition_keys() {
            [] => None,
            [key] => Some((key.name().to_string(), newest(&athena, connection, &inventory, &table, key.name())?)),
            keys => bail!(
                "`{database}.{name}` has {} partition keys: expected one, the time of the delivery (`dt`)",
                keys.len()
            ),
        };
        let statement = inventory.statement(delivery.as_ref().map(|(key, value)| (key.as_str(), value.as_str())));
        let files = match &delivery {
            Some((_, value)) => files(connection, &table, value).map_err(|error| format!("{error:#}")),
            None => Err("the table has no partition key that names a delivery".to_string()),
        };
        Ok(Aggregation { athena, inventory, statement, files, pricing: wanted.pricing.clone(), ran: Mutex::default() })
    }

    pub(crate) fn statement(&self) -> &str {
        &self.statement
    }

    /// What the statement will cost, for people.
    pub(crate) fn estimate(&self) -> String {
        match &self.files {
            Err(why) => format!("what the statement reads is unknown: {why}"),
            Ok(bytes) => format!("the statement reads at most {}{}", Bytes(*bytes), self.price("at most", *bytes)),
        }
    }

    /// What it has cost, for people; nothing before it has run.
    pub(crate) fn bill(&self) -> Option<String> {
        let scanned = (*self.ran.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(format!("the statement has read {}{}", Bytes(scanned), self.price("", scanned)))
    }

    fn price(&self, bound: &str, bytes: u64) -> String {
        let bound = if bound.is_empty() { String::new() } else { format!("{bound} ") };
        match self.pricing.bill(bytes) {
            Some(usd) => format!(" for {bound}{usd}"),
            None => ", on provisioned capacity".to_string(),
        }
    }

    /// `database.table`, for people.
    pub(crate) fn shown(&self) -> String {
        format!("{}.{}", self.inventory.database, self.inventory.table)
    }

    /// Fails when the statement may cost more than the user allows.
    pub(crate) fn check(&self, max_usd: Option<f64>) -> Result<()> {
        let Some(most) = max_usd else { return Ok(()) };
        match &self.files {
            Err(why) => {
                bail!("the statement is not run: its cost is unknown ({why}), and `--max-usd` allows {}", Usd(most))
            }
            Ok(bytes) => match self.pricing.bill(*bytes) {
                Some(usd) if usd.0 > most => bail!(
                    "the statement is not run: it may read {} for {usd}, and `--max-usd` allows {}",
                    Bytes(*bytes),
                    Usd(most)
                ),
                _ => Ok(()),
            },
        }
    }

    /// Runs the statement, and streams the tallies of each bucket.
    pub(crate) fn collect(&self, each: &mut dyn FnMut(&str, &Tally)) -> Result<()> {
        let ran = self.athena.run(&self.statement, Some(&self.inventory.database))?;
        *self.ran.lock().unwrap_or_else(PoisonError::into_inner) = ran.scanned;
        let mut rows = 0_u64;
        self.athena.rows(&ran, &mut |values| {
            let (bucket, tally) = row::read(values, self.inventory.time)?;
            each(&bucket, &tally);
            rows += 1;
            Ok(())
        })?;
        match rows {
            0 => bail!(
                "`{}.{}` holds no objects in its newest delivery: load its partitions (`MSCK REPAIR TABLE`), or wait for the \
                 first report",
                self.inventory.database,
                self.inventory.table
            ),
            _ => Ok(()),
        }
    }
}

/// `database.table`; without a database `default`.
fn split(name: &str) -> Result<(String, String)> {
    let parts: Vec<&str> = name.split('.').map(|part| part.trim_matches(['"', '`'])).collect();
    match parts[..] {
        [table] if !table.is_empty() => Ok(("default".to_string(), table.to_lowercase())),
        [database, table] if !database.is_empty() && !table.is_empty() => {
            Ok((database.to_lowercase(), table.to_lowercase()))
        }
        _ => bail!("`{name}` is no name of a table: expected `database.table`"),
    }
}

/// The newest delivery: of registered partitions, which alone are read, or in the folder of a table whose partitions are
/// projected.
fn newest(
    athena: &Athena,
    connection: &Connection,
    inventory: &Inventory,
    table: &TableMetadata,
    key: &str,
) -> Result<String> {
    let Inventory { database, table: name, .. } = inventory;
    let is_projected = property(table, "projection.enabled").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let found = match is_projected {
        true => stored(connection, table, key)?,
        false => athena.partitions(database, name, key)?,
    };
    found.into_iter().max().ok_or_else(|| match is_projected {
        true => anyhow!("there is no delivery at the location of `{database}.{name}`: wait for the first report"),
        false => anyhow!(
            "`{database}.{name}` has no partitions: load those of its deliveries (`MSCK REPAIR TABLE {database}.{name}`)"
        ),
    })
}

/// Deliveries in the table's folder, `dt=2024-01-05-01-00/`.
fn stored(connection: &Connection, table: &TableMetadata, key: &str) -> Result<Vec<String>> {
    let location = location(table)?;
    let bucket = connection.bucket(location.bucket.as_deref().unwrap_or_default());
    let prefix = format!("{}/{key}=", location.path);
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let ask = Ask { prefix: prefix.clone(), after, by_folder: true, most: None };
        let page = connection.wait(bucket.page(&ask)).map_err(|failure| {
            let what = format!("the deliveries in `{location}` cannot be listed");
            let resource = format!("arn:aws:s3:::{}", bucket.name);
            failure.explain(&Asked { what: &what, action: "s3:ListBucket", resource: &resource })
        })?;
        let values = page.folders.iter().filter_map(|folder| folder.strip_prefix(&prefix)?.strip_suffix('/'));
        found.extend(values.map(str::to_string));
        match page.last().filter(|_| page.more) {
            // Nothing of a folder comes after its name and the last character there is.
            Some(last) => after = Some(format!("{last}\u{10ffff}")),
            None => return Ok(found),
        }
    }
}

/// Bytes of the files of a delivery, from its manifest beside the folder that the table lies over.
fn files(connection: &Connection, table: &TableMetadata, delivery: &str) -> Result<u64> {
    let location = location(table)?;
    let base = location.path.strip_suffix(HIVE).filter(|base| base.is_empty() || base.ends_with('/'));
    let base =
        base.with_context(|| format!("`{location}` is no `{HIVE}/` folder of an inventory, beside its manifests"))?;
    let time = manifest_folder(delivery).with_context(|| format!("`{delivery}` is no time of a delivery"))?;
    let bucket = connection.bucket(location.bucket.as_deref().unwrap_or_default());
    let report: Report = serde_json::from_reader(bucket.stream(&format!("{base}{time}/manifest.json"))?)
        .with_context(|| format!("the manifest of delivery `{delivery}` cannot be read"))?;
    Ok(report.files.iter().map(|file| file.size).sum())
}

/// `2024-01-05-01-00` to `2024-01-05T01-00Z`.
fn manifest_folder(delivery: &str) -> Option<String> {
    let (date, time) = delivery.split_at_checked(10)?;
    let time = time.strip_prefix('-').filter(|time| time.len() == 5)?;
    let is_plain = delivery.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_plain.then(|| format!("{date}T{time}Z"))
}

fn location(table: &TableMetadata) -> Result<Location> {
    let text = property(table, "location").filter(|text| text.contains("://"));
    Ok(Location::parse(text.with_context(|| format!("table `{}` has no location", table.name()))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_deliveries_are_read() {
        assert_eq!(split("Lake.Inventory").ok(), Some(("lake".to_string(), "inventory".to_string())));
        assert_eq!(split("inventory").ok(), Some(("default".to_string(), "inventory".to_string())));
        for name in ["", "a.", ".b", "a.b.c"] {
            assert!(split(name).is_err(), "{name}");
        }
        assert_eq!(manifest_folder("2024-01-05-01-00").as_deref(), Some("2024-01-05T01-00Z"));
        for other in ["2024-01-05", "2024-01-05-01-0", "2024-01-05-01-00-00", "../../../../x-01", "ä"] {
            assert_eq!(manifest_folder(other), None, "{other}");
        }
    }
}
