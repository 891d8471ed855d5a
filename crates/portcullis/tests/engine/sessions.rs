//! Sessions: issued, renewed, ended, and what becomes of their tokens.

use std::sync::Arc;

use portcullis::store::Unavailable;
use portcullis::{
    Accepted, Answers, Engine, Key, Policy, Reason, Refusal, Request, SessionError,
    SignatureAlgorithm, SigningKey, Timestamp, Value,
};
use serde::Deserialize;

use crate::{NOW, request};

const SESSIONS: &str = r#"
transport { hosts ["shop.example"] }
credential access jwt {
    issuer "iss" audience "aud" algorithms [HS256] type "at+jwt" lifetime 15m leeway 5s revocable
    caller { id: string from "sub"  role: role from "realm.role"  since: time?  scopes: scopes? from "scope" }
}
role user { read:orders }
role admin inherits user as "ROLE_ADMIN" { write:orders }
scope shopping as "shop" { read:orders }
session { access access refresh 7d rotating grace 10s at most 30d cookie "refresh" path /auth }
group /auth {
    accept [access]
    route POST /login   { public issues session returns nothing }
    route POST /refresh { public renews session returns nothing }
    route POST /logout  { signed_in ends session returns nothing }
}
route GET /orders { accept [access] needs read:orders returns nothing }
route PUT /orders { accept [access] needs write:orders returns nothing }
"#;

/// With an issuer elsewhere, whose keys are fetched, beside the session's own.
pub(crate) const POLICY_OF_KEYS: &str = r#"
transport { hosts ["shop.example"] }
credential access jwt {
    issuer "iss" audience "aud" algorithms [HS256 EdDSA] lifetime 15m leeway 5s revocable
    caller { id: string from "sub"  role: role? }
}
role user { read:orders }
session { access access refresh 1h rotating grace 10s at most 1h cookie "refresh" path /auth }
group /auth {
    accept [access]
    route POST /login   { public issues session returns nothing }
    route POST /refresh { public renews session returns nothing }
    route POST /logout  { signed_in ends session returns nothing }
}
route GET /orders { accept [access] signed_in returns nothing }
"#;

pub(crate) const SECRET: &[u8] = b"a test key for HS256, known to all";
const DAY: i64 = 86_400;

#[derive(Debug, PartialEq, Deserialize)]
struct Who {
    id: String,
}

fn engine_of(policy: &str) -> Engine {
    builder_of(policy).build().unwrap()
}

fn builder_of(policy: &str) -> portcullis::EngineBuilder {
    let policy = Policy::parse([("sessions.gate", policy)]).unwrap();
    Engine::builder(policy)
        .key("access", Key::secret(SignatureAlgorithm::Hs256, SECRET).unwrap())
        .signing_key("access", SigningKey::secret(SignatureAlgorithm::Hs256, SECRET).unwrap())
}

pub(crate) fn engine() -> Engine {
    engine_of(SESSIONS)
}

/// So many seconds after [`NOW`].
pub(crate) fn later(seconds: i64) -> Timestamp {
    Timestamp::from_nanos(NOW.as_nanos() + seconds * 1_000_000_000)
}

pub(crate) fn at<'r>(method: &'r str, target: &'r str, seconds: i64) -> Request<'r> {
    let peer = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    Request::new(method, target, peer, later(seconds)).header("Host", b"shop.example")
}

/// What a client holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Client {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

pub(crate) fn user(id: &str) -> [(&str, Value<'_>); 2] {
    [("id", Value::Text(id)), ("role", Value::Text("user"))]
}

fn answered(answers: &Answers, accepted: &Accepted<'_>, json: Vec<u8>) -> Client {
    let body: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert!((1..=900).contains(&body["expiresIn"].as_i64().unwrap()), "{body}");
    assert!(body.get("refreshToken").is_none(), "the cookie holds it");
    let answer = answers.success(accepted, json);
    assert_eq!(answer.status, 200);
    let line = |name: &str| {
        let found = answer.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone()).unwrap()
    };
    assert_eq!(line("cache-control"), "no-store");
    let cookie = line("set-cookie");
    let (pair, rest) = cookie.split_once("; ").unwrap();
    assert!(rest.ends_with("; HttpOnly; Secure; SameSite=Strict"), "{rest}");
    assert!(rest.starts_with("Path=/auth; Max-Age="), "{rest}");
    Client {
        access: body["accessToken"].as_str().unwrap().to_owned(),
        refresh: pair.strip_prefix("refresh=").unwrap().to_owned(),
    }
}

