//! For hyper-util's client: a connector that is held to an outbound.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use portcullis::Outbound;
use tower_service::Service;

use crate::guard::{BoxError, Guard};

/// Connects to what the policy lets out, over TCP.
///
/// It checks the scheme, the host and the port of each URL that it is to connect for, whether its host
/// is a name or an address, and then each address that a name resolves to. The path it never sees: check
/// the whole text by [`Outbound::check_url`] when it is accepted.
#[derive(Clone, Debug)]
pub struct Connector<R = GaiResolver> {
    guard: Guard,
    tcp: HttpConnector<PublicResolver<R>>,
}

impl Connector {
    /// A connector with the system's resolver. It connects for `http` alone.
    #[must_use]
    pub fn new(outbound: Outbound) -> Connector {
        Connector::over(outbound, GaiResolver::new())
    }
}

impl<R> Connector<R> {
    /// A connector with another resolver.
    #[must_use]
    pub fn over(outbound: Outbound, resolver: R) -> Connector<R> {
        Connector::guarded(Guard::new(outbound), resolver)
    }

    pub(crate) fn guarded(guard: Guard, resolver: R) -> Connector<R> {
        let resolver = PublicResolver { guard: guard.clone(), resolver };
        Connector { guard, tcp: HttpConnector::new_with_resolver(resolver) }
    }

    /// Connects for `https` too. Only for within a connector that puts TLS around what this one opens:
    /// what is meant to be encrypted would be sent in the clear otherwise.
    #[must_use]
    pub fn under_tls(mut self) -> Connector<R> {
        self.tcp.enforce_http(false);
        self
    }

    /// The connector within, for its timeouts and sockets' options.
    pub fn tcp_mut(&mut self) -> &mut HttpConnector<PublicResolver<R>> {
        &mut self.tcp
    }
}

impl<R> Service<Uri> for Connector<R>
where
    HttpConnector<PublicResolver<R>>: Service<Uri>,
    <HttpConnector<PublicResolver<R>> as Service<Uri>>::Error: Into<BoxError>,
    <HttpConnector<PublicResolver<R>> as Service<Uri>>::Future: Send + 'static,
{
    type Response = <HttpConnector<PublicResolver<R>> as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        // A `Uri` prints as the text that it was made of, so nothing has been repaired on the way.
        if let Err(why) = self.guard.check_url(&uri.to_string()) {
            return Box::pin(async move { Err(why.into()) });
        }
        let connecting = self.tcp.call(uri);
        Box::pin(async move { connecting.await.map_err(Into::into) })
    }
}

/// A connection on its way.
pub type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// A resolver that drops the addresses which are not public, and fails where none is left.
///
/// It is a part of [`Connector`], for those who build hyper-util's own `HttpConnector`. That one asks no
/// resolver about a URL whose host is an address: check every URL there.
#[derive(Clone, Debug)]
pub struct PublicResolver<R = GaiResolver> {
    guard: Guard,
    resolver: R,
}

impl PublicResolver {
    /// In front of the system's resolver.
    #[must_use]
    pub fn new(outbound: Outbound) -> PublicResolver {
        PublicResolver::over(outbound, GaiResolver::new())
    }
}

impl<R> PublicResolver<R> {
    /// In front of another resolver.
    #[must_use]
    pub fn over(outbound: Outbound, resolver: R) -> PublicResolver<R> {
        PublicResolver { guard: Guard::new(outbound), resolver }
    }
}

impl<R> Service<Name> for PublicResolver<R>
where
    R: Service<Name>,
    R::Response: Iterator<Item = SocketAddr>,
    R::Error: Into<BoxError>,
    R::Future: Send + 'static,
{
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.resolver.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let guard = self.guard.clone();
        let resolving = self.resolver.call(name);
        Box::pin(async move { guard.public(resolving.await.map_err(Into::into)?) })
    }
}
