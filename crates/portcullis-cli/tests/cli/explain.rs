//! `portcullis explain`

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use portcullis::{Decision, Engine, Policy, Request, Timestamp, Value as Attribute};
use serde_json::Value;

use crate::{folder, run, said};

const POLICY: &str = r#"transport {
    https       required
    hosts       ["shop.example"]
    body_limit  1KiB
}

cors {
    origins  ["https://pages.example"]
    methods  [GET]
}

credential access jwt {
    issuer      "i"
    audience    "a"
    algorithms  [EdDSA]
    lifetime    15m
    caller {
        id:      string   from "sub"
        role:    role     from "role"
        scopes:  scopes?  from "scope"
    }
}

role guest    { read:products }
role customer inherits guest    { read:orders write:orders }
role staff    inherits customer { delete:orders }

enum state { open shipped }

resource order {
    key    id: int
    user:  string
    state: state

    predicate owner { order.user == caller.id }

    view own { id state }
}

input change {
    note:   string  1..20
    total:  int?    0..100 settable when caller is staff
}

budget per_caller { limit 2 per 1m  key caller.id }

group /api {
    accept  [access]
    deny    when caller.id == "blocked"

    route GET /orders/{id} {
        params   { id: int 0..999 }
        needs    read:orders
        budget   [per_caller]
        loads    order by params.id
        allow    when owner
        allow    when caller is staff
        returns  order.own
    }

    route PUT /orders/{id} {
        params   { id: int 0..999 }
        needs    write:orders
        body     change
        loads    order by params.id
        allow    when owner
        deny     when order.state == shipped  as conflict
        returns  order.own
    }

    route DELETE /orders/{id} {
        params   { id: int 0..999 }
        needs    delete:orders
        loads    order by params.id
        allow    when caller is staff
        returns  nothing
    }

    route GET /orders {
        needs    read:orders
        lists    order max 5
        allow    when owner
        returns  [order.own]
    }

    route GET /old {
        signed_in
        retired
        returns  nothing
    }
}
"#;

const CUSTOMER: &str = "id: \"u1\" role: customer";

/// Explains a request; the exit status and what is said on standard output.
fn explain(at: &Path, arguments: &[&str]) -> (i32, String) {
    let mut all = vec!["explain", "."];
    all.extend(arguments);
    said(&run(at, &all))
}

#[track_caller]
fn refused(arguments: &[&str], expected: &[&str]) {
    let here = folder(&[("a.gate", POLICY)]);
    let (status, text) = explain(here.path(), arguments);
    assert_eq!(status, 1, "{arguments:?}\n{text}");
    for expected in expected {
        assert!(text.contains(expected), "{arguments:?} says no {expected:?}\n{text}");
    }
}

/// A fault of the command line or of the world, on standard error.
#[track_caller]
fn undecided(at: &Path, arguments: &[&str], expected: &str) {
    let mut all = vec!["explain", "."];
    all.extend(arguments);
    let output = run(at, &all);
    let told = String::from_utf8(output.stderr.clone()).unwrap();
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}\n{printed}{told}");
    let all = format!("{printed}{told}");
    assert!(all.contains(expected), "{arguments:?} says no {expected:?}\n{all}");
    assert!(!all.contains("panicked"), "{all}");
}

#[test]
fn an_admitted_request_is_told_to_its_view() {
    let here = folder(&[("a.gate", POLICY)]);
    let (status, text) = explain(
        here.path(),
        &[
            "--request",
            "GET /api/orders/7",
            "--caller",
            CUSTOMER,
            "--given",
            "order { user: \"u1\" }",
        ],
    );
    assert_eq!(status, 0, "{text}");
    let expected = r#"admitted, and may be shown: fields id, state
  GET /api/orders/7   (profile `default`)

[+] transport: passed
    + `https required`: it came over HTTPS   (./a.gate:2)
    + `hosts ["shop.example"]`: `shop.example` is one   (./a.gate:3)
    + `route GET /api/orders/{id}` takes it   (./a.gate:51)
[+] caller: passed
    + `accept [access]`: the caller is known   (./a.gate:48)
    + `deny when caller.id == "blocked"`: it does not hold   (./a.gate:49)
        `caller.id == "blocked"` was false, where `caller.id` is "u1"
    + `needs read:orders`: the caller has it   (./a.gate:53)
    + budget `per_caller`, of 2 per 1m, is charged 1 unit   (./a.gate:54)
        counted where `caller.id` is "u1"
[+] input: passed
    + as declared: `id`
[+] object: passed
    + `loads order by params.id`: the `order` is there   (./a.gate:55)
    + `allow when owner`: it holds   (./a.gate:56)
        `owner`: `order.user == caller.id` was true, where `order.user` is "u1" and `caller.id` is "u1"
    - `allow when caller is staff`: it does not hold   (./a.gate:57)
        `caller is staff` was false: the caller is `customer`
[+] response: passed
    + `returns order.own`: this is shown   (./a.gate:58)
    + `view own` is shown   (./a.gate:37)
"#;
    assert_eq!(text, expected);
}

