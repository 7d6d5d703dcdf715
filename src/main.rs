//! The `lakelint` binary: parse arguments, call a command, map its result to an exit status.
#![allow(missing_docs)]

fn main() {}
