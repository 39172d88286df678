//! `bulkhead policy keygen`: a key to sign policies with.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use policy::bundle::SecretKey;

use crate::cli::policy::Keygen;
use crate::{Ending, output};

/// Runs the command.
pub(crate) fn run(arguments: &Keygen) -> Result<Ending> {
    let Keygen { key } = arguments;
    let mut public = key.clone().into_os_string();
    public.push(".pub");
    let pem = SecretKey::generate()?;
    let secret = SecretKey::from_pem(&pem)?;
    // the public key first: if it is there already, no secret key without its partner is left behind
    write(
        Path::new(&public),
        &format!("{}\n", secret.public().to_text()),
        0o644,
    )?;
    if let Err(error) = write(key, &pem, 0o600) {
        let _ = std::fs::remove_file(&public);
        return Err(error);
    }
    output::print(&format!(
        "{}: secret, for who signs\n{}: public, for every sensor (`policy_keys`)\nkey id {}",
        key.display(),
        Path::new(&public).display(),
        secret.public().id(),
    ))?;
    Ok(Ending::Fine)
}

/// Writes a new file; one that is there stays as it is.
fn write(path: &Path, text: &str, mode: u32) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let shown = || format!("cannot make `{}`", path.display());
    let mut file = options.open(path).with_context(shown)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(shown)
}
