//! Tokens, made here part by part so that each part can be wrong.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

use super::*;

const POLICY: &str = r#"
    role user { read:x }
    role admin as "ROLE_ADMIN" { write:x }
    role anonymous { }
    enum plan { free pro enterprise as "ENT" }
    credential access jwt {
        issuer "iss"  audience "aud"  algorithms [HS256, ES256, EdDSA HS512 RS256 PS512]  type "at+jwt"
        lifetime 15m  leeway 5s
        caller {
            id: string from "sub"
            role: role from "realm.role"
            plan: plan?
            age: int?
            vip: bool?
            key: uuid?
            since: time?
        }
    }
    group /t {
        accept [access]
        route GET /a     { allow when exists caller }
        route GET /admin { needs write:x }
        route GET /id    { allow when caller.id == "u" }
        route GET /pro   { allow when exists caller.plan and caller.plan >= pro }
        route GET /age   { allow when exists caller.age and caller.age == 0 }
        route GET /vip   { allow when exists caller.vip and caller.vip }
        route GET /key   {
            allow when exists caller.key and caller.key == "3f0e8a52-7c1d-4c7e-9a43-2f6f9d1b5a10"
        }
        route GET /since { allow when exists caller.since and caller.since within 1s }
    }
"#;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const HEADER: &str = r#"{"alg":"HS256","typ":"at+jwt"}"#;

