//! Checks and lowers the declarations, those first that others build on.

mod access;
mod action;
mod budget;
mod credential;
mod demand;
mod expression;
mod guard;
mod input;
mod names;
mod resource;
mod route;
mod settings;
mod stage;
mod transport;
mod types;
mod views;

use portcullis_syntax::{Code, Diagnostic, Role, Sources, Span, ast};

use crate::host::HostValues;
use crate::plan::Plan;

/// What a policy means, as far as it means anything.
pub(crate) struct Checked {
    pub(crate) profiles: Vec<String>,
    pub(crate) plans: Vec<Plan>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Where faults are gathered.
#[derive(Default)]
pub(crate) struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    fn add(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// What the language has and this version does not.
    fn unsupported(&mut self, what: &str, span: Span) {
        self.add(
            Diagnostic::error(
                Code::NotSupported,
                span,
                format!("`{what}` is not supported yet"),
            )
            .label("this version cannot enforce it")
            .help(
                "take it out, or wait for the version that enforces it: no clause is ever ignored",
            ),
        );
    }

    /// Reports all but the first of the places where one may stand, and gives the first.
    fn once<T>(&mut self, what: &str, found: impl IntoIterator<Item = (T, Span)>) -> Option<T> {
        let mut found = found.into_iter();
        let (first, first_span) = found.next()?;
        for (_, span) in found {
            self.add(
                Diagnostic::error(Code::Duplicate, span, format!("`{what}` stands twice"))
                    .label("again here")
                    .and(first_span, "first here")
                    .help("keep one of them"),
            );
        }
        Some(first)
    }
}

/// Checks all files together, under every profile: a policy is one text, however it is cut, and
/// nothing hides in one profile.
pub(crate) fn policy(sources: &Sources, files: &[ast::File], host: &HostValues) -> Checked {
    let mut report = Report::default();
    let names = names::Names::collect(sources, files, &mut report);
    let profiles = profiles(&names);
    let plans = profiles
        .iter()
        .map(|profile| plan(profile, &profiles, &names, sources, host, &mut report))
        .collect();
    Checked { profiles, plans, diagnostics: report.diagnostics }
}

/// The profiles that the policy names; `default` where it names none.
fn profiles(names: &names::Names<'_>) -> Vec<String> {
    let of_settings = names.settings.iter().flat_map(|setting| &setting.values);
    let of_settings = of_settings.map(|(name, _)| name).filter(|name| name.node != "always");
    let mut profiles: Vec<String> =
        transport::profiles(names).chain(of_settings).map(|name| name.node.clone()).collect();
    if profiles.is_empty() {
        profiles.push("default".to_owned());
    }
    profiles.sort();
    profiles.dedup();
    profiles
}

fn plan<'a>(
    profile: &str,
    profiles: &[String],
    names: &names::Names<'a>,
    sources: &Sources,
    host: &HostValues,
    report: &mut Report,
) -> Plan {
    let enumerations = types::enumerations(names, report);
    let settings = settings::Settings::check(names, &enumerations, profile, profiles, host, report);
    let transport = transport::check(names, profile, &settings, report);
    not_yet(names, report);
    let access = access::check(names, report);
    let (credentials, caller) = credential::check(names, &enumerations, &settings, report);
    let known =
        input::Known { settings: &settings, enumerations: &enumerations, inputs: &names.inputs };
    let inputs = input::check(names, known, report);
    let budgets = budget::check(names, &settings, report);
    let mut table = types::Table {
        settings,
        access,
        enumerations,
        caller,
        credentials,
        inputs,
        budgets,
        resources: Vec::new(),
        actions: names.actions.clone(),
    };
    resource::check(names, &mut table, report);
    let actions = action::check(names, &mut table, report);
    let routes = route::check(names, &mut table, report);
    // Only now is every permission known that a `*` may stand for.
    table.access.settle();
    Plan {
        profile: profile.to_owned(),
        transport,
        credentials: table.credentials,
        caller: table.caller,
        roles: table.access.roles,
        anonymous: table.access.anonymous,
        permissions: table.access.permissions,
        scopes: table.access.scopes,
        enumerations: table.enumerations,
        resources: table.resources.into_iter().map(|found| found.plan).collect(),
        budgets: table.budgets.into_iter().map(|found| found.plan).collect(),
        routes,
        actions,
        sources: sources.clone(),
    }
}

/// The declarations that a later version enforces.
fn not_yet(names: &names::Names<'_>, report: &mut Report) {
    let cors = names.cors.iter().map(|found| ("cors", found.keyword));
    let headers = names.headers.iter().map(|found| ("headers", found.keyword));
    let errors = names.errors.iter().map(|found| ("errors", found.keyword));
    let sessions = names.sessions.iter().map(|found| ("session", found.keyword));
    let outbounds = names.outbounds.iter().map(|found| ("outbound", found.keyword));
    for (what, span) in cors.chain(headers).chain(errors).chain(sessions).chain(outbounds) {
        report.unsupported(what, span);
    }
}

/// Whether a file may hold declarations, or tests.
fn is_test_file(sources: &Sources, span: Span) -> bool {
    sources.file(span.file).is_some_and(|file| file.role == Role::Test)
}
