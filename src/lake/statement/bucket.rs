//! What an S3 bucket is told about the objects below a table: lifecycle rules, and commands of the AWS CLI; and a workgroup.

use serde_json::json;

use crate::lake::{Location, Table};

/// The prefix of a table with its closing slash.
fn prefix(location: &Location) -> String {
    if location.path.is_empty() { String::new() } else { format!("{}/", location.path) }
}

/// A rule that deletes versions some days after a newer one or a delete marker has hidden them, and delete markers that hide
/// nothing (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>).
pub fn expire_noncurrent(table: &Table, days: u64) -> Option<String> {
    let location = table.location.as_ref()?;
    let rule = json!({
        "ID": format!("expire-old-versions-{}", table.name),
        "Status": "Enabled",
        "Filter": { "Prefix": prefix(location) },
        "NoncurrentVersionExpiration": { "NoncurrentDays": days },
        "Expiration": { "ExpiredObjectDeleteMarker": true },
    });
    Some(rule.to_string())
}

/// A rule that aborts multipart uploads some days after they were started
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html>).
pub fn abort_uploads(table: &Table, days: u64) -> Option<String> {
    let location = table.location.as_ref()?;
    let rule = json!({
        "ID": format!("abort-uploads-{}", table.name),
        "Status": "Enabled",
        "Filter": { "Prefix": prefix(location) },
        "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": days },
    });
    Some(rule.to_string())
}

/// Restores one archived object for some days.
pub fn restore(table: &Table, key: &str, days: u64) -> Option<String> {
    let bucket = table.location.as_ref()?.bucket.as_ref()?;
    Some(format!(
        "aws s3api restore-object --bucket {} --key {} --restore-request Days={days}",
        word(bucket),
        word(key)
    ))
}

/// Moves the files with some endings out of a table's prefix, to one beside it.
pub fn move_by_ending(table: &Table, endings: &[&str], suffix: &str) -> Option<String> {
    let location = table.location.as_ref().filter(|location| location.bucket.is_some())?;
    let place = location.to_string();
    let beside = format!("{}{suffix}/", place.trim_end_matches('/'));
    let include: Vec<String> = endings.iter().map(|ending| format!(" --include '*.{ending}*'")).collect();
    Some(format!("aws s3 mv {} {} --recursive --exclude '*'{}", word(&place), word(&beside), include.concat()))
}

/// Sets the bytes at which a query of a workgroup is cancelled, which are for the user to fill in
/// (<https://docs.aws.amazon.com/cli/latest/reference/athena/update-work-group.html>).
pub fn limit_workgroup(name: &str) -> String {
    let name = word(name);
    format!("aws athena update-work-group --work-group {name} --configuration-updates BytesScannedCutoffPerQuery=BYTES")
}

/// One word of a command line, quoted where a shell needs it.
fn word(text: &str) -> String {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | ':' | '.' | '-' | '_' | '=' | '+' | ',' | '@');
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_string(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::{DeclaredBy, TableName};

    fn table(location: &str) -> Table {
        let mut table = Table::new(TableName::parse("lake.events"), DeclaredBy::Glue);
        table.location = Some(Location::parse(location));
        table
    }

    #[test]
    fn rules_are_json_about_the_tables_prefix() {
        for rule in [expire_noncurrent, abort_uploads] {
            let text = rule(&table("s3://lake/clean/events/"), 30).expect("a location");
            let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(value["Filter"]["Prefix"], "clean/events/");
        }
    }

    #[test]
    fn odd_keys_are_one_word_of_a_shell() {
        let command = restore(&table("s3://lake/clean/events/"), "clean/events/it's here", 7).expect("a bucket");
        assert!(command.contains(r"--key 'clean/events/it'\''s here' "), "{command}");
        assert_eq!(restore(&table("clean/events/"), "x", 7), None);
    }
}
