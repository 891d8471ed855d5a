//! Requests to the shop, through every stage.
//!
//! An input is text, so that seeds can be read: requests with `--` between them, each a line with
//! method and target, headers, an empty line, and a body. `$user` in a header stands for a good
//! token of a user, and so do `$guest` and `$admin`.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use jsonwebtoken::{EncodingKey, Header, encode};
use portcullis::probe::Named;
use portcullis::{
    Accepted, Engine, Key, Policy, Refusal, Request, SignatureAlgorithm, SigningKey, Timestamp,
    Value, find_route,
};
use portcullis_compiler::{Compilation, compile};
use portcullis_syntax::{Source, Sources};

/// A test key, and worth nothing.
const SECRET: &[u8] = b"a test key for HS256, known to all";
/// 2026-01-01T00:00:00Z, in seconds.
const START: i64 = 1_767_225_600;
const PROFILE: &str = "production";
/// Where nobody needs a credential.
const PUBLIC: [&str; 4] =
    ["/api/products", "/api/auth/login", "/api/auth/register", "/api/auth/forgot-password"];
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const CALLERS: [(&str, &str); 3] = [("$user", "user"), ("$guest", "guest"), ("$admin", "admin")];

static SHOP: LazyLock<Compilation> = LazyLock::new(|| {
    let mut sources = Sources::new();
    sources.add(Source::new("access.gate", include_str!("../../policies/shop/access.gate")));
    sources.add(Source::new("orders.gate", include_str!("../../policies/shop/orders.gate")));
    sources.add(Source::new("products.gate", include_str!("../../policies/shop/products.gate")));
    sources.add(Source::new("users.gate", include_str!("../../policies/shop/users.gate")));
    let shop = compile(sources);
    assert!(!shop.has_errors(), "{:?}", shop.diagnostics);
    shop
});

/// A token of each of the callers; all are called `u1`.
static TOKENS: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
    let mint = |role: &str| {
        let claims = serde_json::json!({
            "iss": "your-api.example", "aud": "your-app", "sub": "u1", "role": role,
            "iat": START, "exp": START + 900, "jti": role,
        });
        encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET)).expect("a token")
    };
    CALLERS.iter().map(|(name, role)| (*name, mint(role))).collect()
});

/// Holds for all bytes: no stage panics, nobody is let in without a good token where one is needed,
/// and no one but an admin is shown what is another's.
pub fn check(bytes: &[u8]) {
    // New for each input, so that an input that is a find is one again the next time.
    let engine = Engine::builder(Policy::from(SHOP.clone()))
        .profile(PROFILE)
        .key("access", Key::secret(SignatureAlgorithm::Hs256, SECRET).expect("a key"))
        .signing_key(
            "access",
            SigningKey::secret(SignatureAlgorithm::Hs256, SECRET).expect("a key"),
        )
        .build()
        .expect("an engine");
    let text = String::from_utf8_lossy(bytes);
    for (at, exchange) in text.split("\n--\n").take(12).enumerate() {
        send(&engine, exchange, START + i64::try_from(at).unwrap_or(0));
    }
}

