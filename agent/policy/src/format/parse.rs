//! From text to a tree with comments.
//!
//! The parser's events come in the order of the text, comments do not always; so both are taken apart,
//! and each comment is given to what stands nearest by its place:
//!
//! - on the line of a key or a value: beside that; lines that go on below it in the same column, too;
//! - on a line of its own: above what comes next, unless a collection ends here in which it is
//!   indented; then it is the end of that.

use std::collections::VecDeque;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle, options};

use super::notes::{Notes, offset};
use super::tree::{Collection, Comment, Document, Item, Kind, Scalar, Style, Value};

/// Why a file is left as it is, and where.
pub(super) struct Refusal {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) what: String,
}

struct Source<'t> {
    text: &'t str,
    events: VecDeque<(Event<'t>, Span)>,
    notes: Notes<'t>,
    has_anchors: bool,
}

type Read<T> = Result<T, Refusal>;

/// Reads a text that `node::read` could read: its depth is bounded.
pub(super) fn parse(text: &str) -> Read<Document<'_>> {
    let mut source = Source::new(text)?;
    let mut document = Document::default();
    while let Some((event, span)) = source.events.pop_front() {
        match event {
            Event::DocumentStart(true, version) => {
                let start = offset(&span.start);
                let before = text.get(..start).unwrap_or_default();
                if version.is_some() || before.lines().any(|line| line.starts_with('%')) {
                    return Err(refuse(&span, "a directive (`%…`) is not formatted"));
                }
                document.prolog = Some(source.notes.above(start));
                source.notes.end = start + "---".len();
            }
            Event::StreamStart | Event::DocumentStart(..) => {}
            Event::DocumentEnd | Event::StreamEnd => {
                document.tail.extend(source.notes.above(text.len()))
            }
            other => {
                source.events.push_front((other, span));
                document.root = source.root()?;
            }
        }
    }
    document.has_anchors = source.has_anchors;
    document.head = head(text, &mut document.root);
    Ok(document)
}

/// The comments at the top of the file: those that begin in its first line.
fn head<'t>(text: &str, root: &mut Item<'t>) -> Vec<Comment<'t>> {
    if !text.starts_with('#') {
        return Vec::new();
    }
    let first = match &mut root.value {
        Value::Collection(collection) if !collection.flow => collection.items.first_mut(),
        _ => None,
    };
    let above = match first {
        Some(item) => &mut item.above,
        None => &mut root.above,
    };
    let end = above.iter().skip(1).position(|comment| comment.parted);
    let rest = above.split_off(end.map_or(above.len(), |end| end + 1));
    std::mem::replace(above, rest)
}

