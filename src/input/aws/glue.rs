//! Tables, views, registered partitions and partition indexes of the Glue Data Catalog, through its API.
//!
//! Pages and segments: AWS Glue Web API Reference, `GetTables` (at most 100 a page), `GetPartitions` (at most 1,000 a page,
//! `Segment` with at most 10 of them, `ExcludeColumnSchema`), `GetPartitionIndexes`.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use aws_sdk_glue::Client;
use aws_sdk_glue::config::Builder;
use aws_sdk_glue::error::ProvideErrorMetadata;
use aws_sdk_glue::types::{Column, Partition, PartitionIndexStatus, Segment, StorageDescriptor, Table};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Connection;
use super::error::{Asked, Failure, Reason};
use crate::input::glue_json::{
    Export, GlueColumn, GluePartition, GlueTable, PartitionStorage, Serde, Storage, TargetTable,
};
use crate::lake::TableName;

const TABLES_A_PAGE: i32 = 100;
const PARTITIONS_A_PAGE: i32 = 1000;
/// Parts that the partitions of a table are fetched in at once, where there is more than a page of them.
const SEGMENTS: i32 = 10;

/// Reads databases. What may not be read of some tables is told beside the rest; a database that may not be read at all is an error.
pub(crate) fn read(connection: &Connection, databases: &[String]) -> Result<(Export, Vec<String>)> {
    let config = Builder::from(&connection.config)
        .interceptor(connection.counter())
        .retry_classifier(connection.patience())
        .build();
    let slots = Semaphore::new(connection.reach.concurrency.max(1));
    let catalog = Arc::new(Catalog { client: Client::from_conf(config), slots });
    connection.wait(async {
        let (mut export, mut missing) = (Export::default(), Vec::new());
        for database in databases {
            let database = database.trim().to_lowercase();
            catalog.check(&database).await?;
            let tables = catalog.tables(&database).await.map_err(|failure| denied_tables(&failure, &database))?;
            let names: Vec<String> = tables.iter().filter(|t| has_partitions(t)).map(|t| t.name.clone()).collect();
            tables.iter().for_each(|table| export.add_table(described(table)));
            for (name, Registered { partitions, indexes }) in Arc::clone(&catalog).all(&database, names).await {
                let table = TableName::new([&database, &name]);
                match partitions {
                    Ok(partitions) => add_partitions(&mut export, &table, partitions),
                    Err(failure) => missing.extend(refusal(&table, &failure)?),
                }
                match indexes {
                    Ok(indexes) => export.add_indexes(&table, indexes),
                    Err(failure) => missing.extend(without_indexes(&table, &failure)?),
                }
            }
        }
        missing.sort();
        Ok((export, missing))
    })
}

/// The service, and how many requests may be under way.
struct Catalog {
    client: Client,
    slots: Semaphore,
}

/// What is registered of a table besides itself.
struct Registered {
    partitions: Result<Vec<Partition>, Failure>,
    /// Keys of each partition index that is ready.
    indexes: Result<Vec<Vec<String>>, Failure>,
}

/// Partitions of a page, and where the next one begins.
type Page = (Vec<Partition>, Option<String>);

impl Catalog {
    /// A slot for one request.
    async fn slot(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Failure> {
        self.slots.acquire().await.map_err(|closed| Failure::new(Reason::Other, closed.to_string()))
    }

    /// Fails when there is no such database, and says which there are.
    async fn check(&self, database: &str) -> Result<()> {
        let Err(error) = self.client.get_database().name(database).send().await else { return Ok(()) };
        if error.code() == Some("EntityNotFoundException") {
            let known = self.client.get_databases().max_results(TABLES_A_PAGE).send().await;
            let names: Vec<String> = known
                .map(|known| known.database_list.into_iter().map(|database| database.name).collect())
                .unwrap_or_default();
            let closest = names.iter().map(|name| (strsim::jaro_winkler(database, name), name));
            let closest = closest.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(alike, _)| *alike > 0.8);
            let help = closest.map_or_else(
                || "check `--glue`, the region and the profile".to_string(),
                |(_, name)| format!("did you mean `{name}`?"),
            );
            return Err(anyhow!("there is no database `{database}` in the Glue Data Catalog: {help}"));
        }
        let failure = Failure::of(&error);
        match failure.reason {
            // What the database itself says is not needed.
            Reason::Denied => Ok(()),
            _ => Err(failure.explain(&asked(&format!("database `{database}` cannot be read"), "glue:GetDatabase"))),
        }
    }

