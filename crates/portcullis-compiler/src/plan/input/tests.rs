//! Forms of text, to the edge of each.

use super::*;

fn all(format: Format, good: &[&str], bad: &[&str]) {
    for text in good {
        assert!(format.has(text), "{text:?} is {format:?}");
    }
    for text in bad {
        assert!(!format.has(text), "{text:?} is no {format:?}");
    }
}

#[test]
fn an_email_is_what_a_browser_takes() {
    let local = |length: usize| format!("{}@a.example", "a".repeat(length));
    let domain = |length: usize| format!("a@{}.example", "a".repeat(length));
    let labels = vec!["a".repeat(59); 4].join(".");
    let whole = |length: usize| format!("{}@{labels}.ex", "a".repeat(length - labels.len() - 4));
    assert_eq!((whole(254).len(), whole(255).len()), (254, 255));
    all(
        Format::Email,
        &[
            "a@b",
            "A.b+c@d-e.f",
            ".a.@b",
            "!#$%&'*/=?^_`{|}~-@b.c",
            "a@1.2",
            &local(64),
            &domain(63),
            &whole(254),
        ],
        &[
            "",
            "a",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a b@c",
            " a@b",
            "a@b ",
            "a@b.",
            "a@.b",
            "a@b..c",
            "a@-b",
            "a@b-",
            "a@b_c",
            "a@[127.0.0.1]",
            "\"a\"@b",
            "a@b\n",
            "é@b",
            "a@é",
            "a(c)@b",
            "a,b@c",
            "a@b\0",
            &local(65),
            &domain(64),
            &whole(255),
        ],
    );
}

#[test]
fn slugs_have_single_hyphens() {
    let long = "a".repeat(128);
    all(
        Format::Slug,
        &["a", "0", "a-b", "2026-in-review", &long],
        &["", "-", "a-", "-a", "a--b", "A", "a_b", "a b", "é", &format!("{long}a")],
    );
}

#[test]
fn days_are_those_of_the_calendar() {
    all(
        Format::Date,
        &["2026-01-31", "2024-02-29", "0000-01-01", "9999-12-31"],
        &[
            "",
            "2026-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "2026-1-1",
            "20260131",
            "2026-01-31Z",
            "2026-01-31 ",
            "+026-01-01",
            "-026-01-01",
            "２026-01-01",
            "2026/01/31",
        ],
    );
}

#[test]
fn times_are_those_of_rfc_3339() {
    let second = 1_000_000_000;
    let cases = [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.5Z", 3 * second / 2),
        ("1969-12-31T23:59:59.5z", -second / 2),
        ("1970-01-01t01:00:00.000000001+01:00", 1),
        ("1969-12-31T23:30:00-00:30", 0),
        ("2026-01-01T00:00:00-00:00", 1_767_225_600 * second),
        ("2262-04-11T23:47:16.854775807Z", i64::MAX),
        ("1677-09-21T00:12:43.145224192Z", i64::MIN),
    ];
    for (text, nanos) in cases {
        assert_eq!(time(text), Some(nanos), "{text}");
        assert_eq!(time(&time_text(nanos)), Some(nanos), "{text}");
    }
    all(
        Format::Time,
        &["2026-01-31T09:30:00Z", "2026-01-31T23:59:59.999999999+23:59"],
        &[
            "",
            "2026-01-31",
            "2026-01-31T09:30Z",
            "2026-01-31T09:30:00",
            "2026-01-31 09:30:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T09:60:00Z",
            "2026-12-31T23:59:60Z",
            "2026-01-31T09:30:00.Z",
            "2026-01-31T09:30:00.1234567890Z",
            "2026-01-31T09:30:00+1:00",
            "2026-01-31T09:30:00+24:00",
            "2026-01-31T09:30:00+00:60",
            "2026-01-31T09:30:00+0000",
            "2026-02-29T09:30:00Z",
            "2026-01-31T09:30:00Z ",
            "2262-04-11T23:47:16.854775808Z",
            "1677-09-21T00:12:43.145224191Z",
        ],
    );
}

