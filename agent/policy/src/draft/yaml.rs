//! YAML as people write it, from texts that strangers may have chosen.

/// A text as a YAML scalar: plain where nothing in it can be mistaken, else in double quotes with escapes.
pub(crate) fn text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        shown(c, &mut quoted);
    }
    quoted.push('"');
    quoted
}

/// A text as part of a comment: on one line, without what a terminal or an editor would obey, and not longer than
/// anybody reads.
pub(crate) fn comment(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (place, c) in text.chars().enumerate() {
        if place == COMMENT_CHARS {
            safe.push('…');
            break;
        }
        shown(c, &mut safe);
    }
    safe
}

/// A list as the value of a key that stands `indent` deep: on one line where it fits, else an item a line.
pub(crate) fn list(items: &[String], indent: usize) -> String {
    let line = items.join(", ");
    if line.chars().count() + indent <= LINE_CHARS {
        return format!(" [{line}]");
    }
    let start = " ".repeat(indent + 2);
    items.iter().fold(String::new(), |text, item| {
        format!("{text}\n{start}- {item}")
    })
}

/// Whether a text is the same as a plain scalar, in a block and within brackets.
fn is_plain(text: &str) -> bool {
    let inner =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | ' ' | ':');
    let (first, last) = (text.chars().next(), text.chars().next_back());
    let ends = [first, last]
        .into_iter()
        .all(|c| c.is_some_and(|c| c.is_ascii_alphanumeric()));
    let colons = text.matches(':').count();
    ends && text.chars().all(inner)
        && (colons == 0 || colons == 1 && !text.contains(": "))
        && !text.eq_ignore_ascii_case("null")
}

/// A character as it is where it is a letter or ASCII that prints, else as an escape of YAML.
fn shown(c: char, text: &mut String) {
    match c {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        ' '..='~' => text.push(c),
        c if c.is_alphanumeric() => text.push(c),
        c => {
            let code = u32::from(c);
            let escape = match code {
                0..=0xff => format!("\\x{code:02x}"),
                0x100..=0xffff => format!("\\u{code:04x}"),
                _ => format!("\\U{code:08x}"),
            };
            text.push_str(&escape);
        }
    }
}

/// The most characters of a stranger's text in a comment.
const COMMENT_CHARS: usize = 160;

/// How long a line may be before its list is broken.
const LINE_CHARS: usize = 100;