#[test]
fn the_transport_stage() {
    refused(
        &["--request", "GET http://shop.example/api/orders/7"],
        &[
            "refused: insecure_transport (301), at the stage transport",
            "x `https required`: it came over plain HTTP   (./a.gate:2)",
            "the same request over HTTPS",
            "[ ] caller: not reached",
        ],
    );
    refused(
        &["--request", "GET https://other.example/api/orders/7"],
        &[
            "refused: unknown_host (421)",
            "`other.example` is none of these",
            "a `Host` of these: `shop.example`",
        ],
    );
    refused(
        &["--request", "GET /api/order/7"],
        &["refused: unknown_route (404)", "no route has this path", "near"],
    );
    refused(
        &["--request", "POST /api/orders/7"],
        &["method_not_allowed (405)", "one of the methods `DELETE`, `GET`, `HEAD`, `PUT`"],
    );
    refused(
        &["--request", "GET /api/old"],
        &[
            "refused: retired (410)",
            "nothing: the route answers nobody any more",
            "^^^^^^^ retired",
        ],
    );
    refused(
        &["--request", "GET /api/orders/7", "--header", "Origin: https://stranger.example"],
        &["refused: forbidden_origin (403)", "a page of an origin that `cors` names"],
    );
    let preflight =
        ["--request", "OPTIONS /api/orders", "--header", "Origin: https://pages.example"];
    let asks = [&preflight[..], &["--header", "Access-Control-Request-Method: PUT"]].concat();
    refused(&asks, &["refused: forbidden_origin (403)", "x `cors`: it does not grant it"]);
    refused(
        &["--request", "GET /api/\u{1b}[2J"],
        &["refused: malformed_request (400)", "GET /api/\\u{1b}[2J"],
    );
    refused(&["--request", "GET /api//orders/7"], &["refused: malformed_request (400)", "no `//`"]);
}

#[test]
fn the_caller_stage() {
    refused(
        &["--request", "GET /api/orders/7"],
        &[
            "refused: missing_credential (401), at the stage caller",
            "x `accept [access]`: no credential came",
            "a credential, of `access`",
            "here: `--caller 'id: \"…\"  role: ROLE'`",
        ],
    );
    refused(
        &["--request", "DELETE /api/orders/7", "--caller", CUSTOMER],
        &[
            "refused: missing_permission (403)",
            "x `needs delete:orders`: the caller lacks it   (./a.gate:73)",
            "the permission `delete:orders`",
            "`delete:orders` is granted by `staff`",
            "the caller is `customer`",
            "missing_permission: the caller lacks it",
        ],
    );
    refused(
        &[
            "--request",
            "GET /api/orders/7",
            "--caller",
            "id: \"u1\" role: customer scopes: [read:products]",
        ],
        &["the caller's role grants `read:orders`, and its scopes do not name it"],
    );
    refused(
        &["--request", "GET /api/orders/7", "--caller", "id: \"blocked\" role: staff"],
        &[
            "refused: forbidden (403), at the stage caller",
            "x `deny when caller.id == \"blocked\"`: it holds, so it refuses   (./a.gate:49)",
            "`deny when caller.id == \"blocked\"` not to hold",
            "`caller.id` is \"blocked\"",
            "[ ] input: not reached",
        ],
    );
    // A token is never taken for good, and never printed.
    let here = folder(&[("a.gate", POLICY)]);
    let token = ["--request", "GET /api/orders/7", "--header", "Authorization: Bearer ab.cd.ef"];
    let (status, text) = explain(here.path(), &token);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("refused: invalid_credential (401)"), "{text}");
    assert!(text.contains("note: tokens are not verified here"), "{text}");
    assert!(!text.contains("ab.cd.ef"), "{text}");
}

