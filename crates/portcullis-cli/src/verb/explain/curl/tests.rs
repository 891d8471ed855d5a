//! What a command sends, held against what `curl` 7.88.1 sent.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

use super::read;
use crate::Failure;

/// The target of a command, or why there is none.
fn target(command: &str) -> Result<String, String> {
    read(command).map(|sent| sent.target).map_err(said)
}

fn said(why: Failure) -> String {
    match why {
        Failure::Said(why) => why,
        Failure::Unread => "nobody reads".to_owned(),
    }
}

/// The values of one header, and no word of the others.
fn sent(name: &str, options: &str) -> Vec<String> {
    let sent = read(&format!("curl {options} https://h.example/a"));
    let headers = sent.map_err(said).unwrap().headers;
    let of_name = headers.into_iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    of_name.map(|(_, value)| value).collect()
}

#[test]
fn curl_names_itself_and_takes_every_answer() {
    for (options, value) in [
        ("", Some("curl/8.0.0")),
        ("-A x", Some("x")),
        ("-A x -A y", Some("y")),
        ("-A ''", None),
        ("-A x -A ''", None),
        ("-H User-Agent:", None),
        ("-A x -H User-Agent:", None),
        ("-A x -H 'user-agent: y'", Some("y")),
        ("-A '' -H 'User-Agent: y'", Some("y")),
        ("-H 'User-Agent;'", Some("")),
    ] {
        assert_eq!(
            sent("User-Agent", options),
            value.map_or(vec![], |value| vec![value]),
            "{options}"
        );
    }
    for (options, value) in [
        ("", Some("*/*")),
        ("--json {}", Some("application/json")),
        ("-H Accept:", None),
        ("-H 'Accept;'", Some("")),
        ("-H 'accept: a/b'", Some("a/b")),
        ("--json {} -H 'Accept: a/b'", Some("a/b")),
        ("--json {} -H Accept:", None),
    ] {
        let options = options.replace("{}", "'{}'");
        assert_eq!(
            sent("Accept", &options),
            value.map_or(vec![], |value| vec![value]),
            "{options}"
        );
    }
}

#[test]
fn the_page_before_is_sent_without_what_curl_keeps_to_itself() {
    for (options, value) in [
        ("", None),
        ("-e http://x.example/", Some("http://x.example/")),
        ("-e 'http://x.example/;auto'", Some("http://x.example/")),
        ("-e 'a;autob'", Some("a")),
        ("-e 'a;b'", Some("a;b")),
        ("-e ';auto'", None),
        ("-e a -e b", Some("b")),
        ("-e a -e ';auto'", None),
        ("-e a -H Referer:", None),
        ("-e a -H 'Referer: z'", Some("z")),
    ] {
        assert_eq!(
            sent("Referer", options),
            value.map_or(vec![], |value| vec![value]),
            "{options}"
        );
    }
}

#[test]
fn data_is_put_behind_the_query() {
    for (arguments, wanted) in [
        ("-G -d b=1 'https://h.example/a?x=1'", "a?x=1&b=1"),
        ("-G -d b=1 'https://h.example/a?x=1&'", "a?x=1&b=1"),
        ("-G -d b=1 'https://h.example/a?'", "a?b=1"),
        ("-G -d '' 'https://h.example/a?x=1'", "a?x=1&"),
        ("-G -d '' 'https://h.example/a?x=1&'", "a?x=1&"),
        ("-G -d '' 'https://h.example/a?'", "a"),
        ("-G -d '' https://h.example/a", "a"),
        ("-G 'https://h.example/a?x'", "a?x"),
        ("-G --path-as-is https://h.example/a/../b", "a/../b"),
        ("-G -d b --path-as-is https://h.example/a", "a?b"),
    ] {
        let target = target(&format!("curl {arguments}"));
        assert_eq!(target, Ok(format!("https://h.example/{wanted}")), "{arguments}");
    }
    for path in ["a/../b", "./a", "a/%2E%2e/b"] {
        let target = target(&format!("curl -G -d b --path-as-is https://h.example/{path}"));
        assert!(target.is_err_and(|why| why.contains("`--path-as-is`")), "{path}");
    }
}

#[test]
fn what_curls_differ_in_is_refused() {
    for query in ["q=ü", "ü", "a=b&é=c"] {
        let target = target(&format!("curl 'https://h.example/a?{query}'"));
        assert!(target.is_err_and(|why| why.contains("in a query")), "{query}");
    }
    assert_eq!(target("curl https://h.example/é#ü"), Ok("https://h.example/%c3%a9".to_owned()));
}

#[test]
fn a_host_of_another_protocol_is_not_asked_over_http() {
    for host in [
        "ftp.example",
        "FTP.example:21",
        "dict.a",
        "ldap.a",
        "imap.a",
        "smtp.a",
        "pop3.a?x=http://",
    ] {
        let target = target(&format!("curl {host}/q"));
        assert!(target.is_err_and(|why| why.contains("`https://`")), "{host}");
    }
    for (url, wanted) in [
        ("https://ftp.example/q", "https://ftp.example/q"),
        ("ftps.example/q", "http://ftps.example/q"),
        ("h.example/ftp.example", "http://h.example/ftp.example"),
    ] {
        assert_eq!(target(&format!("curl {url}")), Ok(wanted.to_owned()));
    }
}
