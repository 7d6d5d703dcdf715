//! A listing of 1,000,000 objects to partitions: under 3 s and 200 MB.
//!
//! Time: `cargo bench --bench listing`. Peak memory of one pass, in kB, without criterion:
//! `LISTING_ONCE=1 /usr/bin/time -f '%M kB %e s' cargo bench --bench listing` after the bench was built.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use criterion::{Criterion, Throughput};
use lakelint::config::Config;
use lakelint::expr::AsOf;
use lakelint::input::{self, Sources};

const TABLES: usize = 10;
const DAYS: usize = 1_000;
const FILES: usize = 100;

/// Ten tables of a thousand daily partitions with a hundred files each, as `aws s3 ls --recursive` prints them.
fn write_listing(path: &Path) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).expect("listing"));
    let first = chrono::NaiveDate::from_ymd_opt(2022, 1, 1).expect("date");
    let mut line = String::new();
    for table in 0..TABLES {
        for day in first.iter_days().take(DAYS) {
            for part in 0..FILES {
                line.clear();
                let size = 1_000_000 + part * 7_919;
                let name = format!("part-{part:05}-0c7e3f1a-4b6d-4c53-9a55-3d1f6a2b7c88.c000.snappy.parquet");
                writeln!(line, "2024-01-05 12:00:00 {size:>10} lake/curated/table_{table:02}/dt={day}/{name}")
                    .expect("line");
                file.write_all(line.as_bytes()).expect("line");
            }
        }
    }
    file.flush().expect("listing");
}

fn read(dir: &Path) -> usize {
    let as_of = AsOf(chrono::DateTime::UNIX_EPOCH.naive_utc());
    let sources = Sources { paths: Vec::new(), lake: vec!["listing.txt".to_string()], ..Sources::of(dir, as_of) };
    let lake = input::read(&sources, &Config::default()).expect("lake");
    lake.catalog.iter().filter_map(|(_, table)| table.layout.as_ref()).map(|layout| layout.partitions.len()).sum()
}

fn main() {
    let dir = tempfile::tempdir().expect("tempdir");
    write_listing(&dir.path().join("listing.txt"));
    assert_eq!(read(dir.path()), TABLES * DAYS);
    if std::env::var_os("LISTING_ONCE").is_some() {
        return;
    }
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("listing");
    group.throughput(Throughput::Elements((TABLES * DAYS * FILES) as u64));
    group.bench_function("1,000,000 objects", |b| b.iter(|| read(dir.path())));
    group.finish();
    criterion.final_summary();
}
