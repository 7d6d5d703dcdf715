//! Each format over a small hand-built lake.

use super::*;
use crate::finding::Severity;
use crate::triage::Fixture;

const QUERY: &str = "SELECT sum(amount)\nFROM lake.orders o\nJOIN lake.items i ON i.id = o.id\nWHERE o.ts > 1;\n";

fn usual() -> Fixture {
    Fixture::default()
        .file("queries/revenue.sql", QUERY)
        .file("ddl/orders.sql", "CREATE TABLE lake.orders (id int)\n")
        .at("lake.orders", Severity::High, "reads all 1,095 partitions (4.1 TB) of `lake.orders`")
        .help("add a predicate on `dt`, as in `dt >= date_format(current_date - interval '7' day, '%Y-%m-%d')`")
        .related(0, "o.ts > 1", "`ts` is no partition key")
        .related(1, "lake.orders", "declared here")
}

#[test]
fn a_finding_has_its_lines_its_related_places_and_a_help_that_can_be_copied() {
    insta::assert_snapshot!(usual().terminal(80), @r"
    high[missing-partition-filter]: reads all 1,095 partitions (4.1 TB) of
        `lake.orders`
     --> queries/revenue.sql:2:6
      |
    2 | FROM lake.orders o
      |      ^^^^^^^^^^^
    3 | JOIN lake.items i ON i.id = o.id
    4 | WHERE o.ts > 1;
      |       -------- `ts` is no partition key
      |
     ::: ddl/orders.sql:1:14
      |
    1 | CREATE TABLE lake.orders (id int)
      |              ----------- declared here
      |
      = help: add a predicate on `dt`, as in
              `dt >= date_format(current_date - interval '7' day, '%Y-%m-%d')`

    checked 2 files, 0 statements: 1 high
    ");
}
