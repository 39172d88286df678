//! From files to a set of rules: read everything, link correlations to the rules they count, and
//! only then say what is wrong, all of it.
//!
//! A file holds one rule; a correlation may bring the rules that it counts as further documents of
//! its file. Such a document has no key `bulkhead`: it reaches no person, so it needs no header.

use std::fs;
use std::hash::RandomState;
use std::path::Path;

use model::{Place, Problem, closest};
use rsigma_parser::{SigmaDocument, parse_sigma_yaml};
use serde_saphyr::Location;

use crate::correlation::{self, Correlation, Counts};
use crate::detection::{self, Check};
use crate::gate::Gates;
use crate::header::{self, Context};
use crate::report::{Report, clause};
use crate::rules::{Rule, RuleIndex, Rules};
use crate::shipped;
use crate::words::{ANY, Words};
use crate::yaml::{self, Map, Node};

/// The rules of a folder.
pub(crate) fn folder(folder: &Path, words: Words<'_>) -> Result<Rules, Vec<Problem>> {
    let mut draft = Draft::default();
    for path in files(folder).map_err(|problem| vec![problem])? {
        match fs::read_to_string(&path) {
            Ok(text) => draft.file(&path.to_string_lossy(), &text, words),
            Err(error) => draft.problems.push(unreadable(&path, &error)),
        }
    }
    draft.finish()
}

/// The rules that were compiled in.
pub(crate) fn shipped(words: Words<'_>) -> Result<Rules, Vec<Problem>> {
    let mut draft = Draft::default();
    for (file, text) in shipped::FILES {
        draft.file(&format!("rules/{file}"), text, words);
    }
    draft.finish()
}

/// The rule files of a folder, by name.
fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>, Problem> {
    let yaml = |path: &std::path::PathBuf| {
        path.extension()
            .is_some_and(|end| end == "yml" || end == "yaml")
    };
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<_> = paths.filter(yaml).collect();
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    Problem {
        at: yaml::place(&path.to_string_lossy(), Location::UNKNOWN),
        width: 0,
        what: format!("cannot be read: {error}"),
        help: None,
    }
}

/// A set of rules in the making.
#[derive(Default)]
struct Draft {
    rules: Vec<Rule>,
    checks: Vec<Named>,
    counted: Vec<Counted>,
    problems: Vec<Problem>,
}

/// A check with what correlations call it.
struct Named {
    names: Vec<String>,
    at: Place,
    check: Check,
}

/// A correlation whose checks are not looked up yet.
struct Counted {
    rule: RuleIndex,
    counts: Counts,
    generate: bool,
    references: Vec<(String, Place)>,
}

impl Draft {
    fn file(&mut self, file: &str, text: &str, words: Words<'_>) {
        let mut report = Report::new(file);
        match yaml::read(file, text) {
            Ok(documents) => self.documents(&mut report, &documents, text, words),
            Err(problem) => report.problems.push(*problem),
        }
        self.problems.append(&mut report.problems);
    }

    fn documents(&mut self, report: &mut Report<'_>, nodes: &[Node], text: &str, words: Words<'_>) {
        let parts = parts(text);
        if nodes.is_empty() || parts.len() != nodes.len() {
            let help = "documents are parted by lines that hold nothing but `---`".to_owned();
            return report.say(Location::UNKNOWN, "this file holds no rule", Some(help));
        }
        let service = common_service(nodes);
        for (node, part) in nodes.iter().zip(&parts) {
            let Some(root) = report.map(node, "a rule") else {
                continue;
            };
            let base = nodes.len() > 1 && root.value("bulkhead").is_none();
            let context = Context {
                words,
                service,
                at: node.referenced,
            };
            let before = report.problems.len();
            let sigma = sigma(part);
            if root.value("correlation").is_some() {
                self.correlation(report, root, sigma.as_ref().ok(), &context);
            } else {
                self.rule(report, root, sigma.as_ref().ok(), &context, base);
            }
            // What Sigma's parser says has no place, so it is shown where nothing better is known.
            if report.problems.len() == before {
                let wrong = sigma.err().into_iter().flatten();
                wrong.for_each(|wrong| report.say(node.referenced, clause(&wrong), None));
            }
        }
    }

    fn rule(
        &mut self,
        report: &mut Report<'_>,
        root: &Map,
        sigma: Option<&SigmaDocument>,
        context: &Context<'_>,
        base: bool,
    ) {
        let sigma = match sigma {
            Some(SigmaDocument::Rule(sigma)) => Some(sigma.as_ref()),
            _ => None,
        };
        let service = detection::service(report, root, context.at, context.words);
        let service = service.unwrap_or(ANY);
        let check = detection::read(report, root, context.at, service, sigma, context.words);
        let context = Context {
            service,
            ..*context
        };
        let header = (!base).then(|| header::read(report, root, &context));
        let rule = header
            .flatten()
            .map(|rule| self.add(report, context.at, rule));
        if let Some(mut check) = check {
            check.alerts = rule;
            self.checks.push(Named {
                names: names(root),
                at: yaml::place(report.file, context.at),
                check,
            });
        }
    }

