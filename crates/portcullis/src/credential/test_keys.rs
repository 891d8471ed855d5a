//! TEST KEYS: published with the source, so worth nothing anywhere else.

use jsonwebtoken::EncodingKey;
use portcullis_compiler::plan::SignatureAlgorithm;

use super::Key;

pub(super) const TEST_SECRET: &[u8] = b"test-only secret, of 32 bytes...";
pub(super) const OTHER_TEST_SECRET: &[u8] = b"test-only secret, another one...";

pub(super) const TEST_P256: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEl+tgtVp/Kuep5to5cJcAGzMxqVxK
tdcAFdRIy6cVLVgt2BjGA5ne4Ry6h8BoEqm1m4eU0eIUR7xeWNOSY1sMxg==
-----END PUBLIC KEY-----
";
pub(super) const TEST_P256_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWuZ8P/QMuudwmiqJ
cD1kDIXd6faytGtW352nZQRKt1+hRANCAASX62C1Wn8q56nm2jlwlwAbMzGpXEq1
1wAV1EjLpxUtWC3YGMYDmd7hHLqHwGgSqbWbh5TR4hRHvF5Y05JjWwzG
-----END PRIVATE KEY-----
";

pub(super) const TEST_ED25519: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEACQwdT1OcQKxkzQzLprUnNeVlb+OZYtikGyR24ZYhNIk=
-----END PUBLIC KEY-----
";
pub(super) const TEST_ED25519_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIGf+iJRtPkjrWG+3ply/d+QhG1JZeQimc+m5ICrZGZS/
-----END PRIVATE KEY-----
";

pub(super) const TEST_P384: &str = "-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEPjo/4c2ybzlRDSX9QsMtvwc5RdY5TtS6
4M1nK9YTzelWhpTyfqHyXoXeth34BX9F0Cj5u4snysDKimj+fN6Bo/NIbRlM/usm
NUkSJ9xnWfRUZnSBYS/Kf7NwsS4sroyW
-----END PUBLIC KEY-----
";

pub(super) fn key(algorithm: SignatureAlgorithm) -> Key {
    match algorithm {
        SignatureAlgorithm::Hs256 => Key::hs256(TEST_SECRET).unwrap(),
        SignatureAlgorithm::Es256 => Key::es256_pem(TEST_P256).unwrap(),
        SignatureAlgorithm::EdDsa => Key::eddsa_pem(TEST_ED25519).unwrap(),
    }
}

/// The algorithm's name in a header, and what signs as the [`key`] of it.
pub(super) fn signer(algorithm: SignatureAlgorithm) -> (jsonwebtoken::Algorithm, EncodingKey) {
    match algorithm {
        SignatureAlgorithm::Hs256 => {
            (jsonwebtoken::Algorithm::HS256, EncodingKey::from_secret(TEST_SECRET))
        }
        SignatureAlgorithm::Es256 => (
            jsonwebtoken::Algorithm::ES256,
            EncodingKey::from_ec_pem(TEST_P256_PRIVATE.as_bytes()).unwrap(),
        ),
        SignatureAlgorithm::EdDsa => (
            jsonwebtoken::Algorithm::EdDSA,
            EncodingKey::from_ed_pem(TEST_ED25519_PRIVATE.as_bytes()).unwrap(),
        ),
    }
}
