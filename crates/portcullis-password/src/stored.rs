//! A hash as it is stored: reading it with bounds, and computing a password's to compare.

use argon2::{ARGON2ID_IDENT, Params, PasswordHash};
use bcrypt::HashParts;
use subtle::{Choice, ConstantTimeEq};

use crate::parameters::Parameters;

/// What new hashes have, in bytes (RFC 9106, 4). A shorter salt or digest is weaker.
const SALT: usize = 16;
const DIGEST: usize = 32;

/// Below this a wrong password could be right by accident, or by search.
const LEAST_DIGEST: usize = 16;

/// The version 1.3 of Argon2, which is the one of RFC 9106 and the first that had Argon2id.
const ARGON2_VERSION: u32 = 19;

/// Each step doubles the time: 16 takes some seconds, 31 a day.
const DEAREST_BCRYPT: u32 = 16;

/// What bcrypt looks at, in bytes.
const BCRYPT_PASSWORD: usize = 72;

/// Where the digest begins in the text of a bcrypt hash: it has 60 letters, in fixed places.
const BCRYPT_DIGEST: usize = 29;

/// A hash that was read. It has no `Debug`: a salt and a digest are for nobody's eyes.
#[derive(Clone)]
pub(crate) struct Stored {
    scheme: Scheme,
    /// What the right password gives: bytes of Argon2id, letters of bcrypt.
    digest: Vec<u8>,
}

#[derive(Clone)]
enum Scheme {
    Argon2id { parameters: Parameters, salt: Vec<u8> },
    Bcrypt { cost: u32, salt: [u8; 16] },
}

impl Stored {
    /// What to verify where there is nothing: as much work as a hash made with these parameters. The
    /// answer does not count, so neither salt nor digest need be a secret.
    pub(crate) fn dummy(parameters: Parameters) -> Stored {
        let scheme = Scheme::Argon2id { parameters, salt: vec![0; SALT] };
        Stored { scheme, digest: vec![0; DIGEST] }
    }

    /// Reads a hash of the kinds that are checked, within the bounds.
    pub(crate) fn read(text: &str) -> Option<Stored> {
        if text.starts_with("$argon2id$") { Stored::argon2id(text) } else { Stored::bcrypt(text) }
    }

    fn argon2id(text: &str) -> Option<Stored> {
        let hash = PasswordHash::new(text).ok()?;
        if hash.algorithm != ARGON2ID_IDENT || hash.version != Some(ARGON2_VERSION) {
            return None;
        }
        let params = Params::try_from(&hash.params).ok()?;
        if !params.keyid().is_empty() || !params.data().is_empty() {
            return None;
        }
        let (m, t, p) = (params.m_cost(), params.t_cost(), params.p_cost());
        let parameters = Parameters::bearable(m, t, p).ok()?;
        let digest = hash.hash?.as_bytes().to_vec();
        if digest.len() < LEAST_DIGEST {
            return None;
        }
        let salt = hash.salt?.as_ref().to_vec();
        Some(Stored { scheme: Scheme::Argon2id { parameters, salt }, digest })
    }

    fn bcrypt(text: &str) -> Option<Stored> {
        // `2x` marks hashes of an implementation that confused non-ASCII passwords.
        let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
        // A sign would be taken for part of a number.
        if !rest.as_bytes().get(..2)?.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let parts: HashParts = text.parse().ok()?;
        let (cost, salt) = (parts.get_cost(), parts.get_salt_raw());
        if !(4..=DEAREST_BCRYPT).contains(&cost) {
            return None;
        }
        let digest = text.as_bytes().get(BCRYPT_DIGEST..)?.to_vec();
        Some(Stored { scheme: Scheme::Bcrypt { cost, salt }, digest })
    }

    /// Whether the scheme sees all of this password. bcrypt cuts it off, so that others would be right
    /// too; and since it repeats the password up to 72 bytes with a NUL in between, `a` and `a\0a` are
    /// one to it.
    pub(crate) fn sees(&self, password: &str) -> bool {
        match self.scheme {
            Scheme::Argon2id { .. } => true,
            Scheme::Bcrypt { .. } => password.len() <= BCRYPT_PASSWORD && !password.contains('\0'),
        }
    }

    /// Whether this is the hash of the password. Where the machine has no memory to tell, it is not.
    pub(crate) fn matches(&self, password: &[u8]) -> Choice {
        let computed = match &self.scheme {
            Scheme::Argon2id { parameters, salt } => {
                argon2id(*parameters, password, salt, self.digest.len())
            }
            Scheme::Bcrypt { cost, salt } => bcrypt(*cost, password, *salt),
        };
        computed.map_or(Choice::from(0), |computed| computed.ct_eq(&self.digest))
    }

    /// Whether a hash with the parameters would be harder to guess from.
    pub(crate) fn weaker_than(&self, current: Parameters) -> bool {
        match &self.scheme {
            Scheme::Bcrypt { .. } => true,
            Scheme::Argon2id { parameters, salt } => {
                parameters.weaker_than(current) || salt.len() < SALT || self.digest.len() < DIGEST
            }
        }
    }
}

fn argon2id(
    parameters: Parameters,
    password: &[u8],
    salt: &[u8],
    digest: usize,
) -> Option<Vec<u8>> {
    #[cfg(test)]
    crate::tests::note(crate::tests::Work::Argon2id(parameters, salt.len(), digest));
    let mut computed = vec![0; digest];
    parameters.argon2id()?.hash_password_into(password, salt, &mut computed).ok()?;
    Some(computed)
}

fn bcrypt(cost: u32, password: &[u8], salt: [u8; 16]) -> Option<Vec<u8>> {
    #[cfg(test)]
    crate::tests::note(crate::tests::Work::Bcrypt(cost));
    let text = bcrypt::hash_with_salt_bytes(password, cost, salt).ok()?;
    text.get(BCRYPT_DIGEST..).map(<[u8]>::to_vec)
}
