//! Which files of a table have their footers read.

use std::path::MAIN_SEPARATOR;

use crate::lake::{ColumnarFile, FileAt};

/// Footers read per table at most, where nobody says how many.
const MOST: usize = 10_000;

/// Indices of the files that are read, in their order. Of too many files a stratified sample: the files, which are sorted by
/// partition, are cut into as many runs of neighbours as footers may be read, and each run gives one file. It is chosen by name,
/// not by chance and not by rank, so that the answer stays the same and writers that number their files do not bias it.
pub(super) fn of(files: &[ColumnarFile], most: Option<usize>) -> Vec<u32> {
    of_at_most(files, most.unwrap_or(MOST))
}

fn of_at_most(files: &[ColumnarFile], most: usize) -> Vec<u32> {
    if files.len() <= most {
        return (0..files.len() as u32).collect();
    }
    let start = |run: usize| (run as u64 * files.len() as u64 / most as u64) as usize;
    let chosen = |run: usize| (start(run)..start(run + 1)).min_by_key(|index| hash(&files[*index]));
    (0..most).filter_map(chosen).map(|index| index as u32).collect()
}

/// Over the name and the folder of a file, and not over what lies above: a lake that is copied gives the same sample.
fn hash(file: &ColumnarFile) -> u64 {
    let text;
    let path = match &file.at {
        FileAt::Disk(path) => {
            text = path.to_string_lossy();
            &text
        }
        FileAt::Object(key) => &**key,
    };
    scatter(path.rsplit(['/', MAIN_SEPARATOR]).take(2).flat_map(str::bytes))
}

/// FNV-1a, its bits mixed at the end.
pub(crate) fn scatter(bytes: impl Iterator<Item = u8>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // The last bytes, a number often, would else move only the low bits.
    (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(partitions: u32, each: u32) -> Vec<ColumnarFile> {
        let file = |partition, i| ColumnarFile {
            at: FileAt::Disk(format!("/lake/t/dt={partition:05}/part-{i}.parquet").into()),
            bytes: 1,
            modified: None,
            partition,
        };
        (0..partitions).flat_map(|p| (0..each).map(move |i| file(p, i))).collect()
    }

    #[test]
    fn few_files_are_all_read() {
        assert_eq!(of_at_most(&files(3, 2), 6), [0, 1, 2, 3, 4, 5]);
        assert!(of_at_most(&[], 6).is_empty());
    }

    #[test]
    fn every_stratum_gives_its_share_and_the_sample_stays_the_same() {
        let all = files(100, 7);
        let sample = of_at_most(&all, 50);
        assert_eq!(sample, of_at_most(&all, 50));
        assert_eq!(sample.len(), 50);
        for (run, index) in sample.iter().enumerate() {
            assert_eq!(*index as usize / 14, run, "two partitions give one file");
        }
        let ranks: std::collections::BTreeSet<u32> = sample.iter().map(|index| index % 14).collect();
        assert!(ranks.len() > 7, "files of one rank are preferred: {ranks:?}");
        let copied: Vec<ColumnarFile> = all
            .iter()
            .map(|f| ColumnarFile {
                at: match &f.at {
                    FileAt::Disk(path) => FileAt::Object(format!("s3://copy{}", path.display()).into()),
                    FileAt::Object(_) => unreachable!("they are on the disk"),
                },
                ..f.clone()
            })
            .collect();
        assert_eq!(of_at_most(&copied, 50), sample);
    }
}
