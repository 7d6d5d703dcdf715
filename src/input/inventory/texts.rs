//! Texts of a Parquet column, page by page, as they lie in the page: an inventory has too many keys to make a value of each
//! (<https://parquet.apache.org/docs/file-format/data-pages/encodings/>).

use std::ops::Range;

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::errors::{ParquetError, Result};

/// Texts of a column whose pages are plain or have a dictionary.
pub(super) struct Texts {
    pages: Box<dyn PageReader>,
    is_optional: bool,
    dictionary: Bytes,
    /// Where the texts of the dictionary lie in it.
    entries: Vec<Range<usize>>,
    page: Bytes,
    values: Values,
    /// Whether rows have a text; `None` where all have one.
    levels: Option<Runs>,
    /// Rows of the page.
    left: u32,
}

/// How a page holds its texts.
enum Values {
    /// Each after its length; the next one starts here.
    Plain(usize),
    /// As numbers of the dictionary's entries.
    Numbers(Runs),
}

impl Texts {
    /// Whether all encodings of a column chunk are known here.
    pub(super) fn are_in(mut encodings: impl Iterator<Item = Encoding>) -> bool {
        #[expect(deprecated, reason = "writers list it for the levels of columns without lists")]
        let packed = Encoding::BIT_PACKED;
        let known = [Encoding::PLAIN, Encoding::PLAIN_DICTIONARY, Encoding::RLE_DICTIONARY, Encoding::RLE, packed];
        encodings.all(|encoding| known.contains(&encoding))
    }

    pub(super) fn new(pages: Box<dyn PageReader>, is_optional: bool) -> Texts {
        Texts {
            pages,
            is_optional,
            dictionary: Bytes::new(),
            entries: Vec::new(),
            page: Bytes::new(),
            values: Values::Plain(0),
            levels: None,
            left: 0,
        }
    }

    /// The text of the next row.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>> {
        while self.left == 0 {
            self.turn()?;
        }
        self.left -= 1;
        if let Some(levels) = &mut self.levels
            && levels.next()? == 0
        {
            return Ok(None);
        }
        match &mut self.values {
            Values::Plain(at) => {
                let text = plain(&self.page, *at)?;
                *at = text.end;
                Ok(Some(&self.page[text]))
            }
            Values::Numbers(numbers) => {
                let entry = self.entries.get(numbers.next()? as usize).ok_or_else(broken)?;
                Ok(Some(&self.dictionary[entry.clone()]))
            }
        }
    }

    /// Goes to the next page.
    fn turn(&mut self) -> Result<()> {
        let few = || ParquetError::General("a column has fewer values than its row group has rows".to_string());
        match self.pages.get_next_page()?.ok_or_else(few)? {
            Page::DictionaryPage { buf, num_values, .. } => {
                let mut at = 0;
                self.entries.clear();
                for _ in 0..num_values {
                    let entry = plain(&buf, at)?;
                    at = entry.end;
                    self.entries.push(entry);
                }
                self.dictionary = buf;
                Ok(())
            }
            Page::DataPage { buf, num_values, encoding, def_level_encoding, .. } => {
                let mut start = 0;
                self.levels = None;
                if self.is_optional {
                    if def_level_encoding != Encoding::RLE {
                        return Err(ParquetError::General(format!("levels of the kind {def_level_encoding}")));
                    }
                    let levels = plain(&buf, 0)?;
                    start = levels.end;
                    self.levels = Some(Runs::new(buf.slice(levels), 1)?);
                }
                self.open(buf.slice(start..), num_values, encoding)
            }
            Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, rep_levels_byte_len, .. } => {
                let start = rep_levels_byte_len as usize;
                let end = start + def_levels_byte_len as usize;
                if end > buf.len() {
                    return Err(broken());
                }
                self.levels = if self.is_optional { Some(Runs::new(buf.slice(start..end), 1)?) } else { None };
                self.open(buf.slice(end..), num_values, encoding)
            }
        }
    }

    fn open(&mut self, values: Bytes, rows: u32, encoding: Encoding) -> Result<()> {
        self.values = match encoding {
            Encoding::PLAIN => Values::Plain(0),
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY if values.is_empty() => Values::Plain(0),
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY => {
                Values::Numbers(Runs::new(values.slice(1..), u32::from(values[0]))?)
            }
            other => return Err(ParquetError::General(format!("texts of the kind {other}"))),
        };
        (self.page, self.left) = (values, rows);
        Ok(())
    }
}

/// Where a text lies whose length is at this place.
fn plain(bytes: &Bytes, at: usize) -> Result<Range<usize>> {
    let length = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or_else(broken)?;
    let start = at + 4;
    let end = start + u32::from_le_bytes(*length) as usize;
    if end > bytes.len() { Err(broken()) } else { Ok(start..end) }
}

fn broken() -> ParquetError {
    ParquetError::General("a page is damaged".to_string())
}

