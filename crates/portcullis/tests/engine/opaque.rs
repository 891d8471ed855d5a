//! Personal access tokens: made, used, listed, taken back.

use portcullis::{Engine, Policy, Reason, Timestamp, Value};

use crate::sessions::{at, later};

const POLICY: &str = r#"
transport { hosts ["shop.example"] }
credential pat opaque {
    prefix "shop_"
    caller { id: string  role: role  scopes: scopes }
}
credential robot opaque { prefix "robot_" caller { id: string } }
role user { read:orders write:orders }
scope reading as "r" { read:orders }
route GET /orders { accept [pat] needs read:orders returns nothing }
route PUT /orders { accept [pat] needs write:orders returns nothing }
"#;

fn engine() -> Engine {
    let policy = Policy::parse([("opaque.gate", POLICY)]).unwrap();
    Engine::builder(policy).build().unwrap()
}

fn make(
    engine: &Engine,
    owner: &str,
    expires: Option<Timestamp>,
    seconds: i64,
) -> (String, String) {
    let scopes = vec!["reading".to_owned()];
    let attributes = [
        ("id", Value::Text(owner)),
        ("role", Value::Text("user")),
        ("scopes", Value::List(&scopes)),
    ];
    let made = engine
        .create_token("pat", owner, "backup script", attributes, expires, later(seconds))
        .unwrap();
    (made.id(), made.text().to_owned())
}

fn ask(engine: &Engine, method: &str, token: &str, seconds: i64) -> Option<Reason> {
    let bearer = format!("Bearer {token}");
    let request = at(method, "/orders", seconds).header("Authorization", bearer.as_bytes());
    engine.admit(request).err().map(|refusal| refusal.reason())
}

#[test]
fn a_token_does_what_its_scopes_say_until_it_ends() {
    let engine = engine();
    let (_, token) = make(&engine, "u1", Some(later(60)), 0);
    assert!(token.starts_with("shop_") && token.len() == "shop_".len() + 49);
    assert_eq!(ask(&engine, "GET", &token, 0), None);
    assert_eq!(ask(&engine, "PUT", &token, 0), Some(Reason::MissingPermission));
    assert_eq!(ask(&engine, "GET", &token, 59), None);
    assert_eq!(ask(&engine, "GET", &token, 60), Some(Reason::ExpiredCredential));
    let (_, endless) = make(&engine, "u1", None, 0);
    assert_eq!(ask(&engine, "GET", &endless, 1_000_000_000), None);
    for wrong in [&token[1..], &token[..token.len() - 1], "shop_", &token.to_uppercase()] {
        assert_eq!(ask(&engine, "GET", wrong, 0), Some(Reason::InvalidCredential));
    }
}

#[test]
fn an_owner_lists_tokens_and_takes_them_back() {
    let engine = engine();
    let (first, token) = make(&engine, "u1", Some(later(600)), 0);
    let (second, _) = make(&engine, "u1", None, 1);
    let (foreign, _) = make(&engine, "u2", None, 2);
    let listed = |owner: &str| engine.tokens_of(owner).unwrap();
    let ids = |owner: &str| listed(owner).iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids("u1"), [second.clone(), first.clone()]);
    assert_eq!(ids("nobody"), [""; 0]);
    let record = &listed("u1")[1];
    assert_eq!((record.label.as_str(), record.last_used_at), ("backup script", None));
    assert_eq!((record.created_at, record.expires_at), (later(0), Some(later(600))));
    // To within a minute.
    for (seconds, noted) in [(5, 5), (30, 5), (64, 5), (65, 65), (60, 65)] {
        assert_eq!(ask(&engine, "GET", &token, seconds), None);
        assert_eq!(listed("u1")[1].last_used_at, Some(later(noted)), "{seconds}");
    }
    // Nobody takes another's back.
    assert_eq!(engine.discard_token("u1", &foreign), Ok(false));
    assert_eq!(engine.discard_token("u1", "no id"), Ok(false));
    assert_eq!(ids("u2"), [foreign]);
    assert_eq!(engine.discard_token("u1", &first), Ok(true));
    assert_eq!(engine.discard_token("u1", &first), Ok(false));
    assert_eq!(ask(&engine, "GET", &token, 70), Some(Reason::InvalidCredential));
    assert_eq!(ids("u1"), [second]);
}

#[test]
fn a_token_of_another_credential_or_caller_is_none() {
    let engine = engine();
    let robot =
        engine.create_token("robot", "r", "", [("id", Value::Text("r"))], None, later(0)).unwrap();
    assert_eq!(ask(&engine, "GET", robot.text(), 0), Some(Reason::InvalidCredential));
    for (credential, attributes, why) in [
        ("none", vec![], "no credential `none`"),
        ("robot", vec![("id", Value::Int(7))], "`id` is of another type"),
        ("robot", vec![], "`id` is missing"),
        ("robot", vec![("role", Value::Text("user"))], "no attribute `role`"),
    ] {
        let made = engine.create_token(credential, "r", "", attributes, None, later(0));
        let error = made.unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    let debugged = format!("{robot:?}");
    assert!(!debugged.contains(robot.text()), "{debugged}");
}
