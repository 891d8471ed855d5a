//! Failures that other engines were published for, each as a test of its own.
#![allow(clippy::expect_used, clippy::panic, reason = "tests say what they expect")]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};

use portcullis::{
    AttributeType, Decision, Degraded, Engine, Observer, Outcome, Policy, Reason, Request,
    Resource, Timestamp, Value,
};
use portcullis_compiler::compile;
use portcullis_syntax::{Code, Source, Sources};
use portcullis_test::store::TestStore;
use portcullis_testing::corpus::Case;

const HEAD: &str = r#"
transport { hosts ["h"] }
credential access jwt {
    issuer "i" audience "a" algorithms [EdDSA] lifetime 15m
    caller { id: string from "sub" role: role from "role" age: int? from "age" }
}
role user { read:things }
resource thing {
    key id: int
    owner: string
    level: int
    predicate mine { thing.owner == caller.id }
    view all { id }
}
"#;

/// By every evaluator and driver.
#[track_caller]
fn passes(policy: &str, tests: &str) {
    if let Err(why) = Case::passing(&format!("{HEAD}{policy}"), tests).check() {
        panic!("{why}");
    }
}

#[track_caller]
fn does_not_compile(policy: &str, code: Code) {
    let mut sources = Sources::new();
    sources.add(Source::new("policy.gate", format!("{HEAD}{policy}")));
    let compilation = compile(sources);
    assert!(compilation.has_errors(), "it compiles");
    let codes: Vec<Code> = compilation.diagnostics.iter().map(|fault| fault.code).collect();
    assert!(codes.contains(&code), "{codes:?}");
}

fn route(clauses: &str) -> String {
    format!(
        "route GET /things/{{id}} {{ accept [access] signed_in params {{ id: int }} \
         loads thing by params.id {clauses} returns thing.all }}"
    )
}

const NOW: Timestamp = Timestamp::from_seconds(1_767_225_600);

/// A thing whose level the service has promised to know, and does not.
struct Broken;

impl Resource for Broken {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] = &[
        ("id", AttributeType::Int),
        ("owner", AttributeType::String),
        ("level", AttributeType::Int),
    ];

    fn attribute(&self, slot: usize) -> Value<'_> {
        match slot {
            0 => Value::Int(1),
            1 => Value::Text("u"),
            _ => Value::Absent,
        }
    }
}

/// What the engine says of it.
#[track_caller]
fn of_a_broken_thing(policy: &str) -> Reason {
    let text = format!("{HEAD}{policy}");
    let policy = Policy::parse([("policy.gate", text.as_str())]).expect("it compiles");
    let engine = Engine::builder(policy).without_keys().resource::<Broken>("thing");
    let engine = engine.build().expect("it builds");
    let caller = [("id", Value::Text("u")), ("role", Value::Text("user"))];
    let caller = engine.caller("access", caller).expect("a caller");
    let request = Request::new("GET", "/things/1", IpAddr::V4(Ipv4Addr::LOCALHOST), NOW);
    let accepted = engine.admit_as(request.header("host", b"h"), Some(&caller));
    let accepted = accepted.and_then(|admitted| admitted.input(None)).expect("it is accepted");
    accepted.object(Some(Broken)).map(|_| ()).expect_err("it is let through").reason()
}

/// Whether a request is let in, by the engine.
fn lets_in(engine: &Engine, peer: &str, headers: &[(&str, &str)]) -> bool {
    let peer: IpAddr = peer.parse().expect("an address");
    let mut request = Request::new("GET", "/a", peer, NOW).header("host", b"h");
    for (name, value) in headers {
        request.add_header(name, value.as_bytes());
    }
    engine.admit(request).and_then(|admitted| admitted.input(None)).is_ok()
}

fn engine(text: &str) -> Engine {
    let policy = Policy::parse([("policy.gate", text)]).expect("it compiles");
    Engine::builder(policy).without_keys().build().expect("it builds")
}

