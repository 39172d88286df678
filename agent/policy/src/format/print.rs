//! From a tree to text: two blanks for a level, brackets on one line while they fit.

use super::tree::{Collection, Comment, Document, Item, Kind, Scalar, Value};

/// Writes a file.
pub(super) fn print(document: &Document<'_>) -> String {
    let mut page = Page::default();
    if let Some(prolog) = &document.prolog {
        page.comments(prolog, 0);
        page.line("---");
    }
    page.comments(&document.head, 0);
    page.comments(&document.root.above, 0);
    page.part(document.root.parted);
    match &document.root.value {
        Value::Collection(collection) if page.needs_block(&document.root, 0) => {
            if let Some(anchor) = document.root.anchor {
                page.line(anchor);
            }
            page.items(collection, 0);
        }
        Value::Nothing => {}
        _ => page.value(&document.root, 0),
    }
    page.comments(&document.tail, 0);
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
    /// Whether the line that is being written has its indentation already: a `- ` began it.
    begun: bool,
}

impl Page {
    /// The items of a block, at that indentation.
    fn items(&mut self, collection: &Collection<'_>, indent: usize) {
        for (number, item) in collection.items.iter().enumerate() {
            let is_first = number == 0 && indent > 0;
            if !self.begun {
                self.above(item, indent, is_first);
            }
            self.item(item, collection.kind, indent);
        }
        self.comments(&collection.tail, indent);
    }

    /// The comments above an item, and those that the items which begin on its line have.
    fn above(&mut self, item: &Item<'_>, indent: usize, is_first: bool) {
        let mut comments = Vec::new();
        gather(item, self.needs_block(item, indent), &mut comments);
        for (number, comment) in comments.iter().enumerate() {
            self.part(comment.parted && !(is_first && number == 0));
            self.comment(comment, indent);
        }
        self.part(item.parted && !(is_first && comments.is_empty()));
    }

    fn item(&mut self, item: &Item<'_>, kind: Kind, indent: usize) {
        if !self.begun {
            self.blanks(indent);
        }
        self.begun = false;
        match (&item.key, kind) {
            (Some(key), _) => {
                self.text.push_str(&key.inline().unwrap_or_default());
                self.text.push(':');
                self.entry(item, indent);
            }
            (None, _) => {
                self.text.push('-');
                self.listed(item, indent);
            }
        }
    }

    /// What follows a key.
    fn entry(&mut self, item: &Item<'_>, indent: usize) {
        if let Value::Collection(collection) = &item.value
            && self.needs_block(item, indent)
        {
            if let Some(line) = own_line(item, indent + STEP) {
                self.anchor(item);
                self.text.push('\n');
                self.blanks(indent + STEP);
                self.text.push_str(&line);
                self.beside(item);
                return;
            }
            self.anchor(item);
            self.beside(item);
            self.items(collection, indent + STEP);
            return;
        }
        self.value(item, indent);
    }

    /// What follows a dash.
    fn listed(&mut self, item: &Item<'_>, indent: usize) {
        if let Value::Collection(collection) = &item.value
            && self.needs_block(item, indent)
        {
            match item.anchor {
                Some(_) => {
                    self.anchor(item);
                    self.text.push('\n');
                }
                None => {
                    self.text.push(' ');
                    self.begun = true;
                }
            }
            self.items(collection, indent + STEP);
            return;
        }
        self.value(item, indent);
    }

    /// A value that begins on the line of its key or dash, and what stands beside it.
    fn value(&mut self, item: &Item<'_>, indent: usize) {
        self.anchor(item);
        if let Some(text) = self.inline(item) {
            if !text.is_empty() {
                self.space();
                self.text.push_str(&text);
            }
            self.beside(item);
            return;
        }
        let Value::Scalar(scalar) = &item.value else {
            return;
        };
        self.space();
        let lines = scalar.block(indent + STEP, WIDTH).unwrap_or_default();
        let mut lines = lines.iter();
        self.text.push_str(lines.next().map_or("", String::as_str));
        self.beside(item);
        for line in lines {
            if !line.is_empty() {
                self.blanks(indent + STEP);
            }
            self.line(line);
        }
    }

    /// A value that goes on the line that is being written; none for blocks.
    fn inline(&self, item: &Item<'_>) -> Option<String> {
        let Value::Scalar(scalar) = &item.value else {
            return inline(&item.value);
        };
        let text = scalar.inline()?;
        let fits = self.column() + 1 + text.chars().count() <= WIDTH;
        (fits || scalar.block(0, WIDTH).is_none()).then_some(text)
    }

