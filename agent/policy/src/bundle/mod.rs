//! A policy in one signed file.
//!
//! A bundle carries every file that makes a policy, to a sensor that takes it from nobody but the holder
//! of a key. It is text, for a person to read before it is carried into the plant:
//!
//! ```text
//! bulkhead policy bundle 1
//! signature ed25519 <key id> <base64 of the signature>
//! site water-07
//! version 42
//! made 2026-03-01T06:00:00Z
//! policy sites/07
//! file <SHA-256 in hex> <bytes> sites/07/site.yaml
//! file <SHA-256 in hex> <bytes> sites/_templates/water/zones.yaml
//!
//! --- sites/07/site.yaml
//! <its bytes, then a line break>
//! --- sites/_templates/water/zones.yaml
//! <its bytes, then a line break>
//! ```
//!
//! **Signed** is everything but the second line: the first line, by which a signature of a bundle can be
//! nothing else's, and all that follows the second. Nothing of it is looked at before the signature
//! was found right (Ed25519, RFC 8032, by ring); the key id only says which key to try. The form has
//! one spelling for one content: what is not exactly as it would be written is refused.
//!
//! **`version`** is a number that rises from bundle to bundle of a site. Whoever takes bundles remembers
//! the highest, and so cannot be given yesterday's policy again. **`policy`** is the file or folder among
//! the files that is to be loaded; templates are found beside it as they were on the disk.
//!
//! Bounds: [`MAX_BYTES`], [`MAX_FILES`], [`MAX_PATH`]. No clock: the time is handed in.

mod format;
mod keys;

use std::path::{Component, Path, PathBuf};

use model::{Problem, Timestamp, Vocabulary};
use ring::digest::{SHA256, digest};

use crate::load::{Loaded, Text};
use crate::policy::Policy;
use crate::source::plain;
pub use keys::{KeyError, PublicKey, SecretKey};

/// A policy as it came in a bundle whose signature was found right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bundle {
    /// The site's name.
    pub site: String,
    /// The number that rises from bundle to bundle.
    pub number: u64,
    /// When it was made, as its maker's clock said.
    pub made: String,
    /// The identifier of the key that signed it.
    pub key: String,
    /// The file or folder among the files that is the policy.
    pub path: PathBuf,
    /// Every file that makes the policy.
    pub files: Vec<Text>,
    /// The SHA-256 of the whole bundle in hex.
    pub digest: String,
}

/// Why a bundle was not made, or is not believed.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The first line is another.
    #[error("this is no policy bundle that this release can read")]
    Unknown,
    /// It is larger than a bundle may be.
    #[error("the bundle is larger than {MAX_BYTES} bytes, or has more than {MAX_FILES} files")]
    TooLarge,
    /// There is no key to try.
    #[error("the bundle was signed with key {id}, which is not among those that are trusted here")]
    UnknownKey {
        /// The identifier of the key that is wanted.
        id: String,
    },
    /// The signature is not that of what follows.
    #[error("the signature is wrong: the bundle is damaged, or somebody changed it")]
    Tampered,
    /// It is signed, and yet not of the right form.
    #[error("the bundle is signed but malformed: {why}")]
    Malformed {
        /// What is wrong with it.
        why: String,
    },
    /// A file cannot be carried under its name.
    #[error("`{name}` cannot be put into a bundle: {why}")]
    Name {
        /// The file, or the site.
        name: String,
        /// What is wrong with its name.
        why: &'static str,
    },
}

impl Bundle {
    /// Whether a file is a bundle, by its first bytes.
    pub fn is_one(start: &[u8]) -> bool {
        start.starts_with(format::KIND.as_bytes())
    }

    /// Signs the policy that was loaded from `path`: what was loaded, not what lies there by now.
    ///
    /// # Errors
    ///
    /// When a name cannot be carried, or the whole is too large.
    pub fn sign(
        loaded: &Loaded,
        path: &Path,
        number: u64,
        made: Timestamp,
        key: &SecretKey,
    ) -> Result<Vec<u8>, BundleError> {
        let (path, files) = relative(path, &loaded.texts)?;
        let bundle = Self {
            site: loaded.policy.site().to_owned(),
            number,
            made: seconds(made),
            key: key.public().id(),
            path,
            files,
            digest: String::new(),
        };
        bundle.check()?;
        let signed = format::write(&bundle);
        let bytes = format::sign(&signed, key);
        if bytes.len() > MAX_BYTES {
            return Err(BundleError::TooLarge);
        }
        Ok(bytes)
    }

