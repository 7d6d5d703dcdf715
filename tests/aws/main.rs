//! Scans of AWS: the program and the real SDK clients against servers on loopback that the tests start themselves.
#![cfg(feature = "aws")]

mod aggregate;
mod changing;
mod child;
mod columnar;
mod fake;
mod footers;
#[cfg(feature = "glue")]
mod glue;
mod history;
mod hostile;
#[cfg(feature = "glue")]
mod iceberg;
mod interrupt;
mod inventory;
mod listing;
#[cfg(feature = "sfn")]
mod machines;
mod moto;
#[cfg(all(feature = "glue", feature = "sfn"))]
mod moto_clients;
#[path = "../program/hostile_names.rs"]
mod names;
#[path = "../needed/mod.rs"]
mod needed;
mod policy;
#[path = "../python/mod.rs"]
mod python;
#[cfg(all(feature = "glue", feature = "sfn"))]
mod secrets;
mod server;
mod shape;
mod unreachable;
