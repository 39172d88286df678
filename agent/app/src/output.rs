//! How the command line talks: tables and colour on a terminal, plain text off it.

use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, Result};
use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::{Problem, Severity};

use crate::problems::{self, Gravity};

/// Bold, for names and totals.
pub(crate) const BOLD: Style = Style::new().bold();
/// Quiet, for what may be skipped.
pub(crate) const DIM: Style = Style::new().dimmed();
/// For what went wrong.
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
/// For what asks for attention.
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default();
/// For what is fine.
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();

/// Starts logging to standard error; `RUST_LOG` has the last word.
pub(crate) fn start_logging(verbose: u8) {
    let level = match verbose {
        0 => "warn,bulkhead=info,app=info,export=info",
        1 => "info",
        _ => "debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .init();
}

/// Prints to standard output; colour is dropped where it is no terminal.
///
/// # Errors
///
/// When standard output is gone.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

/// Says on standard error that something went wrong.
pub(crate) fn error(text: &str) {
    let mut out = anstream::stderr().lock();
    let _ = writeln!(out, "{RED}error{RED:#}: {text}");
}

/// An error with its causes, each said once: some errors name their cause themselves.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// Shows what is doubtful in files.
pub(crate) fn warnings(warnings: &[Problem]) {
    problems::list(warnings, Gravity::Warning);
}

/// Says on standard error what is good to know.
pub(crate) fn note(text: &str) {
    let mut out = anstream::stderr().lock();
    let _ = writeln!(out, "{DIM}note{DIM:#}: {text}");
}

/// Shows every problem, each with the line that it is in, and how many there are.
pub(crate) fn problems(problems: &[Problem]) {
    problems::show(problems);
}

/// Whether an error only says that the reader of our output has gone.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Opens a file to write, or standard output for `-`.
///
/// # Errors
///
/// When the file cannot be made.
pub(crate) fn create(path: &Path) -> Result<Box<dyn Write + Send>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufWriter::new(io::stdout())));
    }
    let file = std::fs::File::create(path)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(Box::new(BufWriter::with_capacity(1 << 16, file)))
}

/// A table that fits the terminal, or plain columns off it.
pub(crate) fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    if io::stdout().is_terminal() {
        table.load_preset(presets::UTF8_FULL_CONDENSED);
        table.set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        table.load_preset(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    table.set_header(header);
    table
}

/// The colour of a severity.
pub(crate) const fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => RED,
        Severity::Medium => YELLOW,
        Severity::Low | Severity::Informational => DIM,
    }
}

/// A progress bar over bytes, with rate and time left; hidden off a terminal.
pub(crate) fn progress(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    if !io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let template = "{spinner} {wide_bar} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// A progress bar over steps, with the time left; hidden off a terminal.
pub(crate) fn steps(count: usize, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(count).unwrap_or(u64::MAX));
    if !io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let template = "{spinner} {wide_bar} {pos}/{len} {msg}  {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}

/// A number with its thousands parted.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_its_error_names_already_is_said_once() {
        let error = anyhow::anyhow!("no such file").context("cannot open `a`: no such file");
        assert_eq!(chain(&error), "cannot open `a`: no such file");
        assert_eq!(
            chain(&error.context("replay")),
            "replay: cannot open `a`: no such file"
        );
    }

    #[test]
    fn large_numbers_are_parted_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }
}
