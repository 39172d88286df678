//! Samples to the text that Prometheus reads.
//!
//! Names, help and labels come from [`model::Metric`] alone. A counter whose labels are known
//! beforehand is there from the first scrape, at zero, so that its rate is right from the first
//! event. Equal series are added up; of equal gauges the last counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Kind, Metric, MetricKind, Sample, Severity, Tally};
use prometheus::core::{Collector, Desc};
use prometheus::proto::{self, LabelPair, MetricFamily, MetricType};
use prometheus::{Registry, TextEncoder};

/// Who knows the figures. Called on a blocking thread, once per scrape.
pub type Samples = Arc<dyn Fn() -> Vec<Sample> + Send + Sync>;

/// The figures in the text format 0.0.4.
///
/// # Errors
/// When a name or label breaks Prometheus' rules, which the names of [`Metric`] do not.
pub fn text(samples: &Samples) -> Result<String, prometheus::Error> {
    let registry = Registry::new();
    registry.register(Box::new(Figures::new(Arc::clone(samples))?))?;
    TextEncoder::new().encode_to_string(&registry.gather())
}

struct Figures {
    samples: Samples,
    described: Vec<Desc>,
}

impl Figures {
    fn new(samples: Samples) -> Result<Self, prometheus::Error> {
        let described = Metric::ALL.iter().map(|metric| describe(*metric));
        Ok(Self {
            samples,
            described: described.collect::<Result<_, _>>()?,
        })
    }
}

impl Collector for Figures {
    fn desc(&self) -> Vec<&Desc> {
        self.described.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut series = zeroes();
        for sample in (self.samples)() {
            add(&mut series, sample);
        }
        families(series)
    }
}

fn describe(metric: Metric) -> Result<Desc, prometheus::Error> {
    let description = metric.description();
    let labels = description.labels.iter().map(|label| (*label).to_owned());
    Desc::new(
        description.name.into(),
        description.help.into(),
        labels.collect(),
        Default::default(),
    )
}

type Series = BTreeMap<Metric, BTreeMap<Vec<String>, f64>>;

/// Every counter that is known to exist before anything happened.
fn zeroes() -> Series {
    let mut series = Series::new();
    for metric in Metric::ALL {
        let description = metric.description();
        if description.kind == MetricKind::Counter && description.labels.is_empty() {
            series.entry(*metric).or_default().insert(Vec::new(), 0.0);
        }
    }
    for sample in Tally::default().samples() {
        add(&mut series, sample);
    }
    for kind in [Kind::Policy, Kind::Rule, Kind::Baseline, Kind::Sensor] {
        for severity in Severity::ALL {
            let labels = vec![kind.name().to_owned(), severity.name().to_owned()];
            series
                .entry(Metric::Incidents)
                .or_default()
                .insert(labels, 0.0);
        }
    }
    series
}

fn add(series: &mut Series, sample: Sample) {
    let value = series
        .entry(sample.metric)
        .or_default()
        .entry(sample.labels)
        .or_insert(0.0);
    match sample.metric.description().kind {
        MetricKind::Counter => *value += sample.value,
        MetricKind::Gauge => *value = sample.value,
    }
}

fn families(series: Series) -> Vec<MetricFamily> {
    let family = |(metric, values)| family(metric, values);
    series.into_iter().map(family).collect()
}

fn family(metric: Metric, values: BTreeMap<Vec<String>, f64>) -> MetricFamily {
    let description = metric.description();
    let mut family = MetricFamily::default();
    family.set_name(description.name.into());
    family.set_help(description.help.into());
    family.set_field_type(match description.kind {
        MetricKind::Counter => MetricType::COUNTER,
        MetricKind::Gauge => MetricType::GAUGE,
    });
    let points = values
        .into_iter()
        .map(|(labels, value)| point(metric, labels, value));
    family.set_metric(points.collect());
    family
}

fn point(metric: Metric, labels: Vec<String>, value: f64) -> proto::Metric {
    let description = metric.description();
    let pairs = description.labels.iter().zip(labels);
    let mut point =
        proto::Metric::from_label(pairs.map(|(name, value)| pair(name, value)).collect());
    match description.kind {
        MetricKind::Counter => {
            let mut counter = proto::Counter::default();
            counter.set_value(value);
            point.set_counter(counter);
        }
        MetricKind::Gauge => {
            let mut gauge = proto::Gauge::default();
            gauge.set_value(value);
            point.set_gauge(gauge);
        }
    }
    point
}

fn pair(name: &str, value: String) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.into());
    pair.set_value(value);
    pair
}
