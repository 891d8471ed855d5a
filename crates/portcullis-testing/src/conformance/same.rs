//! Made-up sequences: whatever is asked, the answer is that of the store in memory, also where the store is
//! closed and opened between two questions.

use std::time::Duration;

use portcullis::Timestamp;
use portcullis::store::{
    Algorithm, Budget, Charge, Charged, Digest, Family, KeptToken, Limit, MemoryStore,
    Presentation, Question, Store,
};

use super::credentials::token_of;
use super::sessions::successor;
use super::{Bench, Dice, HOUR, at, dice, hourly, left, reached, whole};

/// Decisions, waits and what is left, of several budgets and keys, in both algorithms.
pub fn budgets_are_counted_as_in_memory(bench: &Bench) {
    let mut seen = [0; 3];
    for seed in bench.seeds(8) {
        let memory = MemoryStore::default();
        let budgets = budgets(bench, seed);
        let mut dice = dice(seed);
        let mut passed = Duration::ZERO;
        for step in 0..100 {
            passed += time(&mut dice);
            if dice.once_in(15) {
                bench.reopen();
            }
            let request = request(&mut dice, &budgets);
            let expected = reached(memory.charge(&request, at(passed)));
            let answer = bench.charge(&request, at(passed));
            let shown = || format!("seed {seed}, step {step}, after {passed:?}: {request:?}");
            assert_eq!(words(&answer), words(&expected), "{}", shown());
            let (Charged::All { receipt, .. }, Charged::All { receipt: expected, .. }) =
                (answer, expected)
            else {
                seen[0] += 1;
                continue;
            };
            seen[1] += 1;
            // As long as no time has passed, exactly that is given back. Later a store may give back less.
            if dice.once_in(4) {
                bench.refund(&request, &receipt);
                reached(memory.refund(&request, &expected));
                seen[2] += 1;
            }
        }
    }
    assert!(seen.iter().all(|seen| *seen > 50), "drained, admitted, given back: {seen:?}");
}

/// Each counted in another way.
fn budgets(bench: &Bench, seed: u64) -> Vec<Budget> {
    let daily = |units| Limit { units, period: 24 * HOUR, burst: units };
    let bucket = |units, burst| Limit { units, period: HOUR, burst };
    let named = |name: &str, limits: &[Limit], algorithm| {
        bench.budget(&format!("{name} {seed}"), limits, algorithm)
    };
    vec![
        named("bucket", &[bucket(7, 5)], Algorithm::TokenBucket),
        named("fast", &[bucket(36, 9)], Algorithm::TokenBucket),
        named("buckets", &[bucket(9, 3), bucket(18, 12)], Algorithm::TokenBucket),
        named("few", &[hourly(7)], Algorithm::SlidingWindow),
        named("fews", &[hourly(5), hourly(12)], Algorithm::SlidingWindow),
        named("many", &[daily(30)], Algorithm::SlidingWindow),
        named("manies", &[hourly(20), hourly(9)], Algorithm::SlidingWindow),
    ]
}

/// A while, or none. A server that lets go of its entries by its own clock has time enough: nothing is over in
/// less than half a minute.
fn time(dice: &mut Dice<impl Iterator<Item = u16>>) -> Duration {
    match dice.below(8) {
        0..4 => Duration::ZERO,
        4..6 => Duration::from_secs(36 * dice.below(20)),
        6 => Duration::from_secs(36 * dice.below(200)) + Duration::from_micros(dice.below(1000)),
        _ => Duration::from_secs(36 * dice.below(3000)),
    }
}

fn request<'a>(
    dice: &mut Dice<impl Iterator<Item = u16>>,
    budgets: &'a [Budget],
) -> Vec<Charge<'a>> {
    let keys: [&[u8]; 3] = [b"", b"ada", b"bob"];
    let charges = 1 + dice.below(3);
    // Which limit holds is the request's to say, for all its charges to one budget.
    let second = dice.once_in(2);
    let charge = |_| {
        let budget = &budgets[dice.one_of(&[0, 1, 2, 3, 4, 5, 6])];
        let key = dice.one_of(&keys);
        let fits = usize::from(second && budget.limits().len() > 1);
        let limit = budget.limits()[fits];
        let most = match budget.algorithm() {
            Algorithm::TokenBucket => limit.burst,
            Algorithm::SlidingWindow => limit.units,
        };
        let units = 1 + dice.below(most.min(6));
        Charge { budget, key, fits, units, told: dice.once_in(2) }
    };
    (0..charges).map(charge).collect()
}

/// What a store answered, without when and where it was charged.
fn words(charged: &Charged) -> String {
    match charged {
        Charged::All { quotas, .. } => format!("all, {:?}", left(quotas)),
        Charged::Drained { first, retry_after, quotas } => {
            format!("{first} for {:?}, {:?}", whole(*retry_after), left(quotas))
        }
    }
}

/// Sessions, opaque tokens and revocations, few of each, so that they meet.
pub fn credentials_are_kept_as_in_memory(bench: &Bench) {
    for seed in bench.seeds(12) {
        let memory = MemoryStore::default();
        let mut dice = dice(seed);
        let mut seconds = 0;
        let mut steps = Vec::new();
        for _ in 0..60 {
            seconds += dice.below(12);
            if dice.once_in(15) {
                bench.reopen();
            }
            let step = Step::any(&mut dice);
            let named = Named { bench, seed, now: at(Duration::from_secs(seconds)) };
            let expected = named.answer(&memory, &step);
            steps.push((seconds, step));
            let answer = named.answer(&*bench.store(), &steps[steps.len() - 1].1);
            assert_eq!(answer, expected, "seed {seed}: {steps:?}");
        }
    }
}

