//! An explanation for people and for programs.

use portcullis_reference::trace::Stage;
use portcullis_syntax::{Label, Sources, Span};
use serde_json::{Value, json};

use super::report::{Decision, Mark, Report, State, Step};
use super::why;
use crate::output::Output;

/// For people.
pub(super) fn human(
    report: &Report,
    sources: &Sources,
    output: &mut Output,
) -> std::io::Result<()> {
    output.line(&headline(report))?;
    output.line(&format!("  {}   (profile `{}`)", report.subject, report.profile))?;
    output.line("")?;
    for told in &report.stages {
        let sign = match told.state {
            State::Passed => "[+]",
            State::Refused => "[x]",
            State::NotReached => "[ ]",
            State::Unknown => "[?]",
        };
        output.line(&format!("{sign} {}: {}", told.stage.as_str(), told.state.as_str()))?;
        for step in &told.steps {
            let sign = match step.mark {
                Mark::Good => "+",
                Mark::Bad => "x",
                Mark::Plain => "-",
            };
            output.line(&format!("    {sign} {}{}", step.text, behind(step.span, sources)))?;
            for detail in &step.details {
                output.line(&format!("        {detail}"))?;
            }
        }
    }
    if let Some((span, text)) = &report.clause {
        let label = Label { span: *span, text: text.clone() };
        output.line("")?;
        output.line("what decided:")?;
        output.excerpt(label, sources)?;
    }
    if !report.mend.is_empty() {
        output.line("")?;
        output.line("what would have admitted it at this stage:")?;
        for advice in &report.mend {
            output.line(&format!("  {}{}", advice.text, behind(advice.span, sources)))?;
            for detail in &advice.details {
                output.line(&format!("      {detail}"))?;
            }
        }
    }
    for (index, note) in report.notes.iter().enumerate() {
        if index == 0 {
            output.line("")?;
        }
        output.line(&format!("note: {note}"))?;
    }
    Ok(())
}

fn headline(report: &Report) -> String {
    match &report.decision {
        Decision::Admitted { fields, rows } => {
            let rows = rows.map(|rows| crate::output::several(rows, "row"));
            let fields = fields.as_ref().map(|fields| {
                let names = fields.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                if names.is_empty() { "no fields".to_owned() } else { format!("fields {names}") }
            });
            let shown: Vec<String> = rows.into_iter().chain(fields).collect();
            match shown.is_empty() {
                true => "admitted".to_owned(),
                false => format!("admitted, and may be shown: {}", shown.join(", ")),
            }
        }
        Decision::Refused { reason, status, stage } => {
            let at = stage.map_or("", Stage::as_str);
            let at = if at.is_empty() { String::new() } else { format!(", at the stage {at}") };
            format!("refused: {reason} ({status}){at}")
        }
    }
}

fn behind(span: Option<Span>, sources: &Sources) -> String {
    span.map_or(String::new(), |span| {
        let (line, _) = sources.position(span.file, span.start);
        let file = sources.file(span.file).map_or("", |file| file.name.as_str());
        format!("   ({file}:{line})")
    })
}

/// For programs: one object.
pub(super) fn json(report: &Report, sources: &Sources) -> Value {
    let place = |span: &Option<Span>| span.map_or(Value::Null, |span| place(span, sources));
    let step = |step: &Step| {
        json!({
            "mark": step.mark.as_str(),
            "text": step.text,
            "clause": place(&step.span),
            "details": step.details,
        })
    };
    let stages = report.stages.iter().map(|told| {
        json!({
            "stage": told.stage.as_str(),
            "state": told.state.as_str(),
            "steps": told.steps.iter().map(step).collect::<Vec<_>>(),
        })
    });
    let mend = report.mend.iter().map(|advice| {
        json!({ "text": advice.text, "clause": place(&advice.span), "details": advice.details })
    });
    let mut whole = json!({
        "subject": report.subject,
        "profile": report.profile,
        "stages": stages.collect::<Vec<_>>(),
        "clause": place(&report.clause.as_ref().map(|(span, _)| *span)),
        "wouldAdmit": mend.collect::<Vec<_>>(),
        "notes": report.notes,
    });
    let decision = match &report.decision {
        Decision::Admitted { fields, rows } => {
            json!({ "decision": "admitted", "fields": fields, "rows": rows })
        }
        Decision::Refused { reason, status, stage } => json!({
            "decision": "refused",
            "reason": reason.as_str(),
            "status": status,
            "stage": stage.map(Stage::as_str),
        }),
    };
    if let (Some(whole), Value::Object(decision)) = (whole.as_object_mut(), decision) {
        whole.extend(decision);
    }
    whole
}

fn place(span: Span, sources: &Sources) -> Value {
    let ((line, column), (end_line, end_column)) =
        (sources.position(span.file, span.start), sources.position(span.file, span.end));
    json!({
        "file": sources.file(span.file).map(|file| file.name.as_str()),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "text": why::text(sources, span),
    })
}