    async fn tables(&self, database: &str) -> Result<Vec<Table>, Failure> {
        let (mut tables, mut token) = (Vec::new(), None);
        loop {
            let _slot = self.slot().await?;
            let page = self.client.get_tables().database_name(database).max_results(TABLES_A_PAGE);
            let page = page.set_next_token(token.clone()).send().await.map_err(|error| Failure::of(&error))?;
            tables.extend(page.table_list.unwrap_or_default());
            let next = page.next_token.filter(|next| !next.is_empty());
            match next {
                None => return Ok(tables),
                next if next == token => return Err(repeated()),
                next => token = next,
            }
        }
    }

    /// What is registered of many tables, sorted by their names.
    async fn all(self: Arc<Catalog>, database: &str, tables: Vec<String>) -> Vec<(String, Registered)> {
        let mut fetching = JoinSet::new();
        for table in tables {
            let (catalog, database) = (Arc::clone(&self), database.to_string());
            fetching.spawn(async move {
                let indexes = catalog.indexes(&database, &table).await;
                let partitions = catalog.partitions(&database, &table).await;
                (table, Registered { partitions, indexes })
            });
        }
        let mut fetched = fetching.join_all().await;
        fetched.sort_by(|a, b| a.0.cmp(&b.0));
        fetched
    }

    async fn indexes(&self, database: &str, table: &str) -> Result<Vec<Vec<String>>, Failure> {
        let (mut indexes, mut token) = (Vec::new(), None);
        loop {
            let _slot = self.slot().await?;
            let page = self.client.get_partition_indexes().database_name(database).table_name(table);
            let page = page.set_next_token(token.clone()).send().await.map_err(|error| Failure::of(&error))?;
            for index in page.partition_index_descriptor_list.into_iter().flatten() {
                if index.index_status == PartitionIndexStatus::Active {
                    indexes.push(index.keys.into_iter().map(|key| key.name.to_lowercase()).collect());
                }
            }
            match page.next_token.filter(|next| !next.is_empty()) {
                None => return Ok(indexes),
                next if next == token => return Err(repeated()),
                next => token = next,
            }
        }
    }

    /// One page tells whether segments are worth their requests.
    async fn partitions(self: Arc<Catalog>, database: &str, table: &str) -> Result<Vec<Partition>, Failure> {
        let (mut partitions, next) = self.page(database, table, None, None).await?;
        if next.is_none() {
            return Ok(partitions);
        }
        partitions.clear();
        let mut fetching = JoinSet::new();
        for number in 0..SEGMENTS {
            let (catalog, database, table) = (Arc::clone(&self), database.to_string(), table.to_string());
            fetching.spawn(async move { catalog.segment(&database, &table, number).await });
        }
        for segment in fetching.join_all().await {
            partitions.extend(segment?);
        }
        Ok(partitions)
    }

    async fn segment(&self, database: &str, table: &str, number: i32) -> Result<Vec<Partition>, Failure> {
        let segment = Segment::builder().segment_number(number).total_segments(SEGMENTS).build();
        let segment = segment.map_err(|error| Failure::new(Reason::Other, error.to_string()))?;
        let (mut partitions, mut token) = (Vec::new(), None);
        loop {
            let (page, next) = self.page(database, table, Some(segment.clone()), token.clone()).await?;
            partitions.extend(page);
            match next {
                None => return Ok(partitions),
                next if next == token => return Err(repeated()),
                next => token = next,
            }
        }
    }

    async fn page(
        &self,
        database: &str,
        table: &str,
        segment: Option<Segment>,
        token: Option<String>,
    ) -> Result<Page, Failure> {
        let _slot = self.slot().await?;
        let page = self.client.get_partitions().database_name(database).table_name(table);
        let page = page.exclude_column_schema(true).max_results(PARTITIONS_A_PAGE).set_segment(segment);
        let page = page.set_next_token(token).send().await.map_err(|error| Failure::of(&error))?;
        Ok((page.partitions.unwrap_or_default(), page.next_token.filter(|next| !next.is_empty())))
    }
}

