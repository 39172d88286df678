//! What each room adds to the cost of a frame, for each kind of traffic, until it is the whole.
//!
//! `cargo bench -p bench --bench ladder` plays 200 pairs of each kind and prints, in time that the thread itself ran (who else
//! uses the machine counts for little), what a frame costs up to a step, what that step adds, and what is allocated. What opens
//! flows and is judged for the first time comes before the clock runs. Compare rows of one run with each other, not with those
//! of another machine.
//!
//! | argument | what is done |
//! |---|---|
//! | `pairs [KIND…]` | frames that were read ahead of 20, 200, 2 000 and 50 000 pairs, all judges on; takes minutes and 3 GB |
//! | `large` | a policy of 10 000 conduits and 60 rules beside one of ten statements without rules, in turns |
//! | `count KIND STEP` | one step once, for callgrind: instructions are the same on every machine; `ahead` tells of all frames before their turn |
//! | `lines KIND PAIRS` | two turns of so many pairs that were read ahead, for cachegrind: which line misses which cache |
//! | `steps` | the names of the steps |
//! | `FILE` | reading a capture, and reading and judging it |

use std::fs::File;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use bench::{Frames, Kind, Memory, Plant, Ran};
use capture::CaptureFile;
use decode::Conversation;
use detect::Rules;
use engine::{Engine, Judges, Mode};
use flow::{Flow, Flows, Listener};
use model::{Direction, Frame, Host, Problem, Stamp};
use policy::Policy;

fn main() {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words = words.iter().map(String::as_str);
    let words: Vec<_> = words.filter(|word| !word.starts_with('-')).collect();
    match *words.as_slice() {
        [] => Kind::ALL.into_iter().for_each(ladder),
        ["pairs", ref kinds @ ..] => Kind::ALL
            .into_iter()
            .filter(|kind| kinds.is_empty() || kinds.contains(&kind.name()))
            .for_each(pairs),
        ["large"] => large(),
        ["steps"] => STEPS.iter().for_each(|(name, _)| println!("{name}")),
        ["count", kind, step] => count(kind, step),
        ["lines", kind, pairs] => lines(kind, pairs),
        [path, ..] => file(path),
    }
}

/// How far frames go.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Step {
    /// They are looked at in memory: what every other step has in it, and no sensor does.
    Walk,
    /// Flows are found and followed, streams restored; nobody listens.
    Flow,
    /// Messages are decoded; nobody hears of them.
    Decode,
    /// Messages are counted, their edges and what was judged of them found; nobody judges.
    Engine,
    Policy,
    Baseline,
    Rules,
    /// All of it, and of ten requests one, a write, belongs to an incident.
    Incidents,
}

const STEPS: [(&str, Step); 8] = [
    ("walk", Step::Walk),
    ("flow", Step::Flow),
    ("decode", Step::Decode),
    ("engine", Step::Engine),
    ("policy", Step::Policy),
    ("baseline", Step::Baseline),
    ("rules", Step::Rules),
    ("incidents", Step::Incidents),
];

/// Looks at a frame.
fn touch(frame: &Frame<'_>) {
    black_box(frame.bytes.first());
}

