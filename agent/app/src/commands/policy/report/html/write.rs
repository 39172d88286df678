//! Writing HTML: text goes in escaped, and in no other way.

use model::Timestamp;

/// Text as HTML and SVG take it, in elements and in quoted attributes. What could turn the reading direction of the text
/// behind it, and what no document may hold, is shown as a mark.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => escaped.push('\u{fffd}'),
            character if character.is_control() => escaped.push('\u{fffd}'),
            character => escaped.push(character),
        }
    }
    escaped
}

/// A moment to the second, in UTC.
pub(super) fn moment(at: Option<Timestamp>) -> String {
    let text = at.map(|at| at.to_string()).unwrap_or_default();
    let day_and_time = text
        .split_once('.')
        .map_or(text.as_str(), |(start, _)| start);
    match day_and_time {
        "" => String::new(),
        start => format!("{}Z", start.replace('T', " ")),
    }
}

/// A text of at most so many characters.
pub(super) fn short(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let start: String = text.chars().take(length.saturating_sub(1)).collect();
    format!("{start}…")
}

/// A name of at most so many characters, cut in its middle: names of one kind differ at their ends.
pub(super) fn short_name(name: &str, length: usize) -> String {
    let count = name.chars().count();
    if count <= length {
        return name.to_owned();
    }
    let end = length / 2;
    let start: String = name.chars().take(length.saturating_sub(end + 1)).collect();
    let end: String = name.chars().skip(count - end).collect();
    format!("{start}…{end}")
}

/// A table with a caption and a header for each column; cells are HTML already.
pub(super) fn table(caption: &str, header: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return format!("<p class=\"none\">{}: none.</p>\n", escape(caption));
    }
    let head = header
        .iter()
        .map(|it| format!("<th scope=\"col\">{}</th>", escape(it)));
    let head: String = head.collect();
    let row = |cells: &Vec<String>| {
        let mut cells = cells.iter();
        let first = cells
            .next()
            .map(|it| format!("<th scope=\"row\">{it}</th>"));
        let others: String = cells.map(|it| format!("<td>{it}</td>")).collect();
        format!("<tr>{}{others}</tr>\n", first.unwrap_or_default())
    };
    let body: String = rows.iter().map(row).collect();
    let caption = escape(caption);
    format!(
        "<div class=\"wide\"><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>\n\
         <tbody>\n{body}</tbody></table></div>\n"
    )
}

/// A list of names with what they are; what is empty is left out.
pub(super) fn facts(facts: &[(&str, String)]) -> String {
    let each = facts.iter().filter(|(_, text)| !text.is_empty());
    let each =
        each.map(|(name, text)| format!("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(text)));
    let each: String = each.collect();
    format!("<dl>{each}</dl>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_html_means_something_by_is_left() {
        let hostile = "<script>\"'&\u{202e}\u{0}";
        let escaped = escape(hostile);
        assert_eq!(escaped, "&lt;script&gt;&quot;&#39;&amp;\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        assert_eq!(short("äöüß", 3), "äö…");
        assert_eq!(short("äöü", 3), "äöü");
        assert_eq!(short_name("feedwater-line-25", 11), "feedw…ne-25");
        assert_eq!(short_name("line-25", 11), "line-25");
    }
}
