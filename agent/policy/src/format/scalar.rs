//! How a text is written: plain where YAML lets it be, quoted where that is needed, a block as it was.

use super::tree::{Scalar, Style};

impl Scalar<'_> {
    /// The text on one line; none where only a block can hold it as it is meant.
    pub(super) fn inline(&self) -> Option<String> {
        let is_one_line = !self.source.contains('\n');
        match self.style {
            Style::Plain if is_one_line => Some(self.source.to_owned()),
            Style::Plain if !self.text.contains('\n') => Some(self.text.clone().into_owned()),
            Style::Quoted if is_bare(&self.text) => Some(self.text.clone().into_owned()),
            Style::Quoted if is_one_line && self.source.starts_with('"') => {
                Some(self.source.to_owned())
            }
            Style::Plain | Style::Quoted => Some(quoted(&self.text)),
            Style::Block(..) if self.text.trim().is_empty() => Some(quoted(&self.text)),
            Style::Block(..) => None,
        }
    }

    /// The text as a block whose lines are indented by `indent`: its head, then its lines.
    pub(super) fn block(&self, indent: usize, width: usize) -> Option<Vec<String>> {
        match self.style {
            Style::Block(head, at) => Some(self.same_block(head, at)),
            Style::Plain | Style::Quoted => {
                let was_broken = self.source.contains('\n');
                (was_broken && is_foldable(&self.text))
                    .then(|| folded(&self.text, width.saturating_sub(indent)))
            }
        }
    }

    /// The lines as they were.
    fn same_block(&self, head: char, at: usize) -> Vec<String> {
        let text = &self.text;
        let ends = text.len() - text.trim_end_matches('\n').len();
        let leading = text.len() - text.trim_start_matches('\n').len();
        let is_indented = text.trim_start_matches('\n').starts_with(' ');
        let step = if is_indented { "2" } else { "" };
        let chomp = match ends {
            0 => "-",
            1 => "",
            _ => "+",
        };
        let mut lines = vec![format!("{head}{step}{chomp}")];
        lines.extend(std::iter::repeat_n(String::new(), leading));
        let body = self.source.trim_end_matches('\n').lines().enumerate();
        lines.extend(body.map(|(number, line)| match number {
            0 => line.to_owned(),
            _ => without_indent(line, at).to_owned(),
        }));
        while lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines.extend(std::iter::repeat_n(String::new(), ends.saturating_sub(1)));
        lines
    }
}

fn without_indent(line: &str, indent: usize) -> &str {
    let blanks = line.bytes().take_while(|byte| *byte == b' ').count();
    line.get(blanks.min(indent)..).unwrap_or_default()
}

/// Whether quotes around a text say nothing: words of letters, digits and the marks of names, which no
/// YAML takes for anything else than text.
fn is_bare(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/');
    let words = text
        .split(' ')
        .all(|word| !word.is_empty() && word.chars().all(fits));
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let special = SPECIAL.iter().any(|word| text.eq_ignore_ascii_case(word));
    words && begins && !special
}

/// A text in quotes, on one line.
fn quoted(text: &str) -> String {
    let is_plain = !text.chars().any(|c| c.is_control() || is_hidden(c));
    if is_plain && text.contains(['"', '\\']) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || is_hidden(c) => {
                quoted.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// What YAML takes for the end of a line, or nobody sees.
const fn is_hidden(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Whether breaking a text at its blanks and folding the lines gives the same text.
fn is_foldable(text: &str) -> bool {
    let hidden = text.chars().any(|c| c.is_control() || is_hidden(c));
    !hidden && text.split(' ').all(|word| !word.is_empty())
}

/// A folded block of lines no wider than `width`, where words are not longer.
fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![">-".to_owned(), String::new()];
    for word in text.split(' ') {
        let wide = word.chars().count();
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + wide <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Words that some YAML takes for something else than text.
const SPECIAL: &[&str] = &["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
