//! What only the inside of a store shows: the sweep that a write brings, and faults of the disk.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use portcullis::store::{Algorithm, Budget, CountChange, Limit, Question};
use redb::StorageBackend;
use redb::backends::InMemoryBackend;

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(4_000_000_000);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(4_000_000_000 + seconds)
}

fn id(n: u8) -> Digest {
    Digest([n; 32])
}

fn ready<T>(answer: Answer<T>) -> T {
    match answer {
        Answer::Ready(answer) => answer,
        Answer::Later(_) => panic!("the store answers at once"),
    }
}

#[test]
fn writing_sweeps_and_keeps_what_is_revoked_anew() {
    let store = RedbStore::over(database(&Switch::default())).unwrap();
    *store.shared.writing.lock() = Pace { writes: 0, sweep_at: 4, least: 4 };
    let revoke = |n, until, now| ready(store.revoke(&id(n), until, now)).unwrap();
    let revoked = |n| store.shared.revoked.read().contains(&id(n));
    revoke(1, at(10), at(0));
    revoke(2, at(10), at(0));
    revoke(3, at(50), at(0));
    assert!(revoked(1) && revoked(2) && revoked(3));
    // The sweep removes the first and the second; this write revokes the second anew.
    revoke(2, at(60), at(20));
    assert!(!revoked(1) && revoked(2) && revoked(3));
    assert_eq!(store.sweep(at(49)), Ok(0));
    assert_eq!(store.sweep(at(60)), Ok(2));
    assert!(!revoked(2) && !revoked(3));
}

#[test]
fn after_a_fault_of_the_disk_nothing_is_answered_for() {
    for fault in [Fault::Writing, Fault::Flushing] {
        let switch = Switch::default();
        let store = RedbStore::over(database(&switch)).unwrap();
        let family = Family::new(id(9), "{}".into(), id(4), at(60), None);
        ready(store.revoke(&id(1), at(60), NOW)).unwrap();
        ready(store.begin(&id(3), &family, NOW)).unwrap();
        switch.break_it(fault);
        assert_eq!(ready(store.revoke(&id(2), at(60), NOW)), Err(Unavailable));
        // It may have reached the disk.
        let revoked = [id(2)];
        let asked = Question { revoked: &revoked, ..Question::default() };
        assert!(ready(store.known(&asked, NOW)).unwrap().revoked);

        let token = KeptToken {
            credential: "key".into(),
            subject: id(9),
            label: String::new(),
            claims: "{}".into(),
            created_at: NOW,
            expires_at: None,
            last_used_at: None,
        };
        let (session, grace, revoked_until) = (id(3), 0, at(60));
        let presented = Presented { session, token: id(4), grace, revoked_until };
        let successor = Successor { token: id(5), sealed: [0; 32], expires_at: at(60) };
        assert_eq!(ready(store.begin(&id(6), &family, NOW)), Err(Unavailable));
        assert_eq!(ready(store.take(&presented, &successor, NOW)), Err(Unavailable));
        assert_eq!(ready(store.end(&id(3), at(60), NOW)), Err(Unavailable));
        assert_eq!(ready(store.end_all(&id(9), at(60), NOW)), Err(Unavailable));
        assert_eq!(ready(store.keep(&id(7), &token, NOW)), Err(Unavailable));
        assert_eq!(ready(store.discard(&id(7))), Err(Unavailable));
        assert_eq!(store.sweep(at(60)), Err(Unavailable));
        // One that was taken before the grace would end its session, which cannot be written.
        let stolen = Presented { token: id(8), ..presented };
        let asked = Question { refresh: Some(stolen), ..Question::default() };
        assert_eq!(ready(store.known(&asked, NOW)), Err(Unavailable));
    }
}

#[test]
fn an_entry_that_makes_no_sense_is_unavailable() {
    let store = RedbStore::over(database(&Switch::default())).unwrap();
    let transaction = store.shared.database.begin_write().unwrap();
    for name in ["families", "opaque"] {
        let table = redb::TableDefinition::<&[u8; 32], (i64, &[u8])>::new(name);
        let mut table = transaction.open_table(table).unwrap();
        table.insert(&id(1).0, (0, b"{\"claims\":".as_slice())).unwrap();
    }
    transaction.commit().unwrap();
    let presented = Presented { session: id(1), token: id(2), grace: 0, revoked_until: NOW };
    let refresh = Question { refresh: Some(presented), ..Question::default() };
    assert_eq!(ready(store.known(&refresh, NOW)), Err(Unavailable));
    let opaque = Question { opaque: Some(id(1)), ..Question::default() };
    assert_eq!(ready(store.known(&opaque, NOW)), Err(Unavailable));
    assert_eq!(ready(store.end(&id(1), NOW, NOW)), Err(Unavailable));
    assert_eq!(store.sweep(NOW), Err(Unavailable));
}

