//! The Glue Data Catalog through Athena, for builds without Glue's own client: tables from `ListTableMetadata`, registered
//! partitions from `SHOW PARTITIONS` and views from `SHOW CREATE VIEW`, which are DDL and free of charge
//! (<https://aws.amazon.com/athena/pricing/>).

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use anyhow::{Context, Result, anyhow};
use aws_sdk_athena::types::{Column, TableMetadata};
use serde_json::{Value, json};

use super::{Athena, view};
use crate::input::ScanRequest;
use crate::input::aws::Connection;
use crate::input::aws::error::{Asked, Failure};
use crate::input::glue_json::{self, Export};
use crate::input::layout::unescape;
use crate::lake::{TableKind, TableName};

/// Athena's name of the Glue Data Catalog.
const CATALOG: &str = "AwsDataCatalog";
/// Tables of one page: <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListTableMetadata.html>.
const PAGE: i32 = 50;
/// DDL statements under way at once; Athena allows 20 of an account
/// (<https://docs.aws.amazon.com/athena/latest/ug/service-limits.html>), which others use too.
const AT_ONCE: usize = 5;

/// Reads the databases that a scan asks for; gives what could not be read of single tables.
pub(crate) fn read_through_athena(
    connection: &Connection,
    request: &ScanRequest,
    export: &mut Export,
) -> Result<Vec<String>> {
    let athena = Athena::new(connection, request.workgroup.as_deref(), request.results.as_deref());
    read(&athena, &request.glue, export)
}

/// Reads databases of the catalog; gives what could not be read of single tables.
fn read(athena: &Athena, databases: &[String], export: &mut Export) -> Result<Vec<String>> {
    let mut questions = Vec::new();
    for database in databases {
        let mut found = Export::default();
        for table in athena.tables(database)? {
            if is_view(&table) {
                questions.push(Question::view(database, table.name()));
            } else {
                read_json(&json!({ "TableList": [as_glue(database, &table)] }), &mut found)?;
            }
        }
        let asked = found.tables.iter().filter(|table| {
            table.is_partitioned()
                && table.kind == TableKind::Hive
                && table.projection.is_none()
                && table.location.is_some()
        });
        for table in asked {
            let keys = table.partition_keys.iter().map(|key| key.name.clone()).collect();
            questions.push(Question::partitions(database, table.name.table(), keys));
        }
        export.extend(found);
    }
    let answers = ask(athena, &questions);
    let mut warnings = Vec::new();
    for (question, answer) in questions.iter().zip(answers) {
        if let Err(error) = answer.and_then(|lines| question.take(lines, export)) {
            let what = if question.keys.is_some() { "partitions of" } else { "view" };
            warnings.push(format!("cannot read {what} `{}`: {error:#}", question.name));
        }
    }
    Ok(warnings)
}

/// A statement about one table or view.
struct Question {
    name: TableName,
    database: String,
    statement: String,
    /// The partition keys of a table; `None` for a view.
    keys: Option<Vec<String>>,
}

impl Question {
    fn view(database: &str, name: &str) -> Question {
        // Views are Trino's; names of tables in DDL are Hive's.
        let statement = format!("SHOW CREATE VIEW \"{}\"", name.replace('"', "\"\""));
        Question { name: TableName::new([database, name]), database: database.to_string(), statement, keys: None }
    }

    fn partitions(database: &str, name: &str, keys: Vec<String>) -> Question {
        let statement = format!("SHOW PARTITIONS `{}`", name.replace('`', "``"));
        Question { name: TableName::new([database, name]), database: database.to_string(), statement, keys: Some(keys) }
    }

    /// Adds what the lines of the answer say.
    fn take(&self, lines: Vec<String>, export: &mut Export) -> Result<()> {
        let Some(keys) = &self.keys else {
            let shown = lines.join("\n");
            let text = view::statement(&self.name, &shown).context("`SHOW CREATE VIEW` does not answer with a view")?;
            export.views.entry(self.name.clone()).or_insert(text);
            return Ok(());
        };
        let mut partitions = Vec::with_capacity(lines.len());
        for line in &lines {
            let values = values(line, keys).with_context(|| format!("`{line}` names no partition of it"))?;
            partitions.push(json!({ "Values": values, "DatabaseName": self.database, "TableName": self.name.table() }));
        }
        // A table without any registered partition is known to have none.
        export.partitions.entry(self.name.clone()).or_default();
        read_json(&json!({ "Partitions": partitions }), export)
    }
}

