//! The collector on its own: its result depends on the objects, not on their order.

use proptest::prelude::*;

use super::super::finish::Collected;
use super::*;
use crate::expr::ColumnType;
use crate::input::layout::{Run, Sampling, State};
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

/// An object that owns its key.
#[derive(Debug, Clone)]
struct Owned {
    key: String,
    size: u64,
    class: Option<StorageClass>,
    modified: Option<i64>,
    state: State,
}

impl Owned {
    fn new(key: &str, size: u64) -> Owned {
        Owned { key: key.to_string(), size, class: None, modified: None, state: State::Current }
    }

    fn object(&self) -> Object<'_> {
        Object { key: &self.key, size: self.size, class: self.class, modified: self.modified, state: self.state }
    }

    fn split(&self) -> (&str, &str) {
        self.key.rsplit_once('/').unwrap_or(("", &self.key))
    }
}

/// Under each prefix: a listing's own, and one that keys lie below or not.
const PREFIXES: [&str; 2] = ["", "a"];

fn collect(objects: &[Owned], prefix: &str) -> Collected {
    let tables = tables();
    let scope = Scope::of_keys("listing", Some("b".into()), prefix, &tables);
    let mut collector = Collector::default();
    for object in objects {
        collector.add(&scope, &tables, object.object(), None);
    }
    collector.finish(&tables)
}

/// As tallies: those objects that share a part and a folder are added up, and go in as text would bring them back.
fn collect_tallies(objects: &[(Owned, u8)], prefix: &str) -> Collected {
    let tables = tables();
    let scope = Scope::of_keys("listing", Some("b".into()), prefix, &tables);
    let mut runs: BTreeMap<(u8, &str), Run> = BTreeMap::new();
    for (object, part) in objects {
        let (folder, name) = object.split();
        runs.entry((*part, folder)).or_default().add(name, &object.object());
    }
    let mut collector = Collector::default();
    for ((part, folder), run) in runs {
        match part {
            0 => collector.add_run(&scope, &tables, folder, &run),
            _ => {
                for tally in run.tallies(folder) {
                    let line = serde_json::to_string(&tally).expect("text");
                    collector.add_tally(&scope, &tables, &serde_json::from_str(&line).expect("tally"));
                }
            }
        }
    }
    collector.finish(&tables)
}

/// Paths that meet every case: described, nested, derived with and without keys, hidden, above partitions.
fn object() -> impl Strategy<Value = Owned> {
    let folder = prop::sample::select(vec!["a", "x", "raw", "dt=1", "dt=01", "dt=2", "date=1", "_tmp", "h=1", ""]);
    let name =
        prop::sample::select(vec!["f.csv", "g.json.gz", "h.json.gz", "_SUCCESS", "", "p.parquet", "n.md", "q.GZ"]);
    let class = prop::sample::select(vec![None, Some(StorageClass::Standard), Some(StorageClass::Glacier)]);
    let state = prop::sample::select(vec![
        State::Current,
        State::Current,
        State::Current,
        State::Noncurrent,
        State::DeleteMarker,
        State::Upload,
    ]);
    let modified = prop::option::of(-3i64..9);
    let parts = prop::collection::vec(folder, 0..4);
    (parts, name, 0u64..9, class, modified, state).prop_map(|(mut parts, name, size, class, modified, state)| {
        parts.push(name);
        Owned { key: parts.join("/"), size, class, modified, state }
    })
}

proptest! {
    #[test]
    fn the_order_of_objects_does_not_matter(
        (objects, shuffled) in prop::collection::vec(object(), 0..40)
            .prop_flat_map(|objects| (Just(objects.clone()), Just(objects).prop_shuffle()))
    ) {
        for prefix in PREFIXES {
            prop_assert_eq!(format!("{:#?}", collect(&objects, prefix)), format!("{:#?}", collect(&shuffled, prefix)));
        }
    }

    #[test]
    fn tallies_count_as_their_objects_do(objects in prop::collection::vec((object(), 0u8..3), 0..40)) {
        let single: Vec<Owned> = objects.iter().map(|(object, _)| object.clone()).collect();
        for prefix in PREFIXES {
            let tallies = format!("{:#?}", collect_tallies(&objects, prefix));
            prop_assert_eq!(format!("{:#?}", collect(&single, prefix)), tallies);
        }
    }

    #[test]
    fn any_key_is_taken_without_a_panic(keys in prop::collection::vec("[a-z=/_.%\u{e9} ]{0,12}", 0..12)) {
        let objects: Vec<Owned> = keys.iter().map(|key| Owned::new(key, 1)).collect();
        PREFIXES.iter().for_each(|prefix| drop(collect(&objects, prefix)));
    }
}