/// Numbers that repeat, or lie bit by bit beside each other, in groups of eight.
struct Runs {
    bytes: Bytes,
    /// The next run.
    at: usize,
    /// Bits of a number.
    width: u32,
    /// Numbers of this run.
    left: usize,
    run: Run,
}

enum Run {
    Repeated(u32),
    /// The next bit.
    Packed(usize),
}

impl Runs {
    fn new(bytes: Bytes, width: u32) -> Result<Runs> {
        if width > 32 {
            return Err(broken());
        }
        Ok(Runs { bytes, at: 0, width, left: 0, run: Run::Repeated(0) })
    }

    fn next(&mut self) -> Result<u32> {
        while self.left == 0 {
            self.start()?;
        }
        self.left -= 1;
        Ok(match &mut self.run {
            Run::Repeated(value) => *value,
            Run::Packed(bit) => {
                let rest = self.bytes.get(*bit / 8..).filter(|rest| self.width == 0 || !rest.is_empty());
                let word = word(rest.ok_or_else(broken)?) >> (*bit % 8);
                *bit += self.width as usize;
                (word & ((1 << self.width) - 1)) as u32
            }
        })
    }

    fn start(&mut self) -> Result<()> {
        let mut header = 0_u64;
        for shift in (0..35).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or_else(broken)?;
            self.at += 1;
            header |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        let count = (header >> 1) as usize;
        if header & 1 == 0 {
            let length = self.width.div_ceil(8) as usize;
            let value = self.bytes.get(self.at..self.at + length).ok_or_else(broken)?;
            (self.at, self.left, self.run) = (self.at + length, count, Run::Repeated(word(value) as u32));
        } else {
            // The last group may be cut.
            let bytes = count * self.width as usize;
            if self.at > self.bytes.len() {
                return Err(broken());
            }
            (self.left, self.run) = (count * 8, Run::Packed(self.at * 8));
            self.at += bytes;
        }
        Ok(())
    }
}

/// The first eight bytes, as a number; those that are missing are zero.
fn word(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::data_type::{ByteArray, ByteArrayType};
    use parquet::file::properties::{WriterProperties, WriterVersion};
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use proptest::prelude::*;

    use super::*;

    fn written(texts: &[Option<String>], is_optional: bool, properties: WriterProperties) -> Bytes {
        let repetition = if is_optional { "optional" } else { "required" };
        let schema = parse_message_type(&format!("message m {{ {repetition} binary key (UTF8); }}")).expect("schema");
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties)).expect("writer");
        let mut group = writer.next_row_group().expect("group");
        let mut column = group.next_column().expect("column").expect("column");
        for some in texts.chunks(7) {
            let values: Vec<ByteArray> = some.iter().flatten().map(|text| ByteArray::from(text.as_str())).collect();
            let levels: Vec<i16> = some.iter().map(|text| i16::from(text.is_some())).collect();
            let levels = is_optional.then_some(&levels[..]);
            column.typed::<ByteArrayType>().write_batch(&values, levels, None).expect("values");
        }
        column.close().expect("column");
        group.close().expect("group");
        writer.close().expect("file");
        Bytes::from(bytes)
    }

    proptest! {
        #[test]
        fn texts_are_those_that_were_written(
            texts in proptest::collection::vec(proptest::option::weighted(0.9, "(a|bc|STANDARD|[a-z/=0-9]{0,12})"), 0..200),
            is_optional in any::<bool>(), is_second in any::<bool>(), has_dictionary in any::<bool>(),
            dictionary in 20_usize..400, rows in 1_usize..80
        ) {
            let texts: Vec<Option<String>> = match is_optional {
                true => texts,
                false => texts.into_iter().map(|text| Some(text.unwrap_or_default())).collect(),
            };
            let version = if is_second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
            // Version 2 writes differences of texts when the dictionary is full: those are read by the library.
            let dictionary = if is_second { 1 << 20 } else { dictionary };
            let properties = WriterProperties::builder()
                .set_writer_version(version)
                .set_dictionary_enabled(has_dictionary || is_second)
                .set_dictionary_page_size_limit(dictionary)
                .set_data_page_row_count_limit(rows)
                .set_write_batch_size(3)
                .build();
            let file = SerializedFileReader::new(written(&texts, is_optional, properties)).expect("file");
            let group = file.get_row_group(0).expect("group");
            prop_assert!(Texts::are_in(group.metadata().column(0).encodings()));
            let mut read = Texts::new(group.get_column_page_reader(0).expect("pages"), is_optional);
            for text in &texts {
                prop_assert_eq!(read.next().expect("text"), text.as_ref().map(String::as_bytes));
            }
            prop_assert!(read.next().is_err());
        }

        #[test]
        fn any_bytes_are_numbers_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..40), width in 0_u32..40) {
            if let Ok(mut runs) = Runs::new(Bytes::from(bytes), width) {
                let read = (0..1000).map_while(|_| runs.next().ok()).all(|number| u64::from(number) < 1 << (8 * width.div_ceil(8)));
                prop_assert!(read);
            }
        }
    }
}
