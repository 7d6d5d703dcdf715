//! Rows of one file to objects, folder by folder: keys of one folder follow each other, mostly.

use crate::input::layout::{Object, Run, State};
use crate::lake::StorageClass;

/// Where the objects of a folder go; workers share it.
pub(crate) type Add<'a> = &'a (dyn Fn(&str, &Run) + Sync);

/// A row of an inventory besides its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// A delete marker has none.
    pub size: Option<u64>,
    pub modified: Option<i64>,
    pub class: Option<StorageClass>,
    /// True where the inventory holds current versions only.
    pub is_latest: bool,
    pub is_delete_marker: bool,
}

impl Entry {
    fn object(self, key: &str) -> Object<'_> {
        let state = match (self.is_delete_marker, self.is_latest) {
            (true, _) => State::DeleteMarker,
            (false, false) => State::Noncurrent,
            (false, true) => State::Current,
        };
        Object { key, size: self.size.unwrap_or(0), class: self.class, modified: self.modified, state }
    }
}

/// The objects of one file.
pub(super) struct Objects<'a> {
    add: Add<'a>,
    folder: String,
    run: Run,
}

impl<'a> Objects<'a> {
    pub(super) fn new(add: Add<'a>) -> Objects<'a> {
        Objects { add, folder: String::new(), run: Run::default() }
    }

    /// Adds an object by its whole key.
    pub(super) fn add(&mut self, key: &str, entry: Entry) {
        let slash = memchr::memrchr(b'/', key.as_bytes());
        let (folder, name) = slash.map_or(("", key), |slash| (&key[..slash], &key[slash + 1..]));
        self.enter(folder);
        self.add_here(name, entry);
    }

    /// Goes to a folder.
    pub(super) fn enter(&mut self, folder: &str) {
        if folder != self.folder {
            self.end();
            self.folder.clear();
            self.folder.push_str(folder);
        }
    }

    /// Adds an object of the folder; its name holds no slash.
    pub(super) fn add_here(&mut self, name: &str, entry: Entry) {
        self.run.add(name, &entry.object(name));
    }

    /// Hands over what was added.
    pub(super) fn end(&mut self) {
        if !self.run.sums().is_empty() {
            (self.add)(&self.folder, &self.run);
            self.run.clear();
        }
    }
}

/// Storage classes by their names; neighbours have the same.
#[derive(Debug, Default)]
pub(super) struct Classes {
    name: Vec<u8>,
    class: Option<StorageClass>,
}

impl Classes {
    pub(super) fn of(&mut self, name: &[u8]) -> Option<StorageClass> {
        if self.class.is_none() || self.name != name {
            self.name = name.to_vec();
            self.class = Some(StorageClass::of_name(&String::from_utf8_lossy(name)));
        }
        self.class
    }
}
