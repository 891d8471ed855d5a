//! What clients send to be read: bodies, forms and query strings. An input is what is sent, to the
//! byte.

use std::cell::RefCell;

use portcullis_test::Exchange;

use crate::evaluators::Evaluators;

thread_local! {
    static EVALUATORS: RefCell<Evaluators> =
        RefCell::new(Evaluators::new(include_str!("input.gate")));
}

/// Holds for all bytes: every evaluator takes the same bodies, and finds the same fields at fault.
pub fn check_body(bytes: &[u8]) {
    let form = "application/x-www-form-urlencoded";
    for (target, kind) in [("/body", "application/json"), ("/form", form)] {
        let headers = vec![host(), ("content-type".to_owned(), kind.to_owned())];
        let body = Some(bytes.to_vec());
        compare(&Exchange { headers, body, ..Exchange::new("POST", target) });
    }
}

/// The same of query strings.
pub fn check_query(bytes: &[u8]) {
    let target = format!("/query?{}", String::from_utf8_lossy(bytes));
    compare(&Exchange { headers: vec![host()], ..Exchange::new("GET", &target) });
}

fn host() -> (String, String) {
    ("host".to_owned(), "shop.example".to_owned())
}

fn compare(exchange: &Exchange) {
    EVALUATORS.with_borrow_mut(|evaluators| evaluators.compare(exchange));
}
