//! Objects of one folder that count alike, added up: what workers over inventory files, the journal of a listing and the rows of
//! an aggregation give instead of single objects. A collector makes the same of tallies, however objects are split into them, as
//! of the objects one by one.

use serde::{Deserialize, Serialize};

use super::object::{self, Content, Object, State};
use crate::input::footers;
use crate::lake::{Codec, FileFormat, SizeHistogram, StorageClass};

/// Names kept as examples: as many as an [`Oddity`](crate::lake::Oddity) shows.
pub(crate) const EXAMPLES: usize = 3;
/// Largest files kept: as many as a [`Layout`](crate::lake::Layout) names.
pub(crate) const LARGEST: usize = 5;

/// Objects of one folder that count alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tally {
    /// The key up to its last slash, without that slash.
    pub folder: String,
    pub kind: Kind,
    pub sums: Sums,
}

/// What decides how an object counts, besides its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Kind {
    Current {
        /// `None` where the source does not tell.
        class: Option<StorageClass>,
        name: Name,
    },
    Noncurrent,
    DeleteMarker,
    Upload,
}

/// What name and size say of a current object. The first that fits counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Name {
    /// `folder/` or `folder_$folder$`.
    Marker,
    /// Starts with `_` or `.`.
    Hidden,
    /// Has no bytes.
    Empty,
    /// As [`Content::Stray`].
    Stray,
    /// As [`Content::Data`].
    Data(Option<FileFormat>, Codec),
}

/// What is added up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sums {
    pub objects: u64,
    pub bytes: u64,
    /// Size of the largest object.
    pub largest: u64,
    /// Last change of the newest, in seconds since 1970; `None` where no object tells.
    pub newest: Option<i64>,
    /// `[slot, objects, bytes]` for each slot of [`SizeHistogram`] that holds any.
    #[serde(with = "slots")]
    pub sizes: SizeHistogram,
    /// The first three different names in their order, without their folder.
    pub examples: Vec<String>,
    /// The five largest objects, largest first, then by name; only of kinds that [`Kind::names_largest`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<(String, u64)>,
    /// Files whose footers may be read, chosen by [`rank`]: as many as a [`Run`] is told to keep.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sample: Vec<Sampled>,
}

/// How many files are kept for their footers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sampling {
    pub of_table: usize,
    /// Of each folder, before anybody knows the others.
    pub of_folder: usize,
}

/// A file whose footer may be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sampled {
    /// Without its folder.
    pub name: String,
    pub bytes: u64,
    /// In seconds since 1970.
    pub modified: Option<i64>,
}

impl Kind {
    /// Of an object whose key ends with this name.
    #[cfg(test)]
    pub(crate) fn of(name: &str, object: &Object<'_>) -> Kind {
        match Kind::unless_data(name, object) {
            Ok(kind) => kind,
            Err(class) => Kind::Current { class, name: Name::of_content(object::content(name)) },
        }
    }

    /// The kind, or the storage class of an object whose content decides.
    fn unless_data(name: &str, object: &Object<'_>) -> Result<Kind, Option<StorageClass>> {
        let class = object.class;
        match object.state {
            State::Noncurrent => Ok(Kind::Noncurrent),
            State::DeleteMarker => Ok(Kind::DeleteMarker),
            State::Upload => Ok(Kind::Upload),
            State::Current if object::is_marker(name) => Ok(Kind::Current { class, name: Name::Marker }),
            State::Current if object::is_hidden(name) => Ok(Kind::Current { class, name: Name::Hidden }),
            State::Current if object.size == 0 => Ok(Kind::Current { class, name: Name::Empty }),
            State::Current => Err(class),
        }
    }

    /// Whether files of this kind may have footers: what is not known to be columnar may be declared so.
    fn may_be_columnar(self) -> bool {
        match self {
            Kind::Current { class, name: Name::Data(format, Codec::None) } => {
                format.is_none_or(FileFormat::is_columnar) && !class.is_some_and(StorageClass::is_archived)
            }
            _ => false,
        }
    }

    /// Whether the largest files of this kind may be text that one reader must read whole, and are named.
    pub(crate) fn names_largest(self) -> bool {
        match self {
            Kind::Current { name: Name::Data(format, codec), .. } => {
                format.is_none_or(FileFormat::is_text) && !codec.is_splittable()
            }
            _ => false,
        }
    }
}

impl Name {
    /// Of an object with data, by its name.
    pub(crate) fn of(name: &str) -> Name {
        Name::of_content(object::content(name))
    }

