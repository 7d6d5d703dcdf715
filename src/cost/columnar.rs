//! Bytes of the needed columns, from footers: measured where they were read, extrapolated where not.

use super::basis::Basis;
use super::columns::leaves;
use super::reader::whole_reader;
use super::statistics::{Limits, Refuted};
use crate::lake::{Count, FileFooter, FileFormat, Footers, Partition, Table, TableRead};

/// What one read needs of a table's files.
pub struct Projection<'a> {
    footers: &'a Footers,
    format: Option<FileFormat>,
    /// Needed leaf columns, by index.
    columns: Vec<usize>,
    limits: Limits,
    /// All measured files together, for those that were not measured.
    typical: Sample,
}

/// The measured files as a sample of all.
#[derive(Debug, Clone, Copy, Default)]
struct Sample {
    extent: Extent,
    bytes: u64,
    files: u64,
    /// Variance of the needed bytes of a file around what its size lets expect; infinite when one file tells none.
    variance: f64,
}

/// Bytes of some files, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Extent {
    /// Needed chunks of the row groups that the statistics cannot refute.
    pub data: u64,
    /// Those of `data` that no engine can refute, however cleverly it uses the statistics; none of files that were not measured.
    pub least: u64,
    /// Footers.
    pub overhead: u64,
    /// What a reader takes in that merges, rounds up and skips no row group.
    pub high: u64,
    /// How far off the extrapolated part of `data` may be.
    pub doubt: Doubt,
}

/// The error of extrapolated bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Doubt {
    /// Of partitions with measured files of their own, whose errors are independent of each other.
    variance: f64,
    /// Files that all measured files of the table stand for: one error that they share.
    files: u64,
}

impl Doubt {
    pub fn add(&mut self, more: Doubt) {
        self.variance += more.variance;
        self.files += more.files;
    }
}

impl<'a> Projection<'a> {
    pub fn of(read: &TableRead, table: &Table, footers: &'a Footers) -> Self {
        let mut projection = Projection {
            footers,
            format: table.main_format(),
            columns: leaves(read, table, footers),
            limits: Limits::of(read, table, footers),
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
        extent.data += scale(sample.data);
        extent.doubt = match measured.len() {
            0 => Doubt { variance: 0.0, files: left_files },
            n => Doubt { variance: self.variance(left_files, n as u64), files: 0 },
        };
        extent.overhead += (sample.overhead as f64 / sample_files.max(1) as f64 * left_files as f64).round() as u64;
        extent.high += left_bytes;
        extent
    }

    fn measured(&self, files: &[FileFooter]) -> Extent {
        let mut extent = Extent::default();
        for file in files {
            if self.is_skipped(file) {
                continue;
            }
            for group in file.row_groups.clone().map(|group| group as usize) {
                let chunks = self.columns.iter().map(|column| self.footers.columns[*column].bytes[group]);
                match self.limits.refute(self.footers, group) {
                    Refuted::No => {
                        let bytes = chunks.sum::<u64>();
                        extent.data += bytes;
                        extent.least += if self.may_skip_parts() { 0 } else { bytes };
                    }
                    Refuted::Perhaps => extent.data += chunks.sum::<u64>(),
                    Refuted::Yes => {}
                }
            }
            extent.overhead += file.footer;
            extent.high += whole_reader(self.format, self.footers, file, &self.columns);
        }
        extent
    }

    /// Whether the engine knows from Iceberg's manifests that it need not open a file.
    fn is_skipped(&self, file: &FileFooter) -> bool {
        let mut groups = file.row_groups.clone();
        self.footers.of_manifests
            && groups.all(|group| self.limits.refute(self.footers, group as usize) == Refuted::Yes)
    }

    /// Whether row groups may be skipped that are not known one by one: manifests have the bounds of whole files.
    fn may_skip_parts(&self) -> bool {
        self.footers.of_manifests && self.limits.limit_anything()
    }

    /// The measured files as a sample: a ratio estimate of the needed bytes per stored byte (Cochran, Sampling Techniques,
    /// chapter 6).
    fn sample(&self) -> Sample {
        let each: Vec<(f64, f64)> = self
            .footers
            .files
            .iter()
            .map(|file| (file.bytes as f64, self.measured(std::slice::from_ref(file)).data as f64))
            .collect();
        let n = each.len() as f64;
        let (bytes, data) = each.iter().fold((0.0, 0.0), |(x, y), (bytes, data)| (x + bytes, y + data));
        let ratio = data / bytes.max(1.0);
        let squares: f64 = each.iter().map(|(bytes, data)| (data - ratio * bytes).powi(2)).sum();
        let variance = if n > 1.0 { squares / (n - 1.0) } else { f64::INFINITY };
        Sample { extent: self.measured(&self.footers.files), bytes: bytes as u64, files: n as u64, variance }
    }

    /// Variance of the sum of so many files that so many others stand for: their own, and that of the mean of the others.
    fn variance(&self, files: u64, others: u64) -> f64 {
        let files = files as f64;
        match files > 0.0 {
            true => self.typical.variance * (files + files * files / others.max(1) as f64),
            false => 0.0,
        }
    }

    /// Half width of the 95 % confidence interval of extrapolated bytes.
    fn error(&self, doubt: Doubt) -> f64 {
        1.96 * (doubt.variance + self.variance(doubt.files, self.typical.files)).sqrt()
    }

    /// States how the files that were not measured are accounted for, and how far off so many bytes may therefore be.
    pub fn explain_sample(&self, bytes: u64, doubt: Doubt, basis: &mut Basis) {
        let (read, all) = (Count(self.typical.files), Count(self.footers.of_files));
        // Rounded up: an error that is there is never stated as none.
        let percent = (self.error(doubt) / bytes.max(1) as f64 * 1000.0).ceil().min(1000.0) / 10.0;
        let text = match self.footers.of_manifests {
            true => format!(
                "files whose columns no manifest tells are like the {read} of {all} of which one does (within {percent:.1} %)"
            ),
            false => format!(
                "files without a footer read are like the {read} of {all} that were read (within {percent:.1} %)"
            ),
        };
        match basis.measured() {
            0 => basis.assume(text),
            _ => basis.note(text),
        }
    }
}
