//! What a mapping of the language may hold: the form in which `shapes` states it.
//!
//! One table serves everyone: the reader (which keys there are), `bulkhead policy fmt` (their order and
//! spelling), the JSON Schema (what each may hold) and the table of docs/POLICIES.md. What a value means
//! is for `resolve` to say; here stands what it looks like.
//!
//! A key that takes a list has two spellings: the plural takes a list or one value, the singular
//! reads better before one value and takes the same.

/// The keys that a mapping may have, in the order in which they are written.
#[derive(Debug)]
pub(crate) struct Shape {
    /// What the mapping describes, with its article, such as `a zone`.
    pub(crate) noun: &'static str,
    /// Where such a mapping stands, as the documentation writes it.
    pub(crate) place: &'static str,
    pub(crate) keys: &'static [Key],
    /// Keys of which one must stand, where there are such.
    pub(crate) one_of: &'static [&'static str],
}

/// One key.
#[derive(Debug)]
pub(crate) struct Key {
    /// Its name; of a key that takes a list, the plural.
    pub(crate) name: &'static str,
    /// The other spelling of a key that takes a list.
    pub(crate) singular: Option<&'static str>,
    /// Whether the mapping is wrong without it.
    pub(crate) needed: bool,
    pub(crate) value: Value,
    /// What it says, in one line.
    pub(crate) about: &'static str,
}

/// What stands under a key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    /// One text.
    Word(Form),
    /// One text, or a list of texts.
    Words(Form),
    /// A mapping.
    Mapping(&'static Shape),
    /// A mapping, or a list of such.
    Mappings(&'static Shape),
    /// A mapping from names to mappings.
    Named(Form, &'static Shape),
    /// A mapping from names to texts or lists of texts.
    NamedWords(Form, Form),
    /// A mapping from names to texts or mappings.
    NamedTexts(Form, &'static Shape),
    /// A mapping of that shape in which anything may be left out, and anything may be `remove`d.
    Changes(&'static Shape),
}

/// What a text looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// Whatever a variable may stand for.
    Anything,
    /// Any printable text.
    Text,
    /// The name of a function of a protocol.
    Function,
    /// A name that the policy gives or uses.
    Name,
    /// A whole number.
    Number(u32, u32),
    /// One of a few words.
    OneOf(&'static [&'static str]),
    /// Any text, such as these.
    Such(&'static [&'static str]),
    /// A text of that regular expression, whole.
    Like(&'static str),
    /// One of the words that the protocols have for a field.
    Choice(&'static str),
    /// A criticality.
    Criticality,
    /// A severity.
    Severity,
    /// A verb, or one of these words in place of a list of verbs.
    Verb(&'static [&'static str]),
    /// A verb or a class of verbs.
    VerbOrClass,
    /// The name of a protocol, or one of these words in place of a list of protocols.
    Protocol(&'static [&'static str]),
}

impl Shape {
    /// The key of that spelling.
    pub(crate) fn key(&self, spelling: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.is(spelling))
    }

    /// Where a key stands among the others.
    pub(crate) fn rank(&self, spelling: &str) -> Option<usize> {
        self.keys.iter().position(|key| key.is(spelling))
    }

    /// Every spelling of every key.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().flat_map(Key::spellings)
    }
}

impl Key {
    /// A key with one value.
    pub(crate) const fn one(name: &'static str, value: Value, about: &'static str) -> Self {
        Self {
            name,
            singular: None,
            needed: false,
            value,
            about,
        }
    }

    /// A key with a list of texts.
    pub(crate) const fn list(
        [singular, plural]: [&'static str; 2],
        form: Form,
        about: &'static str,
    ) -> Self {
        Self {
            name: plural,
            singular: Some(singular),
            needed: false,
            value: Value::Words(form),
            about,
        }
    }

    /// The same key, needed.
    pub(crate) const fn needed(mut self) -> Self {
        self.needed = true;
        self
    }

    /// Its name, and the other spelling where it has one.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = &'static str> + use<> {
        [Some(self.name), self.singular].into_iter().flatten()
    }

    /// Whether that is a spelling of it.
    pub(crate) fn is(&self, spelling: &str) -> bool {
        self.name == spelling || self.singular == Some(spelling)
    }
}