    /// Whether a collection does not fit on the line on which it begins.
    fn needs_block(&self, item: &Item<'_>, indent: usize) -> bool {
        let Value::Collection(collection) = &item.value else {
            return false;
        };
        if !collection.flow && !collection.items.is_empty() {
            return true;
        }
        let Some(text) = inline(&item.value) else {
            return true;
        };
        let key = item.key.as_ref().and_then(Scalar::inline);
        let key = key.map_or(0, |key| key.chars().count());
        let anchor = item.anchor.map_or(0, |anchor| anchor.chars().count() + 1);
        let wide = indent + key + ": ".len() + anchor + text.chars().count();
        let stays = collection.row && own_line(item, indent + STEP).is_none();
        !collection.items.is_empty() && wide > if stays { ROW } else { WIDTH }
    }

    fn anchor(&mut self, item: &Item<'_>) {
        if let Some(anchor) = item.anchor {
            self.space();
            self.text.push_str(anchor);
        }
    }

    /// Ends the line with the comment beside an item, in its old column where that is free.
    fn beside(&mut self, item: &Item<'_>) {
        let mut comments = item.beside.iter();
        let Some(first) = comments.next() else {
            self.text.push('\n');
            return;
        };
        let end = self.column();
        let column = if first.column > end {
            first.column
        } else {
            end + 2
        };
        self.blanks(column - end);
        self.line(first.text);
        for comment in comments {
            self.blanks(column);
            self.line(comment.text);
        }
    }

    fn comments(&mut self, comments: &[Comment<'_>], indent: usize) {
        for comment in comments {
            self.part(comment.parted);
            self.comment(comment, indent);
        }
    }

    fn comment(&mut self, comment: &Comment<'_>, indent: usize) {
        self.blanks(indent);
        self.line(comment.text);
    }

    /// An empty line where one is wanted: one, and none at the top.
    fn part(&mut self, wanted: bool) {
        if wanted && !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(['\n', ' ']) {
            self.text.push(' ');
        }
    }

    fn blanks(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// How wide the line is that is being written.
    fn column(&self) -> usize {
        let line = self.text.rsplit('\n').next().unwrap_or_default();
        line.chars().count()
    }
}

/// The comments of an item of a list and of the items that begin on its line.
fn gather<'c, 't>(item: &'c Item<'t>, is_block: bool, comments: &mut Vec<&'c Comment<'t>>) {
    comments.extend(&item.above);
    if item.key.is_some() || !is_block || item.anchor.is_some() {
        return;
    }
    comments.extend(&item.beside);
    if let Value::Collection(collection) = &item.value
        && let Some(first) = collection.items.first()
    {
        comments.extend(&first.above);
    }
}

/// A list in brackets on the line below its key, where it fits there.
fn own_line(item: &Item<'_>, indent: usize) -> Option<String> {
    let Value::Collection(collection) = &item.value else {
        return None;
    };
    let text = inline(&item.value)?;
    let fits = indent + text.chars().count() <= WIDTH;
    (collection.flow && collection.kind == Kind::List && fits).then_some(text)
}

/// A value on one line; none where comments or blocks are in it.
fn inline(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Nothing => Some(String::new()),
        Value::Alias(name) => Some((*name).to_owned()),
        Value::Scalar(scalar) => scalar.inline(),
        Value::Collection(_) if value.has_comments() => None,
        Value::Collection(collection) => in_brackets(collection),
    }
}

fn in_brackets(collection: &Collection<'_>) -> Option<String> {
    let items: Option<Vec<_>> = collection.items.iter().map(in_flow).collect();
    let items = items?.join(", ");
    Some(match collection.kind {
        Kind::List => format!("[{items}]"),
        Kind::Map => format!("{{{items}}}"),
    })
}

fn in_flow(item: &Item<'_>) -> Option<String> {
    let value = inline(&item.value)?;
    let key = match &item.key {
        Some(key) => Some(format!("{}:", key.inline()?)),
        None => None,
    };
    let value = (!value.is_empty()).then_some(value);
    let anchor = item.anchor.map(str::to_owned);
    let parts: Vec<_> = [key, anchor, value].into_iter().flatten().collect();
    Some(parts.join(" "))
}

/// How wide a line may be.
const WIDTH: usize = 100;

/// How wide a line may stay: of tables whose rows are written in brackets.
const ROW: usize = 140;

/// How far a level is indented.
const STEP: usize = 2;