/// `dt=2024-01-01/name=a%2Fb`, in the order of the keys.
fn values(line: &str, keys: &[String]) -> Option<Vec<String>> {
    let pairs: Vec<(&str, &str)> = line.split('/').map(|part| part.split_once('=')).collect::<Option<_>>()?;
    let value = |key: &String| {
        let found = pairs.iter().find(|(name, _)| unescape(name).eq_ignore_ascii_case(key));
        found.map(|(_, value)| unescape(value))
    };
    (pairs.len() == keys.len()).then(|| keys.iter().map(value).collect())?
}

/// Asks all questions, a few at once, and gives the lines of the answers in the order of the questions.
fn ask(athena: &Athena, questions: &[Question]) -> Vec<Result<Vec<String>>> {
    let next = AtomicUsize::new(0);
    let answers: Mutex<HashMap<usize, Result<Vec<String>>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(questions.len()) {
            scope.spawn(|| {
                while let Some((index, question)) =
                    Some(next.fetch_add(1, Relaxed)).and_then(|i| Some((i, questions.get(i)?)))
                {
                    let answer = athena.lines(&question.statement, &question.database);
                    if let Ok(mut answers) = answers.lock() {
                        answers.insert(index, answer);
                    }
                }
            });
        }
    });
    let mut answers = answers.into_inner().unwrap_or_default();
    let lost = || Err(anyhow!("a thread that asked Athena has stopped"));
    (0..questions.len()).map(|index| answers.remove(&index).unwrap_or_else(lost)).collect()
}

impl Athena {
    /// The rows of a statement that answers with one column.
    fn lines(&self, statement: &str, database: &str) -> Result<Vec<String>> {
        let ran = self.run(statement, Some(database))?;
        let mut lines = Vec::new();
        self.rows(&ran, &mut |row| {
            lines.push(row.into_iter().next().flatten().unwrap_or_default());
            Ok(())
        })?;
        Ok(lines)
    }

    /// All tables and views of a database.
    fn tables(&self, database: &str) -> Result<Vec<TableMetadata>> {
        let mut tables = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let request =
                self.client.list_table_metadata().catalog_name(CATALOG).database_name(database).max_results(PAGE);
            let request = request.set_work_group(self.workgroup.clone()).set_next_token(token.clone());
            let answer = self.connection.wait(request.send()).map_err(|error| {
                let what = format!("the tables of database `{database}` cannot be listed through Athena");
                let action = "athena:ListTableMetadata`, `glue:GetDatabase` and `glue:GetTables";
                Failure::of(&error).explain(&Asked { what: &what, action, resource: "" })
            })?;
            tables.extend(answer.table_metadata_list.unwrap_or_default());
            match answer.next_token.filter(|next| !next.is_empty()) {
                Some(next) if Some(&next) == token.as_ref() => {
                    return Err(anyhow!("Athena repeats a page of the tables of database `{database}`"));
                }
                Some(next) => token = Some(next),
                None => return Ok(tables),
            }
        }
    }

    /// One table with its columns, keys and properties.
    pub(crate) fn table(&self, database: &str, name: &str) -> Result<TableMetadata> {
        let request = self.client.get_table_metadata().catalog_name(CATALOG).database_name(database).table_name(name);
        let answer = self.connection.wait(request.set_work_group(self.workgroup.clone()).send()).map_err(|error| {
            let what = format!("table `{database}.{name}` cannot be read through Athena");
            let action = "athena:GetTableMetadata`, `glue:GetDatabase` and `glue:GetTable";
            Failure::of(&error).explain(&Asked { what: &what, action, resource: "" })
        })?;
        answer.table_metadata.ok_or_else(|| anyhow!("Athena says nothing of table `{database}.{name}`"))
    }

    /// Values of a table's only partition key that are registered.
    pub(crate) fn partitions(&self, database: &str, name: &str, key: &str) -> Result<Vec<String>> {
        let question = Question::partitions(database, name, vec![key.to_string()]);
        let lines = self.lines(&question.statement, database)?;
        Ok(lines.iter().filter_map(|line| values(line, &[key.to_string()])?.pop()).collect())
    }
}

