//! What becomes of incidents where the store takes nothing for a while, as on a full disk.

use std::io;

use model::{Because, IncidentOutcome, Kind, Severity, Timestamp};
use store::Seq;
use tracing::subscriber::with_default;

use super::*;

/// What a writer has, its store on a disk that can be full.
struct Desk {
    writer: Writer,
    folder: tempfile::TempDir,
    /// Sinks run on it, where there are any.
    _runtime: tokio::runtime::Runtime,
    said: Said,
}

/// What was logged.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<u8>>>);

impl io::Write for Said {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store.db")).unwrap();
        let store = Arc::new(Mutex::new(store));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let exporter = runtime.block_on(Exporter::start(Arc::clone(&store), &[]));
        locked(&store).register_sink("soc").unwrap();
        let shared = Arc::new(Shared::new(Vec::new()));
        Self {
            writer: Writer::new(store, Arc::new(exporter.unwrap()), shared),
            folder,
            _runtime: runtime,
            said: Said::default(),
        }
    }

    fn open(&self) -> Store {
        Store::open(self.folder.path().join("store.db")).unwrap()
    }

    /// From now on the store takes nothing that needs room.
    fn fill(&self) {
        *locked(&self.writer.store) = self.open().with_page_limit(1).unwrap();
    }

    fn make_room(&self) {
        *locked(&self.writer.store) = self.open();
    }

    /// A second of the thread: this comes, or nothing.
    fn second(&mut self, list: Option<List>) {
        let said = self.said.clone();
        let logger = tracing_subscriber::fmt()
            .with_writer(move || said.clone())
            .with_ansi(false)
            .finish();
        with_default(logger, || {
            list.into_iter().for_each(|list| self.writer.take(list));
            self.writer.write();
        });
    }

    /// How often the store holds that each of these happened.
    fn kept<const N: usize>(&self, ids: [&str; N]) -> [u64; N] {
        let store = locked(&self.writer.store);
        ids.map(|id| store.incident(id).unwrap().map_or(0, |it| it.count))
    }

    /// What the sink has to take.
    fn owed(&self) -> Vec<(String, u64)> {
        let pending = locked(&self.writer.store).pending("soc", usize::MAX);
        let pending: Vec<(Seq, Incident)> = pending.unwrap();
        let pending = pending.into_iter();
        pending.map(|(_, it)| (it.id, it.count)).collect()
    }

    fn errors(&self) -> f64 {
        let mut samples = self.writer.shared.samples().into_iter();
        let errors = samples.find(|it| it.metric == model::Metric::StoreErrors);
        errors.unwrap().value
    }

    /// How often these words were logged.
    fn said(&self, words: &str) -> usize {
        let said = self.said.0.lock().unwrap().clone();
        String::from_utf8(said).unwrap().matches(words).count()
    }
}

/// One that needs the more room the more often it happened.
fn incident(id: &str, count: u64) -> Incident {
    let count_bytes = usize::try_from(count).unwrap();
    Incident {
        id: id.to_owned(),
        kind: Kind::Policy,
        rule: "policy.no_conduit".to_owned(),
        also: Vec::new(),
        title: String::new(),
        sentence: "and again ".repeat(count_bytes * 1_000),
        severity: Severity::High,
        priority: 1,
        confidence: 90,
        outcome: IncidentOutcome::Succeeded,
        count,
        first: Timestamp::from_nanos(1),
        last: Timestamp::from_nanos(1),
        frames: vec![1],
        client: None,
        server: None,
        protocol: None,
        verb: None,
        target: None,
        because: Because::default(),
        technique: None,
        owner: String::new(),
        action: String::new(),
        consequence: String::new(),
        respond_within: String::new(),
        site: String::new(),
        sensor: String::new(),
    }
}

fn changed(id: &str, count: u64) -> Option<List> {
    Some(List::Changed(vec![incident(id, count)]))
}

fn grown(id: &str, count: u64) -> Option<List> {
    Some(List::Grown(vec![incident(id, count)]))
}

