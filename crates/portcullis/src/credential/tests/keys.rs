//! What is taken as a key.

use portcullis_compiler::plan::SignatureAlgorithm;

use crate::credential::test_keys::{
    TEST_ED25519, TEST_ED25519_PRIVATE, TEST_P256, TEST_P256_PRIVATE, TEST_P384, TEST_RSA,
    TEST_RSA_PRIVATE, TEST_SECRET, TEST_SHORT_RSA,
};
use crate::credential::{Key, KeyError};

#[test]
fn a_secret_is_as_long_as_what_the_hash_gives() {
    use SignatureAlgorithm::{Hs256, Hs384, Hs512};
    for (algorithm, least) in [(Hs256, 32), (Hs384, 48), (Hs512, 64)] {
        assert!(Key::secret(algorithm, &vec![7; least]).is_ok());
        assert!(Key::secret(algorithm, &[7; 100]).is_ok());
        for found in [0, 1, least - 1] {
            let refused = Key::secret(algorithm, &vec![7; found]).err();
            assert_eq!(refused, Some(KeyError::ShortSecret { least, found }));
        }
    }
}

#[test]
fn an_rsa_key_has_2048_bits() {
    use SignatureAlgorithm::{Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    for algorithm in [Rs256, Rs384, Rs512, Ps256, Ps384, Ps512] {
        assert!(Key::pem(algorithm, TEST_RSA).is_ok());
        let refused = Key::pem(algorithm, TEST_SHORT_RSA).err();
        assert_eq!(refused, Some(KeyError::ShortRsaKey { found: 1024 }));
        for other in [TEST_P256, TEST_P384, TEST_ED25519, TEST_RSA_PRIVATE, "x"] {
            assert_eq!(
                Key::pem(algorithm, other).err(),
                Some(KeyError::NotPublicKey { expected: "RSA" })
            );
        }
    }
}

#[test]
fn a_key_of_one_kind_serves_no_algorithm_of_another() {
    for (_, algorithm) in SignatureAlgorithm::ALL {
        let secret = Key::secret(*algorithm, TEST_SECRET).is_ok();
        let public = [TEST_RSA, TEST_P256, TEST_P384, TEST_ED25519];
        let public = public.iter().filter(|pem| Key::pem(*algorithm, pem).is_ok()).count();
        assert_eq!((secret, public), if secret { (true, 0) } else { (false, 1) }, "{algorithm:?}");
    }
    let refused = Key::secret(SignatureAlgorithm::Rs256, TEST_SECRET).unwrap_err();
    assert_eq!(refused.to_string(), "`RS256` takes a public key in PEM");
    let refused = Key::pem(SignatureAlgorithm::Hs512, TEST_RSA).unwrap_err();
    assert_eq!(refused.to_string(), "`HS512` takes a secret");
}

#[test]
fn a_key_in_pem_is_no_secret() {
    for pem in [TEST_P256, TEST_ED25519, TEST_P256_PRIVATE, &format!("\n {TEST_P256}")] {
        assert_eq!(
            Key::secret(SignatureAlgorithm::Hs256, pem.as_bytes()).err(),
            Some(KeyError::PemAsSecret)
        );
    }
}

#[test]
fn public_keys_are_of_the_right_kind() {
    assert!(Key::pem(SignatureAlgorithm::Es256, TEST_P256).is_ok());
    assert!(Key::pem(SignatureAlgorithm::EdDsa, TEST_ED25519).is_ok());
    assert!(
        Key::pem(SignatureAlgorithm::Es256, &format!("\n{}\n", TEST_P256.replace('\n', "\r\n")))
            .is_ok()
    );

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
        assert!(Key::pem(SignatureAlgorithm::Es256, pem).is_err(), "{pem}");
        assert!(Key::pem(SignatureAlgorithm::EdDsa, pem).is_err(), "{pem}");
    }
    assert!(Key::pem(SignatureAlgorithm::Es256, TEST_ED25519).is_err());
    assert!(Key::pem(SignatureAlgorithm::EdDsa, TEST_P256).is_err());
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
    let key = Key::secret(SignatureAlgorithm::Hs256, TEST_SECRET).unwrap().kid("2026");
    assert_eq!(format!("{key:?}"), "Key { algorithm: Hs256, kid: Some(\"2026\"), .. }");
    let shown = [
        format!("{:?}", Key::pem(SignatureAlgorithm::Es256, TEST_P256).unwrap()),
        format!(
            "{:?} {}",
            Key::pem(SignatureAlgorithm::Es256, secret).unwrap_err(),
            Key::pem(SignatureAlgorithm::Es256, secret).unwrap_err()
        ),
        format!("{:?}", Key::secret(SignatureAlgorithm::Hs256, &TEST_SECRET[..20]).unwrap_err()),
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
