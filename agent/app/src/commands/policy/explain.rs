//! `bulkhead policy explain`: why an operation is allowed, or not.

use std::fmt::Write as _;
use std::time::SystemTime;

use anstyle::Style;
use anyhow::Result;
use model::{Problem, Timestamp, Verdict};
use policy::{Considered, Explanation, Met, Placing, Policy, Supposed};
use serde_json::{Value, json};

use crate::cli::policy::Explain;
use crate::output::{BOLD, DIM, GREEN, RED, YELLOW};
use crate::policies::{self, Trust};
use crate::{Ending, judges, output};

/// Runs the command.
pub(crate) fn run(arguments: &Explain) -> Result<Ending> {
    let trust = Trust::in_keys(&arguments.keys.policy_keys);
    let policy = match policies::load(&arguments.path, &trust) {
        Ok((loaded, _)) => loaded.policy,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    let supposed = policy.suppose(&said(arguments), &judges::vocabularies(), now());
    let supposed = match supposed {
        Ok(supposed) => supposed,
        Err(problems) => {
            problems.iter().for_each(refuse);
            return Ok(Ending::Refused);
        }
    };
    let explained = supposed.explain(&policy);
    if arguments.print.json {
        let document = document(&explained, &supposed, &policy);
        output::print(&serde_json::to_string_pretty(&document)?)?;
    } else {
        output::print(&text(&explained, &supposed, &policy))?;
    }
    Ok(Ending::Fine)
}

/// What was said, by the keys of a supposed operation.
fn said(arguments: &Explain) -> Vec<(&str, &str)> {
    let Explain {
        path: _,
        from,
        to,
        protocol,
        function,
        verb,
        unit,
        targets,
        values,
        user,
        identity,
        security_mode,
        security_policy,
        certificate,
        application,
        encrypted,
        at,
        stage,
        after,
        print: _,
        keys: _,
    } = arguments;
    let single = [
        ("protocol", protocol),
        ("function", function),
        ("verb", verb),
        ("unit", unit),
        ("user", user),
        ("identity", identity),
        ("security_mode", security_mode),
        ("security_policy", security_policy),
        ("certificate", certificate),
        ("application", application),
        ("at", at),
        ("stage", stage),
        ("after", after),
    ];
    let mut said = vec![("from", from.as_str()), ("to", to.as_str())];
    let single = single
        .into_iter()
        .filter_map(|(key, text)| Some((key, text.as_deref()?)));
    said.extend(single);
    said.extend(targets.iter().map(|text| ("target", text.as_str())));
    said.extend(values.iter().map(|text| ("value", text.as_str())));
    said.extend(encrypted.then_some(("encrypted", "true")));
    said
}

/// A word of the command line has an option in place of a line.
fn refuse(problem: &Problem) {
    let help = problem.help.as_ref();
    let help = help.map_or_else(String::new, |help| format!("; {help}"));
    let what = &problem.what;
    match problem.at.file.as_str() {
        "operation" => output::error(&format!("{what}{help}")),
        key => output::error(&format!("--{}: {what}{help}", key.replace('_', "-"))),
    }
}

/// The machine's clock.
fn now() -> Timestamp {
    let since_epoch = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_nanos(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
}

/// The verdict first, then why.
fn text(explained: &Explanation<'_>, supposed: &Supposed, policy: &Policy) -> String {
    let mut text = String::new();
    let out = &mut text;
    let style = style(explained.verdict);
    let _ = writeln!(
        out,
        "{style}{}{style:#}{}",
        explained.verdict.name().to_uppercase(),
        tail(explained)
    );
    let _ = writeln!(out, "  {supposed}");
    let _ = writeln!(
        out,
        "  at {}, by policy {}",
        supposed.at(),
        policy.version()
    );
    if let Some(because) = &explained.because {
        let _ = writeln!(out, "\n{BOLD}Because{BOLD:#} {}", because.reason);
        if let Some(would) = &because.would_be_allowed_if {
            let _ = writeln!(out, "{BOLD}Would be allowed if{BOLD:#} {would}");
        }
    }
    if let Some(unsaid) = &explained.unsaid {
        let _ = writeln!(out, "\n{BOLD}Unknown because{BOLD:#} {unsaid}");
    }
    let _ = writeln!(out);
    party(out, "Client", &explained.client);
    party(out, "Server", &explained.server);
    for note in supposed.notes() {
        let _ = writeln!(out, "{DIM}Note: {note}{DIM:#}");
    }
    let _ = writeln!(out, "\n{BOLD}Considered{BOLD:#}");
    for one in &explained.considered {
        statement(out, one);
    }
    if explained.considered.is_empty() {
        let _ = writeln!(out, "  no statement joins the two");
    }
    let _ = writeln!(
        out,
        "  {DIM}{} other statement(s) do not join the two{DIM:#}",
        explained.others
    );
    text
}

fn tail(explained: &Explanation<'_>) -> String {
    explained.by.map_or_else(String::new, |by| {
        format!(" by `{}` ({}:{})", by.conduit, by.file, by.line)
    })
}

fn party(out: &mut String, side: &str, placing: &Placing<'_>) {
    let _ = writeln!(out, "{BOLD}{side}{BOLD:#} {}", placing.host);
    for why in &placing.why {
        let _ = writeln!(out, "  {why}");
    }
}

fn statement(out: &mut String, one: &Considered<'_>) {
    let (mark, style) = match one.met {
        Met::Allows => ("+", GREEN),
        Met::AllowsPart | Met::Unseen(_) => ("?", YELLOW),
        Met::Misses(_) => ("-", RED),
    };
    let decides = if one.decides { "  <- decides" } else { "" };
    let (file, line) = (one.statement.file, one.statement.line);
    let _ = writeln!(
        out,
        "  {style}{mark}{style:#} {} {DIM}({file}:{line}){DIM:#}{BOLD}{decides}{BOLD:#}",
        one.says
    );
}

const fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Conforms { .. } => GREEN,
        Verdict::Violates { .. } | Verdict::Unzoned { .. } => RED,
        Verdict::Shadow { .. } | Verdict::Unknown { .. } => YELLOW,
    }
}

