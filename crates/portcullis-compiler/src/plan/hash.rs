//! The name of a plan by its content.

use std::fmt::{self, Debug, Write};

use sha2::{Digest, Sha256};

use super::Plan;

impl Plan {
    /// The SHA-256 of all that the plan decides by, in hexadecimal: two processes of one version
    /// that show the same hash decide alike. The names of the policy's files make no difference.
    #[must_use]
    pub fn hash(&self) -> String {
        // Field by field, so that a new one cannot be forgotten.
        let Plan {
            profile,
            transport,
            cors,
            headers,
            errors,
            reads_origin,
            credentials,
            session,
            caller,
            roles,
            anonymous,
            permissions,
            scopes,
            enumerations,
            resources,
            budgets,
            outbounds,
            routes,
            actions,
            invariants,
            sources: _,
        } = self;
        let parts: [&dyn Debug; 20] = [
            profile,
            transport,
            cors,
            headers,
            errors,
            reads_origin,
            credentials,
            session,
            caller,
            roles,
            anonymous,
            permissions,
            scopes,
            enumerations,
            resources,
            budgets,
            outbounds,
            routes,
            actions,
            invariants,
        ];
        let mut hasher = Hasher(Sha256::new());
        for part in parts {
            // A hasher takes all that is written to it.
            let _ = write!(hasher, "{part:?};");
        }
        let mut text = String::with_capacity(64);
        for byte in hasher.0.finalize() {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

struct Hasher(Sha256);

impl Write for Hasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
