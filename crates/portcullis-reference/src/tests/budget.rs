//! Budgets: when they are charged, under which key, and how units come back.

use super::*;

#[track_caller]
fn repeat(naive: &mut Reference, exchange: &Exchange, times: usize, expected: &str) {
    for time in 0..times {
        assert_eq!(
            told(&naive.send(exchange).answer),
            expected,
            "time {time} of {}",
            exchange.target
        );
    }
}

/// One budget on `GET /b`, without a key.
fn budget(clauses: &str) -> Reference {
    naive(&format!("budget b {{ {clauses} }}\n route GET /b {{ public budget [b] }}"))
}

#[test]
fn a_bucket_fills_evenly() {
    let mut naive = budget("limit 3 per 10s");
    repeat(&mut naive, &get("/b"), 3, "admit");
    repeat(&mut naive, &get("/b"), 1, "over_budget");
    // A unit comes back after 3333333333.3 nanoseconds.
    repeat(&mut naive, &get("/b").at(3_333_333_333), 1, "over_budget");
    repeat(&mut naive, &get("/b").at(3_333_333_334), 1, "admit");
    repeat(&mut naive, &get("/b").at(6_666_666_666), 1, "over_budget");
    repeat(&mut naive, &get("/b").at(6_666_666_667), 1, "admit");
    // It is never more than full.
    repeat(&mut naive, &get("/b").at(100 * SECOND), 3, "admit");
    repeat(&mut naive, &get("/b").at(100 * SECOND), 1, "over_budget");
}

#[test]
fn a_small_window_is_exact() {
    let mut naive = budget("limit 2 per 10s algorithm sliding_window");
    repeat(&mut naive, &get("/b"), 1, "admit");
    repeat(&mut naive, &get("/b").at(5 * SECOND), 1, "admit");
    repeat(&mut naive, &get("/b").at(10 * SECOND - 1), 1, "over_budget");
    repeat(&mut naive, &get("/b").at(10 * SECOND), 1, "admit");
    repeat(&mut naive, &get("/b").at(15 * SECOND - 1), 1, "over_budget");
    repeat(&mut naive, &get("/b").at(15 * SECOND), 1, "admit");
}

#[test]
fn a_large_window_counts_in_parts() {
    // A part is a second, and the start is the beginning of one.
    let mut naive = budget("limit 17 per 32s algorithm sliding_window");
    repeat(&mut naive, &get("/b").at(SECOND - 1), 16, "admit");
    repeat(&mut naive, &get("/b").at(SECOND), 1, "admit");
    repeat(&mut naive, &get("/b").at(33 * SECOND - 1), 1, "over_budget");
    repeat(&mut naive, &get("/b").at(33 * SECOND), 16, "admit");
    repeat(&mut naive, &get("/b").at(33 * SECOND), 1, "over_budget");
    repeat(&mut naive, &get("/b").at(34 * SECOND), 1, "admit");
}

#[test]
fn a_clock_that_goes_back_gives_nothing() {
    let mut bucket = budget("limit 2 per 10s");
    repeat(&mut bucket, &get("/b").at(20 * SECOND), 1, "admit");
    repeat(&mut bucket, &get("/b"), 1, "admit");
    repeat(&mut bucket, &get("/b"), 1, "over_budget");
    repeat(&mut bucket, &get("/b").at(24 * SECOND), 1, "over_budget");
    repeat(&mut bucket, &get("/b").at(25 * SECOND), 1, "admit");
    let mut window = budget("limit 1 per 10s algorithm sliding_window");
    repeat(&mut window, &get("/b").at(20 * SECOND), 1, "admit");
    repeat(&mut window, &get("/b"), 1, "over_budget");
    repeat(&mut window, &get("/b").at(30 * SECOND), 1, "admit");
}

#[test]
fn a_drained_budget_charges_nothing() {
    let mut naive = budget("limit 1 per 10s algorithm sliding_window");
    repeat(&mut naive, &get("/b"), 1, "admit");
    repeat(&mut naive, &get("/b").at(9 * SECOND), 5, "over_budget");
    repeat(&mut naive, &get("/b").at(10 * SECOND), 1, "admit");
}

