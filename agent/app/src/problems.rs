//! How problems in files are shown: what is wrong, the line with the word underlined, what to do.
//!
//! On a terminal as compilers show them, in colour. Off it each begins with one line that tools can
//! take apart, `file:line:column: what; what to do`, warnings with the word `warning` before the what.

use std::collections::HashMap;
use std::io::{self, IsTerminal as _, Write as _};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use model::Problem;
use serde_json::{Value, json};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Gravity {
    /// Nothing is loaded.
    Error,
    /// It loads, but is hardly meant.
    Warning,
}

/// Shows problems on standard error, and says how many errors there are.
pub(crate) fn show(problems: &[Problem]) {
    list(problems, Gravity::Error);
    let _ = writeln!(
        anstream::stderr().lock(),
        "{}",
        counted(problems.len(), "problem")
    );
}

/// Shows problems on standard error.
pub(crate) fn list(problems: &[Problem], gravity: Gravity) {
    let is_terminal = io::stderr().is_terminal();
    let mut out = anstream::stderr().lock();
    let mut sources = HashMap::new();
    for problem in problems {
        let file = &problem.at.file;
        let source = sources.entry(file).or_insert_with(|| Source::read(file));
        let text = render(problem, gravity, source.as_ref(), is_terminal);
        let _ = out.write_all(text.as_bytes());
    }
}

/// A problem for programs. `end_column` is one past the last character that it is about.
pub(crate) fn in_json(problem: &Problem, gravity: Gravity) -> Value {
    let Problem {
        at,
        width,
        what,
        help,
    } = problem;
    let severity = match gravity {
        Gravity::Error => "error",
        Gravity::Warning => "warning",
    };
    json!({
        "severity": severity, "file": at.file, "line": at.line, "column": at.column,
        "end_column": at.column.saturating_add(*width), "what": what, "help": help,
    })
}

/// A number with its noun.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// A file's text, and where its lines begin: thousands of problems may be in it.
struct Source {
    text: String,
    starts: Vec<usize>,
}

impl Source {
    fn read(file: &str) -> Option<Self> {
        std::fs::read_to_string(file)
            .ok()
            .map(|text| Self::of(&text))
    }

    fn of(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}').to_owned();
        let ends = text.match_indices('\n').map(|(end, _)| end + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        Self { text, starts }
    }

    /// A line without its end, counted from 1.
    fn line(&self, number: u32) -> Option<&str> {
        let number = usize::try_from(number.checked_sub(1)?).ok()?;
        let start = *self.starts.get(number)?;
        let rest = self.text.get(start..)?;
        Some(rest.lines().next().unwrap_or_default())
    }
}

fn render(
    problem: &Problem,
    gravity: Gravity,
    source: Option<&Source>,
    is_terminal: bool,
) -> String {
    let level = match gravity {
        Gravity::Error => Level::ERROR,
        Gravity::Warning => Level::WARNING,
    };
    let line = source.and_then(|source| source.line(problem.at.line));
    let snippet = line.and_then(|line| {
        let span = AnnotationKind::Primary.span(span(problem, line)?);
        let number = usize::try_from(problem.at.line).ok()?;
        Some(Snippet::source(line).line_start(number).annotation(span))
    });
    if is_terminal {
        return in_colour(problem, level, snippet);
    }
    let mut text = on_one_line(problem, gravity);
    if let Some(snippet) = snippet {
        let group = Group::with_level(level).element(snippet);
        text.push_str(&Renderer::plain().render(&[group]));
        text.push('\n');
    }
    text
}

fn in_colour(
    problem: &Problem,
    level: Level<'_>,
    snippet: Option<Snippet<'_, annotate_snippets::Annotation<'_>>>,
) -> String {
    let at = problem.at.to_string();
    let title = match &snippet {
        Some(_) => problem.what.clone(),
        None => format!("{at}: {}", problem.what),
    };
    let mut group = level
        .primary_title(title)
        .elements(snippet.map(|snippet| snippet.path(&problem.at.file)));
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help));
    }
    let mut text = Renderer::styled().render(&[group]);
    text.push_str("\n\n");
    text
}

