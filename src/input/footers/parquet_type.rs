//! Parquet's physical and logical types (<https://parquet.apache.org/docs/file-format/types/logicaltypes/>) as column types.

use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::schema::types::Type;

use crate::expr::ColumnType;

/// A leaf of the schema: what it is compared as, and how its statistics are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    pub data_type: ColumnType,
    pub encoding: Encoding,
}

/// How a minimum or maximum is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Boolean,
    Signed,
    Unsigned,
    /// Digits after the point.
    Decimal(u32),
    /// Days since 1970.
    Days,
    /// Parts of a second since 1970: how many make a second.
    Ticks(i64),
    Float,
    Text,
    /// Nothing that SQL compares by this order.
    Unknown,
}

impl Leaf {
    pub(super) fn of(field: &Type) -> Leaf {
        let info = field.get_basic_info();
        let physical = field.get_physical_type();
        let (data_type, encoding) = info
            .logical_type_ref()
            .and_then(|logical| by_logical_type(logical, physical))
            .or_else(|| by_converted_type(field, info.converted_type(), physical))
            .unwrap_or_else(|| by_physical_type(physical));
        Leaf { data_type, encoding }
    }
}

fn by_logical_type(logical: &LogicalType, physical: PhysicalType) -> Option<(ColumnType, Encoding)> {
    Some(match logical {
        LogicalType::String | LogicalType::Enum | LogicalType::Json => (ColumnType::String, Encoding::Text),
        LogicalType::Bson => (ColumnType::Binary, Encoding::Unknown),
        LogicalType::Decimal(decimal) => decimal_type(decimal.precision, decimal.scale),
        LogicalType::Date => (ColumnType::Date, Encoding::Days),
        LogicalType::Time(_) => (ColumnType::Other("time".into()), Encoding::Unknown),
        LogicalType::Timestamp(timestamp) if physical == PhysicalType::INT64 => {
            let ticks = match timestamp.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            };
            (ColumnType::Timestamp, Encoding::Ticks(ticks))
        }
        LogicalType::Integer(int) => integer(int.bit_width, int.is_signed),
        LogicalType::Uuid => (ColumnType::Other("uuid".into()), Encoding::Unknown),
        LogicalType::Float16 => (ColumnType::Float(4), Encoding::Unknown),
        LogicalType::Unknown => (ColumnType::Other("unknown".into()), Encoding::Unknown),
        _ => return None,
    })
}

fn by_converted_type(field: &Type, converted: ConvertedType, physical: PhysicalType) -> Option<(ColumnType, Encoding)> {
    Some(match converted {
        ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => (ColumnType::String, Encoding::Text),
        ConvertedType::BSON | ConvertedType::INTERVAL => (ColumnType::Binary, Encoding::Unknown),
        ConvertedType::DECIMAL => decimal_type(field.get_precision(), field.get_scale()),
        ConvertedType::DATE => (ColumnType::Date, Encoding::Days),
        ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS => {
            (ColumnType::Other("time".into()), Encoding::Unknown)
        }
        ConvertedType::TIMESTAMP_MILLIS if physical == PhysicalType::INT64 => {
            (ColumnType::Timestamp, Encoding::Ticks(1_000))
        }
        ConvertedType::TIMESTAMP_MICROS if physical == PhysicalType::INT64 => {
            (ColumnType::Timestamp, Encoding::Ticks(1_000_000))
        }
        ConvertedType::INT_8 => integer(8, true),
        ConvertedType::INT_16 => integer(16, true),
        ConvertedType::INT_32 => integer(32, true),
        ConvertedType::INT_64 => integer(64, true),
        ConvertedType::UINT_8 => integer(8, false),
        ConvertedType::UINT_16 => integer(16, false),
        ConvertedType::UINT_32 => integer(32, false),
        ConvertedType::UINT_64 => integer(64, false),
        _ => return None,
    })
}

fn by_physical_type(physical: PhysicalType) -> (ColumnType, Encoding) {
    match physical {
        PhysicalType::BOOLEAN => (ColumnType::Boolean, Encoding::Boolean),
        PhysicalType::INT32 => (ColumnType::Integer(4), Encoding::Signed),
        PhysicalType::INT64 => (ColumnType::Integer(8), Encoding::Signed),
        // Written by Spark and Hive for timestamps; the order of its statistics is undefined.
        PhysicalType::INT96 => (ColumnType::Timestamp, Encoding::Unknown),
        PhysicalType::FLOAT => (ColumnType::Float(4), Encoding::Float),
        PhysicalType::DOUBLE => (ColumnType::Float(8), Encoding::Float),
        // Old writers leave out that bytes are text.
        PhysicalType::BYTE_ARRAY => (ColumnType::Binary, Encoding::Text),
        PhysicalType::FIXED_LEN_BYTE_ARRAY => (ColumnType::Binary, Encoding::Unknown),
    }
}

/// SQL has no unsigned integers: the next wider type holds all values, as Spark reads them.
fn integer(bits: i8, is_signed: bool) -> (ColumnType, Encoding) {
    match (bits, is_signed) {
        (8, true) => (ColumnType::Integer(1), Encoding::Signed),
        (16, true) => (ColumnType::Integer(2), Encoding::Signed),
        (32, true) => (ColumnType::Integer(4), Encoding::Signed),
        (_, true) => (ColumnType::Integer(8), Encoding::Signed),
        (8, false) => (ColumnType::Integer(2), Encoding::Unsigned),
        (16, false) => (ColumnType::Integer(4), Encoding::Unsigned),
        (32, false) => (ColumnType::Integer(8), Encoding::Unsigned),
        (_, false) => (ColumnType::Decimal(20, 0), Encoding::Unsigned),
    }
}

