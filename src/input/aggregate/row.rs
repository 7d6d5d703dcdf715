//! Rows of the statement as tallies.

use anyhow::{Context, Result, bail};
use chrono::DateTime;

use super::statement::Time;
use crate::input::layout::{Sums, Tally, TallyKind, TallyName};
use crate::lake::StorageClass;

/// Words for kinds of objects; [`DATA`] has the end of a name after it.
pub(super) const DELETE_MARKER: &str = "delete_marker";
pub(super) const NONCURRENT: &str = "noncurrent";
pub(super) const MARKER: &str = "marker";
pub(super) const HIDDEN: &str = "hidden";
pub(super) const EMPTY: &str = "empty";
pub(super) const DATA: &str = "data";

/// The largest objects come as texts that sort like them: this minus the size in so many digits, then the name.
pub(super) const TOP: u64 = i64::MAX as u64;
pub(super) const TOP_DIGITS: usize = 19;

/// Columns of a row.
const COLUMNS: usize = 11;

/// A row: the bucket, and a part of one of its tallies.
pub(crate) fn read(row: Vec<Option<String>>, time: Time) -> Result<(String, Tally)> {
    let Ok::<[_; COLUMNS], _>([bucket, folder, what, class, slot, objects, bytes, largest, newest, examples, top]) =
        row.try_into()
    else {
        bail!("a row of the result has not {COLUMNS} columns");
    };
    let [folder] = names(folder)?.try_into().ok().context("a row of the result has not one folder")?;
    let what = what.context("a row of the result has no kind")?;
    let kind = kind(&what, class.as_deref()).with_context(|| format!("a row of the result is of kind `{what}`"))?;
    let (slot, objects, bytes) = (number(slot)?, number(objects)?, number(bytes)?);
    let mut sums = Sums {
        objects,
        bytes,
        largest: number(largest)?,
        newest: newest.map(|text| moment(&text, time)).transpose()?,
        examples: names(examples)?,
        top: names(top)?.iter().map(|text| named(text)).collect::<Result<_>>()?,
        ..Sums::default()
    };
    let count = sums.sizes.counts.get_mut(slot as usize).with_context(|| format!("{slot} is no slot of sizes"))?;
    *count = objects;
    sums.sizes.bytes[slot as usize] = bytes;
    Ok((bucket.context("a row of the result has no bucket")?, Tally { folder, kind, sums }))
}

fn kind(what: &str, class: Option<&str>) -> Option<TallyKind> {
    let class = class.map(StorageClass::of_name);
    let name = match what {
        DELETE_MARKER => return Some(TallyKind::DeleteMarker),
        NONCURRENT => return Some(TallyKind::Noncurrent),
        MARKER => TallyName::Marker,
        HIDDEN => TallyName::Hidden,
        EMPTY => TallyName::Empty,
        data => TallyName::of(&format!("x{}", data.strip_prefix(DATA)?)),
    };
    Some(TallyKind::Current { class, name })
}

fn number(text: Option<String>) -> Result<u64> {
    let text = text.context("a number of the result is missing")?;
    text.parse().with_context(|| format!("`{text}` is no number"))
}

fn moment(text: &str, time: Time) -> Result<i64> {
    let whole = || text.parse::<i64>().with_context(|| format!("`{text}` is no time"));
    match time {
        Time::Seconds => whole(),
        Time::Millis => Ok(whole()?.div_euclid(1000)),
        Time::Missing | Time::Text => {
            let time = DateTime::parse_from_rfc3339(text).with_context(|| format!("`{text}` is no time"))?;
            Ok(time.timestamp())
        }
    }
}

/// An array of texts as JSON; nothing for a missing one.
fn names(text: Option<String>) -> Result<Vec<String>> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let names: Option<Vec<String>> =
        serde_json::from_str(&text).with_context(|| format!("`{}` is no list of names", text.escape_default()))?;
    Ok(names.unwrap_or_default())
}

/// One of the largest objects.
fn named(text: &str) -> Result<(String, u64)> {
    let (rest, name) = text.split_at_checked(TOP_DIGITS).context("one of the largest objects has no size")?;
    let rest: u64 = rest.parse().with_context(|| format!("`{rest}` is no size"))?;
    Ok((name.to_string(), TOP.saturating_sub(rest)))
}
