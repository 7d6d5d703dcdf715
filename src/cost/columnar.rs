//! Bytes of the needed columns, from footers: measured where they were read, extrapolated where not.

use super::basis::Basis;
use super::columns::leaves;
use super::reader::whole_reader;
use crate::expr::{Bound, Domain};
use crate::lake::{ChunkValues, Count, FileFooter, FileFormat, Footers, Partition, Table, TableKind, TableRead};

/// What one read needs of a table's files.
pub struct Projection<'a> {
    footers: &'a Footers,
    format: Option<FileFormat>,
    /// Needed leaf columns, by index.
    columns: Vec<usize>,
    /// What the predicates leave of the values of single leaf columns, by index.
    limits: Vec<(usize, Domain)>,
    /// All measured files together, for those that were not measured.
    typical: Sample,
}

/// The measured files as a sample of all.
#[derive(Debug, Clone, Copy, Default)]
struct Sample {
    extent: Extent,
    bytes: u64,
    files: u64,
    /// Half width of the 95 % confidence interval of an extrapolated figure, as a share of it.
    error: f64,
}

/// Bytes of some files, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Extent {
    /// Needed chunks of the row groups that the statistics cannot refute.
    pub data: u64,
    /// Footers.
    pub overhead: u64,
    /// What a reader takes in that merges, rounds up and skips no row group.
    pub high: u64,
    /// How far off the extrapolated part of `data` may be.
    pub error: f64,
}

impl<'a> Projection<'a> {
    pub fn of(read: &TableRead, table: &Table, footers: &'a Footers) -> Self {
        let mut projection = Projection {
            footers,
            format: table.main_format(),
            columns: leaves(read, table, footers),
            limits: limits(read, table, footers),
            typical: Sample::default(),
        };
        if (footers.files.len() as u64) < footers.of_files {
            projection.typical = projection.sample();
        }
        projection
    }

    /// The bytes of one partition, of which some files were measured.
    pub fn extent(&self, partition: &Partition, measured: &[FileFooter]) -> Extent {
        let mut extent = self.measured(measured);
        let bytes: u64 = measured.iter().map(|file| file.bytes).sum();
        let (left_bytes, left_files) =
            (partition.bytes.saturating_sub(bytes), partition.files.saturating_sub(measured.len() as u64));
        if left_files == 0 || left_bytes == 0 {
            return extent;
        }
        // The partition's own files are the best sample, if there are some.
        let (sample, sample_bytes, sample_files) = match measured.len() {
            0 => (self.typical.extent, self.typical.bytes, self.typical.files),
            n => (extent, bytes, n as u64),
        };
        let scale = |part: u64| (part as f64 / sample_bytes.max(1) as f64 * left_bytes as f64).round() as u64;
        let data = scale(sample.data);
        extent.data += data;
        extent.error += data as f64 * self.typical.error;
        extent.overhead += (sample.overhead as f64 / sample_files.max(1) as f64 * left_files as f64).round() as u64;
        extent.high += left_bytes;
        extent
    }

    fn measured(&self, files: &[FileFooter]) -> Extent {
        let mut extent = Extent::default();
        for file in files {
            for group in file.row_groups.clone().map(|group| group as usize) {
                if !self.is_refuted(group) {
                    extent.data +=
                        self.columns.iter().map(|column| self.footers.columns[*column].bytes[group]).sum::<u64>();
                }
            }
            extent.overhead += file.footer;
            extent.high += whole_reader(self.format, self.footers, file, &self.columns);
        }
        extent
    }

    /// The measured files as a sample: a ratio estimate of the needed bytes per stored byte, with its standard error (Cochran,
    /// Sampling Techniques, chapter 6).
    fn sample(&self) -> Sample {
        let each: Vec<(f64, f64)> = self
            .footers
            .files
            .iter()
            .map(|file| (file.bytes as f64, self.measured(std::slice::from_ref(file)).data as f64))
            .collect();
        let (n, all) = (each.len() as f64, self.footers.of_files as f64);
        let (bytes, data) = each.iter().fold((0.0, 0.0), |(x, y), (bytes, data)| (x + bytes, y + data));
        let ratio = data / bytes.max(1.0);
        let squares: f64 = each.iter().map(|(bytes, data)| (data - ratio * bytes).powi(2)).sum();
        let error = match n > 1.0 && data > 0.0 {
            true => 1.96 * ((1.0 - n / all) / n * squares / (n - 1.0)).sqrt() / (data / n),
            false => 1.0,
        };
        Sample { extent: self.measured(&self.footers.files), bytes: bytes as u64, files: n as u64, error }
    }

    /// Whether the statistics prove that no row of a row group passes the predicates.
    fn is_refuted(&self, group: usize) -> bool {
        self.limits.iter().any(|(column, domain)| {
            let values = self.footers.columns[*column].values.get(group);
            values.is_some_and(|values| excludes(domain, values, self.footers.rows[group]))
        })
    }

    /// States how the files that were not measured are accounted for.
    pub fn explain_sample(&self, basis: &mut Basis) {
        let (read, all) = (Count(self.typical.files), Count(self.footers.of_files));
        let percent = self.typical.error * 100.0;
        let text =
            format!("files without a footer read are like the {read} of {all} that were read (within {percent:.1} %)");
        match basis.footers {
            0 => basis.assume(text),
            _ => basis.note(text),
        }
    }
}

/// What the predicates leave of columns that are one leaf.
fn limits(read: &TableRead, table: &Table, footers: &Footers) -> Vec<(usize, Domain)> {
    let mut limits: Vec<(usize, Domain)> = Vec::new();
    let mut limit = |name: &str, domain: &Domain| {
        let Some(leaf) = footers.columns.iter().position(|column| column.path == name) else { return };
        match limits.iter_mut().find(|(other, _)| *other == leaf) {
            Some((_, left)) => *left = left.intersect(domain),
            None => limits.push((leaf, domain.clone())),
        }
    };
    for (name, domain) in read.conjuncts.iter().flat_map(|conjunct| &conjunct.data_domains) {
        limit(name, domain);
    }
    // The source columns of Iceberg's transforms lie in the files.
    if table.kind == TableKind::Iceberg {
        for (key, filter) in table.partition_keys.iter().zip(&read.keys).filter(|(_, filter)| !filter.domain.is_all()) {
            limit(&key.name, &filter.domain);
        }
    }
    limits
}

fn excludes(domain: &Domain, values: &ChunkValues, rows: u64) -> bool {
    let may_be_null = values.nulls != Some(0);
    match &values.range {
        Some((low, high)) => {
            let held = Domain::range(Bound::Included(low.clone()), Bound::Included(high.clone()));
            domain.intersect(&Domain { nulls: may_be_null, ..held }).is_none()
        }
        None => values.nulls == Some(rows) && !domain.nulls,
    }
}
