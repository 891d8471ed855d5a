//! What each thing is called in Redis.

use portcullis::store::{Charge, Digest};
use sha2::{Digest as _, Sha256};

/// The names of one namespace. All are in one slot of a cluster, since one step changes several of them: the braces are
/// what Redis Cluster goes by.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    prefix: String,
}

/// The form in which budgets are written. Nodes of a version that writes another count apart from these.
const COUNTS: &str = "b1";

impl Keys {
    pub(crate) fn new(namespace: &str) -> Keys {
        Keys { prefix: format!("{{{namespace}}}:") }
    }

    fn named(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(crate) fn epoch(&self) -> String {
        self.named("epoch")
    }

    pub(crate) fn nodes(&self) -> String {
        self.named("nodes")
    }

    pub(crate) fn revoked(&self) -> String {
        self.named("revoked")
    }

    /// Where every node hears of what is revoked.
    pub(crate) fn channel(&self) -> String {
        self.named("revocations")
    }

    /// Where a node hears itself.
    pub(crate) fn own_channel(&self, node: &str) -> String {
        self.named(&format!("node:{node}"))
    }

    pub(crate) fn families(&self) -> String {
        self.named("f:")
    }

    pub(crate) fn family(&self, session: &Digest) -> String {
        format!("{}{session}", self.families())
    }

    pub(crate) fn sessions_of(&self) -> String {
        self.named("fs:")
    }

    pub(crate) fn tokens(&self) -> String {
        self.named("t:")
    }

    pub(crate) fn token(&self, id: &Digest) -> String {
        format!("{}{id}", self.tokens())
    }

    pub(crate) fn tokens_of(&self) -> String {
        self.named("ts:")
    }

    /// Who holds shares of an entry, and until when.
    pub(crate) fn shares(&self, count: &str, version: &str) -> [String; 2] {
        [format!("{count}:{version}:shares"), format!("{count}:{version}:until")]
    }

    /// The entry of a budget's key: by half a SHA-256, which no two keys share. Whoever reads Redis sees none of a key
    /// that cannot be guessed.
    pub(crate) fn count(&self, charge: &Charge<'_>) -> String {
        let mut hasher = Sha256::new();
        let name = charge.budget.name().as_bytes();
        hasher.update(u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(name);
        hasher.update(charge.key);
        format!("{}{COUNTS}:{}", self.prefix, half(hasher))
    }
}

/// Half of a hash, in hexadecimal.
pub(crate) fn half(hasher: Sha256) -> String {
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
