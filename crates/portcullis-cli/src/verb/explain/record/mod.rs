//! A recorded decision, held against the policy: which stage, which clause, and what might have been
//! otherwise. A record holds no value of the request, so why a condition held or not it cannot say.

mod told;

use std::path::Path;

use portcullis::Reason;
use portcullis_syntax::Sources;
use serde_json::Value;

use self::told::Told;
use super::Arguments;
use super::report::Report;
use crate::output::Output;
use crate::{Failure, read};

/// The largest record that is read, in bytes.
const LARGEST: usize = 1 << 20;

pub(super) fn explain(
    arguments: &Arguments,
    file: &Path,
    output: &mut Output,
) -> Result<(Report, Sources), Failure> {
    let record = Record::read(file)?;
    let profile = arguments.profile.as_deref().unwrap_or(&record.profile);
    let Some((compilation, plan)) = crate::verb::planned(&arguments.path, Some(profile), output)?
    else {
        return super::undecided("the policy has errors");
    };
    let told = Told { record: &record, plan: &plan, sources: &compilation.sources };
    Ok((told.report(), compilation.sources.clone()))
}

/// What is read of a record; `docs/operating.md` says what it is.
struct Record {
    plan: String,
    profile: String,
    time: i64,
    request_id: Option<String>,
    method: Option<String>,
    route: Option<String>,
    action: Option<String>,
    reason: Reason,
    status: u16,
    reuse: bool,
    clause: Option<Recorded>,
}

/// A clause as a record has it.
struct Recorded {
    place: String,
    start: u32,
    end: u32,
    text: String,
}

impl Record {
    fn read(file: &Path) -> Result<Record, Failure> {
        let bytes = read::file_or_input(file, LARGEST, "a record is never larger than 1 MiB")?;
        let wrong = |why: &str| Failure::Said(format!("{}: {why}", file.display()));
        let mut values = serde_json::Deserializer::from_slice(&bytes).into_iter::<Value>();
        let value = match (values.next(), values.next()) {
            (Some(Ok(value)), None) => value,
            (Some(Ok(_)), Some(_)) => {
                return Err(wrong("more than one record is in it: give it the one to explain"));
            }
            (Some(Err(why)), _) => return Err(wrong(&format!("this is no JSON: {why}"))),
            (None, _) => return Err(wrong("no record is in it")),
        };
        Record::of(&value).map_err(|what| {
            wrong(&format!(
                "this is no decision record: {what}; a record is what `Decision::to_json` gives an \
                 observer"
            ))
        })
    }

    fn of(value: &Value) -> Result<Record, String> {
        let text = |name: &str| match value.get(name) {
            Some(Value::String(text)) => Ok(text.clone()),
            _ => Err(format!("`{name}` is no text")),
        };
        let optional = |name: &str| match value.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => text(name).map(Some),
        };
        let reason = text("reason")?;
        let reason = Reason::of_name(&reason)
            .ok_or_else(|| format!("`{}` is no reason", reason.escape_debug()))?;
        let status = value.get("status").and_then(Value::as_u64);
        let status = status.and_then(|status| u16::try_from(status).ok());
        let clause = match value.get("clause") {
            None | Some(Value::Null) => None,
            Some(clause) => Some(Recorded::of(clause).ok_or("`clause` is none")?),
        };
        Ok(Record {
            plan: text("plan")?,
            profile: text("profile")?,
            time: value.get("time").and_then(Value::as_i64).ok_or("`time` is no number")?,
            request_id: optional("requestId")?,
            method: optional("method")?,
            route: optional("route")?,
            action: optional("action")?,
            reason,
            status: status.ok_or("`status` is no status")?,
            reuse: value.get("reuse").and_then(Value::as_bool).unwrap_or(false),
            clause,
        })
    }

    fn subject(&self) -> String {
        match (&self.method, &self.route, &self.action) {
            (Some(method), Some(route), _) => {
                format!("{method} {route}").escape_debug().to_string()
            }
            (_, _, Some(action)) => format!("the action `{}`", action.escape_debug()),
            _ => "a request that came to no route".to_owned(),
        }
    }
}

impl Recorded {
    fn of(value: &Value) -> Option<Recorded> {
        let byte = |name: &str| value.get(name)?.as_u64().and_then(|at| u32::try_from(at).ok());
        let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        Some(Recorded {
            place: text("place")?,
            start: byte("start")?,
            end: byte("end")?,
            text: text("text")?,
        })
    }
}
