//! Column types, as far as pruning and pricing tell them apart.

/// A Hive, Athena or Trino column type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ColumnType {
    Boolean,
    /// tinyint, smallint, int, bigint; the width in bytes.
    Integer(u8),
    /// real and double; the width in bytes.
    Float(u8),
    /// Precision and scale.
    Decimal(u8, u8),
    /// string, varchar, char.
    String,
    Date,
    /// With or without time zone.
    Timestamp,
    Binary,
    /// struct, array, map and anything unknown: the text as written, lower case.
    Other(String),
}

impl ColumnType {
    /// Reads a type as DDL, Glue or a CAST writes it; parameters such as `varchar(10)` are dropped.
    pub fn parse(text: &str) -> ColumnType {
        let text = text.trim().to_lowercase();
        let name = text.split(['(', '<', ' ']).next().unwrap_or("");
        match name {
            "boolean" | "bool" => ColumnType::Boolean,
            "tinyint" | "byte" => ColumnType::Integer(1),
            "smallint" | "short" => ColumnType::Integer(2),
            "int" | "integer" => ColumnType::Integer(4),
            "bigint" | "long" => ColumnType::Integer(8),
            "float" | "real" => ColumnType::Float(4),
            "double" => ColumnType::Float(8),
            "decimal" | "numeric" => {
                let digits: Vec<u8> =
                    text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
                ColumnType::Decimal(digits.first().copied().unwrap_or(10), digits.get(1).copied().unwrap_or(0))
            }
            "string" | "varchar" | "char" | "text" => ColumnType::String,
            "date" => ColumnType::Date,
            "timestamp" | "timestamptz" => ColumnType::Timestamp,
            "binary" | "varbinary" => ColumnType::Binary,
            _ => ColumnType::Other(text),
        }
    }

    /// Whether nobody says what it is: a CREATE TABLE AS names keys without their types.
    pub fn is_unknown(&self) -> bool {
        matches!(self, ColumnType::Other(text) if text.is_empty())
    }
}

impl std::fmt::Display for ColumnType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self {
            ColumnType::Boolean => "boolean",
            ColumnType::Integer(1) => "tinyint",
            ColumnType::Integer(2) => "smallint",
            ColumnType::Integer(4) => "int",
            ColumnType::Integer(_) => "bigint",
            ColumnType::Float(4) => "float",
            ColumnType::Float(_) => "double",
            ColumnType::Decimal(precision, scale) => return write!(f, "decimal({precision},{scale})"),
            ColumnType::String => "string",
            ColumnType::Date => "date",
            ColumnType::Timestamp => "timestamp",
            ColumnType::Binary => "binary",
            ColumnType::Other(text) => text,
        };
        f.write_str(name)
    }
}
