//! Where the store is, and how it is used.

use std::fmt;
use std::time::Duration;

use redis::{ClientTlsConfig, ConnectionAddr, IntoConnectionInfo, TlsCertificates};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::store::RedisStore;
use crate::{ConnectError, connect};

/// How long a request waits for Redis at most, unless it is said otherwise.
const TIMEOUT: Duration = Duration::from_millis(250);

/// How a store is reached and what it is called there.
#[derive(Clone)]
pub struct RedisOptions {
    pub(crate) client: redis::Client,
    pub(crate) namespace: String,
    pub(crate) timeout: Duration,
    pub(crate) leases: bool,
    /// Count by the times of the requests, which a test sets, and not by the server's.
    pub(crate) by_request_time: bool,
}

impl RedisOptions {
    /// Of a server at `redis://[user[:password]@]host[:port][/database]`, or `rediss://…` over TLS, whose certificate is
    /// checked by the certificates of this machine. `unix:///path` is a socket.
    ///
    /// # Errors
    ///
    /// If it is no such address.
    pub fn new(url: &str) -> Result<RedisOptions, ConnectError> {
        Ok(RedisOptions::of(redis::Client::open(url).map_err(ConnectError::address)?))
    }

    /// [`new`](RedisOptions::new), over TLS with certificates in PEM: those of the authorities that the server's is checked
    /// by, instead of this machine's, and where the server asks for it this client's own with its key.
    ///
    /// # Errors
    ///
    /// If it is no such address, or these are no certificates.
    pub fn with_certificates(
        url: &str,
        authorities: Option<Vec<u8>>,
        own: Option<(Vec<u8>, Vec<u8>)>,
    ) -> Result<RedisOptions, ConnectError> {
        let own_certificates = own.as_ref().map(|(certificates, _)| certificates);
        for certificates in authorities.iter().chain(own_certificates) {
            has_one(certificates)?;
        }
        let info = url.into_connection_info().map_err(ConnectError::address)?;
        let client_tls =
            own.map(|(client_cert, client_key)| ClientTlsConfig { client_cert, client_key });
        let certificates = TlsCertificates { client_tls, root_cert: authorities };
        let client = redis::Client::build_with_tls(info, certificates);
        Ok(RedisOptions::of(client.map_err(ConnectError::address)?))
    }

    fn of(client: redis::Client) -> RedisOptions {
        // The client goes by the cryptography of the process, and panics where there is none. What the service has chosen
        // stays.
        if matches!(client.get_connection_info().addr(), ConnectionAddr::TcpTls { .. })
            && CryptoProvider::get_default().is_none()
        {
            _ = ring::default_provider().install_default();
        }
        RedisOptions {
            client,
            namespace: "portcullis".to_owned(),
            timeout: TIMEOUT,
            leases: false,
            by_request_time: false,
        }
    }

    /// What the names of all keys begin with, in braces: `portcullis` unless it is said otherwise. Services that share a
    /// server and nothing else have one each.
    #[must_use]
    pub fn namespace(self, namespace: &str) -> RedisOptions {
        // A brace would end the part that a cluster goes by.
        let namespace = match namespace {
            "" => "portcullis".to_owned(),
            namespace => namespace.replace(['{', '}'], "_"),
        };
        RedisOptions { namespace, ..self }
    }

    /// How long a request waits for an answer of Redis at most: 250 ms unless it is said otherwise.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> RedisOptions {
        RedisOptions { timeout, ..self }
    }

    /// Whether this node takes shares of budgets that it charges often, and counts them by itself: those with a token
    /// bucket of one limit, of a thousand units a second or more, which are neither told nor given back. Not unless it is
    /// said.
    #[must_use]
    pub fn leases(self, leases: bool) -> RedisOptions {
        RedisOptions { leases, ..self }
    }

    /// For tests: counts by the time that each request brings, and not by the server's clock.
    #[must_use]
    pub fn by_request_time(self) -> RedisOptions {
        RedisOptions { by_request_time: true, ..self }
    }

    /// Says that this Redis is to be gone by from now on, whatever it has forgotten: once for a new one, and again by an
    /// operator when it came back without what it had. Nodes that run take it up by themselves.
    ///
    /// # Errors
    ///
    /// If it cannot be reached, or its settings do not do.
    pub fn initialise(&self) -> Result<(), ConnectError> {
        connect::initialise(self)
    }

    /// The store, when it is there.
    ///
    /// # Errors
    ///
    /// If it cannot be reached within five seconds, has no epoch ([`initialise`](RedisOptions::initialise)), or its settings
    /// do not do.
    pub fn connect(self) -> Result<RedisStore, ConnectError> {
        RedisStore::connect(self)
    }

    /// The store, whether it is there or not: until it is, what needs it is refused.
    ///
    /// # Errors
    ///
    /// If this process can start no thread for it.
    pub fn connect_later(self) -> Result<RedisStore, ConnectError> {
        RedisStore::connect_later(self)
    }
}

/// The client takes a text without any for one with none.
fn has_one(certificates: &[u8]) -> Result<(), ConnectError> {
    match CertificateDer::pem_slice_iter(certificates).next() {
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) => Err(ConnectError::Address(error.into())),
        None => Err(ConnectError::Address("no certificate in PEM is found".into())),
    }
}

// An address may have a password in it.
impl fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOptions").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}