pub(crate) fn sign_in(engine: &Engine, id: &str, seconds: i64) -> Client {
    let mut request = at("POST", "/auth/login", seconds);
    let answers = engine.answers(&mut request);
    let accepted = engine.admit(request).unwrap().input(None).unwrap();
    assert!(accepted.owes_tokens());
    let tokens = accepted.issue_session(user(id), later(seconds)).unwrap();
    assert!(!accepted.owes_tokens());
    assert_eq!(tokens.refresh_token(), None);
    answered(&answers, &accepted, tokens.to_json())
}

pub(crate) fn refresh(engine: &Engine, token: &str, seconds: i64) -> Result<Client, Reason> {
    let cookie = format!("theme=dark; refresh={token}");
    let mut request = at("POST", "/auth/refresh", seconds).header("Cookie", cookie.as_bytes());
    let answers = engine.answers(&mut request);
    let accepted = engine.admit(request).map_err(|refusal| refusal.reason())?.input(None).unwrap();
    let Who { id } = accepted.session().unwrap();
    match accepted.renew_session(user(&id), later(seconds)) {
        Ok(tokens) => Ok(answered(&answers, &accepted, tokens.to_json())),
        Err(SessionError::Refused(refusal)) => Err(refusal.reason()),
        Err(SessionError::Attributes(_)) => Err(Reason::ServiceFault),
    }
}

pub(crate) fn visit(engine: &Engine, token: &str, seconds: i64) -> Option<Reason> {
    let bearer = format!("Bearer {token}");
    let request = at("GET", "/orders", seconds).header("Authorization", bearer.as_bytes());
    engine.admit(request).err().map(|refusal| refusal.reason())
}

pub(crate) fn sign_out(engine: &Engine, client: &Client, seconds: i64) -> Result<String, Refusal> {
    let (bearer, cookie) =
        (format!("Bearer {}", client.access), format!("refresh={}", client.refresh));
    let mut request = at("POST", "/auth/logout", seconds)
        .header("Authorization", bearer.as_bytes())
        .header("Cookie", cookie.as_bytes());
    let answers = engine.answers(&mut request);
    let accepted = engine.admit(request)?.input(None)?;
    accepted.end_session(later(seconds))?;
    let answer = answers.success(&accepted, Vec::new());
    assert_eq!(answer.status, 204);
    let (_, cookie) = answer.headers.into_iter().find(|(name, _)| *name == "set-cookie").unwrap();
    Ok(cookie)
}

#[test]
fn a_session_goes_on_by_a_token_that_is_good_once() {
    let engine = engine();
    let first = sign_in(&engine, "u1", 0);
    assert_eq!(visit(&engine, &first.access, 0), None);
    assert_eq!(visit(&engine, &first.access, 905), Some(Reason::ExpiredCredential));
    let second = refresh(&engine, &first.refresh, 901).unwrap();
    assert_ne!(first, second);
    assert_eq!(visit(&engine, &second.access, 1800), None);
    let third = refresh(&engine, &second.refresh, 1800).unwrap();
    assert_eq!(visit(&engine, &third.access, 1800), None);
}

