//! Partition projection from table properties.

use std::collections::BTreeMap;

use crate::lake::{PartitionKey, Projection, ProjectionKind};
use crate::sql::cursor::{Properties, property};

/// The projection that the properties configure; `None` unless `projection.enabled` is true.
pub(crate) fn projection(properties: &Properties) -> Option<Projection> {
    let enabled = property(properties, "projection.enabled")?;
    if !enabled.trim().eq_ignore_ascii_case("true") {
        return None;
    }
    let mut keys = BTreeMap::new();
    for (name, kind) in properties {
        if let Some(key) = name.strip_prefix("projection.").and_then(|n| n.strip_suffix(".type")) {
            let setting = |part: &str| property(properties, &format!("projection.{key}.{part}"));
            keys.insert(key.to_string(), read_kind(kind, setting));
        }
    }
    Some(Projection { keys, template: property(properties, "storage.location.template").map(str::to_string) })
}

/// Gives a key the date format that its projection states.
pub(crate) fn copy_formats(projection: &Projection, keys: &mut [PartitionKey]) {
    for key in keys {
        if let Some(ProjectionKind::Date { format, .. }) = projection.keys.get(&key.name) {
            key.format = Some(format.clone());
        }
    }
}

fn read_kind<'p>(kind: &str, setting: impl Fn(&str) -> Option<&'p str>) -> ProjectionKind {
    let invalid = |part: &str| {
        let written = setting(part).map_or(String::new(), |value| format!(", {part} {value}"));
        ProjectionKind::Invalid(format!("type {kind}{written}"))
    };
    let range = setting("range").and_then(|r| r.split_once(',')).map(|(from, to)| (from.trim(), to.trim()));
    let interval = setting("interval").map_or(Some(1), |i| i.trim().parse::<u64>().ok());
    match kind.trim().to_lowercase().as_str() {
        // White space counts in the values.
        "enum" => match setting("values") {
            Some(values) => ProjectionKind::Enum { values: values.split(',').map(str::to_string).collect() },
            None => invalid("values"),
        },
        "integer" => {
            let bounds = range.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
            let digits = setting("digits").map(|d| d.trim().parse::<u32>());
            match (bounds, interval, digits) {
                (Some((min, max)), Some(interval), None) => {
                    ProjectionKind::Integer { min, max, interval, digits: None }
                }
                (Some((min, max)), Some(interval), Some(Ok(digits))) => {
                    ProjectionKind::Integer { min, max, interval, digits: Some(digits) }
                }
                (None, _, _) => invalid("range"),
                (_, None, _) => invalid("interval"),
                _ => invalid("digits"),
            }
        }
        "date" => match (range, setting("format"), interval) {
            (Some((from, to)), Some(format), Some(interval)) => ProjectionKind::Date {
                from: from.to_string(),
                to: to.to_string(),
                format: format.to_string(),
                interval,
                unit: setting("interval.unit").map(|u| u.trim().to_uppercase()),
            },
            (None, _, _) => invalid("range"),
            (_, None, _) => invalid("format"),
            (_, _, None) => invalid("interval"),
        },
        "injected" => ProjectionKind::Injected,
        _ => invalid("range"),
    }
}
