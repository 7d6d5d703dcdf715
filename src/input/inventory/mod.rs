//! S3 Inventory reports as objects: CSV, ORC and Parquet files that a manifest names
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html>).

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use rayon::prelude::*;

use csv::Columns;
use manifest::{DataFile, Format};
use objects::Objects;

pub(super) use manifest::Manifest;
pub(crate) use objects::Add;

mod checksum;
mod csv;
mod files;
mod manifest;
mod objects;
mod orc_file;
mod parquet_file;

/// Larger is no `manifest.checksum`.
const LARGEST_CHECKSUM: u64 = 1 << 10;

/// Adds the objects of all files of a report, which are read at the same time. `path` is where the manifest lies. Nothing of a
/// report is left out: what is missing, damaged or of an unknown form is an error.
pub(super) fn read(manifest: &Manifest, path: &Path, add: Add<'_>) -> Result<()> {
    let format = manifest.format()?;
    check_manifest(path)?;
    let found = manifest.files.iter().map(|file| Ok((file, files::find(path, file)?))).collect::<Result<Vec<_>>>()?;
    let read = |(file, path): &(&DataFile, PathBuf)| {
        let read = read_file(manifest, format, file, path, add);
        read.with_context(|| format!("its file `{}`", file.key))
    };
    // The first error in the manifest's order, whichever was met first.
    let results: Vec<Result<()>> = found.par_iter().with_max_len(1).map(read).collect();
    results.into_iter().collect()
}

/// Compares a manifest with the sum in the file beside it, where there is one.
fn check_manifest(path: &Path) -> Result<()> {
    let Ok(beside) = File::open(path.with_file_name("manifest.checksum")) else { return Ok(()) };
    let mut expected = String::new();
    beside.take(LARGEST_CHECKSUM).read_to_string(&mut expected).context("`manifest.checksum` cannot be read")?;
    let sum = File::open(path).and_then(|file| checksum::Summed::new(file).finish())?;
    match expected.trim().eq_ignore_ascii_case(&sum) {
        true => Ok(()),
        false => bail!("its MD5 sum is `{sum}`, and `manifest.checksum` says `{}`: copy both again", expected.trim()),
    }
}

fn read_file(manifest: &Manifest, format: Format, file: &DataFile, path: &Path, add: Add<'_>) -> Result<()> {
    let input = File::open(path)?;
    let mut objects = Objects::new(add);
    match format {
        Format::Csv => {
            let columns = Columns::of(&manifest.columns())?;
            let mut summed = checksum::Summed::new(input);
            let read = csv::read(&mut summed, &columns, &mut objects);
            // A damaged file is called so, whatever its bytes looked like.
            check(file, &summed.finish()?)?;
            read?;
        }
        // Only some columns of these are read, from places that the file itself names: it is checked before.
        Format::Parquet => {
            check(file, &checksum::Summed::new(&input).finish()?)?;
            parquet_file::read(input, &mut objects).map_err(|error| anyhow!("cannot be read as Parquet: {error}"))?;
        }
        Format::Orc => {
            check(file, &checksum::Summed::new(input).finish()?)?;
            orc_file::read(path, &mut objects).map_err(|error| anyhow!("cannot be read as ORC: {error}"))?;
        }
    }
    objects.end();
    Ok(())
}

fn check(file: &DataFile, sum: &str) -> Result<()> {
    match file.md5.eq_ignore_ascii_case(sum) {
        true => Ok(()),
        false => bail!("has the MD5 sum `{sum}`, and the manifest says `{}`: copy it again", file.md5),
    }
}

#[cfg(test)]
mod tests;
