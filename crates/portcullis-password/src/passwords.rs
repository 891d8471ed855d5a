//! Making hashes, and the one path on which every check goes.

use std::fmt;

use argon2::PasswordHasher;
use subtle::Choice;

use crate::parameters::{ParameterError, Parameters};
use crate::stored::Stored;

/// The longest password, in bytes: no person types more, and only a program would send it.
const LONGEST: usize = 1024;

/// How passwords are hashed and checked: Argon2id (RFC 9106). A service makes one and shares it; a clone is
/// cheap.
#[derive(Clone)]
pub struct Passwords {
    parameters: Parameters,
    dummy: Stored,
}

/// What a check says.
#[must_use]
pub enum Checked {
    /// It is the user's password.
    Right {
        /// A new hash of the password, where the stored one is of bcrypt or weaker than what is made now:
        /// it took less memory, or less memory times iterations, or has a shorter salt or hash. Store it
        /// only where the old one still stands (`UPDATE … WHERE hash = old`): the password may have been
        /// changed meanwhile.
        upgrade: Option<String>,
    },
    /// It is not, or there is no such user, or what is stored is no hash. To whoever asks these are one.
    Wrong,
}

/// Why a password got no hash. It is never shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// The password has no letter. How short one may be is for the service's policy to say; this one
    /// would be no password at all.
    #[error("expected a password, found an empty text")]
    Empty,
    /// The password is longer than 1,024 bytes.
    #[error("expected a password of at most 1024 bytes, found {found}")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// The machine has no memory or no randomness for it now.
    #[error("no memory or no randomness for a hash")]
    Unavailable,
}

impl Passwords {
    /// With OWASP's parameters: 19,456 KiB (19 MiB) of memory, 2 iterations, a parallelism of 1.
    #[must_use]
    pub fn new() -> Passwords {
        Passwords::of(Parameters::DEFAULT)
    }

    /// With other parameters: memory in KiB, iterations over it, and lanes. Raise them as far as the
    /// machines bear it. Old hashes stay good, and are upgraded as their users sign in.
    ///
    /// # Errors
    ///
    /// When they are less than OWASP's least, more than 2 GiB of memory or 4 GiB of memory times
    /// iterations, or the lanes have less than 8 KiB each.
    pub fn with_parameters(
        memory_kib: u32,
        iterations: u32,
        parallelism: u32,
    ) -> Result<Passwords, ParameterError> {
        Parameters::strong(memory_kib, iterations, parallelism).map(Passwords::of)
    }

    /// The hash of a password to store, as a PHC string (`$argon2id$v=19$…`) of about 100 letters, with a
    /// new random salt of 16 bytes. It is slow on purpose: see [the crate](crate) for where to run it.
    ///
    /// # Errors
    ///
    /// When the password is empty or longer than 1,024 bytes, or the machine has no memory or no
    /// randomness.
    pub fn hash(&self, password: &str) -> Result<String, HashError> {
        match password.len() {
            0 => Err(HashError::Empty),
            found if found > LONGEST => Err(HashError::TooLong { found }),
            _ => {
                let argon2id = self.parameters.argon2id().ok_or(HashError::Unavailable)?;
                let hash = argon2id.hash_password(password.as_bytes());
                hash.map(|hash| hash.to_string()).map_err(|_| HashError::Unavailable)
            }
        }
    }

    /// Whether this is the user's password. `stored` is the hash that the database has for them, or `None`
    /// where there is no such user. It is as slow as [`Passwords::hash`], and where there is an upgrade it
    /// makes that hash besides.
    ///
    /// Where there is no hash, or none that can be read, or the password is empty, longer than 1,024 bytes,
    /// or not fit for the stored hash of bcrypt, a dummy hash with the current parameters is checked
    /// instead, and the answer is `Wrong`. It is also `Wrong` where the machine has no memory for the check.
    pub fn check(&self, stored: Option<&str>, password: &str) -> Checked {
        let fits = (1..=LONGEST).contains(&password.len());
        let read = stored.and_then(Stored::read).filter(|stored| fits && stored.sees(password));
        let (against, counts) = match &read {
            Some(stored) => (stored, Choice::from(1)),
            None => (&self.dummy, Choice::from(0)),
        };
        // A longer one is wrong already, and would only take longer to say so.
        let tried = password.as_bytes().get(..LONGEST).unwrap_or(password.as_bytes());
        // From here on nothing knows which of the two it is, until the answer is made.
        let right = against.matches(tried) & counts;
        if !bool::from(right) {
            return Checked::Wrong;
        }
        let weaker = against.weaker_than(self.parameters);
        // Without a new hash the old one serves on: the password is right all the same.
        Checked::Right { upgrade: weaker.then(|| self.hash(password).ok()).flatten() }
    }

    fn of(parameters: Parameters) -> Passwords {
        Passwords { parameters, dummy: Stored::dummy(parameters) }
    }

    /// With parameters that are too weak to use, so that tests are fast.
    #[cfg(test)]
    pub(crate) fn weak(memory_kib: u32, iterations: u32) -> Passwords {
        Passwords::of(Parameters { memory_kib, iterations, parallelism: 1 })
    }

    /// With a dummy whose password a test knows.
    #[cfg(test)]
    pub(crate) fn with_dummy(self, hash: &str) -> Passwords {
        Passwords { dummy: Stored::read(hash).expect("a hash that is read"), ..self }
    }
}

impl Default for Passwords {
    fn default() -> Passwords {
        Passwords::new()
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parameters { memory_kib, iterations, parallelism } = self.parameters;
        f.debug_struct("Passwords")
            .field("memory_kib", &memory_kib)
            .field("iterations", &iterations)
            .field("parallelism", &parallelism)
            .finish_non_exhaustive()
    }
}

/// Says whether there is an upgrade, and never what it is.
impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Checked::Right { upgrade } => {
                f.debug_struct("Right").field("upgrade", &upgrade.is_some()).finish()
            }
            Checked::Wrong => f.write_str("Wrong"),
        }
    }
}
