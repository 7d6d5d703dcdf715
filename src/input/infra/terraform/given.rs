//! Values of variables besides their defaults: what the modules of the run that call a module give it, and files of values.
//!
//! <https://developer.hashicorp.com/terraform/language/values/variables>

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::document::{Expr, ExprKind, HclBlock, HclBody, KeyName, Part, Text, parse_hcl};
use crate::lake::FileId;
use crate::shown_path::without_dots;

/// The files of each folder, as shown.
pub(in crate::input::infra) type Folders = BTreeMap<String, Vec<(FileId, Arc<str>)>>;

/// By variable; `None` is a value that only Terraform knows.
pub(in crate::input::infra) type Given = BTreeMap<String, Option<Expr>>;

/// What is given to a module by one caller: values as they are written, too.
type Call = BTreeMap<String, (String, Expr)>;

/// Whether a file calls the module of one of the folders. `folder` is its own.
pub(in crate::input::infra) fn calls_into(text: &str, folder: &str, is_folder: impl Fn(&str) -> bool) -> bool {
    let source = |line: &str| {
        let value = line.trim_start().strip_prefix("source")?.trim_start().strip_prefix('=')?;
        let value = value.trim_start().strip_prefix('"')?.split('"').next()?;
        target(folder, value)
    };
    text.contains("module") && text.lines().filter_map(source).any(|target| is_folder(&target))
}

/// What each module is given whose callers are in the run, or beside which files of values stand, which only a module has that
/// nothing calls. Of values, the last file wins.
pub(in crate::input::infra) fn given(modules: &Folders, values: &Folders) -> BTreeMap<String, Given> {
    let mut calls: BTreeMap<String, Vec<Call>> = BTreeMap::new();
    for (folder, files) in modules {
        let calling = files.iter().filter(|(_, text)| calls_into(text, folder, |target| modules.contains_key(target)));
        for (file, text) in calling {
            let Ok(parsed) = parse_hcl(&Text::of_file(*file, text)) else { continue };
            for block in parsed.body.blocks.iter().filter(|block| block.kind == "module") {
                if let Some(target) = source(block).and_then(|source| target(folder, source)) {
                    calls.entry(target).or_default().push(arguments(&block.body, text));
                }
            }
        }
    }
    let mut given: BTreeMap<String, Given> =
        calls.into_iter().map(|(folder, calls)| (folder, common(&calls))).collect();
    for (folder, files) in values {
        if given.contains_key(folder) {
            continue;
        }
        let mut of_folder = Given::new();
        for (file, text) in files {
            let Ok(parsed) = parse_hcl(&Text::of_file(*file, text)) else { continue };
            let values = arguments(&parsed.body, text).into_iter();
            of_folder.extend(values.map(|(name, (_, value))| (name, Some(value).filter(is_literal))));
        }
        given.insert(folder.clone(), of_folder);
    }
    given
}

/// The folder that the source of a module leads to; `None` outside of the repository's own modules.
fn target(folder: &str, source: &str) -> Option<String> {
    let is_local = ["./", "../"].iter().any(|start| source.starts_with(start));
    is_local.then(|| without_dots(&Path::new(folder).join(source)).to_string_lossy().replace('\\', "/"))
}

fn source(block: &HclBlock) -> Option<&str> {
    match &block.body.attribute("source")?.value.kind {
        ExprKind::Template(parts) => match parts.as_slice() {
            [Part::Text(text)] => Some(&text.value),
            _ => None,
        },
        _ => None,
    }
}

fn arguments(body: &HclBody, text: &str) -> Call {
    let written = |value: &Expr| text.get(value.span.range()).unwrap_or_default().to_string();
    let arguments = body.attributes.iter();
    arguments.map(|argument| (argument.name.clone(), (written(&argument.value), argument.value.clone()))).collect()
}

/// The literals that all callers write alike.
fn common(calls: &[Call]) -> Given {
    let names: BTreeSet<&String> = calls.iter().flat_map(BTreeMap::keys).collect();
    let value = |name: &String| {
        let (written, value) = calls.first()?.get(name)?;
        let is_alike = |call: &Call| call.get(name).is_some_and(|(other, _)| other == written);
        (is_literal(value) && calls.iter().all(is_alike)).then(|| value.clone())
    };
    names.into_iter().map(|name| (name.clone(), value(name))).collect()
}

fn is_literal(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) => true,
        ExprKind::Template(parts) => parts.iter().all(|part| matches!(part, Part::Text(_))),
        ExprKind::List(items) => items.iter().all(is_literal),
        ExprKind::Object(items) => {
            items.iter().all(|(key, value)| matches!(key.name, KeyName::Plain(_)) && is_literal(value))
        }
        _ => false,
    }
}
