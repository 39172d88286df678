//! The rows that one message makes, in several logs, and the links that tie them together.

use serde_json::Value;

use super::super::folder::Folder;
use super::super::message::Message;
use super::super::row::Row;
use super::cells::{Column, fill};

/// Where the rows of one message are written.
pub(super) struct Page<'p, 'm> {
    pub(super) message: &'p Message<'m>,
    folder: &'p mut Folder,
    links: u64,
}

impl<'p, 'm> Page<'p, 'm> {
    /// A page for a message of a flow in which `links` were made before.
    pub(super) const fn new(message: &'p Message<'m>, folder: &'p mut Folder, links: u64) -> Self {
        Self {
            message,
            folder,
            links,
        }
    }

    /// How many links were made in the flow.
    pub(super) const fn links(&self) -> u64 {
        self.links
    }

    /// A link that no other rows share.
    pub(super) fn link(&mut self) -> String {
        self.links += 1;
        self.message.conn.link(self.links)
    }

    /// Writes a row that is ready.
    pub(super) fn write(&mut self, log: &'static str, row: &Row) {
        self.folder.write(log, row);
    }

    /// A row with its links and columns.
    pub(super) fn row(
        &self,
        links: &[(&'static str, Option<&str>)],
        of: &Value,
        columns: &[Column],
    ) -> Row {
        let mut row = self.message.sided_row();
        for (name, link) in links {
            row.maybe(name, *link);
        }
        fill(&mut row, of, columns);
        row
    }

    /// Writes such a row.
    pub(super) fn put(
        &mut self,
        log: &'static str,
        links: &[(&'static str, Option<&str>)],
        of: &Value,
        columns: &[Column],
    ) {
        let row = self.row(links, of, columns);
        self.write(log, &row);
    }

    /// A link, where there is something to tie.
    pub(super) fn link_to(&mut self, list: &[Value]) -> Option<String> {
        (!list.is_empty()).then(|| self.link())
    }
}
