//! Runs examples: a rule is as good as what it is shown to find and to leave alone.

use model::{Place, Problem, Timestamp};

use crate::example::Example;
use crate::rules::{Rule, RuleIndex, Rules};
use crate::window::Correlations;

impl Rules {
    /// Runs every example of every rule; tells of each that does not do what it must.
    pub fn examine(&self) -> Vec<Problem> {
        let rules = self.rules.iter().zip((0..).map(RuleIndex));
        rules
            .flat_map(|(rule, index)| self.failures(rule, index))
            .collect()
    }

    fn failures(&self, rule: &Rule, index: RuleIndex) -> Vec<Problem> {
        let silent = rule
            .fire
            .iter()
            .filter(|example| !self.fires(index, example));
        let loud = rule
            .quiet
            .iter()
            .filter(|example| self.fires(index, example));
        let silent = silent.map(|example| failure(rule, example, "has to fire and stays quiet"));
        let loud = loud.map(|example| failure(rule, example, "has to stay quiet and fires"));
        silent.chain(loud).collect()
    }

    fn fires(&self, index: RuleIndex, example: &Example) -> bool {
        let mut correlations = Correlations::new(self);
        let mut now = Timestamp::default();
        let mut fired = false;
        for step in &example.steps {
            for n in 1..=step.repeat {
                let event = step.sketch(n);
                let matches = self.judge(event.traits(), &event);
                let feeds = self.feeds_of(&matches, &event);
                let counted = correlations.count(self, &feeds, now);
                fired |= matches.alerts().chain(counted).any(|rule| rule == index);
                now = now.after(step.every);
            }
        }
        fired
    }
}

fn failure(rule: &Rule, example: &Example, what: &str) -> Problem {
    Problem {
        at: Place {
            file: rule.file.clone(),
            line: example.line,
            column: example.column,
        },
        width: 0,
        what: format!("this example of `{}` {what}", rule.id),
        help: None,
    }
}
