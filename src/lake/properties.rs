//! What table properties say: partition projection and the file format; the same for DDL and Glue.

use std::collections::BTreeMap;

use super::{FileFormat, PartitionKey, Projection, ProjectionKind};

/// Table properties; names are looked up in any case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties(BTreeMap<String, String>);

impl Properties {
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Properties(pairs.into_iter().map(|(name, value)| (name.trim().to_lowercase(), value)).collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_lowercase()).map(String::as_str)
    }

    /// `projection.*` of these keys; `None` unless `projection.enabled` is true.
    pub fn projection(&self, keys: &[PartitionKey]) -> Option<Projection> {
        if !self.get("projection.enabled")?.trim().eq_ignore_ascii_case("true") {
            return None;
        }
        let kind = |key: &PartitionKey| {
            let kind = self.get(&format!("projection.{}.type", key.name))?;
            Some((key.name.clone(), self.projection_kind(&key.name, kind.trim())))
        };
        let template = self.get("storage.location.template").map(str::to_string);
        Some(Projection { keys: keys.iter().filter_map(kind).collect(), template })
    }

    fn projection_kind(&self, key: &str, kind: &str) -> ProjectionKind {
        let property = |name: &str| self.get(&format!("projection.{key}.{name}"));
        let read = match kind.to_lowercase().as_str() {
            "enum" => {
                property("values").map(|v| ProjectionKind::Enum { values: v.split(',').map(str::to_string).collect() })
            }
            "integer" => property("range").and_then(|range| integer(range, property("interval"), property("digits"))),
            "date" => property("range").zip(property("format")).and_then(|(range, format)| {
                let (from, to) = range.split_once(',')?;
                Some(ProjectionKind::Date {
                    from: from.trim().to_string(),
                    to: to.trim().to_string(),
                    format: format.to_string(),
                    interval: interval(property("interval"))?,
                    unit: property("interval.unit").map(|u| u.trim().to_string()),
                })
            }),
            "injected" => Some(ProjectionKind::Injected),
            _ => None,
        };
        read.unwrap_or_else(|| {
            let written = property("range").or(property("values")).unwrap_or_default();
            ProjectionKind::Invalid(format!("{kind} {written}").trim().to_string())
        })
    }
}

fn integer(range: &str, every: Option<&str>, digits: Option<&str>) -> Option<ProjectionKind> {
    let (min, max) = range.split_once(',')?;
    let digits = match digits {
        Some(text) => Some(text.trim().parse().ok()?),
        None => None,
    };
    Some(ProjectionKind::Integer {
        min: min.trim().parse().ok()?,
        max: max.trim().parse().ok()?,
        interval: interval(every)?,
        digits,
    })
}

/// 1 when not given; `None` when it is no positive number.
fn interval(text: Option<&str>) -> Option<u64> {
    text.map_or(Some(1), |t| t.trim().parse().ok().filter(|n| *n > 0))
}

impl FileFormat {
    /// The format behind a `STORED AS` or `format` name, a crawler's `classification`, a SerDe or an input format class;
    /// `None` for `TextInputFormat` and other names that do not tell.
    pub fn of_name(name: &str) -> Option<FileFormat> {
        let name = name.to_lowercase();
        let has = |part: &str| name.contains(part);
        match name.as_str() {
            "text" | "textfile" => Some(FileFormat::Text),
            _ if has("parquet") => Some(FileFormat::Parquet),
            _ if has("orc") => Some(FileFormat::Orc),
            _ if has("avro") => Some(FileFormat::Avro),
            _ if has("json") => Some(FileFormat::Json),
            _ if has("ion") && (name == "ion" || has("ionhive") || has(".ion")) => Some(FileFormat::Ion),
            _ if has("csv") || has("tsv") => Some(FileFormat::Csv),
            _ if has("regexserde") || has("grok") || has("cloudtrail") => Some(FileFormat::Text),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::ColumnType;

    fn projection(pairs: &[(&str, &str)], key: &str) -> Option<ProjectionKind> {
        let properties = Properties::new(pairs.iter().map(|(n, v)| (n.to_string(), v.to_string())));
        properties.projection(&[PartitionKey::new(key, ColumnType::String)])?.keys.remove(key)
    }

    #[test]
    fn projections_are_read_by_type() {
        let on = ("projection.enabled", "TRUE");
        assert_eq!(
            projection(
                &[
                    on,
                    ("projection.dt.type", "Date"),
                    ("projection.dt.range", "2020-01-01, NOW"),
                    ("projection.dt.format", "yyyy-MM-dd")
                ],
                "dt"
            ),
            Some(ProjectionKind::Date {
                from: "2020-01-01".into(),
                to: "NOW".into(),
                format: "yyyy-MM-dd".into(),
                interval: 1,
                unit: None
            })
        );
        assert_eq!(
            projection(
                &[on, ("projection.h.type", "integer"), ("projection.h.range", "0,23"), ("projection.h.digits", "2")],
                "h"
            ),
            Some(ProjectionKind::Integer { min: 0, max: 23, interval: 1, digits: Some(2) })
        );
        assert_eq!(
            projection(&[on, ("projection.r.type", "enum"), ("projection.r.values", "eu,us")], "r"),
            Some(ProjectionKind::Enum { values: vec!["eu".into(), "us".into()] })
        );
        assert_eq!(projection(&[on, ("projection.id.type", "injected")], "id"), Some(ProjectionKind::Injected));
    }

    #[test]
    fn what_cannot_be_read_is_kept_as_written() {
        let on = ("projection.enabled", "true");
        let invalid = |text: &str| Some(ProjectionKind::Invalid(text.to_string()));
        assert_eq!(
            projection(&[on, ("projection.h.type", "integer"), ("projection.h.range", "0-23")], "h"),
            invalid("integer 0-23")
        );
        assert_eq!(projection(&[on, ("projection.h.type", "decimal")], "h"), invalid("decimal"));
        assert_eq!(projection(&[("projection.h.type", "injected")], "h"), None);
    }

    #[test]
    fn formats_are_told_from_class_names() {
        let cases = [
            ("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat", Some(FileFormat::Parquet)),
            ("org.openx.data.jsonserde.JsonSerDe", Some(FileFormat::Json)),
            ("org.apache.hadoop.hive.serde2.OpenCSVSerde", Some(FileFormat::Csv)),
            ("com.amazon.ionhiveserde.IonHiveSerDe", Some(FileFormat::Ion)),
            ("org.apache.hadoop.hive.ql.io.orc.OrcSerde", Some(FileFormat::Orc)),
            ("TEXTFILE", Some(FileFormat::Text)),
            ("org.apache.hadoop.mapred.TextInputFormat", None),
            ("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", None),
        ];
        for (name, format) in cases {
            assert_eq!(FileFormat::of_name(name), format, "{name}");
        }
    }
}
