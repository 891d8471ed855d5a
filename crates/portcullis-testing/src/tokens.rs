//! Tokens and cookies, good, bad, old and taken back: through both evaluators and both drivers.

use std::collections::BTreeMap;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, encode};
use portcullis::{Engine, Key, Policy, SignatureAlgorithm, SigningKey, Timestamp, Value};
use portcullis_compiler::compile;
use portcullis_syntax::{Source, Sources};
use portcullis_test::engine::EngineEvaluator;
use portcullis_test::store::{Switch, TestStore};
use portcullis_test::{Answer, Evaluator, Exchange, Fact, Facts, Given, OpaqueToken};
use serde_json::{Value as Json, json};

use crate::generate::Dice;
use crate::late::{LateEvaluator, LateStore};
use crate::traced::Traced;
use portcullis_reference::{Key as ReferenceKey, Reference};

const POLICY: &str = r#"
transport { hosts ["h.example"] }
credential access jwt {
    issuer "iss" audience "aud" algorithms [HS256] lifetime 60s leeway 5s revocable
    caller { id: string from "sub" role: role? }
}
credential plain jwt {
    issuer "other" audience "aud" algorithms [HS256] lifetime 60s
    caller { id: string from "sub" }
}
credential pat opaque { prefix "t_" caller { id: string role: role scopes: scopes } }
session { access access refresh 1h rotating grace 10s cookie "r" path / }
role user { read:x write:x }
route GET /access { accept [access] signed_in returns nothing }
route GET /pat { accept [pat] needs read:x returns nothing }
route GET /any { accept [access plain pat] needs any [read:x write:x] returns nothing }
route GET /mine { accept [plain pat access] allow when caller.id == "u1" signed_in returns nothing }
route GET /maybe { public optional accept [access pat] returns nothing }
route POST /renew { public renews session returns nothing }
route POST /both { accept [access] signed_in renews session returns nothing }
route POST /in { public issues session returns nothing }
route POST /out { accept [access] signed_in ends session returns nothing }
"#;

/// A test key, known to all.
const SECRET: &[u8] = b"a test key for HS256, known to all";
/// 2026-01-01T00:00:00Z
const START: i64 = 1_767_225_600;
const SECOND: i64 = 1_000_000_000;

/// Has every evaluator decide requests that are made of choices. How often each was the answer, or the
/// first difference in words.
///
/// # Errors
/// The evaluators differ.
pub fn compare_tokens(choices: Vec<u16>) -> Result<BTreeMap<&'static str, usize>, String> {
    let mut dice = Dice::new(choices);
    let mut world = World::new().map_err(|why| why.to_string())?;
    let mut seen = BTreeMap::new();
    for _ in 0..40 {
        let exchange = world.exchange(&mut dice).ok_or("no token was made")?;
        let engine = world.engine.send(&exchange);
        for (name, other) in
            [("later", world.late.send(&exchange)), ("reference", world.reference.send(&exchange))]
        {
            if other != engine {
                return Err(format!("{exchange:?}\nthe engine: {engine:?}\n{name}: {other:?}"));
            }
        }
        let answer = match engine.answer {
            Answer::Admitted { .. } => "admit",
            Answer::Refused { reason, .. } => reason,
        };
        *seen.entry(answer).or_default() += 1;
    }
    Ok(seen)
}

struct World {
    maker: Engine,
    store: Switch,
    engine: EngineEvaluator,
    late: LateEvaluator,
    reference: Traced,
    revoked: Vec<(String, String)>,
    opaque: Vec<OpaqueToken>,
}

impl World {
    fn new() -> Result<World, Box<dyn std::error::Error>> {
        let mut sources = Sources::new();
        sources.add(Source::new("tokens.gate", POLICY));
        let compilation = compile(sources);
        let policy = Policy::from(compilation.clone());
        let store = TestStore::default();
        let builder = || -> Result<_, portcullis::KeyError> {
            Ok(Engine::builder(policy.clone())
                .key("access", Key::secret(SignatureAlgorithm::Hs256, SECRET)?)
                .key("plain", Key::secret(SignatureAlgorithm::Hs256, SECRET)?)
                .signing_key("access", SigningKey::secret(SignatureAlgorithm::Hs256, SECRET)?))
        };
        let maker = builder()?.store(store.clone()).build()?;
        let late = builder()?.store(LateStore::of(store.clone())).build()?;
        let key = ReferenceKey {
            algorithm: "HS256".to_owned(),
            kid: None,
            key: DecodingKey::from_secret(SECRET),
        };
        Ok(World {
            engine: EngineEvaluator::of(maker.clone()).with_switch(store.switch()),
            late: LateEvaluator::of(late, store.switch())?,
            reference: Traced::of(Reference::new(compilation.files, "default", vec![key])),
            maker,
            store: store.switch(),
            revoked: Vec::new(),
            opaque: Vec::new(),
        })
    }