/// A `deny` that could not be evaluated was left out, and the request went through.
#[test]
fn a_type_error_does_not_drop_a_deny() {
    does_not_compile(&route("deny when thing.level == \"9\""), Code::TypeMismatch);
    // And where the service breaks its word about a value, the answer is its fault, not a yes.
    assert_eq!(of_a_broken_thing(&route("deny when thing.level > 3")), Reason::ServiceFault);
}

/// A comparison of two kinds of value became a condition that always holds.
#[test]
fn a_mismatch_never_becomes_always_allowed() {
    does_not_compile(&route("allow when caller.id != thing.level"), Code::TypeMismatch);
    does_not_compile(&route("allow when thing.level in [\"1\"]"), Code::TypeMismatch);
    let policy = route("allow when not (thing.level == 1)");
    assert_eq!(of_a_broken_thing(&policy), Reason::ServiceFault);
}

/// An evaluation that ran into a limit gave `false`, which a `not` around it made `true`.
#[test]
fn a_limit_error_does_not_flip_a_not() {
    let deep = format!("allow when {}mine{}", "not (".repeat(40), ")".repeat(40));
    does_not_compile(&route(&deep), Code::TooLarge);
    // The deepest that compiles is decided as it is written.
    let even = format!("allow when {}mine{}", "not (".repeat(20), ")".repeat(20));
    passes(
        &route(&even),
        r#"test "mine" {
            caller { id: "u" role: user }
            request GET /things/1
            resource thing { id: 1 owner: "u" }
            expect admit
        }
        test "not mine" {
            caller { id: "u" role: user }
            request GET /things/1
            resource thing { id: 1 owner: "v" }
            expect refuse forbidden
        }"#,
    );
}

/// A key of the configuration that nobody knew was passed over, and with it the rule.
#[test]
fn an_unknown_or_misspelt_key_is_an_error() {
    does_not_compile(&route("dney when mine"), Code::Syntax);
    does_not_compile(&route("deny when mien"), Code::UnknownName);
    does_not_compile(&route("deny when caller.ag > 3"), Code::UnknownName);
    // A permission has no declaration; one that is misspelt is one that nobody has.
    passes(
        &route("needs raed:things"),
        r#"test "nobody" {
            caller { id: "u" role: user }
            request GET /things/1
            expect refuse missing_permission
        }"#,
    );
}

/// Without a rule, or without the value that it asks for, the door was open.
#[test]
fn a_missing_key_does_not_leave_the_door_open() {
    does_not_compile("route GET /a { accept [access] returns nothing }", Code::NoAccess);
    does_not_compile(&route("deny when caller.age < 18"), Code::MayBeAbsent);
    passes(
        &route("deny unless_absent")
            .replace("deny unless_absent", "require when exists caller.age"),
        r#"test "without it" {
            caller { id: "u" role: user }
            request GET /things/1
            resource thing { id: 1 }
            expect refuse forbidden
        }"#,
    );
}

const BY_ADDRESS: &str = r#"
transport { hosts ["h"] }
budget b { limit 2 per 1h key request.ip }
route GET /a { public budget [b] returns nothing }
"#;

/// The first address of a header that anybody can write was taken for the client's.
#[test]
fn the_leftmost_forwarded_for_is_not_believed() {
    let engine = engine(BY_ADDRESS);
    let headers = [
        ("x-forwarded-for", "203.0.113.1, 192.0.2.1"),
        ("x-forwarded-for", "203.0.113.2, 192.0.2.1"),
        ("forwarded", "for=203.0.113.3"),
    ];
    let let_in = headers.map(|header| lets_in(&engine, "192.0.2.1", &[header]));
    assert_eq!(let_in, [true, true, false]);
    assert!(lets_in(&engine, "192.0.2.2", &headers), "another peer is another client");
}

