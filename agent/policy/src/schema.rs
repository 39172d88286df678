//! The language as a JSON Schema, for editors that complete and check while one writes.
//!
//! Made from the tables that the reader uses (`shapes`). JSON Schema 2020-12. It knows which keys there
//! are and what their values look like; names that are nowhere defined, overlaps and everything else
//! that takes more than one place to see is for `bulkhead policy check` to say. It describes one file,
//! so that `version` and `site`, which stand in any one of them, are not asked for.

use model::{Severity, Verb, Vocabulary};
use serde_json::{Map, Value as Json, json};

use crate::response::Criticality;
use crate::shape::{Form, Key, Shape, Value};
use crate::shapes::{FILE, SHAPES};
use crate::verbs::Class;

/// The schema of a policy file. `words` is what the sensor's protocols can name.
#[must_use]
pub fn schema(words: &[&'static Vocabulary]) -> Json {
    let maker = Maker { words };
    let shapes = SHAPES.iter().map(|shape| (name(shape), maker.shape(shape)));
    let definitions: Map<_, _> = shapes.chain(maker.lists()).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Bulkhead policy",
        "description": "Who may do what to which controller. What it does not allow is a violation.",
        "$ref": reference(&FILE),
        "$defs": definitions,
    })
}

struct Maker<'w> {
    words: &'w [&'static Vocabulary],
}

