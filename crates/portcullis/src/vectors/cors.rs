//! Cross-origin resource sharing: jub0bs/cors.
//!
//! Its data was taken out of Go, with what has to be worked out still in it: [`worked_out`] does.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde_json::Value;

use super::{text, vectors};
use crate::{Engine, Policy, Refusal, Rendered, Request, Timestamp};

/// A service that pages of these origins may call, if the policy compiles.
fn engine(cors: &str) -> Option<Engine> {
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let routes = methods.map(|method| format!("route {method} / {{ public }}\n")).concat();
    let policy = format!("transport {{ https off }}\n{routes}{cors}");
    let policy = Policy::parse([("cors.gate", policy.as_str())]).ok()?;
    Some(Engine::builder(policy).build().unwrap())
}

fn of_origins(origins: &[&str]) -> Option<Engine> {
    let origins = origins.iter().map(|origin| format!("{origin:?}")).collect::<Vec<_>>();
    engine(&format!("cors {{ origins [{}] methods [GET] }}", origins.join(" ")))
}

/// What a request is answered, the body apart.
fn ask(engine: &Engine, method: &str, headers: &[(String, String)]) -> Rendered {
    let now = Timestamp::from_seconds(1_767_225_600);
    let mut request = Request::new(method, "/", Ipv4Addr::LOCALHOST.into(), now);
    request = request.header("Host", b"a.example");
    for (name, value) in headers {
        request = request.header(name, value.as_bytes());
    }
    let answers = engine.answers(&mut request);
    let decided = match engine.preflight(&request) {
        Some(Ok(preflight)) => return answers.preflight(&preflight),
        Some(Err(refusal)) => Err(refusal),
        None => engine.admit(request).and_then(|admitted| admitted.input(None)),
    };
    let refused = |refusal: &Refusal| answers.refusal(refusal);
    decided.map_or_else(|refusal| refused(&refusal), |one| answers.success(&one, Vec::new()))
}

fn line<'a>(answer: &'a Rendered, name: &str) -> Option<&'a str> {
    let mut lines = answer.headers.iter();
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Whether it grants anything.
fn grants(answer: &Rendered) -> bool {
    answer.headers.iter().any(|(name, _)| name.starts_with("access-control-"))
}

/// The elements of a list, in lower case.
fn list(value: &str) -> BTreeSet<String> {
    let names = value.split(',').map(|name| name.trim_matches([' ', '\t']).to_ascii_lowercase());
    names.filter(|name| !name.is_empty()).collect()
}

/// The texts of a value; of several, as Go writes a slice.
fn worked_out(value: &Value) -> Vec<String> {
    if let Some(parts) = value.as_array() {
        return parts.iter().flat_map(worked_out).collect();
    }
    if let Some(number) = value.as_u64() {
        return vec![number.to_string()];
    }
    if let Some(written) = value.as_str() {
        return vec![written.to_owned()];
    }
    if let Some(name) = value.get("$id") {
        let known = match name.as_str().unwrap() {
            "maxSchemeLen" => "64",
            "maxHostLen" => "253",
            "maxPort" => "65535",
            "http.MethodPost" => "POST",
            "http.MethodDelete" => "DELETE",
            "headers.Origin" => "Origin",
            other => panic!("an unknown name: {other}"),
        };
        return vec![known.to_owned()];
    }
    if let Some(sum) = value.get("$expr") {
        let [first, second] = [0, 2].map(|at| worked_out(&sum[at]).concat());
        assert_eq!(sum[1], "+");
        return vec![match (first.parse::<u64>(), second.parse::<u64>()) {
            (Ok(first), Ok(second)) => (first + second).to_string(),
            _ => first + &second,
        }];
    }
    let arguments = &value["a"];
    let count = |at: usize| worked_out(&arguments[at]).concat().parse::<usize>().unwrap();
    match text(value, "$call") {
        "strings.Repeat" => vec![worked_out(&arguments[0]).concat().repeat(count(1))],
        "strconv.Itoa" => worked_out(&arguments[0]),
        "make" => vec![String::new(); count(1)],
        "append" => worked_out(arguments),
        other => panic!("an unknown function: {other}"),
    }
}