    fn exchange(&mut self, dice: &mut Dice) -> Option<Exchange> {
        // Whoever makes and takes back needs it too.
        self.store.set(true);
        // Around the end of a token's life and of its leeway, to the nanosecond.
        let offset = *dice.one(&[&0, &0, &0, &59, &60, &64, &65, &66, &-5, &-6]);
        let now = (START + offset) * SECOND + *dice.one(&[&0, &0, &-1, &1]);
        let routes = [
            ("GET", "/access"),
            ("GET", "/pat"),
            ("GET", "/any"),
            ("GET", "/mine"),
            ("GET", "/maybe"),
            ("POST", "/renew"),
            ("POST", "/both"),
            ("POST", "/in"),
            ("POST", "/out"),
        ];
        let (method, target) = routes.get(dice.below(routes.len())).copied()?;
        let mut exchange = Exchange { now, ..Exchange::new(method, target) };
        let mut say = |name: &str, value: String| exchange.headers.push((name.to_owned(), value));
        say("Host", "h.example".to_owned());
        if !dice.chance(6) {
            let token = self.token(dice, now)?;
            say("Authorization", format!("{} {token}", dice.one(&["Bearer", "bearer", "Basic"])));
        }
        let good = "A".repeat(64);
        for _ in 0..*dice.one(&[&0, &1, &1, &1, &2]) {
            let short = "A".repeat(63);
            let padded = format!("{short}=");
            let value =
                dice.one(&[good.as_str(), good.as_str(), short.as_str(), padded.as_str(), ""]);
            let name = dice.one(&["r", "r", "r", "R", "rr"]);
            say("Cookie", format!("a=b;{name}={value}; c"));
        }
        if dice.chance(6) {
            let origins = ["https://h.example", "http://h.example", "https://x.example", "null"];
            say("Origin", dice.one(&origins).to_owned());
        }
        if dice.chance(4) {
            let jti = dice.one(&["j1", "j2"]).to_owned();
            let expires = Timestamp::from_seconds(START + 60);
            let at = Timestamp::from_nanos(now);
            self.maker.revoke("access", &jti, expires, at).ok()?;
            self.revoked.push(("access".to_owned(), jti));
        }
        exchange.revoked.clone_from(&self.revoked);
        exchange.opaque.clone_from(&self.opaque);
        exchange.store = !dice.chance(8);
        Some(exchange)
    }

    fn token(&mut self, dice: &mut Dice, now: i64) -> Option<String> {
        match dice.below(4) {
            0 => self.opaque(dice, now),
            1 => Some(dice.one(&["x", "x.y.z", "t_", "t_x", ""]).to_owned()),
            _ => jwt(dice),
        }
    }

    /// One that there is, or a slip of one.
    fn opaque(&mut self, dice: &mut Dice, now: i64) -> Option<String> {
        let known = dice.below(self.opaque.len() + 2);
        if let Some(known) = self.opaque.get(known) {
            let mut text = known.text.clone();
            if dice.chance(3) {
                let last = text.pop();
                text.push(if last == Some('0') { '1' } else { '0' });
            }
            return Some(text);
        }
        let scope = dice.one(&["read:x", "none"]).to_owned();
        let scopes = vec![scope.clone()];
        let id = dice.one(&["u1", "u2"]);
        let expires_at = *dice.one(&[&None, &Some(now), &Some(now + 1), &Some(now + 90 * SECOND)]);
        let attributes = [
            ("id", Value::Text(id)),
            ("role", Value::Text("user")),
            ("scopes", Value::List(&scopes)),
        ];
        let expires = expires_at.map(Timestamp::from_nanos);
        let at = Timestamp::from_nanos(now);
        let made = self.maker.create_token("pat", id, "a test", attributes, expires, at).ok()?;
        let text = |text: &str| Fact::Text(text.to_owned());
        let attributes = Facts(vec![
            ("id".to_owned(), text(id)),
            ("role".to_owned(), text("user")),
            ("scopes".to_owned(), Fact::List(vec![text(&scope)])),
        ]);
        let given = Given { credential: "pat".to_owned(), attributes };
        self.opaque.push(OpaqueToken { text: made.text().to_owned(), given, expires_at });
        Some(made.text().to_owned())
    }
}

/// A signed token; in most of them one thing is odd.
fn jwt(dice: &mut Dice) -> Option<String> {
    let mut claims = json!({
        "iss": dice.one(&["iss", "iss", "iss", "other"]), "aud": "aud", "iat": START,
        "exp": START + 60, "sub": dice.one(&["u1", "u2"]), "role": "user",
        "jti": dice.one(&["j1", "j2", "j3"]), "sid": "s",
    });
    let odd: [(&str, Json); 10] = [
        ("jti", Json::Null),
        ("jti", json!("")),
        ("jti", json!(7)),
        ("sid", json!(7)),
        ("sid", Json::Null),
        ("exp", json!(START + 61)),
        ("nbf", json!(START + 1)),
        ("role", json!("none")),
        ("sub", json!(7)),
        ("iat", json!(START)),
    ];
    if dice.chance(2) {
        let (name, value) = odd.get(dice.below(odd.len()))?.clone();
        let claims = claims.as_object_mut()?;
        // Left out, and not only without a value.
        if value.is_null() && dice.chance(2) {
            claims.remove(name);
        } else {
            claims.insert(name.to_owned(), value);
        }
    }
    let mut token =
        encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(SECRET)).ok()?;
    if dice.chance(12) {
        token.pop();
    }
    Some(token)
}
