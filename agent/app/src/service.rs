//! The service manager: told when the sensor watches, and again and again that it still does.
//!
//! The protocol of sd_notify(3), over a socket that is opened before rights are given up, for no
//! other can be made later. The watchdog is fed only while the packet thread shows itself: one that
//! hangs is started anew.

use std::env;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::{MissedTickBehavior, interval};
use tracing::warn;

use crate::shared::Shared;

/// A service manager that wants to know.
#[derive(Debug)]
pub(crate) struct Service {
    socket: UnixDatagram,
    /// How long it waits for a sign of life, where it does.
    patience: Option<Duration>,
}

impl Service {
    /// The one that has started this process, if any has.
    pub(crate) fn of_this_process() -> Option<Self> {
        let address = env::var("NOTIFY_SOCKET").ok()?;
        let micros = env::var("WATCHDOG_USEC")
            .ok()
            .and_then(|text| text.parse().ok());
        let opened = Self::open(&address, micros.map(Duration::from_micros));
        opened
            .inspect_err(|error| warn!("the service manager cannot be told anything: {error}"))
            .ok()
    }

    fn open(address: &str, patience: Option<Duration>) -> std::io::Result<Self> {
        let address = match address.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(address)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.connect_addr(&address)?;
        Ok(Self { socket, patience })
    }

    /// Says that the sensor is ready as soon as its packet thread shows itself, and that it lives as
    /// long as the thread showed itself within `limit`.
    pub(crate) fn watch_over(self, runtime: &Runtime, shared: Arc<Shared>, limit: Duration) {
        runtime.spawn(async move {
            let pause = self
                .patience
                .map_or(LOOK, |patience| (patience / 3).min(LOOK));
            let mut looks = interval(pause);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut is_ready = false;
            loop {
                looks.tick().await;
                match shared.check(limit) {
                    Ok(()) => {
                        let begun = if is_ready { "" } else { "READY=1\n" };
                        let status = shared.ready(limit).err();
                        let status = status.as_deref().unwrap_or("watching");
                        is_ready = true;
                        self.say(&format!("{begun}STATUS={status}\nWATCHDOG=1"));
                    }
                    Err(why) if is_ready => self.say(&format!("STATUS={why}")),
                    Err(_) => {}
                }
            }
        });
    }

    fn say(&self, words: &str) {
        if let Err(error) = self.socket.send(words.as_bytes()) {
            warn!("the service manager cannot be told anything: {error}");
        }
    }
}

/// How often the packet thread is looked at, at most.
const LOOK: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_fed_while_the_packet_thread_shows_itself_and_not_after() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        manager
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let patience = Duration::from_millis(30);
        let service = Service::open(path.to_str().unwrap(), Some(patience)).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let shared = Arc::new(Shared::new(Vec::new()));
        let hear = || {
            let mut text = [0; 200];
            let len = manager.recv(&mut text).unwrap();
            String::from_utf8_lossy(&text[..len]).into_owned()
        };
        shared.publish(Vec::new(), None);
        service.watch_over(&runtime, Arc::clone(&shared), Duration::ZERO);
        assert!(hear().starts_with("READY=1\n"));
        // the thread shows itself no more: within a second its last sign is too old
        let last = loop {
            let said = hear();
            if !said.contains("WATCHDOG=1") {
                break said;
            }
        };
        assert!(last.starts_with("STATUS=capture was silent for"), "{last}");
        // a port that is down is told, and is no reason to be started anew
        for (trouble, status) in [
            (None, "watching"),
            (Some("`eth1` is gone"), "`eth1` is gone"),
        ] {
            shared.publish(Vec::new(), trouble.map(str::to_owned));
            assert_eq!(
                loop_until(hear, &format!("STATUS={status}")),
                format!("STATUS={status}\nWATCHDOG=1")
            );
        }
    }

    fn loop_until(mut hear: impl FnMut() -> String, words: &str) -> String {
        loop {
            let said = hear();
            if said.contains(words) {
                return said;
            }
        }
    }
}