/// All of IPv4, written as IPv6, fell into one block of IPv6 and shared its count.
#[test]
fn ipv4_mapped_ipv6_does_not_share_one_bucket() {
    let engine = engine(BY_ADDRESS);
    let mapped = |_| lets_in(&engine, "::ffff:192.0.2.1", &[]);
    assert_eq!([(), (), ()].map(mapped), [true, true, false]);
    assert!(lets_in(&engine, "::ffff:192.0.2.2", &[]));
    assert!(!lets_in(&engine, "192.0.2.1", &[]), "it is the same address, written otherwise");
}

/// A count that began anew with each window let through twice its limit around the edge.
#[test]
fn no_burst_of_twice_the_limit_at_a_windows_edge() {
    for algorithm in ["sliding_window", "token_bucket"] {
        passes(
            &format!(
                "budget b {{ limit 4 per 1m algorithm {algorithm} }}
                 route GET /a {{ public budget [b] returns nothing }}"
            ),
            r#"test "before and after a minute's end" {
                at 2026-01-01T00:00:59Z
                request GET /a
                expect admit times 4
                after 2s
                expect refuse over_budget
            }"#,
        );
    }
}

/// Attempts that were all under way before the first was known to have failed were all let in.
#[test]
fn slow_concurrent_attempts_do_not_slip_past_a_failure_count() {
    const ATTEMPTS: usize = 16;
    const LIMIT: usize = 5;
    let engine = engine(&format!(
        "transport {{ hosts [\"h\"] }}
         budget attempts {{ limit {LIMIT} per 15m key request.ip refund on success }}
         route POST /login {{ public budget [attempts] returns nothing }}"
    ));
    let attempt = || {
        let request = Request::new("POST", "/login", IpAddr::V4(Ipv4Addr::LOCALHOST), NOW);
        engine.admit(request.header("host", b"h")).and_then(|admitted| admitted.input(None))
    };
    // Each is let in or not before any of them is known to have failed.
    let (all_asked, let_in) = (Barrier::new(ATTEMPTS), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..ATTEMPTS {
            scope.spawn(|| {
                let accepted = attempt();
                all_asked.wait();
                if let Ok(accepted) = accepted {
                    let_in.fetch_add(1, Ordering::SeqCst);
                    accepted.finish(Outcome::Failure).expect("memory can be reached");
                }
            });
        }
    });
    assert_eq!(let_in.load(Ordering::SeqCst), LIMIT);
    assert!(attempt().is_err(), "the failures have been forgotten");
}

/// What was admitted while the store was away was charged to nobody: given back all the same, it would be
/// another's.
#[test]
fn what_was_admitted_uncharged_is_not_given_back_and_is_told() {
    const POLICY: &str = r#"
transport { hosts ["h"] }
budget tries { limit 1 per 1h refund on success unavailable admit "a test" }
route POST /in { public budget [tries] returns nothing }
"#;
    #[derive(Clone, Default)]
    struct Told(Arc<Mutex<Vec<String>>>);
    impl Observer for Told {
        fn refused(&self, _: &Decision<'_>) {}

        fn degraded(&self, passed: &Degraded<'_>) {
            let route = passed.route().map(|(method, path)| format!("{method} {path}"));
            let line = format!("{} {:?} {:?}", passed.budget(), route, passed.action());
            self.0.lock().expect("nobody panics").push(line);
        }
    }
    let (store, told) = (TestStore::default(), Told::default());
    let policy = Policy::parse([("p.gate", POLICY)]).expect("it compiles");
    let builder = Engine::builder(policy).store(store.clone()).observer(told.clone());
    let engine = builder.build().expect("it needs nothing");
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let ask = || {
        let request = Request::new("POST", "/in", address, NOW).header("host", b"h");
        engine.admit(request).and_then(|admitted| admitted.input(None))
    };
    ask().expect("the one that counts");
    store.switch().set(false);
    let uncharged = ask().expect("the store is away");
    store.switch().set(true);
    uncharged.finish(Outcome::Success).expect("there is nothing to give back");
    assert_eq!(ask().expect_err("it is drained").reason(), Reason::OverBudget);
    let expected = r#"tries Some("POST /in") None"#;
    assert_eq!(*told.0.lock().expect("nobody panics"), [expected]);
}
