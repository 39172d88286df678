//! The sensor in its sandbox: what the configuration names stays within reach, nothing else does.
//!
//! Files are replaced by renaming, so what may be read or written is the folder of a file, not the
//! file. What is no plain file (a device, a pipe) stays alone, and nothing ever opens the whole disk.

use std::os::fd::{AsFd as _, AsRawFd as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use capture::Port;
use export::{HttpConfig, SinkConfig, Transport};
use model::{Metric, Sample};
use sandbox::{Account, Entered, Landlock, Plan, Report, Sealed};
use tracing::{info, warn};

use crate::config::Config;

/// A sensor that has given up its rights, or was told not to.
pub(crate) struct Confinement<Step>(Option<Step>);

impl Confinement<Entered> {
    /// Gives up every right but those to what is open, and to what the configuration names.
    ///
    /// # Errors
    ///
    /// When that is not possible; never goes on with less than was asked for.
    pub(crate) fn enter(config: &Config, ports: &[Port]) -> Result<Self> {
        if !config.sandbox.enabled {
            warn!("the sandbox is switched off: the sensor keeps every right that it was given");
            return Ok(Self(None));
        }
        let plan = plan(config, ports)?;
        let entered = sandbox::enter(&plan).context("cannot give up rights")?;
        Ok(Self(Some(entered)))
    }

    /// Takes the last step, when the runtime runs, and says what holds.
    ///
    /// # Errors
    ///
    /// When that is not possible, or when a part is missing that the configuration requires.
    pub(crate) fn seal(self, require: bool) -> Result<Confinement<Sealed>> {
        let Some(entered) = self.0 else {
            return Ok(Confinement(None));
        };
        let sealed = entered.seal().context("cannot give up rights")?;
        let missing = missing(&sealed.report);
        for what in &missing {
            warn!("{what}");
        }
        if require && !missing.is_empty() {
            bail!(
                "`sandbox.require` asks for all of the sandbox: {}",
                missing.join("; ")
            );
        }
        if missing.is_empty() {
            info!("in its sandbox: no capabilities, files and calls limited");
        }
        Ok(Confinement(Some(sealed)))
    }
}

impl Confinement<Sealed> {
    /// What holds, for `/metrics`.
    pub(crate) fn samples(&self) -> Vec<Sample> {
        let report = self.0.as_ref().map(|sealed| sealed.report);
        let whole = |holds: bool| f64::from(u8::from(holds));
        let parts = [
            ("rights", whole(report.is_some())),
            ("user", whole(report.is_some_and(|report| report.is_user))),
            ("files", report.map_or(0.0, |report| share(report.landlock))),
            (
                "calls",
                whole(report.is_some_and(|report| report.is_filtered)),
            ),
        ];
        let sample = |(part, value): (&str, f64)| Sample {
            metric: Metric::Sandbox,
            labels: vec![part.to_owned()],
            value,
        };
        parts.map(sample).into()
    }
}

const fn share(landlock: Landlock) -> f64 {
    match landlock {
        Landlock::Full => 1.0,
        Landlock::Partial => 0.5,
        Landlock::Missing => 0.0,
    }
}

/// What does not hold, each with what to do.
fn missing(report: &Report) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if !report.is_user {
        missing.push(
            "the sensor runs as root, though without capabilities: \
             name `sandbox.user`, or start it as a user with CAP_NET_RAW",
        );
    }
    match report.landlock {
        Landlock::Full => {}
        Landlock::Partial => missing.push(
            "this kernel limits files but not everything else that is asked of Landlock: \
             Linux 6.12 does",
        ),
        Landlock::Missing => missing.push(
            "this kernel does not limit files: it is built or started without Landlock \
             (add it to `lsm=`)",
        ),
    }
    if !report.is_filtered {
        missing.push("this kernel does not limit calls: it is built without seccomp");
    }
    missing
}