fn decimal_type(precision: i32, scale: i32) -> (ColumnType, Encoding) {
    match (u8::try_from(precision), u8::try_from(scale)) {
        (Ok(precision), Ok(scale)) => (ColumnType::Decimal(precision, scale), Encoding::Decimal(u32::from(scale))),
        _ => (ColumnType::Other("decimal".into()), Encoding::Unknown),
    }
}

/// The type of a column; nested ones as Hive writes them: `struct<b:bigint,c:array<string>>`.
pub(super) fn column_type(field: &Type) -> ColumnType {
    if is_repeated(field) {
        return ColumnType::Other(format!("array<{}>", once(field)));
    }
    once(field)
}

/// The type of one value of a field, repeated or not.
fn once(field: &Type) -> ColumnType {
    if field.is_primitive() {
        return Leaf::of(field).data_type;
    }
    let nested = match (is_list(field), is_map(field), field.get_fields()) {
        (true, _, [repeated]) => format!("array<{}>", element(field, repeated)),
        (_, true, [repeated]) if !repeated.is_primitive() && repeated.get_fields().len() == 2 => {
            let fields = repeated.get_fields();
            format!("map<{},{}>", column_type(&fields[0]), column_type(&fields[1]))
        }
        (_, _, fields) => {
            let field = |field: &Type| format!("{}:{}", field.name().to_lowercase(), column_type(field));
            let fields: Vec<String> = fields.iter().map(|f| field(f)).collect();
            format!("struct<{}>", fields.join(","))
        }
    };
    ColumnType::Other(nested)
}

/// The element of a list, by the format's rules for what older writers wrote.
fn element(list: &Type, repeated: &Type) -> ColumnType {
    if repeated.is_primitive() {
        return once(repeated);
    }
    match repeated.get_fields() {
        [only]
            if !is_repeated(only)
                && repeated.name() != "array"
                && repeated.name() != format!("{}_tuple", list.name()) =>
        {
            column_type(only)
        }
        _ => once(repeated),
    }
}

fn is_repeated(field: &Type) -> bool {
    let info = field.get_basic_info();
    info.has_repetition() && info.repetition() == Repetition::REPEATED
}

fn is_list(field: &Type) -> bool {
    let info = field.get_basic_info();
    info.logical_type_ref() == Some(&LogicalType::List) || info.converted_type() == ConvertedType::LIST
}

fn is_map(field: &Type) -> bool {
    let info = field.get_basic_info();
    info.logical_type_ref() == Some(&LogicalType::Map)
        || matches!(info.converted_type(), ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE)
}

#[cfg(test)]
mod tests {
    use parquet::schema::parser::parse_message_type;

    use super::*;

    fn types(schema: &str) -> Vec<String> {
        let schema = parse_message_type(&format!("message m {{ {schema} }}")).expect("schema");
        schema.get_fields().iter().map(|field| column_type(field).to_string()).collect()
    }

    #[test]
    fn primitive_types() {
        let cases = [
            ("required boolean a", "boolean"),
            ("required int32 a", "int"),
            ("required int32 a (INT_8)", "tinyint"),
            ("required int32 a (INTEGER(16,true))", "smallint"),
            ("required int32 a (UINT_8)", "smallint"),
            ("required int32 a (INTEGER(32,false))", "bigint"),
            ("required int64 a (UINT_64)", "decimal(20,0)"),
            ("required int32 a (DATE)", "date"),
            ("required int32 a (TIME_MILLIS)", "time"),
            ("required int64 a (TIMESTAMP_MILLIS)", "timestamp"),
            ("required int64 a (TIMESTAMP(NANOS,true))", "timestamp"),
            ("required int96 a", "timestamp"),
            ("required float a", "float"),
            ("required double a", "double"),
            ("required int64 a (DECIMAL(15,2))", "decimal(15,2)"),
            ("required fixed_len_byte_array (16) a (DECIMAL(38,10))", "decimal(38,10)"),
            ("required fixed_len_byte_array (16) a (UUID)", "uuid"),
            ("required binary a", "binary"),
            ("required binary a (UTF8)", "string"),
            ("required binary a (STRING)", "string"),
            ("required binary a (JSON)", "string"),
        ];
        for (schema, expected) in cases {
            assert_eq!(types(&format!("{schema};")), [expected], "{schema}");
        }
    }

    #[test]
    fn nested_types_are_written_as_hive_writes_them() {
        let cases = [
            (
                "optional group A { required int64 B; optional group c { optional binary D (UTF8); } }",
                "struct<b:bigint,c:struct<d:string>>",
            ),
            ("optional group a (LIST) { repeated group list { optional int32 element; } }", "array<int>"),
            ("optional group a (LIST) { repeated int32 element; }", "array<int>"),
            (
                "optional group a (LIST) { repeated group array { required binary s (UTF8); } }",
                "array<struct<s:string>>",
            ),
            (
                "optional group a (LIST) { repeated group element { required int32 x; required int32 y; } }",
                "array<struct<x:int,y:int>>",
            ),
            (
                "optional group a (LIST) { repeated group list { optional group element (LIST) { repeated group list { optional int32 element; } } } }",
                "array<array<int>>",
            ),
            (
                "optional group a (MAP) { repeated group key_value { required binary key (UTF8); optional group value { optional int32 n; } } }",
                "map<string,struct<n:int>>",
            ),
            ("repeated binary a (UTF8)", "array<string>"),
            ("repeated group a { required int32 n; }", "array<struct<n:int>>"),
        ];
        for (schema, expected) in cases {
            let schema = if schema.ends_with('}') { schema.to_string() } else { format!("{schema};") };
            assert_eq!(types(&schema), [expected], "{schema}");
        }
    }
}
