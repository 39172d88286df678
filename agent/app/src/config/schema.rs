//! The configuration as a JSON Schema, for editors that complete and check while one writes.

use serde_json::{Map, Value as Json, json};

use super::fields::{self, Field, Kind};

/// The schema of a configuration file (JSON Schema 2020-12), made from the table of fields.
pub(crate) fn schema() -> Json {
    let mut schema = group("");
    if let Json::Object(members) = &mut schema {
        members.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        members.insert("title".to_owned(), json!("Bulkhead sensor"));
    }
    schema
}

/// The table of docs/CONFIGURATION.md.
pub(crate) fn table() -> String {
    let head = "| field | is | default | what for |\n|---|---|---|---|\n";
    let row = |field: &Field| {
        let default = field.default.unwrap_or("must be given");
        format!(
            "| `{}` | {} | {default} | {} |\n",
            field.path,
            field.kind.noun(),
            field.about
        )
    };
    fields::FIELDS
        .iter()
        .map(row)
        .fold(head.to_owned(), |table, row| table + &row)
}

fn group(path: &str) -> Json {
    let members = fields::below(path).map(|(name, field)| (name.to_owned(), value(field)));
    let required = fields::below(path).filter(|(_, field)| field.default.is_none());
    let required: Vec<_> = required.map(|(name, _)| name).collect();
    json!({
        "type": "object",
        "properties": members.collect::<Map<_, _>>(),
        "required": required,
        "additionalProperties": false,
    })
}

fn value(field: &Field) -> Json {
    let mut schema = match field.kind {
        Kind::Group => group(field.path),
        Kind::List => {
            let items = format!("{}[]", field.path);
            let is_group = fields::below(&items).next().is_some();
            let item = if is_group {
                group(&items)
            } else {
                json!({"type": "string"})
            };
            json!({"type": "array", "items": item})
        }
        Kind::Text => json!({"type": ["string", "number", "boolean"]}),
        Kind::Path => json!({"type": "string"}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Number { least, most, .. } => {
            json!({"type": "integer", "minimum": least, "maximum": most})
        }
        Kind::Word(words) => json!({"enum": words}),
    };
    let default = field
        .default
        .map_or_else(String::new, |default| format!("; default {default}"));
    let unit = match field.kind {
        Kind::Number { unit, .. } => format!(", in {unit}"),
        _ => String::new(),
    };
    if let Json::Object(members) = &mut schema {
        let about = format!("{}{unit}{default}", field.about);
        members.insert("description".to_owned(), json!(about));
    }
    schema
}
