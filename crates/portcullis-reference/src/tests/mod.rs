//! Policies in text, exchanges, and the answers that the language's own page gives them.

mod budget;
mod caller;
mod expression;
mod input;
mod json;
mod object;
mod response;
mod token;
mod trace;
mod transport;

use portcullis_syntax::{Source, Sources};
use portcullis_test::{Answer, Evaluator, Exchange, Fact, Facts, Given};

use crate::{Key, Reference};

/// 2026-01-01T00:00:00Z, in seconds.
const START: i64 = 1_767_225_600;
const SECOND: i64 = 1_000_000_000;

const CREDENTIAL: &str = r#"
    credential access jwt {
        issuer "https://auth.example"  audience "shop"  algorithms [HS256, ES256, EdDSA]
        lifetime 15m
        caller { id: string from "sub"  role: role  plan: plan?  since: time? }
    }
    enum plan { free pro enterprise as "ENT" }
"#;

/// An evaluator of a policy that compiles. A policy that names no credential has [`CREDENTIAL`].
fn naive_in(profile: &str, policy: &str, keys: Vec<Key>) -> Reference {
    let credential = if policy.contains("credential ") { "" } else { CREDENTIAL };
    let mut sources = Sources::new();
    sources.add(Source::new("policy.gate", format!("{policy}\n{credential}")));
    let compiled = portcullis_compiler::compile(sources);
    let faults: Vec<&String> = compiled.diagnostics.iter().map(|d| &d.message).collect();
    assert!(!compiled.has_errors(), "{faults:?}");
    Reference::new(compiled.files, profile, keys)
}

fn naive(policy: &str) -> Reference {
    naive_in("default", policy, Vec::new())
}

/// Sends each exchange to one evaluator and compares the answer with what is told beside it.
#[track_caller]
fn check<const N: usize>(mut naive: Reference, table: [(Exchange, &str); N]) {
    for (exchange, expected) in table {
        let answer = told(&naive.send(&exchange).answer);
        assert_eq!(answer, expected, "{} {}", exchange.method, exchange.target);
    }
}

/// An answer in short: `admit`, `admit {a b}`, `admit {a} 2 rows`, `forbidden`, `invalid_input {a}`.
fn told(answer: &Answer) -> String {
    let set = |names: &std::collections::BTreeSet<String>| {
        format!(" {{{}}}", names.iter().map(String::as_str).collect::<Vec<&str>>().join(" "))
    };
    match answer {
        Answer::Admitted { fields, rows } => {
            let fields = fields.as_ref().map(set).unwrap_or_default();
            let rows = rows.map(|rows| format!(" {rows} rows")).unwrap_or_default();
            format!("admit{fields}{rows}")
        }
        Answer::Refused { reason, faults } if faults.is_empty() => (*reason).to_owned(),
        Answer::Refused { reason, faults } => format!("{reason}{}", set(faults)),
    }
}

fn send(method: &str, target: &str) -> Exchange {
    let host = ("Host".to_owned(), "shop.example".to_owned());
    Exchange { headers: vec![host], ..Exchange::new(method, target) }
}

fn get(target: &str) -> Exchange {
    send("GET", target)
}

/// A POST of JSON.
fn post(target: &str, body: &str) -> Exchange {
    Exchange { body: Some(body.into()), ..send("POST", target) }
        .header("content-type", "application/json")
}

fn text(text: &str) -> Fact {
    Fact::Text(text.to_owned())
}

fn facts<const N: usize>(facts: [(&str, Fact); N]) -> Facts {
    facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)).collect()
}

/// What an exchange may have besides its target.
trait With: Sized {
    fn header(self, name: &str, value: &str) -> Self;
    fn without(self, name: &str) -> Self;
    fn by<const N: usize>(self, caller: [(&str, Fact); N]) -> Self;
    /// By the caller `id`, who has a role.
    fn from(self, id: &str, role: &str) -> Self;
    fn object<const N: usize>(self, object: [(&str, Fact); N]) -> Self;
    /// An object of a resource, or none.
    fn of(self, resource: &str, object: Option<Facts>) -> Self;
    fn rows<const N: usize>(self, rows: [Facts; N]) -> Self;
    fn peer(self, peer: &str) -> Self;
    /// Nanoseconds after the start.
    fn at(self, nanos: i64) -> Self;
}

impl With for Exchange {
    fn header(mut self, name: &str, value: &str) -> Exchange {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Exchange {
        self.headers.retain(|(given, _)| !given.eq_ignore_ascii_case(name));
        self
    }

    fn by<const N: usize>(mut self, caller: [(&str, Fact); N]) -> Exchange {
        self.caller = Some(Given { credential: "access".to_owned(), attributes: facts(caller) });
        self
    }

    fn from(self, id: &str, role: &str) -> Exchange {
        self.by([("id", text(id)), ("role", text(role))])
    }

    fn object<const N: usize>(self, object: [(&str, Fact); N]) -> Exchange {
        self.of("order", Some(facts(object)))
    }

    fn of(mut self, resource: &str, object: Option<Facts>) -> Exchange {
        self.world.objects.push((resource.to_owned(), object));
        self
    }

    fn rows<const N: usize>(mut self, rows: [Facts; N]) -> Exchange {
        self.world.rows = rows.into();
        self
    }

    fn peer(mut self, peer: &str) -> Exchange {
        self.peer = peer.parse().unwrap();
        self
    }

    fn at(mut self, nanos: i64) -> Exchange {
        self.now = START * SECOND + nanos;
        self
    }
}
