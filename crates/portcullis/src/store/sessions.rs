//! Revocations, sessions and opaque tokens kept in this process.

use std::collections::HashMap;

use parking_lot::{Mutex, RwLock};

use super::{Digest, Family, KeptToken, Known, Presentation, Presented, Question, Successor};
use crate::Timestamp;

/// A table is swept when it has twice as many entries as the last sweep left, and at least so many: so
/// that each entry pays for its own sweep.
const SWEPT_AT: usize = 1024;

#[derive(Default)]
pub(super) struct Sessions {
    /// What is revoked, and until when that is worth knowing. Asked by every request with a revocable
    /// token, and seldom changed.
    revoked: RwLock<Swept<Timestamp>>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    families: Swept<Family>,
    opaque: Swept<KeptToken>,
}

/// A table whose entries are gone at some time.
struct Swept<T> {
    entries: HashMap<Digest, T>,
    sweep_at: usize,
}

impl<T> Default for Swept<T> {
    fn default() -> Swept<T> {
        Swept { entries: HashMap::new(), sweep_at: SWEPT_AT }
    }
}

impl<T> Swept<T> {
    fn insert(&mut self, id: Digest, entry: T, is_gone: impl Fn(&T) -> bool) {
        if self.entries.len() >= self.sweep_at {
            self.entries.retain(|_, entry| !is_gone(entry));
            self.sweep_at = self.entries.len().saturating_mul(2).max(SWEPT_AT);
            self.entries.shrink_to(self.sweep_at);
        }
        self.entries.insert(id, entry);
    }
}

impl Sessions {
    pub(super) fn known(&self, asked: &Question<'_>, now: Timestamp) -> Known {
        Known {
            revoked: self.is_revoked(asked.revoked),
            opaque: asked.opaque.and_then(|id| self.opaque(&id, now)),
            refresh: asked.refresh.map(|presented| self.present(&presented, None, now)),
        }
    }

    fn is_revoked(&self, ids: &[Digest]) -> bool {
        // The time it is worth knowing for is not asked: a token that is older is refused for its age.
        let revoked = self.revoked.read();
        ids.iter().any(|id| revoked.entries.contains_key(id))
    }

    pub(super) fn revoke(&self, id: Digest, until: Timestamp, now: Timestamp) {
        let mut revoked = self.revoked.write();
        let until = revoked.entries.get(&id).copied().map_or(until, |known| known.max(until));
        revoked.insert(id, until, |until| *until <= now);
    }

    pub(super) fn begin(&self, session: Digest, family: Family, now: Timestamp) {
        self.kept.lock().families.insert(session, family, |family| family.gone_at() <= now);
    }

    pub(super) fn present(
        &self,
        presented: &Presented,
        successor: Option<&Successor>,
        now: Timestamp,
    ) -> (Presentation, Option<String>) {
        let mut kept = self.kept.lock();
        let Some(family) = kept.families.entries.get_mut(&presented.session) else {
            return (Presentation::Unknown, None);
        };
        let means = family.present(presented, successor, now);
        if means == Presentation::Reused {
            self.revoke(presented.session, presented.revoked_until, now);
        }
        let claims = means.good_until().map(|_| family.claims.clone());
        (means, claims)
    }

    pub(super) fn end(&self, session: &Digest, until: Timestamp, now: Timestamp) {
        let mut kept = self.kept.lock();
        if let Some(family) = kept.families.entries.get_mut(session) {
            family.end();
        }
        self.revoke(*session, until, now);
    }

    pub(super) fn end_all(&self, subject: &Digest, until: Timestamp, now: Timestamp) -> u64 {
        let mut kept = self.kept.lock();
        let mut ended = 0;
        // Seldom asked for: a second index would cost every sign-in.
        for (session, family) in &mut kept.families.entries {
            if family.subject == *subject && !family.is_ended() {
                family.end();
                self.revoke(*session, until, now);
                ended += 1;
            }
        }
        ended
    }

    fn opaque(&self, id: &Digest, now: Timestamp) -> Option<KeptToken> {
        let mut kept = self.kept.lock();
        let token = kept.opaque.entries.get_mut(id)?;
        if !token.has_expired(now) {
            token.used(now);
        }
        Some(token.clone())
    }

    pub(super) fn keep(&self, id: Digest, token: KeptToken, now: Timestamp) {
        self.kept.lock().opaque.insert(id, token, |token| token.has_expired(now));
    }

    pub(super) fn kept(&self, subject: &Digest) -> Vec<(Digest, KeptToken)> {
        let kept = self.kept.lock();
        let of_subject = kept.opaque.entries.iter().filter(|(_, token)| token.subject == *subject);
        of_subject.map(|(id, token)| (*id, token.clone())).collect()
    }

    pub(super) fn discard(&self, id: &Digest) -> bool {
        self.kept.lock().opaque.entries.remove(id).is_some()
    }
}
