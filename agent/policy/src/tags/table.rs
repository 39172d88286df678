//! Tags from a table: CSV (RFC 4180) whose header line has the words of the language, in any order.
//!
//! Spreadsheets write what their country likes, and all of it is read: commas, semicolons or tabs between fields, told by the header
//! line; with semicolons also decimal commas in numbers; a byte order mark, CRLF, a first line `sep=;`, lines of empty fields.
//! Every word keeps its place, so that what is wrong is said with line and column as for YAML.
//!
//! The text must be UTF-8. At most [`MAX_BYTES`], [`MAX_ROWS`] and [`MAX_COLUMNS`] are read; beyond is an error.

use super::raw::{NEEDED, Tag, missing, named};
use crate::node::Word;
use crate::problems::{Problems, Spot};
use crate::shapes::TAG;

use rows::{Row, Rows};

mod rows;

/// Reads a table of tags; every line that is wrong is said.
pub(crate) fn read_table(name: &str, bytes: &[u8], problems: &mut Problems) -> Vec<Tag> {
    let file = problems.files.add(name);
    let Some(text) = text(file, bytes, problems) else {
        return Vec::new();
    };
    let mut rows = Rows::new(file, text);
    let Some(header) = rows.next_row(problems) else {
        problems.error(first(file), "the table is empty");
        return Vec::new();
    };
    let Some(header) = Header::read(&header, problems) else {
        return Vec::new();
    };
    let mut tags = Vec::new();
    let mut count = 0;
    while let Some(row) = rows.next_row(problems) {
        count += 1;
        if count > MAX_ROWS {
            problems.error(row.at, format!("the table has more than {MAX_ROWS} lines"));
            break;
        }
        tags.extend(header.tag(&row, rows.has_decimal_commas(), problems));
    }
    tags
}

/// The table as text, without its byte order mark.
fn text<'b>(file: u32, bytes: &'b [u8], problems: &mut Problems) -> Option<&'b str> {
    if bytes.len() > MAX_BYTES {
        problems.error(
            first(file),
            format!("the table is larger than {MAX_BYTES} bytes"),
        );
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let before = std::str::from_utf8(before).unwrap_or_default();
            let at =
                rows::Walk::to_the_end(file, before.strip_prefix('\u{feff}').unwrap_or(before));
            problems.error_with(at, "the table is not UTF-8", "save it as `CSV UTF-8`");
            None
        }
    }
}

const fn first(file: u32) -> Spot {
    Spot::top(file)
}

/// What the columns are.
struct Header(Vec<Option<&'static str>>);

impl Header {
    fn read(row: &Row, problems: &mut Problems) -> Option<Self> {
        let mut columns = vec![None; row.columns.min(MAX_COLUMNS)];
        let mut seen: Vec<(&'static str, Spot)> = Vec::new();
        for (column, word) in &row.fields {
            let text = word.text.to_lowercase();
            let Some(key) = keys().find(|key| **key == *text) else {
                let what = format!("a table of tags has no column `{}`", word.text);
                refuse(word.at, what, &text, problems);
                continue;
            };
            match seen.iter().find(|(of, _)| *of == key) {
                Some((_, at)) => problems.twice(word.at, &format!("column `{key}`"), *at),
                None => seen.push((key, word.at)),
            }
            if let Some(place) = columns.get_mut(*column) {
                *place = Some(key);
            }
        }
        let mut whole = true;
        for key in [NAME].into_iter().chain(NEEDED) {
            if !seen.iter().any(|(of, _)| *of == key) {
                let what = format!("the table has no column `{key}`");
                problems.error_with(row.at, what, format!("its columns are {}", all_keys()));
                whole = false;
            }
        }
        whole.then_some(Self(columns))
    }

    /// The tag that a line states.
    fn tag(&self, row: &Row, decimal_commas: bool, problems: &mut Problems) -> Option<Tag> {
        let Some(name) = self.field(row, NAME) else {
            problems.error(row.at, "a tag without a `name`");
            return None;
        };
        let stray = row
            .fields
            .iter()
            .find(|(column, _)| *column >= self.0.len());
        if let Some((_, word)) = stray {
            let what = format!("`{}` stands in no column of the header", word.text);
            problems.error_with(
                word.at,
                what,
                "put a text that contains the separator in double quotes",
            );
        }
        for key in NEEDED {
            if self.field(row, key).is_none() {
                missing(name, key, problems);
            }
        }
        let name = named(name, problems);
        Some(Tag::of(name, &mut |key| {
            self.word(row, key, decimal_commas, problems)
        }))
    }

    fn field<'r>(&self, row: &'r Row, key: &str) -> Option<&'r Word> {
        let is = |column: &usize| self.0.get(*column).copied().flatten() == Some(key);
        row.fields
            .iter()
            .find(|(column, _)| is(column))
            .map(|(_, word)| word)
    }

    fn word(
        &self,
        row: &Row,
        key: &'static str,
        decimal_commas: bool,
        problems: &mut Problems,
    ) -> Option<Word> {
        let word = self.field(row, key)?;
        if word.text.chars().any(char::is_control) {
            problems.error(word.at, format!("`{key}` must be printable text"));
            return None;
        }
        let comma = decimal_commas && NUMBERS.contains(&key) && !word.text.contains('.');
        let text = if comma {
            word.text.replacen(',', ".", 1)
        } else {
            word.text.clone()
        };
        Some(Word { at: word.at, text })
    }
}

fn refuse(at: Spot, what: String, text: &str, problems: &mut Problems) {
    let near = model::closest(text, keys());
    let help = near.map_or_else(
        || format!("its columns are {}", all_keys()),
        |near| format!("did you mean `{near}`?"),
    );
    problems.error_with(at, what, help);
}

fn keys() -> impl Iterator<Item = &'static str> {
    [NAME].into_iter().chain(TAG.spellings())
}

fn all_keys() -> String {
    keys().collect::<Vec<_>>().join(", ")
}

const NAME: &str = "name";

/// The columns that hold numbers.
const NUMBERS: [&str; 4] = ["scale", "offset", "low", "high"];

/// The largest table.
const MAX_BYTES: usize = 16 << 20;

/// The most tags of a table.
const MAX_ROWS: usize = 200_000;

/// The most columns of a table.
pub(super) const MAX_COLUMNS: usize = 64;
