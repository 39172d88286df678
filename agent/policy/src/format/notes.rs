//! The comments of a file while it is read: each is taken once, by what it stands above or beside.

use std::collections::VecDeque;

use serde_saphyr::granit_parser::{Marker, Span};

use super::tree::Comment;

/// The comments that were not taken yet, and how far the text was read.
pub(super) struct Notes<'t> {
    text: &'t str,
    waiting: VecDeque<Note<'t>>,
    /// Where what was read last ends.
    pub(super) end: usize,
}

/// A comment and where it stands.
struct Note<'t> {
    comment: Comment<'t>,
    start: usize,
    /// Whether nothing stands before it on its line.
    alone: bool,
}

impl<'t> Notes<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self {
            text,
            waiting: VecDeque::new(),
            end: 0,
        }
    }

    pub(super) fn add(&mut self, span: &Span) {
        self.waiting.push_back(note(self.text, span));
    }

    /// Puts the comments in the order of the text.
    pub(super) fn sort(&mut self) {
        self.waiting
            .make_contiguous()
            .sort_by_key(|note| note.start);
    }

    /// Comments on lines of their own before `place`.
    pub(super) fn above(&mut self, place: usize) -> Vec<Comment<'t>> {
        let mut taken = Vec::new();
        while let Some(note) = self.waiting.pop_front_if(|note| note.start < place) {
            taken.push(self.take(note));
        }
        taken
    }

    /// Comments before `place` that are indented by `least` at least.
    pub(super) fn indented(&mut self, least: usize, place: usize) -> Vec<Comment<'t>> {
        let mut taken = Vec::new();
        while let Some(note) = self
            .waiting
            .pop_front_if(|note| note.start < place && note.comment.column >= least)
        {
            taken.push(self.take(note));
        }
        taken
    }

    /// The comment before `place` on the line where what was read last ends, and the lines that go on
    /// below it.
    pub(super) fn beside(&mut self, place: usize) -> Vec<Comment<'t>> {
        let mut taken: Vec<Comment<'t>> = Vec::new();
        let (text, mut end) = (self.text, self.end);
        while let Some(note) = self.waiting.pop_front_if(|note| {
            let goes_on = taken
                .first()
                .is_none_or(|first| note.alone && note.comment.column == first.column);
            let lines = || {
                let gap = text.get(end..note.start).unwrap_or_default();
                gap.bytes().filter(|byte| *byte == b'\n').count()
            };
            note.start < place && goes_on && lines() == taken.len().min(1)
        }) {
            taken.push(self.take(note));
            end = self.end;
        }
        taken
    }

    fn take(&mut self, mut note: Note<'t>) -> Comment<'t> {
        note.comment.parted = self.is_parted(note.start);
        self.end = self.end.max(note.start + note.comment.text.len());
        note.comment
    }

    /// Whether there is an empty line between what was read last and what stands at `place`.
    pub(super) fn is_parted(&self, place: usize) -> bool {
        let gap = self.text.get(self.end..place).unwrap_or_default();
        let gap = gap.trim_start_matches([':', ',', ' ']);
        let blank = gap.chars().take_while(|c| c.is_whitespace());
        blank.filter(|c| *c == '\n').count() > 1
    }
}

fn note<'t>(text: &'t str, span: &Span) -> Note<'t> {
    let start = offset(&span.start);
    let before = text.get(..start).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    Note {
        comment: Comment {
            text: span.slice(text).unwrap_or_default().trim_end(),
            column: span.start.col(),
            parted: false,
        },
        start,
        alone: before.get(line..).unwrap_or_default().trim().is_empty(),
    }
}

/// Where a mark is, in bytes.
pub(super) fn offset(mark: &Marker) -> usize {
    mark.byte_offset().unwrap_or_default()
}