/// What the sensor keeps.
///
/// # Errors
///
/// When the user to become is not one of this machine.
pub(crate) fn plan(config: &Config, ports: &[Port]) -> Result<Plan> {
    let account = config.sandbox.user.as_deref().map(Account::named);
    let receiving = ports.iter().map(|port| port.as_fd().as_raw_fd());
    Ok(Plan {
        account: account.transpose()?,
        readable: read(config).iter().flat_map(|path| around(path)).collect(),
        writable: written(config)
            .iter()
            .flat_map(|path| around(path))
            .collect(),
        connectable: config.sinks.iter().filter_map(port_of).collect(),
        receiving: receiving.collect(),
    })
}

/// What the sensor reads, now and when it reloads.
pub(crate) fn read(config: &Config) -> Vec<PathBuf> {
    let mut config = config.clone();
    let named = [
        config.policy.take(),
        config.rules.take(),
        config.baseline.take(),
    ];
    let mut read: Vec<_> = named.into_iter().flatten().collect();
    read.append(&mut config.policy_keys);
    read.append(&mut config.sandbox.readable);
    let files: Vec<_> = config
        .sinks
        .iter()
        .filter_map(SinkConfig::written)
        .map(Path::to_owned)
        .collect();
    let sinks = config.sinks.iter_mut().flat_map(SinkConfig::paths_mut);
    let http = config.http.iter_mut().flat_map(HttpConfig::paths_mut);
    read.extend(
        sinks
            .chain(http)
            .map(std::mem::take)
            .filter(|path| !files.contains(path)),
    );
    read
}

/// What the sensor writes.
pub(crate) fn written(config: &Config) -> Vec<PathBuf> {
    let is_store = |path: &&PathBuf| {
        path.extension()
            .is_some_and(|it| it == "db" || it == "sqlite")
    };
    let learnt = config.baseline.iter().filter(is_store).cloned();
    let files = config
        .sinks
        .iter()
        .filter_map(SinkConfig::written)
        .map(Path::to_owned);
    [config.store.clone()]
        .into_iter()
        .chain(files)
        .chain(learnt)
        .collect()
}

/// A path as the sandbox wants it: a folder itself, and for a file its folder. Of a link, also where
/// it leads. The whole disk is never meant.
fn around(path: &Path) -> Vec<PathBuf> {
    let mut around = vec![home(path)];
    // what a link leads to may be still to be made
    let target = path
        .canonicalize()
        .or_else(|_| path.read_link().map(|target| folder_of(path).join(target)));
    if path.is_symlink()
        && let Ok(target) = target
    {
        around.push(home(&target));
        around.push(home(&folder_of(&target)));
    }
    around.retain(|it| it.canonicalize().map_or(true, |it| it != Path::new("/")));
    around
}

fn home(path: &Path) -> PathBuf {
    let is_special = path.exists() && !path.is_file() && !path.is_dir();
    let is_at_top = folder_of(path) == Path::new("/");
    if path.is_dir() || is_special || is_at_top {
        path.to_owned()
    } else {
        folder_of(path)
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn port_of(sink: &SinkConfig) -> Option<u16> {
    let (transport, address) = sink.receiver()?;
    let (_, port) = address.rsplit_once(':')?;
    (transport != Transport::Udp).then(|| port.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_stands_for_its_folder_and_a_device_for_itself() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.pem");
        std::fs::write(&file, "").unwrap();
        assert_eq!(around(&file), [folder.path()]);
        assert_eq!(around(&folder.path().join("not-yet.db")), [folder.path()]);
        assert_eq!(around(folder.path()), [folder.path()]);
        assert_eq!(around(Path::new("/dev/null")), [Path::new("/dev/null")]);
        assert_eq!(around(Path::new("sensor.db")), [Path::new(".")]);
        assert!(around(Path::new("/")).is_empty());
    }

    #[test]
    fn a_link_stands_for_where_it_leads_too() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let release = root.join("releases").join("42");
        std::fs::create_dir_all(&release).unwrap();
        let link = root.join("current");
        std::os::unix::fs::symlink(&release, &link).unwrap();
        let found = around(&link);
        assert!(
            found.contains(&release) && found.contains(&root.join("releases")),
            "{found:?}"
        );
    }
}
