//! Scans of AWS: the program and the real SDK clients against servers on loopback that the tests start themselves.
#![cfg(feature = "aws")]

mod aggregate;
mod child;
mod fake;
#[cfg(feature = "glue")]
mod glue;
mod history;
#[cfg(feature = "glue")]
mod iceberg;
mod inventory;
mod listing;
#[cfg(feature = "sfn")]
mod machines;
mod moto;
mod server;
mod shape;