/// The explanation as JSON.
fn document(explained: &Explanation<'_>, supposed: &Supposed, policy: &Policy) -> Value {
    let because = explained.because.as_ref();
    let considered: Vec<_> = explained.considered.iter().map(considered).collect();
    json!({
        "verdict": explained.verdict.name(),
        "reason": reason(explained.verdict),
        "operation": supposed.to_string(),
        "at": supposed.at(),
        "policy_version": policy.version(),
        "by": explained.by.map(|by| json!({
            "conduit": by.conduit, "file": by.file, "line": by.line,
        })),
        "because": because.map(|because| &because.reason),
        "would_be_allowed_if": because.and_then(|because| because.would_be_allowed_if.as_ref()),
        "unsaid": explained.unsaid,
        "client": placed(&explained.client),
        "server": placed(&explained.server),
        "notes": supposed.notes(),
        "considered": considered,
        "others": explained.others,
    })
}

const fn reason(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Violates { because, .. } => Some(because.name()),
        _ => None,
    }
}

fn placed(placing: &Placing<'_>) -> Value {
    let Placing {
        host,
        asset,
        zone,
        role,
        why,
    } = placing;
    json!({ "host": host.to_string(), "asset": asset, "zone": zone, "role": role, "why": why })
}

fn considered(one: &Considered<'_>) -> Value {
    let (met, misses) = match one.met {
        Met::Allows => ("allows", None),
        Met::AllowsPart => ("allows_part", None),
        Met::Unseen(_) => ("unknown", None),
        Met::Misses(reason) => ("misses", Some(reason.name())),
    };
    json!({
        "kind": one.kind, "statement": one.statement.conduit, "file": one.statement.file,
        "line": one.statement.line, "met": met, "misses": misses, "says": one.says,
        "decides": one.decides, "shadow": one.shadow,
    })
}
