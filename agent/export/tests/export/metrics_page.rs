//! `docs/METRICS.md` and `Metric::ALL` say the same, and its alert rules load.

use std::fs;
use std::path::Path;
use std::process::Command;

use model::{Metric, MetricKind};
use tempfile::tempdir;

use crate::rig::program;

fn page() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join("docs/METRICS.md")).unwrap()
}

/// Name, kind, labels and meaning of every row, as far as the metric itself knows them.
fn rows(page: &str) -> Vec<[String; 4]> {
    let row = |line: &str| {
        let mut cells = line.split('|').skip(1).map(|cell| cell.trim().to_owned());
        let cells = [cells.next()?, cells.next()?, cells.next()?, cells.next()?];
        cells[0].starts_with("`bulkhead_").then_some(cells)
    };
    page.lines().filter_map(row).collect()
}

fn wanted(metric: &Metric) -> [String; 4] {
    let description = metric.description();
    let kind = match description.kind {
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
    };
    let labels: Vec<_> = description
        .labels
        .iter()
        .map(|label| format!("`{label}`"))
        .collect();
    [
        format!("`{}`", description.name),
        kind.into(),
        labels.join(", "),
        description.help.into(),
    ]
}

#[test]
fn the_page_lists_every_metric_as_it_is() {
    let wanted: Vec<_> = Metric::ALL.iter().map(wanted).collect();
    assert_eq!(rows(&page()), wanted);
}

#[test]
fn the_alert_rules_of_the_page_name_metrics_that_exist() {
    let page = page();
    let (_, rules) = page.split_once("```yaml\n").unwrap();
    let (rules, _) = rules.split_once("```").unwrap();
    let words = rules.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let named: Vec<_> = words.filter(|word| word.starts_with("bulkhead_")).collect();
    assert!(!named.is_empty());
    for name in named {
        let known = Metric::ALL
            .iter()
            .any(|metric| metric.description().name == name);
        assert!(known, "{name}");
    }
}

#[test]
fn promtool_loads_the_alert_rules_of_the_page() {
    let Some(program) = program("promtool") else {
        return;
    };
    let page = page();
    let (_, rules) = page.split_once("```yaml\n").unwrap();
    let folder = tempdir().unwrap();
    let path = folder.path().join("bulkhead.rules.yml");
    fs::write(&path, rules.split_once("```").unwrap().0).unwrap();
    let output = Command::new(program)
        .args(["check", "rules"])
        .arg(&path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
