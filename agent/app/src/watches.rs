//! Whoever watches a replay: the writer of records, the writer of logs, both.

use std::io;
use std::path::Path;

use engine::{Context, Watch};
use export::icsnpp::{Logs, Place};
use model::{Event, Said, Verdict};

use crate::record::Failure;

/// Several watchers, each of which hears everything.
#[derive(Default)]
pub(crate) struct Watches(Vec<Box<dyn Watch>>);

impl Watches {
    /// Adds one.
    pub(crate) fn add(&mut self, watch: impl Watch + 'static) {
        self.0.push(Box::new(watch));
    }

    /// Them all as one; none where there is nobody.
    pub(crate) fn boxed(mut self) -> Option<Box<dyn Watch>> {
        match self.0.len() {
            0 | 1 => self.0.pop(),
            _ => Some(Box::new(self)),
        }
    }
}

impl Watch for Watches {
    fn said(&mut self, context: &Context<'_>, said: &Said<'_>) {
        self.0
            .iter_mut()
            .for_each(|watch| watch.said(context, said));
    }

    fn judged(&mut self, event: &Event<'_>, verdict: Option<Verdict>) {
        self.0
            .iter_mut()
            .for_each(|watch| watch.judged(event, verdict));
    }

    fn replaced(&mut self, policy_version: Option<&str>) {
        self.0
            .iter_mut()
            .for_each(|watch| watch.replaced(policy_version));
    }

    fn gap(&mut self, context: &Context<'_>, missing_bytes: u64) {
        self.0
            .iter_mut()
            .for_each(|watch| watch.gap(context, missing_bytes));
    }

    fn closed(&mut self, context: &Context<'_>) {
        self.0.iter_mut().for_each(|watch| watch.closed(context));
    }

    fn finish(&mut self) {
        self.0.iter_mut().for_each(|watch| watch.finish());
    }
}

/// Writes logs as Zeek with ICSNPP writes them.
pub(crate) struct Icsnpp {
    logs: Logs,
    failure: Failure,
}

impl Icsnpp {
    /// Logs in a folder; the first failure to write is left in `failure`.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made or is none.
    pub(crate) fn open(folder: &Path, failure: Failure) -> io::Result<Self> {
        Ok(Self {
            logs: Logs::open(folder)?,
            failure,
        })
    }
}

impl Watch for Icsnpp {
    fn said(&mut self, context: &Context<'_>, said: &Said<'_>) {
        self.logs.said(&place(context), said);
    }

    fn gap(&mut self, _: &Context<'_>, _: u64) {}

    fn closed(&mut self, context: &Context<'_>) {
        self.logs.closed(&place(context));
    }

    fn finish(&mut self) {
        if let Ok(mut failure) = self.failure.lock() {
            *failure = self.logs.finish().err();
        }
    }
}

const fn place<'a>(context: &Context<'a>) -> Place<'a> {
    Place {
        stamp: context.stamp,
        from: context.from,
        ends: context.ends,
        transport: context.transport,
        midway: context.midway,
        protocol: context.protocol,
    }
}
