//! The text of a `.tf` file to a tree, or to the place where reading stopped.

use std::sync::Arc;

use hcl_edit::parser;

use super::convert::Converter;
use super::{HclFile, comments};
use crate::document::{Problem, Text};

/// Keys that occur twice in an object, per file. Terraform takes the last one, the parser takes none.
const MAX_DUPLICATES: usize = 64;

/// Reads a whole `.tf` file.
pub fn parse_hcl(text: &Text) -> Result<HclFile, Problem> {
    let body = parse_masked(text)?;
    let body = Converter { text }.body(&body);
    Ok(HclFile { span: text.map.span(0..text.value.len()), body, comments: comments::comments(text) })
}

/// Parses the text with the later one of two equal keys written in another way: the tree has the same places, and names are
/// read from the text itself.
fn parse_masked(text: &Text) -> Result<hcl_edit::structure::Body, Problem> {
    let mut masked = without_byte_order_mark(&text.value);
    let mut tries = 0;
    loop {
        let error = match parser::parse_body(&masked) {
            Ok(body) => return Ok(body),
            Err(error) => error,
        };
        let at = error.location().offset();
        tries += 1;
        match mask_key(&masked, at, tries) {
            Some(next) if is_duplicate_key(&error) && tries <= MAX_DUPLICATES => masked = next,
            _ => return Err(problem(text, &error)),
        }
    }
}

fn without_byte_order_mark(text: &Arc<str>) -> String {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => format!("   {rest}"),
        None => text.to_string(),
    }
}

fn is_duplicate_key(error: &parser::Error) -> bool {
    error.message().contains("redefined object key")
}

/// The text with another key at `at`, as many bytes long.
fn mask_key(text: &str, at: usize, salt: usize) -> Option<String> {
    let rest = text.get(at..)?;
    let start = at + rest.starts_with('"') as usize;
    let is_key = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '$' | ':' | ' ' | '/');
    let is_bare = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let key = text.get(start..)?.chars();
    let len: usize = match start > at {
        true => key.take_while(is_key).map(char::len_utf8).sum(),
        false => key.take_while(is_bare).map(char::len_utf8).sum(),
    };
    let mut number = salt;
    let mut name = Vec::with_capacity(len);
    for _ in 0..len {
        name.push(b'a' + (number % 26) as u8);
        number /= 26;
    }
    let name = String::from_utf8(name).ok().filter(|name| !name.is_empty())?;
    Some(format!("{}{name}{}", &text[..start], &text[start + len..]))
}

fn problem(text: &Text, error: &parser::Error) -> Problem {
    let len = text.value.len();
    let mut at = error.location().offset().min(len);
    while !text.value.is_char_boundary(at) {
        at -= 1;
    }
    let end = text.value[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    let what = match error.message() {
        message if message.contains("redefined attribute") => "an attribute is set twice".to_string(),
        message => format!("it is not valid HCL: {message}"),
    };
    Problem {
        span: text.map.span(at..end),
        message: format!("cannot read this Terraform file: {what}"),
        help: "correct the syntax here; `terraform validate` reports the same file".to_string(),
    }
}
