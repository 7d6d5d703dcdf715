//! A large compressed text file that only one reader can read.

use super::rule::rule;
use super::{Check, Context, Rule};
use crate::lake::{Bytes, FileFormat, Table, statement};

pub const RULE: Rule = rule!("huge-unsplittable-file", Check::Table(check));

fn check(table: &Table, cx: &mut Context<'_>) {
    let Some(layout) = &table.layout else { return };
    let limit = cx.params().bytes("max-file-size");
    let huge = layout.unsplittable.iter().filter(|object| object.bytes > limit).count();
    let Some(largest) = layout.unsplittable.first().filter(|_| huge > 0) else { return };
    let more = match huge {
        1 => String::new(),
        n => format!(" (and {} more of `{}`)", n - 1, table.name),
    };
    let message = format!(
        "`{}` is {} of compressed text that cannot be split{more}: one reader reads it from end to end",
        largest.key,
        Bytes(largest.bytes)
    );
    cx.report_table(table, message).object(&largest.key).help(
        match statement::Rewrite::to_format(table, FileFormat::Parquet, "_parquet") {
            Some(rewrite) => format!("write Parquet: {rewrite}; if it has to be text, in files of about 128 MB"),
            None => {
                "write Parquet or ORC; if it has to be text, write files of about 128 MB, or bzip2, which can be split"
                    .to_string()
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::super::example::{GIB, messages, table};
    use crate::lake::ObjectRef;

    #[test]
    fn only_large_files_are_found_once_per_table() {
        let with = |sizes: &[u64]| {
            let mut logs = table("lake.logs", &[], &[("", 3, 5 * GIB)]);
            if let Some(layout) = &mut logs.layout {
                layout.unsplittable =
                    sizes.iter().map(|bytes| ObjectRef { key: format!("raw/{bytes}.csv.gz"), bytes: *bytes }).collect();
            }
            messages("huge-unsplittable-file", vec![logs])
        };
        assert_eq!(with(&[2 * GIB, GIB + 1, 1000]).len(), 1);
        assert!(with(&[2 * GIB, 2 * GIB])[0].contains("(and 1 more of `lake.logs`)"));
        assert!(with(&[GIB / 4]).is_empty());
    }
}
