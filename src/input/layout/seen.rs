//! What was seen of one table while objects stream by.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::object::{self, Local};
use super::partition_path::{Place, Scheme, Values};
use super::sample::Sample;
use super::tally::{Kind, LARGEST, Name, Sampling, Sums, rank};
use crate::input::footers;
use crate::lake::{Codec, ColumnarFile, FileAt, FileFormat, Layout, ObjectRef, Oddity, Partition, StorageClass};

/// Objects of one table, aggregated per partition folder.
#[derive(Debug)]
pub(super) struct Seen {
    scheme: Scheme,
    /// The declared format: that of files whose name says only the codec.
    format: Option<FileFormat>,
    /// Partitions that are registered elsewhere: nothing reads what lies in their usual folders.
    pub(super) placed: HashSet<Values>,
    /// Partition folders by their path below the table's root.
    pub(super) folders: IndexMap<Box<str>, Partition>,
    /// Everything but the partitions.
    pub(super) layout: Layout,
    /// Data lies in folders that the declared keys do not explain.
    pub(super) unexplained_folders: bool,
    /// Columnar files on disk; their partition is still an index of `folders`.
    pub(super) columnar: Vec<ColumnarFile>,
    /// Columnar objects. Their partition as above.
    sample: Sample,
}

/// Where the objects of one folder are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    Partition(u32),
    OtherKeys(Box<str>),
    Outside,
    Hidden,
    Skipped,
}

impl Seen {
    pub(super) fn new(scheme: Scheme, format: Option<FileFormat>) -> Seen {
        Seen {
            scheme,
            format,
            placed: HashSet::new(),
            folders: IndexMap::new(),
            layout: Layout::default(),
            unexplained_folders: false,
            columnar: Vec::new(),
            sample: Sample::default(),
        }
    }

    /// Where objects of a folder count; `folders` is the path below the table's root.
    pub(super) fn slot(&mut self, folders: &str) -> Slot {
        if folders.split('/').any(object::is_hidden) {
            return Slot::Hidden;
        }
        match self.scheme.place(folders) {
            Place::Partition(_, values) if self.placed.contains(&values) => Slot::Outside,
            Place::Partition(path, values) => Slot::Partition(self.partition(path, values)),
            Place::OtherKeys(path) => Slot::OtherKeys(path.into()),
            Place::Outside => {
                self.unexplained_folders |= !folders.is_empty();
                Slot::Outside
            }
            Place::Metadata => Slot::Skipped,
        }
    }

    /// Where objects of a partition with a place of its own count, below that place.
    pub(super) fn placed_slot(&mut self, usual: &str, values: &Values, below: &str) -> Slot {
        match below.split('/').any(object::is_hidden) {
            true => Slot::Hidden,
            false => Slot::Partition(self.partition(usual, values.clone())),
        }
    }

    fn partition(&mut self, path: &str, values: Values) -> u32 {
        let index = self.folders.get_index_of(path).unwrap_or_else(|| {
            let partition = Partition { values, ..Partition::default() };
            self.folders.insert_full(path.into(), partition).0
        });
        index as u32
    }

    /// Counts objects of one folder and kind. `shown` makes their keys for people of their names, only where they are kept.
    pub(super) fn add(
        &mut self,
        slot: &Slot,
        kind: Kind,
        sums: &Sums,
        local: Option<Local<'_>>,
        shown: impl Fn(&str) -> String,
    ) {
        let oddities = &mut self.layout.oddities;
        let (class, name) = match kind {
            Kind::Noncurrent => return add(&mut oddities.noncurrent, sums, shown),
            Kind::DeleteMarker => return add(&mut oddities.delete_markers, sums, shown),
            Kind::Upload => return add(&mut oddities.unfinished_uploads, sums, shown),
            Kind::Current { class, name } => (class, name),
        };
        match (slot, name) {
            (_, Name::Marker) => return add(&mut oddities.zero_byte, sums, shown),
            (Slot::Skipped, _) => return,
            (Slot::Hidden, _) | (_, Name::Hidden) => return add(&mut oddities.hidden, sums, shown),
            (_, Name::Empty) => return add(&mut oddities.zero_byte, sums, shown),
            (_, Name::Stray | Name::Data(..)) => {}
        }
        if class.is_some_and(StorageClass::is_archived) {
            self.add_class(class, sums);
            return add(&mut self.layout.oddities.archived, sums, shown);
        }
        let index = match slot {
            Slot::Outside => return add(&mut oddities.outside_partitions, sums, shown),
            Slot::OtherKeys(folder) => return add_folder(&mut oddities.inconsistent_names, folder, sums),
            Slot::Partition(index) => *index,
            Slot::Hidden | Slot::Skipped => return,
        };
        self.add_class(class, sums);
        self.folders[index as usize].absorb(sums.objects, sums.bytes, sums.largest, sums.newest);
        self.layout.histogram.absorb(&sums.sizes);
        match name {
            Name::Data(format, codec) => {
                let format = format.or_else(|| self.told_by_content(codec, local));
                if let Some(local) = local
                    && format.or(self.format).is_some_and(FileFormat::is_columnar)
                {
                    let (at, modified) = (FileAt::Disk(local.path.to_path_buf()), local.modified);
                    self.columnar.push(ColumnarFile { at, bytes: sums.bytes, modified, partition: index });
                }
                self.add_data(format, codec, sums, shown);
            }
            _ => add(&mut self.layout.oddities.stray, sums, shown),
        }
    }

