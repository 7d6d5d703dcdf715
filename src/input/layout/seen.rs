//! What was seen of one table while objects stream by.

use std::collections::HashMap;

use super::object::{self, Content, Local, Object};
use super::partition_path::{Place, Scheme, Values};
use crate::input::footers;
use crate::lake::{Codec, FileFormat, Layout, LocalFile, ObjectRef, Oddity, Partition};

/// Largest unsplittable files kept.
const UNSPLITTABLE: usize = 5;

/// Objects of one table, aggregated per partition folder.
#[derive(Debug)]
pub(super) struct Seen {
    scheme: Scheme,
    /// The declared format: that of files whose name says only the codec.
    format: Option<FileFormat>,
    /// Partition folders by path, as indices of `folders`.
    slots: HashMap<Box<str>, u32>,
    pub(super) folders: Vec<Folder>,
    /// Everything but the partitions.
    pub(super) layout: Layout,
    /// Data lies in folders that the declared keys do not explain.
    pub(super) unexplained_folders: bool,
    /// Columnar files on disk; their partition is still an index of `folders`.
    pub(super) local: Vec<LocalFile>,
}

/// One partition folder.
#[derive(Debug)]
pub(super) struct Folder {
    /// Below the table's root.
    pub path: Box<str>,
    pub partition: Partition,
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
            slots: HashMap::new(),
            folders: Vec::new(),
            layout: Layout::default(),
            unexplained_folders: false,
            local: Vec::new(),
        }
    }

    /// Where objects of a folder count; `folders` is the path below the table's root.
    pub(super) fn slot(&mut self, folders: &str) -> Slot {
        if folders.split('/').any(object::is_hidden) {
            return Slot::Hidden;
        }
        match self.scheme.place(folders) {
            Place::Partition(path, values) => Slot::Partition(self.partition(path, values)),
            Place::OtherKeys(path) => Slot::OtherKeys(path.into()),
            Place::Outside => {
                self.unexplained_folders |= !folders.is_empty();
                Slot::Outside
            }
            Place::Metadata => Slot::Skipped,
        }
    }

    fn partition(&mut self, path: &str, values: Values) -> u32 {
        if let Some(index) = self.slots.get(path) {
            return *index;
        }
        let index = self.folders.len() as u32;
        self.folders.push(Folder { path: path.into(), partition: Partition { values, ..Partition::default() } });
        self.slots.insert(path.into(), index);
        index
    }

    /// Counts one object. `shown` is its key for people, made only when it is kept.
    pub(super) fn add(
        &mut self,
        slot: &Slot,
        name: &str,
        object: Object<'_>,
        local: Option<Local<'_>>,
        shown: impl Fn() -> String,
    ) {
        let size = object.size;
        let oddities = &mut self.layout.oddities;
        match slot {
            _ if object::is_marker(name) => return add(&mut oddities.zero_byte, size, shown),
            Slot::Skipped => return,
            Slot::Hidden => return add(&mut oddities.hidden, size, shown),
            _ if object::is_hidden(name) => return add(&mut oddities.hidden, size, shown),
            _ if size == 0 => return add(&mut oddities.zero_byte, size, shown),
            _ if object.is_archived() => return add(&mut oddities.archived, size, shown),
            Slot::Outside => return add(&mut oddities.outside_partitions, size, shown),
            Slot::OtherKeys(folder) => return oddities.inconsistent_names.add(folder, size),
            Slot::Partition(_) => {}
        }
        let Slot::Partition(index) = slot else { return };
        let partition = &mut self.folders[*index as usize].partition;
        partition.files += 1;
        partition.bytes += size;
        partition.largest = partition.largest.max(size);
        self.layout.histogram.add(size);
        match object::content(name) {
            Content::Stray => add(&mut self.layout.oddities.stray, size, shown),
            Content::Data(format, codec) => {
                let format = format.or_else(|| self.told_by_content(codec, local));
                if let Some(local) = local
                    && format.or(self.format).is_some_and(FileFormat::is_columnar)
                {
                    let (path, modified) = (local.path.to_path_buf(), local.modified);
                    self.local.push(LocalFile { path, bytes: size, modified, partition: *index });
                }
                self.add_data(format, codec, size, shown);
            }
        }
    }

    /// Writers such as Hive's leave out the extension: where nobody declares the format, a local file itself tells it.
    fn told_by_content(&self, codec: Codec, local: Option<Local<'_>>) -> Option<FileFormat> {
        local.filter(|_| codec == Codec::None && self.format.is_none()).and_then(|local| footers::format(local.path))
    }

    fn add_data(&mut self, format: Option<FileFormat>, codec: Codec, size: u64, shown: impl Fn() -> String) {
        let format = if codec == Codec::None { format } else { format.or(self.format) };
        let usage = self.layout.formats.entry((format, codec)).or_default();
        usage.files += 1;
        usage.bytes += size;
        let text = format.is_none_or(FileFormat::is_text);
        let largest = &self.layout.unsplittable;
        if text
            && !codec.is_splittable()
            && (largest.len() < UNSPLITTABLE || largest.last().is_some_and(|o| o.bytes <= size))
        {
            keep_largest(&mut self.layout.unsplittable, [ObjectRef { key: shown(), bytes: size }]);
        }
    }

    /// Takes over what was seen below a folder of this unpartitioned table.
    pub(super) fn absorb(&mut self, other: Seen) {
        let mut moved = Vec::with_capacity(other.folders.len());
        for folder in other.folders {
            let index = self.partition(&folder.path, folder.partition.values);
            moved.push(index);
            let partition = &mut self.folders[index as usize].partition;
            partition.files += folder.partition.files;
            partition.bytes += folder.partition.bytes;
            partition.largest = partition.largest.max(folder.partition.largest);
        }
        for (slot, count) in other.layout.histogram.counts.iter().enumerate() {
            self.layout.histogram.counts[slot] += count;
            self.layout.histogram.bytes[slot] += other.layout.histogram.bytes[slot];
        }
        for (kind, usage) in other.layout.formats {
            let sum = self.layout.formats.entry(kind).or_default();
            sum.files += usage.files;
            sum.bytes += usage.bytes;
        }
        let (mine, theirs) = (&mut self.layout.oddities, other.layout.oddities);
        merge(&mut mine.stray, theirs.stray);
        keep_largest(&mut self.layout.unsplittable, other.layout.unsplittable);
        let files = other.local.into_iter();
        self.local.extend(files.map(|file| LocalFile { partition: moved[file.partition as usize], ..file }));
    }
}

fn add(oddity: &mut Oddity, size: u64, shown: impl Fn() -> String) {
    oddity.add(&shown(), size);
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
    kept.truncate(UNSPLITTABLE);
}
