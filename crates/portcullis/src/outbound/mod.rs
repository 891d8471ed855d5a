//! What the service may be made to fetch: a URL when it is accepted, an address when it is connected
//! to, and each redirect of a fetch (server-side request forgery, CWE-918).
//!
//! Nothing here resolves a name or opens a connection. An adapter does, and asks here.

mod error;
mod fetch;
mod host;
mod special;
#[cfg(test)]
mod tests;
mod url;

use std::net::IpAddr;

use portcullis_compiler::plan;

pub use error::OutboundError;
pub use fetch::Fetch;
pub use special::SpecialAddress;
pub use url::CheckedUrl;

use crate::engine::Engine;

/// An `outbound` of the policy: where the service may be made to fetch from.
///
/// It asks the policy that is in force each time, so that one that is kept follows a reload. Where
/// the policy has it no more, nothing may be fetched.
#[derive(Clone, Debug)]
pub struct Outbound {
    engine: Engine,
    name: String,
}

impl Outbound {
    pub(crate) fn new(engine: Engine, name: &str) -> Option<Outbound> {
        let outbound = Outbound { engine, name: name.to_owned() };
        outbound.asked(|_| ()).ok().map(|()| outbound)
    }

    /// Its name in the policy.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many redirects a fetch follows.
    #[must_use]
    pub fn redirects(&self) -> usize {
        self.asked(|planned| usize::from(planned.redirects)).unwrap_or(0)
    }

    /// Checks a URL when it is accepted: its text, scheme, port and host.
    ///
    /// That says nothing of what the name of its host stands for, now or later: for this there is
    /// [`Outbound::check_addr`].
    ///
    /// # Errors
    /// The rule that the URL breaks.
    pub fn check_url(&self, url: &str) -> Result<CheckedUrl, OutboundError> {
        self.asked(|planned| url::check(planned, url))?
    }

    /// Checks an address that a name has resolved to, at the moment of connecting. Connect to this
    /// very address: a name that is resolved once more may stand for another (DNS rebinding).
    ///
    /// # Errors
    /// The address is no public one, and what it is instead.
    pub fn check_addr(&self, address: IpAddr) -> Result<(), SpecialAddress> {
        special::of(address).map_or(Ok(()), Err)
    }

    /// Begins a fetch, which follows redirects.
    ///
    /// # Errors
    /// The rule that the URL breaks.
    pub fn fetch(&self, url: &str) -> Result<Fetch, OutboundError> {
        Ok(Fetch::new(self.clone(), self.check_url(url)?))
    }

    fn asked<T>(&self, ask: impl FnOnce(&plan::Outbound) -> T) -> Result<T, OutboundError> {
        let rules = self.engine.rules();
        let mut outbounds = rules.plan.outbounds.iter();
        outbounds.find(|planned| planned.name == self.name).map(ask).ok_or(OutboundError::Gone)
    }
}

/// Why no URL with such a host is ever let out, where it is so: for tools, which look at what a policy
/// names. A pattern without a sense is nobody's host.
#[doc(hidden)]
#[must_use]
pub fn never_fetched(pattern: &str) -> Option<String> {
    let host = pattern.strip_prefix("*.").unwrap_or(pattern);
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bracketed.unwrap_or(host).parse() {
        Ok(address) => special::of(address).map(|special| special.to_string()),
        // The pattern may stand for names below a name of one part.
        Err(_) if host != pattern => host::is_local(host).then(|| LOCAL_NAME.to_owned()),
        Err(_) => {
            let local = host::check_name(host) == Err(OutboundError::LocalName);
            local.then(|| LOCAL_NAME.to_owned())
        }
    }
}

const LOCAL_NAME: &str = "a local name";

/// Checks a URL that came as an input. The error is for the client: it says nothing of which hosts
/// are reached.
pub(crate) fn check(outbound: &plan::Outbound, url: &str) -> Result<(), &'static str> {
    url::check(outbound, url).map(drop).map_err(OutboundError::message)
}