fn repeated() -> Failure {
    Failure::garbled("the next page is the same page")
}

fn asked<'a>(what: &'a str, action: &'a str) -> Asked<'a> {
    Asked { what, action, resource: "" }
}

fn denied_tables(failure: &Failure, database: &str) -> anyhow::Error {
    failure.explain(&asked(&format!("tables of database `{database}` cannot be read"), "glue:GetTables"))
}

/// What is missing when the partitions of a table may not be read. Any other failure is one of the whole scan.
fn refusal(table: &TableName, failure: &Failure) -> Result<Option<String>> {
    let what = format!("registered partitions of `{table}`");
    match failure.reason {
        Reason::Denied => Ok(Some(format!("{what} are missing: access denied: allow `glue:GetPartitions`"))),
        // It was dropped while it was read.
        _ if failure.detail.starts_with("EntityNotFoundException") => Ok(None),
        _ => Err(failure.explain(&asked(&format!("{what} cannot be read"), "glue:GetPartitions"))),
    }
}

/// What is missing when the indexes of a table cannot be read. They change no number, so a server that knows none of them ends
/// no scan; what would also fail elsewhere does.
fn without_indexes(table: &TableName, failure: &Failure) -> Result<Option<String>> {
    let what = format!("partition indexes of `{table}`");
    match failure.reason {
        Reason::Denied => Ok(Some(format!("{what} are missing: access denied: allow `glue:GetPartitionIndexes`"))),
        _ if failure.detail.starts_with("EntityNotFoundException") => Ok(None),
        Reason::Other | Reason::NotFound => Ok(Some(format!("{what} are missing: {}", failure.short()))),
        _ => Err(failure.explain(&asked(&format!("{what} cannot be read"), "glue:GetPartitionIndexes"))),
    }
}

/// Whether registered partitions say what Athena reads: it does not look for them where they are projected, and Iceberg has
/// its own.
fn has_partitions(table: &Table) -> bool {
    let parameter = |name: &str| table.parameters().and_then(|all| all.get(name)).map(String::as_str);
    let is = |name: &str, value: &str| parameter(name).is_some_and(|text| text.eq_ignore_ascii_case(value));
    let is_table = table.target_table().is_none() && !table.table_type().is_some_and(|kind| kind.ends_with("_VIEW"));
    is_table && !table.partition_keys().is_empty() && !is("projection.enabled", "true") && !is("table_type", "iceberg")
}

fn add_partitions(export: &mut Export, table: &TableName, partitions: Vec<Partition>) {
    // None at all is known, too.
    export.partitions.entry(table.clone()).or_default();
    for partition in partitions {
        let location = partition.storage_descriptor.and_then(|storage| storage.location);
        export.add_partition(GluePartition {
            values: partition.values,
            database_name: table.database().map(str::to_string),
            table_name: Some(table.table().to_string()),
            storage_descriptor: location.map(|location| PartitionStorage { location: Some(location) }),
        });
    }
}

fn described(table: &Table) -> GlueTable {
    GlueTable {
        name: table.name.clone(),
        database_name: table.database_name.clone(),
        description: table.description.clone(),
        storage_descriptor: table.storage_descriptor().map(storage),
        partition_keys: table.partition_keys.as_ref().map(|keys| keys.iter().map(column).collect()),
        table_type: table.table_type.clone(),
        view_original_text: table.view_original_text.clone(),
        target_table: table.target_table().map(|_| TargetTable::default()),
        parameters: table.parameters().map(parameters),
    }
}

fn storage(storage: &StorageDescriptor) -> Storage {
    let library =
        |info: &aws_sdk_glue::types::SerDeInfo| Serde { serialization_library: info.serialization_library.clone() };
    Storage {
        columns: storage.columns.as_ref().map(|columns| columns.iter().map(column).collect()),
        location: storage.location.clone(),
        input_format: storage.input_format.clone(),
        serde_info: storage.serde_info().map(library),
        parameters: storage.parameters().map(parameters),
    }
}

fn column(column: &Column) -> GlueColumn {
    GlueColumn { name: column.name.clone(), r#type: column.r#type.clone(), comment: column.comment.clone() }
}

fn parameters(
    parameters: &std::collections::HashMap<String, String>,
) -> std::collections::BTreeMap<String, Option<String>> {
    parameters.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect()
}