    /// Keeps what a source offers for footers.
    pub(super) fn add_sample(
        &mut self,
        slot: &Slot,
        kind: Kind,
        sums: &Sums,
        sampling: Sampling,
        object: impl Fn(&str) -> Option<FileAt>,
    ) {
        let (Slot::Partition(partition), Kind::Current { name: Name::Data(format, Codec::None), .. }) = (slot, kind)
        else {
            return;
        };
        if !format.or(self.format).is_some_and(FileFormat::is_columnar) {
            return;
        }
        for file in &sums.sample {
            let Some(at) = object(&file.name) else { return };
            let modified = file.modified.and_then(|time| u64::try_from(time).ok()?.checked_mul(1_000_000_000));
            let rank = rank(&file.name, file.bytes);
            let file = ColumnarFile { at, bytes: file.bytes, modified, partition: *partition };
            self.sample.offer(rank, file, sampling);
        }
    }

    /// The columnar files, those of the sample last.
    pub(super) fn take_columnar(&mut self) -> Vec<ColumnarFile> {
        let mut files = std::mem::take(&mut self.columnar);
        files.extend(std::mem::take(&mut self.sample).into_files());
        files
    }

    fn add_class(&mut self, class: Option<StorageClass>, sums: &Sums) {
        if let Some(class) = class {
            self.layout.classes.entry(class).or_default().add(sums.objects, sums.bytes);
        }
    }

    /// Writers such as Hive's leave out the extension: where nobody declares the format, a local file itself tells it.
    fn told_by_content(&self, codec: Codec, local: Option<Local<'_>>) -> Option<FileFormat> {
        local.filter(|_| codec == Codec::None && self.format.is_none()).and_then(|local| footers::format(local.path))
    }

    fn add_data(&mut self, format: Option<FileFormat>, codec: Codec, sums: &Sums, shown: impl Fn(&str) -> String) {
        let format = if codec == Codec::None { format } else { format.or(self.format) };
        self.layout.formats.entry((format, codec)).or_default().add(sums.objects, sums.bytes);
        if codec.is_splittable() || !format.is_none_or(FileFormat::is_text) {
            return;
        }
        for (name, bytes) in &sums.top {
            let kept = &self.layout.unsplittable;
            if kept.len() < LARGEST || kept.last().is_some_and(|smallest| smallest.bytes <= *bytes) {
                keep_largest(&mut self.layout.unsplittable, [ObjectRef { key: shown(name), bytes: *bytes }]);
            }
        }
    }

    /// Takes over what was seen below a folder of this unpartitioned table.
    pub(super) fn absorb(&mut self, other: Seen) {
        let mut moved = Vec::with_capacity(other.folders.len());
        for (path, partition) in other.folders {
            let Partition { values, files, bytes, largest, newest } = partition;
            let index = self.partition(&path, values);
            moved.push(index);
            self.folders[index as usize].absorb(files, bytes, largest, newest);
        }
        self.layout.histogram.absorb(&other.layout.histogram);
        for (kind, usage) in other.layout.formats {
            self.layout.formats.entry(kind).or_default().add(usage.files, usage.bytes);
        }
        for (class, usage) in other.layout.classes {
            self.layout.classes.entry(class).or_default().add(usage.files, usage.bytes);
        }
        let (mine, theirs) = (&mut self.layout.oddities, other.layout.oddities);
        merge(&mut mine.stray, theirs.stray);
        keep_largest(&mut self.layout.unsplittable, other.layout.unsplittable);
        let moved = |file: ColumnarFile| ColumnarFile { partition: moved[file.partition as usize], ..file };
        self.columnar.extend(other.columnar.into_iter().map(moved));
        self.sample.absorb(other.sample, moved);
    }
}

/// Adds objects of one folder.
pub(super) fn add(oddity: &mut Oddity, sums: &Sums, shown: impl Fn(&str) -> String) {
    let (objects, bytes) = (oddity.objects + sums.objects, oddity.bytes + sums.bytes);
    for name in &sums.examples {
        oddity.add(&shown(name), 0);
    }
    (oddity.objects, oddity.bytes) = (objects, bytes);
}

/// Adds objects of a folder that is the example itself.
fn add_folder(oddity: &mut Oddity, folder: &str, sums: &Sums) {
    oddity.add(folder, sums.bytes);
    oddity.objects += sums.objects - 1;
}

/// Adds the counts and examples of another oddity.
pub(super) fn merge(into: &mut Oddity, from: Oddity) {
    let (objects, bytes) = (into.objects + from.objects, into.bytes + from.bytes);
    for example in &from.examples {
        into.add(example, 0);
    }
    (into.objects, into.bytes) = (objects, bytes);
}

/// The five largest, largest first, then by key.
fn keep_largest(kept: &mut Vec<ObjectRef>, more: impl IntoIterator<Item = ObjectRef>) {
    kept.extend(more);
    kept.sort_by(|a, b| (b.bytes, &a.key).cmp(&(a.bytes, &b.key)));
    kept.truncate(LARGEST);
}