    pub(super) fn of_content(content: Content) -> Name {
        match content {
            Content::Stray => Name::Stray,
            Content::Data(format, codec) => Name::Data(format, codec),
        }
    }
}

impl Sums {
    /// Adds one object of a kind that these sums are of.
    pub(crate) fn add(&mut self, kind: Kind, name: &str, object: &Object<'_>) {
        self.objects += 1;
        self.bytes += object.size;
        self.largest = self.largest.max(object.size);
        self.newest = self.newest.max(object.modified);
        self.sizes.add(object.size);
        if self.examples.len() < EXAMPLES || self.examples.last().is_some_and(|last| name < last.as_str()) {
            self.keep_example(name);
        }
        if kind.names_largest() {
            self.keep_largest(name, object.size);
        }
    }

    fn keep_example(&mut self, name: &str) {
        let at = self.examples.partition_point(|example| example.as_str() < name);
        if self.examples.get(at).is_none_or(|example| example != name) {
            self.examples.truncate(EXAMPLES - 1);
            self.examples.insert(at, name.to_string());
        }
    }

    fn keep_largest(&mut self, name: &str, size: u64) {
        let at = self.top.partition_point(|(other, bytes)| (size, other.as_str()) < (*bytes, name));
        if at < LARGEST {
            self.top.truncate(LARGEST - 1);
            self.top.insert(at, (name.to_string(), size));
        }
    }

    /// Keeps those of lowest rank: any so many of the folder's files, and always the same ones.
    fn keep_sampled(&mut self, name: &str, object: &Object<'_>, most: usize) {
        let own = rank(name, object.size);
        if self.sample.len() == most && self.sample.last().is_some_and(|last| own > rank(&last.name, last.bytes)) {
            return;
        }
        let is_before = |other: &Sampled| (rank(&other.name, other.bytes), other.name.as_str()) < (own, name);
        let at = self.sample.partition_point(is_before);
        self.sample.insert(at, Sampled { name: name.to_string(), bytes: object.size, modified: object.modified });
        self.sample.truncate(most);
    }

    fn clear(&mut self) {
        self.examples.clear();
        self.top.clear();
        *self = Sums {
            examples: std::mem::take(&mut self.examples),
            top: std::mem::take(&mut self.top),
            ..Sums::default()
        };
    }
}

/// Adds up the objects of one folder as they come, kind by kind. It is filled and cleared many times: folders are many.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// Those in use come first.
    kinds: Vec<(Kind, Sums)>,
    used: usize,
    /// Files of each kind that are kept as a sample.
    sampled: usize,
    /// The end of a name from the dot that [`object::content`] looks at first, and what it says.
    known: Option<(String, Name)>,
}

/// A number that a file gets by its name and size, as good as by chance: neither its rank nor what writers number decides.
pub(crate) fn rank(name: &str, bytes: u64) -> u64 {
    footers::scatter(name.bytes().chain(bytes.to_le_bytes()))
}

impl Run {
    /// A run that keeps so many files of a folder and kind, for their footers.
    pub(crate) fn sampling(sampled: usize) -> Run {
        Run { sampled, ..Run::default() }
    }

    /// Adds an object whose key ends with this name.
    pub(crate) fn add(&mut self, name: &str, object: &Object<'_>) {
        let kind = match Kind::unless_data(name, object) {
            Ok(kind) => kind,
            Err(class) => Kind::Current { class, name: self.content(name) },
        };
        let at = match self.kinds[..self.used].iter().position(|(other, _)| *other == kind) {
            Some(at) => at,
            None => self.open(kind),
        };
        self.kinds[at].1.add(kind, name, object);
        if self.sampled > 0 && kind.may_be_columnar() {
            self.kinds[at].1.keep_sampled(name, object, self.sampled);
        }
    }

    fn open(&mut self, kind: Kind) -> usize {
        match self.kinds.get_mut(self.used) {
            Some(free) => free.0 = kind,
            None => self.kinds.push((kind, Sums::default())),
        }
        self.used += 1;
        self.used - 1
    }

    /// Names of one lake end alike.
    fn content(&mut self, name: &str) -> Name {
        if let Some((_, known)) = self.known.as_ref().filter(|(end, _)| name.ends_with(end.as_str())) {
            return *known;
        }
        let said = Name::of_content(object::content(name));
        if let Some(end) = object::deciding_end(name) {
            self.known = Some((end.to_string(), said));
        }
        said
    }

    /// What was added since the last clearing.
    pub(crate) fn sums(&self) -> &[(Kind, Sums)] {
        &self.kinds[..self.used]
    }

