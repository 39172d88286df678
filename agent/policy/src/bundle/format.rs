//! The bytes of a bundle: what is signed, and how it is read once the signature was found right.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use super::{Bundle, BundleError, MAX_FILES, PublicKey, SecretKey, hex};
use crate::load::Text;

/// What every bundle of every format begins with.
pub(super) const KIND: &str = "bulkhead policy bundle ";

/// The first line.
const FIRST: &str = "bulkhead policy bundle 1\n";

/// The second line up to the key's identifier.
const SECOND: &str = "signature ed25519 ";

/// What is signed beside the first line.
pub(super) fn write(bundle: &Bundle) -> String {
    let Bundle {
        site,
        number,
        made,
        path,
        files,
        ..
    } = bundle;
    let path = path.display();
    let mut text = format!("site {site}\nversion {number}\nmade {made}\npolicy {path}\n");
    for Text { name, text: file } in files {
        let hash = hex(digest(&SHA256, file.as_bytes()).as_ref());
        let _ = writeln!(text, "file {hash} {} {name}", file.len());
    }
    text.push('\n');
    for Text { name, text: file } in files {
        let _ = write!(text, "--- {name}\n{file}\n");
    }
    text
}

/// The whole bundle.
pub(super) fn sign(signed: &str, key: &SecretKey) -> Vec<u8> {
    let signature = key.sign(format!("{FIRST}{signed}").as_bytes());
    let second = second_line(&key.public(), &signature);
    format!("{FIRST}{second}{signed}").into_bytes()
}

fn second_line(key: &PublicKey, signature: &[u8]) -> String {
    let id = key.id();
    let signature = STANDARD.encode(signature);
    format!("{SECOND}{id} {signature}\n")
}

/// The key that has signed, and what: nothing behind the second line was looked at before.
pub(super) fn verify<'b>(
    bytes: &'b [u8],
    keys: &[PublicKey],
) -> Result<(String, &'b [u8]), BundleError> {
    let rest = bytes
        .strip_prefix(FIRST.as_bytes())
        .ok_or(BundleError::Unknown)?;
    let end = rest.iter().take(MAX_SECOND).position(|byte| *byte == b'\n');
    let (second, signed) = end
        .and_then(|end| rest.split_at_checked(end + 1))
        .ok_or(BundleError::Tampered)?;
    let second = str::from_utf8(second).map_err(|_| BundleError::Tampered)?;
    let words = second.trim_end().strip_prefix(SECOND);
    let (id, signature) = words
        .and_then(|words| words.split_once(' '))
        .ok_or(BundleError::Tampered)?;
    let key = keys.iter().find(|key| key.id() == id);
    let key = key.ok_or_else(|| BundleError::UnknownKey { id: shown(id) })?;
    let signature = STANDARD
        .decode(signature)
        .map_err(|_| BundleError::Tampered)?;
    let message = [FIRST.as_bytes(), signed].concat();
    let is_right = key.has_signed(&message, &signature) && second_line(key, &signature) == second;
    if is_right {
        Ok((key.id(), signed))
    } else {
        Err(BundleError::Tampered)
    }
}

/// A key's identifier that nobody vouches for.
fn shown(id: &str) -> String {
    let id = id.chars().take(16);
    id.map(|c| if c.is_ascii_graphic() { c } else { '?' })
        .collect()
}

/// Reads what was signed.
pub(super) fn read(signed: &[u8]) -> Result<Bundle, BundleError> {
    let text = str::from_utf8(signed).map_err(|_| malformed("it is no text"))?;
    let mut lines = Lines(text);
    let site = lines.after("site ")?.to_owned();
    let number = lines.after("version ")?;
    let number = number
        .parse()
        .map_err(|_| malformed("`version` is no number"))?;
    let made = lines.after("made ")?.to_owned();
    let path = lines.after("policy ")?.into();
    let mut announced = Vec::new();
    while let Ok(line) = lines.after("file ") {
        if announced.len() >= MAX_FILES {
            return Err(BundleError::TooLarge);
        }
        announced.push(announcement(line)?);
    }
    lines.literally("\n")?;
    let files = announced.iter().map(|it| lines.file(it));
    let files = files.collect::<Result<Vec<_>, _>>()?;
    lines.end()?;
    let bundle = Bundle {
        site,
        number,
        made,
        key: String::new(),
        path,
        files,
        digest: String::new(),
    };
    if write(&bundle) != text {
        return Err(malformed("it is not spelled as it would be written"));
    }
    Ok(bundle)
}

/// What the head says of a file.
struct Announced<'t> {
    hash: &'t str,
    bytes: usize,
    name: &'t str,
}

fn announcement(line: &str) -> Result<Announced<'_>, BundleError> {
    let mut words = line.splitn(3, ' ');
    let mut word = || {
        words
            .next()
            .ok_or_else(|| malformed("a line of a file is too short"))
    };
    Ok(Announced {
        hash: word()?,
        bytes: word()?
            .parse()
            .map_err(|_| malformed("a size is no number"))?,
        name: word()?,
    })
}

/// What is left to read.
struct Lines<'t>(&'t str);

impl<'t> Lines<'t> {
    fn literally(&mut self, text: &str) -> Result<(), BundleError> {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.ok_or_else(|| malformed("a line is missing"))?;
        Ok(())
    }

    /// The rest of a line that begins so.
    fn after(&mut self, start: &str) -> Result<&'t str, BundleError> {
        let line = self
            .0
            .strip_prefix(start)
            .and_then(|rest| rest.split_once('\n'));
        let (line, rest) = line.ok_or_else(|| malformed(&format!("no line `{start}…`")))?;
        self.0 = rest;
        Ok(line)
    }

    fn file(&mut self, announced: &Announced<'_>) -> Result<Text, BundleError> {
        let Announced { hash, bytes, name } = announced;
        self.literally(&format!("--- {name}\n"))?;
        let (text, rest) = self
            .0
            .split_at_checked(*bytes)
            .ok_or_else(|| malformed("a file is too short"))?;
        self.0 = rest;
        self.literally("\n")?;
        if hex(digest(&SHA256, text.as_bytes()).as_ref()) != *hash {
            return Err(malformed(&format!("`{name}` has another SHA-256")));
        }
        Ok(Text {
            name: (*name).to_owned(),
            text: text.to_owned(),
        })
    }

    fn end(&self) -> Result<(), BundleError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(malformed("something follows the last file"))
        }
    }
}

fn malformed(why: &str) -> BundleError {
    BundleError::Malformed {
        why: why.to_owned(),
    }
}

/// The longest second line that is looked at.
const MAX_SECOND: usize = 256;
