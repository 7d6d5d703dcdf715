//! Values of single columns of an ORC file, stripe by stripe: texts, whole numbers, flags and times at the top level.

use std::path::Path;

use super::integers::{bits, integers};
use super::messages::{FileFooter, StripeFooter, StripeInformation};
use super::{End, corrupt};
use crate::input::footers::tail::Tail;

/// 2015-01-01, from which times are counted, in seconds since 1970.
const EPOCH: i64 = 1_420_070_400;

/// The values of one column in a stripe, NULLs among them.
#[derive(Debug)]
pub(crate) enum OrcColumn {
    Texts(OrcTexts),
    Integers(Vec<Option<i64>>),
    Flags(Vec<Option<bool>>),
    /// Seconds since 1970; `None` also where the writer counted in a zone that is not known here.
    Times(Vec<Option<i64>>),
}

/// Texts, which may share their bytes.
#[derive(Debug)]
pub(crate) struct OrcTexts {
    bytes: Vec<u8>,
    /// Start and end.
    places: Vec<Option<(usize, usize)>>,
}

impl OrcTexts {
    pub(crate) fn get(&self, row: usize) -> Option<&[u8]> {
        let (start, end) = (*self.places.get(row)?)?;
        self.bytes.get(start..end)
    }
}

/// The columns of one stripe as they were asked for; a column that the file does not have is `None`.
pub(crate) type OrcStripe = Vec<Option<OrcColumn>>;

/// Reads these columns, whatever the case of their names; calls `each` with every stripe and how many rows it has.
pub(crate) fn orc_columns(
    path: &Path,
    names: &[&str],
    each: &mut dyn FnMut(&OrcStripe, usize) -> Result<(), String>,
) -> Result<(), String> {
    let mut tail = Tail::open_path(path)?;
    let end = End::read(&mut tail)?;
    let file = end.footer(&mut tail)?;
    if file.encryption.is_some() {
        return Err("its columns are encrypted".to_string());
    }
    let ids: Vec<Option<usize>> = names.iter().map(|name| column(&file, name)).collect();
    for stripe in &file.stripes {
        let footer = end.stripe_footer(&mut tail, stripe)?;
        let rows = usize::try_from(stripe.rows.unwrap_or(0)).map_err(|_| corrupt())?;
        let mut source = Streams { tail: &mut tail, end: &end, stripe, footer: &footer, rows };
        let read = |id: &Option<usize>| id.map(|id| source.column(&file, id)).transpose();
        let columns = ids.iter().map(read).collect::<Result<OrcStripe, String>>()?;
        each(&columns, rows)?;
    }
    Ok(())
}

/// The number of a column of the top level.
fn column(file: &FileFooter, name: &str) -> Option<usize> {
    let root = file.types.first()?;
    let at = root.field_names.iter().position(|field| field.eq_ignore_ascii_case(name.as_bytes()))?;
    root.subtypes.get(at).map(|id| *id as usize)
}

/// The streams of one stripe.
struct Streams<'a> {
    tail: &'a mut Tail<'static>,
    end: &'a End,
    stripe: &'a StripeInformation,
    footer: &'a StripeFooter,
    rows: usize,
}

/// Kinds of streams; the numbers are the format's.
const PRESENT: u32 = 0;
const DATA: u32 = 1;
const LENGTH: u32 = 2;
const DICTIONARY: u32 = 3;

impl Streams<'_> {
    fn column(&mut self, file: &FileFooter, id: usize) -> Result<OrcColumn, String> {
        let kind = file.types.get(id).and_then(|node| node.kind).unwrap_or(0);
        let encoding = self.footer.encodings.get(id).and_then(|encoding| encoding.kind).unwrap_or(0);
        let is_version_2 = encoding >= 2;
        let present = self.stream(id, PRESENT)?;
        let present = present.map(|stream| bits(&stream, self.rows).ok_or_else(corrupt)).transpose()?;
        let count = present.as_ref().map_or(self.rows, |present| present.iter().filter(|bit| **bit).count());
        let data = self.stream(id, DATA)?.unwrap_or_default();
        let signed = |is_signed| integers(&data, count, is_signed, is_version_2).ok_or_else(corrupt);
        Ok(match kind {
            0 => OrcColumn::Flags(spread(present, bits(&data, count).ok_or_else(corrupt)?)),
            2..=4 => OrcColumn::Integers(spread(present, signed(true)?)),
            9 | 18 => {
                let is_utc =
                    kind == 18 || matches!(&self.footer.writer_timezone[..], b"" | b"UTC" | b"GMT" | b"Etc/UTC");
                let time = |seconds: i64| is_utc.then(|| seconds.saturating_add(EPOCH));
                let times = spread(present, signed(true)?.into_iter().map(time).collect());
                OrcColumn::Times(times.into_iter().map(Option::flatten).collect())
            }
            7 | 8 | 16 | 17 => {
                let is_dictionary = matches!(encoding, 1 | 3);
                let (bytes, places) = match is_dictionary {
                    true => {
                        let size = self.footer.encodings[id].dictionary_size.unwrap_or(0) as usize;
                        let bytes = self.stream(id, DICTIONARY)?.unwrap_or_default();
                        let entries = self.places(id, size, is_version_2, bytes.len())?;
                        let entry = |index: &i64| entries.get(usize::try_from(*index).ok()?).copied();
                        let places: Option<Vec<_>> = signed(false)?.iter().map(entry).collect();
                        (bytes, places.ok_or_else(corrupt)?)
                    }
                    false => {
                        let places = self.places(id, count, is_version_2, data.len())?;
                        (data, places)
                    }
                };
                OrcColumn::Texts(OrcTexts { bytes, places: spread(present, places) })
            }
            _ => return Err("a column has a type that is not expected".to_string()),
        })
    }

    /// Where texts of the stored lengths lie, one after the other.
    fn places(
        &mut self,
        id: usize,
        count: usize,
        is_version_2: bool,
        bytes: usize,
    ) -> Result<Vec<(usize, usize)>, String> {
        let lengths = self.stream(id, LENGTH)?.unwrap_or_default();
        let mut end = 0_usize;
        let place = |length: i64| {
            let start = end;
            end = usize::try_from(length)
                .ok()
                .and_then(|length| start.checked_add(length))
                .filter(|end| *end <= bytes)?;
            Some((start, end))
        };
        let lengths = integers(&lengths, count, false, is_version_2).ok_or_else(corrupt)?;
        lengths.into_iter().map(place).collect::<Option<Vec<_>>>().ok_or_else(corrupt)
    }

    /// The content of a stream of a column; `None` where the stripe has none.
    fn stream(&mut self, id: usize, kind: u32) -> Result<Option<Vec<u8>>, String> {
        let mut start = self.stripe.offset.unwrap_or(0);
        for stream in &self.footer.streams {
            let length = stream.length.unwrap_or(0);
            if stream.column == Some(id as u32) && stream.kind.unwrap_or(0) == kind {
                let bytes = self.tail.at(start, length)?;
                return self.end.compression.expand(&bytes, self.end.block_size).map(Some).ok_or_else(corrupt);
            }
            start = start.saturating_add(length);
        }
        Ok(None)
    }
}

/// Values at the rows that have one.
fn spread<T>(present: Option<Vec<bool>>, values: Vec<T>) -> Vec<Option<T>> {
    let mut values = values.into_iter();
    match present {
        None => values.map(Some).collect(),
        Some(present) => present.into_iter().map(|is_there| if is_there { values.next() } else { None }).collect(),
    }
}
