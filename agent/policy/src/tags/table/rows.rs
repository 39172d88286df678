//! The lines and fields of a CSV text, each with its place.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use super::MAX_COLUMNS;
use crate::node::Word;
use crate::problems::{Problems, Spot};

/// One record that has at least one field which is not empty.
pub(super) struct Row {
    pub(super) at: Spot,
    /// How many fields it has, empty ones included.
    pub(super) columns: usize,
    /// Its fields that are not empty, in one line each, by their columns. Of those beyond [`MAX_COLUMNS`] the first is here.
    pub(super) fields: Vec<(usize, Word)>,
}

/// The records of a text.
pub(super) struct Rows<'t> {
    text: &'t str,
    separator: u8,
    reader: Reader,
    /// How much was read, in bytes.
    read: usize,
    walk: Walk<'t>,
    field: Vec<u8>,
}

impl<'t> Rows<'t> {
    pub(super) fn new(file: u32, text: &'t str) -> Self {
        let (first, rest) = text
            .trim_start_matches(ENDS)
            .split_once(ENDS)
            .unwrap_or((text, ""));
        let stated = first.strip_prefix("sep=");
        let stated = stated.and_then(|mark| mark.bytes().next());
        let stated = stated.filter(|mark| b",;\t|".contains(mark));
        let (read, separator) = match stated {
            Some(mark) => (text.len() - rest.len(), mark),
            None => (0, separator(first)),
        };
        Self {
            text,
            separator,
            reader: ReaderBuilder::new().delimiter(separator).build(),
            read,
            walk: Walk::new(file, text),
            field: vec![0; text.len() + 1],
        }
    }

    /// Whether numbers may have decimal commas.
    pub(super) const fn has_decimal_commas(&self) -> bool {
        self.separator == b';'
    }

    /// The next record that is not empty.
    pub(super) fn next_row(&mut self, problems: &mut Problems) -> Option<Row> {
        loop {
            let row = self.record(problems)?;
            if !row.fields.is_empty() {
                return Some(row);
            }
        }
    }

    fn record(&mut self, problems: &mut Problems) -> Option<Row> {
        let mut row: Option<Row> = None;
        loop {
            let (word, is_last) = self.next_field(row.is_none(), problems)?;
            let row = row.get_or_insert_with(|| Row {
                at: word.at,
                columns: 0,
                fields: Vec::new(),
            });
            let stray = row
                .fields
                .last()
                .is_some_and(|(column, _)| *column >= MAX_COLUMNS);
            if !word.text.is_empty() && !stray {
                row.fields.push((row.columns, word));
            }
            row.columns += 1;
            if is_last {
                return Some(Row {
                    at: row.at,
                    columns: row.columns,
                    fields: std::mem::take(&mut row.fields),
                });
            }
        }
    }

    /// The next field, and whether it is the last of its record.
    fn next_field(&mut self, is_first: bool, problems: &mut Problems) -> Option<(Word, bool)> {
        let mut start = self.read;
        let mut length = 0;
        let is_last = loop {
            let input = self.text.as_bytes().get(self.read..).unwrap_or_default();
            let output = self.field.get_mut(length..).unwrap_or_default();
            let (result, read, written) = self.reader.read_field(input, output);
            self.read += read;
            length += written;
            match result {
                ReadFieldResult::Field { record_end } => break record_end,
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull | ReadFieldResult::End => return None,
            }
        };
        let whole = |start| self.text.get(start..self.read).unwrap_or_default();
        if is_first {
            start += whole(start).len() - whole(start).trim_start_matches(ENDS).len();
        }
        let at = self.walk.to(start);
        check_quotes(whole(start), at, problems);
        let field = self.field.get(..length).unwrap_or_default();
        let text = String::from_utf8_lossy(field)
            .trim()
            .replace("\r\n", " ")
            .replace(ENDS, " ");
        Some((Word { at, text }, is_last))
    }
}

fn check_quotes(field: &str, at: Spot, problems: &mut Problems) {
    let quotes = field.bytes().filter(|byte| *byte == b'"').count();
    if field.starts_with('"') && !quotes.is_multiple_of(2) {
        problems.error(at, "the quote that opens here is never closed");
    }
}

/// The separator that a header line uses most.
fn separator(header: &str) -> u8 {
    let count = |mark: u8| header.bytes().filter(|byte| *byte == mark).count();
    let marks = [b'\t', b';', b','];
    marks
        .into_iter()
        .max_by_key(|mark| count(*mark))
        .unwrap_or(b',')
}

/// What ends a line.
const ENDS: [char; 2] = ['\r', '\n'];

/// Lines and columns on a way through a text.
pub(super) struct Walk<'t> {
    at: Spot,
    text: &'t str,
    walked: usize,
}

impl<'t> Walk<'t> {
    fn new(file: u32, text: &'t str) -> Self {
        let at = Spot::top(file);
        Self {
            at,
            text,
            walked: 0,
        }
    }

    /// The place after a text.
    pub(super) fn to_the_end(file: u32, text: &'t str) -> Spot {
        Self::new(file, text).to(text.len())
    }

    /// The place of a byte that is not before the last one asked for.
    fn to(&mut self, byte: usize) -> Spot {
        let passed = self.text.get(self.walked..byte).unwrap_or_default();
        let mut passed = passed.chars().peekable();
        while let Some(passing) = passed.next() {
            let ends = passing == '\n' || (passing == '\r' && passed.peek() != Some(&'\n'));
            if ends {
                self.at.line = self.at.line.saturating_add(1);
                self.at.column = 1;
            } else {
                self.at.column = self.at.column.saturating_add(1);
            }
        }
        self.walked = self.walked.max(byte);
        self.at
    }
}
