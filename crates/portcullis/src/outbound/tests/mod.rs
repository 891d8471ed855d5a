//! What may be fetched, and each way around it that is refused.

mod addresses;

use super::OutboundError::{Credentials, Host, LocalName, Malformed, Port, Scheme, TooLong};
use super::{Outbound, OutboundError};
use crate::{Engine, Policy};

fn engine(policy: &str) -> Engine {
    let policy = Policy::parse([("policy.gate", policy)]).unwrap();
    Engine::builder(policy).build().unwrap()
}

fn outbound(clauses: &str) -> Outbound {
    engine(&format!("outbound one {{ {clauses} }}")).outbound("one").unwrap()
}

#[track_caller]
fn refused(outbound: &Outbound, why: OutboundError, urls: &[&str]) {
    for url in urls {
        assert_eq!(outbound.check_url(url).err(), Some(why), "{url:?}");
    }
}

#[test]
fn what_is_allowed_comes_back_in_its_normal_form() {
    let cases = [
        ("https://example.com", "https://example.com/"),
        ("https://example.com/", "https://example.com/"),
        ("HTTPS://Example.COM:443/A/../b?c=d#e", "https://example.com/b?c=d"),
        ("https://example.com?q=1", "https://example.com/?q=1"),
        ("https://example.com/@user", "https://example.com/@user"),
        ("https://xn--nxasmq6b.example.com/", "https://xn--nxasmq6b.example.com/"),
        ("https://8.8.8.8/", "https://8.8.8.8/"),
        ("https://[2606:4700:0:0::1111]/", "https://[2606:4700::1111]/"),
    ];
    for (sent, normal) in cases {
        let checked = outbound("").check_url(sent).unwrap();
        assert_eq!(checked.as_str(), normal);
        assert_eq!((checked.scheme(), checked.port()), ("https", 443));
    }
    let checked =
        outbound("schemes [http] ports [8080]").check_url("http://a.example:8080/").unwrap();
    assert_eq!((checked.scheme(), checked.host(), checked.port()), ("http", "a.example", 8080));
    assert_eq!(checked.address(), None);
    let checked = outbound("").check_url("https://[2606:4700::1111]").unwrap();
    assert_eq!(checked.host(), "[2606:4700::1111]");
    assert_eq!(checked.address(), Some("2606:4700::1111".parse().unwrap()));
}

#[test]
fn only_the_schemes_and_ports_that_are_named() {
    let strict = outbound("");
    refused(&strict, Scheme, &["http://example.com/", "ftp://example.com/", "file:///etc/passwd"]);
    refused(&strict, Scheme, &["javascript:alert(1)", "httpss://example.com/", ":", "mailto:a"]);
    refused(&strict, Port, &["https://example.com:80/", "https://example.com:8443/"]);
    let both = outbound("schemes [https http] ports [443 8080]");
    assert!(both.check_url("http://example.com:8080/").is_ok());
    refused(&both, Port, &["http://example.com/", "http://example.com:80/"]);
}

