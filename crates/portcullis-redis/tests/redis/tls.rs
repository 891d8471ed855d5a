//! Over TLS: to whom, and as whom.

use std::path::Path;
use std::time::Duration;

use portcullis::store::{Algorithm, Budget};
use portcullis_redis::{ConnectError, RedisOptions};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

use crate::counting::{admits, limit, one};
use crate::server::{Server, free_port};
use crate::wait::until;

/// Who signs certificates.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { pem, issuer: Issuer::new(params, key) }
    }

    /// A certificate for a name, and its key.
    fn sign(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        // One that is called as its authority is passes for signed by itself.
        params.distinguished_name.push(DnType::CommonName, name);
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// A server whose certificate is for a name, and that asks clients for theirs or not.
struct Guarded {
    authority: Authority,
    /// Tests speak to it by its plain port, the store by the other.
    server: Server,
    port: u16,
    _folder: TempDir,
}

impl Guarded {
    fn start(name: &str, asks_clients: &str) -> Guarded {
        let authority = Authority::new();
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = authority.sign(name);
        let write = |name: &str, text: &str| {
            let path = Path::new(folder.path()).join(name);
            std::fs::write(&path, text).unwrap();
            path.into_os_string().into_string().unwrap()
        };
        let certificate = write("certificate", &certificate);
        let (key, authorities) = (write("key", &key), write("authorities", &authority.pem));
        let port = free_port();
        let tls_port = port.to_string();
        let server = Server::bare(&[
            "--tls-port",
            &tls_port,
            "--tls-cert-file",
            &certificate,
            "--tls-key-file",
            &key,
            "--tls-ca-cert-file",
            &authorities,
            "--tls-auth-clients",
            asks_clients,
        ]);
        Guarded { authority, server, port, _folder: folder }
    }

    fn options(&self, authority: &Authority, own: Option<(String, String)>) -> RedisOptions {
        let url = format!("rediss://127.0.0.1:{}", self.port);
        let own = own.map(|(certificate, key)| (certificate.into_bytes(), key.into_bytes()));
        let authorities = Some(authority.pem.clone().into_bytes());
        let options = RedisOptions::with_certificates(&url, authorities, own).unwrap();
        options.timeout(Duration::from_secs(2))
    }
}

fn is_refused(options: &RedisOptions) -> bool {
    matches!(options.initialise(), Err(ConnectError::Unreachable))
}

fn works(options: RedisOptions) {
    options.initialise().unwrap();
    let store = options.connect().unwrap();
    until("it hears what is revoked", || store.health().push);
    let hourly = Budget::new("hourly", &[limit(1, 3600)], Algorithm::TokenBucket);
    assert!(admits(&store, &[one(&hourly, b"ada")]));
    assert!(!admits(&store, &[one(&hourly, b"ada")]));
}

#[test]
fn a_server_is_gone_by_that_an_authority_vouches_for() {
    let guarded = Guarded::start("127.0.0.1", "no");
    works(guarded.options(&guarded.authority, None));
    let is_there = |key: &str| guarded.server.ask(&["EXISTS", key]) == "1";
    assert!(is_there("{portcullis}:epoch"), "it is this server");
    guarded.server.ask(&["FLUSHALL"]);

    let another = Authority::new();
    assert!(is_refused(&guarded.options(&another, None)));
    // Those of this machine do not know it either.
    let url = format!("rediss://127.0.0.1:{}", guarded.port);
    assert!(is_refused(&RedisOptions::new(&url).unwrap()));
    // Nothing is said in plain where TLS is spoken.
    assert!(is_refused(&RedisOptions::new(&url.replace("rediss", "redis")).unwrap()));
    assert!(!is_there("{portcullis}:epoch"));
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let guarded = Guarded::start("redis.example", "no");
    assert!(is_refused(&guarded.options(&guarded.authority, None)));
}

#[test]
fn a_server_that_asks_who_comes_is_told() {
    let guarded = Guarded::start("127.0.0.1", "yes");
    let own = guarded.authority.sign("shop");
    works(guarded.options(&guarded.authority, Some(own)));
    assert!(is_refused(&guarded.options(&guarded.authority, None)));
    let strangers = Authority::new().sign("shop");
    assert!(is_refused(&guarded.options(&guarded.authority, Some(strangers))));
}

#[test]
fn what_is_no_certificate_is_no_option() {
    let url = "rediss://127.0.0.1:6380";
    let (_, key) = Authority::new().sign("shop");
    let own = Some((b"nonsense".to_vec(), key.into_bytes()));
    let options = RedisOptions::with_certificates(url, None, own);
    assert!(matches!(options, Err(ConnectError::Address(_))), "{options:?}");
    // Neither is one for a way that has none.
    let authorities = Some(Authority::new().pem.into_bytes());
    let options = RedisOptions::with_certificates("redis://127.0.0.1:6379", authorities, None);
    assert!(matches!(options, Err(ConnectError::Address(_))), "{options:?}");
}