#[test]
fn what_is_held_against_the_clock() {
    let here = folder(&[(
        "a.gate",
        r#"transport { hosts ["shop.example"] }
credential access jwt {
    issuer "i" audience "a" algorithms [EdDSA] lifetime 15m
    caller { id: string from "sub"  since: time from "auth_time" }
}
route GET /a {
    accept [access]
    signed_in
    require when caller.since within 5m  as step_up
    returns nothing
}
"#,
    )]);
    let caller = "id: \"u1\" since: 2026-01-01T12:00:00Z";
    let asked = ["--request", "GET /a", "--caller", caller, "--from", "203.0.113.9", "--at"];
    let (status, text) = explain(here.path(), &[&asked[..], &["2026-01-01T12:05:00Z"]].concat());
    assert_eq!(status, 0, "{text}");
    let (status, text) = explain(here.path(), &[&asked[..], &["2026-01-01T12:05:01Z"]].concat());
    assert_eq!(status, 1, "{text}");
    let expected = "`caller.since within 5m` was false, where `caller.since` is 2026-01-01T12:00:00Z and \
                    `now` is 2026-01-01T12:05:01Z";
    assert!(text.contains("refused: step_up (401)") && text.contains(expected), "{text}");
    assert!(text.contains("step_up: it does not hold"), "{text}");
}

#[test]
fn a_drained_budget() {
    refused(
        &["--request", "GET /api/orders/7", "--caller", CUSTOMER, "--times", "3"],
        &[
            "refused: over_budget (429), at the stage caller",
            "x budget `per_caller`, of 2 per 1m, is drained: it has 1 unit again in 30s   (./a.gate:54)",
            "counted where `caller.id` is \"u1\"",
            "to come 30s later, when `per_caller` has units again",
        ],
    );
}

#[test]
fn the_input_stage() {
    let put = ["--request", "PUT /api/orders/7", "--caller", CUSTOMER];
    let with = |body: &'static str| [&put[..], &["--body", body]].concat();
    refused(
        &with(r#"{"note": "", "total": 7}"#),
        &[
            "refused: invalid_input (400), at the stage input",
            "x field `note` does not fulfil `1..20`   (./a.gate:41)",
            "x field `total`, `settable when caller is staff`: it does not hold   (./a.gate:42)",
            "`caller is staff` was false: the caller is `customer`",
            "+ as declared: `id`",
            "  `note`: ",
            "  `total`: ",
        ],
    );
    refused(
        &with("{"),
        &["refused: invalid_input (400)", "`body change`: the body cannot be read as this"],
    );
    refused(
        &["--request", "GET /api/orders/x", "--caller", CUSTOMER],
        &["field `id` is not as declared"],
    );
    let typed = [&with("a=b")[..], &["--header", "content-type: text/plain"]].concat();
    refused(
        &typed,
        &[
            "refused: unsupported_media_type (415)",
            "a body of `application/json`",
            "its `Content-Type` is `text/plain`",
        ],
    );
    let here = folder(&[("a.gate", POLICY), ("body.json", &"x".repeat(2000))]);
    let (status, text) = explain(here.path(), &with("@body.json"));
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("refused: body_too_large (413)"), "{text}");
    assert!(text.contains("a body of no more than 1024 bytes"), "{text}");
}

#[test]
fn the_object_stage() {
    refused(
        &[
            "--request",
            "GET /api/orders/7",
            "--caller",
            CUSTOMER,
            "--given",
            "order { user: \"u2\" }",
        ],
        &[
            "refused: forbidden (403), at the stage object",
            "x `allow when owner`: it does not hold   (./a.gate:56)",
            "56 |         allow    when owner",
            "one of these to hold:",
            "  `allow when owner`   (./a.gate:56)",
            "`owner`: `order.user == caller.id` was false, where `order.user` is \"u2\" and `caller.id` is \"u1\"",
            "  `allow when caller is staff`   (./a.gate:57)",
            "[ ] response: not reached",
        ],
    );
    // What was not given is made up, is not shown, and is said to be so.
    refused(
        &["--request", "GET /api/orders/7", "--caller", CUSTOMER],
        &["`order.user` is made up", "note: no `order` was given, so one was made up"],
    );
    refused(
        &["--request", "GET /api/orders/7", "--caller", CUSTOMER, "--given", "order none"],
        &[
            "refused: not_found (404)",
            "there is no such `order`",
            "an object `order` that is there",
        ],
    );
    refused(
        &[
            "--request",
            "GET /api/orders/7",
            "--caller",
            CUSTOMER,
            "--given",
            "order { id: 8 user: \"u1\" }",
        ],
        &["refused: service_fault (500)", "another key than the one asked for"],
    );
    refused(
        &[
            "--request",
            "PUT /api/orders/7",
            "--body",
            r#"{"note": "a"}"#,
            "--caller",
            CUSTOMER,
            "--given",
            "order { user: \"u1\" state: shipped }",
        ],
        &[
            "refused: conflict (409)",
            "+ `allow when owner`: it holds",
            "x `deny when order.state == shipped as conflict`: it holds, so it refuses",
            "`deny when order.state == shipped as conflict` not to hold",
        ],
    );
}