#[test]
fn only_the_hosts_that_are_named() {
    let named =
        outbound(r#"hosts ["img.example", "*.images.example", "8.8.8.8", "[2606:4700:0::1111]"]"#);
    for host in ["img.example", "IMG.example", "a.images.example", "a.b.images.example", "8.8.8.8"]
    {
        assert!(named.check_url(&format!("https://{host}/")).is_ok(), "{host}");
    }
    assert!(named.check_url("https://[2606:4700::1111]/").is_ok());
    assert!(named.check_url("https://[::ffff:8.8.8.8]/").is_ok());
    assert!(outbound(r#"hosts ["[::ffff:8.8.8.8]"]"#).check_url("https://8.8.8.8/").is_ok());
    refused(
        &named,
        Host,
        &[
            "https://images.example/",
            "https://notimages.example/",
            "https://a.img.example/",
            "https://a.images.example.evil.example/",
            "https://evil.example/a.images.example",
            "https://evil.example/?.images.example",
            "https://8.8.4.4/",
            "https://[2606:4700::1112]/",
        ],
    );
    refused(&named, Malformed, &["https://.images.example/", "https://a..images.example/"]);
    // A name that the policy names is still no way into the network.
    let local = outbound(r#"hosts ["localhost", "printer.local", "127.0.0.1"]"#);
    refused(&local, LocalName, &["https://localhost/", "https://printer.local/"]);
    assert!(matches!(local.check_url("https://127.0.0.1/"), Err(OutboundError::Address(_))));
}

#[test]
fn credentials_are_refused() {
    let urls = [
        "https://u@example.com/",
        "https://u:p@example.com/",
        "https://@example.com/",
        "https://:@example.com/",
        "https://example.com@127.0.0.1/",
        "https://example.com%40@127.0.0.1/",
        "https://a@b@example.com/",
    ];
    refused(&outbound(""), Credentials, &urls);
}

#[test]
fn what_two_readers_could_read_differently_is_refused() {
    let urls = [
        // Without its two slashes, or with more of them.
        "https:example.com/",
        "https:/example.com/",
        "https:///example.com/",
        "https:////example.com/",
        // As well where what is missing stands further on.
        "https:example.com/x://example.com/x",
        "https:/example.com/x://example.com/x",
        "https:/example.com/?://example.com/",
        // Backslashes, spaces and controls, which some readers drop or turn into others.
        "https://127.0.0.1\\@example.com/",
        "https:\\\\example.com/",
        "https://example.com\\.evil.example/",
        " https://example.com/",
        "https://example.com/ ",
        "https://exa\tmple.com/",
        "https://exam\nple.com/",
        "https://example.com/\r\nHost: a",
        "https://example.com\0.evil.example/",
        // A host that is mapped into another.
        "https://\u{ff45}xample.com/",
        "https://example\u{3002}com/",
        "https://ex\u{ad}ample.com/",
        "https://\u{ff11}\u{ff12}\u{ff17}.0.0.1/",
        "https://\u{2460}\u{2461}\u{2466}.0.0.1/",
        "https://\u{435}xample.com/",
        "https://\u{212a}.example.com/",
        "https://fa\u{df}.example.com/",
        "https://%31%32%37.0.0.1/",
        "https://ex%61mple.com/",
        "https://example.com%00/",
        "https://example.com%2f.evil.example/",
        "https://example.com%23.evil.example/",
        // An escape that is none.
        "https://example.com/%",
        "https://example.com/%4",
        "https://example.com/%zz",
        "https://example.com/\u{e9}",
        // IPv4 in another radix, or with parts left out.
        "https://2130706433/",
        "https://134744072/",
        "https://0x8080808/",
        "https://8.8.2056/",
        "https://010.8.8.8/",
        "https://8.8.8.0x8/",
        "https://8.8.8.8./",
        "https://256.8.8.8/",
        "https://1.2.3.4.5/",
        // More than one spelling of a host or port.
        "https://example.com./",
        "https://example..com/",
        "https://.example.com/",
        "https://example.com:/",
        "https://example.com:0443/",
        "https://example.com:+443/",
        "https://example.com:443:443/",
        "https://example.com:65536/",
        "https://exa_mple.com/",
        "https://[::ffff:8.8.8.8/",
        "https://::1/",
        "https://[fe80::1%25eth0]/",
        "https://[8.8.8.8]/",
        // The host is before the mark, or behind the `@` (CVE-2016-8624).
        "https://example.com#@127.0.0.1/",
        "https://example.com?@127.0.0.1/",
        "https://",
        "https:///",
        "https://?",
        "example.com",
        "//example.com/",
        "/a",
        "",
    ];
    for url in urls {
        let why = outbound("").check_url(url).expect_err(url);
        assert_eq!(why, Malformed, "{url:?}");
    }
}

#[test]
fn local_names_are_refused() {
    let names = [
        "localhost",
        "LOCALHOST",
        "a.localhost",
        "metadata",
        "redis",
        "metadata.google.internal",
        "instance-data.ec2.internal",
        "metadata.goog",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        "printer.local",
        "router.home.arpa",
        "wiki.corp",
        "nas.lan",
        "a.onion",
        "a.test",
    ];
    for name in names {
        refused(&outbound(""), LocalName, &[&format!("https://{name}/")]);
    }
    for name in ["notlocalhost.example", "internal.example", "local.example", "mail.example"] {
        assert!(outbound("").check_url(&format!("https://{name}/")).is_ok(), "{name}");
    }
}

#[test]
fn names_and_urls_are_bounded() {
    let of = |length: usize| {
        let start = "https://example.com/";
        format!("{start}{}", "a".repeat(length - start.len()))
    };
    assert!(outbound("").check_url(&of(2048)).is_ok());
    refused(&outbound(""), TooLong, &[&of(2049)]);
    let label = "a".repeat(63);
    let longest = [label.as_str(), &label, &label, &"a".repeat(61)].join(".");
    assert!(outbound("").check_url(&format!("https://{longest}/")).is_ok());
    let url = format!("https://a{longest}/");
    refused(&outbound(""), Malformed, &[&url, &format!("https://a{label}.example/")]);
}

#[test]
fn each_redirect_is_checked_and_counted() {
    let images = outbound(r#"hosts ["*.images.example"] redirects 2"#);
    let begun = || images.fetch("https://a.images.example/x/y?z").unwrap();
    let steps = [
        ("/q", "https://a.images.example/q"),
        ("w", "https://a.images.example/x/w"),
        ("?v", "https://a.images.example/x/y?v"),
        ("../../../r", "https://a.images.example/r"),
        ("//b.images.example/s", "https://b.images.example/s"),
        ("https://c.images.example", "https://c.images.example/"),
        ("", "https://a.images.example/x/y?z"),
    ];
    for (location, target) in steps {
        let fetch = begun().redirect(location).unwrap();
        assert_eq!((fetch.url().as_str(), fetch.redirects()), (target, 1), "{location}");
    }
    let wrong = [
        ("http://a.images.example/", Scheme),
        ("https://evil.example/", Host),
        ("//evil.example/", Host),
        ("https://a.images.example:8443/", Port),
        ("//u@a.images.example/", Credentials),
        ("//@a.images.example/", Credentials),
        ("https:evil.example", Malformed),
        ("https:/x", Malformed),
        ("/\\evil.example/", Malformed),
        ("\\\\evil.example/", Malformed),
        ("/\t/evil.example/", Malformed),
        ("///evil.example/", Malformed),
        ("//2130706433/", Malformed),
        ("file:///etc/passwd", Scheme),
        ("javascript:alert(1)", Scheme),
        ("a:b", Scheme),
    ];
    for (location, why) in wrong {
        assert_eq!(begun().redirect(location).err(), Some(why), "{location:?}");
    }
    let address = begun().redirect("https://169.254.169.254/").unwrap_err();
    assert!(matches!(address, OutboundError::Address(_)), "{address}");
    let last = begun().redirect("/1").unwrap().redirect("/2").unwrap();
    assert_eq!(last.redirects(), 2);
    assert_eq!(last.redirect("/3").err(), Some(OutboundError::Redirects));
    let none = outbound("").fetch("https://example.com/").unwrap();
    assert_eq!(none.redirect("/").err(), Some(OutboundError::Redirects));
}

#[test]
fn an_outbound_follows_a_reload() {
    let engine = engine(r#"outbound one { hosts ["a.example"] redirects 1 }"#);
    assert!(engine.outbound("two").is_none());
    let kept = engine.outbound("one").unwrap();
    let fetch = kept.fetch("https://a.example/").unwrap();
    let reload = |text: &str| {
        engine.reload(&Policy::parse([("policy.gate", text)]).unwrap()).unwrap();
    };
    reload(r#"outbound one { hosts ["b.example"] redirects 1 }"#);
    refused(&kept, Host, &["https://a.example/"]);
    assert_eq!(fetch.redirect("/x").err(), Some(Host));
    reload("outbound two {}");
    refused(&kept, OutboundError::Gone, &["https://b.example/"]);
    assert_eq!(kept.redirects(), 0);
}

#[test]
fn no_error_holds_what_was_sent() {
    let any = outbound(r#"hosts ["a.example"]"#);
    let urls = [
        "https://s3cret@a.example/",
        "s3cret://a.example/",
        "https://s3cret.example/",
        "https://s3cret/",
        "https://a.example:8443/s3cret",
        "https://10.11.12.13/s3cret",
        "https://a.example/s3cret\\",
    ];
    for url in urls {
        let why = any.check_url(url).unwrap_err();
        let words = format!("{why} {why:?} {} {any:?}", why.message());
        assert!(!words.contains("s3cret") && !words.contains("10.11"), "{words}");
    }
    let fetch = any.fetch("https://a.example/s3cret").unwrap();
    assert!(!format!("{fetch:?} {:?}", fetch.url()).contains("s3cret"));
}

#[test]
fn a_client_is_not_told_which_hosts_there_are() {
    let planned =
        |urls: [&str; 3]| urls.map(|url| outbound(r#"hosts ["a.example"]"#).check_url(url));
    for found in planned(["https://b.example/", "https://localhost/", "https://10.0.0.1/"]) {
        assert_eq!(found.unwrap_err().message(), "must have an allowed host");
    }
}
