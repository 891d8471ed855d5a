//! Checks and lowers the declarations, those first that others build on.

mod access;
mod budget;
mod credential;
mod expression;
mod guard;
mod input;
mod names;
mod resource;
mod route;
mod stage;
mod transport;
mod types;

use portcullis_syntax::{Code, Diagnostic, Role, Sources, Span, ast};

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

    fn unsupported(&mut self, found: &ast::Unsupported) {
        self.add(
            Diagnostic::error(
                Code::NotSupported,
                found.span,
                format!("`{}` is not supported yet", found.what),
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

/// Checks all files together: a policy is one text, however it is cut.
pub(crate) fn policy(sources: &Sources, files: &[ast::File]) -> Checked {
    let mut report = Report::default();
    let names = names::Names::collect(sources, files, &mut report);
    let transports = transport::check(&names, &mut report);
    let access = access::check(&names, &mut report);
    let enumerations = types::enumerations(&names, &mut report);
    let credentials = credential::check(&names, &enumerations, &mut report);
    let inputs = input::check(&names, &mut report);
    let budgets = budget::check(&names, &mut report);
    let mut table =
        types::Table { access, enumerations, credentials, inputs, budgets, resources: Vec::new() };
    resource::check(&names, &mut table, &mut report);
    let routes = route::check(&names, &mut table, &mut report);

    let types::Table { access, enumerations, credentials, budgets, resources, .. } = table;
    let plans = transports
        .iter()
        .map(|(profile, transport)| Plan {
            profile: profile.clone(),
            transport: transport.clone(),
            credentials: credentials.iter().map(|credential| credential.plan.clone()).collect(),
            roles: access.roles.clone(),
            anonymous: access.anonymous,
            permissions: access.permissions.clone(),
            enumerations: enumerations.clone(),
            resources: resources.iter().map(|resource| resource.plan.clone()).collect(),
            budgets: budgets.iter().map(|budget| budget.plan.clone()).collect(),
            routes: routes.clone(),
            sources: sources.clone(),
        })
        .collect();
    Checked {
        profiles: transports.into_iter().map(|(profile, _)| profile).collect(),
        plans,
        diagnostics: report.diagnostics,
    }
}

/// Whether a file may hold declarations, or tests.
fn is_test_file(sources: &Sources, span: Span) -> bool {
    sources.file(span.file).is_some_and(|file| file.role == Role::Test)
}
