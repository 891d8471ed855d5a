//! Scheme, host, path and method.

use super::*;

const ROUTES: &str = r"
    route GET    /            { public }
    route GET    /a           { public }
    route POST   /a           { public }
    route GET    /a/          { public }
    route PUT    /orders/{id} { public params { id: string max 9 } }
    route GET    /orders/mine { public }
    route GET    /files/{rest...} { public params { rest: string max 99 } }
    route DELETE /files/{name} { public params { name: string max 9 } }
    group /api {
        route GET / { public }
        group /v1 { route GET /x { public } }
    }
";

#[track_caller]
fn targets<const N: usize>(table: [(&str, &str); N]) {
    check(naive(ROUTES), table.map(|(target, expected)| (get(target), expected)));
}

#[test]
fn paths_compare_literally() {
    targets([
        ("/", "admit"),
        ("/a", "admit"),
        ("/a/", "admit"),
        ("/A", "unknown_route"),
        ("/b", "unknown_route"),
        ("/a/b", "unknown_route"),
        ("/%61", "admit"),
        ("/a?x=%20&y=/../;", "admit"),
        ("/a?b?c", "admit"),
    ]);
}

#[test]
fn a_groups_own_path_has_no_slash() {
    targets([
        ("/api", "admit"),
        ("/api/", "unknown_route"),
        ("/api/v1/x", "admit"),
        ("/v1/x", "unknown_route"),
    ]);
}

#[test]
fn a_literal_wins_over_a_parameter_and_that_over_a_rest() {
    targets([
        ("/orders/mine", "admit"),
        // The best pattern is chosen before the method is looked at.
        ("/orders/7", "method_not_allowed"),
        ("/files/x", "method_not_allowed"),
        ("/files/x/", "admit"),
        ("/files/x/y", "admit"),
        ("/files/", "unknown_route"),
        ("/files", "unknown_route"),
    ]);
}

#[test]
fn a_route_of_another_method_does_not_lend_its_pattern() {
    let put = |target| send("PUT", target);
    check(
        naive(ROUTES),
        [(put("/orders/mine"), "method_not_allowed"), (put("/orders/7"), "admit")],
    );
}

#[test]
fn methods_are_exact() {
    let at = |method| send(method, "/a");
    check(
        naive(ROUTES),
        [
            (at("HEAD"), "admit"),
            (at("DELETE"), "method_not_allowed"),
            (at("OPTIONS"), "method_not_allowed"),
            (at("TRACE"), "method_not_allowed"),
            (at("CONNECT"), "method_not_allowed"),
            (at("get"), "method_not_allowed"),
            (at("BREW"), "method_not_allowed"),
            (send("BREW", "/b"), "unknown_route"),
            (at(""), "malformed_request"),
            (at("GE T"), "malformed_request"),
            (at("GÉT"), "malformed_request"),
            (send("HEAD", "/orders/7"), "method_not_allowed"),
        ],
    );
}

#[test]
fn a_path_that_is_not_normal_is_malformed() {
    let bad = [
        "",
        "a",
        "*",
        "//",
        "//a",
        "/a//",
        "/a//b",
        "/.",
        "/..",
        "/a/../b",
        "/a/./b",
        "/a/..",
        "/%2e",
        "/a%2Fb",
        "/a%5cb",
        "/a\\b",
        "/a%00",
        "/a%1F",
        "/a%7f",
        "/a%25",
        "/a;b",
        "/a%3Bb",
        "/a%",
        "/a%4",
        "/a%zz",
        "/%ff",
        "/%C3",
        "/é",
        "/a b",
        "/a\n",
        "/a\u{7f}",
        "/a#b",
        "/a?x=%",
        "/a?x=%g0",
        "/a?x y",
        "/a?\\",
        "/a?#",
        "http://shop.example/a",
    ];
    for target in bad {
        check(naive(ROUTES), [(get(target), "malformed_request")]);
    }
    targets([("/%C3%A9", "unknown_route"), ("/...", "unknown_route"), ("/a%20b", "unknown_route")]);
}

#[test]
fn a_target_has_at_most_8192_bytes() {
    let long = format!("/{}", "b".repeat(8191));
    targets([(&long, "unknown_route"), (&format!("{long}b"), "malformed_request")]);
}

#[test]
fn host_is_one_name_or_address() {
    let mut table = Vec::new();
    for good in
        ["shop.example", "SHOP.example:8080", "[::1]", "[::1]:80", "192.0.2.1:1", "a-b", " a\t"]
    {
        table.push((good, "admit"));
    }
    for bad in [
        "",
        "shop.example.",
        ".shop",
        "a..b",
        "a_b",
        "a b",
        "é",
        "shop.example:",
        "a:x",
        "a:+1",
        "a:65536",
        "[::1",
        "[::g]",
        "[1.2.3.4]",
        "::1",
        "[::1]x",
        "a/b",
        "user@a",
    ] {
        table.push((bad, "malformed_request"));
    }
    for (host, expected) in table {
        let exchange = get("/a").without("host").header("host", host);
        assert_eq!(told(&naive(ROUTES).send(&exchange).answer), expected, "{host}");
    }
}

#[test]
fn one_host_and_no_header_twice_that_decides() {
    check(
        naive(ROUTES),
        [
            (get("/a").without("host"), "malformed_request"),
            (get("/a").header("HOST", "shop.example"), "malformed_request"),
            (
                get("/a").header("authorization", "x").header("Authorization", "x"),
                "malformed_request",
            ),
            (
                get("/a").header("content-type", "x").header("Content-Type", "x"),
                "malformed_request",
            ),
            (
                get("/a").header("content-encoding", "x").header("Content-Encoding", "x"),
                "malformed_request",
            ),
            (
                get("/a").header("content-length", "0").header("Content-Length", "0"),
                "malformed_request",
            ),
            (get("/a").header("accept", "x").header("accept", "x"), "admit"),
        ],
    );
}

const PROFILES: &str = r#"
    transport {
        https required in production
        https off      in development
        hosts ["shop.example"]
        hosts any "developers use what they like" in [development, test]
    }
    route GET /a { public }
"#;

#[test]
fn a_clause_for_the_profile_wins() {
    let http = || Exchange { https: false, ..get("/a") };
    let stranger = || get("/a").without("host").header("Host", "x.example");
    let production = naive_in("production", PROFILES, Vec::new());
    check(
        production,
        [(http(), "insecure_transport"), (get("/a"), "admit"), (stranger(), "unknown_host")],
    );
    let development = naive_in("development", PROFILES, Vec::new());
    check(development, [(http(), "admit"), (stranger(), "admit")]);
    // What is left out is required.
    check(naive_in("test", PROFILES, Vec::new()), [(http(), "insecure_transport")]);
}

#[test]
fn the_least_reason_of_the_stage_is_told() {
    let http = |exchange: Exchange| Exchange { https: false, ..exchange };
    let stranger = |target| get(target).without("host").header("Host", "x.example");
    let production = naive_in("production", PROFILES, Vec::new());
    check(
        production,
        [
            (http(stranger("/b")), "insecure_transport"),
            (stranger("/b"), "unknown_host"),
            (get("/b"), "unknown_route"),
            (http(stranger("/..")), "malformed_request"),
        ],
    );
}
