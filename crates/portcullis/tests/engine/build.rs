//! A service that does not fit its policy does not start.

use portcullis::{
    AttributeType, Engine, Key, Policy, Resource, SettingValue, SignatureAlgorithm, Value,
};

use crate::{POLICY, builder};

macro_rules! order_like {
    ($name:ident, $($attribute:literal: $kind:expr),+) => {
        struct $name;
        impl Resource for $name {
            const ATTRIBUTES: &'static [(&'static str, AttributeType)] = &[$(($attribute, $kind)),+];
            fn attribute(&self, _: usize) -> Value<'_> { Value::Absent }
        }
    };
}

order_like!(Lacking, "id": AttributeType::Uuid, "status": AttributeType::Enum);
order_like!(IllTyped, "id": AttributeType::String, "user_id": AttributeType::Int, "status": AttributeType::Enum);
order_like!(MayBeAbsent, "id": AttributeType::Uuid, "user_id": AttributeType::Optional(&AttributeType::String), "status": AttributeType::Enum);

fn faults<T: Resource>() -> Vec<String> {
    let policy = Policy::parse([("orders.gate", POLICY)]).unwrap();
    let built = Engine::builder(policy).resource::<T>("order").without_keys().build();
    built.unwrap_err().faults().to_vec()
}

#[test]
fn a_type_that_does_not_fit_fails_the_build() {
    assert_eq!(
        faults::<Lacking>(),
        ["the type for `order` lacks `user_id`, which the policy reads"]
    );
    assert_eq!(faults::<IllTyped>().len(), 2, "every fault at once");
    assert_eq!(faults::<MayBeAbsent>().len(), 1);
}

#[test]
fn keys_and_profiles_are_held_to_the_policy() {
    let missing = builder().build().unwrap_err();
    assert!(missing.to_string().contains("no key"), "{missing}");
    let key = Key::secret(SignatureAlgorithm::Hs256, &[7; 32]).unwrap();
    assert!(builder().key("access", key.clone()).build().is_ok());
    let unknown = builder().key("acess", key).build().unwrap_err();
    assert_eq!(unknown.faults().len(), 2);
    let profile = builder().profile("production").without_keys().build().unwrap_err();
    assert!(profile.to_string().contains("no profile `production`"));
    let two = "transport { https off in a https required in b }";
    let policy = Policy::parse([("a.gate", two)]).unwrap();
    assert!(Engine::builder(policy).build().unwrap_err().to_string().contains("name the one"));
}

#[test]
fn a_weak_key_is_no_key_and_shows_nothing() {
    assert!(Key::secret(SignatureAlgorithm::Hs256, b"thirty-one bytes are not enough").is_err());
    assert!(Key::pem(SignatureAlgorithm::Es256, "no key").is_err());
    assert!(
        Key::pem(
            SignatureAlgorithm::EdDsa,
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"
        )
        .is_err()
    );
    let shown = format!(
        "{:?}",
        Key::secret(SignatureAlgorithm::Hs256, b"a test key that everybody may see").unwrap()
    );
    assert!(!shown.contains("test"), "{shown}");
}

/// A dummy stands for a setting until the service gives its value, which is then checked like one that
/// the policy holds.
#[test]
fn a_setting_from_the_service_is_checked_once_it_is_given() {
    const POLICY: &str = r#"
        setting base: string from host
        setting front: url from host
        setting office: network from host
        transport { hosts ["shop.example"] }
        resource page { key id: int at: url }
        route GET /a { public deny when request.path == base or request.ip in office returns nothing }
        route GET /b/{id} {
            public params { id: int } loads page by params.id
            deny when page.at == front returns nothing
        }
    "#;
    let built = |base: &str, front: &str, prefix: u8| {
        let policy = Policy::parse([("a.gate", POLICY)]).unwrap();
        let office = SettingValue::Network(std::net::Ipv4Addr::LOCALHOST.into(), prefix);
        let builder = Engine::builder(policy).setting("base", base).setting("front", front);
        builder.setting("office", office).build().map(drop)
    };
    assert_eq!(built("/a", "https://shop.example/", 8), Ok(()));
    for (base, front, prefix, said) in [
        ("a", "https://shop.example/", 8, "no request has this"),
        ("/a", "/relative", 8, "expected a url"),
        ("/a", "https://shop.example/", 33, "expected `network`"),
    ] {
        let faults = built(base, front, prefix).unwrap_err().to_string();
        assert!(faults.contains(said), "{faults}");
    }
    let policy = Policy::parse([("a.gate", POLICY)]).unwrap();
    let missing = Engine::builder(policy).build().map(drop).unwrap_err().to_string();
    assert!(missing.contains("base") && missing.contains("front"), "{missing}");
}
