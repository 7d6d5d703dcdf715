//! The tail and the stripe footers of an ORC file (<https://orc.apache.org/specification/ORCv1/>). A stripe is a row group.

use prost::Message;

use super::Footer;
use super::tail::Tail;
use crate::lake::{ChunkValues, Column, LeafColumn};
use compression::Compression;
use messages::{FileFooter, Metadata, PostScript, Stream, StripeFooter, StripeInformation};
use schema::Schema;

pub(crate) use rows::{OrcColumn, OrcStripe, OrcTexts, orc_columns};

mod compression;
mod integers;
mod messages;
mod rows;
mod schema;
mod values;

/// The block size where a file does not give it.
const BLOCK_SIZE: u64 = 256 << 10;

/// Reads where the bytes of each column lie and which values they hold.
pub(super) fn footer(tail: &mut Tail<'_>) -> Result<Footer, String> {
    let end = End::read(tail)?;
    let file = end.footer(tail)?;
    let schema = schema(&file)?;
    if file.encryption.is_some() {
        return Err("its columns are encrypted".to_string());
    }
    let columns = schema.leaves().map(|(_, node)| leaf(node, file.stripes.len())).collect();
    let mut footer = Footer { length: end.length(), columns, ..Footer::default() };
    for stripe in &file.stripes {
        let streams = end.stripe_footer(tail, stripe)?.streams;
        add_streams(&mut footer, &schema, &streams)?;
        footer.length = footer.length.saturating_add(stripe.footer_length.unwrap_or(0));
        footer.starts.push(stripe.offset.unwrap_or(0));
        footer.rows.push(stripe.rows.unwrap_or(0));
    }
    // Statistics that cannot be read are no reason to know nothing.
    add_values(&mut footer, &schema, &end.metadata(tail).unwrap_or_default(), end.has_sound_text);
    match counted(&footer) > tail.size {
        true => Err("its footer counts more bytes than the file has".to_string()),
        false => Ok(footer),
    }
}

/// Adds the bytes of a stripe. What belongs to a struct, list or map itself is read with its first leaf.
fn add_streams(footer: &mut Footer, schema: &Schema, streams: &[Stream]) -> Result<(), String> {
    let mut bytes = vec![0_u64; schema.nodes.len()];
    for stream in streams {
        let node = schema.nodes.get(stream.column.unwrap_or(0) as usize).ok_or_else(corrupt)?;
        let sum = match stream.kind {
            Some(ROW_INDEX..=BLOOM_FILTER_UTF8) => &mut footer.indexes,
            _ => &mut bytes[node.first_leaf],
        };
        *sum = sum.saturating_add(stream.length.unwrap_or(0));
    }
    for (column, (id, _)) in footer.columns.iter_mut().zip(schema.leaves()) {
        column.bytes.push(bytes[id]);
    }
    Ok(())
}

fn add_values(footer: &mut Footer, schema: &Schema, statistics: &Metadata, has_sound_text: bool) {
    if statistics.stripes.is_empty() {
        return;
    }
    for (column, (id, node)) in footer.columns.iter_mut().zip(schema.leaves()) {
        let of = |number: usize| statistics.stripes.get(number)?.columns.get(id);
        let values = |(number, rows): (usize, &u64)| {
            of(number).map_or_else(ChunkValues::default, |found| values::values(node, *rows, found, has_sound_text))
        };
        column.values = footer.rows.iter().enumerate().map(values).collect();
    }
}

/// The columns of the schema.
pub(super) fn fields(tail: &mut Tail<'_>) -> Result<Vec<Column>, String> {
    let end = End::read(tail)?;
    Ok(schema(&end.footer(tail)?)?.fields())
}

fn schema(file: &FileFooter) -> Result<Schema, String> {
    Schema::of(&file.types).ok_or_else(corrupt)
}

fn leaf(node: &schema::Node, stripes: usize) -> LeafColumn {
    let (path, data_type) = (node.path.clone(), node.data_type.clone());
    LeafColumn { path, data_type, bytes: Vec::with_capacity(stripes), values: Vec::new() }
}

fn counted(footer: &Footer) -> u64 {
    let chunks = footer.columns.iter().flat_map(|column| &column.bytes);
    chunks.chain([&footer.length, &footer.indexes]).fold(0, |sum: u64, bytes| sum.saturating_add(*bytes))
}

fn corrupt() -> String {
    "its ORC footer is corrupt".to_string()
}

/// Kinds of streams that are indexes lie between these two.
const ROW_INDEX: u32 = 6;
const BLOOM_FILTER_UTF8: u32 = 8;

/// What the postscript says about the sections before it.
#[derive(Debug)]
struct End {
    compression: Compression,
    block_size: u64,
    /// The postscript and its length.
    postscript: u64,
    footer: u64,
    metadata: u64,
    /// Statistics of encrypted columns.
    encrypted: u64,
    has_sound_text: bool,
}

impl End {
    fn read(tail: &mut Tail<'_>) -> Result<End, String> {
        let length = u64::from(*tail.last(1)?.last().ok_or_else(corrupt)?) + 1;
        let bytes = tail.last(length)?;
        let postscript = PostScript::decode(&bytes[..bytes.len() - 1]).map_err(|_| corrupt())?;
        Ok(End {
            compression: Compression::of(postscript.compression.unwrap_or(0))?,
            block_size: postscript.compression_block_size.unwrap_or(BLOCK_SIZE),
            postscript: length,
            footer: postscript.footer_length.unwrap_or(0),
            metadata: postscript.metadata_length.unwrap_or(0),
            encrypted: postscript.stripe_statistics_length.unwrap_or(0),
            has_sound_text: postscript.writer_version.unwrap_or(0) > 0,
        })
    }

    /// Bytes of the tail.
    fn length(&self) -> u64 {
        [self.footer, self.metadata, self.encrypted].iter().fold(self.postscript, |sum, part| sum.saturating_add(*part))
    }

    fn footer(&self, tail: &mut Tail<'_>) -> Result<FileFooter, String> {
        self.section(tail, self.postscript, self.footer)
    }

    fn metadata(&self, tail: &mut Tail<'_>) -> Result<Metadata, String> {
        self.section(tail, self.postscript.saturating_add(self.footer), self.metadata)
    }

    fn stripe_footer(&self, tail: &mut Tail<'_>, stripe: &StripeInformation) -> Result<StripeFooter, String> {
        let parts = [stripe.offset, stripe.index_length, stripe.data_length];
        let start = parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.unwrap_or(0)));
        let bytes = tail.at(start, stripe.footer_length.unwrap_or(0))?;
        self.decode(&bytes)
    }

    /// A section that ends so many bytes before the end of the file.
    fn section<M: Message + Default>(&self, tail: &mut Tail<'_>, after: u64, length: u64) -> Result<M, String> {
        let bytes = tail.last(after.saturating_add(length))?;
        self.decode(&bytes[..length as usize])
    }

    fn decode<M: Message + Default>(&self, bytes: &[u8]) -> Result<M, String> {
        let content = self.compression.expand(bytes, self.block_size).ok_or_else(corrupt)?;
        M::decode(&content[..]).map_err(|_| corrupt())
    }
}

#[cfg(test)]
mod tests;