#[test]
fn counts_that_a_full_disk_does_not_take_are_kept_when_there_is_room_and_told_whole() {
    let mut desk = Desk::new();
    desk.second(changed("a", 1));
    desk.fill();
    for count in 20..30 {
        desk.second(grown("a", count));
    }
    // nothing grows any more
    (0..10).for_each(|_| desk.second(None));
    assert_eq!((desk.errors(), desk.kept(["a"])), (20.0, [1]));
    assert_eq!(desk.said("WARN"), 1);
    assert_eq!(desk.said("no room left on the disk"), 1);

    desk.make_room();
    desk.second(None);
    assert_eq!((desk.errors(), desk.kept(["a"])), (20.0, [29]));
    assert_eq!(desk.said("incidents are stored again"), 1);
    assert_eq!(desk.owed(), [("a".to_owned(), 1)]);
    desk.second(changed("a", 30));
    assert_eq!(desk.owed(), [("a".to_owned(), 30)]);
    desk.second(None);
    assert_eq!((desk.errors(), desk.said("again")), (20.0, 2));
    assert!(desk.writer.is_done());
}

#[test]
fn trouble_that_comes_again_is_said_again() {
    let mut desk = Desk::new();
    desk.second(changed("a", 1));
    for count in [20, 60] {
        desk.fill();
        desk.second(grown("a", count));
        desk.second(None);
        desk.make_room();
        desk.second(None);
    }
    assert_eq!(desk.said("cannot be brought up to date"), 2);
    assert_eq!(desk.said("incidents are stored again"), 2);
    assert_eq!((desk.errors(), desk.kept(["a"])), (4.0, [60]));
}

#[test]
fn an_incident_that_grew_while_it_waited_to_be_told_is_kept_as_it_is_and_told_by_the_next_start() {
    let mut desk = Desk::new();
    desk.fill();
    desk.second(changed("a", 20));
    desk.second(grown("a", 29));
    desk.second(grown("b", 9));
    assert_eq!((desk.errors(), desk.kept(["a", "b"])), (3.0, [0, 0]));
    assert_eq!(desk.said("incidents cannot be stored"), 1);

    desk.make_room();
    desk.second(None);
    assert_eq!(desk.kept(["a", "b"]), [29, 9]);
    assert_eq!(desk.owed(), [("a".to_owned(), 20)]);
    // as after a kill
    let recorded = desk.open().record_refreshed();
    assert_eq!(recorded.unwrap(), 2);
    assert!(desk.owed().contains(&("a".to_owned(), 29)));
}

#[test]
fn what_grew_does_not_come_over_what_is_newer() {
    let mut desk = Desk::new();
    desk.fill();
    desk.second(grown("a", 20));
    desk.second(changed("a", 30));
    desk.make_room();
    desk.second(None);
    assert_eq!(desk.kept(["a"]), [30]);
    assert_eq!(desk.owed(), [("a".to_owned(), 30)]);
}

#[test]
fn what_grew_is_held_until_it_can_be_passed_on_and_no_more_is_asked_for() {
    let (lists, to_keep) = sync_channel(1);
    let mut keeper = Keeper {
        lists,
        unsent: Vec::new(),
        ungrown: Vec::new(),
        thread: std::thread::spawn(|| 0),
    };
    let ids = |list: List| -> Vec<_> {
        let (List::Changed(all) | List::Grown(all)) = list;
        all.into_iter().map(|it| (it.id, it.count)).collect()
    };
    keeper.keep(vec![incident("a", 1)]);
    keeper.refresh(|| vec![incident("b", 2), incident("c", 2)]);
    keeper.refresh(|| panic!("the last are not passed on yet"));
    assert_eq!(ids(to_keep.recv().unwrap()), [("a".to_owned(), 1)]);
    keeper.keep(vec![incident("b", 3)]);
    keeper.refresh(|| panic!("the last are not passed on yet"));
    assert_eq!(ids(to_keep.recv().unwrap()), [("b".to_owned(), 3)]);
    keeper.refresh(|| panic!("the last are not passed on yet"));
    assert_eq!(ids(to_keep.recv().unwrap()), [("c".to_owned(), 2)]);
    keeper.refresh(Vec::new);
    assert!(to_keep.try_recv().is_err());
}
