//! What the sensor reads, where it writes, and whom it tells.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use export::SinkConfig;
use rustix::fs::{Access, access, statvfs};
use sandbox::Account;

use super::Finding;
use crate::config::Config;
use crate::confinement;

/// Room and rights in every folder that is written to.
pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let user = config.sandbox.user.as_deref();
    let account = user.and_then(|user| Account::named(user).ok());
    let mut findings: Vec<_> = confinement::written(config)
        .iter()
        .flat_map(|path| written(path, account.as_ref()))
        .collect();
    findings.extend(account.as_ref().map(|account| readable(config, account)));
    if let Some(user) = user.filter(|_| account.is_none()) {
        let what = format!("there is no user `{user}`");
        let advice = format!("adduser --system --group {user}");
        findings.push(Finding::wrong("sandbox.user", what, advice));
    }
    findings
}

/// Whether whom the sensor becomes may read what it reads again on reload: policy, rules, baseline, keys and certificates.
fn readable(config: &Config, account: &Account) -> Finding {
    let about = "files to read";
    let named = confinement::read(config).into_iter();
    let all = named.flat_map(with_its_files);
    let closed = all
        .filter(|path| path.exists())
        .find(|path| !may(path, account, READ));
    match closed {
        None => Finding::fine(about, format!("may be read by {}", account.name)),
        Some(path) => {
            let what = format!("`{}` may not be read by {}", path.display(), account.name);
            let advice = format!(
                "chgrp {0} {1} && chmod g+rX {1}",
                account.name,
                path.display()
            );
            Finding::wrong(about, what, advice)
        }
    }
}

/// A path and, of a folder, what is in it.
fn with_its_files(path: PathBuf) -> Vec<PathBuf> {
    let inside = fs::read_dir(&path).into_iter().flatten().flatten();
    let mut all: Vec<_> = inside.map(|entry| entry.path()).collect();
    all.sort();
    all.insert(0, path);
    all
}

fn written(path: &Path, account: Option<&Account>) -> Vec<Finding> {
    let about = format!("file {}", path.display());
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let shown = folder.display();
    if !folder.is_dir() {
        let what = format!("its folder `{shown}` is not there");
        return vec![Finding::wrong(
            &about,
            what,
            format!("install -d -m 0750 {shown}"),
        )];
    }
    vec![
        allowed(&about, path, &folder, account),
        room(&about, &folder),
    ]
}

/// Whether whoever the sensor will be may write there.
fn allowed(about: &str, path: &Path, folder: &Path, account: Option<&Account>) -> Finding {
    let targets = [folder, path].into_iter().filter(|target| target.exists());
    let closed = targets.into_iter().find(|target| match account {
        Some(account) => !may(target, account, WRITE),
        None => access(*target, Access::WRITE_OK).is_err(),
    });
    match closed {
        None => Finding::fine(about, "may be written"),
        Some(target) => {
            let name = account.map_or("the sensor's user", |account| &account.name);
            let what = format!("`{}` may not be written by {name}", target.display());
            Finding::wrong(about, what, format!("chown {name} {}", target.display()))
        }
    }
}

/// Whether an account may do what a bit of others' mode stands for, by owner, group and mode (inode(7)).
fn may(path: &Path, account: &Account, bit: u32) -> bool {
    let Ok(meta) = fs::metadata(path) else {
        return false;
    };
    let shift = if meta.uid() == account.user {
        6
    } else if account.groups.contains(&meta.gid()) {
        3
    } else {
        0
    };
    meta.mode() & (bit << shift) != 0
}

fn room(about: &str, folder: &Path) -> Finding {
    let Ok(disk) = statvfs(folder) else {
        return Finding::doubtful(about, "the room on its disk cannot be told", "df -h");
    };
    let free_mib = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
    let what = format!("{free_mib} MiB free");
    let advice = format!("make room: du -xh {} | sort -h | tail", folder.display());
    match free_mib {
        0..=63 => Finding::wrong(about, what, advice),
        64..=1023 => Finding::doubtful(about, what, advice),
        _ => Finding::fine(about, what),
    }
}

/// Whether a sink's receiver is there.
pub(super) fn reached(sink: &SinkConfig) -> Option<Finding> {
    let (_, address) = sink.receiver()?;
    let about = format!("sink {}", sink.name);
    Some(match export::reach(sink, PATIENCE) {
        Ok(()) => Finding::fine(about, format!("`{address}` is there")),
        Err(why) => Finding::doubtful(
            &about,
            format!("`{address}` cannot be reached: {why}"),
            "see that it is up, that a firewall lets this machine through, and that its certificate \
             is signed by `tls.ca`; incidents wait in the store",
        ),
    })
}

const READ: u32 = 0o4;
const WRITE: u32 = 0o2;
/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
