//! A store in a file answers as the one in memory does, however often it is closed and opened.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests say what they expect")]

mod common;

use common::*;
use portcullis::Timestamp;
use portcullis::store::{
    Algorithm, Budget, Charge, Digest, Limit, MemoryStore, Presented, Question, Receipt, Store,
};
use portcullis_redb::RedbStore;
use proptest::prelude::*;

/// What is done to both; the numbers are few, so that they meet.
#[derive(Debug, Clone)]
enum Step {
    Revoke { id: u64, until: u64 },
    Begin { session: u64, subject: u64, token: u64, expires_at: u64 },
    Take { session: u64, token: u64, successor: u64 },
    End { session: u64 },
    EndAll { subject: u64 },
    Keep { token: u64, subject: u64, expires_at: Option<u64> },
    Kept { subject: u64 },
    Discard { token: u64 },
    Ask { revoked: Vec<u64>, opaque: Option<u64>, refresh: Option<(u64, u64)> },
    Charge { budget: usize, key: u8, units: u64 },
    Refund { budget: usize, key: u8, units: u64, charged: u64 },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let few = 0..4_u64;
    let seconds = 0..300_u64;
    prop_oneof![
        1 => (few.clone(), seconds.clone()).prop_map(|(id, until)| Step::Revoke { id, until }),
        3 => (few.clone(), few.clone(), few.clone(), seconds.clone()).prop_map(
            |(session, subject, token, expires_at)| Step::Begin { session, subject, token, expires_at }
        ),
        4 => (few.clone(), few.clone(), few.clone())
            .prop_map(|(session, token, successor)| Step::Take { session, token, successor }),
        1 => few.clone().prop_map(|session| Step::End { session }),
        1 => few.clone().prop_map(|subject| Step::EndAll { subject }),
        2 => (few.clone(), few.clone(), proptest::option::of(seconds))
            .prop_map(|(token, subject, expires_at)| Step::Keep { token, subject, expires_at }),
        2 => few.clone().prop_map(|subject| Step::Kept { subject }),
        1 => few.clone().prop_map(|token| Step::Discard { token }),
        4 => (
            proptest::collection::vec(few.clone(), 0..3),
            proptest::option::of(few.clone()),
            proptest::option::of((few.clone(), few)),
        )
            .prop_map(|(revoked, opaque, refresh)| Step::Ask { revoked, opaque, refresh }),
        6 => (0..3_usize, 0..3_u8, 1..4_u64)
            .prop_map(|(budget, key, units)| Step::Charge { budget, key, units }),
        2 => (0..3_usize, 0..3_u8, 1..4_u64, 0..60_u64)
            .prop_map(|(budget, key, units, charged)| Step::Refund { budget, key, units, charged }),
        2 => Just(Step::Reopen),
    ]
}

/// All of which last, each counted in another way. Some of what is charged comes back while a test runs.
fn budgets() -> [Budget; 3] {
    let bucket = Limit { burst: 5, ..every(3600, 360) };
    [
        Budget::new("owed", &[bucket], Algorithm::TokenBucket),
        Budget::new("exact", &[every(3600, 7)], Algorithm::SlidingWindow),
        Budget::new("parts", &[every(86_400, 30)], Algorithm::SlidingWindow),
    ]
}

/// What a store answers, in words.
fn answer(store: &dyn Store, step: &Step, now: Timestamp) -> String {
    let subject_of = |n| id(b'u', n);
    let opaque_of = |n| id(b'k', n);
    let presented =
        |n, m| Presented { revoked_until: later(300), ..presented(session(n), token(m)) };
    match step {
        Step::Revoke { id, until } => {
            format!("{:?}", ready(store.revoke(&session(*id), later(*until), now)))
        }
        Step::Begin { session: n, subject, token, expires_at } => {
            let family = portcullis::store::Family::new(
                subject_of(*subject),
                format!("{{\"id\":{n}}}"),
                common::token(*token),
                later(*expires_at),
                Some(later(200)),
            );
            format!("{:?}", ready(store.begin(&session(*n), &family, now)))
        }
        Step::Take { session, token, successor: next } => {
            format!("{:?}", ready(store.take(&presented(*session, *token), &successor(*next), now)))
        }
        Step::End { session: n } => {
            format!("{:?}", ready(store.end(&session(*n), later(300), now)))
        }
        Step::EndAll { subject } => {
            format!("{:?}", ready(store.end_all(&subject_of(*subject), later(300), now)))
        }
        Step::Keep { token, subject, expires_at } => {
            let kept = kept(subject_of(*subject), expires_at.map(later));
            format!("{:?}", ready(store.keep(&opaque_of(*token), &kept, now)))
        }
        Step::Kept { subject } => {
            let mut kept = ready(store.kept(&subject_of(*subject)));
            kept.sort_by_key(|(id, _)| *id);
            let kept = kept.iter().map(|(id, kept)| (id.to_hex(), kept));
            format!("{:?}", kept.collect::<Vec<_>>())
        }
        Step::Discard { token } => format!("{:?}", ready(store.discard(&opaque_of(*token)))),
        Step::Ask { revoked, opaque, refresh } => {
            let revoked: Vec<Digest> = revoked.iter().map(|n| session(*n)).collect();
            let refresh = refresh.map(|(n, m)| presented(n, m));
            let asked = Question { revoked: &revoked, opaque: opaque.map(opaque_of), refresh };
            format!("{:?}", ready(store.known(&asked, now)))
        }
        Step::Charge { budget, key, units } => {
            let (budgets, key) = (budgets(), [*key]);
            let charge = Charge { units: *units, told: true, ..of(&budgets[*budget], &key) };
            format!("{:?}", ready(store.charge(&[charge], now)))
        }
        Step::Refund { budget, key, units, charged } => {
            let (budgets, key) = (budgets(), [*key]);
            let charge = Charge { units: *units, ..of(&budgets[*budget], &key) };
            format!("{:?}", ready(store.refund(&[charge], &Receipt::at(later(*charged)))))
        }
        Step::Reopen => String::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_file_answers_as_memory_does(
        steps in proptest::collection::vec((step(), 0..12_u64), 1..60)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.redb");
        let memory = MemoryStore::default();
        let mut file = Some(RedbStore::open(&path).unwrap());
        let mut seconds = 0;
        for (step, passed) in &steps {
            seconds += passed;
            if let Step::Reopen = step {
                drop(file.take());
            }
            let file = file.get_or_insert_with(|| RedbStore::open(&path).unwrap());
            let expected = answer(&memory, step, later(seconds));
            prop_assert_eq!(answer(file, step, later(seconds)), expected, "{:?}", step);
        }
    }
}