impl Maker<'_> {
    fn shape(&self, shape: &Shape) -> Json {
        let mut properties = Map::new();
        for key in shape.keys {
            for spelling in key.spellings() {
                properties.insert(spelling.to_owned(), self.key(key));
            }
        }
        let mut schema = json!({
            "type": "object",
            "description": format!("What {} says ({}).", shape.noun, shape.place),
            "properties": properties,
            "additionalProperties": false,
        });
        let conditions = conditions(shape);
        if let (false, Json::Object(schema)) = (conditions.is_empty(), &mut schema) {
            schema.insert("allOf".to_owned(), json!(conditions));
        }
        schema
    }

    fn key(&self, key: &Key) -> Json {
        let mut schema = self.value(key.value);
        if let Json::Object(schema) = &mut schema {
            schema.insert("description".to_owned(), json!(key.about));
        }
        schema
    }

    fn value(&self, value: Value) -> Json {
        match value {
            Value::Word(form) => self.form(form),
            Value::Words(form) => self.words(form),
            Value::Mapping(shape) => json!({ "$ref": reference(shape) }),
            Value::Mappings(shape) => one_or_more(&json!({ "$ref": reference(shape) })),
            Value::Named(names, shape) => self.named(names, &json!({ "$ref": reference(shape) })),
            Value::NamedWords(names, form) => self.named(names, &self.words(form)),
            Value::NamedTexts(names, shape) => {
                let text = self.form(Form::Text);
                let either = json!({ "anyOf": [text, { "$ref": reference(shape) }] });
                self.named(names, &either)
            }
            Value::Changes(shape) => {
                let keys: Vec<_> = shape.spellings().collect();
                json!({ "type": "object", "propertyNames": { "enum": keys } })
            }
        }
    }

    fn named(&self, names: Form, value: &Json) -> Json {
        json!({
            "type": ["object", "null"],
            "propertyNames": self.form(names),
            "additionalProperties": value,
        })
    }

    /// One text or a list of them; words that stand for a whole list stand alone.
    fn words(&self, form: Form) -> Json {
        let mut schema = one_or_more(&self.form(form));
        if let (Form::Verb(alone) | Form::Protocol(alone), Some(Json::Array(any))) =
            (form, schema.get_mut("anyOf"))
            && !alone.is_empty()
        {
            any.push(json!({ "enum": alone }));
        }
        schema
    }

    /// The lists of words, each stated once.
    fn lists(&self) -> impl Iterator<Item = (String, Json)> {
        let verbs = || Verb::ALL.map(Verb::name).into_iter();
        let classes = verbs().chain(Class::ALL.map(Class::name));
        let lists: [(_, _, Vec<_>); 6] = [
            (
                "criticality",
                "How much the process depends on it.",
                Criticality::ALL.map(Criticality::name).into(),
            ),
            (
                "severity",
                "How bad a violation is.",
                Severity::ALL.map(Severity::name).into(),
            ),
            (
                "verb",
                "What an operation means on any protocol.",
                verbs().collect(),
            ),
            (
                "verb_or_class",
                "A verb, or a class of verbs.",
                classes.collect(),
            ),
            (
                "protocol",
                "A protocol that the sensor decodes.",
                self.protocols(),
            ),
            (
                "function",
                "A function or service, as records show it.",
                self.functions(),
            ),
        ];
        let list = |(name, about, words): (&str, &str, Vec<&str>)| {
            let mut list = one_of(&words);
            if let Json::Object(list) = &mut list {
                list.insert("description".to_owned(), json!(about));
            }
            (name.to_owned(), list)
        };
        lists.into_iter().map(list)
    }

    fn form(&self, form: Form) -> Json {
        match form {
            Form::Anything => json!({}),
            Form::Text => json!({ "type": ["string", "number", "boolean"] }),
            Form::Name => json!({ "type": ["string", "number", "boolean"], "maxLength": 64 }),
            Form::Number(least, most) => json!({
                "type": ["integer", "string"], "minimum": least, "maximum": most, "pattern": like("[0-9]+"),
            }),
            Form::Like(pattern) => {
                json!({ "type": ["string", "number"], "pattern": like(pattern) })
            }
            Form::OneOf(words) => one_of(words),
            Form::Such(words) => json!({ "type": ["string", "number"], "examples": words }),
            Form::Choice(field) => one_of(&self.choices(field)),
            Form::Criticality => list("criticality"),
            Form::Severity => list("severity"),
            Form::Verb(_) => list("verb"),
            Form::VerbOrClass => list("verb_or_class"),
            Form::Protocol(_) => list("protocol"),
            Form::Function => list("function"),
        }
    }

    fn choices(&self, field: &str) -> Vec<&'static str> {
        let choices = self.words.iter().flat_map(|words| words.choices);
        let words = choices.filter(|(of, _)| *of == field);
        words.flat_map(|(_, words)| *words).copied().collect()
    }

    fn protocols(&self) -> Vec<&'static str> {
        self.words.iter().map(|words| words.name).collect()
    }

    fn functions(&self) -> Vec<&'static str> {
        let functions = self.words.iter().flat_map(|words| words.functions);
        let mut names: Vec<_> = functions.map(|function| function.name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// One of these words, as YAML may read them, or what a template's variable stands for.
fn one_of(words: &[&str]) -> Json {
    let texts = words.iter().map(|word| json!(word));
    let typed = words
        .iter()
        .filter_map(|word| serde_json::from_str(word).ok());
    let all: Vec<Json> = texts.chain(typed).collect();
    json!({ "anyOf": [{ "enum": all }, { "type": "string", "pattern": VARIABLE }] })
}

/// A pattern for a whole text, or for one with a template's variable in it.
fn like(pattern: &str) -> String {
    format!("^(?:{pattern})$|{VARIABLE}")
}

fn list(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn one_or_more(schema: &Json) -> Json {
    json!({ "anyOf": [schema, { "type": "array", "minItems": 1, "items": schema }] })
}

/// Keys that must stand, in one of their spellings, and never in both.
fn conditions(shape: &Shape) -> Vec<Json> {
    let any = |keys: &[&str]| {
        let spellings = keys.iter().filter_map(|key| shape.key(key));
        let spellings = spellings.flat_map(Key::spellings);
        json!({ "anyOf": spellings.map(|key| json!({ "required": [key] })).collect::<Vec<_>>() })
    };
    let needed = shape.keys.iter().filter(|key| key.needed);
    let mut conditions: Vec<_> = needed.map(|key| any(&[key.name])).collect();
    if !shape.one_of.is_empty() {
        conditions.push(any(shape.one_of));
    }
    let doubles = shape
        .keys
        .iter()
        .filter_map(|key| Some([key.name, key.singular?]));
    conditions.extend(doubles.map(|both| json!({ "not": { "required": both } })));
    conditions
}

fn reference(shape: &Shape) -> String {
    format!("#/$defs/{}", name(shape))
}

/// What a shape is called among the definitions: its noun in one word.
fn name(shape: &Shape) -> String {
    shape
        .noun
        .split_once(' ')
        .map_or(shape.noun, |(_, noun)| noun)
        .replace(['\'', ' '], "_")
}

/// `${…}`, which stands in templates for what a site says.
const VARIABLE: &str = "\\$\\{";
