//! The grammar of invariants.
//!
//! ```text
//! sentence = "no path from" who "to" what ["except by permit"]
//!          | "only" who ("has" | "have") "a path to" what ["except by permit"]
//!          | "every path from" who "to" what "is encrypted" ["except by permit"]
//! who      = item { ("," | "or" | "and") item }
//! item     = "any" | "no zone" | ("zone" | "asset" | "role" | "level") name | "role" name "in zone" name
//! what     = ["verb" name { "," name }] [("at" | "in" | "on" | "with") who | who] ["over" protocol { "," protocol }]
//! ```
//!
//! Nouns may stand in the plural, and need not be repeated: `zones a, b`. A name with blanks in it stands in double
//! quotes.

use super::{Form, Invariant, Item, Who};
use crate::level::Level;
use crate::names::Names;
use crate::node::Word;
use crate::problems::Problems;
use crate::verbs::VerbSet;
use crate::words::{self, Words};

/// Reads one sentence; what is wrong with it is said.
pub(super) fn read(
    sentence: &Word,
    names: &Names,
    words: Words<'_>,
    problems: &mut Problems,
) -> Option<Invariant> {
    let tokens = tokens(&sentence.text);
    let mut reader = Reader {
        sentence,
        tokens: &tokens,
        names,
        words,
        problems,
    };
    let read = reader.sentence();
    let left = reader.tokens.first().map(|token| token.text.clone());
    match (read, left) {
        (Ok(invariant), None) => Some(invariant),
        (Ok(_), Some(token)) => {
            let what = format!("`{token}` is not expected in this invariant");
            problems.error_with(sentence.at, what, SUCH);
            None
        }
        (Err(Wrong::Said), _) => None,
        (Err(Wrong::Expected(what)), left) => {
            let what = match left {
                Some(token) => format!("the invariant has `{token}` where {what} should stand"),
                None => format!("the invariant ends where {what} should stand"),
            };
            problems.error_with(sentence.at, what, SUCH);
            None
        }
    }
}

/// A word of a sentence.
#[derive(Debug)]
struct Token {
    text: String,
    /// Whether it stood in quotes, so that it is a name.
    quoted: bool,
}

enum Wrong {
    /// It was said what is wrong.
    Said,
    /// Something else should stand here.
    Expected(&'static str),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    let close = |word: &mut String, quoted: bool, tokens: &mut Vec<Token>| {
        if !word.is_empty() || quoted {
            let text = std::mem::take(word);
            tokens.push(Token { text, quoted });
        }
    };
    for c in text.chars() {
        match c {
            '"' | '`' => {
                close(&mut word, quoted, &mut tokens);
                quoted = !quoted;
            }
            c if quoted => word.push(c),
            ',' => {
                close(&mut word, false, &mut tokens);
                word.push(',');
                close(&mut word, false, &mut tokens);
            }
            c if c.is_whitespace() => close(&mut word, false, &mut tokens),
            c => word.push(c),
        }
    }
    close(&mut word, false, &mut tokens);
    tokens
}

