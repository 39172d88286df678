//! Judging as the engine does it: an edge and its standing for each client, server and protocol, and what was said once is
//! remembered where [`Edge::is_changing`] allows it.

use std::collections::HashMap;

use model::{Host, Stage, Verdict};

use super::asked::Asked;
use crate::{Edge, Policy, Standing};

type Ends = (Host, Host, &'static str);

pub(super) struct Live<'p> {
    policy: &'p Policy,
    edges: HashMap<Ends, (Edge, Standing)>,
    known: HashMap<(Ends, u64, bool, Option<Verdict>), Option<Verdict>>,
}

impl<'p> Live<'p> {
    pub(super) fn of(policy: &'p Policy) -> Self {
        Self {
            policy,
            edges: HashMap::new(),
            known: HashMap::new(),
        }
    }

    /// What the engine counts a message as; an answer whose request was seen is counted with that.
    pub(super) fn judge(&mut self, asked: &Asked) -> Option<Verdict> {
        let ends = (asked.client, asked.server, asked.governing());
        let policy = self.policy;
        let (edge, standing) = self.edges.entry(ends).or_insert_with(|| {
            let (client, server) = (policy.place(&asked.client), policy.place(&asked.server));
            (
                policy.edge(client, server, asked.protocol),
                Standing::default(),
            )
        });
        let operation = asked.operation();
        let is_judged = asked.stage != Stage::Response || asked.is_orphan();
        let mut judge = || policy.judge(edge, standing, &operation, asked.at);
        let changing = is_judged && edge.is_changing(operation.function.verb);
        let judged = changing.then(&mut judge);
        let key = (ends, operation.signature, asked.is_orphan(), judged);
        let known = self.known.entry(key);
        *known.or_insert_with(|| judged.or_else(|| is_judged.then(judge)))
    }
}
