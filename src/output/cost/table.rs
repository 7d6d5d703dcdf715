//! For people: a row per billed statement and per state machine, totals, and what the numbers rest on.

use std::collections::HashSet;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::notes::notes;
use super::sheet::{Column, Sheet, What};
use super::{View, explain, machines};
use crate::cost::{Bill, Estimator, Priced};
use crate::output::terminal::clean;
use crate::output::wrap::wrap;

/// The whole report, wrapped to the width.
pub(super) fn render(bill: &Bill<'_>, estimator: &Estimator<'_>, view: &View) -> String {
    let billed: Vec<&Priced<'_>> = bill.billed().collect();
    let mut out = String::new();
    let mut notes = notes(bill, &billed, estimator);
    if billed.is_empty() && bill.machines.is_empty() {
        out.push_str("no statement that is billed\n");
    } else if !billed.is_empty() {
        let fitted = Fitted::to(Sheet::of(bill, &billed, estimator), view.width);
        out.push_str(&fitted.render(view.color));
        out.push('\n');
        notes.splice(0..0, fitted.note());
    }
    if !bill.machines.is_empty() {
        let (table, left_out) = machine_table(machines::columns(bill), view);
        out.push_str(&table);
        out.push('\n');
        notes.splice(0..0, left_out);
    }
    if view.explain {
        for priced in &billed {
            out.push_str(&explain::render(priced, estimator));
            out.push('\n');
        }
        for machine in &bill.machines {
            machines::explain(machine).iter().for_each(|line| out.push_str(&format!("{}\n", clean(line).trim_end())));
            out.push('\n');
        }
    }
    for note in notes {
        out.push_str(&note_lines(&note, view.width));
    }
    out
}

/// The table of the machines; in a narrow terminal without its less needed columns, which are named.
fn machine_table(mut columns: Vec<machines::Column>, view: &View) -> (String, Option<String>) {
    let width = |columns: &[machines::Column]| {
        let widest = |column: &machines::Column| {
            column.cells.iter().map(|cell| cell.width()).max().unwrap_or(0).max(column.header.width())
        };
        columns[1..].iter().map(|column| widest(column) + GAP).sum::<usize>()
    };
    let mut left_out = Vec::new();
    for header in ["transitions", "basis", "at least"] {
        if view.width.saturating_sub(width(&columns)) < telling_width(&columns[0].cells) {
            columns.retain(|column| column.header != header);
            left_out.push(header);
        }
    }
    let room = view.width.saturating_sub(width(&columns)).max(NAME / 2);
    columns[0].cells.iter_mut().for_each(|name| *name = shortened(name, room));
    let note = format!("not shown of state machines for lack of room: {}", left_out.join(", "));
    let columns = columns.iter().map(|column| (column.header, column.is_number, column.cells.as_slice()));
    (grid(&columns.collect::<Vec<_>>(), view.color), (!left_out.is_empty()).then_some(note))
}

/// Columns of a header, whether they are numbers, and cells.
pub(in crate::output) fn grid(columns: &[(&str, bool, &[String])], color: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let cell = |is_number: bool, text: &str| match is_number {
        true => Cell::new(text).set_alignment(CellAlignment::Right),
        false => Cell::new(text),
    };
    table.set_header(columns.iter().map(|(header, is_number, _)| cell(*is_number, header)));
    for row in 0..columns[0].2.len() {
        table.add_row(columns.iter().map(|(_, is_number, cells)| cell(*is_number, &cells[row])));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP as u16));
    }
    let text: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    match (color, text.split_once('\n')) {
        (true, Some((header, rest))) => format!("\u{1b}[1m{header}\u{1b}[0m\n{rest}"),
        _ => text,
    }
}

/// Continuation lines are indented like those of a list.
pub(in crate::output) fn note_lines(note: &str, width: usize) -> String {
    let lines = wrap(&clean(note), width.saturating_sub(2));
    let indented = lines.iter().enumerate().map(|(i, line)| format!("{}{line}\n", if i == 0 { "" } else { "  " }));
    indented.collect()
}

/// Spaces between columns.
const GAP: usize = 2;
/// Names are not cut shorter than this, nor until they are the same, while another column can go.
const NAME: usize = 20;
/// What goes where there is no room for it, first things first, after the basis became a mark.
const LESS_NEEDED: [What; 4] = [What::Columns, What::Partitions, What::Low, What::High];

/// A sheet that fits the terminal.
struct Fitted {
    columns: Vec<Column>,
    left_out: Vec<&'static str>,
    /// Whether likely bytes that rest on assumptions carry a `~` in place of the basis.
    is_marked: bool,
}

impl Fitted {
    fn to(sheet: Sheet, width: usize) -> Fitted {
        let mut fitted = Fitted { columns: sheet.columns, left_out: Vec::new(), is_marked: false };
        let needed = telling_width(&fitted.columns[0].cells);
        if fitted.room_for_names(width) < needed {
            fitted.mark();
        }
        for what in LESS_NEEDED {
            if fitted.room_for_names(width) < needed {
                fitted.columns.retain(|column| column.what != what);
                fitted.left_out.push(what.header());
            }
        }
        let room = fitted.room_for_names(width).max(NAME / 2);
        for name in &mut fitted.columns[0].cells {
            *name = shortened(name, room);
        }
        fitted
    }