#[derive(Debug)]
enum Step {
    Revoke { session: u64 },
    Begin { session: u64, subject: u64, token: u64, lasts: u64 },
    Take { session: u64, token: u64, next: u64, lasts: u64 },
    End { session: u64 },
    EndAll { subject: u64 },
    Keep { token: u64, subject: u64, lasts: Option<u64> },
    Kept { subject: u64 },
    Discard { token: u64 },
    Ask { revoked: Vec<u64>, opaque: Option<u64>, refresh: Option<(u64, u64)> },
}

impl Step {
    fn any(dice: &mut Dice<impl Iterator<Item = u16>>) -> Step {
        const LASTS: [u64; 2] = [100, 10_000];
        let few = [(); 4].map(|()| dice.below(4));
        let [session, subject, token, next] = few;
        let lasts = dice.one_of(&LASTS);
        match dice.below(22) {
            0 => Step::Revoke { session },
            1..4 => Step::Begin { session, subject, token, lasts },
            4..9 => Step::Take { session, token, next, lasts },
            9 => Step::End { session },
            10 => Step::EndAll { subject },
            11..14 => Step::Keep { token, subject, lasts: dice.once_in(2).then_some(lasts) },
            14..16 => Step::Kept { subject },
            16 => Step::Discard { token },
            _ => Step::Ask {
                revoked: few[..usize::try_from(dice.below(3)).unwrap_or(0)].to_vec(),
                opaque: dice.once_in(2).then_some(token),
                refresh: dice.once_in(2).then_some((session, next)),
            },
        }
    }
}

/// Names of things for one sequence, and when it is asked.
struct Named<'a> {
    bench: &'a Bench,
    seed: u64,
    now: Timestamp,
}

impl Named<'_> {
    fn id(&self, kind: &str, n: u64) -> Digest {
        self.bench.id(kind, self.seed << 8 | n)
    }

    fn after(&self, seconds: u64) -> Timestamp {
        self.now.after(Duration::from_secs(seconds))
    }

    /// What a store answers, in words.
    fn answer(&self, store: &dyn Store, step: &Step) -> String {
        let now = self.now;
        let session = |n| self.id("session", n);
        let token = |n| self.id("token", n);
        let subject = |n| self.id("subject", n);
        let opaque = |n| self.id("opaque", n);
        let presented = |n, m| self.bench.presented(session(n), token(m));
        // No revocation is over before the sequence is.
        let until = self.after(100_000);
        match step {
            Step::Revoke { session: n } => {
                format!("{:?}", reached(store.revoke(&session(*n), until, now)))
            }
            Step::Begin { session: n, subject: of, token: first, lasts } => {
                let claims = format!("{{\"id\":{n}}}");
                let expires_at = self.after(*lasts);
                let ends_at = (*first == 0).then(|| self.after(1000));
                let family = Family::new(subject(*of), claims, token(*first), expires_at, ends_at);
                format!("{:?}", reached(store.begin(&session(*n), &family, now)))
            }
            Step::Take { session: n, token: m, next, lasts } => {
                let next = portcullis::store::Successor {
                    expires_at: self.after(*lasts),
                    ..successor(token(*next))
                };
                meaning(&reached(store.take(&presented(*n, *m), &next, now)))
            }
            Step::End { session: n } => {
                format!("{:?}", reached(store.end(&session(*n), until, now)))
            }
            Step::EndAll { subject: of } => {
                format!("{:?}", reached(store.end_all(&subject(*of), until, now)))
            }
            Step::Keep { token, subject: of, lasts } => {
                let kept = token_of(subject(*of), lasts.map(|lasts| self.after(lasts)));
                format!("{:?}", reached(store.keep(&opaque(*token), &kept, now)))
            }
            Step::Kept { subject: of } => {
                let mut kept = reached(store.kept(&subject(*of)));
                kept.retain(|(_, kept)| !kept.has_expired(now));
                kept.sort_by_key(|(id, _)| *id);
                let kept = kept.iter().map(|(id, kept)| (id.to_hex(), shown(kept)));
                format!("{:?}", kept.collect::<Vec<_>>())
            }
            Step::Discard { token } => format!("{:?}", reached(store.discard(&opaque(*token)))),
            Step::Ask { revoked, opaque: asked, refresh } => {
                let revoked: Vec<Digest> = revoked.iter().map(|n| session(*n)).collect();
                let refresh = refresh.map(|(n, m)| presented(n, m));
                let asked = Question { revoked: &revoked, opaque: asked.map(opaque), refresh };
                let known = reached(store.known(&asked, now));
                let opaque = known.opaque.filter(|kept| !kept.has_expired(now));
                let refresh = known.refresh.map(|(means, claims)| (meaning(&means), claims));
                format!("{} {:?} {refresh:?}", known.revoked, opaque.as_ref().map(shown))
            }
        }
    }
}

/// A store may have forgotten what has expired.
fn meaning(means: &Presentation) -> String {
    match means {
        Presentation::Expired | Presentation::Unknown => "gone".to_owned(),
        means => format!("{means:?}"),
    }
}

/// A digest is not shown by itself.
fn shown(kept: &KeptToken) -> String {
    format!("{} {kept:?}", kept.subject)
}
