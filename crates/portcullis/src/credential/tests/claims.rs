//! The caller's attributes.

use portcullis_compiler::plan::{ClaimType, Constant, SignatureAlgorithm::Hs256, Type};

use super::{HEADER, NOW, claim, credential, decide, key, mint, payload_with, plan};
use crate::caller::{Caller, Claims};
use crate::credential::{Keyring, accept};
use crate::{Reason, Timestamp};

/// What becomes of the claim `x` of the payload, read as that type from that path.
fn claims(
    text: Option<&str>,
    path: &str,
    kind: ClaimType,
    optional: bool,
) -> Result<Claims, Reason> {
    let mut credential = credential();
    credential.claims.push(claim(1, path, optional));
    let token = mint(HEADER, &payload_with("x", text), Hs256);
    let now = Timestamp::from_seconds(NOW);
    let keys = Keyring::fixed(&[key(Hs256)]);
    let (claims, _) = accept(&token, credential.asked(), &keys, &plan(Some(kind)), now)?;
    assert_eq!(claims.values.len(), 2);
    assert_eq!(claims.values[0], Some(text_of("u1")));
    Ok(claims)
}

/// The value of the claim `x`, of a type that conditions read.
fn read(
    text: Option<&str>,
    path: &str,
    kind: Type,
    optional: bool,
) -> Result<Option<Constant>, Reason> {
    claims(text, path, ClaimType::Plain(kind), optional).map(|mut claims| claims.values.remove(1))
}

fn text_of(text: &str) -> Constant {
    Constant::Text(text.to_owned())
}

const ID: &str = "\"67e55044-10b1-426f-9247-bb680e5fe0c8\"";
const UUID: u128 = 0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8;

#[test]
fn each_type_takes_its_own_values() {
    let cases = [
        (Type::String, "\"\"", text_of("")),
        (Type::String, "\"\\u00e9\"", text_of("é")),
        (Type::Int, "-7", Constant::Int(-7)),
        (Type::Int, "9223372036854775807", Constant::Int(i64::MAX)),
        (Type::Bool, "false", Constant::Bool(false)),
        (Type::Uuid, ID, Constant::Uuid(UUID)),
        (Type::Time, "7", Constant::Time(7_000_000_000)),
        (Type::Time, "-0.5", Constant::Time(-500_000_000)),
        (Type::Enumeration(0), "\"free\"", Constant::Member(0)),
        (Type::Enumeration(0), "\"PRO\"", Constant::Member(1)),
        (Type::Number, "7", Constant::Number(7.0)),
        (Type::Duration, "90", Constant::Duration(90_000_000_000)),
        (Type::Ip, "\"::ffff:192.0.2.1\"", Constant::Ip([192, 0, 2, 1].into())),
        (
            Type::List(Box::new(Type::Int)),
            "[1, 2]",
            Constant::List(vec![Constant::Int(1), Constant::Int(2)]),
        ),
    ];
    for (kind, value, expected) in cases {
        for optional in [false, true] {
            assert!(
                read(Some(value), "x", kind.clone(), optional) == Ok(Some(expected.clone())),
                "{value}"
            );
        }
    }
    let upper = format!("\"{}\"", ID.trim_matches('"').to_uppercase());
    assert!(read(Some(&upper), "x", Type::Uuid, false) == Ok(Some(Constant::Uuid(UUID))));
}