    /// What the other columns leave of the width.
    fn room_for_names(&self, width: usize) -> usize {
        let others: usize = self.columns[1..].iter().map(|column| column.width() + GAP).sum();
        width.saturating_sub(others)
    }

    /// Says the basis with a mark, and shortens headers.
    fn mark(&mut self) {
        let Some(at) = self.columns.iter().position(|column| column.what == What::Basis) else { return };
        let basis = self.columns.remove(at);
        for column in &mut self.columns {
            column.header = column.what.short_header();
            if column.what == What::Likely {
                for (cell, basis) in column.cells.iter_mut().zip(&basis.cells) {
                    if basis == "assumed" {
                        self.is_marked = true;
                        cell.insert(0, '~');
                    }
                }
            }
        }
    }

    fn note(&self) -> Option<String> {
        let mark = self.is_marked.then(|| "`~` is assumed, not measured".to_string());
        let left_out = (!self.left_out.is_empty())
            .then(|| format!("not shown for lack of room: {}; `--format csv` has them", self.left_out.join(", ")));
        let parts: Vec<String> = mark.into_iter().chain(left_out).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    fn render(&self, color: bool) -> String {
        let columns: Vec<(&str, bool, &[String])> = self
            .columns
            .iter()
            .map(|column| (column.header, column.what.is_number(), column.cells.as_slice()))
            .collect();
        grid(&columns, color)
    }
}

/// The least width at which shortened names are still told apart.
fn telling_width(names: &[String]) -> usize {
    let different = |names: &mut dyn Iterator<Item = String>| names.collect::<HashSet<String>>().len();
    let all = different(&mut names.iter().cloned());
    let longest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let tells = |width: &usize| different(&mut names.iter().map(|name| shortened(name, *width))) == all;
    (NAME..longest).step_by(4).find(tells).unwrap_or(longest)
}

/// A name that is too wide without its middle; more is kept of the end, which tells statements of one file apart.
fn shortened(name: &str, width: usize) -> String {
    if name.width() <= width {
        return name.to_string();
    }
    let head = width.saturating_sub(1) / 3;
    let tail = width.saturating_sub(1 + head);
    let fits = |room: usize| {
        let mut used = 0;
        move |c: &char| {
            used += c.width().unwrap_or(0);
            used <= room
        }
    };
    let start: String = name.chars().take_while(fits(head)).collect();
    let mut end: Vec<char> = name.chars().rev().take_while(fits(tail)).collect();
    end.reverse();
    format!("{start}…{}", end.into_iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(name: &str) -> Sheet {
        let cells =
            [name, "1,096/1,096", "24/24", "125.8 GB", "125.8 GB", "125.8 GB", "$0.00005", "$1,234.50", "assumed"];
        let columns = What::ALL.iter().zip(cells);
        Sheet { columns: columns.map(|(what, cell)| Column::new(*what, vec![cell.to_string()])).collect() }
    }

    fn shown(name: &str, width: usize) -> (Vec<What>, String) {
        let fitted = Fitted::to(sheet(name), width);
        assert!(fitted.render(false).lines().all(|line| line.width() <= width), "{}", fitted.render(false));
        (fitted.columns.iter().map(|column| column.what).collect(), fitted.columns[0].cells[0].clone())
    }

    #[test]
    fn what_is_needed_least_goes_first() {
        let name = "models/marts/visitors_by_campaign.sql:2";
        assert_eq!(shown(name, 160), (What::ALL.to_vec(), name.to_string()));
        let (columns, cut) = shown(name, 112);
        assert_eq!((columns.len(), cut.as_str()), (9, "models/ma…rs_by_campaign.sql:2"));
        let (columns, cut) = shown(name, 80);
        let narrow = [What::Query, What::Partitions, What::Low, What::Likely, What::High, What::Run, What::Month];
        assert!(columns == narrow || columns == [&narrow[..1], &narrow[2..]].concat(), "{columns:?}");
        assert!(cut.ends_with("campaign.sql:2"), "{cut}");
        assert_eq!(shown("q.sql:2", 80).1, "q.sql:2");
    }

    #[test]
    fn an_assumed_figure_is_marked_where_the_basis_has_no_room() {
        let fitted = Fitted::to(sheet("models/marts/visitors_by_campaign.sql:2"), 80);
        assert!(fitted.render(false).contains("~125.8 GB"));
        let note = fitted.note().expect("a mark");
        assert!(note.starts_with("`~` is assumed, not measured; not shown for lack of room: columns"), "{note}");
        assert_eq!(Fitted::to(sheet("q.sql:2"), 120).note(), None);
    }

    #[test]
    fn names_that_differ_in_the_middle_get_more_room() {
        let mut columns = sheet("orders_in_2024_by_country_and_customer.sql:1").columns;
        let again: Vec<Column> = sheet("orders_in_2025_by_country_and_customer.sql:1").columns;
        columns.iter_mut().zip(again).for_each(|(column, more)| column.cells.extend(more.cells));
        let names = &Fitted::to(Sheet { columns }, 80).columns[0].cells;
        assert!(names[0] != names[1], "{names:?}");
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(shortened("売上集計レポート.sql:12", 14), "売上…ト.sql:12");
        assert_eq!(shortened("short", 5), "short");
    }
}
