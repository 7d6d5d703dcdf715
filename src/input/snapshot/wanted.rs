//! Which tables of a snapshot a run needs.

use std::collections::HashSet;

use super::Snapshot;
use super::mentions::Names;
use crate::config::Config;
use crate::input::SnapshotTables;
use crate::lake::{Lake, TableName};
use crate::sql::View;

/// What a run knows before it opens a snapshot.
pub(in crate::input) struct Wanted<'a> {
    pub which: SnapshotTables,
    pub config: &'a Config,
    /// With its texts.
    pub lake: &'a Lake,
    pub views: &'a [View],
}

impl Wanted<'_> {
    /// Unqualified names of the tables that are needed; `None` is all of them.
    pub(super) fn names(&self, snapshot: &Snapshot) -> Option<HashSet<String>> {
        match self.which {
            SnapshotTables::All => return None,
            SnapshotTables::NamedInPartialRuns if !self.lake.is_partial => return None,
            SnapshotTables::NamedInPartialRuns | SnapshotTables::Named => {}
        }
        let views = self.views.iter().map(|view| view.name.table());
        let names = Names::new(snapshot.names().chain(views));
        let asked = self.lake.sources.iter().filter(|(_, file)| !file.is_context);
        let texts: Vec<&str> = asked.map(|(_, file)| &*file.text).collect();
        let mut found = names.found(&texts);
        // Views lead to the files that define them, whose names may be those of other views.
        let mut followed = HashSet::new();
        loop {
            let named = self.views.iter().filter(|view| found.contains(view.name.table()));
            let files: Vec<_> = named.map(|view| view.file).filter(|file| followed.insert(*file)).collect();
            if files.is_empty() {
                break;
            }
            let texts: Vec<&str> = files.iter().map(|file| &*self.lake.sources.get(*file).text).collect();
            found.extend(names.found(&texts));
        }
        let configured = self.config.tables.iter().map(|table| TableName::parse(&table.name).table().to_string());
        Some(found.into_iter().map(str::to_string).chain(configured).collect())
    }
}
