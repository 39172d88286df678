//! Files and TCP ports: whatever the plan does not name is out of reach (landlock(7)).
//!
//! Names of hosts must still be found and a sink's connection be asked after, so the resolver's
//! files and the process's own table of connections are named always. Nothing may be run.

use std::path::{Path, PathBuf};

use ::landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, NetPort,
    PathBeneath, PathFd, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _,
    RulesetError, RulesetStatus, Scope,
};

use crate::Plan;

/// How much of Landlock holds.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Landlock {
    /// The kernel has none, or it is switched off.
    Missing,
    /// Files are limited; TCP ports need Linux 6.7, signals and abstract sockets 6.12.
    Partial,
    /// Everything that is asked for.
    Full,
}

/// What must stay open so that its place in `/proc` stays the one that was named.
#[derive(Debug)]
pub(crate) struct Pinned(Option<PathFd>);

/// How much of Landlock this kernel has. Limits nothing.
pub fn landlock() -> Landlock {
    let all = |level| {
        let ruleset = Ruleset::default().set_compatibility(level);
        let files = ruleset.handle_access(AccessFs::from_all(FILES))?;
        let ports = files.handle_access(AccessNet::from_all(WANTED))?;
        ports.scope(Scope::from_all(WANTED))?.create()
    };
    let some = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .and_then(Ruleset::create);
    match (all(CompatLevel::HardRequirement), some) {
        (Ok(_), _) => Landlock::Full,
        (Err(_), Ok(_)) => Landlock::Partial,
        (Err(_), Err(_)) => Landlock::Missing,
    }
}

/// What the plan allows. Made while everything can still be opened.
pub(crate) fn ruleset(plan: &Plan) -> Result<RulesetCreated, RulesetError> {
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(FILES))?
        .handle_access(AccessNet::from_all(WANTED))?
        .scope(Scope::from_all(WANTED))?
        .create()?;
    let always = ALWAYS.iter().map(PathBuf::from);
    for path in always.chain(plan.readable.iter().cloned()) {
        ruleset = allow(ruleset, &path, AccessFs::ReadFile | AccessFs::ReadDir)?;
    }
    for path in &plan.writable {
        ruleset = allow(ruleset, path, written())?;
    }
    let ports = plan.connectable.iter().chain([&DNS]);
    ports
        .map(|port| NetPort::new(*port, AccessNet::ConnectTcp))
        .try_fold(ruleset, RulesetCreated::add_rule)
}

/// Limits this thread and those that it starts.
pub(crate) fn restrict(ruleset: RulesetCreated) -> Result<(Landlock, Pinned), RulesetError> {
    let pinned = Pinned(PathFd::new(CONNECTIONS).ok());
    let ruleset = match &pinned.0 {
        Some(open) => {
            let access = AccessFs::ReadFile | AccessFs::ReadDir;
            ruleset.add_rule(PathBeneath::new(open, access))?
        }
        None => ruleset,
    };
    let held = match ruleset.restrict_self()?.ruleset {
        RulesetStatus::FullyEnforced => Landlock::Full,
        RulesetStatus::PartiallyEnforced => Landlock::Partial,
        RulesetStatus::NotEnforced => Landlock::Missing,
    };
    Ok((held, pinned))
}

/// Allows what is there; what is not there cannot be opened anyway.
fn allow(
    ruleset: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(open) = PathFd::new(path) else {
        return Ok(ruleset);
    };
    let access = if path.is_dir() {
        access
    } else {
        access & AccessFs::from_file(FILES)
    };
    ruleset.add_rule(PathBeneath::new(open, access))
}

/// What is done in a folder that is written to: files are made, replaced and removed.
fn written() -> BitFlags<AccessFs> {
    AccessFs::ReadFile
        | AccessFs::ReadDir
        | AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::RemoveFile
        | AccessFs::Refer
}

/// The newest edition of Landlock that is asked for (Linux 6.12); older kernels give what they have.
const WANTED: ABI = ABI::V6;
/// The newest edition with something on files in it (Linux 6.10).
const FILES: ABI = ABI::V5;

/// Where names of hosts are asked for where an answer does not fit a datagram.
const DNS: u16 = 53;

/// The process's own table of connections, which tells a sink what its peer has not taken.
const CONNECTIONS: &str = "/proc/self/net";

/// What resolver(5), nsswitch.conf(5) and gai.conf(5) read, libraries of nss(5) among it.
const ALWAYS: &[&str] = &[
    "/etc/resolv.conf",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/usr/lib",
    "/usr/lib64",
    "/lib",
    "/lib64",
    "/dev/null",
    "/dev/urandom",
];