fn on_one_line(problem: &Problem, gravity: Gravity) -> String {
    let Problem { at, what, help, .. } = problem;
    let word = match gravity {
        Gravity::Error => "",
        Gravity::Warning => "warning: ",
    };
    let help = help
        .as_ref()
        .map_or_else(String::new, |help| format!("; {help}"));
    format!("{at}: {word}{what}{help}\n")
}

/// The bytes of its line that a problem is about; none where it is about the file.
fn span(problem: &Problem, line: &str) -> Option<Range<usize>> {
    let column = problem.at.column;
    if (problem.at.line, column, problem.width) == (1, 1, 0) {
        return None;
    }
    let at = |characters: u32| {
        let place = usize::try_from(characters).unwrap_or(usize::MAX);
        let mut places = line.char_indices().map(|(place, _)| place);
        places.nth(place).unwrap_or(line.len())
    };
    let first = column.saturating_sub(1);
    Some(at(first)..at(first.saturating_add(problem.width)))
}

#[cfg(test)]
mod tests {
    use model::Place;

    use super::*;

    const TEXT: &str = "version: 1\r\nsite: {name: 日本, owner: o}\n\tzone: cel-1\n";

    fn problem(line: u32, column: u32, width: u32) -> Problem {
        Problem {
            at: Place {
                file: "plant/conduits.yaml".into(),
                line,
                column,
            },
            width,
            what: "no zone `cel-1`".into(),
            help: Some("did you mean `cell-1`?".into()),
        }
    }

    fn check(problem: &Problem, gravity: Gravity, expected: &str) {
        assert_eq!(
            render(problem, gravity, Some(&Source::of(TEXT)), false),
            expected
        );
    }

    #[test]
    fn off_a_terminal_a_problem_begins_with_one_line() {
        check(
            &problem(3, 8, 5),
            Gravity::Error,
            "plant/conduits.yaml:3:8: no zone `cel-1`; did you mean `cell-1`?\n  |\n3 |     zone: cel-1\n  |           ^^^^^\n",
        );
        check(
            &problem(2, 14, 2),
            Gravity::Warning,
            "plant/conduits.yaml:2:14: warning: no zone `cel-1`; did you mean `cell-1`?\n  |\n2 | site: {name: 日本, owner: o}\n  |              ^^^^\n",
        );
    }

    #[test]
    fn what_is_about_the_file_or_beyond_its_text_is_shown_without_a_line_of_it() {
        let line = "plant/conduits.yaml:1:1: no zone `cel-1`; did you mean `cell-1`?\n";
        check(&problem(1, 1, 0), Gravity::Error, line);
        check(
            &problem(9, 1, 4),
            Gravity::Error,
            &line.replace(":1:1:", ":9:1:"),
        );
        assert_eq!(render(&problem(1, 1, 3), Gravity::Error, None, false), line);
    }

    #[test]
    fn a_line_is_shown_without_its_end_and_the_last_one_may_have_none() {
        let source = Source::of("\u{feff}a\r\n\nb");
        let lines = [0, 1, 2, 3, 4].map(|number| source.line(number));
        assert_eq!(lines, [None, Some("a"), Some(""), Some("b"), None]);
        assert_eq!(Source::of("a\n").line(2), Some(""), "where a text ends");
    }

    #[test]
    fn an_underline_ends_with_its_line() {
        assert_eq!(span(&problem(1, 10, 99), "version: 1"), Some(9..10));
        assert_eq!(span(&problem(1, 40, 1), "version: 1"), Some(10..10));
    }

    #[test]
    fn on_a_terminal_the_title_the_place_the_line_and_the_help_are_shown() {
        let text = render(
            &problem(3, 8, 5),
            Gravity::Error,
            Some(&Source::of(TEXT)),
            true,
        );
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(
            plain,
            "error: no zone `cel-1`\n --> plant/conduits.yaml:3:8\n  |\n3 |     zone: cel-1\n  |           ^^^^^\n  |\n  = help: did you mean `cell-1`?\n\n"
        );
        assert_ne!(plain, text);
    }

    #[test]
    fn programs_get_every_part_by_name() {
        assert_eq!(
            in_json(&problem(3, 8, 5), Gravity::Warning),
            json!({
                "severity": "warning", "file": "plant/conduits.yaml", "line": 3, "column": 8,
                "end_column": 13, "what": "no zone `cel-1`", "help": "did you mean `cell-1`?",
            })
        );
    }
}
