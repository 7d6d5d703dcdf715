//! A made-up lake of a large company: 500 tables in three layers with 200 daily partitions each, 5,000 statements that read them
//! well and badly, and 20 state machines. The same every time.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

pub const TABLES: usize = 500;
pub const PARTITIONS: usize = 200;
pub const QUERIES: usize = 5_000;
pub const MACHINES: usize = 20;

const LAYERS: [&str; 3] = ["raw", "clean", "curated"];
/// Statements in one file.
const PER_FILE: usize = 25;

/// Writes definitions, a listing, statements, machines and the configuration into a folder.
pub fn write(folder: &Path) -> io::Result<()> {
    for sub in ["ddl", "queries/hourly", "queries/daily", "queries/adhoc", "machines"] {
        std::fs::create_dir_all(folder.join(sub))?;
    }
    std::fs::write(folder.join("lakelint.toml"), CONFIGURATION)?;
    std::fs::write(folder.join("ddl/tables.sql"), (0..TABLES).map(definition).collect::<String>())?;
    listing(&folder.join("listing.txt"))?;
    for first in (0..QUERIES).step_by(PER_FILE) {
        let kind = ["hourly", "daily", "daily", "adhoc"][first / PER_FILE % 4];
        let text: String = (first..first + PER_FILE).map(statement).collect();
        std::fs::write(folder.join(format!("queries/{kind}/{first:05}.sql")), text)?;
    }
    for machine in 0..MACHINES {
        std::fs::write(folder.join(format!("machines/load_{machine:02}.asl.json")), definition_of_machine(machine))?;
    }
    Ok(())
}

const CONFIGURATION: &str = "[lake]\nsources = [\"s3://corp-lake=listing.txt\"]\n\n[layers]\nraw = [\"s3://corp-lake/raw/**\"]\n\
    clean = [\"s3://corp-lake/clean/**\"]\ncurated = [\"s3://corp-lake/curated/**\"]\n\n[runs]\n\"queries/hourly\" = \"1/hour\"\n\
    \"queries/daily\" = \"1/day\"\nmachines = \"1/day\"\n";

/// Every seventh table is text, whatever its layer.
fn is_text(table: usize) -> bool {
    table.is_multiple_of(7)
}

fn name(table: usize) -> String {
    format!("{}.table_{table:03}", LAYERS[table % 3])
}

fn place(table: usize) -> String {
    format!("{}/table_{table:03}", LAYERS[table % 3])
}

fn definition(table: usize) -> String {
    let columns: Vec<String> =
        (0..12).map(|column| format!("c{column} {}", ["bigint", "string", "double"][column % 3])).collect();
    let format = match is_text(table) {
        true => "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' STORED AS TEXTFILE",
        false => "STORED AS PARQUET",
    };
    format!(
        "CREATE EXTERNAL TABLE {} ({}) PARTITIONED BY (dt string) {format} LOCATION 's3://corp-lake/{}/';\n",
        name(table),
        columns.join(", "),
        place(table)
    )
}

/// A number that looks like chance.
fn mixed(number: usize) -> usize {
    let mixed = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ (mixed >> 31)) as usize
}

fn listing(path: &Path) -> io::Result<()> {
    let mut out = io::BufWriter::new(std::fs::File::create(path)?);
    let first = chrono::NaiveDate::from_ymd_opt(2024, 12, 12).expect("a date");
    for table in 0..TABLES {
        // From 2 MB to 500 MB a day; every eleventh table has very small files.
        let bytes = 2_000_000 << (mixed(table) % 9);
        let files = if table.is_multiple_of(11) { 40 } else { 1 + table % 3 };
        for (number, day) in first.iter_days().take(PARTITIONS).enumerate() {
            for file in 0..files {
                let size = bytes / files + mixed(table * 1_000 + number + file) % 100_000;
                let end = if is_text(table) { "csv" } else { "snappy.parquet" };
                writeln!(out, "2025-06-29 06:00:00 {size:>12} {}/dt={day}/part-{file:05}.{end}", place(table))?;
            }
        }
    }
    out.flush()
}

fn statement(number: usize) -> String {
    let (table, other) = (name(mixed(number) % TABLES), name(mixed(number + QUERIES) % TABLES));
    let column = number % 12;
    let select = match number % 10 {
        0 => format!("SELECT * FROM {table}"),
        1 => format!("SELECT c{column}, count(*) FROM {table} GROUP BY 1"),
        2 => format!("SELECT * FROM {table} LIMIT 100"),
        3 => format!("SELECT c{column} FROM {table} WHERE dt >= '2025-01-01'"),
        4 => format!("SELECT a.c1, b.c2 FROM {table} a JOIN {other} b ON a.c1 = b.c1 WHERE a.dt = '2025-06-29'"),
        5 => format!("SELECT c{column} FROM {table} WHERE dt = '2025-06-29' OR c0 = 1"),
        _ => format!("SELECT c{column}, sum(c0) FROM {table} WHERE dt = '2025-06-2{}' GROUP BY 1", number % 10),
    };
    let mut text = String::new();
    writeln!(text, "-- name: report {number:04}\n{select};\n").expect("text");
    text
}

fn definition_of_machine(number: usize) -> String {
    let attempts = [3, 6, 99_999_999, 12][number % 4];
    format!(
        r#"{{"StartAt": "Load", "States": {{
  "Load": {{"Type": "Task", "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
    "Parameters": {{"QueryString": "SELECT c1 FROM {} WHERE dt = '2025-06-29'", "WorkGroup": "etl"}},
    "Retry": [{{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": {attempts}, "BackoffRate": 2}}], "Next": "Done"}},
  "Done": {{"Type": "Succeed"}}
}}}}
"#,
        name(number)
    )
}