#[test]
fn what_no_query_sees_counts_nowhere_else() {
    let states = [State::Noncurrent, State::DeleteMarker, State::Upload];
    let mut objects: Vec<Owned> =
        ["a/dt=1/f.csv", "raw/t/f.csv", "raw/k/dt=1/f.csv"].map(|key| Owned::new(key, 5)).to_vec();
    for key in [
        "a/dt=1/f.csv",
        "a/dt=9/f.csv",
        "raw/t/f.csv",
        "raw/t/old/f.csv",
        "raw/k/dt=1/f.csv",
        "raw/k/dt=7/f.csv",
        "gone/f.csv",
    ] {
        objects.extend(states.map(|state| Owned { state, ..Owned::new(key, 3) }));
    }
    let collected = collect(&objects, "");
    let layouts = collected.layouts.values().chain(collected.derived.iter().filter_map(|table| table.layout.as_ref()));
    let found: Vec<_> = layouts
        .map(|layout| {
            let Oddities { noncurrent, delete_markers, unfinished_uploads, .. } = &layout.oddities;
            let odd = [noncurrent, delete_markers, unfinished_uploads].map(|oddity| (oddity.objects, oddity.bytes));
            (layout.files(), layout.bytes().0, layout.partitions.len(), odd)
        })
        .collect();
    assert_eq!(found, vec![(1, 5, 1, [(2, 6); 3]); 3]);
}

#[test]
fn classes_and_times_of_change_are_kept() {
    let mut objects: Vec<Owned> =
        ["a/dt=1/f.csv", "a/dt=1/g.csv", "a/dt=1/h.csv"].map(|key| Owned::new(key, 5)).to_vec();
    objects[0].class = Some(StorageClass::Standard);
    objects[0].modified = Some(20);
    objects[1].modified = Some(10);
    objects[2].class = Some(StorageClass::DeepArchive);
    objects[2].modified = Some(30);
    let layout = &collect(&objects, "").layouts[&0];
    let classes: Vec<_> = layout.classes.iter().map(|(class, usage)| (*class, usage.files, usage.bytes)).collect();
    assert_eq!(classes, [(StorageClass::Standard, 1, 5), (StorageClass::DeepArchive, 1, 5)]);
    assert_eq!(layout.partitions[0].newest, Some(20), "what is archived is not read");
    assert_eq!((layout.partitions[0].files, layout.oddities.archived.objects), (2, 1));
}

#[test]
fn tables_at_one_place_and_nested_tables_have_their_own_objects() {
    let objects = [("a/dt=1/f", 1), ("a/x/f", 2), ("a/x/y/f", 4)].map(|(key, size)| Owned::new(key, size));
    let collected = collect(&objects, "");
    let bytes: Vec<u64> = collected.layouts.values().map(|m| m.bytes().0).collect();
    assert_eq!(bytes, [1, 6, 6]);
}

#[test]
fn of_objects_a_bounded_sample_is_kept_in_which_every_folder_comes_first() {
    let tables = [];
    let scope = Scope::of_keys("s3://b/", Some("b".into()), "", &tables);
    let names: Vec<String> = (0..20).map(|i| format!("part-{i}.parquet")).collect();
    let sampled = |most: usize| {
        let mut collector = Collector::default();
        collector.start_sampling(Sampling { of_table: most, of_folder: 3 });
        for day in 1..=5 {
            let mut run = Run::sampling(3);
            names.iter().for_each(|name| run.add(name, &Object::new(name, 100 + day)));
            run.add("_SUCCESS", &Object::new("_SUCCESS", 9));
            run.add("notes.csv", &Object::new("notes.csv", 9));
            collector.add_run(&scope, &tables, &format!("t/dt={day}"), &run);
        }
        let collected = collector.finish(&tables);
        let layout = collected.derived[0].layout.clone().expect("layout");
        let file = |file: &crate::lake::ColumnarFile| {
            let FileAt::Object(key) = &file.at else { panic!("{file:?}") };
            (file.partition, key.to_string())
        };
        layout.columnar.iter().map(file).collect::<Vec<_>>()
    };
    let partitions = |most| sampled(most).iter().map(|(partition, _)| *partition).collect::<Vec<_>>();
    assert_eq!(partitions(5), [0, 1, 2, 3, 4]);
    assert_eq!(partitions(100), [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
    assert_eq!(partitions(7).len(), 7);
    assert!(sampled(0).is_empty());
    assert!(sampled(5)[0].1.starts_with("s3://b/t/dt=1/part-"), "{:?}", sampled(5));
    assert_eq!(sampled(7), sampled(7));
}

#[test]
fn the_sample_does_not_depend_on_how_a_listing_comes() {
    let scope = Scope::of_keys("s3://b/", Some("b".into()), "", &[]);
    let sampling = Sampling { of_table: 40, of_folder: 16 };
    let keys: Vec<String> =
        (0..3).flat_map(|day| (0..100).map(move |i| format!("t/dt={day}/part-{i}.parquet"))).collect();
    let sampled = |order: &dyn Fn(&mut Vec<&String>), page: usize| {
        let mut collector = Collector::default();
        collector.start_sampling(sampling);
        let mut keys: Vec<&String> = keys.iter().collect();
        order(&mut keys);
        for page in keys.chunks(page) {
            page.iter().for_each(|key| collector.add(&scope, &[], Object::new(key, 9), None));
            // Another span's page lies in between.
            collector.add(&scope, &[], Object::new("u/dt=1/a.csv", 9), None);
        }
        let collected = collector.finish(&[]);
        collected.derived[0].layout.clone().expect("layout").columnar
    };
    let whole = sampled(&|_| {}, 1_000);
    assert_eq!(whole.len(), 40);
    assert_eq!(sampled(&|_| {}, 7), whole);
    assert_eq!(sampled(&|keys| keys.reverse(), 11), whole);
    assert_eq!(sampled(&|keys| keys.sort_by_key(|key| key.len() * 31 % 7), 3), whole);
}
