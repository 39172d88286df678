//! What the themes share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Something that stands beside the repository on some machines; without it, `None`, and the test
/// says that it skips.
pub(crate) fn shared(name: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: there is no {}", path.display());
    None
}

/// The binary under test with these arguments, in the root of the repository.
pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bulkhead"));
    command
        .args(arguments)
        .current_dir(root())
        .env_remove("RUST_LOG");
    command
}

/// Runs the binary under test.
pub(crate) fn bulkhead<S: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = S>,
) -> Output {
    command(arguments).output().unwrap()
}

/// Runs the binary under test with words that are parted by spaces; it must end with 0. What it
/// said on standard output.
pub(crate) fn says(words: &str) -> String {
    let output = bulkhead(words.split_whitespace());
    assert!(
        output.status.success(),
        "`{words}` said {}",
        stderr(&output)
    );
    stdout(&output)
}

/// What a run said on standard output.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a run said on standard error.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The objects of JSON Lines.
pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A field of a JSON object, by its path, as text; what is not there is empty.
pub(crate) fn field(object: &Value, path: &str) -> String {
    let found = path
        .split('.')
        .try_fold(object, |object, key| object.get(key));
    match found {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The captures that the project made, by name.
pub(crate) fn own_captures() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("pcaps")).unwrap();
    let mut captures: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "pcap"))
        .collect();
    captures.sort();
    captures
}

/// The logs that `--format icsnpp` writes of a capture: the rows of each.
pub(crate) fn logs_of(capture: &Path) -> BTreeMap<String, Vec<Value>> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("logs");
    let words: [PathBuf; 6] = [
        "replay".into(),
        capture.into(),
        "--format".into(),
        "icsnpp".into(),
        "--out".into(),
        out.clone(),
    ];
    let output = bulkhead(&words);
    assert_eq!(stderr(&output), "", "{}", capture.display());
    let logs = std::fs::read_dir(out).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        let log = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (log, json_lines(&std::fs::read_to_string(path).unwrap()))
    });
    logs.collect()
}
