//! Ports that are missing or switched off when the sensor starts, and come later.
//!
//! Their sockets are opened while there is the right to, on an interface that is there, with a filter that nothing passes. To bind
//! them to the interface that they are meant for takes no right, nor does it to set a filter or to share frames out (packet(7)). Of several
//! sockets the first hears everything until the interface is up, for before that kernels older than 6.13 take none into a group; the others
//! hear nothing until they join.

use std::io;
use std::os::fd::AsFd as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use model::PortState;
use rustix::net::sockopt;

use super::{NOTHING, Port, PortConfig, PortError, listen_to, program};
use crate::drops::Counters;
use crate::fanout::Group;
use crate::ring::BLOCK_AGE;

/// What a port does when its interface is there.
#[derive(Default)]
pub(super) struct Late {
    /// What it listens to then.
    filter: Option<String>,
    share: Option<Share>,
}

/// Sockets that will share an interface.
struct Share {
    /// Their group, once the first has founded it.
    group: Arc<OnceLock<Group>>,
    is_first: bool,
}

impl Share {
    /// Whether it is time to found the group, or to join it.
    fn is_due(&self, state: PortState) -> bool {
        let is_founded = self.group.get().is_some();
        match state {
            PortState::Gone | PortState::Off => false,
            PortState::NoCarrier => is_founded,
            PortState::Up => is_founded || self.is_first,
        }
    }
}

/// Throws away what came before deaf sockets were deaf: by the filter that is to come it would be shown.
pub(super) fn settle(config: &PortConfig, ports: &mut [Port]) -> Result<(), PortError> {
    if config.filter.is_none() {
        return Ok(());
    }
    // the kernel hands over a block that has a frame after that time
    std::thread::sleep(BLOCK_AGE * 2);
    for port in ports {
        while port.dispatch(Duration::ZERO, &mut |_| ())? > 0 {}
    }
    Ok(())
}

impl Port {
    /// Makes ready to listen on an interface that is missing or switched off ([`PortError::Absent`]), with as many sockets as
    /// [`open_shared`](Self::open_shared) has: [`look`](Self::look) finds it whenever it comes, and to listen takes no right then.
    /// Until that the sockets are on an interface that is there, and take nothing.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) for the interface that is there, and when the filter is wrong.
    pub fn open_later(
        config: &PortConfig,
        there: &str,
        sockets: u32,
    ) -> Result<Vec<Self>, PortError> {
        let config = config.parted(sockets);
        let group = Arc::new(OnceLock::new());
        let ports = (0..sockets.max(1)).map(|place| {
            let mut port = Self::open_elsewhere(&config, there)?;
            port.late.share = (sockets > 1).then(|| Share {
                group: Arc::clone(&group),
                is_first: place == 0,
            });
            Ok(port)
        });
        ports.collect()
    }

    fn open_elsewhere(config: &PortConfig, there: &str) -> Result<Self, PortError> {
        let mut port = Self::open_deaf(&PortConfig {
            interface: there.to_owned(),
            promiscuous: false,
            ..config.clone()
        })?;
        config.interface.clone_into(&mut port.interface);
        port.counters = Counters::of(&config.interface);
        port.promiscuous = config.promiscuous;
        port.listens_on = port.listens_on.nowhere();
        Ok(port)
    }

    /// Opens a socket that hears nothing until its filter is opened.
    pub(super) fn open_deaf(config: &PortConfig) -> Result<Self, PortError> {
        let mut port = Self::open(&PortConfig {
            filter: Some(NOTHING.to_owned()),
            ..config.clone()
        })?;
        let filter = config.filter.clone().unwrap_or_default();
        program(&port.handle, port.link, &filter)?;
        port.late.filter = Some(filter);
        Ok(port)
    }

    /// Does what is still to do when its interface was looked at; `is_another` than before it was when it has come.
    pub(super) fn catch_up(&mut self, is_another: bool, state: PortState) -> Result<(), PortError> {
        let share = self.late.share.as_ref();
        if is_another && share.is_none_or(|share| share.is_first) {
            self.open_filter()?;
        }
        match self.late.share.take_if(|share| share.is_due(state)) {
            Some(share) if share.is_first => self.found(&share.group),
            Some(share) => match share.group.get() {
                Some(group) => self.join(group),
                None => self.open_filter(),
            },
            None => Ok(()),
        }
    }

    fn found(&self, group: &OnceLock<Group>) -> Result<(), PortError> {
        let founded = Group::found(self.as_fd()).map_err(|why| self.not_shared(&why))?;
        group.get_or_init(|| founded);
        Ok(())
    }

    /// What it hears before it has joined the others hear, too. What was counted while it was deaf is never shown.
    pub(super) fn join(&mut self, group: &Group) -> Result<(), PortError> {
        let unheard = match self.late.filter {
            Some(_) => self.waiting()?,
            None => 0,
        };
        self.open_filter()?;
        group
            .join(self.as_fd())
            .map_err(|why| self.not_shared(&why))?;
        self.surplus = self.waiting()?.saturating_sub(unheard);
        Ok(())
    }

    /// Sets the filter that is to be; one that was set stays.
    fn open_filter(&mut self) -> Result<(), PortError> {
        let Some(filter) = self.late.filter.take() else {
            return Ok(());
        };
        // an interface that is off is an error that waits, and libpcap would take it for its own
        let _ = sockopt::socket_error(&self.handle);
        listen_to(&mut self.handle, self.link, &filter)
    }

    fn not_shared(&self, why: &io::Error) -> PortError {
        self.failed(format!("its frames cannot be shared out: {why}"))
    }
}