#[test]
fn two_tabs_and_a_lost_answer_get_the_same_successor() {
    let engine = engine();
    let first = sign_in(&engine, "u1", 0);
    let tab = refresh(&engine, &first.refresh, 100).unwrap();
    let other = refresh(&engine, &first.refresh, 110).unwrap();
    assert_eq!(tab.refresh, other.refresh);
    assert_ne!(tab.access, other.access);
    // Also where the successor was taken meanwhile.
    let next = refresh(&engine, &tab.refresh, 105).unwrap();
    assert_eq!(refresh(&engine, &first.refresh, 110).unwrap().refresh, tab.refresh);
    assert_eq!(refresh(&engine, &tab.refresh, 111).unwrap().refresh, next.refresh);
    for access in [&first.access, &tab.access, &other.access, &next.access] {
        assert_eq!(visit(&engine, access, 112), None);
    }
}

#[test]
fn a_token_that_comes_again_ends_its_session_and_no_other() {
    let engine = engine();
    let (first, bystander) = (sign_in(&engine, "u1", 0), sign_in(&engine, "u1", 0));
    let second = refresh(&engine, &first.refresh, 100).unwrap();
    assert_eq!(refresh(&engine, &first.refresh, 111), Err(Reason::RevokedCredential));
    assert_eq!(refresh(&engine, &second.refresh, 112), Err(Reason::RevokedCredential));
    for access in [&first.access, &second.access] {
        assert_eq!(visit(&engine, access, 112), Some(Reason::RevokedCredential));
    }
    // Within its leeway too, and only then for its age.
    assert_eq!(visit(&engine, &second.access, 1004), Some(Reason::RevokedCredential));
    assert_eq!(visit(&engine, &second.access, 1005), Some(Reason::ExpiredCredential));
    assert_eq!(visit(&engine, &bystander.access, 112), None);
    assert!(refresh(&engine, &bystander.refresh, 112).is_ok());
}

