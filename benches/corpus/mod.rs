//! A project of any size to measure with: SQL as data teams write it, its tables, and a listing of their files.
//!
//! The same number of files always gives the same bytes.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// Tables of the project; each has a year of daily partitions.
const TABLES: usize = 200;
const DAYS: usize = 365;

const SUBJECTS: [&str; 20] = [
    "orders",
    "payments",
    "sessions",
    "clicks",
    "shipments",
    "invoices",
    "refunds",
    "visits",
    "carts",
    "tickets",
    "stock",
    "prices",
    "emails",
    "devices",
    "campaigns",
    "coupons",
    "reviews",
    "searches",
    "logins",
    "errors",
];
const MEASURES: [&str; 8] = ["amount", "quantity", "discount", "tax", "duration_ms", "score", "net_value", "weight"];
const ATTRIBUTES: [&str; 8] = ["country", "channel", "status", "device", "segment", "currency", "source", "category"];

/// A small generator of numbers (xorshift): the corpus must not depend on a library's version.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Writes the project: `queries` files under `queries/`, one definition file, a listing and a configuration.
pub fn write(folder: &Path, queries: usize) -> io::Result<()> {
    std::fs::create_dir_all(folder.join("ddl"))?;
    std::fs::write(folder.join("ddl/tables.sql"), (0..TABLES).map(definition).collect::<String>())?;
    std::fs::write(folder.join("listing.txt"), listing())?;
    std::fs::write(folder.join("lakelint.toml"), "[lake]\nsources = [\"s3://bench-lake=listing.txt\"]\n")?;
    for i in 0..queries {
        let team = folder.join(format!("queries/team_{:02}", i / 250));
        if i % 250 == 0 {
            std::fs::create_dir_all(&team)?;
        }
        std::fs::write(team.join(format!("query_{i:05}.sql")), query_file(i))?;
    }
    Ok(())
}

fn table(i: usize) -> String {
    format!("{}.{}_{}", ["raw", "clean", "curated"][i % 3], SUBJECTS[i % SUBJECTS.len()], i / SUBJECTS.len())
}

fn definition(i: usize) -> String {
    let name = table(i);
    let mut text =
        format!("CREATE EXTERNAL TABLE {name} (\n  id string,\n  customer_id string,\n  created_at timestamp");
    for measure in MEASURES {
        let _ = write!(text, ",\n  {measure} double");
    }
    for attribute in ATTRIBUTES {
        let _ = write!(text, ",\n  {attribute} string");
    }
    let place = name.replace('.', "/");
    let _ =
        write!(text, "\n)\nPARTITIONED BY (dt string)\nSTORED AS PARQUET\nLOCATION 's3://bench-lake/{place}/';\n\n");
    text
}

/// As `aws s3 ls --recursive` prints it: a file per table and day.
fn listing() -> String {
    let mut text = String::new();
    let first = chrono::NaiveDate::from_ymd_opt(2024, 6, 30).expect("a date");
    for i in 0..TABLES {
        let place = table(i).replace('.', "/");
        for day in first.iter_days().take(DAYS) {
            let _ = writeln!(text, "{day} 04:00:00  {} {place}/dt={day}/part-0.snappy.parquet", 150_000_000 + i);
        }
    }
    text
}

/// One file: a comment, then one to three statements.
fn query_file(i: usize) -> String {
    let mut n = Numbers(0x9E37_79B9_7F4A_7C15 ^ (i as u64 + 1).wrapping_mul(0x2545_F491_4F6C_DD1D));
    let mut text = format!(
        "-- Report {i} of team {}. Owner: data platform. Runs every day after the load.\n\
         -- Changes to the columns have to be agreed with the people who read the dashboard.\n",
        i / 250
    );
    for _ in 0..=n.below(3) {
        match n.below(5) {
            0 => text.push_str(&simple(&mut n)),
            1 => text.push_str(&insert(&mut n)),
            _ => text.push_str(&report(&mut n)),
        }
        text.push_str(";\n\n");
    }
    text
}