/// Athena marks its views with a property as well.
fn is_view(table: &TableMetadata) -> bool {
    let marked = property(table, "presto_view").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    marked || table.table_type().is_some_and(|kind| kind.ends_with("_VIEW"))
}

pub(crate) fn property<'a>(table: &'a TableMetadata, name: &str) -> Option<&'a str> {
    table.parameters()?.get(name).map(String::as_str)
}

/// A table as `aws glue get-tables` writes it. Athena puts what the catalog keeps in the storage descriptor into the properties:
/// `location`, `inputformat`, `serde.serialization.lib`, and the descriptor's own properties.
/// <https://docs.aws.amazon.com/cli/latest/reference/athena/list-table-metadata.html>
fn as_glue(database: &str, table: &TableMetadata) -> Value {
    let columns = |columns: &[Column]| -> Vec<Value> {
        let column =
            |column: &Column| json!({ "Name": column.name(), "Type": column.r#type(), "Comment": column.comment() });
        columns.iter().map(column).collect()
    };
    json!({
        "Name": table.name(),
        "DatabaseName": database,
        "TableType": table.table_type(),
        "PartitionKeys": columns(table.partition_keys()),
        "Parameters": table.parameters(),
        "StorageDescriptor": {
            "Columns": columns(table.columns()),
            "Location": property(table, "location"),
            "InputFormat": property(table, "inputformat"),
            "SerdeInfo": { "SerializationLibrary": property(table, "serde.serialization.lib") },
        },
    })
}

fn read_json(page: &Value, export: &mut Export) -> Result<()> {
    glue_json::read(page.to_string().as_bytes(), export)
        .context("what Athena tells of the catalog has another form")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::FileFormat;

    fn table(keys: &[&str], parameters: &[(&str, &str)]) -> TableMetadata {
        let column = |name: &&str| Column::builder().name(*name).r#type("string").build().expect("a name");
        let mut table = TableMetadata::builder().name("t").table_type("EXTERNAL_TABLE");
        table = table.set_partition_keys(Some(keys.iter().map(column).collect())).columns(column(&"x"));
        for (name, value) in parameters {
            table = table.parameters(*name, *value);
        }
        table.build().expect("a name")
    }

    #[test]
    fn properties_of_athena_are_the_storage_of_glue() {
        let table = table(
            &["dt"],
            &[
                ("location", "s3://b/t"),
                ("inputformat", "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"),
                ("projection.enabled", "true"),
                ("projection.dt.type", "injected"),
            ],
        );
        let mut export = Export::default();
        read_json(&json!({ "TableList": [as_glue("lake", &table)] }), &mut export).expect("page");
        let [read] = &export.tables[..] else { panic!("{export:?}") };
        assert_eq!(read.name, TableName::parse("lake.t"));
        assert_eq!(read.format, Some(FileFormat::Parquet));
        assert_eq!(read.location.as_ref().map(ToString::to_string).as_deref(), Some("s3://b/t/"));
        assert_eq!((read.columns.len(), read.partition_keys.len()), (1, 1));
        assert!(read.projection.is_some() && !is_view(&table));
    }

    #[test]
    fn partitions_are_unescaped_and_put_into_the_order_of_the_keys() {
        let keys = ["dt".to_string(), "name".to_string()];
        assert_eq!(values("dt=2024-01-01/name=a%2Fb%3Dc", &keys), Some(vec!["2024-01-01".into(), "a/b=c".into()]));
        assert_eq!(values("NAME=x=y/dt=1", &keys), Some(vec!["1".into(), "x=y".into()]));
        for line in ["dt=1", "dt=1/other=2", "dt=1/name", "", "dt=1/name=2/x=3"] {
            assert_eq!(values(line, &keys), None, "{line}");
        }
    }

    #[test]
    fn an_answer_without_partitions_says_that_there_are_none() {
        let mut export = Export::default();
        let question = Question::partitions("Lake", "t", vec!["dt".to_string()]);
        question.take(Vec::new(), &mut export).expect("no lines");
        assert_eq!(export.partitions.keys().collect::<Vec<_>>(), [&TableName::parse("lake.t")]);
        question.take(vec!["dt=1".into(), "dt=__HIVE_DEFAULT_PARTITION__".into()], &mut export).expect("lines");
        assert_eq!(export.partitions[&TableName::parse("lake.t")].len(), 2);
        assert!(question.take(vec!["x".into()], &mut export).is_err());
    }
}
