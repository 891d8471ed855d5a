//! Holds every evaluator to the claim about one spelling.

use std::net::{IpAddr, Ipv4Addr};

use portcullis::{Caller, Engine, Policy, Reason, Request, Timestamp, Value};
use portcullis_compiler::compile;
use portcullis_syntax::{Source, Sources};
use portcullis_test::Exchange;

use super::{HOST, POLICY, Spelling, path_leads_to_admin};
use crate::corpus::{Called, evaluators};

const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// 2026-01-01T00:00:00Z
const NOW: Timestamp = Timestamp::from_seconds(1_767_225_600);

/// All evaluators of [`POLICY`], and an admin.
pub struct Evaluators {
    engine: Engine,
    admin: Caller,
    all: Vec<Called>,
}

/// What became of a spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It is no text, as a target is for the engine.
    NoText,
    /// It was refused for what it is.
    Refused(Reason),
    /// It was understood as `/admin`, and refused for want of a credential.
    Recognised(Reason),
    /// It is another path, and was admitted as one.
    Neighbour,
}

impl Evaluators {
    /// Each of them, new.
    ///
    /// # Errors
    /// One cannot be built.
    pub fn new() -> Result<Evaluators, String> {
        let mut sources = Sources::new();
        sources.add(Source::new("policy.gate", POLICY));
        let compilation = compile(sources);
        let all = evaluators(&compilation, "default")?;
        let engine = Engine::builder(Policy::from(compilation)).without_keys().build();
        let engine = engine.map_err(|why| why.to_string())?;
        let attributes = [("id", Value::Text("a")), ("role", Value::Text("admin"))];
        let admin = engine.caller("access", attributes).map_err(|why| why.to_string())?;
        Ok(Evaluators { engine, admin, all })
    }

    /// Sends a spelling to all of them, without a caller. What became of it.
    ///
    /// # Errors
    /// It reached `/admin`, or what a careless reader takes for it; or the evaluators differ.
    pub fn check(&mut self, spelling: &Spelling) -> Result<Became, String> {
        let Ok(target) = std::str::from_utf8(&spelling.target) else { return Ok(Became::NoText) };
        let said = |what: &str| format!("{what}: {target:?} of {spelling:?}");
        let mut headers = vec![("Host".to_owned(), HOST.to_owned())];
        let others =
            spelling.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        headers.extend(others);
        let request = || {
            let mut request = Request::new(spelling.method, target, PEER, NOW);
            for (name, value) in &headers {
                request.add_header(name, value.as_bytes());
            }
            request
        };
        let is_admins = |pattern: &str| pattern.starts_with("/admin");
        let became = match self.engine.admit(request()).and_then(|admitted| admitted.input(None)) {
            Ok(accepted) => {
                if is_admins(accepted.pattern()) {
                    return Err(said("it reached `/admin`"));
                }
                // A careless handler behind it reads the path that was decided, once more.
                if path_leads_to_admin(accepted.path().as_bytes()) {
                    return Err(said("it was handed on as a path that leads to `/admin`"));
                }
                Became::Neighbour
            }
            Err(refusal) => {
                let known = self.engine.admit_as(request(), Some(&self.admin));
                match known.and_then(|admitted| admitted.input(None)) {
                    Ok(accepted) if !is_admins(accepted.pattern()) => {
                        return Err(said("an admin alone reached a public neighbour"));
                    }
                    Ok(_) => Became::Recognised(refusal.reason()),
                    Err(_) => Became::Refused(refusal.reason()),
                }
            }
        };
        let exchange = Exchange { headers, peer: PEER, ..Exchange::new(spelling.method, target) };
        let mut answers = self.all.iter_mut().map(|(name, one)| (*name, one.send(&exchange)));
        let Some((_, first)) = answers.next() else { return Err("no evaluator".to_owned()) };
        match answers.find(|(_, answer)| *answer != first) {
            Some((name, other)) => Err(said(&format!("{first:?}, but {other:?} by {name}"))),
            None => Ok(became),
        }
    }
}
