//! Workgroups that a scan has read, as resources beside those of infrastructure code.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::controls::visible_name;
use crate::input::Sources;
use crate::lake::{Cutoff, FileId, Lake, Named, PastWorkgroup, Record, Resource, ResourceKind, Span, Workgroup};

/// Adds the workgroups of a snapshot that nothing else declares: what the project says now counts more. `place` is the file for
/// people that holds `text`.
pub(super) fn add(records: &[Record], place: String, text: String, run: &Sources, lake: &mut Lake) {
    let workgroups = lake.resources.iter().filter(|resource| matches!(resource.kind, ResourceKind::Workgroup(_)));
    let mut known: BTreeSet<String> = workgroups.filter_map(|resource| resource.named.literal.clone()).collect();
    let new = records.iter().flat_map(|record| &record.workgroups);
    let new: Vec<&PastWorkgroup> = new.filter(|workgroup| known.insert(workgroup.name.clone())).collect();
    if new.is_empty() {
        return;
    }
    let spans: Vec<Range<usize>> = new.iter().map(|workgroup| name_in(&text, &workgroup.name)).collect();
    // Who asks about single files asks nothing about the account.
    let file = match run.paths.iter().any(|path| run.base.join(path).is_dir()) {
        true => lake.sources.add(place.as_str(), text),
        false => lake.sources.add_context(place.as_str(), text),
    };
    lake.resources.extend(new.into_iter().zip(spans).map(|(workgroup, span)| resource(workgroup, file, span, &place)));
    let sources = &lake.sources;
    lake.resources.sort_by_cached_key(|resource| (sources.get(resource.span.file).path.clone(), resource.span.start));
}

fn resource(workgroup: &PastWorkgroup, file: FileId, span: Range<usize>, place: &str) -> Resource {
    Resource {
        named: Named { module: place.into(), literal: Some(workgroup.name.clone()), handles: Vec::new() },
        name: visible_name(&workgroup.name).into_owned(),
        span: Span::new(file, span),
        kind: ResourceKind::Workgroup(Workgroup {
            scan_limit: workgroup.scan_limit.map_or(Cutoff::Unset, Cutoff::Bytes),
            is_enforced: workgroup.is_enforced,
            is_enabled: workgroup.is_enabled,
            is_scanned: true,
        }),
    }
}

/// Where a snapshot's text names a workgroup: the value behind its key; the start of the text where it was laid out anew.
fn name_in(text: &str, name: &str) -> Range<usize> {
    let written = serde_json::Value::from(name).to_string();
    let key = "\"name\": ";
    let at = text.find(&format!("{key}{written}")).map(|at| at + key.len());
    at.map_or(0..0, |at| at..at + written.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_where_they_are_values() {
        let text = "{\n\"source\": \"analysts\",\n\"name\": \"a\\\"b\",\n\"name\": \"analysts\"\n}";
        assert_eq!(&text[name_in(text, "analysts")], "\"analysts\"");
        assert_eq!(&text[name_in(text, "a\"b")], "\"a\\\"b\"");
        assert_eq!(name_in(text, "other"), 0..0);
    }
}
