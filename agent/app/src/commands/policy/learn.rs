//! `bulkhead policy learn`: a policy drafted from captures or from what a sensor learnt.
//!
//! What was seen is gathered here, and made into text by `policy::draft`, which knows no engine.

mod facts;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use capture::Damage;
use engine::{Context, Device, Engine, Judges, Limits, Mode, Settings, Watch};
use model::{Event, Said, Unit, Verdict};
use policy::draft::{self, Bounds, Counts, Draft, Fact, Options, Station, Traffic};
use policy::{Loaded, Policy};
use serde_json::json;

use crate::cli::policy::{Exactness, Learn};
use crate::commands::walk;
use crate::policies::{self, Trust};
use crate::{Ending, judges, output, vendor};

/// Runs the command.
pub(crate) fn run(arguments: &Learn) -> Result<Ending> {
    let known = match known(arguments) {
        Ok(known) => known,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    let known = known.map(|loaded| loaded.policy);
    if let Some(there) = in_the_way(arguments) {
        output::error(&there);
        return Ok(Ending::Refused);
    }
    let mut traffic = Traffic::new(judges::vocabularies(), NAMELESS.to_vec(), Bounds::default());
    let mut options = options(arguments, known.as_ref());
    let damages = match &arguments.from_store {
        None => watch(&arguments.captures, &mut traffic)?,
        Some(file) => {
            options.untold = facts::UNTOLD.map(str::to_owned).to_vec();
            let baseline = match judges::baseline(file)? {
                Ok(baseline) => baseline,
                Err(problems) => {
                    output::problems(&problems);
                    return Ok(Ending::Refused);
                }
            };
            facts::gather(&baseline, &mut traffic);
            Vec::new()
        }
    };
    let draft = draft::draft(&traffic, &options, known.as_ref());
    write(&draft, &arguments.output)?;
    show(arguments, &draft)?;
    walk::tell(&damages);
    Ok(if damages.is_empty() {
        Ending::Fine
    } else {
        Ending::Refused
    })
}

/// The policy whose names are kept.
fn known(arguments: &Learn) -> Result<Option<Loaded>, Vec<model::Problem>> {
    let trust = Trust::in_keys(&arguments.keys.policy_keys);
    let load = |path: &PathBuf| policies::load(path, &trust).map(|(loaded, _)| loaded);
    arguments.policy.as_ref().map(load).transpose()
}

/// What keeps the draft from being written, in a sentence: any policy file, since all of a folder are read together.
fn in_the_way(arguments: &Learn) -> Option<String> {
    let folder = arguments.output.display();
    if arguments.output.exists() && !arguments.output.is_dir() {
        return Some(format!("`{folder}` is no folder"));
    }
    let mut there: Vec<String> = std::fs::read_dir(&arguments.output)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".yaml") || name.ends_with(".yml"))
        .filter(|name| !arguments.force || !FILES.contains(&name.as_str()))
        .filter(|name| name != "cases.yaml")
        .collect();
    there.sort();
    let first = there.first()?;
    Some(if arguments.force {
        format!("`{folder}` holds `{first}`, which is no part of a draft; choose another folder")
    } else {
        format!(
            "`{folder}` holds `{first}` already; choose another folder, or write --force to overwrite"
        )
    })
}

