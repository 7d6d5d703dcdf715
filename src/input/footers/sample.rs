//! Which files of a table have their footers read.

use crate::lake::LocalFile;

/// Footers read per table at most.
pub(super) const MOST: usize = 10_000;

/// Indices of the files that are read, in their order. Of too many files a stratified sample: the files, which are sorted by
/// partition, are cut into as many runs of neighbours as footers may be read, and each run gives one file. It is chosen by name,
/// not by chance and not by rank, so that the answer stays the same and writers that number their files do not bias it.
pub(super) fn of(files: &[LocalFile]) -> Vec<u32> {
    of_at_most(files, MOST)
}

fn of_at_most(files: &[LocalFile], most: usize) -> Vec<u32> {
    if files.len() <= most {
        return (0..files.len() as u32).collect();
    }
    let start = |run: usize| (run as u64 * files.len() as u64 / most as u64) as usize;
    let chosen = |run: usize| (start(run)..start(run + 1)).min_by_key(|index| hash(&files[*index]));
    (0..most).filter_map(chosen).map(|index| index as u32).collect()
}

/// FNV-1a, its bits mixed at the end, over the name and the folder of a file, and not over what lies above: a lake that is copied gives the same sample.
fn hash(file: &LocalFile) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in file.path.iter().rev().take(2) {
        for byte in part.as_encoded_bytes() {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    // The last bytes, a number often, would else move only the low bits.
    (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(partitions: u32, each: u32) -> Vec<LocalFile> {
        let file = |partition, i| LocalFile {
            path: format!("/lake/t/dt={partition:05}/part-{i}.parquet").into(),
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
        let copied: Vec<LocalFile> = all
            .iter()
            .map(|f| LocalFile {
                path: std::path::Path::new("/copy").join(f.path.strip_prefix("/").expect("path")),
                ..f.clone()
            })
            .collect();
        assert_eq!(of_at_most(&copied, 50), sample);
    }
}
