//! The estimates of `lakelint cost` in each format.

mod json;

pub use json::json;