#[test]
fn the_operator_is_told_of_a_token_in_two_hands() {
    let told = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let engine = builder_of(SESSIONS)
        .observer(move |decision: &portcullis::Decision<'_>| seen.lock().push(decision.to_json()))
        .build()
        .unwrap();
    let first = sign_in(&engine, "u1", 0);
    let second = refresh(&engine, &first.refresh, 100).unwrap();
    assert!(refresh(&engine, &first.refresh, 200).is_err());
    assert!(refresh(&engine, &second.refresh, 200).is_err());
    let told: Vec<_> =
        told.lock().iter().map(|told| (told["reason"].clone(), told["reuse"].clone())).collect();
    let revoked = |reuse: bool| ("revoked_credential".into(), reuse.into());
    assert_eq!(told, [revoked(true), revoked(false)]);
}

#[test]
fn a_session_is_over_by_age_however_often_it_is_refreshed() {
    let engine = engine();
    let unused = sign_in(&engine, "u1", 0);
    assert_eq!(refresh(&engine, &unused.refresh, 7 * DAY), Err(Reason::ExpiredCredential));
    let mut client = sign_in(&engine, "u1", 0);
    for day in 1..30 {
        client = refresh(&engine, &client.refresh, day * DAY).unwrap();
    }
    // Neither does an access token outlast it, but for the leeway.
    let last = refresh(&engine, &client.refresh, 30 * DAY - 60).unwrap();
    assert_eq!(visit(&engine, &last.access, 30 * DAY), None);
    assert_eq!(visit(&engine, &last.access, 30 * DAY + 6), Some(Reason::ExpiredCredential));
    assert!(refresh(&engine, &last.refresh, 30 * DAY - 1).is_ok());
    assert_eq!(refresh(&engine, &client.refresh, 30 * DAY), Err(Reason::ExpiredCredential));
}

#[test]
fn whoever_signs_out_is_out_at_once() {
    let engine = engine();
    let (client, elsewhere) = (sign_in(&engine, "u1", 0), sign_in(&engine, "u1", 0));
    let cookie = sign_out(&engine, &client, 10).unwrap();
    assert_eq!(cookie, "refresh=; Path=/auth; Max-Age=0; HttpOnly; Secure; SameSite=Strict");
    assert_eq!(visit(&engine, &client.access, 10), Some(Reason::RevokedCredential));
    assert_eq!(refresh(&engine, &client.refresh, 10), Err(Reason::RevokedCredential));
    let again = sign_out(&engine, &client, 10).unwrap_err();
    assert_eq!(again.reason(), Reason::RevokedCredential);
    assert_eq!(again.to_string(), "revoked_credential by sessions.gate:4:89");
    assert_eq!(visit(&engine, &elsewhere.access, 10), None);

    assert_eq!(engine.end_sessions("u1", later(20)), Ok(1));
    assert_eq!(engine.end_sessions("u2", later(20)), Ok(0));
    assert_eq!(visit(&engine, &elsewhere.access, 20), Some(Reason::RevokedCredential));
    assert_eq!(refresh(&engine, &elsewhere.refresh, 20), Err(Reason::RevokedCredential));
    // Who signs in afterwards, in the same second, is in.
    let back = sign_in(&engine, "u1", 20);
    assert_eq!(visit(&engine, &back.access, 20), None);
    assert!(refresh(&engine, &back.refresh, 20).is_ok());
}

#[test]
fn a_cookie_that_is_none_of_ours_gets_the_reasons_of_a_credential() {
    let engine = engine();
    let good = sign_in(&engine, "u1", 0).refresh;
    let reason = |cookies: &[&str]| {
        let mut request = at("POST", "/auth/refresh", 1);
        for cookie in cookies {
            request.add_header("Cookie", cookie.as_bytes());
        }
        engine.admit(request).err().map(|refusal| refusal.reason())
    };
    let [first, other] = [format!("refresh={good}"), format!("refresh={}", "A".repeat(64))];
    assert_eq!(reason(&[&first]), None);
    assert_eq!(reason(&["a=b; c", &format!("d=e;  {first}")]), None);
    assert_eq!(reason(&[]), Some(Reason::MissingCredential));
    assert_eq!(reason(&[&format!("Refresh={good}")]), Some(Reason::MissingCredential));
    for wrong in ["refresh=", "refresh", "refresh=x", &format!("refresh=\"{good}\""), &other] {
        let expected = match wrong {
            "refresh" => Reason::MissingCredential,
            _ => Reason::InvalidCredential,
        };
        assert_eq!(reason(&[wrong]), Some(expected), "{wrong}");
    }
    // A cookie that another page of the site has tossed beside ours.
    assert_eq!(reason(&[&format!("{first}; {other}")]), Some(Reason::InvalidCredential));
    assert_eq!(reason(&[&other, &first]), Some(Reason::InvalidCredential));
    // An access token is no refresh token, nor is a refresh token an access token.
    let client = sign_in(&engine, "u1", 0);
    let swapped = format!("refresh={}", client.access);
    assert_eq!(reason(&[&swapped]), Some(Reason::InvalidCredential));
    assert_eq!(visit(&engine, &client.refresh, 1), Some(Reason::InvalidCredential));
    // What was made up of a session's name ends nothing, since nobody can: `sid` does not lead to it.
    assert!(refresh(&engine, &client.refresh, 2).is_ok());
}

#[test]
fn pages_of_other_origins_have_no_business_with_the_cookie() {
    let engine = engine();
    let reason = |target: &str, origin: &[u8]| {
        let request = at("POST", target, 0).header("Origin", origin);
        engine.admit(request).err().map(|refusal| refusal.reason())
    };
    for target in ["/auth/login", "/auth/refresh", "/auth/logout"] {
        for origin in [&b"https://evil.example"[..], b"null", b"http://shop.example"] {
            assert_eq!(reason(target, origin), Some(Reason::ForbiddenOrigin), "{target}");
        }
        assert_ne!(reason(target, b"https://shop.example"), Some(Reason::ForbiddenOrigin));
    }
    let request = at("GET", "/orders", 0).header("Origin", b"https://evil.example");
    assert_eq!(engine.admit(request).err().unwrap().reason(), Reason::MissingCredential);
    // A `cors` that lists pages lets these, and one for everybody lets none.
    for (origins, lets) in [(r#"["https://app.example"]"#, true), (r#"["*"]"#, false)] {
        let engine = engine_of(&format!("{SESSIONS} cors {{ origins {origins} methods [POST] }}"));
        let request = at("POST", "/auth/login", 0).header("Origin", b"https://app.example");
        assert_eq!(engine.admit(request).is_ok(), lets, "{origins}");
    }
}

#[test]
fn a_client_without_cookies_holds_the_refresh_token_itself() {
    let policy = SESSIONS.replace(r#"cookie "refresh" path /auth"#, "");
    let engine = engine_of(&policy);
    let mut login = request("POST", "/auth/login");
    let answers = engine.answers(&mut login);
    let accepted = engine.admit(login).unwrap().input(None).unwrap();
    let tokens = accepted.issue_session(user("u1"), NOW).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&tokens.to_json()).unwrap();
    assert_eq!(body["refreshToken"].as_str(), tokens.refresh_token());
    let answer = answers.success(&accepted, tokens.to_json());
    assert!(!answer.headers.iter().any(|(name, _)| *name == "set-cookie"));
    let bearer = format!("Bearer {}", tokens.refresh_token().unwrap());
    let renewing = request("POST", "/auth/refresh").header("Authorization", bearer.as_bytes());
    let accepted = engine.admit(renewing).unwrap().input(None).unwrap();
    assert_eq!(accepted.session::<Who>().unwrap().id, "u1");
    let next = accepted.renew_session(user("u1"), NOW).unwrap();
    assert_ne!(next.refresh_token(), tokens.refresh_token());
    let refused = |request| engine.admit(request).err().map(|refusal| refusal.reason());
    let cookie = format!("refresh={}", next.refresh_token().unwrap());
    let by_cookie = request("POST", "/auth/refresh").header("Cookie", cookie.as_bytes());
    assert_eq!(refused(by_cookie), Some(Reason::MissingCredential));
}

#[test]
fn a_token_that_does_not_rotate_stays() {
    let policy = SESSIONS.replace("rotating grace 10s", "");
    let engine = engine_of(&policy);
    let first = sign_in(&engine, "u1", 0);
    for day in 1..7 {
        let next = refresh(&engine, &first.refresh, day * DAY).unwrap();
        assert_eq!(next.refresh, first.refresh);
        assert_eq!(visit(&engine, &next.access, day * DAY), None);
    }
    assert_eq!(refresh(&engine, &first.refresh, 7 * DAY), Err(Reason::ExpiredCredential));
}

#[test]
fn attributes_become_claims_and_come_back() {
    let engine = engine();
    let accepted = engine.admit(request("POST", "/auth/login")).unwrap().input(None).unwrap();
    let words = vec!["shopping".to_owned(), "write:orders".to_owned()];
    let tokens = accepted
        .issue_session(
            [
                ("id", Value::Text("u1")),
                ("role", Value::Text("admin")),
                ("since", Value::Time(Timestamp::from_seconds(1_700_000_000))),
                ("scopes", Value::List(&words)),
            ],
            NOW,
        )
        .unwrap();
    use base64::Engine as _;
    let payload = tokens.access_token().split('.').nth(1).unwrap();
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    let now = NOW.as_nanos() / 1_000_000_000;
    assert_eq!(payload["sub"], "u1");
    assert_eq!(payload["realm"]["role"], "ROLE_ADMIN");
    assert_eq!(payload["since"], 1_700_000_000);
    assert_eq!(payload["scope"], "shop write:orders");
    assert_eq!((&payload["iat"], &payload["exp"]), (&now.into(), &(now + 900).into()));
    assert_eq!(payload["jti"].as_str().unwrap().len(), 32);
    assert_eq!(payload["sid"].as_str().unwrap().len(), 22);
    let bearer = format!("Bearer {}", tokens.access_token());
    for method in ["GET", "PUT"] {
        let visit = request(method, "/orders").header("Authorization", bearer.as_bytes());
        assert!(engine.admit(visit).is_ok(), "{method}");
    }
}

#[test]
fn what_is_no_caller_of_the_policy_gets_no_session() {
    let engine = engine();
    let accepted = engine.admit(request("POST", "/auth/login")).unwrap().input(None).unwrap();
    for (attributes, why) in [
        (vec![("id", Value::Text("u1")), ("admin", Value::Bool(true))], "no attribute `admin`"),
        (vec![("role", Value::Text("user"))], "attribute `id` is missing"),
        (vec![("id", Value::Int(7)), ("role", Value::Text("user"))], "`id` is of another type"),
    ] {
        let error = accepted.issue_session(attributes, NOW).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    assert!(accepted.owes_tokens());
    // And whoever is to get one, and does not, gets no success.
    let mut login = request("POST", "/auth/login");
    let answers = engine.answers(&mut login);
    assert_eq!(answers.success(&accepted, Vec::new()).status, 500);
    assert!(accepted.renew_session(user("u1"), NOW).is_err());
    assert!(accepted.session::<Who>().is_err());

    // A session stays its caller's.
    let client = sign_in(&engine, "u1", 0);
    let cookie = format!("refresh={}", client.refresh);
    let renewing = request("POST", "/auth/refresh").header("Cookie", cookie.as_bytes());
    let accepted = engine.admit(renewing).unwrap().input(None).unwrap();
    let refused = accepted.renew_session(user("u2"), NOW).unwrap_err().to_string();
    assert_eq!(refused, "service_fault");
    assert!(accepted.renew_session(user("u1"), NOW).is_ok());
    // A handler may find that its caller is to come no more.
    let accepted = {
        let cookie = format!("refresh={}", sign_in(&engine, "u3", 0).refresh);
        let renewing = request("POST", "/auth/refresh").header("Cookie", cookie.as_bytes());
        engine.admit(renewing).unwrap().input(None).unwrap().into_owned()
    };
    accepted.end_session(NOW).unwrap();
    let refused = accepted.renew_session(user("u3"), NOW).unwrap_err().to_string();
    assert!(refused.starts_with("revoked_credential"), "{refused}");
}

#[test]
fn a_token_of_an_issuer_elsewhere_is_taken_back_by_its_name() {
    let engine = engine();
    let claims = |jti: &str, sid: Option<&str>| {
        let now = NOW.as_nanos() / 1_000_000_000;
        let mut claims = serde_json::json!({
            "iss": "iss", "aud": "aud", "iat": now, "exp": now + 60, "sub": "u1",
            "realm": {"role": "user"}, "jti": jti,
        });
        if let Some(sid) = sid {
            claims["sid"] = sid.into();
        }
        claims
    };
    let mint = |claims: &serde_json::Value| {
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        header.typ = Some("at+jwt".to_owned());
        let key = jsonwebtoken::EncodingKey::from_secret(SECRET);
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    };
    let (one, other) = (mint(&claims("one", None)), mint(&claims("other", Some("s"))));
    assert_eq!(visit(&engine, &one, 0), None);
    assert_eq!(engine.revoke("access", "one", later(60), later(1)), Ok(()));
    assert_eq!(visit(&engine, &one, 1), Some(Reason::RevokedCredential));
    assert_eq!(visit(&engine, &one, 64), Some(Reason::RevokedCredential));
    assert_eq!(visit(&engine, &one, 65), Some(Reason::ExpiredCredential));
    assert_eq!(visit(&engine, &other, 1), None);
    assert_eq!(engine.revoke("none", "one", later(60), later(1)), Err(Unavailable));
    // Without a name it could not be: it is none.
    for wrong in [serde_json::json!(""), serde_json::json!(7), serde_json::Value::Null] {
        let mut nameless = claims("", None);
        nameless["jti"] = wrong;
        assert_eq!(visit(&engine, &mint(&nameless), 0), Some(Reason::InvalidCredential));
    }
    let mut nameless = claims("x", None);
    nameless.as_object_mut().unwrap().remove("jti");
    assert_eq!(visit(&engine, &mint(&nameless), 0), Some(Reason::InvalidCredential));
    let mut odd = claims("x", None);
    odd["sid"] = 7.into();
    assert_eq!(visit(&engine, &mint(&odd), 0), Some(Reason::InvalidCredential));
    // Whoever signs out with one that is of no session is out too.
    let alone = mint(&claims("alone", None));
    let client = Client { access: alone.clone(), refresh: String::new() };
    sign_out(&engine, &client, 1).unwrap();
    assert_eq!(visit(&engine, &alone, 1), Some(Reason::RevokedCredential));
}

#[test]
fn an_engine_that_could_not_sign_is_not_built() {
    let key = || Key::secret(SignatureAlgorithm::Hs256, SECRET).unwrap();
    let signing = |secret: &[u8]| SigningKey::secret(SignatureAlgorithm::Hs256, secret).unwrap();
    let builder = || {
        Engine::builder(Policy::parse([("sessions.gate", SESSIONS)]).unwrap()).key("access", key())
    };
    let faults = |builder: portcullis::EngineBuilder| builder.build().unwrap_err().to_string();
    let fault = faults(builder());
    assert!(fault.contains("`access` has no signing key, and routes give sessions"), "{fault}");
    let fault =
        faults(builder().signing_key("access", signing(b"another test key, of 32 bytes...")));
    assert!(fault.contains("no key of credential `access` verifies what"), "{fault}");
    let fault = faults(builder().signing_key("other", signing(SECRET)));
    assert!(fault.contains("`other`, which is not what a session"), "{fault}");
    let longer = SigningKey::secret(SignatureAlgorithm::Hs512, &[7; 64]).unwrap();
    assert!(faults(builder().signing_key("access", longer)).contains("does not pin"));
    let twice =
        builder().signing_key("access", signing(SECRET)).signing_key("access", signing(SECRET));
    assert!(faults(twice).contains("two signing keys"));
    // A name that only one of the two has tells them apart, and none that verifies.
    let named = Engine::builder(Policy::parse([("sessions.gate", SESSIONS)]).unwrap())
        .key("access", key().kid("old"))
        .signing_key("access", signing(SECRET).kid("new"));
    assert!(faults(named).contains("no key of credential `access` verifies what"));
    assert!(SigningKey::secret(SignatureAlgorithm::Hs256, b"short").is_err());
    assert!(SigningKey::pem(SignatureAlgorithm::Es256, "no key").is_err());
    assert!(SigningKey::pem(SignatureAlgorithm::Hs256, "no key").is_err());
    assert!(SigningKey::secret(SignatureAlgorithm::EdDsa, SECRET).is_err());
}

#[test]
fn a_request_that_was_held_open_is_as_late_as_it_ends() {
    let engine = engine();
    let first = sign_in(&engine, "u1", 0);
    // A thief sends the head of a request, and holds its body back.
    let cookie = format!("refresh={}", first.refresh);
    let held = at("POST", "/auth/refresh", 1).header("Cookie", cookie.as_bytes());
    let held = engine.admit(held).unwrap().input(None).unwrap();
    let honest = refresh(&engine, &first.refresh, 600).unwrap();
    let refused = held.renew_session(user("u1"), later(900)).unwrap_err().to_string();
    assert!(refused.starts_with("revoked_credential"), "{refused}");
    // The session is over, for both: somebody has the honest client's token.
    assert_eq!(refresh(&engine, &honest.refresh, 901), Err(Reason::RevokedCredential));
    // Nor does a clock that is behind make it be as if the token had not been taken.
    let second = sign_in(&engine, "u2", 0);
    refresh(&engine, &second.refresh, 600).unwrap();
    assert_eq!(refresh(&engine, &second.refresh, 1), Err(Reason::RevokedCredential));
    // And a token that has run out meanwhile is not renewed.
    let third = sign_in(&engine, "u3", 0);
    let cookie = format!("refresh={}", third.refresh);
    let held = at("POST", "/auth/refresh", 1).header("Cookie", cookie.as_bytes());
    let held = engine.admit(held).unwrap().input(None).unwrap();
    let refused = held.renew_session(user("u3"), later(40 * DAY)).unwrap_err().to_string();
    assert!(refused.starts_with("expired_credential"), "{refused}");
}
