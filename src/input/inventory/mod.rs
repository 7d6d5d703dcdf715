//! S3 Inventory reports as objects: CSV, ORC and Parquet files that a manifest names
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html>).

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use rayon::prelude::*;

use super::store::Blob;
use csv::Columns;
use manifest::{DataFile, Format};
use objects::Objects;
use place::OnDisk;

pub(super) use manifest::Manifest;
pub(crate) use objects::Add;
pub(super) use place::Remote;

mod checksum;
mod csv;
mod files;
mod manifest;
mod objects;
mod orc_file;
mod parquet_file;
mod place;
mod sums;
mod texts;

/// Larger is no `manifest.checksum`.
const LARGEST_CHECKSUM: u64 = 1 << 10;

/// Adds the objects of all files of a report, which are read at the same time. `path` is where the manifest lies, unless it lies
/// in a bucket. Nothing of a report is left out: what is missing, damaged or of an unknown form is an error.
pub(super) fn read(manifest: &Manifest, path: &Path, remote: Option<&Remote>, add: Add<'_>) -> Result<()> {
    let format = manifest.format()?;
    let blobs = match remote {
        Some(remote) => remote.files.clone(),
        None => {
            check_manifest(path)?;
            let find = |file: &DataFile| Ok(Blob::File { path: files::find(path, file)?, shown: file.key.clone() });
            manifest.files.iter().map(find).collect::<Result<Vec<_>>>()?
        }
    };
    let copies = remote.map_or(Path::new(""), |remote| &remote.copies);
    let read = |number: usize| {
        let (file, blob) = (&manifest.files[number], &blobs[number]);
        let mut objects = Objects::new(add);
        let read = match format {
            Format::Csv => read_csv(manifest, file, blob, &mut objects),
            _ => {
                OnDisk::of(blob, file, number, copies).and_then(|on_disk| read_columns(format, &on_disk, &mut objects))
            }
        };
        objects.end();
        read
    };
    let read_group = |group: &[usize]| {
        let sums = match format {
            Format::Csv => group.iter().map(|_| Ok(())).collect(),
            _ => check_sums(group.iter().map(|number| (&manifest.files[*number], &blobs[*number])).collect()),
        };
        let read = |(sum, number): (Result<()>, &usize)| (*number, sum.and_then(|()| read(*number)));
        sums.into_par_iter().zip(group).with_max_len(1).map(read).collect::<Vec<_>>()
    };
    // Files of one length end together.
    let mut numbers: Vec<usize> = (0..manifest.files.len()).collect();
    numbers.sort_by_key(|number| std::cmp::Reverse(manifest.files[*number].size));
    let mut results: Vec<(usize, Result<()>)> =
        numbers.par_chunks(sums::LANES).with_max_len(1).flat_map_iter(read_group).collect();
    if remote.is_some() {
        // It stays where it holds anything else.
        let _ = std::fs::remove_dir(copies);
    }
    // The first error in the manifest's order, whichever was met first.
    results.sort_by_key(|(number, _)| *number);
    let named = |(number, read): (usize, Result<()>)| {
        read.with_context(|| format!("its file `{}`", manifest.files[number].key))
    };
    results.into_iter().try_for_each(named)
}

/// Compares files on this disk with their manifest. What lies in a bucket is compared while it is copied.
fn check_sums(files: Vec<(&DataFile, &Blob)>) -> Vec<Result<()>> {
    let mut checked: Vec<Result<()>> = files.iter().map(|_| Ok(())).collect();
    let mut opened = Vec::new();
    for (number, (_, blob)) in files.iter().enumerate() {
        if let Blob::File { path, .. } = blob {
            match File::open(path) {
                Ok(file) => opened.push((number, file)),
                Err(error) => checked[number] = Err(error.into()),
            }
        }
    }
    let (numbers, opened): (Vec<usize>, Vec<File>) = opened.into_iter().unzip();
    for (number, sum) in numbers.into_iter().zip(sums::of_all(opened)) {
        let (file, blob) = files[number];
        checked[number] = sum.map_err(Into::into).and_then(|sum| check(file, blob, &sum));
    }
    checked
}

/// Compares a manifest with the sum in the file beside it, where there is one.
fn check_manifest(path: &Path) -> Result<()> {
    let Ok(beside) = File::open(path.with_file_name("manifest.checksum")) else { return Ok(()) };
    let mut expected = String::new();
    beside.take(LARGEST_CHECKSUM).read_to_string(&mut expected).context("`manifest.checksum` cannot be read")?;
    check_sum_of_manifest(&expected, &checksum::Summed::new(File::open(path)?).finish()?)
}

fn check_sum_of_manifest(expected: &str, sum: &str) -> Result<()> {
    match expected.trim().eq_ignore_ascii_case(sum) {
        true => Ok(()),
        false => bail!("its MD5 sum is `{sum}`, and `manifest.checksum` says `{}`: copy both again", expected.trim()),
    }
}

fn read_csv(manifest: &Manifest, file: &DataFile, blob: &Blob, objects: &mut Objects<'_>) -> Result<()> {
    let columns = Columns::of(&manifest.columns())?;
    let mut summed = checksum::Summed::new(blob.stream()?);
    let read = csv::read(&mut summed, &columns, objects);
    // A damaged file is called so, whatever its bytes looked like; of one that broke off nobody knows.
    if !summed.is_broken() {
        check(file, blob, &summed.finish()?)?;
    }
    read
}

/// Only some columns of these formats are read, from places that the file itself names: it has been checked before.
fn read_columns(format: Format, file: &OnDisk, objects: &mut Objects<'_>) -> Result<()> {
    match format {
        Format::Orc => orc_file::read(&file.path, objects).map_err(|error| anyhow!("cannot be read as ORC: {error}")),
        _ => parquet_file::read(File::open(&file.path)?, objects)
            .map_err(|error| anyhow!("cannot be read as Parquet: {error}")),
    }
}

fn check(file: &DataFile, blob: &Blob, sum: &str) -> Result<()> {
    if file.md5.eq_ignore_ascii_case(sum) {
        return Ok(());
    }
    let help = match blob {
        Blob::File { .. } => "copy it again",
        Blob::Object { .. } => "scan again, and if it stays so another report",
    };
    bail!("has the MD5 sum `{sum}`, and the manifest says `{}`: {help}", file.md5)
}

#[cfg(test)]
mod tests;
