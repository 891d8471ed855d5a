//! What a hash costs: the least that is made, the most that is computed, and which of two is weaker.

use argon2::{Algorithm, Argon2, Params, Version};

/// OWASP's Password Storage Cheat Sheet: memory in KiB and iterations that defend equally well, each with
/// a parallelism of 1.
const LEAST: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

/// 2 GiB, in KiB: the most that RFC 9106 recommends (section 4).
const MOST_MEMORY: u32 = 2 * 1024 * 1024;

/// 4 GiB, in KiB, of memory times iterations: some seconds.
const MOST_WORK: u64 = 4 * 1024 * 1024;

/// The parameters of Argon2id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parameters {
    pub(crate) memory_kib: u32,
    pub(crate) iterations: u32,
    pub(crate) parallelism: u32,
}

/// Why parameters are not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// Less than OWASP's least: 47,104 KiB of memory with 1 iteration, 19,456 with 2, 12,288 with 3,
    /// 9,216 with 4, or 7,168 with 5.
    #[error(
        "expected at least 19456 KiB of memory with 2 iterations, or another of OWASP's pairs, \
         found {memory_kib} KiB with {iterations}"
    )]
    TooWeak {
        /// The memory, in KiB.
        memory_kib: u32,
        /// The iterations.
        iterations: u32,
    },
    /// More than 2 GiB of memory, or more than 4 GiB of memory times iterations: a few sign-ins would
    /// stop the service.
    #[error(
        "expected at most 2097152 KiB of memory, and 4194304 KiB of memory times iterations, \
         found {memory_kib} KiB with {iterations} iterations"
    )]
    TooDear {
        /// The memory, in KiB.
        memory_kib: u32,
        /// The iterations.
        iterations: u32,
    },
    /// No lane, or less than 8 KiB of memory for each of them (RFC 9106, 3.1).
    #[error("expected a parallelism of 1 up to an eighth of the memory in KiB, found {found}")]
    Parallelism {
        /// The parallelism.
        found: u32,
    },
}

impl Parameters {
    /// The pair of OWASP's that it names first in words.
    pub(crate) const DEFAULT: Parameters =
        Parameters { memory_kib: 19_456, iterations: 2, parallelism: 1 };

    /// Parameters to make hashes with.
    pub(crate) fn strong(
        memory_kib: u32,
        iterations: u32,
        parallelism: u32,
    ) -> Result<Parameters, ParameterError> {
        let enough = LEAST.iter().any(|&(least_memory, least_iterations)| {
            memory_kib >= least_memory && iterations >= least_iterations
        });
        if !enough {
            return Err(ParameterError::TooWeak { memory_kib, iterations });
        }
        Parameters::bearable(memory_kib, iterations, parallelism)
    }

    /// Parameters to check a hash with, weak ones too: it was made long ago, or elsewhere.
    pub(crate) fn bearable(
        memory_kib: u32,
        iterations: u32,
        parallelism: u32,
    ) -> Result<Parameters, ParameterError> {
        let parameters = Parameters { memory_kib, iterations, parallelism };
        if memory_kib > MOST_MEMORY || parameters.work() > MOST_WORK {
            return Err(ParameterError::TooDear { memory_kib, iterations });
        }
        if parallelism == 0 || memory_kib / 8 < parallelism {
            return Err(ParameterError::Parallelism { found: parallelism });
        }
        Ok(parameters)
    }

    /// Whether guessing is cheaper than with the other: it takes less memory, which no hardware makes
    /// cheap, or less work in all. Iterations alone say nothing: 65,536 KiB with 1 of them is not weaker
    /// than 19,456 with 2. Lanes divide the same work, so they do not count.
    pub(crate) fn weaker_than(self, other: Parameters) -> bool {
        self.memory_kib < other.memory_kib || self.work() < other.work()
    }

    /// Argon2id with them, or nothing where it knows no such parameters.
    pub(crate) fn argon2id(self) -> Option<Argon2<'static>> {
        let params = Params::new(self.memory_kib, self.iterations, self.parallelism, None).ok()?;
        Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    fn work(self) -> u64 {
        u64::from(self.memory_kib) * u64::from(self.iterations)
    }
}
