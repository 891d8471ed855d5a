//! What the page is about.

use portcullis_compiler::plan::{CredentialKind, Plan};
use portcullis_syntax::Role;

use crate::document::{Block, Table, Text};
use crate::subject::{Subject, several};

pub(crate) fn blocks(subject: &Subject<'_>) -> Vec<Block> {
    let plan = subject.plan;
    let mut table = Table::new("The policy", &["What", "Which"]);
    let mut row = |what: &'static str, which: Text| table.row([Text::said(what), which]);
    row("policy", Text::default().code(subject.name));
    row("files", files(subject));
    row("profile", profile(subject));
    row("plan", Text::default().code(plan.hash()).words(" (SHA-256 of all that it decides by)"));
    row("routes", routes(plan));
    row("actions", names(plan.actions.iter().map(|found| found.name.as_str())));
    row("roles", names(plan.roles.iter().map(|found| found.name.as_str())));
    row("permissions", names(plan.permissions.iter().map(String::as_str)));
    row("credentials", credentials(plan));
    row("budgets", names(plan.budgets.iter().map(|found| found.name.as_str())));
    row("resources", names(plan.resources.iter().map(|found| found.name.as_str())));
    row("outbounds", names(plan.outbounds.iter().map(|found| found.name.as_str())));
    let intro = Text::said(
        "What this policy does, for somebody who reviews it. All of it is read off the compiled plan; what \
         no role decides alone is quoted in the words of the policy, with its place. ",
    );
    let intro = intro
        .mark(crate::Mark::Gap)
        .words(" marks what nothing in the policy protects, ")
        .mark(crate::Mark::Review)
        .words(" what it states and somebody should agree with.");
    vec![Block::Words(intro), Block::Table(table)]
}

fn files(subject: &Subject<'_>) -> Text {
    let files = subject.compilation.sources.iter();
    let files = files.filter(|(_, source)| source.role == Role::Policy);
    Text::names(files.map(|(_, source)| source.name.as_str()))
}

fn profile(subject: &Subject<'_>) -> Text {
    let text = Text::default().code(&subject.plan.profile);
    let others = subject.compilation.profiles.iter();
    let others = others.filter(|other| **other != subject.plan.profile).collect::<Vec<_>>();
    if others.is_empty() {
        return text.words(", the only one");
    }
    text.words("; what differs under ").then(Text::names(others)).words(" is in the last section")
}

fn routes(plan: &Plan) -> Text {
    let retired = plan.routes.iter().filter(|route| route.retired.is_some()).count();
    let text = Text::default().words(plan.routes.len().to_string());
    if retired == 0 { text } else { text.words(format!(", {retired} of them retired")) }
}

fn credentials(plan: &Plan) -> Text {
    let all = plan.credentials.iter().map(|found| {
        let kind = match found.kind {
            CredentialKind::Jwt(_) => " (JSON Web Token)",
            CredentialKind::Opaque { .. } => " (opaque)",
        };
        Text::default().code(&found.name).words(kind)
    });
    Text::joined(all, ", ").or("none")
}

/// How many, and which.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> Text {
    /// More are no longer read, and stand below.
    const NAMED: usize = 60;
    let names = names.collect::<Vec<_>>();
    match names.len() {
        0 => Text::said("none"),
        count if count > NAMED => Text::default().words(several(count, "name")),
        count => Text::default().words(format!("{count}: ")).then(Text::names(names)),
    }
}
