//! Statements of which only the deployment knows a clause.

use std::ops::Range;

use crate::document::Text;
use crate::lake::Span;
use crate::sql;

/// Longest placeholder that is told as it is written, in characters.
const LONGEST: usize = 60;

/// Longest placeholder that is looked for, in characters: one that never ends would be looked through again from each start.
const MOST: usize = 10_000;

/// Where a placeholder stands that may be what a text lacks to be SQL, and the end of a sentence that starts with that text. `None`
/// where all of it can be read, and where what cannot be read is written out.
pub(super) fn open_clause(text: &Text) -> Option<(Span, String)> {
    let holes = holes(&text.value);
    if holes.is_empty() {
        return None;
    }
    let open = sql::split(&text.value).into_iter().find_map(|statement| {
        let problem = sql::parse(text.map.file(), &text.value, statement.clone()).err()?;
        let mut inside = holes.iter().filter(|hole| statement.contains(&hole.start)).peekable();
        let first = *inside.peek()?;
        // What stands before the place where reading stopped has been read so far.
        let last = inside.take_while(|hole| hole.start <= problem.range.end).last();
        Some(last.unwrap_or(first).clone())
    })?;
    let written = text.value[open.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
    let told = match written.chars().count() {
        0..=LONGEST => format!("holds `{written}`"),
        _ => "holds an expression".to_string(),
    };
    Some((text.map.span(open), format!("{told}, which only the deployment knows")))
}

/// The placeholders of a text, each with those inside of it.
fn holes(text: &str) -> Vec<Range<usize>> {
    let mut holes: Vec<Range<usize>> = Vec::new();
    for (start, _) in text.match_indices("${").chain(text.match_indices("{{resolve:")) {
        let mut depth = 0_usize;
        let end = text[start..].char_indices().take(MOST).find(|(_, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => return false,
            }
            depth == 0
        });
        let Some((end, _)) = end else { continue };
        let hole = start..start + end + 1;
        if !holes.iter().any(|outer| outer.contains(&hole.start)) {
            holes.push(hole);
        }
    }
    holes.sort_by_key(|hole| hole.start);
    holes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lake::FileId;

    fn told(sql: &str) -> Option<String> {
        open_clause(&Text::of_file(FileId(0), &sql.into())).map(|(span, reason)| format!("{} {reason}", span.start))
    }

    #[test]
    fn what_only_the_deployment_knows_may_be_a_clause() {
        let of = |sql: &str, at: &str| {
            let start = sql.find(at).expect("the placeholder");
            assert_eq!(told(sql), Some(format!("{start} holds `{at}`, which only the deployment knows")), "{sql}");
        };
        of("SELECT v FROM orders a ${var.where_clause}", "${var.where_clause}");
        of(
            "SELECT v FROM orders a ${var.days > 0 ? WHERE dt > '${var.days}' : }",
            "${var.days > 0 ? WHERE dt > '${var.days}' : }",
        );
        of("SELECT v, '${var.a}' x FROM ${var.db}.orders GROUP BY 1 ${var.order} LIMIT 5", "${var.order}");
        of("SELECT 1; SELECT v FROM t a\n${Fn::If}", "${Fn::If}");
        of("SELECT v FROM t a {{resolve:ssm:/where}}", "{{resolve:ssm:/where}}");
    }

    #[test]
    fn what_is_written_out_is_to_be_mended() {
        for sql in [
            "SELECT v FROM orders WHERE dt = '${day}'",
            "SELECT v FROM orders a b c",
            "SELECT v FROM orders a b c; SELECT '${day}'",
            "SELECT v FROM orders a b ${open",
        ] {
            assert_eq!(told(sql), None, "{sql}");
        }
    }
}