const KEYS: &str = r#"
    budget by_id   { limit 1 per 1h key caller.id }
    budget by_ip   { limit 1 per 1h key request.ip }
    budget by_mail { limit 1 per 1h key [request.ip, body.mail] }
    budget by_path { limit 1 per 1h key params.n }
    budget all     { limit 3 per 1h }
    role user { read:x }
    group /g {
        accept [access]
        route GET  /id       { needs read:x budget [by_id] }
        route GET  /id2      { needs read:x budget [by_id] }
        route GET  /ip       { public budget [by_ip] }
        route POST /mail     { public body { mail: string trim 1..9 } budget [by_mail] }
        route GET  /n/{n}    { public params { n: int 0..99 } budget [by_path] }
        group /t {
            budget [all, by_id]
            route GET /n/{n} { needs read:x params { n: int 0..99 } budget [by_path] deny when params.n == 13 }
        }
    }
"#;

#[test]
fn one_sum_for_each_key_over_all_routes() {
    let mut naive = naive(KEYS);
    repeat(&mut naive, &get("/g/id").from("a", "user"), 1, "admit");
    repeat(&mut naive, &get("/g/id2").from("a", "user"), 1, "over_budget");
    repeat(&mut naive, &get("/g/id2").from("b", "user"), 1, "admit");
}

#[test]
fn addresses_in_keys_are_canonical() {
    let mut naive = naive(KEYS);
    for (peer, expected) in [
        ("192.0.2.7", "admit"),
        ("::ffff:192.0.2.7", "over_budget"),
        ("192.0.2.8", "admit"),
        ("2001:db8:1:2:3::1", "admit"),
        ("2001:db8:1:2:ffff::", "over_budget"),
        ("2001:db8:1:3::1", "admit"),
    ] {
        repeat(&mut naive, &get("/g/ip").peer(peer), 1, expected);
    }
}

#[test]
fn keys_hold_what_was_read() {
    let mail = |mail: &str| post("/g/mail", &format!(r#"{{"mail":"{mail}"}}"#));
    let mut naive = naive(KEYS);
    repeat(&mut naive, &mail("a"), 1, "admit");
    repeat(&mut naive, &mail(" a "), 1, "over_budget");
    repeat(&mut naive, &mail("A"), 1, "admit");
    repeat(&mut naive, &mail("a").peer("192.0.2.9"), 1, "admit");
    repeat(&mut naive, &get("/g/n/0"), 1, "admit");
    repeat(&mut naive, &get("/g/n/0"), 1, "over_budget");
}

#[test]
fn all_budgets_of_a_stage_are_charged_or_none() {
    // `by_path` is drained, so that `all` is not charged; `by_id` was, a stage earlier.
    let mut naive = naive(KEYS);
    let path = |id: &str, n: &str| get(&format!("/g/t/n/{n}")).from(id, "user");
    repeat(&mut naive, &path("a", "1"), 1, "admit");
    for id in ["b", "c", "d", "e"] {
        repeat(&mut naive, &path(id, "1"), 1, "over_budget");
    }
    repeat(&mut naive, &path("f", "2"), 1, "admit");
    repeat(&mut naive, &path("g", "3"), 1, "admit");
    repeat(&mut naive, &path("h", "4"), 1, "over_budget");
    repeat(&mut naive, &get("/g/id").from("b", "user"), 1, "over_budget");
}

#[test]
fn a_request_that_is_refused_otherwise_charges_only_earlier_stages() {
    let mut naive = naive(KEYS);
    let path = |id: &str, n: &str, role: &str| get(&format!("/g/t/n/{n}")).from(id, role);
    repeat(&mut naive, &path("a", "1", "none"), 3, "missing_permission");
    repeat(&mut naive, &path("a", "x", "user"), 1, "invalid_input {n}");
    // The caller stage had been charged.
    repeat(&mut naive, &path("a", "1", "user"), 1, "over_budget");
    for id in ["b", "c", "d", "e", "f"] {
        repeat(&mut naive, &path(id, "13", "user"), 1, "forbidden");
    }
    repeat(&mut naive, &path("g", "1", "user"), 1, "admit");
}
