//! All keys of a credential.

use portcullis_compiler::plan::SignatureAlgorithm;

use super::key_source::KeySource;
use super::keys::Key;

/// The keys that a credential's tokens are verified with: those that the service handed over once, and those
/// that its source holds at the moment.
#[derive(Debug, Default)]
pub(crate) struct Keyring {
    pub(crate) fixed: Vec<Key>,
    pub(crate) source: Option<KeySource>,
}

impl Keyring {
    /// One without a source.
    #[cfg(test)]
    pub(crate) fn fixed(keys: &[Key]) -> Keyring {
        Keyring { fixed: keys.to_vec(), source: None }
    }

    /// Whether one of the keys, of those that a token with such a header may be tried with, signed the text.
    /// Where none has the name that the token says, the source learns of that.
    pub(super) fn verifies(
        &self,
        (algorithm, kid): (SignatureAlgorithm, Option<&str>),
        signed: &[u8],
        signature: &Vec<u8>,
    ) -> bool {
        let signed_by = |keys: &[Key]| {
            let mut serving = keys.iter().filter(|key| key.serves(algorithm, kid));
            serving.any(|key| key.verifies(signed, signature))
        };
        if signed_by(&self.fixed) {
            return true;
        }
        let Some(source) = &self.source else {
            return false;
        };
        let held = source.keys();
        if signed_by(&held) {
            return true;
        }
        // What has a name here and is signed badly takes no lock.
        if let Some(kid) = kid
            && !self.fixed.iter().chain(held.iter()).any(|key| key.name() == Some(kid))
        {
            source.missed(algorithm, kid);
        }
        false
    }
}