#[test]
fn addresses_have_one_way_to_be_written() {
    assert_eq!(ip("::ffff:10.0.0.1"), ip("10.0.0.1"));
    all(
        Format::Ip,
        &["0.0.0.0", "255.255.255.255", "::", "2001:DB8::1", "::ffff:10.0.0.1"],
        &[
            "",
            "1",
            "10.0.0",
            "10.0.0.01",
            "0x7f.0.0.1",
            "256.0.0.1",
            "10.0.0.1:80",
            "[::1]",
            "fe80::1%eth0",
            " ::1",
            "::1 ",
            "1::2::3",
            "10.0.0.0/8",
        ],
    );
    for text in
        ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.1/32", "::/0", "fd00::/8", "::ffff:10.0.0.0/104"]
    {
        assert!(network(text).is_some(), "{text}");
    }
    for text in [
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.1/8",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        "::1/0",
        "fd00::/129",
        "::ffff:10.0.0.1/104",
        "10.0.0.0/8/8",
    ] {
        assert!(network(text).is_none(), "{text}");
    }
}

#[test]
fn a_url_is_what_the_standard_makes_of_it() {
    let cases = [
        ("https://Shop.Example", Some("https://shop.example/")),
        ("HTTP://a.example:80/b/../c?d#e", Some("http://a.example/c?d#e")),
        ("https://a.example:8443/%7e", Some("https://a.example:8443/%7e")),
        ("https://bücher.example/ü", Some("https://xn--bcher-kva.example/%C3%BC")),
        ("http://0x7f.1/", Some("http://127.0.0.1/")),
        ("https://[2001:DB8::1]/", Some("https://[2001:db8::1]/")),
        ("https:a.example", None),
        ("https:///a.example", None),
        ("https://", None),
        ("//a.example", None),
        ("/a", None),
        ("a.example", None),
        ("ftp://a.example/", None),
        ("javascript://a.example/%0aalert(1)", None),
        ("https://u@a.example/", None),
        ("https://u:p@a.example/", None),
        ("https://@a.example/", None),
        ("https://a.example\\b", None),
        ("https://a.example/\tb", None),
        ("https://a.example/\n", None),
        (" https://a.example/", None),
        ("https://a.example/\u{a0}", None),
        ("https://a.example:99999/", None),
    ];
    for (text, normal) in cases {
        assert_eq!(url(text).as_deref(), normal, "{text}");
        if let Some(normal) = normal {
            assert_eq!(url(normal).as_deref(), Some(normal), "again: {text}");
        }
    }
    let of = |length: usize| format!("https://a.example/{}", "a".repeat(length - 18));
    assert!(url(&of(LONGEST_URL)).is_some());
    assert!(url(&of(LONGEST_URL + 1)).is_none());
    // Short as it is sent, and too long as it is kept.
    assert!(url(&format!("https://a.example/{}", "ü".repeat(400))).is_none());
}

#[test]
fn a_pattern_bounds_a_text_where_both_its_ends_are_tied() {
    for (text, bounded) in [
        ("^a$", true),
        ("^[0-9]{1,5}$", true),
        ("^(a|bc)$", true),
        ("^(?:a|b{0,9})?$", true),
        (r"\Aa\z", true),
        ("^a+$", false),
        ("^a*b$", false),
        ("^a", false),
        ("a$", false),
        ("a", false),
        ("^a|b$", false),
        ("(?m)^a$", false),
        ("^.{0,8}$", true),
    ] {
        assert_eq!(Pattern::new(text).unwrap().is_bounded(), bounded, "{text}");
    }
    for text in ["(", "(?=a)", r"(a)\1", "a{1000}{1000}{1000}"] {
        assert!(Pattern::new(text).is_err(), "{text}");
    }
}
