//! What is taken as a key.

use portcullis_compiler::plan::SignatureAlgorithm;

use crate::credential::test_keys::{
    TEST_ED25519, TEST_ED25519_PRIVATE, TEST_P256, TEST_P256_PRIVATE, TEST_P384, TEST_SECRET,
};
use crate::credential::{Key, KeyError};

#[test]
fn a_secret_has_256_bits() {
    assert!(Key::hs256(&[7; 32]).is_ok());
    assert!(Key::hs256(&[7; 100]).is_ok());
    for length in [0, 1, 31] {
        let refused = Key::hs256(&vec![7; length]).err();
        assert_eq!(refused, Some(KeyError::ShortSecret { found: length }));
    }
}

#[test]
fn a_key_in_pem_is_no_secret() {
    for pem in [TEST_P256, TEST_ED25519, TEST_P256_PRIVATE, &format!("\n {TEST_P256}")] {
        assert_eq!(Key::hs256(pem.as_bytes()).err(), Some(KeyError::PemAsSecret));
    }
}

#[test]
fn public_keys_are_of_the_right_kind() {
    assert!(Key::es256_pem(TEST_P256).is_ok());
    assert!(Key::eddsa_pem(TEST_ED25519).is_ok());
    assert!(Key::es256_pem(&format!("\n{}\n", TEST_P256.replace('\n', "\r\n"))).is_ok());

    let off_the_curve = TEST_P256.replace("sMxg==", "sMxw==");
    assert_ne!(off_the_curve, TEST_P256);
    let certificate = TEST_P256.replace("PUBLIC KEY", "CERTIFICATE");
    let rsa = TEST_P256.replace("PUBLIC KEY", "RSA PUBLIC KEY");
    let two = format!("{TEST_P256}{TEST_P256}");
    // The length of the key in it is 31 instead of 32 bytes.
    let short = "-----BEGIN PUBLIC KEY-----
MCkwBQYDK2VwAyAACQwdT1OcQKxkzQzLprUnNeVlb+OZYtikGyR24ZYhNA==
-----END PUBLIC KEY-----
";
    let cases = [
        "",
        "x",
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----\n",
        TEST_P384,
        TEST_P256_PRIVATE,
        TEST_ED25519_PRIVATE,
        &off_the_curve,
        &certificate,
        &rsa,
        &two,
        short,
    ];
    for pem in cases {
        assert!(Key::es256_pem(pem).is_err(), "{pem}");
        assert!(Key::eddsa_pem(pem).is_err(), "{pem}");
    }
    assert!(Key::es256_pem(TEST_ED25519).is_err());
    assert!(Key::eddsa_pem(TEST_P256).is_err());
}

#[test]
fn a_variable_that_is_not_there_is_named() {
    let variable = "PORTCULLIS_TEST_VARIABLE_THAT_IS_NOT_SET";
    let refused = Key::from_env(variable, SignatureAlgorithm::Hs256).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("expected a key in the environment variable `{variable}`, found none")
    );
}

#[test]
fn no_key_material_is_shown() {
    let secret = std::str::from_utf8(TEST_SECRET).unwrap();
    let key = Key::hs256(TEST_SECRET).unwrap().kid("2026");
    assert_eq!(format!("{key:?}"), "Key { algorithm: Hs256, kid: Some(\"2026\"), .. }");
    let shown = [
        format!("{:?}", Key::es256_pem(TEST_P256).unwrap()),
        format!(
            "{:?} {}",
            Key::es256_pem(secret).unwrap_err(),
            Key::es256_pem(secret).unwrap_err()
        ),
        format!("{:?}", Key::hs256(&TEST_SECRET[..20]).unwrap_err()),
    ];
    for shown in shown {
        assert!(!shown.contains("test-only") && !shown.contains("MFkw"), "{shown}");
        assert!(!shown.contains("[116,"), "{shown}");
    }
}

#[test]
fn a_key_crosses_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Key>();
}