#[test]
fn counts_that_make_no_sense_are_damage() {
    let good = r#"{"budget":"b","slowest":{"limit":1,"burst":1,"period":1},"counter":{"bucket":{"period":1,"latest":0,"owed":1}}}"#;
    assert!(opened_with_count(good).is_ok());
    for bad in [
        "{".to_owned(),
        good.replace(r#""limit":1"#, r#""limit":0"#),
        good.replace(r#"{"period":1,"l"#, r#"{"period":0,"l"#),
        good.replace("bucket", "bag"),
    ] {
        let error = opened_with_count(&bad).unwrap_err();
        assert!(matches!(error, OpenError::Damaged(_)), "{bad}: {error:?}");
    }
}

fn opened_with_count(json: &str) -> Result<RedbStore, OpenError> {
    let database = database(&Switch::default());
    let transaction = database.begin_write().unwrap();
    let counts = redb::TableDefinition::<u64, (i64, &[u8])>::new("counts");
    transaction.open_table(counts).unwrap().insert(1, (i64::MAX, json.as_bytes())).unwrap();
    transaction.commit().unwrap();
    RedbStore::over(database)
}

#[test]
fn counts_are_swept_and_never_come_back() {
    let day = |n| Limit { units: n, period: Duration::from_secs(86_400), burst: n };
    let budget = Budget::new("daily", &[day(2)], Algorithm::TokenBucket);
    let charge = |store: &RedbStore, now| {
        let charge = Charge { budget: &budget, key: b"ada", fits: 0, units: 1, told: false };
        matches!(ready(store.charge(&[charge], now)).unwrap(), Charged::All { .. })
    };
    let store = RedbStore::over(database(&Switch::default())).unwrap();
    assert!(charge(&store, at(0)) && charge(&store, at(0)) && !charge(&store, at(0)));
    store.flush().unwrap();
    assert_eq!(store.sweep(at(86_400 - 1)), Ok(0));
    assert_eq!(store.sweep(at(86_400)), Ok(1));
    // As a restart finds it: no entry, but a clock that runs back finds nothing to be had again.
    let again =
        store.shared.commit(&mut store.shared.writing.lock(), Durability::None, |tables, _| {
            tables.all_counts()
        });
    let again = again.unwrap();
    assert!(
        matches!(&*again, [CountChange::Floor(budget, floor)] if &**budget == "daily" && *floor == at(86_400)),
        "{again:?}"
    );
}

#[test]
fn another_format_is_left_alone() {
    let database = database(&Switch::default());
    let transaction = database.begin_write().unwrap();
    let meta = redb::TableDefinition::<&str, u64>::new("meta");
    transaction.open_table(meta).unwrap().insert("format", 2).unwrap();
    transaction.commit().unwrap();
    let error = RedbStore::over(database).unwrap_err();
    assert!(matches!(error, OpenError::Format { found: 2, expected: FORMAT }), "{error:?}");
}

fn database(switch: &Switch) -> Database {
    let disk = Disk { memory: InMemoryBackend::new(), switch: switch.clone() };
    open::builder().create_with_backend(disk).unwrap()
}

enum Fault {
    Writing,
    Flushing,
}

/// Breaks a disk.
#[derive(Debug, Clone, Default)]
struct Switch {
    writing: Arc<AtomicBool>,
    flushing: Arc<AtomicBool>,
}

impl Switch {
    fn break_it(&self, fault: Fault) {
        let broken = match fault {
            Fault::Writing => &self.writing,
            Fault::Flushing => &self.flushing,
        };
        broken.store(true, Ordering::SeqCst);
    }
}

#[derive(Debug)]
struct Disk {
    memory: InMemoryBackend,
    switch: Switch,
}

fn unless(broken: &AtomicBool) -> io::Result<()> {
    match broken.load(Ordering::SeqCst) {
        true => Err(io::Error::other("the disk is broken")),
        false => Ok(()),
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.memory.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.memory.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        unless(&self.switch.writing)?;
        self.memory.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        unless(&self.switch.flushing)?;
        self.memory.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        unless(&self.switch.writing)?;
        self.memory.write(offset, data)
    }
}
