//! What a file says about templates, taken out of it before the language is read.

use crate::fields::{entries, one_word};
use crate::node::{Node, Word};
use crate::problems::Problems;
use crate::shapes::PARAMETER;

use super::entries_mut;

/// What the files of a site or of a template say about templates, each at most once.
#[derive(Default)]
pub(super) struct Head {
    /// The template that is extended.
    pub(super) extends: Option<Word>,
    /// Values for its parameters.
    pub(super) variables: Vec<(Word, Node)>,
    /// What is changed of what it states.
    pub(super) overlay: Option<Node>,
    /// What whoever extends these files may or must say.
    pub(super) parameters: Vec<Parameter>,
}

/// What a template wants to be told.
pub(super) struct Parameter {
    pub(super) name: Word,
    pub(super) description: Option<String>,
    pub(super) default: Option<Node>,
}

impl Head {
    /// Takes the keys out of the files.
    pub(super) fn take(files: &mut [Node], problems: &mut Problems) -> Self {
        let extends = take("extends", files, problems);
        let variables = take("variables", files, problems);
        let overlay = take("overlay", files, problems);
        let parameters = take("parameters", files, problems);
        for (key, node) in [&variables, &overlay].into_iter().flatten() {
            if extends.is_none() {
                let what = format!("`{}` without `extends`", key.text);
                problems.error_with(node.at, what, "write `extends:` with a template");
            }
        }
        Self {
            extends: extends.and_then(|(_, node)| one_word(&node, "extends", problems)),
            variables: variables.map_or_else(Vec::new, |(_, node)| named(&node, problems)),
            overlay: overlay.map(|(_, node)| node),
            parameters: parameters.map_or_else(Vec::new, |(_, node)| declared(&node, problems)),
        }
    }

    /// Whether the files have nothing to do with templates.
    pub(super) const fn is_empty(&self) -> bool {
        self.extends.is_none() && self.parameters.is_empty()
    }
}

/// The one entry of a key in all files.
fn take(key: &str, files: &mut [Node], problems: &mut Problems) -> Option<(Word, Node)> {
    let mut first: Option<(Word, Node)> = None;
    for entries in files.iter_mut().filter_map(entries_mut) {
        for entry in entries.extract_if(.., |(word, _)| word.text == key) {
            match &first {
                Some((word, _)) => problems.twice(entry.0.at, &format!("`{key}`"), word.at),
                None => first = Some(entry),
            }
        }
    }
    first
}

fn declared(node: &Node, problems: &mut Problems) -> Vec<Parameter> {
    let parameters = named(node, problems);
    let parameters = parameters.into_iter();
    parameters
        .map(|(name, node)| Parameter::read(name, &node, problems))
        .collect()
}

/// The entries of a mapping whose keys are names of variables.
fn named(node: &Node, problems: &mut Problems) -> Vec<(Word, Node)> {
    let mut kept: Vec<(Word, Node)> = Vec::new();
    for (name, value) in entries(node, "a set of variables", problems) {
        if !is_name(&name.text) {
            let what = format!("`{}` is no name for a variable", name.text);
            problems.error_with(name.at, what, "letters, digits, `_` and `-` make one");
            continue;
        }
        match kept.iter().find(|(seen, _)| seen.text == name.text) {
            Some((seen, _)) => {
                let what = format!("variable `{}`", name.text);
                problems.twice(name.at, &what, seen.at);
            }
            None => kept.push((name.clone(), value.clone())),
        }
    }
    kept
}

/// Whether a text is the name of a variable.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=MAX_NAME).contains(&text.len()) && text.chars().all(fits)
}

impl Parameter {
    fn read(name: Word, node: &Node, problems: &mut Problems) -> Self {
        if let crate::node::Kind::Text(text) = &node.kind {
            return Self {
                name,
                description: Some(text.clone()),
                default: None,
            };
        }
        let fields = PARAMETER.read(node, problems);
        let description = fields.word("description", problems);
        Self {
            name,
            description: description.map(|word| word.text),
            default: fields.node("default").cloned(),
        }
    }
}

/// The longest name of a variable.
const MAX_NAME: usize = 64;
