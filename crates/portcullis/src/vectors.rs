//! Conformance with what other projects publish.
//!
//! The vectors are not part of this repository: `PORTCULLIS_VECTORS` names their folder. Every
//! case counts. One that does not apply is counted too, under the reason why.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portcullis_compiler::plan::{Format, SignatureAlgorithm};
use serde_json::Value;

use crate::credential::{Key, verify};
use crate::outbound::OutboundError;
use crate::path;
use crate::{Engine, Policy, Request, Timestamp};

/// The file, or `None` after a word to the reader where there is no such folder.
fn vectors(file: &str) -> Option<Value> {
    let folder = std::env::var_os("PORTCULLIS_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    if !folder.is_dir() {
        println!("skipped: no folder {}; PORTCULLIS_VECTORS names another", folder.display());
        return None;
    }
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    // Half a surrogate pair is no text. What it stands in is a case all the same, of a character that
    // no address has.
    let text = text.replace("\\ud800", "\\ufffd");
    Some(serde_json::from_str(&text).unwrap())
}

fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap()
}

/// istio's `normalization_test` and httprouter's `CleanPath`: a path and its normal form.
///
/// No other path is ever put in the place of the one that was sent. So what is not its own normal
/// form is refused, and what is accepted is its own normal form. The reverse does not hold: istio
/// leaves much in place that is refused here, such as `;`, an encoded slash, or bytes that are not
/// UTF-8.
#[test]
fn paths_that_are_not_normal_are_refused() {
    let Some(cases) = vectors("paths/normalisation.json") else {
        return;
    };
    // Routes for every path there is, so that nothing is refused for want of one.
    let all = r#"
        transport { https off }
        route GET / { public }
        route GET /{rest...} { public params { rest: string max 10_000 } }
    "#;
    let engine = Engine::builder(Policy::parse([("all.gate", all)]).unwrap()).build().unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases.as_array().unwrap() {
        let (sent, normal) = (text(case, "in"), text(case, "out"));
        let now = Timestamp::from_seconds(1_767_225_600);
        let request = Request::new("GET", sent, Ipv4Addr::LOCALHOST.into(), now);
        let decided = engine.admit(request.header("Host", b"a.example"));
        let decided = decided.and_then(|admitted| admitted.input(None));
        let parsed = path::parse(sent);
        match &decided {
            Ok(accepted) => assert_eq!(accepted.path(), sent, "decided as another path"),
            Err(refusal) => assert_eq!(refusal.reason().status(), 400, "{sent}: {refusal}"),
        }
        assert_eq!(decided.is_ok(), parsed.is_ok(), "{sent}");
        let outcome = match parsed {
            Ok(target) => {
                assert_eq!(target.query, None, "{sent}");
                assert_eq!(target.path, sent, "decoded once, {sent} is another path");
                assert_eq!(normal, sent, "accepted, though its normal form is another");
                "accepted, and normal"
            }
            Err(_) if normal == sent => "refused, though the source leaves it as it is",
            Err(_) => "refused, and not normal",
        };
        *counts.entry(outcome).or_default() += 1;
    }
    println!("paths: {counts:?}");
    let expected = BTreeMap::from([
        ("accepted, and normal", 27),
        ("refused, and not normal", 69),
        ("refused, though the source leaves it as it is", 32),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 128);
}

/// ressrf's ways around a filter of URLs: each is refused, or allowed and does no harm.
///
/// A case names the suffixes of hosts that its filter denies or trusts, where it has any. The denied
/// ones are refused here by themselves; the trusted ones are the policy's `hosts`.
#[test]
fn tricks_with_urls_are_refused() {
    let Some(file) = vectors("ssrf/ssrf_techniques.json") else {
        return;
    };
    // What is allowed there and refused here, and the other way round, each with its reason.
    let deviations = BTreeMap::from([
        // A scheme is `https` or `http`: the language has no others.
        ("control_canonical_public_ws", OutboundError::Scheme),
        ("control_canonical_public_wss", OutboundError::Scheme),
        // No credentials stand in a URL.
        ("control_public_with_userinfo_no_bypass", OutboundError::Credentials),
        // Readers have taken what is behind the `@` for the host (CVE-2016-8624).
        ("fragment_after_userinfo_imds", OutboundError::Malformed),
        // Gaps of the source, which it says are to be closed.
        ("unicode_fullwidth_localhost", OutboundError::Malformed),
    ]);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in file["cases"].as_array().unwrap() {
        let (name, url) = (text(case, "name"), text(case, "url"));
        let hosts = case["trusted_suffixes"].as_array().map_or_else(String::new, |suffixes| {
            let patterns =
                suffixes.iter().map(|one| format!("\"{0}\" \"*.{0}\"", one.as_str().unwrap()));
            format!("hosts [{}]", patterns.collect::<Vec<_>>().join(" "))
        });
        let policy = format!("outbound any {{ schemes [http https] ports [80 443 8443] {hosts} }}");
        let policy = Policy::parse([("policy.gate", policy.as_str())]).unwrap();
        let outbound = Engine::builder(policy).build().unwrap().outbound("any").unwrap();
        let outcome = match (text(case, "expected"), outbound.check_url(url)) {
            ("blocked", Err(_)) => "blocked, and refused",
            ("allowed", Ok(_)) => "allowed, and accepted",
            ("allowed", Err(why)) if name == "ipv4_compatible_loopback_known_gap" => {
                assert!(matches!(why, OutboundError::Address(_)), "{name}: {why}");
                "contested: refused all the same"
            }
            ("allowed", Err(why)) => {
                assert_eq!(deviations.get(name), Some(&why), "{name}: {why}");
                if case.get("contested").is_some() {
                    "contested: refused all the same"
                } else {
                    "allowed, and refused here"
                }
            }
            // Two hyphens stand in many names. Only as the third and fourth character do they say
            // something (RFC 5890, 2.3.1), and no reader takes such a name for another.
            ("blocked", Ok(_)) if name == "unicode_double_dash_non_punycode_blocked" => {
                assert!(case.get("contested").is_some());
                "contested: accepted"
            }
            (expected, found) => panic!("{name}: {expected}, {found:?}"),
        };
        *counts.entry(outcome).or_default() += 1;
    }
    println!("URLs: {counts:?}");
    let expected = BTreeMap::from([
        ("blocked, and refused", 77),
        ("allowed, and accepted", 8),
        ("allowed, and refused here", 4),
        ("contested: refused all the same", 2),
        ("contested: accepted", 1),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 92);
}

/// Wycheproof's tests of JSON Web Signatures.
#[test]
fn signatures_verify_when_they_should() {
    let Some(file) = vectors("jws/json_web_signature_test.json") else {
        return;
    };
    let groups = file["testGroups"].as_array().unwrap();
    let cases = || groups.iter().flat_map(|group| group["tests"].as_array().unwrap());
    let valid = text(cases().find(|case| case["tcId"] == 357).unwrap(), "jws");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for group in groups {
        let jwk = group.get("public").unwrap_or(&group["private"]);
        let key = key(jwk);
        for case in group["tests"].as_array().unwrap() {
            let number = case["tcId"].as_u64().unwrap();
            let key = match &key {
                Ok(key) => key.clone(),
                Err(outside) => {
                    *counts.entry(outside).or_default() += 1;
                    continue;
                }
            };
            let algorithms: Vec<_> = SignatureAlgorithm::ALL.iter().map(|(_, one)| *one).collect();
            let verified = verify(text(case, "jws"), &algorithms, None, &[key]).is_some();
            let (expected, outcome) = match (number, text(case, "result")) {
                (367 | 370, "invalid") if text(case, "jws") == valid => {
                    (true, "accepted: the same text as a valid case")
                }
                // Called valid, but with characters in them that are not of the alphabet.
                (372 | 373, "valid") => (false, "refused: valid to a lax base64url decoder alone"),
                (_, "valid") => (true, "valid, and accepted"),
                (_, "invalid") => (false, "invalid, and refused"),
                (_, result) => panic!("case {number} is {result}"),
            };
            assert_eq!(verified, expected, "case {number}: {}", case["comment"]);
            *counts.entry(outcome).or_default() += 1;
        }
    }
    println!("signatures: {counts:?}");
    let expected = BTreeMap::from([
        ("valid, and accepted", 10),
        ("invalid, and refused", 65),
        ("accepted: the same text as a valid case", 2),
        ("refused: valid to a lax base64url decoder alone", 2),
        ("not in this version: algorithms on RSA and P-521", 320),
        ("not in this version: keys as JWK", 2),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 401);
}

/// hapijs/address: an address and whether it is accepted; a domain counts as the address `a@domain`.
///
/// `email` is what a browser's `<input type=email>` takes, within the lengths of RFC 5321. The source
/// asks more of the local part and of the domain, and with options other things.
#[test]
fn addresses_are_those_of_browsers() {
    let Some(cases) = vectors("email/address-cases.json") else {
        return;
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let cases = cases.as_array().unwrap();
    for case in cases {
        let of_domain = case["file"] == "domain";
        let sent = case["case"][0].as_str().unwrap();
        let address = if of_domain { format!("a@{sent}") } else { sent.to_owned() };
        let theirs = case["case"][1] == true;
        let ours = Format::Email.has(&address);
        let outcome = match (theirs, ours) {
            (true, true) => "valid, and accepted",
            (false, false) => "invalid, and refused",
            (true, false) => refused_here(&address, &case["case"][2]),
            (false, true) => accepted_here(&address, &case["case"][2]),
        };
        *counts.entry(outcome).or_default() += 1;
    }
    println!("addresses: {counts:#?}");
    let expected = BTreeMap::from([
        ("valid, and accepted", 24),
        ("invalid, and refused", 243),
        ("accepted: a domain of one label, as browsers do", 6),
        ("accepted: a last label of digits, as browsers do", 4),
        ("accepted: dots anywhere in the local part, as browsers do", 3),
        ("accepted: there is no list of top-level domains", 3),
        ("accepted: any number of labels in a domain", 1),
        ("refused: letters beyond ASCII, which browsers take in no local part", 8),
        ("refused: the lengths of RFC 5321 are never passed over", 1),
        ("refused: an underscore in a domain", 3),
        ("refused: a dot at the end of a domain", 1),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 297);
}

/// Why an address is refused that the source accepts.
fn refused_here(address: &str, options: &Value) -> &'static str {
    if !address.is_ascii() {
        return "refused: letters beyond ASCII, which browsers take in no local part";
    }
    if options["ignoreLength"] == true {
        return "refused: the lengths of RFC 5321 are never passed over";
    }
    if options["allowUnderscore"] == true {
        return "refused: an underscore in a domain";
    }
    if options["allowFullyQualified"] == true {
        return "refused: a dot at the end of a domain";
    }
    panic!("refused for no reason that is written here: {address} {options}")
}

/// Why an address is accepted that the source refuses.
fn accepted_here(address: &str, options: &Value) -> &'static str {
    let (local, domain) = address.split_once('@').unwrap();
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return "accepted: dots anywhere in the local part, as browsers do";
    }
    if options["tlds"].is_object() || options["minDomainSegments"].is_u64() {
        return "accepted: there is no list of top-level domains";
    }
    if !domain.contains('.') {
        return "accepted: a domain of one label, as browsers do";
    }
    let last = domain.rsplit('.').next().unwrap();
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return "accepted: a last label of digits, as browsers do";
    }
    if options["maxDomainSegments"].is_u64() {
        return "accepted: any number of labels in a domain";
    }
    panic!("accepted for no reason that is written here: {address} {options}")
}

/// The key that a service would make of a JWK; or why it could not.
fn key(jwk: &Value) -> Result<Key, &'static str> {
    if jwk.get("alg").is_none() && jwk["kty"] == "EC" {
        // 354 and 356 ask for a look at `use` and `key_ops`, which only a reader of JWKs can take.
        return Err("not in this version: keys as JWK");
    }
    let part = |name: &str| URL_SAFE_NO_PAD.decode(text(jwk, name)).unwrap();
    let key = match (text(jwk, "kty"), jwk["alg"].as_str()) {
        ("oct", Some("HS256")) => Key::hs256(&part("k")),
        ("EC", Some("ES256")) => {
            // A SubjectPublicKeyInfo for P-256 (RFC 5480), up to the point.
            let mut info = vec![0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d];
            info.extend([0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
            info.extend([0x03, 0x42, 0x00, 0x04]);
            info.extend(part("x").into_iter().chain(part("y")));
            let info = STANDARD.encode(info);
            Key::es256_pem(&format!(
                "-----BEGIN PUBLIC KEY-----\n{info}\n-----END PUBLIC KEY-----\n"
            ))
        }
        ("RSA" | "EC", _) => return Err("not in this version: algorithms on RSA and P-521"),
        (kind, algorithm) => panic!("a key of another kind: {kind} {algorithm:?}"),
    };
    let kid = jwk["kid"].as_str();
    Ok(kid.map_or(key.clone().unwrap(), |kid| key.unwrap().kid(kid)))
}