/// What may stand in a configuration. What is refused there does not compile here; what is taken there
/// does, or is listed below.
#[test]
fn what_is_no_origin_does_not_compile() {
    let Some(cases) = vectors("cors/jub0bs-origin-patterns.json") else {
        return;
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases.as_array().unwrap() {
        let (name, origin) = (text(case, "desc"), worked_out(&case["input"]).concat());
        let outcome = match (case.get("failure").is_some(), of_origins(&[&origin])) {
            (true, None) => "refused, and does not compile",
            (false, Some(_)) => "taken, and compiles",
            (false, None) if origin.contains('*') => "does not compile: an origin is named whole",
            (false, None) if !origin.starts_with("http") => "does not compile: another scheme",
            // Whoever names it gets what browsers send from there.
            (true, Some(_)) if name == "IPv4-mapped IPv6" => "refused, and compiles: IPv4 as IPv6",
            (true, Some(_)) => panic!("{name}: {origin} compiles"),
            (false, None) => panic!("{name}: {origin} does not compile"),
        };
        *counts.entry(outcome).or_default() += 1;
    }
    println!("origin patterns: {counts:#?}");
    let expected = BTreeMap::from([
        ("refused, and does not compile", 57),
        ("taken, and compiles", 8),
        ("does not compile: an origin is named whole", 4),
        ("does not compile: another scheme", 5),
        ("refused, and compiles: IPv4 as IPv6", 1),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 75);
}

/// What a browser may send as its origin. One that compiles is granted to the letter; whatever else is
/// sent is refused, and nothing of it is sent back.
#[test]
fn an_origin_is_granted_to_the_letter() {
    let Some(cases) = vectors("cors/jub0bs-origins.json") else {
        return;
    };
    let other = of_origins(&["https://other.example"]).unwrap();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases.as_array().unwrap() {
        let origin = worked_out(&case["input"]).concat();
        let sent = [("Origin".to_owned(), origin.clone())];
        let refused = ask(&other, "GET", &sent);
        assert_eq!((refused.status, grants(&refused)), (403, false), "{origin}");
        let own = of_origins(&[&origin, "https://other.example"]);
        if let Some(own) = &own {
            let granted = ask(own, "GET", &sent);
            assert_eq!(line(&granted, "Access-Control-Allow-Origin"), Some(origin.as_str()));
        }
        let outcome = match (case.get("failure").is_some(), own.is_some()) {
            (true, false) => "no origin, and none here",
            (false, true) => "an origin, and granted to the letter",
            (false, false) => "an origin to a lax reader; no browser sends it, and none here",
            (true, true) => panic!("{origin} is none there"),
        };
        *counts.entry(outcome).or_default() += 1;
    }
    println!("origins: {counts:#?}");
    let expected = BTreeMap::from([
        ("an origin, and granted to the letter", 6),
        ("no origin, and none here", 17),
        ("an origin to a lax reader; no browser sends it, and none here", 17),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 40);
}

/// Requests to a service of a configuration, and the header lines that they are answered.
///
/// `PURGE` and `HELP`, which no route can have here, stand for `DELETE` and `PATCH`.
#[test]
fn requests_are_granted_what_they_are_granted_there() {
    let Some(groups) = vectors("cors/jub0bs-cases.json") else {
        return;
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for group in groups.as_array().unwrap() {
        let none = Vec::new();
        let cases = group["cases"].as_array().unwrap_or(&none);
        let engine = match configured(&group["cfg"]) {
            Ok(engine) => engine,
            Err(why) => {
                *counts.entry(why).or_default() += cases.len();
                continue;
            }
        };
        for case in cases {
            let debug = group.get("debug").is_some();
            *counts.entry(compared(&engine, case, debug)).or_default() += 1;
        }
    }
    println!("requests: {counts:#?}");
    let expected = BTreeMap::from([
        ("a preflight that is granted, and granted here", 6),
        ("a preflight that is not granted, nor here", 29),
        ("a preflight that is granted here: empty elements are skipped", 2),
        ("a request, with the same lines here", 24),
        ("a request of another page: passed on there, refused here, granted nothing", 9),
        ("an OPTIONS that is no preflight: refused here", 35),
        ("not configured: `*` for methods or headers, each of which is named", 23),
        ("not configured: another scheme than http and https", 8),
        ("not configured: patterns alone, and an origin is named whole", 6),
    ]);
    assert_eq!(counts, expected);
    assert_eq!(counts.values().sum::<usize>(), 142);
}

/// The service of a configuration; or why there is none.
fn configured(configuration: &Value) -> Result<Engine, &'static str> {
    if configuration.is_null() {
        return Ok(engine("").unwrap());
    }
    let texts = |name: &str| match &configuration[name] {
        Value::Null => Vec::new(),
        value => worked_out(value),
    };
    let quoted = |names: Vec<String>| {
        names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(" ")
    };
    let mut origins = texts("Origins");
    let is_pattern = |origin: &String| origin.len() > 1 && origin.contains('*');
    for pattern in origins.iter().filter(|origin| is_pattern(origin)) {
        assert!(of_origins(&[pattern]).is_none(), "{pattern} compiles");
    }
    origins.retain(|origin| !is_pattern(origin));
    if origins.is_empty() {
        return Err("not configured: patterns alone, and an origin is named whole");
    }
    let every = |name: &str| texts(name).iter().any(|name| name == "*");
    if every("RequestHeaders") || every("Methods") || every("ResponseHeaders") {
        return Err("not configured: `*` for methods or headers, each of which is named");
    }
    let mut clauses = format!("origins [{}]", quoted(origins));
    let methods = texts("Methods").iter().map(|name| renamed(name)).collect::<Vec<_>>();
    if !methods.is_empty() {
        clauses.push_str(&format!(" methods [{}]", methods.join(" ")));
    }
    for (clause, names) in
        [("headers", texts("RequestHeaders")), ("expose", texts("ResponseHeaders"))]
    {
        if !names.is_empty() {
            clauses.push_str(&format!(" {clause} [{}]", quoted(names)));
        }
    }
    if configuration["Credentialed"] == true {
        clauses.push_str(" credentials");
    }
    if let Some(seconds) = configuration["MaxAgeInSeconds"].as_u64() {
        clauses.push_str(&format!(" max_age {seconds}s"));
    }
    engine(&format!("cors {{ {clauses} }}"))
        .ok_or("not configured: another scheme than http and https")
}

fn renamed(method: &str) -> String {
    match method {
        "PURGE" => "DELETE",
        "HELP" => "PATCH",
        method => method,
    }
    .to_owned()
}

/// Asks as a case says, and holds the answer against what is wanted.
fn compared(engine: &Engine, case: &Value, debug: bool) -> &'static str {
    let name = text(case, "desc");
    let mut headers = Vec::new();
    for (header, values) in case["reqHeaders"].as_object().into_iter().flatten() {
        let values = worked_out(values);
        headers.extend(values.into_iter().map(|value| (header.clone(), renamed(&value))));
    }
    let asked = |name: &str| {
        let lines = headers.iter().filter(|(known, _)| known == name);
        lines.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(",")
    };
    let method = text(case, "reqMethod");
    let answer = ask(engine, method, &headers);
    let wanted = |name: &str| {
        let value = case["wantRespHeaders"].get(name)?;
        Some(worked_out(value).join(","))
    };
    let outcome = case["wantOutcome"].get("$id").and_then(Value::as_str);
    match outcome {
        Some("isPreflightAndSucceeds") if answer.status == 204 => {
            for name in ["Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"] {
                assert_eq!(line(&answer, name).map(str::to_owned), wanted(name), "{name}");
            }
            let max_age = "Access-Control-Max-Age";
            assert_eq!(line(&answer, max_age).map(str::to_owned), wanted(max_age), "{name}");
            // Here all are told at once, there what was asked for.
            let all = |name: &str| line(&answer, name).map_or_else(BTreeSet::new, list);
            let methods = list(&asked("Access-Control-Request-Method"));
            assert!(methods.is_subset(&all("Access-Control-Allow-Methods")), "{name}");
            let names = list(&asked("Access-Control-Request-Headers"));
            assert!(names.is_subset(&all("Access-Control-Allow-Headers")), "{name}");
            "a preflight that is granted, and granted here"
        }
        Some("isPreflightAndFailsDuringCORSCheck" | "isPreflightAndFailsAfterCORSCheck")
            if answer.status != 204 =>
        {
            assert!(!grants(&answer), "{name}");
            assert!(debug || case.get("wantRespHeaders").is_none(), "{name}");
            "a preflight that is not granted, nor here"
        }
        // Empty elements are bounded there, and none here: names are.
        Some("isPreflightAndFailsAfterCORSCheck") if name.contains("too many empty") => {
            assert_eq!(line(&answer, "Access-Control-Allow-Headers"), Some("Authorization"));
            "a preflight that is granted here: empty elements are skipped"
        }
        Some(outcome) => panic!("{name}: {outcome}, {}", answer.status),
        None if method == "OPTIONS" => {
            assert!(!grants(&answer) && [403, 405].contains(&answer.status), "{name}");
            "an OPTIONS that is no preflight: refused here"
        }
        None => {
            for name in ["Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Vary"]
            {
                assert_eq!(line(&answer, name).map(str::to_owned), wanted(name), "{name}");
            }
            let exposed = "Access-Control-Expose-Headers";
            assert_eq!(line(&answer, exposed).map(list), wanted(exposed).as_deref().map(list));
            match answer.status {
                204 => "a request, with the same lines here",
                403 => "a request of another page: passed on there, refused here, granted nothing",
                status => panic!("{name}: {status}"),
            }
        }
    }
}
