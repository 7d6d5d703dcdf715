//! Machines for the tests of rules and costs.

use std::sync::Arc;

use crate::document::{Problem, Text, parse};
use crate::lake::{Container, Named, Sources, Workflow};

use super::{Identity, Machine, read};

/// The workflow of a JSON text.
pub(crate) fn workflow(asl: &str) -> Workflow {
    workflow_in(asl).0
}

/// The same with the file that its spans lie in, `machine.asl.json`.
pub(crate) fn workflow_in(asl: &str) -> (Workflow, Sources) {
    let (machine, sources) = machine_at("machine.asl.json", asl);
    (machine.workflow, sources)
}

/// A JSON or YAML text, by the ending of its `path`.
pub(in crate::input) fn machine_at(path: &str, asl: &str) -> (Machine, Sources) {
    try_machine(path, asl).unwrap_or_else(|problem| panic!("{problem:?} in {asl}"))
}

pub(in crate::input) fn try_machine(path: &str, asl: &str) -> Result<(Machine, Sources), Problem> {
    let mut sources = Sources::default();
    let text: Arc<str> = asl.into();
    let file = sources.add(path, text.clone());
    let document = parse(&Text::of_file(file, &text), path)?;
    let identity = Identity {
        name: "machine".to_owned(),
        named: Named { module: path.into(), ..Named::default() },
        container: Container::File,
        kind: None,
        span: document.root.span,
    };
    Ok((read(&document.root, identity), sources))
}
