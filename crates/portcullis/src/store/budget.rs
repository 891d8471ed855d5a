//! A budget as a store counts it: what each charge would otherwise work out anew.

use std::hash::Hasher;
use std::time::Duration;

use siphasher::sip::SipHasher13;

use super::counter::{Rate, Rates};
use super::sliding_window::EXACT;
use super::{Algorithm, Limit};

/// A budget whose counts matter for so long is worth writing down.
const LASTING: Duration = Duration::from_secs(60 * 60);

/// A budget, as far as counting goes. It is made once, when a policy is loaded, and every charge
/// points to it.
#[derive(Debug, Clone)]
pub struct Budget {
    name: Box<str>,
    limits: Box<[Limit]>,
    algorithm: Algorithm,
    /// Nothing where a limit could never admit anything.
    rates: Option<Box<[Rates]>>,
    id: u64,
    is_lasting: bool,
    unavailable_admits: bool,
    refunds: bool,
}

impl Budget {
    /// A budget with at least one limit.
    #[must_use]
    pub fn new(name: &str, limits: &[Limit], algorithm: Algorithm) -> Budget {
        let rates = limits.iter().map(Rate::of).collect::<Option<Vec<_>>>();
        Budget {
            name: name.into(),
            limits: limits.into(),
            algorithm,
            rates: rates
                .map(|rates| rates.iter().map(|fits| Rates::among(*fits, &rates)).collect()),
            id: id(name, limits, algorithm),
            is_lasting: limits.iter().any(|limit| counts_for(limit) >= LASTING),
            unavailable_admits: false,
            refunds: false,
        }
    }

    /// The same, where its policy says `unavailable admit`, or not.
    #[must_use]
    pub fn with_unavailable_admits(self, unavailable_admits: bool) -> Budget {
        Budget { unavailable_admits, ..self }
    }

    /// Its name. Two policies that name one budget alike share its counts.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its limits. What one of them counted counts for the others too: a key has one sum.
    #[must_use]
    pub fn limits(&self) -> &[Limit] {
        &self.limits
    }

    /// How units are counted.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether what it counts matters for an hour or more: by the period of one of its limits, or by how long a
    /// bucket takes to fill. A store that survives a restart keeps its counts.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        self.is_lasting
    }

    /// The same, where its policy says `refund on success`, or not.
    #[must_use]
    pub fn with_refunds(self, refunds: bool) -> Budget {
        Budget { refunds, ..self }
    }

    /// Whether what is charged may be given back.
    #[must_use]
    pub fn refunds(&self) -> bool {
        self.refunds
    }

    /// Whether requests go on where the store cannot be reached. A store that is shared may count them by
    /// itself meanwhile.
    #[must_use]
    pub fn unavailable_admits(&self) -> bool {
        self.unavailable_admits
    }

    /// The rates of a charge, or nothing if no state of the budget could ever admit it.
    pub(super) fn rates(&self, fits: usize, units: u64) -> Option<&Rates> {
        let rates = self.rates.as_ref()?.get(fits)?;
        let most_at_once = match self.algorithm {
            Algorithm::TokenBucket => rates.fits.burst,
            Algorithm::SlidingWindow => rates.fits.limit,
        };
        (1..=most_at_once).contains(&units).then_some(rates)
    }

    /// Tells apart all that is counted apart. It is no secret.
    pub(super) fn id(&self) -> u64 {
        self.id
    }
}

/// How long a unit may matter at most.
fn counts_for(limit: &Limit) -> Duration {
    let units = u128::from(limit.units.max(1));
    let filled = limit.period.as_nanos().saturating_mul(u128::from(limit.burst)) / units;
    let filled = u64::try_from(filled).map_or(Duration::MAX, Duration::from_nanos);
    filled.max(limit.period)
}

/// By the name, and for a window by what it is cut into: one that is cut otherwise cannot go on
/// counting. Names are the policy's, so nobody gains by two that meet.
fn id(name: &str, limits: &[Limit], algorithm: Algorithm) -> u64 {
    let mut hasher = SipHasher13::new();
    match algorithm {
        Algorithm::TokenBucket => hasher.write_u8(0),
        Algorithm::SlidingWindow => {
            let most = limits.iter().map(|limit| limit.units).max();
            hasher.write_u8(if most.is_some_and(|most| most > EXACT) { 2 } else { 1 });
            let period = limits.first().map_or(0, |limit| limit.period.as_nanos());
            hasher.write_u128(period);
        }
    }
    hasher.write(name.as_bytes());
    hasher.finish()
}
