//! Tables that several templates or modules declare by one name: an environment each, or what was built out of another. What all of
//! them say is kept.

use std::collections::BTreeMap;

use super::catalog::is_open;
use crate::input::lake_source::LakeSource;
use crate::lake::{DeclaredBy, Location, Table, TableName};

/// Where the declarations of one table put it, when they do not agree.
pub(in crate::input) type Places = BTreeMap<TableName, Vec<Place>>;

/// Where one of the declarations puts a table.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::input) struct Place {
    location: Location,
    /// `storage.location.template`.
    template: Option<String>,
}

/// One table for each name, in the order of the first ones. None for a name that says nothing of which table it is, since only the
/// deployment knows what it stands for in each template, and none where the declarations do not agree on the partition keys: nobody
/// can tell which one is meant.
pub(super) fn agreed(tables: Vec<Table>) -> (Vec<Table>, Places) {
    let mut order = Vec::new();
    let mut by_name: BTreeMap<TableName, Vec<Table>> = BTreeMap::new();
    for table in tables {
        let of_name = by_name.entry(table.name.clone()).or_default();
        if of_name.is_empty() {
            order.push(table.name.clone());
        }
        of_name.push(table);
    }
    let mut places = Places::new();
    let mut one = |name: TableName| {
        let declared = by_name.remove(&name)?;
        if declared.len() > 1 && name.0.iter().any(|part| is_open(part)) {
            return None;
        }
        let mut candidates: Vec<Place> = Vec::new();
        for place in declared.iter().filter_map(Place::of) {
            if !candidates.contains(&place) {
                candidates.push(place);
            }
        }
        let table = declared.into_iter().map(Some).reduce(|first, other| common(first?, other?))??;
        if table.location.is_none() && !candidates.is_empty() {
            places.insert(name, candidates);
        }
        Some(table)
    };
    let tables = order.into_iter().filter_map(&mut one).collect();
    (tables, places)
}

/// What two declarations agree on; `None` where they do not agree on what predicates are about.
fn common(mut table: Table, other: Table) -> Option<Table> {
    let keys = |table: &Table| -> Vec<_> {
        table.partition_keys.iter().map(|key| (key.name.clone(), key.data_type.clone(), key.transform)).collect()
    };
    let is_projected = |table: &Table| table.projection.is_some();
    if table.kind != other.kind || keys(&table) != keys(&other) || is_projected(&table) != is_projected(&other) {
        return None;
    }
    let is_placed_alike = Place::of(&table) == Place::of(&other);
    for (key, other) in table.partition_keys.iter_mut().zip(&other.partition_keys) {
        key.format.take_if(|format| other.format.as_ref() != Some(format));
    }
    if table.columns != other.columns {
        table.columns.clear();
    }
    table.format.take_if(|format| other.format.as_ref() != Some(format));
    if let (Some(projection), Some(other)) = (&mut table.projection, &other.projection) {
        projection.keys.retain(|name, kind| other.keys.get(name) == Some(kind));
        projection.template.take_if(|_| !is_placed_alike);
    }
    if !is_placed_alike {
        let place = |table: &Table| table.location.clone().or_else(|| table.open_place.clone());
        let same_path = place(&table).zip(place(&other)).filter(|(a, b)| a.path == b.path);
        table.open_place = same_path.map(|(place, _)| Location { bucket: None, ..place });
        table.location = None;
    } else if table.open_place != other.open_place {
        let places = table.open_place.take().zip(other.open_place).filter(|(a, b)| a.path == b.path);
        table.open_place = places.map(|(place, _)| Location { bucket: None, ..place });
    }
    table.documented = table.documented.or(other.documented);
    Some(table)
}

impl Place {
    fn of(table: &Table) -> Option<Place> {
        let template = table.projection.as_ref().and_then(|projection| projection.template.clone());
        Some(Place { location: table.location.clone()?, template })
    }

    /// Whether a source is of the bucket, and holds what lies there.
    fn is_in(&self, source: &Location) -> bool {
        source.bucket == self.location.bucket && (source.contains(&self.location) || self.location.contains(source))
    }
}

/// Puts each table where the sources of the run are, as far as that is one place; sources that do not tell their bucket may be of any.
pub(in crate::input) fn place(tables: &mut [Table], mut places: Places, opened: &[LakeSource]) {
    let sources: Vec<Location> = opened.iter().filter_map(LakeSource::bucket_place).collect();
    for table in tables.iter_mut() {
        let is_open = table.declared_by == DeclaredBy::Template && table.location.is_none();
        let Some(candidates) = places.remove(&table.name).filter(|_| is_open) else { continue };
        let mut here = candidates.iter().filter(|place| sources.iter().any(|source| place.is_in(source)));
        match (here.next(), here.next(), candidates.first()) {
            (Some(place), None, _) => place.clone().give(table),
            (None, _, Some(first)) if sources.is_empty() && !opened.is_empty() => {
                let like_first =
                    |place: &Place| place.location.path == first.location.path && place.template == first.template;
                if candidates.iter().all(like_first) {
                    let location = Location { bucket: None, ..first.location.clone() };
                    Place { location, ..first.clone() }.give(table);
                }
            }
            _ => {}
        }
    }
}

impl Place {
    fn give(self, table: &mut Table) {
        table.location = Some(self.location);
        table.open_place = None;
        if let Some(projection) = &mut table.projection {
            projection.template = self.template;
        }
    }
}
