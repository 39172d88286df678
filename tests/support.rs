//! What the themes share.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Captures by others that stand beside the repository on some machines; without them, `None`,
/// and the test says that it skips.
pub(crate) fn shared_captures() -> Option<PathBuf> {
    let folder = root().join("../shared/captures");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no captures by others at {}", folder.display());
    None
}

/// Runs the binary under test.
pub(crate) fn bulkhead<S: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = S>,
) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bulkhead"))
        .args(arguments)
        .current_dir(root())
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

/// What a run said on standard output.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a run said on standard error.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
