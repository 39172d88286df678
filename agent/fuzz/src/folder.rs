//! A policy of several files as one text, so that an input can have templates and what extends them.
//!
//! Each file stands below a line `# file: NAME`. A text that does not begin so is one file. The policy is the
//! folder of the first; where it has none, all files are the policy's own.

use std::path::Path;

use policy::Text;

/// The line above a file, without its name.
const HEAD: &str = "# file: ";

/// The files of an input.
pub fn split(text: &str) -> Vec<Text> {
    let one = |name: &str, text: &str| Text {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let Some(rest) = text.strip_prefix(HEAD) else {
        return vec![one("any.yaml", text)];
    };
    let parting = format!("\n{HEAD}");
    rest.split(&parting)
        .take(FILES)
        .map(|file| {
            let (name, text) = file.split_once('\n').unwrap_or((file, ""));
            one(name.trim(), text)
        })
        .collect()
}

/// Files as one input.
pub fn join(files: &[Text]) -> String {
    let file = |file: &Text| format!("{HEAD}{}\n{}", file.name, file.text.trim_end());
    let files: Vec<_> = files.iter().map(file).collect();
    files.join("\n")
}

/// The folder that is the policy; none where the first file lies in no folder.
pub fn root(files: &[Text]) -> Option<&Path> {
    let folder = Path::new(&files.first()?.name).parent()?;
    (!folder.as_os_str().is_empty()).then_some(folder)
}

/// The most files of an input.
const FILES: usize = 16;