fn send(engine: &Engine, exchange: &str, now: i64) {
    let (head, body) = match exchange.split_once("\n\n") {
        Some((head, body)) => (head, Some(body.as_bytes())),
        None => (exchange, None),
    };
    let mut lines = head.split('\n');
    let (method, target) =
        lines.next().and_then(|line| line.split_once(' ')).unwrap_or(("GET", "/"));
    let headers: Vec<(&str, String)> = lines
        .map(|line| line.split_once(':').unwrap_or((line, "")))
        .map(|(name, value)| (name, with_tokens(value)))
        .collect();
    let mut request =
        Request::new(method, target, PEER, Timestamp::from_nanos(now * 1_000_000_000))
            .https(!headers.iter().any(|(name, _)| *name == "plain"));
    for (name, value) in &headers {
        request.add_header(name, value.as_bytes());
    }
    let Ok(admitted) = engine.admit(request) else {
        return;
    };

    let sent = sent_token(&headers);
    let route = find_route(
        SHOP.plan(PROFILE).expect("a plan"),
        method.replace("HEAD", "GET").as_str(),
        target,
    )
    .expect("what is admitted has a route")
    .route;
    let pattern = route.pattern.as_str();
    let public = PUBLIC.contains(&pattern);
    assert!(public || sent.is_some(), "admitted without a credential");
    let anybody = public || pattern == "/api/auth/logout";
    assert!(anybody || sent != Some("$guest"), "a guest got where only users go");
    let admin = sent == Some("$admin");

    let Ok(accepted) = admitted.input(body) else {
        return;
    };
    assert_eq!(accepted.pattern(), pattern);
    match (route.method.as_str(), pattern) {
        ("GET", "/api/products") => {
            let shown = accepted.probe(&|_| None, &[&Product]).expect("a product can be shown");
            assert_eq!(shown.fields, Some(["id", "name", "price"].map(str::to_owned).to_vec()));
        }
        ("GET", "/api/orders") => {
            let (own, other) = (Order { id: 1, owner: "u1" }, Order { id: 2, owner: "u2" });
            let shown = accepted.probe(&|_| None, &[&own, &other]).expect("rows can be shown");
            assert_eq!(shown.rows, Some(if admin { 2 } else { 1 }));
        }
        (_, "/api/orders/{id}") => check_order(&accepted, uuid(target), admin),
        ("GET" | "PATCH", "/api/profile") => {
            shows(&accepted, &User("u1"), &PROFILE_FIELDS);
            assert!(accepted.probe(&|_| Some(&User("u2")), &[]).is_err(), "another's profile");
        }
        ("GET", "/api/users") => {
            assert!(admin, "who lists users");
            let shown = accepted.probe(&|_| None, &[&User("u2")]).expect("users can be shown");
            assert_eq!(shown.rows, Some(1));
        }
        ("POST", "/api/users") => {
            assert!(admin, "who makes users");
            shows(&accepted, &User("u9"), &PUBLIC_FIELDS);
        }
        ("POST", "/api/auth/register") => shows(&accepted, &User("u9"), &PUBLIC_FIELDS),
        ("GET", "/api/users/{id}") => {
            let own = accepted.probe(&|_| Some(&User("u1")), &[]);
            assert!(own.is_err() || percent_decoded(target).contains("/u1"), "another key");
            let other = accepted.probe(&|_| Some(&User("u2")), &[]);
            assert!(other.is_err() || admin, "another's profile");
        }
        ("DELETE", "/api/users/{id}") => {
            assert!(admin, "who deletes users");
            assert!(
                accepted.probe(&|_| Some(&User("u1")), &[]).is_err(),
                "an admin deletes itself"
            );
        }
        ("GET", "/api/analytics/dashboard") => assert!(admin, "who sees the figures"),
        ("POST", "/api/auth/login") => assert!(accepted.owes_tokens(), "a sign-in gives tokens"),
        ("POST", "/api/auth/logout") => assert!(accepted.ends_session(), "a sign-out ends one"),
        ("POST", "/api/auth/forgot-password") => {
            let shown = accepted.probe(&|_| None, &[]).expect("it has no object");
            assert_eq!(shown.fields, None);
        }
        other => panic!("a route that is not known here: {other:?}"),
    }
}

const PUBLIC_FIELDS: [&str; 4] = ["id", "name", "avatar", "memberSince"];
const PROFILE_FIELDS: [&str; 6] = ["id", "name", "avatar", "memberSince", "email", "bio"];

