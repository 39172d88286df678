//! Templates: what many sites have in common is written once, and a site says what is different.
//!
//! A site's file names a template (`extends`), gives values for its parameters (`variables`), and
//! changes what it states (`overlay`). A template may extend another in the same way. All of this is done
//! on trees of YAML, before the language is read: what comes out are the trees of files that were
//! written without templates, so that nothing that follows knows of them.
//!
//! Every word keeps the place where it is written, which for a template's word is the template's line; what
//! a problem there owes to a site's value is noted for its help ([`Problems::note`]).
//!
//! Bounds: [`MAX_LEVELS`] templates deep, and what substitution makes ([`substitute`]).

mod head;
mod overlay;
mod scope;
mod substitute;

use std::path::{Path, PathBuf};

use crate::load::Text;
use crate::node::{self, Kind, Node, Word};
use crate::problems::{Problems, Spot};
use crate::source::{Library, beside, plain};
use head::Head;
use scope::{Scope, Variable};
use substitute::Substitution;

/// The files of a policy with what they take from templates.
pub(crate) struct Composed {
    pub(crate) nodes: Vec<Node>,
    /// The templates, the nearest first.
    pub(crate) templates: Vec<Template>,
    /// Whether every file could be read.
    pub(crate) whole: bool,
}

/// A template that a policy extends, with what its variables stand for there.
#[derive(Debug)]
pub struct Template {
    /// Its folder, or the file that it is.
    pub path: PathBuf,
    scope: Scope,
}

impl Template {
    /// A tree that stands beside the template, with its variables in place.
    pub(crate) fn fill(&self, node: Node, problems: &mut Problems) -> Node {
        let mut substitution = Substitution {
            scope: &mut self.scope.clone(),
            left: &mut MAX_MADE.clone(),
            problems,
        };
        substitution.node(node)
    }
}

/// The files of a site, and those of the templates that they extend.
pub(crate) fn compose(
    texts: Vec<Text>,
    library: &Library<'_>,
    problems: &mut Problems,
) -> Composed {
    let mut composer = Composer {
        library,
        problems,
        whole: true,
        left: MAX_MADE,
        trail: Vec::new(),
        templates: Vec::new(),
    };
    let nodes = composer.layer(texts, None);
    let Composer {
        whole, templates, ..
    } = composer;
    Composed {
        nodes,
        templates,
        whole,
    }
}

struct Composer<'c, 's> {
    library: &'c Library<'s>,
    problems: &'c mut Problems,
    whole: bool,
    /// How much substitution may still make.
    left: usize,
    /// The files of the site and of the templates that are being read, outermost first.
    trail: Vec<Vec<PathBuf>>,
    templates: Vec<Template>,
}

/// What a file hands to the template that it extends.
struct Given {
    path: PathBuf,
    at: Spot,
    variables: Vec<Variable>,
}

impl Composer<'_, '_> {
    /// One site or one template, with all that it extends.
    fn layer(&mut self, texts: Vec<Text>, given: Option<Given>) -> Vec<Node> {
        let files = texts.iter().map(|text| plain(Path::new(&text.name)));
        self.trail.push(files.collect());
        let nodes = self.extended(texts, given);
        self.trail.pop();
        nodes
    }

    fn extended(&mut self, texts: Vec<Text>, given: Option<Given>) -> Vec<Node> {
        let mut nodes = self.read(texts);
        let head = Head::take(&mut nodes, self.problems);
        if given.is_none() && head.is_empty() {
            return nodes;
        }
        let path = given.as_ref().map(|given| given.path.clone());
        let mut scope = Scope::bind(&head, given, &mut self.left, self.problems);
        let handed = scope.variables(&head, &mut self.left, self.problems);
        let mut substitution = Substitution {
            scope: &mut scope,
            left: &mut self.left,
            problems: self.problems,
        };
        nodes = nodes
            .into_iter()
            .map(|node| substitution.node(node))
            .collect();
        let overlay = head.overlay.map(|node| substitution.node(node));
        let extends = head.extends.and_then(|word| substitution.word(word));
        scope.check_use(self.problems);
        // what stands where a value should, would be wrong again in every way
        self.whole &= scope.is_whole();
        self.templates
            .extend(path.map(|path| Template { path, scope }));
        let Some(extends) = extends else {
            return nodes;
        };
        let given = Given {
            path: PathBuf::new(),
            at: extends.at,
            variables: handed,
        };
        let mut base = self.template(&extends, given);
        if let Some(overlay) = overlay.filter(|_| self.whole) {
            overlay::apply(overlay, &mut base, self.problems);
        }
        overlay::check_conflicts(&base, &mut nodes, self.problems);
        base.append(&mut nodes);
        base
    }

