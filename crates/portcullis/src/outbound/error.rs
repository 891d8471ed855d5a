//! Why nothing is fetched.

use super::SpecialAddress;

/// The rule that a URL breaks. It never holds the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// It has more than 2048 characters.
    #[error("the URL is too long")]
    TooLong,
    /// It is no absolute URL, or is written so that two readers could disagree about it.
    #[error("the URL is malformed, or not written in its plain form")]
    Malformed,
    /// It holds a user name or a password.
    #[error("the URL holds credentials")]
    Credentials,
    /// Its scheme is none of `schemes`.
    #[error("the scheme of the URL is not allowed")]
    Scheme,
    /// Its port is none of `ports`.
    #[error("the port of the URL is not allowed")]
    Port,
    /// Its host is none of `hosts`.
    #[error("the host of the URL is not allowed")]
    Host,
    /// Its host is a name that means something inside a network or a machine alone.
    #[error("the host of the URL is a local name")]
    LocalName,
    /// Its host is an address that is not public.
    #[error("the host of the URL is {0}")]
    Address(SpecialAddress),
    /// The fetch has been redirected as often as it may be.
    #[error("too many redirects")]
    Redirects,
    /// The policy that is in force now has no such outbound.
    #[error("the policy no longer has this outbound")]
    Gone,
}

impl OutboundError {
    /// The words for the client. Which hosts exist within is none of its business, so all faults of
    /// a host read alike.
    pub(super) fn message(self) -> &'static str {
        match self {
            OutboundError::TooLong => "must have at most 2048 characters",
            OutboundError::Malformed => "must be a URL in its plain form",
            OutboundError::Credentials => "must not hold a user name or a password",
            OutboundError::Scheme => "must have an allowed scheme",
            OutboundError::Port => "must have an allowed port",
            OutboundError::Host
            | OutboundError::LocalName
            | OutboundError::Address(_)
            | OutboundError::Redirects
            | OutboundError::Gone => "must have an allowed host",
        }
    }
}

impl From<SpecialAddress> for OutboundError {
    fn from(address: SpecialAddress) -> OutboundError {
        OutboundError::Address(address)
    }
}
