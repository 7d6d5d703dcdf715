//! The collector on its own: its result depends on the objects, not on their order.

use proptest::prelude::*;

use super::super::finish::Collected;
use super::*;
use crate::expr::ColumnType;
use crate::lake::{DeclaredBy, Location, PartitionKey, TableName};

fn tables() -> Vec<Table> {
    let table = |name: &str, location: &str, keys: &[&str]| {
        let mut table = Table::new(TableName::parse(name), DeclaredBy::Ddl);
        table.location = Some(Location::parse(location));
        table.partition_keys = keys.iter().map(|k| PartitionKey::new(k, ColumnType::String)).collect();
        table
    };
    vec![table("a", "s3://b/a", &["dt"]), table("nested", "s3://b/a/x", &[]), table("same", "s3://b/a/x", &[])]
}

fn collect(objects: &[(String, u64)]) -> Collected {
    let tables = tables();
    let scope = Scope::of_keys("listing", Some("b".into()), "", &tables);
    let mut collector = Collector::default();
    for (key, size) in objects {
        collector.add(&scope, &tables, Object::new(key, *size), None);
    }
    collector.finish(&tables)
}

/// Paths that meet every case: described, nested, derived with and without keys, hidden, above partitions.
fn object() -> impl Strategy<Value = (String, u64)> {
    let folder = prop::sample::select(vec!["a", "x", "raw", "dt=1", "dt=01", "dt=2", "date=1", "_tmp", "h=1"]);
    let name = prop::sample::select(vec!["f.csv", "g.json.gz", "_SUCCESS", "", "p.parquet", "n.md"]);
    (prop::collection::vec(folder, 0..4), name, 0u64..9).prop_map(|(mut parts, name, size)| {
        parts.push(name);
        (parts.join("/"), size)
    })
}

proptest! {
    #[test]
    fn the_order_of_objects_does_not_matter(
        (objects, shuffled) in prop::collection::vec(object(), 0..40)
            .prop_flat_map(|objects| (Just(objects.clone()), Just(objects).prop_shuffle()))
    ) {
        prop_assert_eq!(format!("{:#?}", collect(&objects)), format!("{:#?}", collect(&shuffled)));
    }

    #[test]
    fn any_key_is_taken_without_a_panic(keys in prop::collection::vec("[a-z=/_.%\u{e9} ]{0,12}", 0..12)) {
        collect(&keys.into_iter().map(|k| (k, 1)).collect::<Vec<_>>());
    }
}

#[test]
fn tables_at_one_place_and_nested_tables_have_their_own_objects() {
    let objects = [("a/dt=1/f", 1), ("a/x/f", 2), ("a/x/y/f", 4)].map(|(k, s)| (k.to_string(), s));
    let collected = collect(&objects);
    let bytes: Vec<u64> = collected.layouts.values().map(|m| m.bytes().0).collect();
    assert_eq!(bytes, [1, 6, 6]);
}
