//! Buckets: objects that were put, and millions that only a function knows.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;

/// 2024-01-01T00:00:00Z, when objects were changed that say nothing else.
pub const CHANGED: i64 = 1_704_067_200;

/// An object. Without a body it reads as zeros.
#[derive(Debug, Clone)]
pub struct Object {
    pub key: String,
    pub size: u64,
    /// Seconds since 1970.
    pub modified: i64,
    pub class: &'static str,
    pub body: Option<Bytes>,
}

impl Object {
    pub fn new(key: impl Into<String>, size: u64) -> Object {
        Object { key: key.into(), size, modified: CHANGED, class: "STANDARD", body: None }
    }

    pub fn with_body(key: impl Into<String>, body: impl Into<Bytes>) -> Object {
        let body = body.into();
        Object { body: Some(body.clone()), ..Object::new(key, body.len() as u64) }
    }

    pub fn class(self, class: &'static str) -> Object {
        Object { class, ..self }
    }

    /// Restores would be needed first.
    pub fn is_archived(&self) -> bool {
        matches!(self.class, "GLACIER" | "DEEP_ARCHIVE")
    }
}

/// A multipart upload that was never completed.
#[derive(Debug, Clone)]
pub struct Upload {
    pub key: String,
    pub id: String,
    /// Seconds since 1970.
    pub initiated: i64,
    /// Bytes of each part, numbered from 1.
    pub parts: Vec<u64>,
}

/// Objects by index, in the order of their keys' bytes.
#[derive(Clone)]
struct Generated {
    count: usize,
    at: Arc<dyn Fn(usize) -> Object + Send + Sync>,
}

/// A bucket.
#[derive(Default, Clone)]
pub struct Bucket {
    generated: Option<Generated>,
    stored: BTreeMap<Vec<u8>, Object>,
    removed: BTreeSet<Vec<u8>>,
    pub uploads: Vec<Upload>,
    /// Who does not say that it pays is refused.
    pub requester_pays: bool,
    /// `us-east-1` when empty.
    pub region: String,
}

impl Bucket {
    /// Fills the bucket with objects that `at` makes when they are asked for. Their keys must grow with the index.
    pub fn generated(&mut self, count: usize, at: impl Fn(usize) -> Object + Send + Sync + 'static) {
        self.generated = Some(Generated { count, at: Arc::new(at) });
    }

    pub fn insert(&mut self, object: Object) {
        let key = object.key.clone().into_bytes();
        self.removed.remove(&key);
        self.stored.insert(key, object);
    }

    pub fn remove(&mut self, key: &str) {
        self.stored.remove(key.as_bytes());
        self.removed.insert(key.as_bytes().to_vec());
    }

    pub fn get(&self, key: &str) -> Option<Object> {
        let wanted = key.as_bytes();
        if let Some(object) = self.stored.get(wanted) {
            return Some(object.clone());
        }
        let generated = self.generated.as_ref().filter(|_| !self.removed.contains(wanted))?;
        let at = generated.first_not_before(wanted);
        Some(at).filter(|at| *at < generated.count).map(&*generated.at).filter(|object| object.key == key)
    }

    /// All objects from a key on, in order.
    pub fn from(&self, key: &[u8]) -> impl Iterator<Item = Object> + '_ {
        let first = self.generated.as_ref().map_or(0, |generated| generated.first_not_before(key));
        let mut made = self.generated.iter().flat_map(move |g| (first..g.count).map(|at| (g.at)(at)));
        let mut made = std::iter::from_fn(move || {
            made.by_ref()
                .find(|o| !self.removed.contains(o.key.as_bytes()) && !self.stored.contains_key(o.key.as_bytes()))
        })
        .peekable();
        let from = (Bound::Included(key.to_vec()), Bound::Unbounded);
        let mut stored = self.stored.range(from).map(|(_, object)| object).peekable();
        std::iter::from_fn(move || match (made.peek(), stored.peek()) {
            (Some(a), Some(b)) if a.key.as_bytes() < b.key.as_bytes() => made.next(),
            (_, Some(_)) => stored.next().cloned(),
            (_, None) => made.next(),
        })
    }
}

impl Generated {
    fn first_not_before(&self, key: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            if (self.at)(middle).key.as_bytes() < key { low = middle + 1 } else { high = middle }
        }
        low
    }
}
