//! For spreadsheets: every statement and every state machine, unknown values empty.

use super::words::{Part, columns, partitions};
use crate::cost::{Bill, Estimator, Priced, PricedMachine};
use crate::lake::{Spread, Usd};

const HEADER: &str = "name,file,line,kind,partitions_read,partitions_total,columns_read,columns_total,bytes_low,bytes_likely,\
                      bytes_high,usd_low,usd_likely,usd_high,runs_per_month,usd_per_month,basis";

/// RFC 4180 with line feeds.
pub(super) fn render(bill: &Bill<'_>, estimator: &Estimator<'_>) -> String {
    let mut out = format!("{HEADER}\n");
    let queries = bill.queries.iter().map(|priced| cells(priced, estimator));
    for cells in queries.chain(bill.machines.iter().map(of_machine)) {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    out
}

/// The columns about tables and bytes stay empty.
fn of_machine(machine: &PricedMachine<'_>) -> Vec<String> {
    let PricedMachine { workflow, file, line, estimate } = machine;
    let number = |number: Option<f64>| number.map_or(String::new(), |number| number.to_string());
    let usd = |usd: Option<Usd>| number(usd.map(|usd| usd.0));
    let mut cells = vec![text(&workflow.name), text(file), line.to_string(), "state-machine".to_string()];
    cells.extend(std::iter::repeat_n(String::new(), 7));
    cells.extend([estimate.usd.low, estimate.usd.likely, estimate.usd.high].map(usd));
    cells.extend([number(estimate.runs_per_month), usd(estimate.usd_per_month()), estimate.basis.to_string()]);
    cells
}

fn cells(priced: &Priced<'_>, estimator: &Estimator<'_>) -> Vec<String> {
    let estimate = &priced.estimate;
    let mut cells = vec![
        text(&priced.name),
        text(priced.file),
        priced.line.to_string(),
        super::json::kind(priced.query.kind).to_string(),
    ];
    for part in [partitions(priced.query, estimate, estimator.lake), columns(estimate)] {
        cells.extend(match part {
            Part::Of { read, total } => [read.to_string(), total.to_string()],
            Part::Nothing | Part::Unknown => [String::new(), String::new()],
        });
    }
    cells.extend(three(estimate.bytes.map(|bytes| bytes.map(|bytes| bytes.to_string()))));
    cells.extend(three(estimate.usd.map(|usd| usd.map(|Usd(usd)| usd.to_string()))));
    cells.push(estimate.runs_per_month.map_or(String::new(), |runs| runs.to_string()));
    cells.push(estimate.usd_per_month().map_or(String::new(), |usd| usd.0.to_string()));
    cells.push(estimate.basis.to_string());
    cells
}

fn three(spread: Option<Spread<String>>) -> [String; 3] {
    spread.map_or_else(Default::default, |Spread { low, likely, high }| [low, likely, high])
}

/// A text as a cell.
pub(in crate::output) fn cell(text: &str) -> String {
    quoted(&self::text(text))
}

/// A name as text: spreadsheets take what begins like this for a formula (<https://owasp.org/www-community/attacks/CSV_Injection>).
/// The `-` of standard input is none.
fn text(name: &str) -> String {
    let is_stdin = name == "-" || name.starts_with("-:");
    match name.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_stdin {
        true => format!("'{name}"),
        false => name.to_string(),
    }
}

fn quoted(cell: &str) -> String {
    match cell.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_and_quoted_where_they_must_be() {
        assert_eq!(cell("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
        assert_eq!(cell("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(cell("-1+1"), "'-1+1");
        assert_eq!((cell("-:1"), cell("a=b")), ("-:1".to_string(), "a=b".to_string()));
    }
}
