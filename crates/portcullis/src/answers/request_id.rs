//! The id of a request: the client's or the proxy's, if it can do no harm, else a new one.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use siphasher::sip128::SipHasher13;

use crate::engine::Engine;
use crate::request::Request;

/// As long as a name may be; a UUID has 36 characters.
const LONGEST: usize = 64;

/// Makes ids that nobody guesses: a counter behind a key, so that no request asks the operating
/// system for chance.
pub(crate) struct RequestIds {
    key: (u64, u64),
    next: AtomicU64,
}

impl RequestIds {
    /// The key is from the seed of std's hash maps, which the operating system draws.
    pub(crate) fn new() -> RequestIds {
        let random = RandomState::new();
        RequestIds { key: (random.hash_one(0), random.hash_one(1)), next: AtomicU64::new(0) }
    }

    /// 128 bits in hexadecimal.
    fn fresh(&self) -> Arc<str> {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let hasher = SipHasher13::new_with_keys(self.key.0, self.key.1);
        format!("{:032x}", hasher.hash(&count.to_le_bytes()).as_u128()).into()
    }
}

impl Engine {
    pub(super) fn request_id(&self, request: &Request<'_>) -> Arc<str> {
        let mut sent = request.values("x-request-id");
        let known = match (sent.next(), sent.next()) {
            (Some(one), None) => std::str::from_utf8(one).ok().filter(|id| is_harmless(id)),
            _ => None,
        };
        known.map_or_else(|| self.request_ids().fresh(), Into::into)
    }
}

/// It is written to logs, answers and whatever reads them: nothing that any of these gives a meaning to.
fn is_harmless(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=LONGEST).contains(&id.len()) && id.bytes().all(plain)
}