/// An object is shown, by these fields.
fn shows(accepted: &Accepted<'_>, object: &dyn Named, fields: &[&str]) {
    let shown = accepted.probe(&|_| Some(object), &[]).expect("it can be shown");
    let mut names = shown.fields.expect("a view");
    names.sort_unstable();
    let mut expected: Vec<_> = fields.iter().map(|name| (*name).to_owned()).collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

fn check_order(accepted: &Accepted<'_>, id: u128, admin: bool) {
    assert!(accepted.probe(&|_| None, &[]).is_err(), "nothing was shown");
    let own = fields(accepted, &Order { id, owner: "u1" });
    let other = fields(accepted, &Order { id, owner: "u2" });
    let wrong = fields(accepted, &Order { id: id.wrapping_add(1), owner: "u1" });
    assert!(wrong.is_err(), "an object was shown that the request does not name");
    assert!(own.is_ok(), "{own:?}");
    assert_eq!(other.is_ok(), admin, "who sees another's order: {other:?}");
    for fields in [own, other].into_iter().flatten() {
        assert!(!fields.iter().any(|name| name.contains("card")), "a secret left");
        assert!(admin || !fields.iter().any(|name| name == "userId"), "what only staff sees");
    }
}

fn with_tokens(value: &str) -> String {
    TOKENS.iter().fold(value.to_owned(), |value, (name, token)| value.replace(name, token))
}

/// Whose token stands in the one header for it, whole and with nothing around it.
fn sent_token(headers: &[(&str, String)]) -> Option<&'static str> {
    let mut credentials =
        headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let (_, value) = credentials.next()?;
    let (_, sent) = value.trim_matches([' ', '\t']).split_once(' ')?;
    let (name, _) = TOKENS.iter().find(|(_, token)| token == sent.trim_start_matches(' '))?;
    credentials.next().is_none().then_some(*name)
}

fn fields(accepted: &Accepted<'_>, order: &Order) -> Result<Vec<String>, Refusal> {
    let shown = accepted.probe(&|_| Some(order), &[])?;
    Ok(shown.fields.unwrap_or_default().into_iter().collect())
}

/// The id that a path ends in. Where the engine has accepted it, it is one.
fn uuid(target: &str) -> u128 {
    let path = target.split('?').next().unwrap_or("");
    let path = percent_decoded(path);
    let segment = path.rsplit('/').next().unwrap_or("");
    u128::from_str_radix(&segment.replace('-', ""), 16).unwrap_or(0)
}

fn percent_decoded(path: &str) -> String {
    let mut parts = path.split('%');
    let mut decoded = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let byte = part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(char::from(byte.unwrap_or(b'%')));
        decoded.push_str(part.get(2..).unwrap_or(""));
    }
    decoded
}

struct Order {
    id: u128,
    owner: &'static str,
}

impl Named for Order {
    fn named(&self, name: &str) -> Value<'_> {
        match name {
            "id" => Value::Uuid(self.id),
            "user_id" => Value::Text(self.owner),
            "status" => Value::Text("placed"),
            "total" => Value::Int(1),
            "card_token" => Value::Text("secret"),
            "created_at" => Value::Time(Timestamp::from_nanos(START * 1_000_000_000)),
            _ => Value::Absent,
        }
    }

    fn nested(&self, _: &str) -> Option<&dyn Named> {
        None
    }
}

struct Product;

impl Named for Product {
    fn named(&self, name: &str) -> Value<'_> {
        match name {
            "id" | "name" => Value::Text("p"),
            "price" => Value::Int(1),
            _ => Value::Absent,
        }
    }

    fn nested(&self, _: &str) -> Option<&dyn Named> {
        None
    }
}

/// A user by the key.
struct User(&'static str);

impl Named for User {
    fn named(&self, name: &str) -> Value<'_> {
        match name {
            "id" => Value::Text(self.0),
            "name" | "email" | "role" => Value::Text("user"),
            "password_hash" => Value::Text("secret"),
            "created_at" => Value::Time(Timestamp::from_nanos(START * 1_000_000_000)),
            _ => Value::Absent,
        }
    }

    fn nested(&self, _: &str) -> Option<&dyn Named> {
        None
    }
}
