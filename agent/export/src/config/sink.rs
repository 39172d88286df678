//! Where incidents go.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde::Deserialize;

use super::within;
use crate::{ConfigProblem, tls};

/// One place that incidents go to. Exactly one of `file` and `syslog` is given.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SinkConfig {
    /// Its name: the label of its metrics and the key of its cursor. 1 to 64 of `a-z 0-9 _ -`. No
    /// default. A sink with a new name is owed what happens from then on.
    pub name: String,
    /// The longest pause between two tries, in seconds. Default 60, bounds 1 to 3600.
    #[serde(default = "default_retry_cap_secs")]
    pub retry_cap_secs: u64,
    /// A file of JSON Lines.
    #[serde(default)]
    pub file: Option<FileConfig>,
    /// A syslog receiver.
    #[serde(default)]
    pub syslog: Option<SyslogConfig>,
}

/// A file with one JSON object per line, as DESIGN's incident record.
///
/// Lines are appended and `fdatasync`ed batch by batch before they count as taken. A file that was
/// moved or removed is made anew with the next batch.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct FileConfig {
    /// The file; its folder must exist. `-` is standard output. No default.
    pub path: PathBuf,
}

/// A syslog receiver: RFC 5424 messages over UDP (RFC 5426), TCP (RFC 6587, octet counting) or TLS
/// (RFC 5425).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SyslogConfig {
    /// `udp`, `tcp` or `tls`. No default. Over `udp` lost datagrams stay lost.
    pub transport: Transport,
    /// `host:port`, an IPv6 address in brackets. No default; the usual ports are 514 and, for TLS, 6514.
    pub address: String,
    /// The facility that messages carry. Default `local0`.
    #[serde(default)]
    pub facility: Facility,
    /// The longest message, in bytes. Default 8192, for `udp` 2048; bounds 1024 to 65000.
    #[serde(default)]
    pub max_bytes: Option<usize>,
    /// Certificates; needed for `tls`, refused otherwise.
    #[serde(default)]
    pub tls: Option<TlsClientConfig>,
}

/// How syslog messages travel.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// One datagram per message; nothing says whether it came.
    Udp,
    /// A byte stream in the clear.
    Tcp,
    /// A byte stream under TLS 1.2 or 1.3.
    Tls,
}

/// The part of the receiver's plant that a message is filed under (RFC 5424, 6.2.1).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words are the standard's")]
pub enum Facility {
    User = 1,
    Daemon = 3,
    Auth = 4,
    Authpriv = 10,
    #[default]
    Local0 = 16,
    Local1,
    Local2,
    Local3,
    Local4,
    Local5,
    Local6,
    Local7,
}

/// Whom to believe and how to prove who we are. All files are PEM.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct TlsClientConfig {
    /// The certificates that the receiver's must be signed by. No default: the system's own are not used.
    pub ca: PathBuf,
    /// Our certificate with its chain, where the receiver asks for one. Default none; needs `key`.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// The key of our certificate.
    #[serde(default)]
    pub key: Option<PathBuf>,
    /// The name in the receiver's certificate. Default: the host of `address`.
    #[serde(default)]
    pub server_name: Option<String>,
}

const fn default_retry_cap_secs() -> u64 {
    60
}

/// A sink as it will be used.
#[derive(Debug)]
pub(crate) struct SinkPlan {
    pub(crate) name: String,
    pub(crate) retry_cap: Duration,
    pub(crate) destination: Destination,
}

#[derive(Debug)]
pub(crate) enum Destination {
    File(PathBuf),
    Udp(Receiver),
    Stream(Receiver, Option<TlsPlan>),
}

/// A syslog receiver as it will be used.
#[derive(Clone, Debug)]
pub(crate) struct Receiver {
    pub(crate) address: String,
    pub(crate) facility: Facility,
    pub(crate) max_bytes: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct TlsPlan {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) server: ServerName<'static>,
}

impl SinkPlan {
    /// Its name and what it connects by, where it has certificates.
    pub(crate) fn certificates(self) -> Option<(String, TlsPlan)> {
        match self.destination {
            Destination::Stream(_, Some(tls)) => Some((self.name, tls)),
            Destination::Stream(_, None) | Destination::File(_) | Destination::Udp(_) => None,
        }
    }
}

