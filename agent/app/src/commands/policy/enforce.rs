//! `bulkhead policy enforce`: the part of a policy that a packet filter can hold, and the rest.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Result, bail};
use detect::Rules;
use model::{Place, Problem};
use policy::Policy;
use policy::enforce::{AddressSet, Effect, Permits, Residue, Rule, Ruleset};
use serde_json::{Value, json};

use crate::cli::policy::Enforce;
use crate::policies::{self, Trust};
use crate::{Ending, judges, output, services};

/// Runs the command.
pub(crate) fn run(arguments: &Enforce) -> Result<Ending> {
    let to_stdout = arguments.residue.as_deref() == Some(Path::new("-"));
    if to_stdout && !arguments.json && writes_to_stdout(arguments) {
        bail!(
            "filter and residue would both go to standard output: name a file for one of them, by `-o` or `--residue`"
        );
    }
    let (policy, rules) = match (policy(arguments), judges::rules(None)) {
        (Ok(policy), Ok(rules)) => (policy, rules),
        (policy, rules) => {
            let problems = policy.err().into_iter().chain(rules.err());
            output::problems(&problems.flatten().collect::<Vec<_>>());
            return Ok(Ending::Refused);
        }
    };
    let permits = if arguments.permits {
        Permits::Included
    } else {
        Permits::LeftOut
    };
    let ruleset = Ruleset::of(&policy, &services::with(&arguments.ports), permits);
    let (format, mode) = (arguments.format.into(), arguments.mode.into());
    let text = ruleset.text(format, mode);
    let residue = ruleset.residue(format);
    let covered: Vec<_> = residue.iter().map(|it| covered_by(it, &rules)).collect();
    if let Some(path) = &arguments.output {
        save(path, &text)?;
    } else if !arguments.json {
        save(Path::new("-"), &text)?;
    }
    if let Some(path) = &arguments.residue {
        save(path, &in_words(&residue, &covered))?;
    }
    if arguments.json {
        let document = json!({
            "site": ruleset.site,
            "version": ruleset.version,
            "format": format.name(),
            "mode": mode.name(),
            "sets": sets(&ruleset),
            "rules": ruleset.rules.iter().map(|rule| in_json(&ruleset, rule)).collect::<Vec<_>>(),
            "residue": residue.iter().zip(&covered).map(residue_in_json).collect::<Vec<_>>(),
            "text": text,
        });
        output::print(&serde_json::to_string_pretty(&document)?)?;
    } else if arguments.residue.is_none() {
        output::note(&summary(&residue));
    }
    Ok(Ending::Fine)
}

/// The policy; its warnings are shown.
fn policy(arguments: &Enforce) -> Result<Policy, Vec<Problem>> {
    let trust = Trust::in_keys(&arguments.keys.policy_keys);
    let (loaded, _) = policies::load(&arguments.path, &trust)?;
    output::warnings(&loaded.warnings);
    Ok(loaded.policy)
}

fn writes_to_stdout(arguments: &Enforce) -> bool {
    arguments
        .output
        .as_deref()
        .is_none_or(|path| path == Path::new("-"))
}

fn save(path: &Path, text: &str) -> Result<()> {
    let mut file = output::create(path)?;
    file.write_all(text.as_bytes())?;
    Ok(file.flush()?)
}

/// The findings that cover a residue: the policy's own, and the rules for the techniques that pass.
fn covered_by(residue: &Residue, rules: &Rules) -> Vec<String> {
    let mut all: Vec<_> = residue
        .covered_by
        .iter()
        .map(|it| (*it).to_owned())
        .collect();
    let is_for = |id: &str| {
        let protocol = id.split('.').next().unwrap_or_default();
        protocol == "any" || residue.protocols.is_empty() || residue.protocols.contains(&protocol)
    };
    let detects = |technique: &str| residue.techniques.contains(&technique);
    let mut rules: Vec<_> = rules
        .iter()
        .filter(|rule| detects(&rule.technique) && is_for(&rule.id))
        .map(|rule| rule.id.clone())
        .collect();
    rules.sort();
    all.extend(rules);
    all
}

fn summary(residue: &[Residue]) -> String {
    let count = |effects: &[Effect]| {
        let like = residue.iter().filter(|it| effects.contains(&it.effect));
        like.count()
    };
    format!(
        "the filter differs from its policy in {} ways that let more pass and {} that stop what the policy allows; `--residue FILE` says how",
        count(&[Effect::Passes, Effect::Both]),
        count(&[Effect::Stops, Effect::Both]),
    )
}

/// The residue as text: what has to be settled first stands first.
fn in_words(residue: &[Residue], covered: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (effect, title) in [
        (
            Effect::Stops,
            "The filter stops what the policy allows. Settle this before you load it.",
        ),
        (
            Effect::Both,
            "For these the filter stops some and lets others pass, whatever the policy says.",
        ),
        (
            Effect::Passes,
            "The filter lets this pass. The sensor is who sees it: what covers it stands behind the arrow.",
        ),
    ] {
        let like: Vec<_> = residue
            .iter()
            .zip(covered)
            .filter(|(it, _)| it.effect == effect)
            .collect();
        if like.is_empty() {
            continue;
        }
        let gap = if text.is_empty() { "" } else { "\n" };
        text += &format!("{gap}{title}\n\n");
        for (residue, covered) in like {
            text += &sentence(residue, covered);
        }
    }
    text
}

fn sentence(residue: &Residue, covered: &[String]) -> String {
    let at = residue
        .at
        .as_ref()
        .map_or_else(String::new, |at| format!("{}: ", line_of(at)));
    let of = match residue.of.as_str() {
        "" => String::new(),
        of => format!("{of}: "),
    };
    let by = match covered {
        [] if residue.effect == Effect::Stops => String::new(),
        [] => " -> nothing".to_owned(),
        by => format!(" -> {}", by.join(", ")),
    };
    format!("{at}{of}{}: {}{by}\n", residue.about, residue.says)
}

fn line_of(at: &Place) -> String {
    format!("{}:{}", at.file, at.line)
}

fn sets(ruleset: &Ruleset) -> Vec<Value> {
    let sets = ruleset.sets.iter();
    sets.map(|set| json!({ "name": set.label, "addresses": addresses(&set.addresses) }))
        .collect()
}

fn addresses(set: &AddressSet) -> Vec<String> {
    let run = |(first, last)| {
        if first == last {
            format!("{first}")
        } else {
            format!("{first}-{last}")
        }
    };
    set.all().map(run).collect()
}

fn in_json(ruleset: &Ruleset, rule: &Rule) -> Value {
    let name = |set: usize| ruleset.sets.get(set).map(|set| set.label.as_str());
    json!({
        "conduit": rule.title,
        "owner": rule.owner,
        "statements": rule.at.iter().map(place).collect::<Vec<_>>(),
        "protocols": rule.protocols,
        "period": rule.period,
        "from": name(rule.from),
        "to": name(rule.to),
        "ports": rule.ports,
    })
}

fn residue_in_json((residue, covered): (&Residue, &Vec<String>)) -> Value {
    json!({
        "effect": residue.effect.name(),
        "about": residue.about,
        "of": residue.of,
        "at": residue.at.as_ref().map(place),
        "says": residue.says,
        "covered_by": covered,
    })
}

fn place(at: &Place) -> Value {
    json!({ "file": at.file, "line": at.line })
}