fn filter(n: &mut Numbers, alias: &str) -> String {
    let (month, day) = (1 + n.below(6), 1 + n.below(28));
    match n.below(8) {
        0 => format!("{alias}.dt = '2025-{month:02}-{day:02}'"),
        1 => format!("{alias}.dt BETWEEN '2025-{month:02}-01' AND '2025-{month:02}-{day:02}'"),
        2 => format!("{alias}.dt >= date_format(current_date - interval '{day}' day, '%Y-%m-%d')"),
        3 => format!("cast({alias}.dt AS date) > current_date - interval '{day}' day"),
        4 => format!("{alias}.dt IN ('2025-{month:02}-01', '2025-{month:02}-08', '2025-{month:02}-15')"),
        5 => format!("substr({alias}.dt, 1, 7) = '2025-{month:02}'"),
        6 => format!("{alias}.dt = '{{{{ ds }}}}'"),
        _ => format!("{alias}.created_at >= timestamp '2025-{month:02}-{day:02} 00:00:00'"),
    }
}

fn simple(n: &mut Numbers) -> String {
    let (attribute, measure, table) = (n.of(&ATTRIBUTES), n.of(&MEASURES), table(n.below(TABLES)));
    let filter = filter(n, "t");
    format!(
        "SELECT t.{attribute}, count(*) AS rows_read, sum(t.{measure}) AS {measure}\nFROM {table} t\nWHERE {filter}\n  \
         AND t.status <> 'cancelled'\nGROUP BY t.{attribute}\nHAVING count(*) > {}\nORDER BY 2 DESC",
        n.below(1000)
    )
}

fn insert(n: &mut Numbers) -> String {
    let (target, source) = (table(n.below(TABLES)), table(n.below(TABLES)));
    let columns = [&MEASURES[..], &ATTRIBUTES[..]].concat().join(",\n  ");
    format!(
        "INSERT INTO {target}\nSELECT\n  id,\n  customer_id,\n  created_at,\n  {columns},\n  dt\nFROM {source} t\nWHERE {}",
        filter(n, "t")
    )
}

/// Two CTEs, a join, window functions and a long CASE: the usual shape of a model.
fn report(n: &mut Numbers) -> String {
    let (facts, other) = (table(n.below(TABLES)), table(n.below(TABLES)));
    let (by, measure) = (n.of(&ATTRIBUTES), n.of(&MEASURES));
    let mut sums = String::new();
    for name in MEASURES.iter().take(3 + n.below(5)) {
        let _ = write!(sums, ",\n    sum(f.{name}) AS {name},\n    coalesce(max(f.{name}), 0) AS max_{name}");
    }
    let mut buckets = String::new();
    for step in 1..=3 + n.below(4) {
        let _ = write!(buckets, "\n    WHEN b.{measure} < {} THEN 'up to {}'", step * 100, step * 100);
    }
    let (first, second) = (filter(n, "f"), filter(n, "o"));
    format!(
        "WITH base AS (\n  SELECT\n    f.customer_id,\n    f.{by},\n    f.dt{sums},\n    sum(f.{measure}) AS {measure}\n  FROM {facts} AS f\n  \
         WHERE {first}\n    AND (f.channel = 'web' OR f.channel LIKE 'app%')\n  GROUP BY f.customer_id, f.{by}, f.dt\n),\n\
         active AS (\n  SELECT o.customer_id, count(DISTINCT o.id) AS events, min(o.created_at) AS first_at\n  FROM {other} AS o\n  \
         WHERE {second}\n    AND o.device IS NOT NULL\n  GROUP BY o.customer_id\n)\n\
         SELECT\n  b.dt,\n  b.{by},\n  CASE{buckets}\n    ELSE 'more'\n  END AS bucket,\n  count(*) AS customers,\n  \
         sum(b.{measure}) AS {measure},\n  sum(a.events) AS events,\n  \
         row_number() OVER (PARTITION BY b.dt ORDER BY sum(b.{measure}) DESC) AS place,\n  \
         avg(sum(b.{measure})) OVER (PARTITION BY b.{by} ORDER BY b.dt ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS week\n\
         FROM base b\nLEFT JOIN active a ON a.customer_id = b.customer_id\n\
         WHERE b.{measure} > {}\nGROUP BY 1, 2, 3\nORDER BY b.dt, place\nLIMIT 10000",
        n.below(50)
    )
}
