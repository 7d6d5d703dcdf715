//! The program in a Jupyter notebook: its code cells, one below the other.

use std::ops::Range;

use crate::document::{Node, Text, TextBuilder};
use crate::lake::FileId;

/// Cell magics that run the cell as Python.
const PYTHON_MAGICS: [&str; 5] = ["%%time", "%%timeit", "%%capture", "%%prun", "%%python"];

/// The program of a notebook (<https://nbformat.readthedocs.io/en/latest/format_description.html>); `None` when it is none, or
/// one in another language. Lines for the shell and for IPython itself are left out.
pub(crate) fn program(notebook: &Node, file: FileId) -> Option<Text> {
    let cells = notebook.get("cells")?.as_list()?;
    let language = notebook
        .at(&["metadata", "kernelspec", "language"])
        .or_else(|| notebook.at(&["metadata", "language_info", "name"]))
        .and_then(Node::as_str);
    let kernel = notebook.at(&["metadata", "kernelspec", "name"]).and_then(Node::as_str);
    if !is_python(language, kernel) {
        return None;
    }
    let mut program = TextBuilder::new(file);
    for cell in cells.iter().filter(|cell| cell.get("cell_type").and_then(Node::as_str) == Some("code")) {
        let Some(source) = cell.get("source") else { continue };
        let texts: Vec<&Text> = match source.as_list() {
            Some(lines) => lines.iter().filter_map(Node::as_text).collect(),
            None => source.as_text().into_iter().collect(),
        };
        let first = texts.iter().map(|text| text.value.trim_start()).find(|text| !text.is_empty()).unwrap_or_default();
        if first.starts_with("%%") && !PYTHON_MAGICS.iter().any(|magic| first.starts_with(magic)) {
            continue;
        }
        for text in texts {
            lines(&text.value).filter(|line| !is_magic(&text.value[line.clone()])).for_each(|line| {
                program.push_part(text, line);
            });
        }
        program.push_opaque("\n", source.span);
    }
    Some(program.build())
}

/// Whether a notebook's cells are Python: by its language, by the name of its kernel, or because it says neither.
fn is_python(language: Option<&str>, kernel: Option<&str>) -> bool {
    let starts = |language: &str| {
        let language = language.to_ascii_lowercase();
        ["python", "ipython", "pyspark"].iter().any(|name| language.starts_with(name))
    };
    let names = |kernel: &str| {
        let kernel = kernel.to_ascii_lowercase();
        kernel.contains("python") || kernel.contains("pyspark")
    };
    match (language, kernel) {
        (None, None) => true,
        (language, kernel) => language.is_some_and(starts) || kernel.is_some_and(names),
    }
}

fn is_magic(line: &str) -> bool {
    line.trim_start().starts_with(['%', '!', '?'])
}

/// The lines of a text with their ends.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some(start..*at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_that_of_the_kernel_or_its_name() {
        for (language, kernel, expected) in [
            (None, None, true),
            (Some("python"), None, true),
            (Some("Python3"), None, true),
            (Some("ipython"), Some("x"), true),
            (Some("scala"), Some("spark"), false),
            (Some("R"), None, false),
            (None, Some("pysparkkernel"), true),
            (None, Some("conda_python3"), true),
            (None, Some("glue_pyspark"), true),
            (None, Some("sparkkernel"), false),
        ] {
            assert_eq!(is_python(language, kernel), expected, "{language:?} {kernel:?}");
        }
    }
}