#[test]
fn ill_typed_claims_are_refused_even_where_they_may_be_absent() {
    let cases: &[(Type, &[&str])] = &[
        (Type::String, &["1", "true", "[\"a\"]", "{}"]),
        (Type::Int, &["1.0", "1e2", "-0", "9223372036854775808", "\"1\"", "true"]),
        (Type::Bool, &["0", "\"true\"", "[]"]),
        (
            Type::Uuid,
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
        (Type::Time, &["\"7\"", "1e300", "9223372037", "true"]),
        (Type::Enumeration(0), &["\"pro\"", "\"Free\"", "\"\"", "0"]),
        (Type::Enumeration(9), &["\"free\""]),
        (Type::Duration, &["-1", "1.5", "\"15m\"", "9223372037"]),
        (Type::Ip, &["\"192.0.2.256\"", "\"192.0.2.1/32\"", "1"]),
        (Type::List(Box::new(Type::Int)), &["1", "[1, \"2\"]", "[[1]]", "[null]"]),
    ];
    for (kind, values) in cases {
        for value in *values {
            for optional in [false, true] {
                let read = read(Some(value), "x", kind.clone(), optional);
                assert!(read == Err(Reason::InvalidCredential), "{kind:?} {value} {optional}");
            }
        }
    }
}

#[test]
fn absence_is_refused_unless_the_policy_allows_it() {
    for kind in [
        Type::String,
        Type::Int,
        Type::Bool,
        Type::Uuid,
        Type::Time,
        Type::Enumeration(0),
        Type::List(Box::new(Type::String)),
    ] {
        for value in [None, Some("null")] {
            assert!(read(value, "x", kind.clone(), true) == Ok(None), "{kind:?}");
            assert!(
                read(value, "x", kind.clone(), false) == Err(Reason::InvalidCredential),
                "{kind:?}"
            );
        }
    }
}

/// What a caller with such a claim is and may do: of the roles `user` and `admin`, and of the
/// permissions `read:a` and `write:a`, by index.
fn authority(text: &str, kind: ClaimType) -> Result<(Vec<usize>, Option<Vec<usize>>), Reason> {
    let claims = claims(Some(text), "x", kind.clone(), false)?;
    let roles = claims.roles.clone();
    let scoped = claims.scopes.is_some();
    let caller = Caller::new(&plan(Some(kind)), 0, claims, 1);
    let held = (0..2).filter(|index| caller.permissions.has(*index)).collect();
    Ok((roles, (scoped || caller.permissions.has(0) || caller.permissions.has(1)).then_some(held)))
}

#[test]
fn roles_are_known_by_their_names_outside() {
    let role = |text: &str| authority(text, ClaimType::Role).map(|(roles, _)| roles);
    assert_eq!(role("\"user\""), Ok(vec![1]));
    assert_eq!(role("\"ROLE_ADMIN\""), Ok(vec![2]));
    for unknown in ["\"root\"", "\"\"", "\"User\"", "\"admin\"", "\"user \"", "\"anonymous\""] {
        assert_eq!(role(unknown), Ok(vec![]), "{unknown}");
    }
    for wrong in ["1", "[\"user\"]", "{}"] {
        assert_eq!(role(wrong), Err(Reason::InvalidCredential), "{wrong}");
    }
    let roles = |text: &str| authority(text, ClaimType::Roles).map(|(roles, _)| roles);
    assert_eq!(roles("[\"user\", \"root\", \"ROLE_ADMIN\"]"), Ok(vec![1, 2]));
    for wrong in ["\"user\"", "[1]", "[\"user\", null]", "{}"] {
        assert_eq!(roles(wrong), Err(Reason::InvalidCredential), "{wrong}");
    }
}

#[test]
fn permissions_and_scopes_are_lists_or_words() {
    let held = |text: &str| authority(text, ClaimType::Permissions).map(|(_, held)| held);
    assert_eq!(held("\"read:a  write:a root:a\""), Ok(Some(vec![0, 1])));
    assert_eq!(held("[\"write:a\"]"), Ok(Some(vec![1])));
    assert_eq!(held("\"\""), Ok(None));
    for wrong in ["1", "[1]", "{}", "[\"read:a\", null]", "true"] {
        assert_eq!(held(wrong), Err(Reason::InvalidCredential), "{wrong}");
    }
    // Scopes narrow, and give nothing by themselves.
    let held = |text: &str| authority(text, ClaimType::Scopes).map(|(_, held)| held);
    for scopes in ["\"read:a\"", "[\"read:a\"]", "\"\"", "[]"] {
        assert_eq!(held(scopes), Ok(Some(vec![])), "{scopes}");
    }
}

#[test]
fn a_path_descends_through_objects_alone() {
    let read = |text: &str, optional| read(Some(text), "x/a/b", Type::String, optional);
    assert!(read(r#"{"a":{"b":"v"}}"#, false) == Ok(Some(text_of("v"))));
    for absent in ["{}", r#"{"a":{}}"#, r#"{"a":null}"#, r#"{"a":{"b":null}}"#, r#"{"a/b":"v"}"#] {
        assert!(read(absent, true) == Ok(None), "{absent}");
        assert!(read(absent, false) == Err(Reason::InvalidCredential), "{absent}");
    }
    for wrong in ["1", "\"v\"", "[]", r#"{"a":"v"}"#, r#"{"a":[{"b":"v"}]}"#, r#"{"a":{"b":1}}"#] {
        assert!(read(wrong, true) == Err(Reason::InvalidCredential), "{wrong}");
    }
}

#[test]
fn a_dot_in_a_claims_own_name_is_no_path() {
    let mut credential = credential();
    credential.claims = vec![claim(0, "x.y", false)];
    let payload = payload_with("x.y", Some("\"v\""));
    let values = decide(&mint(HEADER, &payload, Hs256), &credential, &[key(Hs256)]);
    assert_eq!(values.unwrap().values, vec![Some(text_of("v"))]);
}
