//! What a conversation learns of blocks that are copied: each step of a transfer, and the program
//! invocations that insert or delete what was downloaded.
//!
//! What came of a transfer is told once, on the request that ends it: of a download that is the
//! acknowledgement of its end, of an upload the job that ends it. A program invocation tells what is
//! known of the blocks that it inserts, and its answer whether they are in.

use model::AnomalyKind;

use super::message::{Body, Message};
use super::pending::Open;
use super::program::{Block, Service, Transfer};
use super::talk::{Say, Talk, anomaly};
use super::transfers::{self, Forgotten, Key, Summary};

impl Talk {
    /// A step that a job asks for: its block, and what came of the transfer that it ends.
    pub(super) fn step(
        &mut self,
        function: Option<u8>,
        transfer: &Transfer<'_>,
        say: Say<'_>,
    ) -> (Option<Block>, Option<Summary>) {
        let named = transfer.block();
        match (function, transfer.id) {
            (Some(0x1a), _) => {
                if let Some(block) = named {
                    self.copy(Key::Download(block), block, transfer.stated, true, say);
                }
                (named, None)
            }
            (Some(0x1b | 0x1c), _) => {
                let block = named.or_else(|| self.transfers.latest());
                if let Some(block) = block {
                    self.pulled(function, block, transfer.error, say);
                }
                (block, None)
            }
            (Some(0x1e), Some(id)) => (self.transfers.block(Key::Upload(id)), None),
            (Some(0x1f), Some(id)) => {
                let key = Key::Upload(id);
                let block = self.transfers.block(key);
                let ended = self.transfers.end(key, transfer.error == 0);
                (block, ended.map(|(summary, _)| summary))
            }
            _ => (named, None),
        }
    }

    /// The controller asks for a part, or says that it has all or gives up.
    fn pulled(&mut self, function: Option<u8>, block: Block, error: u16, say: Say<'_>) {
        let key = Key::Download(block);
        if !self.transfers.is_open(key) {
            self.copy(key, block, None, false, say);
        }
        if function == Some(0x1c)
            && let Some((_, forgotten)) = self.transfers.end(key, error == 0)
        {
            dropped(&forgotten, transfers::KNOWN, say);
        }
    }

    fn copy(&mut self, key: Key, block: Block, stated: Option<u32>, seen: bool, say: Say<'_>) {
        let forgotten = self.transfers.begin(key, block, stated, seen);
        dropped(&forgotten, transfers::OPEN, say);
    }

    /// The answer to a step or to a program invocation: what came of the blocks that it is about.
    pub(super) fn copied(
        &mut self,
        open: &Open,
        message: &Message<'_>,
        say: Say<'_>,
    ) -> Vec<Summary> {
        let refused = message.refusal().is_some();
        let none = Vec::new();
        match (open.body(), open.asked.block) {
            (Some(Body::Service(service)), _) => self.serviced(&service, refused),
            (Some(Body::Transfer(step)), Some(block)) => {
                match (open.asked.function.code, step.id) {
                    (0x1a, _) if refused => {
                        self.transfers.refuse(Key::Download(block));
                        none
                    }
                    (0x1b, _) => {
                        self.part(Key::Download(block), message, refused, say);
                        none
                    }
                    (0x1c, _) => self.transfers.known(&block).into_iter().collect(),
                    (0x1d, _) => {
                        if let Body::Transfer(Transfer {
                            id: Some(id),
                            stated,
                            ..
                        }) = message.body
                            && !refused
                        {
                            self.copy(Key::Upload(id), block, stated, true, say);
                        }
                        none
                    }
                    (0x1e, Some(id)) => {
                        self.part(Key::Upload(id), message, refused, say);
                        none
                    }
                    _ => none,
                }
            }
            _ => none,
        }
    }

    fn part(&mut self, key: Key, message: &Message<'_>, refused: bool, say: Say<'_>) {
        let endless = match message.body {
            Body::Transfer(it) if !refused => self.transfers.part(key, it.part, it.continues),
            _ => self.transfers.part(key, None, false),
        };
        if let Some((stated, size)) = endless {
            anomaly(AnomalyKind::EndlessTransfer, stated, size, say);
        }
    }

    /// What is known of the blocks that a program invocation names.
    pub(super) fn named(&self, service: &Service<'_>) -> Vec<Summary> {
        let blocks = service.blocks().filter(|_| service.inserts());
        blocks
            .filter_map(|block| self.transfers.known(&block))
            .collect()
    }

    fn serviced(&mut self, service: &Service<'_>, refused: bool) -> Vec<Summary> {
        for block in service.blocks() {
            if service.inserts() {
                self.transfers.insert(&block, !refused);
            } else if service.deletes() && !refused {
                self.transfers.forget(&block);
            }
        }
        self.named(service)
    }
}

fn dropped(forgotten: &Forgotten, limit: usize, say: Say<'_>) {
    if forgotten.0 {
        anomaly(AnomalyKind::TooMany, limit as u64, limit as u64 + 1, say);
    }
}