#[test]
fn each_row_of_a_list_is_told() {
    let here = folder(&[("a.gate", POLICY)]);
    let (status, text) =
        explain(here.path(), &["--request", "GET /api/orders", "--caller", CUSTOMER]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("note: the list is empty, since no row was given"), "{text}");
    let (status, text) = explain(
        here.path(),
        &[
            "--request",
            "GET /api/orders",
            "--caller",
            CUSTOMER,
            "--given",
            "order { user: \"u1\" }",
            "--given",
            "order { user: \"u2\" }",
        ],
    );
    assert_eq!(status, 0, "{text}");
    for expected in [
        "admitted, and may be shown: 1 row, fields id, state",
        "+ row 1: `allow when owner`: it holds",
        "- row 2: `allow when owner`: it does not hold",
        "`order.user` is \"u2\"",
    ] {
        assert!(text.contains(expected), "{expected:?}\n{text}");
    }
}

#[test]
fn a_curl_command() {
    let here = folder(&[("a.gate", POLICY), ("body.json", "{\"note\":\n\"a\"}")]);
    let given = ["--caller", CUSTOMER, "--given", "order { user: \"u1\" }"];
    let at = here.path();
    for command in [
        "curl https://shop.example/api/orders/7",
        "curl -sS --compressed -H 'Accept: */*' 'https://shop.example/api/orders/7'",
        "curl -X PUT https://shop.example/api/orders/7 --json '{\"note\": \"a\"}'",
        "curl -XPUT https://shop.example/api/orders/7 -H 'Content-Type: application/json' -d @body.json",
        "curl -X PUT -H 'content-type: application/json' --data-raw '{\"note\": \"a\"}' \
         --url https://shop.example/api/orders/7 -o /dev/null",
        "curl -X PUT --json @body.json \\\n  https://shop.example/api/orders/7#top",
        "curl -I https://shop.example/api/orders/7",
    ] {
        let (status, text) = explain(at, &[&["--curl", command][..], &given].concat());
        assert_eq!(status, 0, "{command}\n{text}");
    }
    for (command, reason) in [
        ("curl shop.example/api/orders/7", "insecure_transport"),
        ("curl -d a=b -X PUT https://shop.example/api/orders/7", "unsupported_media_type"),
        ("curl -d a=b https://shop.example/api/orders/7", "method_not_allowed"),
        ("curl https://shop.example?a=b", "unknown_route"),
        ("curl -H 'Host: h.example' https://shop.example/api/orders/7", "unknown_host"),
    ] {
        let (status, text) = explain(at, &[&["--curl", command][..], &given].concat());
        assert_eq!(status, 1, "{command}\n{text}");
        assert!(text.contains(&format!("refused: {reason}")), "{command}\n{text}");
    }
    for (command, why) in [
        ("curl -u me:secret https://shop.example/", "`-u` of `curl` sends a password"),
        ("curl -F a=b https://shop.example/", "sends a multipart body"),
        ("curl --proxy p https://shop.example/", "`--proxy` of `curl` is not known here"),
        ("curl -sz https://shop.example/", "`-z` of `curl` is not known here"),
        ("curl https://me:secret@shop.example/", "holds a password"),
        ("curl 'https://shop.example/", "a quote that does not end"),
        ("curl -d $'a' https://shop.example/", "`$` in the `curl` command stands for another text"),
        ("curl", "has no URL"),
        ("curl -X", "`-X` of `curl` is followed by nothing"),
        ("curl https://a.example/ https://b.example/", "more than one URL"),
        ("curl ftp://a.example/", "`ftp` is not the scheme of an API"),
        ("wget https://a.example/", "begins with `curl`"),
        ("curl -H nonsense https://a.example/", "a header is written `Name: value`"),
        ("curl -d @missing https://a.example/", "missing: "),
        ("curl -b jar.txt https://a.example/", "`-b` of `curl` names a file"),
    ] {
        undecided(at, &["--curl", command], why);
    }
}