fn options(arguments: &Learn, known: Option<&Policy>) -> Options {
    let folder = arguments.output.canonicalize();
    let folder = folder.unwrap_or_else(|_| arguments.output.clone());
    let folder = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let site = arguments.site.clone();
    let site = site.or_else(|| known.map(|policy| policy.site().to_owned()));
    let names: Vec<String> = arguments
        .captures
        .iter()
        .chain(&arguments.from_store)
        .map(|path| {
            path.file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    Options {
        site: site.or(folder).unwrap_or_else(|| "unnamed".to_owned()),
        owner: arguments.owner.clone(),
        exactness: match arguments.exactness {
            Exactness::Exact => draft::Exactness::Exact,
            Exactness::Range => draft::Exactness::Range,
            Exactness::Area => draft::Exactness::Area,
        },
        source: names.join(", "),
        untold: Vec::new(),
    }
}

/// Gathers what is in captures.
fn watch(captures: &[PathBuf], traffic: &mut Traffic) -> Result<Vec<Damage>> {
    let settings = Settings {
        site: String::new(),
        sensor: String::new(),
        limits: Limits::default(),
        mode: Mode::Judge,
        shards: 1,
    };
    let fresh = Traffic::new(judges::vocabularies(), NAMELESS.to_vec(), Bounds::default());
    let shared = Arc::new(Mutex::new(std::mem::replace(traffic, fresh)));
    let watch = Box::new(Gatherer(Arc::clone(&shared)));
    let mut engine = Engine::new(settings, Judges::default(), Some(watch));
    let damages = walk::walk(captures, &mut engine)?;
    let devices = engine.inventory();
    drop(engine.take_watch());
    let gathered = Arc::into_inner(shared).context("somebody still watches")?;
    *traffic = gathered
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    for device in &devices {
        tell(device, traffic);
    }
    Ok(damages)
}

/// Remembers every operation that was judged.
struct Gatherer(Arc<Mutex<Traffic>>);

impl Watch for Gatherer {
    fn said(&mut self, _: &Context<'_>, _: &Said<'_>) {}

    fn judged(&mut self, event: &Event<'_>, _: Option<Verdict>) {
        let mut traffic = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        traffic.see(event);
    }

    fn gap(&mut self, _: &Context<'_>, _: u64) {}

    fn finish(&mut self) {}
}

/// Adds what the inventory knows of a host.
fn tell(device: &Device, traffic: &mut Traffic) {
    let mac = device.macs.first().copied();
    let by_ip = device.ip.map(|ip| Station::Ip(ip.to_canonical()));
    let Some(of) = by_ip.or_else(|| mac.map(Station::Mac)) else {
        return;
    };
    let mut fact = |unit: Option<Unit>, kind: &str, value: &str| {
        traffic.identify(&Fact {
            of,
            unit,
            kind,
            value,
        });
    };
    if let Some(maker) = mac.and_then(vendor::vendor) {
        fact(None, "network card by", maker);
    }
    for identified in &device.identities {
        fact(None, &word(identified.fact), &identified.value);
    }
    for (unit, part) in &device.units {
        for identified in &part.identities {
            fact(Some(*unit), &word(identified.fact), &identified.value);
        }
    }
    for (unit, _) in device.units.iter().filter(|(_, part)| part.answered) {
        traffic.answered(of, *unit);
    }
}

fn word(fact: model::Fact) -> String {
    serde_json::to_value(fact)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Writes the files, each as a whole or not at all.
fn write(draft: &Draft, folder: &Path) -> Result<()> {
    let cannot = || format!("cannot write to `{}`", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    for file in &draft.files {
        let path = folder.join(&file.name);
        let partial = folder.join(format!("{}.part", file.name));
        let mut out = std::fs::File::create(&partial).with_context(cannot)?;
        out.write_all(file.text.as_bytes()).with_context(cannot)?;
        std::fs::rename(&partial, &path).with_context(cannot)?;
    }
    Ok(())
}

fn show(arguments: &Learn, draft: &Draft) -> Result<()> {
    let Counts {
        zones,
        assets,
        roles,
        conduits,
        statements,
        proposals,
        allowed,
        proposed,
        unstated,
        dropped,
    } = draft.counts;
    let folder = arguments.output.display();
    if arguments.json {
        let files: Vec<&str> = draft.files.iter().map(|file| file.name.as_str()).collect();
        let document = json!({
            "folder": folder.to_string(), "files": files, "zones": zones, "assets": assets, "roles": roles,
            "conduits": conduits, "statements": statements, "proposals": proposals,
            "operations": {
                "allowed": allowed, "proposed": proposed, "unstated": unstated, "dropped": dropped,
            },
        });
        return output::print(&serde_json::to_string_pretty(&document)?);
    }
    let grouped = output::grouped;
    let mut text = format!(
        "{folder}: {zones} zones, {assets} assets, {roles} roles, {conduits} conduits with {statements} statements\n\
         allowed: {} operations as seen\n\
         proposed: {proposals} statements for {} operations with dangerous verbs; approve them one by one in conduits.yaml\n",
        grouped(allowed),
        grouped(proposed),
    );
    if unstated > 0 {
        text.push_str(&format!(
            "left out: {} operations that cannot be stated\n",
            grouped(unstated)
        ));
    }
    if dropped > 0 {
        text.push_str(&format!(
            "not remembered: {} operations, since a limit was reached\n",
            grouped(dropped)
        ));
    }
    text.push_str(&format!("next: bulkhead policy check {folder}\n"));
    output::print(&text)
}

/// The files of a draft.
const FILES: [&str; 5] = [
    "site.yaml",
    "zones.yaml",
    "assets.yaml",
    "roles.yaml",
    "conduits.yaml",
];

/// Functions that carry others which no table names: what they mean nobody knows.
const NAMELESS: [&str; 2] = ["unknown", "umas"];
