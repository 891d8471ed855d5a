//! The caller's attributes.

use portcullis_compiler::plan::{ClaimType, SignatureAlgorithm::Hs256};

use super::{HEADER, claim, credential, decide, key, mint, payload_with};
use crate::credential::ClaimValue;
use crate::{Reason, Timestamp};

/// What becomes of the claim `x` of the payload, read as that type from that path.
fn read(
    text: Option<&str>,
    path: &str,
    kind: ClaimType,
    optional: bool,
) -> Result<ClaimValue, Reason> {
    let mut credential = credential();
    credential.claims.push(claim("x", path, kind, optional));
    let token = mint(HEADER, &payload_with("x", text), Hs256);
    let mut values = decide(&token, &credential, &[key(Hs256)])?;
    assert_eq!(values.len(), 2);
    assert!(values[0] == ClaimValue::Text("u1".to_owned()));
    Ok(values.remove(1))
}

fn text(text: &str) -> ClaimValue {
    ClaimValue::Text(text.to_owned())
}

const ID: &str = "\"67e55044-10b1-426f-9247-bb680e5fe0c8\"";
const UUID: u128 = 0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8;

#[test]
fn each_type_takes_its_own_values() {
    let cases = [
        (ClaimType::String, "\"\"", text("")),
        (ClaimType::String, "\"\\u00e9\"", text("é")),
        (ClaimType::Int, "-7", ClaimValue::Int(-7)),
        (ClaimType::Int, "9223372036854775807", ClaimValue::Int(i64::MAX)),
        (ClaimType::Bool, "false", ClaimValue::Bool(false)),
        (ClaimType::Uuid, ID, ClaimValue::Uuid(UUID)),
        (ClaimType::Time, "7", ClaimValue::Time(Timestamp::from_seconds(7))),
        (ClaimType::Time, "-0.5", ClaimValue::Time(Timestamp::from_nanos(-500_000_000))),
        (ClaimType::Enumeration(0), "\"free\"", ClaimValue::Member(0)),
        (ClaimType::Enumeration(0), "\"PRO\"", ClaimValue::Member(1)),
        (ClaimType::Role, "\"user\"", ClaimValue::Role(Some(1))),
        (ClaimType::Role, "\"ROLE_ADMIN\"", ClaimValue::Role(Some(2))),
    ];
    for (kind, value, expected) in cases {
        for optional in [false, true] {
            assert!(read(Some(value), "x", kind, optional) == Ok(expected.clone()), "{value}");
        }
    }
    let upper = format!("\"{}\"", ID.trim_matches('"').to_uppercase());
    assert!(read(Some(&upper), "x", ClaimType::Uuid, false) == Ok(ClaimValue::Uuid(UUID)));
}

#[test]
fn ill_typed_claims_are_refused_even_where_they_may_be_absent() {
    let cases: &[(ClaimType, &[&str])] = &[
        (ClaimType::String, &["1", "true", "[\"a\"]", "{}"]),
        (ClaimType::Int, &["1.0", "1e2", "-0", "9223372036854775808", "\"1\"", "true"]),
        (ClaimType::Bool, &["0", "\"true\"", "[]"]),
        (
            ClaimType::Uuid,
            &[
                "\"67e5504410b1426f9247bb680e5fe0c8\"",
                "\"{67e55044-10b1-426f-9247-bb680e5fe0c8}\"",
                "\"urn:uuid:67e55044-10b1-426f-9247-bb680e5fe0c8\"",
                "\"67e55044-10b1-426f-9247-bb680e5fe0cg\"",
                "\"67e55044-10b1-426f-9247bb680e5fe0c8-\"",
                "\"\"",
                "1",
            ],
        ),
        (ClaimType::Time, &["\"7\"", "1e300", "9223372037", "true"]),
        (ClaimType::Enumeration(0), &["\"pro\"", "\"Free\"", "\"\"", "0"]),
        (ClaimType::Enumeration(9), &["\"free\""]),
        (ClaimType::Role, &["1", "[\"user\"]", "{}"]),
    ];
    for (kind, values) in cases {
        for value in *values {
            for optional in [false, true] {
                let read = read(Some(value), "x", *kind, optional);
                assert!(read == Err(Reason::InvalidCredential), "{kind:?} {value} {optional}");
            }
        }
    }
}

#[test]
fn absence_is_refused_unless_the_policy_allows_it() {
    for kind in [
        ClaimType::String,
        ClaimType::Int,
        ClaimType::Bool,
        ClaimType::Uuid,
        ClaimType::Time,
        ClaimType::Enumeration(0),
        ClaimType::Role,
    ] {
        for value in [None, Some("null")] {
            assert!(read(value, "x", kind, true) == Ok(ClaimValue::Absent), "{kind:?}");
            assert!(read(value, "x", kind, false) == Err(Reason::InvalidCredential), "{kind:?}");
        }
    }
}

#[test]
fn a_role_that_is_not_known_grants_nothing() {
    for value in ["\"root\"", "\"\"", "\"User\"", "\"admin\"", "\"user \""] {
        let read = read(Some(value), "x", ClaimType::Role, false);
        assert!(read == Ok(ClaimValue::Role(None)), "{value}");
    }
}

#[test]
fn the_role_of_no_credential_is_given_by_none() {
    let read = read(Some("\"anonymous\""), "x", ClaimType::Role, false);
    assert!(read == Ok(ClaimValue::Role(None)));
}

#[test]
fn a_path_descends_through_objects_alone() {
    let read = |text: &str, optional| read(Some(text), "x/a/b", ClaimType::String, optional);
    assert!(read(r#"{"a":{"b":"v"}}"#, false) == Ok(text("v")));
    for absent in ["{}", r#"{"a":{}}"#, r#"{"a":null}"#, r#"{"a":{"b":null}}"#, r#"{"a/b":"v"}"#] {
        assert!(read(absent, true) == Ok(ClaimValue::Absent), "{absent}");
        assert!(read(absent, false) == Err(Reason::InvalidCredential), "{absent}");
    }
    for wrong in ["1", "\"v\"", "[]", r#"{"a":"v"}"#, r#"{"a":[{"b":"v"}]}"#, r#"{"a":{"b":1}}"#] {
        assert!(read(wrong, true) == Err(Reason::InvalidCredential), "{wrong}");
    }
}

#[test]
fn a_dot_in_a_claims_own_name_is_no_path() {
    let mut credential = credential();
    credential.claims = vec![claim("x", "x.y", ClaimType::String, false)];
    let payload = payload_with("x.y", Some("\"v\""));
    let values = decide(&mint(HEADER, &payload, Hs256), &credential, &[key(Hs256)]);
    assert!(values == Ok(vec![text("v")]));
}