/// Takes a frame as far as a step.
type Take = Box<dyn FnMut(&Frame<'_>)>;

impl Step {
    fn take(self, judges: &Judges) -> Take {
        match self {
            Self::Walk => Box::new(touch),
            Self::Flow => {
                let mut flows = Flows::new(flow::Limits::default());
                Box::new(move |frame| flows.frame(frame, &mut Deaf))
            }
            Self::Decode => {
                let mut flows = Flows::new(flow::Limits::default());
                let mut reader = Reader::default();
                Box::new(move |frame| flows.frame(frame, &mut reader))
            }
            Self::Engine | Self::Policy | Self::Baseline | Self::Rules | Self::Incidents => {
                let mut engine = bench::engine(self.judges(judges), Mode::Judge);
                Box::new(move |frame| engine.frame(frame))
            }
        }
    }

    /// Those of the judges that judge up to this step.
    fn judges(self, all: &Judges) -> Judges {
        let mut judges = all.clone();
        match self {
            Self::Incidents => judges.policy = Some(policy(bench::reading_alone())),
            Self::Rules => {}
            Self::Baseline => judges.rules = None,
            Self::Policy => (judges.rules, judges.baseline) = (None, None),
            _ => judges = Judges::default(),
        }
        judges
    }
}

/// Prints every row of a kind.
fn ladder(kind: Kind) {
    let (warm, steady) = halves(kind, 200, ROUNDS);
    let judges = judges(kind, 200);
    println!(
        "\n{}, 200 pairs, {} frames{:>17} {:>9}",
        kind.name(),
        steady.len(),
        "ns/frame",
        "adds"
    );
    let walk = measure(&warm, &steady, &mut || Step::Walk.take(&judges)).0;
    let read = reading(&steady).unwrap_or(f64::NAN);
    row("read from a file", read, read, 0);
    let mut sum = read;
    for (name, step) in STEPS.into_iter().skip(1) {
        let (nanos, allocations) = measure(&warm, &steady, &mut || step.take(&judges));
        let whole = read + nanos - walk;
        row(&format!("+ {name}"), whole, whole - sum, allocations);
        sum = whole;
    }
}

fn row(name: &str, whole: f64, adds: f64, allocations: u64) {
    println!("{name:<34} {whole:>9.1} {adds:>9.1}   {allocations} allocations");
}

/// What pairs say first, and what they say once all was said.
fn halves(kind: Kind, pairs: u16, rounds: u32) -> (Frames, Frames) {
    let mut plant = Plant::new(kind, pairs);
    let (mut warm, mut steady) = (Frames::default(), Frames::default());
    plant.open(&mut warm);
    (0..2 * Plant::ROUND).for_each(|_| plant.turn(&mut warm));
    steady.follow(&warm);
    (0..rounds * Plant::ROUND).for_each(|_| plant.turn(&mut steady));
    (warm, steady)
}

/// Nanoseconds for each steady frame, and what all of them allocated: the best of some runs.
fn measure(warm: &Frames, steady: &Frames, make: &mut dyn FnMut() -> Take) -> (f64, u64) {
    let (mut best, mut allocations) = (f64::INFINITY, 0);
    for _ in 0..RUNS {
        let mut take = make();
        warm.frames().for_each(|frame| take(&frame));
        let start = Ran::now();
        let spent = allocation_counter::measure(|| steady.frames().for_each(|frame| take(&frame)));
        best = best.min(start.nanos_since());
        allocations = spent.count_total;
    }
    (best / steady.len() as f64, allocations)
}

/// Nanoseconds that reading a frame from a file takes the engine's thread.
fn reading(frames: &Frames) -> io::Result<f64> {
    let path = std::env::temp_dir().join(format!("bulkhead-ladder-{}.pcap", std::process::id()));
    let mut file = io::BufWriter::new(File::create(&path)?);
    file.write_all(&Frames::PCAP_HEADER)?;
    frames.write_pcap(frames.len(), &mut file)?;
    file.flush()?;
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Ran::now();
        let read = read(&path, &mut touch);
        best = best.min(start.nanos_since() / f64::from(read));
    }
    std::fs::remove_file(&path)?;
    Ok(best)
}

