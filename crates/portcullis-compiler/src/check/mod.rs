//! Checks and lowers the declarations, those first that others build on.

mod access;
mod action;
mod budget;
mod cors;
mod credential;
mod csp;
mod demand;
mod errors;
mod expression;
mod guard;
mod headers;
mod input;
mod invariant;
mod names;
mod outbound;
mod per_route;
mod profiles;
mod resource;
mod route;
mod session;
mod settings;
mod stage;
mod transport;
mod types;
mod views;

use portcullis_syntax::{Code, Diagnostic, Role, Severity, Sources, Span, ast};

use crate::host::HostValues;
use crate::plan::{Plan, RateLimit};

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
    /// Where the service's value of a setting stands, and it has given none yet.
    unknown: Vec<Span>,
    /// Conditions that were not understood. Each has a fault somewhere; see [`Report::lost`].
    lost: Vec<Span>,
    /// Whether anything asks for `request.origin`.
    reads_origin: bool,
}

impl Report {
    fn add(&mut self, diagnostic: Diagnostic) {
        // What stands in for a value that the service will give is nobody's fault. Its type is checked.
        let unknown = |span| self.unknown.contains(&span);
        if diagnostic.code == Code::BadValue && diagnostic.span().is_some_and(unknown) {
            return;
        }
        self.diagnostics.push(diagnostic);
    }

    /// Notes that a condition was not understood. A clause that is dropped without a word would let in
    /// whom it keeps out, so the policy must not compile then, whatever this compiler forgot to say.
    fn lost(&mut self, condition: Span) {
        self.lost.push(condition);
    }

    /// Says so of the conditions that were lost, where nothing else keeps the policy from compiling.
    fn settle(&mut self) {
        if self.diagnostics.iter().any(|found| found.severity == Severity::Error) {
            return;
        }
        for span in std::mem::take(&mut self.lost) {
            self.add(
                Diagnostic::error(Code::NotSupported, span, "this condition cannot be enforced")
                    .label("nothing can be decided by it")
                    .help("please report this: the compiler does not say why"),
            );
        }
    }

    /// Says that the value at a place is known once the service gives it.
    fn unknown(&mut self, place: Span) {
        self.unknown.push(place);
    }

    /// How many there are, for [`Report::explain`].
    fn mark(&self) -> usize {
        self.diagnostics.len()
    }

    /// Says more of what was reported since a mark: what stands in a key or behind `by` has no `and`
    /// to be guarded by.
    fn explain(&mut self, mark: usize, help: &str, more: impl Fn(Diagnostic) -> Diagnostic) {
        for mut fault in self.diagnostics.split_off(mark.min(self.diagnostics.len())) {
            if fault.code == Code::MayBeAbsent {
                fault.help = Some(help.to_owned());
            }
            self.add(more(fault));
        }
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
    let profiles = profiles::all(&names);
    let plans = profiles
        .iter()
        .map(|profile| plan(profile, &profiles, &names, sources, host, &mut report))
        .collect();
    report.settle();
    Checked { profiles, plans, diagnostics: report.diagnostics }
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
    let cors = cors::check(names, profile, &settings, report);
    let headers = headers::check(names, profile, &settings, report);
    let errors = errors::check(names, profile, report);
    let outbounds = outbound::check(names, &settings, report);
    let access = access::check(names, report);
    let (credentials, caller) = credential::check(names, &enumerations, &settings, report);
    let session = session::check(names, &settings, &credentials, &caller, report);
    let inputs = input::check(names, &settings, &enumerations, report);
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
        tells_budgets: headers.rate_limit != RateLimit::Off,
        written: 0,
    };
    resource::check(names, &mut table, report);
    let actions = action::check(names, &mut table, report);
    let mut routes = route::check(names, &mut table, report);
    input::conditions::check(names, &mut routes, &mut table, report);
    budget::uncharged(&mut table, report);
    let invariants = invariant::check(names, &routes, &mut table, report);
    // Only now is every permission known that a `*` may stand for.
    table.access.settle();
    Plan {
        profile: profile.to_owned(),
        transport,
        cors,
        headers,
        errors,
        reads_origin: report.reads_origin,
        credentials: table.credentials,
        session,
        caller: table.caller,
        roles: table.access.roles,
        anonymous: table.access.anonymous,
        permissions: table.access.permissions,
        scopes: table.access.scopes,
        enumerations: table.enumerations,
        resources: table.resources.into_iter().map(|found| found.plan).collect(),
        budgets: table.budgets.into_iter().map(|found| found.plan).collect(),
        outbounds,
        routes: routes.into_iter().map(|found| found.plan).collect(),
        actions,
        invariants,
        sources: sources.clone(),
    }
}

/// Whether a file may hold declarations, or tests.
fn is_test_file(sources: &Sources, span: Span) -> bool {
    sources.file(span.file).is_some_and(|file| file.role == Role::Test)
}
