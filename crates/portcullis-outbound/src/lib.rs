//! HTTP clients that fetch only what the `outbound` of a policy lets out.
//!
//! [`portcullis::Outbound`] judges URLs and addresses, and does no I/O. What is here puts it where the
//! I/O is: in front of a request, at the moment of connecting, and at each redirect.
//!
//! - `reqwest::Client`, with the feature `reqwest`, checks all three.
//! - `hyper::Connector`, with the feature `hyper`, checks the first two: hyper-util's client follows no
//!   redirects. For these there is [`portcullis::Fetch`].
//!
//! A name is resolved once. The addresses that are not public are dropped before anything connects to
//! one of them, so that a name which stands for another address by now leads nowhere (DNS rebinding).
//! No proxy is used: it would resolve the name once more, out of sight.

#[cfg(any(feature = "reqwest", feature = "hyper"))]
mod guard;
#[cfg(feature = "hyper")]
pub mod hyper;
#[cfg(feature = "reqwest")]
pub mod reqwest;
#[cfg(test)]
#[cfg(all(feature = "reqwest", feature = "hyper"))]
mod tests;