/// What is asked for, where a `curl` command can be read.
#[track_caller]
fn asked(at: &Path, command: &str) -> String {
    let (_, text) = explain(at, &["--curl", command, "--format", "json"]);
    let whole: Value = serde_json::from_str(&text).unwrap_or_default();
    whole["subject"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_url_is_what_curl_makes_of_it() {
    let here = folder(&[("a.gate", POLICY)]);
    for (url, target) in [
        ("https://h.example/a/./b/../c", "https://h.example/a/c"),
        ("https://h.example/../../etc", "https://h.example/etc"),
        ("https://h.example/a/..", "https://h.example/"),
        ("https://h.example/a/b/.", "https://h.example/a/b/"),
        ("https://h.example/a//../b?x=/../y", "https://h.example/a/b?x=/../y"),
        ("https://h.example/...", "https://h.example/..."),
        ("--path-as-is https://h.example/a/../b", "https://h.example/a/../b"),
        ("HTTPS://h.example", "https://h.example/"),
        (
            "h.example/a?next=https://b.example/../c",
            "http://h.example/a?next=https://b.example/../c",
        ),
        ("'https://[::1]:8443/a'", "https://[::1]:8443/a"),
        ("-g 'https://h.example/{a,b}[1-3]'", "https://h.example/{a,b}[1-3]"),
        ("-G -d a=b -d c=d https://h.example/a", "https://h.example/a?a=b&c=d"),
        ("-G -d a=b 'https://h.example/a?x=1#top'", "https://h.example/a?x=1&a=b"),
        ("-G https://h.example/a", "https://h.example/a"),
        ("https://h.example/'$a`b'", "https://h.example/$a`b"),
        ("\"https://h.example/\\$a$\"", "https://h.example/$a$"),
        ("-- https://h.example/a", "https://h.example/a"),
        ("'https://h.example/é?q=%c3%bc'", "https://h.example/%c3%a9?q=%c3%bc"),
    ] {
        assert_eq!(asked(here.path(), &format!("curl {url}")), format!("GET {target}"), "{url}");
    }
    for (command, line) in [
        ("curl -IG -d a=b https://h.example/a", "HEAD https://h.example/a?a=b"),
        ("curl -sIXPOST https://h.example/a", "POST https://h.example/a"),
        ("curl -gsS -XPUT https://h.example/[a]", "PUT https://h.example/[a]"),
    ] {
        assert_eq!(asked(here.path(), command), line, "{command}");
    }
}

#[test]
fn what_a_shell_or_curl_would_put_another_text_for_is_refused() {
    let here = folder(&[("a.gate", POLICY)]);
    for (command, why) in [
        ("curl 'https://h.example/{a,b}'", "stand for several requests"),
        ("curl 'https://h.example/[1-3]'", "stand for several requests"),
        ("curl 'https://{a,b}.example/'", "stand for several requests"),
        ("curl https://h.example/{a,b}", "`{` in the `curl` command may be several words"),
        ("curl https://h.example/$ID", "`$` in the `curl` command"),
        ("curl \"https://h.example/${ID}\"", "`$` in the `curl` command"),
        ("curl -H \"Authorization: Bearer $(token)\" https://h.example/", "`$` in the"),
        ("curl https://h.example/`id`", "runs a command"),
        ("curl \"https://h.example/`id`\"", "runs a command"),
        ("curl https://h.example/a?b=c&d=e", "`&` in the `curl` command ends the command"),
        ("curl https://h.example/ | jq .", "`|` in the `curl` command ends the command"),
        ("curl https://h.example/ > out", "`>` in the `curl` command names a file"),
        ("curl ~/a", "`~` in the `curl` command is a folder"),
        ("curl https://h.example/ # all", "begins a comment"),
        ("curl https://h.example/\ncurl https://h.example/b", "a line break"),
        ("curl -I -d a=b https://h.example/", "`-I` or data"),
        ("curl -G --json '{}' https://h.example/", "`-G` and `--json`"),
        ("curl -G -d 'a b' https://h.example/", "has to be encoded"),
        ("curl 'https://h.example/a b'", "write `%20`"),
        ("curl https://h.example/a/%2e%2E/b", "versions of `curl` differ"),
        ("curl 'https://h.example/a?q=ü'", "versions of `curl` differ"),
        ("curl -G -d b --path-as-is https://h.example/a/../b", "`--path-as-is`"),
        ("curl ftp.example/q", "`curl` asks `ftp.example` by FTP"),
        ("curl https:///a", "has no host"),
        ("curl https:/h.example/a", "`https:` is no host with a port"),
        ("curl https://h.exämple/a", "is no host with a port"),
        ("curl -H @file https://h.example/", "names a file"),
        ("curl -H Host: https://h.example/", "sends no host"),
        ("curl -H 'a b: c' https://h.example/", "a header is written `Name: value`"),
        ("curl -X 'GE T' https://h.example/", "`GE T` is no method"),
        ("curl -", "`-` of `curl` is not known here"),
    ] {
        undecided(here.path(), &["--curl", command], why);
    }
}

#[test]
fn headers_of_curl_are_sent_as_curl_sends_them() {
    let here = folder(&[("a.gate", POLICY)]);
    let given = ["--caller", CUSTOMER, "--given", "order { user: \"u1\" }"];
    let put = "curl -X PUT https://shop.example/api/orders/7 -d '{\"note\": \"a\"}'";
    for (more, reason) in [
        ("", "refused: unsupported_media_type"),
        ("-H 'Content-Type: application/json'", "admitted"),
        // Told not to send one, curl sends none.
        ("-H 'Content-Type:'", "refused: unsupported_media_type"),
    ] {
        let command = format!("{put} {more}");
        let (_, text) = explain(here.path(), &[&["--curl", &command][..], &given].concat());
        assert!(text.starts_with(reason), "{command}\n{text}");
    }
}

#[test]
fn a_header_that_is_none_is_refused_and_not_said_again() {
    let here = folder(&[("a.gate", POLICY)]);
    for header in ["X-A: b\r\nX-C: d", "X-A: b\0", "X A: b", "X-A : b", " X-A: b", ": b", "Ä: b"] {
        let mut all = vec!["explain", ".", "--request", "GET /", "--header", header];
        // No argument of a process holds a NUL.
        if header.contains('\0') {
            all[5] = "X-A: b\u{7}";
        }
        let output = run(here.path(), &all);
        assert_eq!(output.status.code(), Some(2), "{header:?}");
        assert!(!String::from_utf8(output.stderr).unwrap().contains("X-A"), "{header:?}");
    }
}

#[test]
fn a_fault_shows_what_was_typed_and_nothing_around_it() {
    let here = folder(&[("a.gate", POLICY)]);
    let get = ["--request", "GET /api/orders/7"];
    for (arguments, place, line) in [
        (["--caller", "id = u1"], "--caller:1:1", "1 | id = u1"),
        (["--caller", "id:"], "--caller:1:4", "1 | id:"),
        (["--caller", "{ id: 7 }"], "--caller:1:7", "1 | { id: 7 }"),
        (["--caller", "id: 7"], "--caller:1:5", "1 | id: 7"),
        (["--given", "order { user: }"], "--given:1:15", "1 | order { user: }"),
        (["--given", "order {"], "--given:1:8", "1 | order {"),
        (["--at", "soon"], "--at:1:1", "1 | soon"),
    ] {
        let (status, text) = explain(here.path(), &[&get[..], &arguments].concat());
        assert_eq!(status, 2, "{text}");
        assert!(text.contains(place) && text.contains(line), "{arguments:?}\n{text}");
        for ours in ["test \"\"", "resource\n", "caller\n", "found `}`\n  --> --caller"] {
            assert!(!text.contains(ours), "{arguments:?}\n{text}");
        }
    }
    let (_, text) = explain(here.path(), &[&get[..], &["--caller", "id:"]].concat());
    assert!(text.contains("found the end"), "{text}");
    let wrapped = [&get[..], &["--caller", "id: \"u1\"", "--credential", "a } }"]].concat();
    undecided(here.path(), &wrapped, "is no name of a credential");
}

#[test]
fn what_is_wrong_is_said_and_nothing_decided() {
    let here = folder(&[("a.gate", POLICY)]);
    let at = here.path();
    let get = ["--request", "GET /api/orders/7"];
    for (arguments, why) in [
        (&[][..], "--request"),
        (&["--request", "GET"], "write a method and a path or URL"),
        (&["--request", "GET api"], "`api` is no path and no URL"),
        (&["--request", "GET / x y"], "is no request"),
        (&["--request", "GET /", "--curl", "curl /"], "cannot be used with"),
        (&["--request", "GET /", "--record", "r"], "cannot be used with"),
        (&["--record", "r", "--caller", "id: 1"], "cannot be used with"),
        (&[&get[..], &["--header", "nonsense"]].concat(), "a header is written `Name: value`"),
        (&[&get[..], &["--body", "@missing"]].concat(), "missing: "),
        (&[&get[..], &["--caller", "id = u1"]].concat(), "--caller:1:1"),
        (&[&get[..], &["--caller", "id: 7"]].concat(), "this value is of another type"),
        (&[&get[..], &["--caller", "name: \"u\""]].concat(), "the caller has no attribute"),
        (&[&get[..], &["--caller", "role: king"]].concat(), "king"),
        (&[&get[..], &["--caller", CUSTOMER, "--credential", "pat"]].concat(), "pat"),
        (&[&get[..], &["--credential", "access"]].concat(), "--caller"),
        (&[&get[..], &["--given", "product { id: 1 }"]].concat(), "product"),
        (&[&get[..], &["--given", "order { user: }"]].concat(), "--given:1:15"),
        (
            &[&get[..], &["--given", "order none } test \"b\" { act x"]].concat(),
            "nothing behind it",
        ),
        (&[&get[..], &["--given", "order none expect admit"]].concat(), "nothing behind it"),
        (&[&get[..], &["--at", "noon"]].concat(), "--at:1:1"),
        (&[&get[..], &["--from", "home"]].concat(), "--from"),
        (&[&get[..], &["--times", "0"]].concat(), "--times"),
        (&[&get[..], &["--profile", "x"]].concat(), "no profile is called `x`"),
    ] {
        undecided(at, arguments, why);
    }
    let wrong = folder(&[("a.gate", "route GET /a {}\n")]);
    undecided(
        wrong.path(),
        &["--request", "GET /a"],
        "the policy has errors, so nothing was decided",
    );
    let output = run(at, &["explain", "missing", "--request", "GET /a"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn an_explanation_as_json() {
    let here = folder(&[("a.gate", POLICY)]);
    let (status, text) = explain(
        here.path(),
        &[
            "--request",
            "GET /api/orders/7",
            "--caller",
            CUSTOMER,
            "--given",
            "order { user: \"u2\" }",
            "--format",
            "json",
        ],
    );
    assert_eq!(status, 1, "{text}");
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["decision"], "refused");
    assert_eq!(json["reason"], "forbidden");
    assert_eq!(json["status"], 403);
    assert_eq!(json["stage"], "object");
    assert_eq!(
        (&json["clause"]["line"], &json["clause"]["text"]),
        (&56.into(), &"allow when owner".into())
    );
    let states =
        json["stages"].as_array().unwrap().iter().map(|told| told["state"].as_str().unwrap());
    assert_eq!(
        states.collect::<Vec<_>>(),
        ["passed", "passed", "passed", "refused here", "not reached"]
    );
    assert_eq!(json["wouldAdmit"].as_array().unwrap().len(), 3);
}

/// The record of a refusal, as an observer of a service gets it.
fn recorded(text: &str, target: &str, caller: Option<(&str, &str)>, come: usize) -> Value {
    let policy = Policy::parse([("a.gate", text)]).unwrap();
    let kept = Arc::new(Mutex::new(Value::Null));
    let keep = Arc::clone(&kept);
    let engine = Engine::builder(policy)
        .without_keys()
        .observer(move |decision: &Decision<'_>| *keep.lock().unwrap() = decision.to_json())
        .build()
        .unwrap();
    let caller = caller.map(|(id, role)| {
        let attributes = [("id", Attribute::Text(id)), ("role", Attribute::Text(role))];
        engine.caller("access", attributes).unwrap()
    });
    for _ in 0..come {
        let now = Timestamp::from_seconds(1_767_225_600);
        let request = Request::new("GET", target, IpAddr::V4(Ipv4Addr::LOCALHOST), now);
        let request = request.header("host", b"shop.example").https(true);
        let admitted = match &caller {
            Some(caller) => engine.admit_as(request, Some(caller)),
            None => engine.admit(request),
        };
        let accepted = admitted.and_then(|admitted| admitted.input(None));
        let _ = accepted.and_then(|accepted| accepted.probe(&|_| None, &[]).map(|_| ()));
    }
    let kept = kept.lock().unwrap().clone();
    assert!(kept.is_object(), "nothing was refused");
    kept
}

#[test]
fn a_recorded_decision() {
    for (target, caller, come, expected) in [
        (
            "/api/orders/7",
            Some(("u1", "guest")),
            1,
            &[
                "refused: missing_permission (403), at the stage caller",
                "  GET /api/orders/{id}   (profile `default`)",
                "x `read:orders` decided   (./a.gate:53)",
                "`read:orders` is granted by `customer`, `staff`",
                "note: a record holds nothing of the request",
                "[+] transport: passed",
                "[ ] object: not reached",
            ][..],
        ),
        (
            "/api/orders/7",
            Some(("blocked", "staff")),
            1,
            &["refused: forbidden (403), at the stage caller", "not to hold   (./a.gate:49)"],
        ),
        (
            "/api/orders/7",
            Some(("u1", "customer")),
            3,
            &["refused: over_budget (429), at the stage caller", "it has 2 units per 1m"],
        ),
        (
            "/api/orders/7",
            Some(("u1", "customer")),
            1,
            &["refused: not_found (404), at the stage object", "an object that is there"],
        ),
        (
            "/api/orders/x",
            Some(("u1", "customer")),
            1,
            &["refused: invalid_input (400), at the stage input", "id: int 0..999"],
        ),
        ("/api/orders/7", None, 1, &["refused: missing_credential (401)", "accept [access]"]),
        (
            "/api/nothing",
            None,
            1,
            &[
                "refused: unknown_route (404), at the stage transport",
                "a request that came to no route",
            ],
        ),
    ] {
        let record = recorded(POLICY, target, caller, come).to_string();
        let here = folder(&[("a.gate", POLICY), ("record.json", &record)]);
        let (status, text) = explain(here.path(), &["--record", "record.json"]);
        assert_eq!(status, 1, "{text}");
        for expected in expected {
            assert!(text.contains(expected), "{target} says no {expected:?}\n{text}");
        }
        assert!(!text.contains("was decided by the plan"), "{text}");
        assert!(!text.contains("u1"), "no value of the request: {text}");
    }
}

#[test]
fn a_record_of_another_policy_is_not_taken_for_one_of_this() {
    let record = recorded(POLICY, "/api/orders/7", Some(("u1", "guest")), 1).to_string();
    let changed = POLICY.replacen("cors {", "// a line more\ncors {", 1);
    let here = folder(&[("a.gate", &changed), ("record.json", &record)]);
    let (status, text) = explain(here.path(), &["--record", "record.json"]);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("which this policy does not have there: it has changed since"), "{text}");
    let changed = POLICY.replacen("limit 2 per 1m", "limit 3 per 1m", 1);
    std::fs::write(here.path().join("a.gate"), changed).unwrap();
    let (_, text) = explain(here.path(), &["--record", "record.json"]);
    assert!(text.contains("the record was decided by the plan "), "{text}");
}

#[test]
fn a_record_from_standard_input() {
    let here = folder(&[("a.gate", POLICY)]);
    let record = recorded(POLICY, "/api/orders/7", Some(("u1", "guest")), 1).to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["explain", ".", "--record", "-", "--format", "json"])
        .current_dir(here.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(record.as_bytes()).unwrap();
    let (status, text) = said(&child.wait_with_output().unwrap());
    assert_eq!(status, 1);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&json["reason"], &json["stage"]), (&"missing_permission".into(), &"caller".into()));
}

#[test]
fn what_is_no_record_is_said_to_be_none() {
    let good = recorded(POLICY, "/api/orders/7", Some(("u1", "guest")), 1);
    let without = |name: &str| {
        let mut record = good.clone();
        record.as_object_mut().unwrap().remove(name);
        record.to_string()
    };
    let with = |name: &str, value: Value| {
        let mut record = good.clone();
        record[name] = value;
        record.to_string()
    };
    for (record, why) in [
        (String::new(), "no record is in it"),
        ("not json".to_owned(), "this is no JSON"),
        ("[]".to_owned(), "this is no decision record"),
        (format!("{good}\n{good}"), "more than one record is in it"),
        (without("reason"), "`reason` is no text"),
        (without("profile"), "`profile` is no text"),
        (with("reason", "nonsense".into()), "`nonsense` is no reason"),
        (with("status", 99_999.into()), "`status` is no status"),
        (with("time", "now".into()), "`time` is no number"),
        (with("clause", 7.into()), "`clause` is none"),
        (with("profile", "other".into()), "no profile is called `other`"),
        ("x".repeat((1 << 20) + 1), "never larger than 1 MiB"),
    ] {
        let here = folder(&[("a.gate", POLICY), ("record.json", &record)]);
        undecided(here.path(), &["--record", "record.json"], why);
    }
    let here = folder(&[("a.gate", POLICY)]);
    undecided(here.path(), &["--record", "missing.json"], "missing.json: ");
}

/// What `docs/explain.md` shows is what is printed. `UPDATE_DOCS=1` writes it anew.
#[test]
fn the_output_in_the_docs_is_real() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("docs/explain.md")).unwrap();
    let mut parts = page.split("```console\n$ portcullis ");
    let mut real = parts.next().unwrap().to_owned();
    let mut count = 0;
    for part in parts {
        let (block, after) = part.split_once("\n```").unwrap();
        // A command goes on until its quotes are closed and no backslash ends the line.
        let ends = block.match_indices('\n').map(|(at, _)| at).find(|at| {
            let command = &block[..*at];
            !command.ends_with('\\') && shell_words::split(command).is_ok()
        });
        let command = &block[..ends.unwrap()];
        let words = shell_words::split(command).unwrap();
        let arguments = words.iter().map(String::as_str).collect::<Vec<_>>();
        let output = run(&root, &arguments);
        assert!(output.stderr.is_empty(), "{command}");
        let (_, text) = said(&output);
        real.push_str(&format!(
            "```console\n$ portcullis {command}\n{}\n```{after}",
            text.trim_end()
        ));
        count += 1;
    }
    assert!(count >= 3, "the page shows nothing");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(root.join("docs/explain.md"), &real).unwrap();
    }
    assert!(page == real, "docs/explain.md is not what is printed: `UPDATE_DOCS=1` writes it anew");
}