    fn read(&mut self, texts: Vec<Text>) -> Vec<Node> {
        let read = |text: &Text| node::read(&text.name, &text.text, self.problems);
        let nodes: Vec<_> = texts.iter().filter_map(read).collect();
        self.whole &= nodes.len() == texts.len();
        nodes
    }

    /// The template that a word names, relative to the file in which it stands.
    fn template(&mut self, named: &Word, given: Given) -> Vec<Node> {
        let path = match self.find(named) {
            Ok(path) => path,
            Err((what, help)) => {
                self.problems.refuse(named.at, what, help);
                self.whole = false;
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        let files = self.library.policy_files(&path);
        let files = files.map_err(|what| self.refuse(named, &path, &what));
        for file in files.unwrap_or_default() {
            match self.library.text(&file) {
                Ok(text) => texts.push(text),
                Err(what) => self.refuse(named, &file, &what),
            }
        }
        self.layer(texts, Some(Given { path, ..given }))
    }

    /// Where a template lies, unless it may not be extended from here.
    fn find(&self, named: &Word) -> Result<PathBuf, (String, Option<String>)> {
        let relative = Path::new(&named.text);
        if relative.is_absolute() {
            let what = format!("`{}` is not relative", named.text);
            let help =
                "name the template relative to this file, so that both can be moved together";
            return Err((what, Some(help.to_owned())));
        }
        let file = PathBuf::from(self.problems.files.name(named.at));
        let path = beside(&file, &named.text);
        let mut levels = self.trail.iter().flatten();
        if levels.any(|file| *file == path || file.parent() == Some(&path)) {
            let what = format!("`{}` would extend itself", path.display());
            return Err((what, self.circle(&path)));
        }
        if self.trail.len() > MAX_LEVELS {
            let what = format!("templates extend each other more than {MAX_LEVELS} deep");
            return Err((what, None));
        }
        Ok(path)
    }

    /// The way from a template to itself, where others lie on it.
    fn circle(&self, path: &Path) -> Option<String> {
        let begins = |files: &Vec<PathBuf>| {
            let mut files = files.iter();
            files.any(|file| file == path || file.parent() == Some(path))
        };
        let from = self.trail.iter().position(begins)?;
        let between = self
            .trail
            .get(from + 1..)?
            .iter()
            .filter_map(|files| files.first());
        let way: Vec<_> = between
            .map(|file| format!("`{}`", file.display()))
            .collect();
        (!way.is_empty()).then(|| format!("it is extended by way of {}", way.join(", ")))
    }

    fn refuse(&mut self, named: &Word, path: &Path, what: &str) {
        let what = format!("template `{}`: {what}", path.display());
        self.problems.error(named.at, what);
        self.whole = false;
    }
}

/// The entries of a file's mapping; none where it is something else, which reading the language says.
fn entries_mut(file: &mut Node) -> Option<&mut Vec<(Word, Node)>> {
    match &mut file.kind {
        Kind::Map(entries) => Some(entries),
        Kind::Nothing | Kind::Text(_) | Kind::List(_) => None,
    }
}

/// How many templates may extend each other.
const MAX_LEVELS: usize = 8;

/// How many bytes and pieces substitution may make in one policy.
const MAX_MADE: usize = 32 << 20;
