//! Machines for the tests of rules and costs.

use std::sync::Arc;

use crate::document::{Text, parse_json};
use crate::lake::{Container, Named, Sources, Workflow};

use super::{Identity, Machine, read};

/// The workflow of a JSON text.
pub(crate) fn workflow(asl: &str) -> Workflow {
    workflow_in(asl).0
}

/// The same with the file that its spans lie in, `machine.asl.json`.
pub(crate) fn workflow_in(asl: &str) -> (Workflow, Sources) {
    let (machine, sources) = machine(asl);
    (machine.workflow, sources)
}

pub(in crate::input) fn machine(asl: &str) -> (Machine, Sources) {
    let mut sources = Sources::default();
    let text: Arc<str> = asl.into();
    let file = sources.add("machine.asl.json", text.clone());
    let document = parse_json(&Text::of_file(file, &text)).unwrap_or_else(|problem| panic!("{problem:?} in {asl}"));
    let identity = Identity {
        name: "machine".to_owned(),
        named: Named { module: "machine.asl.json".into(), ..Named::default() },
        container: Container::File,
        kind: None,
        span: document.root.span,
    };
    (read(&document.root, identity), sources)
}
