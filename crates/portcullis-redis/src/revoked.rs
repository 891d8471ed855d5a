//! What is revoked, as this node has heard: it spares the usual request a question.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::RwLock;
use portcullis::store::Digest;

/// How long a node goes by what it has heard since it last said something that it heard itself: with the time between
/// two beats, less than the second in which every node is to know.
const FRESH: Duration = Duration::from_millis(700);

/// Ids of what is revoked, cut short: who meets one is asked about.
#[derive(Default)]
pub(crate) struct Revoked {
    heard: RwLock<Heard>,
}

#[derive(Default)]
struct Heard {
    /// The first bytes of each id, and in which reading it was heard last.
    ids: HashMap<u64, u32>,
    /// How often all of it has been read.
    reading: u32,
    /// All that was revoked before this has come. Nothing while that is not so.
    fresh_at: Option<Instant>,
}

impl Heard {
    fn is_fresh(&self) -> bool {
        self.fresh_at.is_some_and(|at| at.elapsed() < FRESH)
    }
}

impl Revoked {
    /// Whether none of these is revoked; no where this node cannot say.
    pub(crate) fn rules_out(&self, ids: &[Digest]) -> bool {
        let heard = self.heard.read();
        heard.is_fresh() && !ids.iter().any(|id| heard.ids.contains_key(&short(id)))
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.heard.read().is_fresh()
    }

    pub(crate) fn len(&self) -> usize {
        self.heard.read().ids.len()
    }

    pub(crate) fn add(&self, ids: impl IntoIterator<Item = Digest>) {
        let mut heard = self.heard.write();
        let reading = heard.reading;
        heard.ids.extend(ids.into_iter().map(|id| (short(&id), reading)));
    }

    /// From now on all of it is read: what is not heard again until the end is over by age.
    pub(crate) fn begin_reading(&self) {
        let mut heard = self.heard.write();
        heard.reading = heard.reading.wrapping_add(1);
    }

    pub(crate) fn end_reading(&self) {
        let mut heard = self.heard.write();
        let reading = heard.reading;
        heard.ids.retain(|_, heard_in| *heard_in == reading);
        heard.ids.shrink_to_fit();
    }

    /// All that was revoked before this instant has come.
    pub(crate) fn heard_all(&self, until: Instant) {
        let mut heard = self.heard.write();
        heard.fresh_at = heard.fresh_at.max(Some(until));
    }

    /// What comes now may have gaps before it.
    pub(crate) fn lose(&self) {
        self.heard.write().fresh_at = None;
    }
}

fn short(id: &Digest) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = id.0;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}
