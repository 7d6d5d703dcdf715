//! Where a table's objects live: an S3 prefix, compared segment by segment.

use super::Table;

/// A prefix such as `s3://bucket/path/to/table/`. The bucket is absent when the source does not know it
/// (an `aws s3 ls` text, a local folder).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    pub bucket: Option<String>,
    /// Path without leading or trailing slash.
    pub path: String,
}

impl Location {
    /// Reads `s3://`, `s3a://` and `s3n://` URLs and plain paths.
    pub fn parse(text: &str) -> Location {
        let text = text.trim();
        let rest = ["s3://", "s3a://", "s3n://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let (bucket, path) = match rest {
            Some(rest) => match rest.split_once('/') {
                Some((bucket, path)) => (Some(bucket.to_string()), path),
                None => (Some(rest.to_string()), ""),
            },
            None => (None, text),
        };
        let path: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
        Location { bucket, path: path.join("/") }
    }

    /// Whether only the deployment knows the bucket: what stands for it names the template, which no bucket's name does.
    pub fn is_open(&self) -> bool {
        self.bucket.as_ref().is_some_and(|bucket| bucket.contains('#'))
    }

    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.path.split('/').filter(|s| !s.is_empty())
    }

    /// Whether `other` is this prefix or lies under it, by whole segments. A missing bucket matches any.
    pub fn contains(&self, other: &Location) -> bool {
        let same_bucket = match (&self.bucket, &other.bucket) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        };
        same_bucket
            && (self.path.is_empty()
                || other.path.strip_prefix(&self.path).is_some_and(|r| r.is_empty() || r.starts_with('/')))
    }
}

impl Table {
    /// Whether what is written at a place belongs to the table. A bucket that only the deployment knows may be that of any table whose
    /// location is known.
    pub fn holds(&self, place: &Location) -> bool {
        let holds = |location: &Location, place: &Location| !location.path.is_empty() && location.contains(place);
        match (&self.location, &self.open_place) {
            (Some(location), _) if place.is_open() => holds(location, &Location { bucket: None, ..place.clone() }),
            (Some(location), _) => holds(location, place),
            (None, Some(open)) => holds(open, place),
            (None, None) => false,
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.bucket {
            Some(bucket) if self.path.is_empty() => write!(f, "s3://{bucket}/"),
            Some(bucket) => write!(f, "s3://{bucket}/{}/", self.path),
            None => write!(f, "{}/", self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_contain_by_whole_segments() {
        let table = Location::parse("s3://lake/curated/orders/");
        assert!(table.contains(&Location::parse("s3a://lake/curated/orders/dt=2024-01-01")));
        assert!(!table.contains(&Location::parse("s3://lake/curated/orders_v2")));
        assert!(!table.contains(&Location::parse("s3://other/curated/orders")));
        assert!(table.contains(&Location::parse("curated/orders/x")));
        assert_eq!(table.to_string(), "s3://lake/curated/orders/");
    }
}