/// RFC 8037, appendix A.1, and RFC 7515, appendix A.3, as PKCS #8.
const ED: (&str, &str) =
    ("302e020100300506032b657004220420", "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
const ED_PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const EC: (&str, &str) = (
    "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420",
    "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
);
const EC_PUBLIC: (&str, &str) =
    ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");

/// A test key of 2,048 bits, and worth nothing.
const RSA_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuzOZGX4eIogz8I8y+pS3
xiDAQFcVi+UZsmcRxg0sGTvZ9l5g/uMyFqTDdKZ9D+HDaj/T31SAVFKh6Y0gwchv
Vz8M6RijAncO8rY5ipdtkV7uWyvLOGTN+4N+e0Mvp8OP/sQCxlBRkBAL+LSvbL89
79jmSppG0biqKYAAI86cuWSbfuqwsw02KuzkCgDri0d/KZW90wCNEf56g/cX/hV+
U9dqrlO6/yY+TmzLdn144027DF8/hBQZxPNML7Pu320V+cp+BrIiWwnIg3gk38AT
mQTi3rPQt+6cl3jbW3SlE6o2jtwmGlxa1I1fzLmp7/doyaq0MLUDwWBDlBl00PVa
gwIDAQAB
-----END PUBLIC KEY-----
";
const RSA: &str = "-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7M5kZfh4iiDPw
jzL6lLfGIMBAVxWL5RmyZxHGDSwZO9n2XmD+4zIWpMN0pn0P4cNqP9PfVIBUUqHp
jSDByG9XPwzpGKMCdw7ytjmKl22RXu5bK8s4ZM37g357Qy+nw4/+xALGUFGQEAv4
tK9svz3v2OZKmkbRuKopgAAjzpy5ZJt+6rCzDTYq7OQKAOuLR38plb3TAI0R/nqD
9xf+FX5T12quU7r/Jj5ObMt2fXjjTbsMXz+EFBnE80wvs+7fbRX5yn4GsiJbCciD
eCTfwBOZBOLes9C37pyXeNtbdKUTqjaO3CYaXFrUjV/Muanv92jJqrQwtQPBYEOU
GXTQ9VqDAgMBAAECggEAAP4Eb89PPnugTJTMWT9RCQqPKlBvzer06hQ/WQl2xne8
sQS+3Nv96bWwixy2lJsQF+ZbvC7SnCCZ5rJXSwpTRvrLvhyhBCuRxH+KaWqBrg2Z
GiU9uxDfWXkLVU5Cgo9W1mF2hSQ/EXETpDR19jKFbgxRiXT9mmcvmgjlf/wTZOXq
vAZPMOQa9WDIylUdYxr9p5cZO0s+oVTI6eLmipAacaZbfzoYTYMa0PiP1LCjWDId
4plja6g3ybXt66o5x1M712cUdk3Y1NJUKzcj1tx+Pqc9K73uwbE7s/QEvgraouAQ
gagnFKDl9SIKEblZLwRBKc48/k374h9k5+JtsIYP5QKBgQD1slBftVNxEaZkZ0Wa
chDgeaGqyY7AQEu8VuO1xSFmHXSmuhIbqWrh0qbn22bidxHCxs4U0gfKJy0oBpnc
eK7tLi7VNmOPv0ZN9ozhJKRvQGtbjIoyPlxZgyw/Q0P2gY4zv8JbwcNDNRDHSpRN
knLwqZzcXBYnZ8idojJ9YOlMBQKBgQDDDU8AgIHnfQthwfHVwrBKCYndu4k/VivS
r0MUZElFb1YwLbGSYKUiLAyOHsjYc9P0Ur+4pe6RkSm5ZGQ6LEckQUFjCe83B4Em
pXc8c45WXMGGwwkfFewD8jV8+YpGyYKrxsbj56jjESzfwfwh2GEanFk+BFkfBlgi
uKRi2Fha5wKBgHJgoVP8yKxxaAGDpf5hLYQie2VTUXYkOF2kIXtkGsk72ysmoflo
pA4ej36OP9YbUhRXkmZU5DVyiW4BrKzbLavSfRDasfygMa1nomvJMBduaMwEn+0F
5N3y161XthLSew2SLnuitzDZSkdMa7+09nccrp5S7ClKAjWH5XNCozi1AoGBAKOn
J/Do4ZWjggg8nLbYieckx6rl7YrZtx0ndeXHGv8KIkt8GzAQrJzWTpZz19pcnKqz
Py8i8d7q6BIn3Dw+6FXP9petPytxvXf6fueWoQdu/eUfASk20HajIyO/j7hC3MNZ
nYic10PlJjx7Wxvem+Ki6fGx3kC8pvhC6ZIRqVhjAoGAAXePWLo1g3ElaiSPcj60
BfLyzMDM/nQWMAjsgSIrRtB1Yu0kGs6OVwyb+Qz1TuZxPk0WDQiCWnrQmfc6b/oJ
cXpU+gim0DtNh48CUfBVfjQccPFhhy/6bwHnWZkIG+fOU94b6S5S/Ir7FUf/T+vw
pVtBpwzGTej+bjq9uAC7cpM=
-----END PRIVATE KEY-----
";

fn key(algorithm: &str, kid: Option<&str>, key: DecodingKey) -> Key {
    Key { algorithm: algorithm.to_owned(), kid: kid.map(str::to_owned), key }
}

fn keys() -> Vec<Key> {
    vec![
        key("HS256", Some("other"), DecodingKey::from_secret(b"another secret of the right size")),
        key("HS256", Some("k1"), DecodingKey::from_secret(SECRET)),
        key("EdDSA", None, DecodingKey::from_ed_components(ED_PUBLIC).unwrap()),
        key("ES256", None, DecodingKey::from_ec_components(EC_PUBLIC.0, EC_PUBLIC.1).unwrap()),
        key("HS512", None, DecodingKey::from_secret(&[SECRET, SECRET].concat())),
        key("RS256", None, DecodingKey::from_rsa_pem(RSA_PUBLIC.as_bytes()).unwrap()),
        key("PS512", None, DecodingKey::from_rsa_pem(RSA_PUBLIC.as_bytes()).unwrap()),
    ]
}

fn pkcs8((prefix, secret): (&str, &str)) -> Vec<u8> {
    let pairs = (0..prefix.len()).step_by(2);
    let mut der: Vec<u8> =
        pairs.map(|at| u8::from_str_radix(&prefix[at..at + 2], 16).unwrap()).collect();
    der.extend(URL_SAFE_NO_PAD.decode(secret).unwrap());
    der
}

fn encoded(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn signed(header: &str, payload: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", encoded(header), encoded(payload));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

fn hs256(header: &str, payload: &str) -> String {
    signed(header, payload, &EncodingKey::from_secret(SECRET), Algorithm::HS256)
}

/// A payload that is valid from `iat` to `exp` seconds after the start, with more claims.
fn lasting(iat: i64, exp: i64, more: &str) -> String {
    let (iat, exp) = (START + iat, START + exp);
    format!(
        r#"{{"iss":"iss","aud":"aud","sub":"u","realm":{{"role":"user"}},"iat":{iat},"exp":{exp}{more}}}"#
    )
}

fn payload(more: &str) -> String {
    lasting(0, 60, more)
}

#[track_caller]
fn answer(target: &str, token: &str, expected: &str) {
    let exchange = get(target).header("authorization", &format!("bearer {token}"));
    let answer = told(&naive_in("default", POLICY, keys()).send(&exchange).answer);
    assert_eq!(answer, expected, "{token}");
}

#[test]
fn each_algorithm_verifies_with_its_own_keys() {
    let ed = EncodingKey::from_ed_der(&pkcs8(ED));
    let ec = EncodingKey::from_ec_der(&pkcs8(EC));
    let header = |alg: &str| format!(r#"{{"alg":"{alg}","typ":"at+jwt"}}"#);
    answer("/t/a", &hs256(HEADER, &payload("")), "admit");
    answer("/t/a", &signed(&header("EdDSA"), &payload(""), &ed, Algorithm::EdDSA), "admit");
    answer("/t/a", &signed(&header("ES256"), &payload(""), &ec, Algorithm::ES256), "admit");
    let long = EncodingKey::from_secret(&[SECRET, SECRET].concat());
    let rsa = EncodingKey::from_rsa_pem(RSA.as_bytes()).unwrap();
    for (name, key) in [("HS512", &long), ("RS256", &rsa), ("PS512", &rsa)] {
        let algorithm = name.parse().unwrap();
        answer("/t/a", &signed(&header(name), &payload(""), key, algorithm), "admit");
    }
    for (name, algorithm) in [("PS512", Algorithm::RS256), ("RS256", Algorithm::PS512)] {
        let token = signed(&header(name), &payload(""), &rsa, algorithm);
        answer("/t/a", &token, "invalid_credential");
    }
    // The header's `alg` never chooses what a key is used for.
    for alg in ["ES256", "EdDSA", "HS384", "none", "hs256"] {
        answer("/t/a", &hs256(&header(alg), &payload("")), "invalid_credential");
    }
}

#[test]
fn a_changed_token_is_invalid() {
    let token = hs256(HEADER, &payload(""));
    let [header, body, signature] = token.split('.').collect::<Vec<&str>>()[..] else { panic!() };
    let other = encoded(&payload(r#","x":1"#));
    for changed in [
        format!("{header}.{other}.{signature}"),
        format!("{header}.{body}.{}", encoded("x")),
        format!("{header}.{body}."),
        format!("{header}.{body}"),
        format!("{header}.{body}.{signature}.x"),
        format!("{header}.{body}.{signature}="),
        format!("{header}.{body}.{}-", &signature[..signature.len() - 1]),
        format!("..{signature}"),
    ] {
        answer("/t/a", &changed, "invalid_credential");
    }
}

#[test]
fn headers_that_do_not_fit() {
    for (header, expected) in [
        (r#"{"alg":"HS256","typ":"application/AT+JWT"}"#, "admit"),
        (r#"{"alg":"HS256","typ":"at+jwt","kid":"k1","x":null}"#, "admit"),
        (r#"{"alg":"HS256","typ":"at+jwt","kid":"other"}"#, "invalid_credential"),
        (r#"{"alg":"HS256","typ":"at+jwt","kid":"k2"}"#, "invalid_credential"),
        (r#"{"alg":"HS256","typ":"at+jwt","kid":1}"#, "invalid_credential"),
        (r#"{"alg":"HS256","typ":"at+jwt","kid":null}"#, "invalid_credential"),
        (r#"{"alg":"HS256","typ":"at+jwt","crit":[]}"#, "invalid_credential"),
        (r#"{"alg":"HS256","typ":"at+jwt","alg":"HS256"}"#, "invalid_credential"),
        (r#"{"alg":"HS256","typ":"jwt"}"#, "invalid_credential"),
        (r#"{"alg":"HS256"}"#, "invalid_credential"),
        (r#"{"typ":"at+jwt"}"#, "invalid_credential"),
        (r#"["HS256"]"#, "invalid_credential"),
    ] {
        answer("/t/a", &hs256(header, &payload("")), expected);
    }
}

#[test]
fn a_key_without_kid_serves_any() {
    let header = r#"{"alg":"HS256","typ":"at+jwt","kid":"k2"}"#;
    let exchange =
        get("/t/a").header("Authorization", &format!("Bearer {}", hs256(header, &payload(""))));
    let anonymous = vec![key("HS256", None, DecodingKey::from_secret(SECRET))];
    check(naive_in("default", POLICY, anonymous), [(exchange, "admit")]);
}

#[test]
fn times_with_their_leeway() {
    for (iat, exp, more, expected) in [
        (0, 900, "", "admit"),
        (0, 901, "", "invalid_credential"),
        (5, 60, "", "admit"),
        (6, 60, "", "invalid_credential"),
        (-60, -4, "", "admit"),
        (-60, -5, "", "expired_credential"),
        (-60, 60, r#","nbf":1767225605"#, "admit"),
        (-60, 60, r#","nbf":1767225606"#, "invalid_credential"),
        (-60, 60, r#","nbf":1767225605.5"#, "invalid_credential"),
        (-60, 60, r#","nbf":"0""#, "invalid_credential"),
        (-60, 60, r#","nbf":null"#, "invalid_credential"),
        (-60, 60, r#","nbf":1e300"#, "invalid_credential"),
    ] {
        answer("/t/a", &hs256(HEADER, &lasting(iat, exp, more)), expected);
    }
}

#[test]
fn expired_is_told_only_of_what_was_valid() {
    let old = lasting(-60, -30, "");
    answer("/t/a", &hs256(HEADER, &old), "expired_credential");
    let wrong = EncodingKey::from_secret(b"a secret that nobody has given us");
    answer("/t/a", &signed(HEADER, &old, &wrong, Algorithm::HS256), "invalid_credential");
    answer("/t/a", &hs256(HEADER, &old.replace(r#""u""#, "1")), "invalid_credential");
    answer("/t/a", &hs256(HEADER, &old.replace("aud\":\"aud", "aud\":\"x")), "invalid_credential");
}

#[test]
fn registered_claims() {
    for (from, to, expected) in [
        (r#""aud":"aud""#, r#""aud":["x","aud"]"#, "admit"),
        (r#""aud":"aud""#, r#""aud":["x"]"#, "invalid_credential"),
        (r#""aud":"aud""#, r#""aud":["aud",1]"#, "invalid_credential"),
        (r#""aud":"aud""#, r#""x":"aud""#, "invalid_credential"),
        (r#""iss":"iss""#, r#""iss":"ISS""#, "invalid_credential"),
        (r#""iss":"iss""#, r#""iss":["iss"]"#, "invalid_credential"),
        (r#""exp":"#, r#""x":"#, "invalid_credential"),
        (r#""iat":"#, r#""x":"#, "invalid_credential"),
        (r#""iat":17"#, r#""iat":"","x":17"#, "invalid_credential"),
        (r#""sub":"u""#, r#""sub":"u","sub":"u""#, "invalid_credential"),
        (r#""sub":"u""#, r#""sub":"u","x":{"a":1,"a":1}"#, "invalid_credential"),
    ] {
        let payload = payload("");
        assert!(payload.contains(from));
        answer("/t/a", &hs256(HEADER, &payload.replace(from, to)), expected);
    }
}

#[test]
fn claims_become_attributes() {
    for (target, more, expected) in [
        ("/t/id", "", "admit"),
        ("/t/pro", r#","plan":"ENT""#, "admit"),
        ("/t/pro", r#","plan":"free""#, "forbidden"),
        ("/t/pro", r#","plan":"enterprise""#, "invalid_credential"),
        ("/t/pro", r#","plan":null"#, "forbidden"),
        ("/t/pro", "", "forbidden"),
        ("/t/age", r#","age":0"#, "admit"),
        ("/t/age", r#","age":-0"#, "invalid_credential"),
        ("/t/age", r#","age":0.0"#, "invalid_credential"),
        ("/t/age", r#","age":"0""#, "invalid_credential"),
        ("/t/vip", r#","vip":true"#, "admit"),
        ("/t/vip", r#","vip":1"#, "invalid_credential"),
        ("/t/key", r#","key":"3F0E8A52-7c1d-4c7e-9a43-2f6f9d1b5a10""#, "admit"),
        ("/t/key", r#","key":"3f0e8a527c1d4c7e9a432f6f9d1b5a10""#, "invalid_credential"),
        ("/t/since", r#","since":1767225599"#, "admit"),
        ("/t/since", r#","since":1767225599.5"#, "admit"),
        ("/t/since", r#","since":1767225598.5"#, "forbidden"),
        ("/t/since", r#","since":1e300"#, "invalid_credential"),
    ] {
        answer(target, &hs256(HEADER, &payload(more)), expected);
    }
    let payload = payload("").replace(r#""sub":"u","#, "");
    answer("/t/a", &hs256(HEADER, &payload), "invalid_credential");
}

#[test]
fn the_role_claim() {
    for (claim, expected) in [
        (r#"{"role":"ROLE_ADMIN"}"#, "admit"),
        (r#"{"role":"admin"}"#, "missing_permission"),
        (r#"{"role":"user"}"#, "missing_permission"),
        (r#"{"role":"anon"}"#, "missing_permission"),
        (r#"{"role":["ROLE_ADMIN"]}"#, "invalid_credential"),
        (r#"{"role":null}"#, "invalid_credential"),
        (r#""ROLE_ADMIN""#, "invalid_credential"),
        (r"{}", "invalid_credential"),
    ] {
        let payload = payload("").replace(r#"{"role":"user"}"#, claim);
        answer("/t/admin", &hs256(HEADER, &payload), expected);
    }
}

#[test]
fn a_token_has_at_most_8192_bytes() {
    let long =
        |length: usize| hs256(HEADER, &payload(&format!(r#","x":"{}""#, "x".repeat(length))));
    let over = (5800..).find(|length| long(*length).len() > 8192).unwrap();
    answer("/t/a", &long(over - 1), "admit");
    answer("/t/a", &long(over), "invalid_credential");
}