    fn correlation(
        &mut self,
        report: &mut Report<'_>,
        root: &Map,
        sigma: Option<&SigmaDocument>,
        context: &Context<'_>,
    ) {
        let sigma = match sigma {
            Some(SigmaDocument::Correlation(sigma)) => Some(sigma),
            _ => None,
        };
        let counts = correlation::read(report, root, sigma, context.words);
        let header = header::read(report, root, context);
        let (Some(counts), Some(rule)) = (counts, header) else {
            return;
        };
        let references = correlation::references(root).into_iter();
        let references =
            references.map(|(name, at)| (name.to_owned(), yaml::place(report.file, at)));
        let rule = self.add(report, context.at, rule);
        self.counted.push(Counted {
            rule,
            counts,
            generate: sigma.is_some_and(|sigma| sigma.generate),
            references: references.collect(),
        });
    }

    fn add(&mut self, report: &mut Report<'_>, at: Location, rule: Rule) -> RuleIndex {
        if let Some(other) = self.rules.iter().find(|other| other.id == rule.id) {
            let what = format!(
                "`{}` is also the name of {}:{}",
                rule.id, other.file, other.line
            );
            report.say(at, what, None);
        }
        self.rules.push(rule);
        RuleIndex(u32::try_from(self.rules.len() - 1).unwrap_or(u32::MAX))
    }

    fn finish(mut self) -> Result<Rules, Vec<Problem>> {
        // With a broken rule left out, a reference to it would be a second, false problem.
        let correlations = if self.problems.is_empty() {
            self.link()
        } else {
            Vec::new()
        };
        if !self.problems.is_empty() {
            self.problems.sort();
            return Err(self.problems);
        }
        let checks: Vec<_> = self.checks.into_iter().map(|named| named.check).collect();
        let gates = checks
            .iter()
            .map(|check| (check.service.as_deref(), check.gate));
        Ok(Rules {
            rules: self.rules,
            gates: Gates::of(gates),
            checks,
            correlations,
            seed: RandomState::new(),
        })
    }

    fn link(&mut self) -> Vec<Correlation> {
        let counted = std::mem::take(&mut self.counted);
        let linked = counted.into_iter().map(|counted| Correlation {
            rule: counted.rule,
            checks: counted
                .references
                .iter()
                .filter_map(|(name, at)| self.feed(name, at, counted.generate))
                .collect(),
            counts: counted.counts,
        });
        let linked = linked.collect();
        for named in &self.checks {
            if named.check.alerts.is_none() && !named.check.feeds {
                self.problems.push(Problem {
                    at: named.at.clone(),
                    width: 0,
                    what: "this reaches no person and feeds no correlation".to_owned(),
                    help: Some(
                        "give it the key `bulkhead`, or a correlation that counts it".into(),
                    ),
                });
            }
        }
        linked
    }

    /// Finds the check of that name and makes it feed a correlation.
    fn feed(&mut self, name: &str, at: &Place, generate: bool) -> Option<u32> {
        let named = |named: &Named| named.names.iter().any(|known| known == name);
        let Some(place) = self.checks.iter().position(named) else {
            let known = self.checks.iter().flat_map(|named| &named.names);
            let near = closest(name, known.map(String::as_str));
            self.problems.push(Problem {
                at: at.clone(),
                width: 0,
                what: format!("no rule `{name}` to count"),
                help: near.map(|near| format!("did you mean `{near}`?")),
            });
            return None;
        };
        let check = &mut self.checks.get_mut(place)?.check;
        check.feeds = true;
        check.alerts = check.alerts.filter(|_| generate);
        u32::try_from(place).ok()
    }
}

/// What correlations call a rule.
fn names(root: &Map) -> Vec<String> {
    let named = ["name", "id"]
        .into_iter()
        .filter_map(|key| root.value(key)?.value.text());
    named.map(str::to_owned).collect()
}

/// The one document of a part, as Sigma reads it, or everything that it finds wrong.
fn sigma(part: &str) -> Result<SigmaDocument, Vec<String>> {
    let collection = parse_sigma_yaml(part).map_err(|error| vec![error.to_string()])?;
    let mut collection = collection.into_result()?;
    let rule = collection
        .rules
        .pop()
        .map(|rule| SigmaDocument::Rule(Box::new(rule)));
    let correlation = collection
        .correlations
        .pop()
        .map(SigmaDocument::Correlation);
    rule.or(correlation)
        .ok_or_else(|| vec!["this is no rule and no correlation".to_owned()])
}

/// The documents of a file: what stands between lines of `---`, comments alone left out.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in text.lines() {
        if line.trim_end() == "---" {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    let says = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    parts.retain(|part| part.lines().any(says));
    parts
}

/// The service that every detection of a file shares, else `any`.
fn common_service(nodes: &[Node]) -> &str {
    let services = nodes.iter().filter_map(|node| {
        let logsource = node.value.map()?.value("logsource")?;
        logsource.value.map()?.value("service")?.value.text()
    });
    let mut services: Vec<_> = services.collect();
    services.dedup();
    match services.as_slice() {
        [one] => one,
        _ => ANY,
    }
}