impl SinkConfig {
    /// Every file that it names, for whoever knows what relative ones are relative to. Standard
    /// output is none.
    pub fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let tls = self.syslog.as_mut().and_then(|syslog| syslog.tls.as_mut());
        let tls = tls.into_iter().flat_map(|tls| {
            let ours = [tls.certificate.as_mut(), tls.key.as_mut()];
            std::iter::once(&mut tls.ca).chain(ours.into_iter().flatten())
        });
        let file = self.file.as_mut().map(|file| &mut file.path);
        file.into_iter()
            .filter(|path| path.as_os_str() != "-")
            .chain(tls)
    }

    /// The file that it writes, unless that is standard output.
    pub fn written(&self) -> Option<&Path> {
        let path = self.file.as_ref().map(|file| file.path.as_path());
        path.filter(|path| *path != Path::new("-"))
    }

    /// Where it connects to, `host:port`, and how.
    pub fn receiver(&self) -> Option<(Transport, &str)> {
        let syslog = self.syslog.as_ref()?;
        Some((syslog.transport, &syslog.address))
    }

    /// Whether it has certificates.
    pub(crate) fn has_certificates(&self) -> bool {
        let syslog = self.syslog.as_ref();
        syslog.is_some_and(|syslog| syslog.tls.is_some())
    }

    /// The sink as it will be used; `at` is its place in the configuration.
    pub(crate) fn plan(&self, at: &str) -> Result<SinkPlan, Vec<ConfigProblem>> {
        let mut problems = Vec::new();
        problems.extend(self.check_name(at));
        let field = format!("{at}.retry_cap_secs");
        problems.extend(within(field, self.retry_cap_secs, 1, 3600));
        match self.destination(at) {
            Ok(destination) if problems.is_empty() => Ok(SinkPlan {
                name: self.name.clone(),
                retry_cap: Duration::from_secs(self.retry_cap_secs),
                destination,
            }),
            Ok(_) => Err(problems),
            Err(more) => {
                problems.extend(more);
                Err(problems)
            }
        }
    }

    fn check_name(&self, at: &str) -> Option<ConfigProblem> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        let good = (1..=64).contains(&self.name.len()) && self.name.chars().all(fits);
        (!good).then(|| {
            let what = format!("`{}` is no name for a sink", self.name);
            ConfigProblem::new(format!("{at}.name"), what)
                .help("use 1 to 64 of a-z, 0-9, `_` and `-`")
        })
    }

    fn destination(&self, at: &str) -> Result<Destination, Vec<ConfigProblem>> {
        match (&self.file, &self.syslog) {
            (Some(file), None) => file.plan(at).map_err(|problem| vec![problem]),
            (None, Some(syslog)) => syslog.plan(&format!("{at}.syslog")),
            _ => {
                let what = format!(
                    "sink `{}` needs exactly one of `file` and `syslog`",
                    self.name
                );
                Err(vec![ConfigProblem::new(at, what)])
            }
        }
    }
}

impl FileConfig {
    fn plan(&self, at: &str) -> Result<Destination, ConfigProblem> {
        let folder = self.path.parent().filter(|folder| *folder != Path::new(""));
        if folder.is_some_and(|folder| !folder.is_dir()) {
            let what = format!("the folder of `{}` does not exist", self.path.display());
            return Err(ConfigProblem::new(format!("{at}.file.path"), what));
        }
        Ok(Destination::File(self.path.clone()))
    }
}

impl SyslogConfig {
    fn plan(&self, at: &str) -> Result<Destination, Vec<ConfigProblem>> {
        let mut problems = Vec::new();
        let host = host_of(&self.address);
        if host.is_none() {
            let what = format!("`{}` is not `host:port`", self.address);
            problems.push(ConfigProblem::new(format!("{at}.address"), what));
        }
        let max_bytes = self.max_bytes.unwrap_or(match self.transport {
            Transport::Udp => 2048,
            Transport::Tcp | Transport::Tls => 8192,
        });
        problems.extend(within(format!("{at}.max_bytes"), max_bytes, 1024, 65_000));
        let tls = self.tls_plan(at, host.unwrap_or_default());
        let receiver = Receiver {
            address: self.address.clone(),
            facility: self.facility,
            max_bytes,
        };
        match (tls, self.transport) {
            (Err(more), _) => problems.extend(more),
            (Ok(_), _) if !problems.is_empty() => {}
            (Ok(_), Transport::Udp) => return Ok(Destination::Udp(receiver)),
            (Ok(tls), _) => return Ok(Destination::Stream(receiver, tls)),
        }
        Err(problems)
    }

    fn tls_plan(&self, at: &str, host: &str) -> Result<Option<TlsPlan>, Vec<ConfigProblem>> {
        match (&self.tls, self.transport) {
            (Some(tls), Transport::Tls) => tls.plan(&format!("{at}.tls"), host).map(Some),
            (None, Transport::Udp | Transport::Tcp) => Ok(None),
            (None, Transport::Tls) => {
                let problem = ConfigProblem::new(at, "transport `tls` needs certificates");
                Err(vec![problem.help("add `tls: { ca: FILE }`")])
            }
            (Some(_), Transport::Udp | Transport::Tcp) => {
                let what = "certificates are given, but the transport does not use them";
                let problem = ConfigProblem::new(format!("{at}.tls"), what);
                Err(vec![problem.help("set `transport: tls`, or remove them")])
            }
        }
    }
}

impl TlsClientConfig {
    fn plan(&self, at: &str, host: &str) -> Result<TlsPlan, Vec<ConfigProblem>> {
        let name = self.server_name.as_deref().unwrap_or(host);
        let server = ServerName::try_from(name.to_owned()).map_err(|_| {
            let what = format!("`{name}` is neither a host name nor an address");
            vec![ConfigProblem::new(format!("{at}.server_name"), what)]
        });
        match (server, tls::client(self, at)) {
            (Ok(server), Ok(config)) => Ok(TlsPlan { config, server }),
            (server, config) => {
                let problems = server.err().into_iter().chain(config.err());
                Err(problems.flatten().collect())
            }
        }
    }
}

/// The host of `host:port` or `[address]:port`.
fn host_of(address: &str) -> Option<&str> {
    let (host, port) = address.rsplit_once(':')?;
    port.parse::<u16>().ok().filter(|port| *port != 0)?;
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let host = bare.unwrap_or(host);
    let fits = !host.is_empty() && (bare.is_some() || !host.contains(':'));
    fits.then_some(host)
}
