//! For reqwest: a client that is held to an outbound.

use std::sync::Arc;

use portcullis::{Outbound, OutboundError};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{ClientBuilder, Method, RequestBuilder, redirect};

use crate::guard::Guard;

/// A client that fetches only what the policy lets out. Cheap to clone, and meant to be kept.
///
/// It checks the URL of each request, each redirect, and each address before it connects. It uses no
/// proxy, and sends no `Referer` to where it is redirected.
///
/// ```no_run
/// # async fn fetch(engine: portcullis::Engine) -> Result<(), Box<dyn std::error::Error>> {
/// use portcullis_outbound::reqwest::{Client, SystemResolver};
///
/// let covers = engine.outbound("covers").ok_or("the policy has no outbound `covers`")?;
/// let builder = reqwest::Client::builder().timeout(std::time::Duration::from_secs(5));
/// let client = Client::build(covers, builder, SystemResolver)?;
/// let answer = client.get("https://covers.example.com/1.png")?.send().await?;
/// # let _ = answer;
/// # Ok(())
/// # }
/// ```
///
/// TLS is reqwest's: name the feature of it that you want, such as `rustls`, in your own dependency on
/// reqwest.
#[derive(Clone, Debug)]
pub struct Client {
    guard: Guard,
    client: ::reqwest::Client,
}

impl Client {
    /// A client with reqwest's defaults and the system's resolver.
    ///
    /// # Errors
    /// reqwest cannot set up its client.
    pub fn new(outbound: Outbound) -> ::reqwest::Result<Client> {
        Client::build(outbound, ::reqwest::Client::builder(), SystemResolver)
    }

    /// A client with what a builder says (timeouts, TLS, headers) and a resolver. What the builder says
    /// of redirects, proxies, `Referer` and resolvers is set aside. What it says of a single name by
    /// `ClientBuilder::resolve` holds, and is checked by nobody.
    ///
    /// # Errors
    /// reqwest cannot set up its client.
    pub fn build(
        outbound: Outbound,
        builder: ClientBuilder,
        resolver: impl Resolve + 'static,
    ) -> ::reqwest::Result<Client> {
        Client::guarded(Guard::new(outbound), builder, resolver)
    }

    pub(crate) fn guarded(
        guard: Guard,
        builder: ClientBuilder,
        resolver: impl Resolve + 'static,
    ) -> ::reqwest::Result<Client> {
        let redirects = guard.clone();
        let follow = move |attempt: redirect::Attempt<'_>| match redirects
            .check_redirect(attempt.previous().len(), attempt.url().as_str())
        {
            Ok(()) => attempt.follow(),
            Err(why) => attempt.error(why),
        };
        let client = builder
            .dns_resolver(Arc::new(PublicResolver { guard: guard.clone(), resolver }))
            .redirect(redirect::Policy::custom(follow))
            .referer(false)
            .no_proxy()
            .build()?;
        Ok(Client { guard, client })
    }

    /// Begins a request to a URL, which is fetched in its normal form.
    ///
    /// # Errors
    /// The rule that the URL breaks.
    pub fn request(&self, method: Method, url: &str) -> Result<RequestBuilder, OutboundError> {
        let url = self.guard.check_url(url)?;
        Ok(self.client.request(method, url.as_str()))
    }

    /// Begins a GET; see [`Client::request`].
    ///
    /// # Errors
    /// The rule that the URL breaks.
    pub fn get(&self, url: &str) -> Result<RequestBuilder, OutboundError> {
        self.request(Method::GET, url)
    }
}

/// A resolver that drops the addresses which are not public, and fails where none is left.
///
/// It is a part of [`Client`], for those who build reqwest's own. That one asks no resolver about a URL
/// whose host is an address: check every URL there, and every redirect.
#[derive(Clone, Debug)]
pub struct PublicResolver<R = SystemResolver> {
    guard: Guard,
    resolver: R,
}

impl PublicResolver {
    /// In front of the system's resolver.
    #[must_use]
    pub fn new(outbound: Outbound) -> PublicResolver {
        PublicResolver::over(outbound, SystemResolver)
    }
}

impl<R: Resolve> PublicResolver<R> {
    /// In front of another resolver.
    #[must_use]
    pub fn over(outbound: Outbound, resolver: R) -> PublicResolver<R> {
        PublicResolver { guard: Guard::new(outbound), resolver }
    }
}

impl<R: Resolve> Resolve for PublicResolver<R> {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.guard.clone();
        let resolved = self.resolver.resolve(name);
        Box::pin(async move {
            let public = guard.public(resolved.await?)?;
            Ok(Box::new(public) as Addrs)
        })
    }
}

/// The resolver of the system, asked on a thread of its own.
#[derive(Clone, Copy, Debug)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(addresses.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}
