//! Keys that are fetched.

use portcullis::{KeySource, SignatureAlgorithm};
use shop::keys;

/// The key of RFC 8037, appendix A, worth nothing.
const SET: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "2026-01",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

#[tokio::test]
async fn keys_come_as_soon_as_the_service_runs() {
    let source = KeySource::new(&[SignatureAlgorithm::EdDsa]);
    let following =
        tokio::spawn(keys::follow(source.clone(), async || Ok::<_, String>(SET.into())));
    while source.updated().is_none() {
        assert!(!following.is_finished());
        tokio::task::yield_now().await;
    }
    following.abort();
}
