//! ORC files of a report: the columns that tell something, stripe by stripe.

use std::path::Path;

use super::objects::{Classes, Entry, Objects};
use crate::input::footers::{OrcColumn, OrcStripe, OrcTexts, orc_columns};

const COLUMNS: [&str; 6] = ["key", "size", "last_modified_date", "storage_class", "is_latest", "is_delete_marker"];

/// Reads the objects of a file.
pub(super) fn read(path: &Path, objects: &mut Objects<'_>) -> Result<(), String> {
    let mut classes = Classes::default();
    orc_columns(path, &COLUMNS, &mut |stripe, rows| {
        let columns = Columns::of(stripe)?;
        for row in 0..rows {
            let key = columns.key.get(row).ok_or("a key is NULL")?;
            let entry = Entry {
                size: columns.size.get(row).copied().flatten().and_then(|size| u64::try_from(size).ok()),
                modified: columns.modified.and_then(|times| times.get(row).copied().flatten()),
                class: columns.class.and_then(|texts| texts.get(row)).and_then(|name| classes.of(name)),
                is_latest: columns.is_latest.is_none_or(|flags| flags.get(row) == Some(&Some(true))),
                is_delete_marker: columns.is_delete_marker.is_some_and(|flags| flags.get(row) == Some(&Some(true))),
            };
            objects.add(&String::from_utf8_lossy(key), entry);
        }
        Ok(())
    })
}

/// The columns of a stripe, as [`COLUMNS`] lists them.
struct Columns<'a> {
    key: &'a OrcTexts,
    size: &'a [Option<i64>],
    modified: Option<&'a [Option<i64>]>,
    class: Option<&'a OrcTexts>,
    is_latest: Option<&'a [Option<bool>]>,
    is_delete_marker: Option<&'a [Option<bool>]>,
}

impl Columns<'_> {
    fn of(stripe: &OrcStripe) -> Result<Columns<'_>, String> {
        let unexpected = |at: usize| format!("its column `{}` has a type that is not expected", COLUMNS[at]);
        let texts = |at: usize| match &stripe[at] {
            Some(OrcColumn::Texts(texts)) => Ok(Some(texts)),
            None => Ok(None),
            Some(_) => Err(unexpected(at)),
        };
        let flags = |at: usize| match &stripe[at] {
            Some(OrcColumn::Flags(flags)) => Ok(Some(&flags[..])),
            None => Ok(None),
            Some(_) => Err(unexpected(at)),
        };
        Ok(Columns {
            key: texts(0)?.ok_or("it has no column `key`")?,
            size: match &stripe[1] {
                Some(OrcColumn::Integers(sizes)) => sizes,
                None => return Err("it has no column `size`".to_string()),
                Some(_) => return Err(unexpected(1)),
            },
            modified: match &stripe[2] {
                Some(OrcColumn::Times(times)) => Some(times),
                None => None,
                Some(_) => return Err(unexpected(2)),
            },
            class: texts(3)?,
            is_latest: flags(4)?,
            is_delete_marker: flags(5)?,
        })
    }
}