struct Reader<'a> {
    sentence: &'a Word,
    tokens: &'a [Token],
    names: &'a Names,
    words: Words<'a>,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    fn sentence(&mut self) -> Result<Invariant, Wrong> {
        let (form, from) = if self.takes("no") {
            self.path("from")?;
            (Form::No, self.who()?)
        } else if self.takes("only") {
            let who = self.who()?;
            if !self.takes("has") && !self.takes("have") {
                return Err(Wrong::Expected("`has a path to`"));
            }
            self.takes("a");
            (Form::Only, who)
        } else if self.takes("every") {
            self.path("from")?;
            (Form::Encrypted, self.who()?)
        } else {
            return Err(Wrong::Expected("`no`, `only` or `every`"));
        };
        match form {
            Form::Only => self.path("to")?,
            Form::No | Form::Encrypted => self.needs("to", "`to`")?,
        }
        let mut invariant = Invariant {
            at: self.sentence.at,
            text: self.sentence.text.clone(),
            form,
            from,
            to: Who(vec![Item::Any]),
            verbs: VerbSet::ALL,
            protocols: Vec::new(),
            except_permits: false,
        };
        self.what(&mut invariant)?;
        if form == Form::Encrypted {
            self.needs("is", "`is encrypted`")?;
            self.needs("encrypted", "`encrypted`")?;
        }
        if self.takes("except") {
            self.needs("by", "`by permit`")?;
            if !self.takes("permit") && !self.takes("permits") {
                return Err(Wrong::Expected("`permit`"));
            }
            invariant.except_permits = true;
        }
        Ok(invariant)
    }

    fn path(&mut self, way: &'static str) -> Result<(), Wrong> {
        if !self.takes("path") && !self.takes("paths") {
            return Err(Wrong::Expected("`path`"));
        }
        let expected = if way == "from" { "`from`" } else { "`to`" };
        self.needs(way, expected)
    }

    fn what(&mut self, invariant: &mut Invariant) -> Result<(), Wrong> {
        let verbs = self.takes("verb") || self.takes("verbs");
        if verbs {
            let list = self.names("a verb")?;
            let before = self.problems.is_fatal();
            invariant.verbs = VerbSet::read(&list, self.problems);
            if self.problems.is_fatal() && !before {
                return Err(Wrong::Said);
            }
        }
        let preposition = ["at", "in", "on", "with", "of"]
            .iter()
            .any(|word| self.takes(word));
        if preposition || !verbs || self.begins_item() {
            invariant.to = self.who()?;
        }
        if self.takes("over") {
            let list = self.names("a protocol")?;
            for word in &list {
                if word.text == "any" {
                    continue;
                }
                let known = words::protocol(word, self.words, self.problems);
                invariant.protocols.push(known.ok_or(Wrong::Said)?.name);
            }
        }
        Ok(())
    }

    fn who(&mut self) -> Result<Who, Wrong> {
        let mut items = Vec::new();
        let mut noun = None;
        loop {
            let next = self.noun().or(noun);
            noun = next;
            items.push(self.item(next)?);
            let goes_on = self.takes(",") | self.takes("or") | self.takes("and");
            if !goes_on {
                return Ok(Who(items));
            }
        }
    }

    fn item(&mut self, noun: Option<Noun>) -> Result<Item, Wrong> {
        let Some(noun) = noun else {
            return Err(Wrong::Expected("`zone`, `asset`, `role`, `level` or `any`"));
        };
        match noun {
            Noun::Any => Ok(Item::Any),
            Noun::Nowhere => Ok(Item::Nowhere),
            Noun::Zone => {
                let word = self.name("the name of a zone")?;
                let zone = self.names.zone(&word, self.problems);
                zone.map(Item::Zone).ok_or(Wrong::Said)
            }
            Noun::Asset => {
                let word = self.name("the name of an asset")?;
                let asset = self.names.asset(&word, self.problems);
                asset.map(Item::Asset).ok_or(Wrong::Said)
            }
            Noun::Level => {
                let word = self.name("a level")?;
                self.level(&word)
            }
            Noun::Role => {
                let word = self.name("the name of a role")?;
                let role = self.names.role(&word, self.problems).ok_or(Wrong::Said)?;
                if !self.is_next(0, "in") || !(self.is_next(1, "zone") || self.is_next(1, "zones"))
                {
                    return Ok(Item::Role(role));
                }
                self.skip(2);
                let word = self.name("the name of a zone")?;
                let zone = self.names.zone(&word, self.problems).ok_or(Wrong::Said)?;
                Ok(Item::RoleInZone(role, zone))
            }
        }
    }

    fn level(&mut self, word: &Word) -> Result<Item, Wrong> {
        if let Ok(level) = word.text.parse::<Level>() {
            return Ok(Item::Level(level.tenths()));
        }
        let what = format!("`{}` is no level", word.text);
        let help = "a level is a number from 0 to 5, or 3.5 for the DMZ";
        self.problems.error_with(word.at, what, help);
        Err(Wrong::Said)
    }

    fn noun(&mut self) -> Option<Noun> {
        if self.is_next(0, "no") && self.is_next(1, "zone") {
            self.skip(2);
            return Some(Noun::Nowhere);
        }
        let (_, noun) = NOUNS.iter().find(|(word, _)| self.is_next(0, word))?;
        self.skip(1);
        Some(*noun)
    }

    fn begins_item(&self) -> bool {
        NOUNS.iter().any(|(word, _)| self.is_next(0, word))
    }

    /// One or several names, parted by commas.
    fn names(&mut self, what: &'static str) -> Result<Vec<Word>, Wrong> {
        let mut names = vec![self.name(what)?];
        while self.takes(",") | self.takes("or") | self.takes("and") {
            names.push(self.name(what)?);
        }
        Ok(names)
    }

    fn name(&mut self, what: &'static str) -> Result<Word, Wrong> {
        let Some((token, rest)) = self.tokens.split_first() else {
            return Err(Wrong::Expected(what));
        };
        if token.text == "," && !token.quoted {
            return Err(Wrong::Expected(what));
        }
        self.tokens = rest;
        Ok(Word {
            at: self.sentence.at,
            text: token.text.clone(),
        })
    }

    fn is_next(&self, ahead: usize, word: &str) -> bool {
        let token = self.tokens.get(ahead);
        token.is_some_and(|token| !token.quoted && token.text == word)
    }

    fn skip(&mut self, count: usize) {
        self.tokens = self.tokens.get(count..).unwrap_or_default();
    }

    fn takes(&mut self, word: &str) -> bool {
        let next = self.is_next(0, word);
        if next {
            self.skip(1);
        }
        next
    }

    fn needs(&mut self, word: &str, expected: &'static str) -> Result<(), Wrong> {
        if self.takes(word) {
            Ok(())
        } else {
            Err(Wrong::Expected(expected))
        }
    }
}

/// What kind of name follows.
#[derive(Clone, Copy, Debug)]
enum Noun {
    Any,
    Nowhere,
    Zone,
    Asset,
    Role,
    Level,
}

const NOUNS: &[(&str, Noun)] = &[
    ("any", Noun::Any),
    ("anybody", Noun::Any),
    ("anywhere", Noun::Any),
    ("zone", Noun::Zone),
    ("zones", Noun::Zone),
    ("asset", Noun::Asset),
    ("assets", Noun::Asset),
    ("role", Noun::Role),
    ("roles", Noun::Role),
    ("level", Noun::Level),
    ("levels", Noun::Level),
];

const SUCH: &str = "such as `no path from zone office to verb write at level 1`, `only role engineering has a path to verb \
                    download at level 1`, `every path from zone dmz to zone cells is encrypted`";