/// Reads a capture; how many frames it has.
fn read(path: &Path, take: &mut dyn FnMut(&Frame<'_>)) -> u32 {
    let Ok(mut capture) = CaptureFile::open(path) else {
        return 0;
    };
    let mut frames = 0;
    while let Ok(Some(frame)) = capture.next() {
        frames += 1;
        take(&frame);
    }
    frames
}

/// What judges pairs of a kind.
fn judges(kind: Kind, pairs: u16) -> Judges {
    or_exit(bench::judges(kind, pairs))
}

fn policy(text: String) -> Arc<Policy> {
    or_exit(bench::read_policy(text))
}

fn or_exit<T>(loaded: Result<T, Vec<Problem>>) -> T {
    loaded.unwrap_or_else(|problems| {
        problems.iter().for_each(|problem| eprintln!("{problem}"));
        std::process::exit(2)
    })
}

/// Measures the whole with few and many pairs, once everything that they say was said.
fn pairs(kind: Kind) {
    println!(
        "\n{:<10} {:>7} {:>9} {:>12}",
        kind.name(),
        "pairs",
        "ns/frame",
        "x 200 pairs"
    );
    let few = each_of(kind, 200);
    for pairs in [20, 200, 2_000, 50_000] {
        let nanos = if pairs == 200 {
            few
        } else {
            each_of(kind, pairs)
        };
        println!("{:<10} {pairs:>7} {nanos:>9.1} {:>12.2}", "", nanos / few);
    }
}

/// Nanoseconds for each frame of so many pairs. Frames are made turn by turn: those of all turns fit no memory.
fn each_of(kind: Kind, pairs: u16) -> f64 {
    let mut engine = bench::engine(judges(kind, pairs), Mode::Judge);
    let (mut plant, mut frames) = (Plant::new(kind, pairs), Frames::default());
    // a few thousand frames at once, that the caches hold what they hold all day
    let turns = (BLOCK / u32::from(pairs)).clamp(1, Plant::ROUND);
    let (mut nanos, mut counted) = (0.0, 0);
    plant.open(&mut frames);
    let blocks = (4 * Plant::ROUND)
        .div_ceil(turns)
        .max(MEASURED / (u32::from(pairs) * turns));
    for block in 0..blocks {
        let spent = ahead(&mut engine, &frames);
        if block * turns > 2 * Plant::ROUND {
            nanos += spent;
            counted += frames.len();
        }
        frames.clear();
        (0..turns).for_each(|_| plant.turn(&mut frames));
    }
    nanos / counted as f64
}

/// Nanoseconds that an engine takes for frames that are told of before their turn, as those of a file are that is read ahead.
fn ahead(engine: &mut Engine, frames: &Frames) -> f64 {
    let batches = frames.batches(&engine.tagger(), BATCH);
    // to give back what they lie in is not the engine's
    let mut next = batches.iter().cloned();
    let start = Ran::now();
    engine.batches(|| next.next());
    start.nanos_since()
}

/// Measures a large policy and many rules beside a small one without rules: they take turns, so that a busy machine slows all.
fn large() {
    let rules = match bench::sixty_rules() {
        Ok(rules) => rules,
        Err(error) => return eprintln!("{error}"),
    };
    for memory in [Memory::Kept, Memory::Anew] {
        let policies = [
            bench::ten_statements(memory),
            bench::own_conduits(10_000, memory),
        ];
        let [small, large] = policies.map(policy);
        for kind in Kind::ALL {
            let baseline = judges(kind, 200).baseline;
            let with = |policy: &Arc<Policy>, rules: Option<&Arc<Rules>>| Judges {
                policy: Some(Arc::clone(policy)),
                baseline: baseline.clone(),
                rules: rules.cloned(),
            };
            println!("\n{}, judgements {memory:?}", kind.name());
            compare(
                kind,
                [
                    ("ten statements, no rules", with(&small, None)),
                    ("ten statements, 60 rules", with(&small, Some(&rules))),
                    ("10 000 conduits, no rules", with(&large, None)),
                    ("10 000 conduits, 60 rules", with(&large, Some(&rules))),
                ],
            );
        }
    }
}

/// Prints what a frame costs by each case, and how many times as much as by the first.
fn compare<const N: usize>(kind: Kind, cases: [(&str, Judges); N]) {
    let (mut plant, mut frames) = (Plant::new(kind, 200), Frames::default());
    plant.open(&mut frames);
    (0..2 * Plant::ROUND).for_each(|_| plant.turn(&mut frames));
    let mut engines = cases.each_ref().map(|(_, judges)| {
        let mut engine = bench::engine(judges.clone(), Mode::Judge);
        frames.frames().for_each(|frame| engine.frame(&frame));
        engine
    });
    let mut best = [f64::INFINITY; N];
    for _ in 0..ROUNDS * RUNS {
        frames.clear();
        (0..Plant::ROUND).for_each(|_| plant.turn(&mut frames));
        for (engine, best) in engines.iter_mut().zip(&mut best) {
            let start = Ran::now();
            frames.frames().for_each(|frame| engine.frame(&frame));
            *best = best.min(start.nanos_since() / frames.len() as f64);
        }
    }
    for ((name, _), nanos) in cases.iter().zip(&best) {
        println!(
            "{name:<34} {nanos:>9.1} ns/frame {:>7.2}",
            nanos / best.first().unwrap_or(&1.0)
        );
    }
    let found: Vec<_> = engines.iter().map(|it| it.summary().incidents).collect();
    assert!(found.iter().all(|it| *it == 0), "{found:?} incidents");
}

/// Measures reading a capture, and reading and judging it.
fn file(path: &str) {
    let judges = judges(Kind::Mix, 200);
    for (what, is_judged) in [("read", false), ("read and judge", true)] {
        let mut best = f64::INFINITY;
        for _ in 0..RUNS {
            let mut engine = bench::engine(judges.clone(), Mode::Judge);
            let start = Ran::now();
            let frames = read(Path::new(path), &mut |frame| {
                if is_judged {
                    engine.frame(frame);
                }
            });
            best = best.min(start.nanos_since() / f64::from(frames));
        }
        println!("{what:<28} {best:>7.1} ns/frame");
    }
}

/// Runs one step once, where only what comes after the first rounds is to be counted.
fn count(kind: &str, step: &str) {
    let Some(kind) = Kind::named(kind) else {
        eprintln!("no such kind");
        std::process::exit(2)
    };
    let (warm, steady) = halves(kind, 200, 1);
    if step == "ahead" {
        let mut engine = bench::engine(judges(kind, 200), Mode::Judge);
        warm.frames().for_each(|frame| engine.frame(&frame));
        counted_ahead(&steady, &mut engine);
        println!("{} frames counted", steady.len());
        return;
    }
    let Some((_, step)) = STEPS.into_iter().find(|(name, _)| *name == step) else {
        eprintln!("no such step");
        std::process::exit(2)
    };
    let mut take = step.take(&judges(kind, 200));
    warm.frames().for_each(|frame| take(&frame));
    counted(&steady, &mut take);
    println!("{} frames counted", steady.len());
}

/// Has so many pairs say everything twice, and once more what is to be counted.
fn lines(kind: &str, pairs: &str) {
    let (Some(kind), Ok(pairs)) = (Kind::named(kind), pairs.parse()) else {
        eprintln!("no such kind or number");
        std::process::exit(2)
    };
    let mut engine = bench::engine(Judges::default(), Mode::Judge);
    let (mut plant, mut frames) = (Plant::new(kind, pairs), Frames::default());
    plant.open(&mut frames);
    for _ in 0..2 * Plant::ROUND {
        ahead(&mut engine, &frames);
        frames.clear();
        plant.turn(&mut frames);
    }
    plant.turn(&mut frames);
    counted_ahead(&frames, &mut engine);
    println!("{} frames counted", frames.len());
}

/// What is counted: all steady frames on their way.
#[inline(never)]
fn counted(steady: &Frames, take: &mut Take) {
    steady.frames().for_each(|frame| take(&frame));
}

/// The same of frames that are told of before their turn, the telling and a copy of each included.
#[inline(never)]
fn counted_ahead(steady: &Frames, engine: &mut Engine) {
    let mut batches = steady.batches(&engine.tagger(), BATCH).into_iter();
    engine.batches(|| batches.next());
}

/// Hears nothing.
struct Deaf;

impl Listener for Deaf {
    type State = ();

    fn opened(&mut self, _: &mut Flow<()>, _: Stamp) {}
    fn bytes(&mut self, _: &mut Flow<()>, _: Stamp, _: Direction, _: &[u8]) {}
    fn gap(&mut self, _: &mut Flow<()>, _: Stamp, _: Direction, _: u64) {}
    fn conflict(&mut self, _: &mut Flow<()>, _: Stamp, _: Direction) {}
    fn closed(&mut self, _: &mut Flow<()>, _: Stamp) {}
    fn sighted(&mut self, _: Host, _: Stamp) {}
}

/// Decodes what it hears, and tells nobody.
#[derive(Default)]
struct Reader {
    limits: decode::Limits,
}

impl Listener for Reader {
    type State = Option<Conversation>;

    fn opened(&mut self, flow: &mut Flow<Self::State>, _: Stamp) {
        flow.state = Some(Conversation::new(flow.transport, flow.midway));
    }

    fn bytes(&mut self, flow: &mut Flow<Self::State>, stamp: Stamp, from: Direction, bytes: &[u8]) {
        let ports = flow.ends.map(|end| end.port);
        let Some(conversation) = &mut flow.state else {
            return;
        };
        match conversation.decoder() {
            Some(decoder) => decoder.feed(stamp, from, bytes, &mut |said| {
                black_box(&said);
            }),
            None => conversation.feed(&self.limits, ports, stamp, from, bytes, &mut |_, _, _| {}),
        }
    }

    fn gap(&mut self, _: &mut Flow<Self::State>, _: Stamp, _: Direction, _: u64) {}
    fn conflict(&mut self, _: &mut Flow<Self::State>, _: Stamp, _: Direction) {}
    fn closed(&mut self, _: &mut Flow<Self::State>, _: Stamp) {}
    fn sighted(&mut self, _: Host, _: Stamp) {}
}

/// How often everything is said that is measured, and how often that is repeated.
const ROUNDS: u32 = 6;
const RUNS: u32 = 5;
/// How many frames a batch has, as many as are usual.
const BATCH: usize = 2_500;
/// How many turns of one pair a block of frames has, and how many are played at least.
const BLOCK: u32 = 4_000;
const MEASURED: u32 = 200_000;