impl<'t> Source<'t> {
    fn new(text: &'t str) -> Read<Self> {
        let mut source = Self {
            text,
            events: VecDeque::new(),
            notes: Notes::new(text),
            has_anchors: false,
        };
        let options = options! { emit_anchor_events: true };
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, span) = event.map_err(|error| Refusal {
                line: number(error.marker().line()),
                column: number(error.marker().col() + 1),
                what: error.to_string(),
            })?;
            if event.tag().is_some() {
                return Err(refuse(&span, "a tag (`!…`) is not part of the language"));
            }
            match event {
                Event::Comment(..) => source.notes.add(&span),
                event => source.events.push_back((event, span)),
            }
        }
        source.notes.sort();
        Ok(source)
    }

    /// The file's one value. Comments above a block stand above its first item.
    fn root(&mut self) -> Read<Item<'t>> {
        let mut root = Item::default();
        if !self.is_block() {
            root.above = self.notes.above(self.next_place());
        }
        root.parted = self.notes.is_parted(self.next_place());
        self.value(&mut root, None)?;
        Ok(root)
    }

    /// Reads the next value into `item`. `column` is that of the mapping around it, if it is one.
    fn value(&mut self, item: &mut Item<'t>, column: Option<usize>) -> Read<()> {
        let Some((event, span)) = self.events.pop_front() else {
            return Ok(());
        };
        item.anchor = self.anchor();
        let start = offset(&span.start);
        item.value = match event {
            Event::Scalar(_, ScalarStyle::Plain, ..)
                if span.is_empty() && item.anchor.is_none() =>
            {
                Value::Nothing
            }
            Event::Scalar(text, style, ..) => {
                let scalar = self.scalar(text, style, &span);
                if !span.is_empty() {
                    self.notes.end = start + scalar.source.trim_end().len();
                }
                Value::Scalar(scalar)
            }
            Event::Alias(_) => {
                self.has_anchors = true;
                self.notes.end = offset(&span.end);
                Value::Alias(span.slice(self.text).unwrap_or_default())
            }
            Event::SequenceStart(style, ..) => {
                Value::Collection(self.collection(Kind::List, style, &span, column)?)
            }
            Event::MappingStart(style, ..) => {
                Value::Collection(self.collection(Kind::Map, style, &span, column)?)
            }
            _ => return Err(refuse(&span, "this is not formatted")),
        };
        if let Value::Collection(collection) = &mut item.value
            && collection.items.is_empty()
        {
            item.above.append(&mut collection.tail);
        }
        Ok(())
    }

    /// The name of the anchor of the node whose event was just taken.
    fn anchor(&mut self) -> Option<&'t str> {
        let (Event::Anchor(..), span) = self.events.front()? else {
            return None;
        };
        let name = span.slice(self.text);
        self.has_anchors = true;
        self.events.pop_front();
        name
    }

    fn scalar(
        &self,
        text: std::borrow::Cow<'t, str>,
        style: ScalarStyle,
        span: &Span,
    ) -> Scalar<'t> {
        let indent = span.indent.unwrap_or_else(|| span.start.col());
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal => Style::Block('|', indent),
            ScalarStyle::Folded => Style::Block('>', indent),
        };
        Scalar {
            text,
            style,
            source: span.slice(self.text).unwrap_or_default(),
        }
    }

    fn collection(
        &mut self,
        kind: Kind,
        style: StructureStyle,
        span: &Span,
        around: Option<usize>,
    ) -> Read<Collection<'t>> {
        let flow = style == StructureStyle::Flow;
        let (column, is_flush) = self.column(kind, span, around);
        if flow {
            self.notes.end = offset(&span.end);
        }
        let mut items = Vec::new();
        while self.events.front().is_some_and(|(next, _)| !is_end(next)) {
            items.push(self.item(kind, column)?);
        }
        let end = self.events.pop_front();
        let (end, last) = end.map_or((self.text.len(), 0), |(_, end)| {
            (offset(&end.end), end.end.line())
        });
        let tail = if flow {
            self.notes.above(end)
        } else {
            {
                let place = self.next_place();
                self.notes
                    .indented(if is_flush { column + 1 } else { column }, place)
            }
        };
        if flow {
            self.notes.end = end;
        }
        Ok(Collection {
            kind,
            flow,
            row: flow && last == span.start.line(),
            items,
            tail,
        })
    }

    /// Where the items of a block begin, and whether that is no further in than the keys around it.
    fn column(&self, kind: Kind, span: &Span, around: Option<usize>) -> (usize, bool) {
        let start = offset(&span.start);
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        let line = self.text.get(line..).unwrap_or_default();
        let first = line.chars().take_while(|c| *c == ' ').count();
        match around {
            Some(around) if kind == Kind::List => (first, first == around),
            _ => (span.start.col(), false),
        }
    }

    fn item(&mut self, kind: Kind, column: usize) -> Read<Item<'t>> {
        let place = self.next_place();
        let above = self.notes.above(place);
        let mut item = Item {
            above,
            parted: self.notes.is_parted(place),
            ..Item::default()
        };
        if kind == Kind::Map {
            item.key = Some(self.key()?);
            item.beside = self.notes.beside(self.next_place());
        }
        let is_block = self.is_block();
        if !is_block && !self.is_nothing() {
            let between = self.notes.above(self.next_place());
            item.above.extend(between);
        }
        self.value(&mut item, (kind == Kind::Map).then_some(column))?;
        let is_text_block = matches!(
            &item.value,
            Value::Scalar(Scalar {
                style: Style::Block(..),
                ..
            })
        );
        if !is_block && !is_text_block {
            let beside = self.notes.beside(self.next_place());
            if !beside.is_empty() {
                let earlier = std::mem::replace(&mut item.beside, beside);
                item.above.extend(earlier);
            }
        }
        Ok(item)
    }

    fn key(&mut self) -> Read<Scalar<'t>> {
        match self.events.pop_front() {
            Some((Event::Scalar(text, style, 0, _), span)) => {
                let key = self.scalar(text, style, &span);
                self.notes.end = offset(&span.end);
                if matches!(key.style, Style::Block(..)) || key.source.is_empty() {
                    return Err(refuse(&span, "such a key is not formatted"));
                }
                Ok(key)
            }
            Some((_, span)) => Err(refuse(&span, "such a key is not formatted")),
            None => Err(refuse(&Span::default(), "the text ends early")),
        }
    }

    /// Where the next piece of text begins that is no comment.
    fn next_place(&self) -> usize {
        let next = self
            .events
            .iter()
            .find(|(event, span)| !span.is_empty() || is_start(event));
        let start = next.map(|(event, span)| match event {
            Event::StreamEnd => self.text.len(),
            _ => offset(&span.start),
        });
        start.unwrap_or(self.text.len())
    }

    fn is_block(&self) -> bool {
        self.events.front().is_some_and(|(event, _)| {
            matches!(
                event,
                Event::SequenceStart(StructureStyle::Block, ..)
                    | Event::MappingStart(StructureStyle::Block, ..)
            )
        })
    }

    fn is_nothing(&self) -> bool {
        let next = self.events.front();
        next.is_some_and(|(event, span)| matches!(event, Event::Scalar(..)) && span.is_empty())
    }
}

const fn is_start(event: &Event<'_>) -> bool {
    matches!(event, Event::SequenceStart(..) | Event::MappingStart(..))
}

const fn is_end(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::SequenceEnd | Event::MappingEnd | Event::DocumentEnd | Event::StreamEnd
    )
}

fn refuse(span: &Span, what: &str) -> Refusal {
    Refusal {
        line: number(span.start.line().max(1)),
        column: number(span.start.col() + 1),
        what: what.to_owned(),
    }
}

fn number(wide: usize) -> u32 {
    u32::try_from(wide).unwrap_or(u32::MAX)
}
