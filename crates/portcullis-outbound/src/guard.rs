//! What all clients ask of the policy.

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};

use portcullis::{CheckedUrl, Outbound, OutboundError, SpecialAddress};

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// An outbound, and how it judges an address.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    outbound: Outbound,
    /// Always [`Outbound::check_addr`], but in tests: no public address is at hand there.
    judge: fn(&Outbound, IpAddr) -> Result<(), SpecialAddress>,
}

impl Guard {
    pub(crate) fn new(outbound: Outbound) -> Guard {
        Guard { outbound, judge: Outbound::check_addr }
    }

    /// A guard to which one address of this machine is public.
    #[cfg(all(test, feature = "reqwest", feature = "hyper"))]
    pub(crate) fn playing(
        outbound: Outbound,
        judge: fn(&Outbound, IpAddr) -> Result<(), SpecialAddress>,
    ) -> Guard {
        Guard { outbound, judge }
    }

    pub(crate) fn check_url(&self, url: &str) -> Result<CheckedUrl, OutboundError> {
        self.outbound.check_url(url)
    }

    /// Checks the URL of a redirect, after so many requests of one fetch.
    #[cfg(feature = "reqwest")]
    pub(crate) fn check_redirect(&self, requests: usize, url: &str) -> Result<(), OutboundError> {
        if requests > self.outbound.redirects() {
            return Err(OutboundError::Redirects);
        }
        self.check_url(url).map(drop)
    }

    /// The public ones among the addresses that a name has resolved to. They have no port, so that
    /// the URL's is used, which has been checked.
    pub(crate) fn public(
        &self,
        addresses: impl Iterator<Item = SocketAddr>,
    ) -> Result<std::vec::IntoIter<SocketAddr>, BoxError> {
        let mut public = Vec::new();
        let mut refused = None;
        for mut address in addresses {
            match (self.judge)(&self.outbound, address.ip()) {
                Ok(()) => {
                    address.set_port(0);
                    public.push(address);
                }
                Err(special) => refused = refused.or(Some(special)),
            }
        }
        match refused {
            Some(special) if public.is_empty() => Err(OutboundError::from(special).into()),
            None if public.is_empty() => {
                Err(io::Error::new(io::ErrorKind::NotFound, "the host has no address").into())
            }
            _ => Ok(public.into_iter()),
        }
    }
}
