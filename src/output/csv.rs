//! For spreadsheets: a row per finding, unknown values empty. docs/json.md says what each column is.

use super::cost::cell;
use crate::controls::visible_name;
use crate::finding::{Billed, Waste};
use crate::triage::{Found, Report};

const HEADER: &str = "rule,severity,confidence,file,line,column,end_line,end_column,table,object,message,help,billed,bytes_before,\
                      bytes_after,requests_before,requests_after,usd_before,usd_after,usd_per_month,at_most,basis,fix,fingerprint";

/// RFC 4180 with line feeds, one line for each finding: line feeds in a name are written as JSON writes them.
pub(super) fn render(report: &Report) -> String {
    let rows = report.findings.iter().map(|found| row(found).join(",") + "\n");
    format!("{HEADER}\n{}", rows.collect::<String>())
}

fn row(found: &Found) -> Vec<String> {
    let finding = &found.finding;
    let name = |name: &Option<String>| name.as_deref().map_or_else(String::new, text);
    let (start, end) = found.place.range.unzip();
    let place = [start.map(|at| at.line), start.map(|at| at.column), end.map(|at| at.line), end.map(|at| at.column)];
    let mut cells = vec![finding.rule.to_string(), finding.severity.to_string(), finding.confidence.to_string()];
    cells.push(name(&found.place.file));
    cells.extend(place.map(written));
    cells.extend([name(&finding.table), name(&finding.object), text(&finding.message), name(&finding.help)]);
    cells.extend(finding.waste.as_ref().map_or_else(Default::default, money));
    cells.push(found.fingerprint.clone());
    cells
}

/// The columns from `billed` to `fix`.
fn money(waste: &Waste) -> [String; 11] {
    let billed = match waste.billed {
        Billed::Scan => "scan",
        Billed::Storage => "storage",
        Billed::Requests => "requests",
    };
    [
        billed.to_string(),
        waste.bytes.before.to_string(),
        waste.bytes.after.to_string(),
        written(waste.requests.map(|requests| requests.before)),
        written(waste.requests.map(|requests| requests.after)),
        waste.usd.before.0.to_string(),
        waste.usd.after.0.to_string(),
        written(waste.usd_per_month.map(|usd| usd.0)),
        waste.is_most.to_string(),
        waste.basis().to_string(),
        text(&waste.fix),
    ]
}

fn text(text: &str) -> String {
    cell(&visible_name(text))
}

fn written(number: Option<impl ToString>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use crate::output::Format;
    use crate::output::tests::{folder, odd, priced, usual};

    #[test]
    fn a_row_has_its_money_or_empty_cells() {
        let text = priced(usual(), 12.5).render(Format::Csv, &folder());
        let row = text.lines().nth(1).expect("a row");
        assert!(
            row.starts_with("missing-partition-filter,high,high,queries/revenue.sql,2,6,2,17,,,\"reads all 1,095"),
            "{row}"
        );
        let fingerprint = &usual().report().findings[0].fingerprint;
        let money = "scan,4100000000000,26200000000,,,20.5,0.131,12.5,false,measured,with `dt = '2025-06-29'`";
        assert!(row.ends_with(&format!(",{money},{fingerprint}")), "{row}");
        let text = odd().render(Format::Csv, &folder());
        assert!(text.contains("\nunreadable-sql,high,high,../x.sql,,,,,,,is not UTF-8,,,,,,,,,,,,,"), "{text}");
        assert!(text.contains(",\"a dir/50%, é:1.sql\",1,8,1,12,,,\"100% of `t`,\\u000aand: more\",,"), "{text}");
    }
}
