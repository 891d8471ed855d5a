//! What clients send to be read: bodies, forms and query strings. An input is what is sent, to the
//! byte.

use std::cell::RefCell;
use std::net::Ipv4Addr;

use portcullis_compiler::compile;
use portcullis_syntax::{Source, Sources};
use portcullis_test::{Exchange, World};
use portcullis_testing::corpus::{Called, evaluators};

thread_local! {
    static EVALUATORS: RefCell<Vec<Called>> = RefCell::new({
        let mut sources = Sources::new();
        sources.add(Source::new("input.gate", include_str!("input.gate")));
        let policy = compile(sources);
        assert!(!policy.has_errors(), "{:?}", policy.diagnostics);
        evaluators(&policy, "default").expect("evaluators")
    });
}

/// Holds for all bytes: every evaluator takes the same bodies, and finds the same fields at fault.
pub fn check_body(bytes: &[u8]) {
    let form = "application/x-www-form-urlencoded";
    for (target, kind) in [("/body", "application/json"), ("/form", form)] {
        let headers = vec![host(), ("content-type".to_owned(), kind.to_owned())];
        compare(&exchange("POST", target.to_owned(), headers, Some(bytes.to_vec())));
    }
}

/// The same of query strings.
pub fn check_query(bytes: &[u8]) {
    let target = format!("/query?{}", String::from_utf8_lossy(bytes));
    compare(&exchange("GET", target, vec![host()], None));
}

fn host() -> (String, String) {
    ("host".to_owned(), "shop.example".to_owned())
}

fn exchange(
    method: &str,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
) -> Exchange {
    Exchange {
        method: method.to_owned(),
        target,
        https: true,
        peer: Ipv4Addr::new(192, 0, 2, 1).into(),
        headers,
        caller: None,
        act: None,
        body,
        world: World::default(),
        outcome: None,
        store: true,
        now: 1_767_225_600 * 1_000_000_000,
    }
}

fn compare(exchange: &Exchange) {
    EVALUATORS.with_borrow_mut(|evaluators| {
        let answers = evaluators.iter_mut().map(|(name, one)| (*name, one.send(exchange)));
        let answers: Vec<_> = answers.collect();
        for pair in answers.windows(2) {
            assert_eq!(pair[0].1, pair[1].1, "{} and {}", pair[0].0, pair[1].0);
        }
    });
}
