//! What becomes of the objects of a bucket as they age: the rules of its lifecycle configuration.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>

use std::collections::BTreeMap;

use super::{Lake, Location, Resource, ResourceKind, Span, StorageClass, Table};

/// A bucket has no more of them.
const MAX_RULES: usize = 1_000;

/// An enabled rule.
#[derive(Debug, Clone)]
pub struct LifecycleRule {
    /// The bucket's name; where only the deployment knows it, what stands for it in [`Table::open_place`] too.
    pub bucket: String,
    /// It applies to keys that start like this.
    pub prefix: String,
    /// Tags or sizes limit it further: nobody knows to which objects it applies.
    pub is_narrowed: bool,
    /// Days after which current objects expire.
    pub expiration_days: Option<u64>,
    /// Days after which old versions expire.
    pub noncurrent_days: Option<u64>,
    /// Days after which unfinished uploads are aborted.
    pub abort_days: Option<u64>,
    pub transitions: Vec<Transition>,
}

/// Current objects change their class at an age.
#[derive(Debug, Clone)]
pub struct Transition {
    pub class: StorageClass,
    /// `None` for those of a date, and where only the deployment knows.
    pub days: Option<u64>,
    /// The class where it is written.
    pub span: Span,
}

impl LifecycleRule {
    /// Whether it applies to all objects of its bucket whose keys start like this.
    fn covers(&self, keys: &str) -> bool {
        !self.is_narrowed && keys.starts_with(&self.prefix)
    }

    /// Whether it applies to some of them.
    fn touches(&self, keys: &str) -> bool {
        !self.is_narrowed && (keys.starts_with(&self.prefix) || self.prefix.starts_with(keys))
    }
}

/// What keys under a place start with.
fn keys_under(place: &Location) -> String {
    if place.path.is_empty() { String::new() } else { format!("{}/", place.path) }
}

impl Table {
    /// Where its objects lie, as far as lifecycle rules go.
    fn bucket_place(&self) -> Option<&Location> {
        self.location.as_ref().or(self.open_place.as_ref()).filter(|place| place.bucket.is_some())
    }
}

impl Lake {
    /// The lifecycle rules that apply to all objects of a table.
    pub fn lifecycle_of<'a>(&'a self, table: &'a Table) -> impl Iterator<Item = (&'a Resource, &'a LifecycleRule)> {
        let place = table.bucket_place();
        let keys = place.map(keys_under).unwrap_or_default();
        let rules = place.into_iter().flat_map(|place| self.lifecycle_rules(place));
        rules.filter(move |(_, rule)| rule.covers(&keys))
    }

    /// The first transition of objects of a table to a class that Athena skips, with its rule.
    pub fn archiving(&self, table: &Table) -> Option<(&Resource, &Transition)> {
        let place = table.bucket_place()?;
        let keys = keys_under(place);
        let expires = self.lifecycle_of(table).filter_map(|(_, rule)| rule.expiration_days).min();
        // What has expired by then is not archived.
        let is_met = |transition: &&Transition| expires.is_none_or(|end| transition.days.is_none_or(|days| days < end));
        let rules = self.lifecycle_rules(place).filter(|(_, rule)| rule.touches(&keys));
        let archiving =
            |rule: &'_ LifecycleRule| rule.transitions.iter().position(|t| t.class.is_archived() && is_met(&t));
        rules
            .filter_map(|(resource, rule)| Some((resource, &rule.transitions[archiving(rule)?])))
            .min_by_key(|(_, transition)| transition.days)
    }

    /// The rules of a place's bucket.
    fn lifecycle_rules(&self, place: &Location) -> impl Iterator<Item = (&Resource, &LifecycleRule)> {
        let by_bucket = self.lifecycle.get_or_init(|| by_bucket(&self.resources));
        let of_bucket = place.bucket.as_ref().and_then(|bucket| by_bucket.get(bucket));
        of_bucket.into_iter().flatten().filter_map(|at| rule_of(&self.resources[*at]))
    }
}

fn rule_of(resource: &Resource) -> Option<(&Resource, &LifecycleRule)> {
    match &resource.kind {
        ResourceKind::Lifecycle(rule) => Some((resource, rule)),
        _ => None,
    }
}

/// Which resources are the rules of which bucket.
fn by_bucket(resources: &[Resource]) -> BTreeMap<String, Vec<usize>> {
    let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, resource) in resources.iter().enumerate() {
        let Some((_, rule)) = rule_of(resource) else { continue };
        let of_bucket = found.entry(rule.bucket.clone()).or_default();
        if of_bucket.len() < MAX_RULES {
            of_bucket.push(at);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_those_of_keys() {
        let rule = |prefix: &str| LifecycleRule {
            bucket: "lake".to_string(),
            prefix: prefix.to_string(),
            is_narrowed: false,
            expiration_days: None,
            noncurrent_days: None,
            abort_days: None,
            transitions: Vec::new(),
        };
        let keys = keys_under(&Location::parse("s3://lake/raw/orders/"));
        for (prefix, covers, touches) in [
            ("", true, true),
            ("raw", true, true),
            ("raw/ord", true, true),
            ("raw/orders/", true, true),
            ("raw/orders/dt=2019", false, true),
            ("raw/orders_v2/", false, false),
            ("orders/", false, false),
        ] {
            assert_eq!((rule(prefix).covers(&keys), rule(prefix).touches(&keys)), (covers, touches), "{prefix}");
        }
        assert!(!LifecycleRule { is_narrowed: true, ..rule("") }.touches(&keys));
    }
}
