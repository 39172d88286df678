//! How often statements were used (docs/POLICIES.md, `rate`): the first request opens a window, each client and server on their own.

use std::collections::HashMap;

use model::{Host, Timestamp};

use super::asked::Asked;
use super::site::{Site, Statement};
use super::zones::Party;

/// How often each statement was used in the window that is open, by client, server, protocol and asset behind the server.
#[derive(Clone, Debug, Default)]
pub(super) struct Past(HashMap<Place, (Timestamp, u32)>);

/// Client, server, protocol, asset behind the server, and the statement's line.
type Place = (Host, Host, &'static str, Option<usize>, u32);

impl Past {
    fn key(asked: &Asked, server: Party, line: u32) -> Place {
        (
            asked.client,
            asked.server,
            asked.governing(),
            server.asset,
            line,
        )
    }

    pub(super) fn has_room(&self, statement: &Statement, asked: &Asked, server: Party) -> bool {
        let window = self.0.get(&Self::key(asked, server, statement.line));
        match (statement.rate, window) {
            (Some((requests, secs)), Some((opened, used))) => {
                is_over(*opened, secs, asked.at) || *used < requests
            }
            _ => true,
        }
    }

    /// A request counts once for each statement that allowed some of it.
    pub(super) fn use_up(&mut self, lines: &[u32], site: &Site, asked: &Asked, server: Party) {
        let conduits = site.conduits.iter().chain(&site.permits);
        for statement in conduits.flat_map(|conduit| &conduit.allow) {
            if let (Some((_, secs)), true) = (statement.rate, lines.contains(&statement.line)) {
                let key = Self::key(asked, server, statement.line);
                let window = self.0.entry(key).or_insert((asked.at, 0));
                if is_over(window.0, secs, asked.at) {
                    *window = (asked.at, 0);
                }
                window.1 += 1;
            }
        }
    }
}

fn is_over(opened: Timestamp, secs: i64, now: Timestamp) -> bool {
    now.as_nanos() - opened.as_nanos() >= secs * 1_000_000_000
}
