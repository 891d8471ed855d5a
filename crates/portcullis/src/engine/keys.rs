//! Holds the keys that a service hands over to the policy.

use portcullis_compiler::plan::SignatureAlgorithm::{Hs256, Hs384, Hs512};
use portcullis_compiler::plan::{self, Access, Plan, SessionVerb, SignatureAlgorithm};

use super::build::Setup;
use crate::credential::{KeySource, Keyring, SigningKey};

impl Setup {
    /// All keys of each credential.
    pub(super) fn keys(&self, plan: &Plan, faults: &mut Vec<String>) -> Vec<Keyring> {
        for (name, _) in &self.keys {
            if !plan.credentials.iter().any(|credential| credential.name == *name) {
                faults.push(format!(
                    "a key was given for `{name}`, which is no credential of the policy"
                ));
            }
        }
        for (name, _) in &self.key_sources {
            if !plan.credentials.iter().any(|credential| credential.name == *name) {
                faults.push(format!(
                    "a key source was given for `{name}`, which is no credential of the policy"
                ));
            }
        }
        let used = |index: usize| {
            plan.routes.iter().filter(|route| route.retired.is_none()).any(|route| {
                match &route.access {
                    Access::Public => false,
                    access => access.accepted().contains(&index),
                }
            })
        };
        let mut all = Vec::new();
        for (index, credential) in plan.credentials.iter().enumerate() {
            let mut keys = Vec::new();
            for (_, key) in self.keys.iter().filter(|(name, _)| *name == credential.name) {
                if pins(credential, key.algorithm()) {
                    keys.push(key.clone());
                } else {
                    faults.push(format!(
                        "a key of credential `{}` is for an algorithm that the policy does not pin",
                        credential.name
                    ));
                }
            }
            let source = self.key_source(credential, faults);
            let verifies = credential.jwt().is_some();
            let has_none = keys.is_empty() && source.is_none();
            if has_none && verifies && used(index) && !self.keyless {
                faults.push(format!(
                    "credential `{}` has no key to verify tokens with",
                    credential.name
                ));
            }
            all.push(Keyring { fixed: keys, source });
        }
        all
    }

    /// What signs the tokens of sessions, if any route gives some.
    pub(super) fn signing_key(
        &self,
        plan: &Plan,
        keys: &[Keyring],
        faults: &mut Vec<String>,
    ) -> Option<SigningKey> {
        let session = plan.session.as_ref().and_then(|session| {
            Some((plan.credentials.get(session.access)?, keys.get(session.access)?))
        });
        let of_session = |name: &str| session.is_some_and(|(found, _)| found.name == name);
        for (name, _) in self.signing_keys.iter().filter(|(name, _)| !of_session(name)) {
            faults.push(format!(
                "a signing key was given for `{name}`, which is not what a session of the policy issues"
            ));
        }
        let (credential, keys) = session?;
        let gives = |route: &plan::Route| {
            route.retired.is_none()
                && matches!(route.session_verb(), Some(SessionVerb::Issues | SessionVerb::Renews))
        };
        let given: Vec<_> = self.signing_keys.iter().filter(|(name, _)| of_session(name)).collect();
        let name = &credential.name;
        match given.as_slice() {
            [] => {
                if plan.routes.iter().any(gives) && !self.keyless {
                    faults.push(format!(
                        "credential `{name}` has no signing key, and routes give sessions"
                    ));
                }
                None
            }
            [(_, key)] => {
                if !pins(credential, key.algorithm()) {
                    faults.push(format!(
                        "the signing key of credential `{name}` is for an algorithm that the policy does \
                         not pin"
                    ));
                } else if !keys.fixed.iter().any(|other| key.is_verified_by(other)) {
                    faults.push(format!(
                        "no key of credential `{name}` verifies what its signing key signs"
                    ));
                }
                Some(key.clone())
            }
            _ => {
                faults.push(format!("credential `{name}` has two signing keys: give the new one"));
                None
            }
        }
    }

    /// Where the keys come from that an issuer publishes.
    fn key_source(
        &self,
        credential: &plan::Credential,
        faults: &mut Vec<String>,
    ) -> Option<KeySource> {
        let name = &credential.name;
        let mut given = self.key_sources.iter().filter(|(of, _)| of == name);
        let (_, source) = given.next()?;
        if given.next().is_some() {
            faults.push(format!("credential `{name}` has two key sources: its issuer has one set"));
        }
        if source.algorithms().is_empty() {
            faults.push(format!("the key source of credential `{name}` is for no algorithm"));
        }
        for algorithm in source.algorithms() {
            let what = algorithm.as_str();
            if !pins(credential, *algorithm) {
                faults.push(format!(
                    "the key source of credential `{name}` is for `{what}`, which the policy does not pin"
                ));
            }
            // Whoever can read the set could sign.
            if matches!(algorithm, Hs256 | Hs384 | Hs512) {
                faults.push(format!(
                    "the key source of credential `{name}` is for `{what}`, whose keys are secrets: \
                     they are not published"
                ));
            }
        }
        Some(source.clone())
    }
}

fn pins(credential: &plan::Credential, algorithm: SignatureAlgorithm) -> bool {
    credential.jwt().is_some_and(|jwt| jwt.algorithms.contains(&algorithm))
}
