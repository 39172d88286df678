//! `bulkhead policy verify`: who signed a bundle, and what is in it.

use anyhow::Result;
use policy::bundle::Bundle;
use serde_json::json;

use crate::cli::policy::Verify;
use crate::{Ending, judges, output, policies};

/// Runs the command.
pub(crate) fn run(arguments: &Verify) -> Result<Ending> {
    let Verify { bundle, key, print } = arguments;
    let opened = policies::open(bundle, key).and_then(|bundle| {
        bundle
            .load(&judges::vocabularies())
            .map(|loaded| (bundle, loaded))
    });
    let (opened, loaded) = match opened {
        Ok(opened) => opened,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    let hash = loaded.policy.version();
    let text = if print.json {
        serde_json::to_string_pretty(&document(&opened, hash))?
    } else {
        let Bundle {
            site,
            number,
            made,
            key,
            files,
            ..
        } = &opened;
        let mut text = format!(
            "{}: policy of {site}, version {number} ({hash}), made {made}, signed with key {key}\n",
            bundle.display()
        );
        text.extend(files.iter().map(|file| format!("  {}\n", file.name)));
        text
    };
    output::print(&text)?;
    Ok(Ending::Fine)
}

fn document(bundle: &Bundle, hash: &str) -> serde_json::Value {
    let Bundle {
        site,
        number,
        made,
        key,
        path,
        files,
        digest,
    } = bundle;
    let files = files.iter().map(|file| {
        let name = &file.name;
        json!({ "name": name, "bytes": file.text.len() })
    });
    json!({
        "site": site, "version": number, "made": made, "key": key, "policy": path, "hash": hash,
        "sha256": digest, "files": files.collect::<Vec<_>>(),
    })
}
