//! What the sensor may still do once it runs: listen, judge, keep, report, and nothing else.
//!
//! A process gives its rights up in two steps, and there is no way back from either.
//!
//! 1. [`enter`], while there is one thread, so that all later ones inherit it: the capabilities
//!    are dropped, the user is changed, the folders that nobody named are out of reach (Landlock),
//!    and calls that a sensor has no use for fail (seccomp). Whatever sends on the sockets that
//!    listen to the plant is among them: the kernel refuses, whoever asks.
//! 2. [`Entered::seal`], when the runtime has made its own sockets: no new ones of the local kind,
//!    so that no socket can be handed to oneself under a number that the first step did not know.
//!
//! What fails says so with `EPERM` (`EACCES` for files): nothing is killed, a sensor must not end
//! because a library tried something new. Where a kernel lacks Landlock or seccomp, [`Report`] says
//! so and the rest holds. `docs/decisions/0020-sandbox.md` argues the choices.
//!
//! Follows landlock(7), seccomp(2), capabilities(7), packet(7).

#![forbid(unsafe_code)]

mod account;
mod calls;
mod folders;
mod rights;

use std::fs::ReadDir;
use std::io;
use std::os::fd::RawFd;
use std::path::PathBuf;

pub use account::Account;
pub use calls::is_there as filters_calls;
pub use folders::{Landlock, landlock};

use folders::Pinned;

/// What a process keeps.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Who it becomes, where it was started as root.
    pub account: Option<Account>,
    /// Files and folders that may be read, with everything in them.
    pub readable: Vec<PathBuf>,
    /// Folders whose files may be made, written and removed; single files may be written.
    pub writable: Vec<PathBuf>,
    /// TCP ports that may be connected to.
    pub connectable: Vec<u16>,
    /// Sockets that only listen: nothing can be sent on them any more.
    pub receiving: Vec<RawFd>,
}

/// Which parts hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Report {
    /// The process is not root.
    pub is_user: bool,
    /// What holds of the limits on files and TCP ports.
    pub landlock: Landlock,
    /// Whether calls are limited.
    pub is_filtered: bool,
}

/// A process that has given up its rights, and whose sockets are still to be sealed.
#[derive(Debug)]
pub struct Entered {
    report: Report,
    /// The list of open descriptors, which could not be opened any more.
    open: ReadDir,
    receiving: Vec<RawFd>,
    pinned: Pinned,
}

/// A process that has given up its rights. To be kept as long as the process runs.
#[derive(Debug)]
pub struct Sealed {
    /// Which parts hold.
    pub report: Report,
    _pinned: Pinned,
}

/// Why rights could not be given up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Others would keep what this thread gives up.
    #[error("the process has {0} threads already")]
    Threads(usize),
    /// The account is not one of this machine.
    #[error("there is no user `{0}` in /etc/passwd; make one with `adduser --system --group {0}`")]
    NoUser(String),
    /// The kernel refuses.
    #[error("cannot {what}: {source}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// What it said.
        source: io::Error,
    },
    /// Landlock refuses.
    #[error("cannot limit files: {0}")]
    Files(#[from] landlock::RulesetError),
    /// Seccomp refuses.
    #[error("cannot limit calls: {0}")]
    Calls(#[from] seccompiler::Error),
    /// The filter is wrong.
    #[error("cannot limit calls: {0}")]
    Filter(#[from] seccompiler::BackendError),
}

/// Gives up every right that the plan does not name. What is open stays open.
///
/// # Errors
///
/// When there is more than one thread, or the kernel refuses; the process must end then, because it
/// has given up a part of its rights.
pub fn enter(plan: &Plan) -> Result<Entered, Error> {
    let threads = list("/proc/self/task")?.count();
    if threads != 1 {
        return Err(Error::Threads(threads));
    }
    let open = list("/proc/self/fd")?;
    let ruleset = folders::ruleset(plan)?;
    rights::drop_all(plan.account.as_ref())?;
    let (landlock, pinned) = folders::restrict(ruleset)?;
    let is_filtered = calls::is_there();
    if is_filtered {
        calls::limit(&plan.receiving)?;
    }
    let is_user = !rustix::process::geteuid().is_root();
    Ok(Entered {
        report: Report {
            is_user,
            landlock,
            is_filtered,
        },
        open,
        receiving: plan.receiving.clone(),
        pinned,
    })
}

impl Entered {
    /// Ends the making of local sockets, in all threads, and keeps the open ones from being handed
    /// on or doubled. To be called when the runtime runs and nothing else is open yet.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub fn seal(self) -> Result<Sealed, Error> {
        let mut sockets = self.receiving;
        for entry in self.open.filter_map(Result::ok) {
            let number = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            let target = std::fs::read_link(entry.path()).unwrap_or_default();
            let is_socket = target.to_string_lossy().starts_with("socket:");
            sockets.extend(number.filter(|number| is_socket && !sockets.contains(number)));
        }
        if self.report.is_filtered {
            calls::seal(&sockets)?;
        }
        Ok(Sealed {
            report: self.report,
            _pinned: self.pinned,
        })
    }
}

fn list(folder: &'static str) -> Result<ReadDir, Error> {
    std::fs::read_dir(folder).map_err(|source| Error::Refused {
        what: "look at the process itself",
        source,
    })
}
