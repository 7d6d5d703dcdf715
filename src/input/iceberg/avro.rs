//! Avro files of records, one record at a time. Schemas are checked before any data is read: what a hostile file could use to recurse,
//! or to count to infinity without holding a byte, is refused.

use std::io::Read;

use apache_avro::util::max_allocation_bytes;
use apache_avro::{Reader, Schema};
use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};

/// The largest block, unpacked, and the largest single value.
const LARGEST: usize = 256 << 20;
/// Types within types.
const DEEPEST: usize = 24;
/// Types of one schema, those that are referred to counted each time.
const MOST_TYPES: usize = 20_000;

/// The records of a file, each with what is wrong with it.
pub(super) type Records<T> = Box<dyn Iterator<Item = Result<T, String>>>;

/// Reads the header of a file; an error says what is wrong with it.
pub(super) fn records<T: DeserializeOwned + 'static>(input: impl Read + 'static) -> Result<Records<T>, String> {
    max_allocation_bytes(LARGEST);
    let reader = Reader::new(input).map_err(|e| format!("it is no Avro file that can be read: {}", short(&e)))?;
    let schema = reader.writer_schema();
    let mut types = 0;
    if is_empty(schema) || !is_bounded(schema, 0, &mut types) {
        return Err("its Avro schema is not one of Iceberg: it recurses, or holds nothing".to_string());
    }
    let records = reader.into_deser_iter::<T>();
    Ok(Box::new(records.map(|record| record.map_err(|e| format!("a record cannot be read: {}", short(&e))))))
}

/// Errors quote whole schemas.
fn short(error: &apache_avro::Error) -> String {
    let text: String = error.to_string().chars().take(160).collect();
    text.replace(['\n', '\r'], " ")
}

/// Whether a type is bounded, and no list could hold elements without bytes. Iceberg names every type once, so that references are
/// followed by nobody who writes its files.
fn is_bounded(schema: &Schema, depth: usize, types: &mut usize) -> bool {
    *types += 1;
    if depth > DEEPEST || *types > MOST_TYPES {
        return false;
    }
    match schema {
        Schema::Array(array) => !is_empty(&array.items) && is_bounded(&array.items, depth + 1, types),
        Schema::Map(map) => is_bounded(&map.types, depth + 1, types),
        Schema::Union(union) => union.variants().iter().all(|variant| is_bounded(variant, depth + 1, types)),
        Schema::Record(record) => record.fields.iter().all(|field| is_bounded(&field.schema, depth + 1, types)),
        Schema::Ref { .. } => false,
        _ => true,
    }
}

/// Whether values of a type take no bytes.
fn is_empty(schema: &Schema) -> bool {
    match schema {
        Schema::Null => true,
        Schema::Fixed(fixed) => fixed.size == 0,
        Schema::Record(record) => record.fields.iter().all(|field| is_empty(&field.schema)),
        _ => false,
    }
}

/// A value of a manifest whose type is known only to the table's metadata.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Cell {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    /// Floats are written as texts and never compared with each other.
    Float(f32),
    Double(f64),
    Bytes(Vec<u8>),
    Text(String),
}

impl Cell {
    pub(super) fn int(&self) -> Option<i64> {
        if let Cell::Int(number) = self { Some(*number) } else { None }
    }

    pub(super) fn size(&self) -> Option<u64> {
        u64::try_from(self.int()?).ok()
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Cell::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn bytes(&self) -> Option<&[u8]> {
        if let Cell::Bytes(bytes) = self { Some(bytes) } else { None }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Cell, D::Error> {
        from.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a single value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Int(value))
    }

    fn visit_f32<E: de::Error>(self, value: f32) -> Result<Cell, E> {
        Ok(Cell::Float(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Cell, E> {
        Ok(Cell::Double(value))
    }

    fn visit_bytes<E: de::Error>(self, value: &[u8]) -> Result<Cell, E> {
        Ok(Cell::Bytes(value.to_vec()))
    }

    fn visit_byte_buf<E: de::Error>(self, value: Vec<u8>) -> Result<Cell, E> {
        Ok(Cell::Bytes(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_string()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Cell, E> {
        Ok(Cell::Text(value))
    }
}

/// The name of a field, whatever it is: Avro restricts names, so that it may be another than the column's.
#[derive(Deserialize)]
#[serde(field_identifier)]
enum FieldName {
    #[serde(other)]
    Any,
}

/// A value that is not needed. Serde's own `IgnoredAny` also ignores the names of fields, which the Avro reader does not allow.
pub(super) struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Skipped, D::Error> {
        from.deserialize_any(SkippedVisitor)
    }
}

struct SkippedVisitor;

impl<'de> Visitor<'de> for SkippedVisitor {
    type Value = Skipped;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Skipped, E> {
        Ok(Skipped)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Skipped, A::Error> {
        while list.next_element::<Skipped>()?.is_some() {}
        Ok(Skipped)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut record: A) -> Result<Skipped, A::Error> {
        while record.next_key::<FieldName>()?.is_some() {
            let _: Skipped = record.next_value()?;
        }
        Ok(Skipped)
    }
}

/// The values of a record in its order, whatever their names.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tuple(pub Vec<Cell>);

impl<'de> Deserialize<'de> for Tuple {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Tuple, D::Error> {
        struct TupleVisitor;
        impl<'de> Visitor<'de> for TupleVisitor {
            type Value = Tuple;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a record of single values")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Tuple, E> {
                Ok(Tuple::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut record: A) -> Result<Tuple, A::Error> {
                let mut cells = Vec::new();
                while record.next_key::<FieldName>()?.is_some() {
                    cells.push(record.next_value()?);
                }
                Ok(Tuple(cells))
            }
        }
        from.deserialize_any(TupleVisitor)
    }
}

/// A list that may be absent.
#[derive(Debug, PartialEq)]
pub(super) struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> List<T> {
        List(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<List<T>, D::Error> {
        struct ListVisitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list")
            }

            fn visit_unit<E: de::Error>(self) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
                // The length that a file states is not believed.
                let mut found = Vec::new();
                while let Some(element) = list.next_element()? {
                    found.push(element);
                }
                Ok(List(found))
            }
        }
        from.deserialize_any(ListVisitor(std::marker::PhantomData))
    }
}

/// A record of which some fields are read, whatever the record is called; absent ones keep their defaults.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(super) struct $name {
            $(pub $field: $kind,)*
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                #[derive(serde::Deserialize)]
                #[serde(field_identifier)]
                #[allow(non_camel_case_types)]
                enum Field { $($field,)* #[serde(other)] Another }
                struct RecordVisitor;
                impl<'de> serde::de::Visitor<'de> for RecordVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a record")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut record: A) -> Result<$name, A::Error> {
                        let mut found = $name::default();
                        while let Some(field) = record.next_key::<Field>()? {
                            match field {
                                $(Field::$field => found.$field = record.next_value()?,)*
                                Field::Another => {
                                    let _: super::avro::Skipped = record.next_value()?;
                                }
                            }
                        }
                        Ok(found)
                    }
                }
                from.deserialize_any(RecordVisitor)
            }
        }
    };
}
pub(super) use record;
