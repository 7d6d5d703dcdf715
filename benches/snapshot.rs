//! Snapshots to tables: one table of 1,000,000 partitions in under 0.3 s, of 100,000 in under 50 ms, 200 tables of 1,000 in under 0.5 s.
//!
//! Time: `cargo bench --bench snapshot`. Peak memory of one pass each, in kB, without criterion:
//! `SNAPSHOT_ONCE=1 /usr/bin/time -f '%M kB %e s' cargo bench --bench snapshot` after the bench was built.
#![allow(missing_docs)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use criterion::{Criterion, Throughput};
use lakelint::config::Config;
use lakelint::expr::AsOf;
use lakelint::input::{self, Sources};
use lakelint::lake::Lake;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn sources(dir: &Path, lake: &str) -> Sources {
    let as_of = AsOf(chrono::DateTime::UNIX_EPOCH.naive_utc());
    Sources { paths: Vec::new(), lake: vec![lake.to_string()], ..Sources::of(dir, as_of) }
}

/// A snapshot of tables with daily partitions, one file each, in a folder of its own.
fn snapshot(dir: &Path, name: &str, tables: usize, partitions: usize) -> String {
    let listing = format!("{name}.txt");
    let mut file = std::io::BufWriter::new(std::fs::File::create(dir.join(&listing)).expect("listing"));
    let first = chrono::NaiveDate::from_ymd_opt(1, 1, 1).expect("date");
    for table in 0..tables {
        for (i, day) in first.iter_days().take(partitions).enumerate() {
            let size = 1_000_000_000 + i * 7_919;
            writeln!(file, "2024-01-05 12:00:00 {size:>10} table_{table:03}/dt={day}/part-0.parquet").expect("line");
        }
    }
    file.flush().expect("listing");
    input::scan(
        &sources(dir, &listing),
        &input::ScanRequest::default(),
        None,
        &Config::default(),
        &PathBuf::from(name),
    )
    .expect("scanned");
    name.to_string()
}

fn read(dir: &Path, snapshot: &str) -> Lake {
    input::read(&sources(dir, snapshot), &Config::default()).expect("lake")
}

fn main() {
    let dir = tempfile::tempdir().expect("tempdir");
    let large = snapshot(dir.path(), "large", 1, 1_000_000);
    let middle = snapshot(dir.path(), "middle", 1, 100_000);
    let many = snapshot(dir.path(), "many", 200, 1_000);
    if std::env::var_os("SNAPSHOT_ONCE").is_some() {
        for name in [&large, &middle, &many] {
            let started = Instant::now();
            let lake = read(dir.path(), name);
            println!("{name}: {:?}", started.elapsed());
            std::mem::forget(lake);
        }
        return;
    }
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("snapshot");
    for (name, partitions) in [(&large, 1_000_000), (&middle, 100_000), (&many, 200_000)] {
        group.throughput(Throughput::Elements(partitions));
        // A run ends without taking its lake apart.
        group.bench_function(name.as_str(), |b| b.iter(|| std::mem::forget(read(dir.path(), name))));
    }
    group.finish();
    criterion.final_summary();
}
