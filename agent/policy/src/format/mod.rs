//! `bulkhead policy fmt`: a policy file as everybody writes it, saying what it said.
//!
//! A file is read with the parser that the policy reader uses (granit-parser, by way of serde-saphyr),
//! comments included (`parse`, `notes`, `tree`); keys are put in the order of the language and get the number of
//! their values (`arrange`); the tree is written anew (`print`, `scalar`). Nothing is written that was
//! not read: at the end both texts are read as policies are, and their trees and comments must be the
//! same (`guard`), else the file is refused.
//!
//! What it keeps: every comment, where groups are parted by an empty line, the order of names and of
//! lists, whether a list is written in brackets or line by line, the lines of block texts. What it
//! leaves out: texts are not wrapped, and nothing is checked; a file that would not load is formatted
//! all the same, if it is YAML.

mod arrange;
mod files;
mod guard;
mod notes;
mod parse;
mod print;
mod scalar;
mod tree;

#[cfg(test)]
mod tests;

use model::Problem;

use crate::load::Text;
use crate::node;
use crate::problems::{Problems, Spot};
use crate::shapes::FILE;

/// The text of a policy file as `bulkhead policy fmt` writes it. Line ends stay what they are; a byte
/// order mark goes.
///
/// # Errors
///
/// What keeps the text from being YAML, or from being formatted: tags, directives, complex keys.
pub fn format(file: &Text) -> Result<String, Vec<Problem>> {
    let mut problems = Problems::default();
    let formatted = formatted(file, &mut problems);
    match formatted {
        Some(text) if !problems.is_fatal() => Ok(text),
        _ => Err(problems.into_sorted().0),
    }
}

fn formatted(file: &Text, problems: &mut Problems) -> Option<String> {
    let ends = if file.text.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let text = file.text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let before = node::read(&file.name, text, problems)?;
    if problems.is_fatal() {
        return None;
    }
    let mut document = match parse::parse(text) {
        Ok(document) => document,
        Err(refusal) => {
            let at = Spot {
                file: 0,
                line: refusal.line,
                column: refusal.column,
                width: 0,
            };
            problems.error_with(at, refusal.what, "the file is left as it is");
            return None;
        }
    };
    arrange::arrange(&mut document, &FILE);
    let written = print::print(&document);
    let after = node::read(&file.name, &written, problems)?;
    if !guard::same(&before, &after, &FILE) || !guard::same_comments(text, &written) {
        let what = "formatting would change what this file says; it is left as it is";
        problems.error_with(before.at, what, "please report this with the file");
        return None;
    }
    Some(written.replace('\n', ends))
}