    /// Opens a bundle that one of the keys has signed.
    ///
    /// # Errors
    ///
    /// When no key has, or the bundle is not exactly of its form.
    pub fn open(bytes: &[u8], keys: &[PublicKey]) -> Result<Self, BundleError> {
        if bytes.len() > MAX_BYTES {
            return Err(BundleError::TooLarge);
        }
        let (key, signed) = format::verify(bytes, keys)?;
        let mut bundle = format::read(signed)?;
        bundle.check()?;
        bundle.key = key;
        bundle.digest = hex(digest(&SHA256, bytes).as_ref());
        Ok(bundle)
    }

    /// Loads the policy.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn load(&self, words: &[&'static Vocabulary]) -> Result<Loaded, Vec<Problem>> {
        Policy::load_texts(&self.files, &self.path, words)
    }

    fn check(&self) -> Result<(), BundleError> {
        if self.files.len() > MAX_FILES {
            return Err(BundleError::TooLarge);
        }
        let path = self.path.display().to_string();
        let names = self.files.iter().map(|file| file.name.as_str());
        names.chain([path.as_str()]).try_for_each(check_name)?;
        if self.site.is_empty() || self.site.chars().any(char::is_control) {
            return Err(BundleError::Name {
                name: self.site.escape_debug().to_string(),
                why: "a site's name is one line",
            });
        }
        Ok(())
    }
}

/// Whether a name stays inside of the bundle and on one line.
fn check_name(name: &str) -> Result<(), BundleError> {
    let path = Path::new(name);
    let inside = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let why = match () {
        () if name.chars().any(char::is_control) => "it is not printable",
        () if name.len() > MAX_PATH => "its path is too long",
        () if !inside || plain(path).as_os_str() != name => "its path is not plain",
        () => return Ok(()),
    };
    Err(BundleError::Name {
        name: name.escape_debug().to_string(),
        why,
    })
}

/// The policy's path and its files, relative to the folder that holds them all.
fn relative(path: &Path, texts: &[Text]) -> Result<(PathBuf, Vec<Text>), BundleError> {
    let root = absolute(path)?;
    let texts = texts.iter();
    let files: Vec<_> = texts
        .map(|file| Ok((absolute(Path::new(&file.name))?, &file.text)))
        .collect::<Result<_, BundleError>>()?;
    let mut folder = root.parent().unwrap_or(&root).to_owned();
    while !files.iter().all(|(file, _)| file.starts_with(&folder)) && folder.pop() {}
    let inside = |path: &Path| {
        let inside = path.strip_prefix(&folder).ok().and_then(Path::to_str);
        inside.map(str::to_owned).ok_or_else(|| BundleError::Name {
            name: path.display().to_string(),
            why: "it is not UTF-8",
        })
    };
    let files = files.iter().map(|(file, text)| {
        Ok(Text {
            name: inside(file)?,
            text: (*text).clone(),
        })
    });
    Ok((
        inside(&root)?.into(),
        files.collect::<Result<_, BundleError>>()?,
    ))
}

fn absolute(path: &Path) -> Result<PathBuf, BundleError> {
    let whole = std::path::absolute(path).map_err(|_| BundleError::Name {
        name: path.display().to_string(),
        why: "nobody knows where it lies",
    })?;
    Ok(plain(&whole))
}

/// A moment, to the second.
fn seconds(at: Timestamp) -> String {
    let whole = at.as_nanos() - at.as_nanos().rem_euclid(1_000_000_000);
    let text = Timestamp::from_nanos(whole).to_string();
    text.replace(".000000000", "")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The largest bundle.
pub const MAX_BYTES: usize = 64 << 20;

/// The most files in a bundle.
pub const MAX_FILES: usize = 4096;

/// The longest path of a file in a bundle, in bytes.
pub const MAX_PATH: usize = 1024;

/// A bundle of any text, right or not, for tests.
#[cfg(test)]
pub(crate) fn sign_text(signed: &str, key: &SecretKey) -> Vec<u8> {
    format::sign(signed, key)
}