    pub(crate) fn clear(&mut self) {
        self.kinds[..self.used].iter_mut().for_each(|(_, sums)| sums.clear());
        self.used = 0;
    }

    /// What was added as tallies of a folder.
    pub(crate) fn tallies(&self, folder: &str) -> Vec<Tally> {
        let tally = |(kind, sums): &(Kind, Sums)| Tally { folder: folder.to_string(), kind: *kind, sums: sums.clone() };
        self.sums().iter().map(tally).collect()
    }
}

/// A histogram as its slots that hold anything.
mod slots {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::lake::SizeHistogram;

    pub(super) fn serialize<S: Serializer>(sizes: &SizeHistogram, serializer: S) -> Result<S::Ok, S::Error> {
        let slots = sizes.counts.iter().zip(&sizes.bytes).enumerate();
        serializer
            .collect_seq(slots.filter(|(_, (count, _))| **count > 0).map(|(slot, (count, bytes))| (slot, count, bytes)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SizeHistogram, D::Error> {
        let mut sizes = SizeHistogram::default();
        for (slot, count, bytes) in Vec::<(usize, u64, u64)>::deserialize(deserializer)? {
            let none = || D::Error::custom(format!("{slot} is no slot of sizes"));
            *sizes.counts.get_mut(slot).ok_or_else(none)? += count;
            sizes.bytes[slot] += bytes;
        }
        Ok(sizes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects() -> Vec<Object<'static>> {
        let mut objects: Vec<Object<'_>> =
            ["a.csv.gz", "c.csv.gz", "b.csv.gz", "b.csv.gz", "d.csv.gz", "e.csv.gz", "x.gz", "0.c000", "_SUCCESS", ""]
                .iter()
                .zip([5, 9, 9, 1, 1 << 50, 7, 8, 3, 0, 0])
                .map(|(name, size)| Object { modified: Some(size as i64 & 7), ..Object::new(name, size) })
                .collect();
        objects.push(Object { state: State::Noncurrent, ..Object::new("a.parquet", 4) });
        objects.push(Object { class: Some(StorageClass::Glacier), ..Object::new("a.parquet", 4) });
        objects
    }

    #[test]
    fn kinds_are_added_up_apart() {
        let mut run = Run::default();
        for round in 0..2 {
            objects().iter().for_each(|object| run.add(object.key, object));
            let tallies = run.tallies("t/dt=1");
            assert_eq!(tallies.len(), 7, "round {round}: {tallies:#?}");
            let csv = &tallies[0];
            assert_eq!(csv.kind, Kind::of("a.csv.gz", &Object::new("a.csv.gz", 5)));
            assert_eq!((csv.sums.objects, csv.sums.largest, csv.sums.newest), (6, 1 << 50, Some(7)));
            assert_eq!(csv.sums.examples, ["a.csv.gz", "b.csv.gz", "c.csv.gz"]);
            let top: Vec<&str> = csv.sums.top.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(top, ["d.csv.gz", "b.csv.gz", "c.csv.gz", "e.csv.gz", "a.csv.gz"]);
            assert_eq!(tallies.iter().map(|tally| tally.sums.objects).sum::<u64>(), 12);
            run.clear();
            assert!(run.sums().is_empty());
        }
    }

    #[test]
    fn a_tally_is_one_line_of_text() {
        let mut run = Run::default();
        objects().iter().for_each(|object| run.add(object.key, object));
        for tally in run.tallies("t/dt=1\n") {
            let line = serde_json::to_string(&tally).expect("text");
            assert!(!line.contains('\n'));
            assert_eq!(serde_json::from_str::<Tally>(&line).expect("tally"), tally);
        }
        let line = serde_json::to_string(&run.tallies("t")[2]).expect("text");
        assert_eq!(
            line,
            r#"{"folder":"t","kind":{"current":{"class":null,"name":{"data":[null,"none"]}}},"sums":{"objects":1,"bytes":3,"largest":3,"newest":3,"sizes":[[1,1,3]],"examples":["0.c000"]}}"#
        );
        assert!(serde_json::from_str::<Tally>(&line.replace("[[1,", "[[48,")).is_err());
    }

    proptest::proptest! {
        #[test]
        fn known_ends_say_what_whole_names_say(names in proptest::collection::vec("[ab.]{0,3}\\.?(csv|CSV|gz|GZ|parquet|tar|c000)?(\\.gz)?", 0..8)) {
            let mut run = Run::default();
            for name in &names {
                proptest::prop_assert_eq!(run.content(name), Name::of_content(object::content(name)));
            }
        }
    }
}
