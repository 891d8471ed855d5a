//! Gathers the declarations of all files by kind, and reports those of one kind with one name.

use std::collections::HashMap;

use portcullis_syntax::{Code, Diagnostic, Sources, Span, ast, ast::Item};

use super::{Report, is_test_file};

/// The declarations of a policy.
#[derive(Default)]
pub(super) struct Names<'a> {
    pub(super) settings: Vec<&'a ast::Setting>,
    pub(super) scopes: Vec<&'a ast::Scope>,
    pub(super) transports: Vec<&'a ast::Transport>,
    pub(super) cors: Vec<&'a ast::Cors>,
    pub(super) headers: Vec<&'a ast::Headers>,
    pub(super) errors: Vec<&'a ast::Errors>,
    pub(super) credentials: Vec<&'a ast::Credential>,
    pub(super) sessions: Vec<&'a ast::Session>,
    pub(super) roles: Vec<&'a ast::Role>,
    pub(super) enumerations: Vec<&'a ast::Enumeration>,
    pub(super) resources: Vec<&'a ast::Resource>,
    pub(super) inputs: Vec<&'a ast::Input>,
    pub(super) outbounds: Vec<&'a ast::Outbound>,
    pub(super) budgets: Vec<&'a ast::Budget>,
    pub(super) groups: Vec<&'a ast::Group>,
    pub(super) routes: Vec<&'a ast::Route>,
    pub(super) actions: Vec<&'a ast::Action>,
    pub(super) invariants: Vec<&'a ast::Invariant>,
}

impl<'a> Names<'a> {
    pub(super) fn collect(
        sources: &Sources,
        files: &'a [ast::File],
        report: &mut Report,
    ) -> Names<'a> {
        let mut names = Names::default();
        for item in files.iter().flat_map(|file| &file.items) {
            let place = match item {
                Item::Setting(found) => found.span,
                Item::Scope(found) => found.span,
                Item::Action(found) => found.span,
                Item::Transport(found) => found.span,
                Item::Credential(found) => found.span,
                Item::Role(found) => found.span,
                Item::Enumeration(found) => found.span,
                Item::Resource(found) => found.span,
                Item::Input(found) => found.span,
                Item::Budget(found) => found.span,
                Item::Group(found) => found.span,
                Item::Route(found) => found.span,
                Item::Test(found) => found.span,
                Item::Cors(found) => found.span,
                Item::Headers(found) => found.span,
                Item::Errors(found) => found.span,
                Item::Session(found) => found.span,
                Item::Outbound(found) => found.span,
                Item::Invariant(found) => found.span,
            };
            let is_test = matches!(item, Item::Test(_));
            if is_test != is_test_file(sources, place) {
                report.add(wrong_file(place, is_test));
                continue;
            }
            match item {
                Item::Setting(found) => names.settings.push(found),
                Item::Scope(found) => names.scopes.push(found),
                Item::Action(found) => names.actions.push(found),
                Item::Transport(found) => names.transports.push(found),
                Item::Credential(found) => names.credentials.push(found),
                Item::Role(found) => names.roles.push(found),
                Item::Enumeration(found) => names.enumerations.push(found),
                Item::Resource(found) => names.resources.push(found),
                Item::Input(found) => names.inputs.push(found),
                Item::Budget(found) => names.budgets.push(found),
                Item::Group(found) => names.groups.push(found),
                Item::Route(found) => names.routes.push(found),
                Item::Test(_) => {}
                Item::Cors(found) => names.cors.push(found),
                Item::Headers(found) => names.headers.push(found),
                Item::Errors(found) => names.errors.push(found),
                Item::Session(found) => names.sessions.push(found),
                Item::Outbound(found) => names.outbounds.push(found),
                Item::Invariant(found) => names.invariants.push(found),
            }
        }
        unique("setting", &mut names.settings, |found| &found.name, report);
        unique("scope", &mut names.scopes, |found| &found.name, report);
        unique("action", &mut names.actions, |found| &found.name, report);
        unique("credential", &mut names.credentials, |found| &found.name, report);
        unique("role", &mut names.roles, |found| &found.name, report);
        unique("enum", &mut names.enumerations, |found| &found.name, report);
        unique("resource", &mut names.resources, |found| &found.name, report);
        unique("input", &mut names.inputs, |found| &found.name, report);
        unique("outbound", &mut names.outbounds, |found| &found.name, report);
        unique("invariant", &mut names.invariants, |found| &found.title, report);
        unique("budget", &mut names.budgets, |found| &found.name, report);
        names
    }
}

fn wrong_file(place: Span, is_test: bool) -> Diagnostic {
    let place = Span { end: place.start.saturating_add(4).min(place.end), ..place };
    if is_test {
        Diagnostic::error(Code::WrongFile, place, "a `test` stands in a file of the policy")
            .help("move it to a file whose name ends in `.test.gate`")
    } else {
        Diagnostic::error(Code::WrongFile, place, "a declaration stands in a file of tests")
            .help("move it to a file whose name ends in `.gate` without `.test`")
    }
}

/// Keeps the first of each name and reports the others.
fn unique<T>(
    kind: &str,
    found: &mut Vec<&T>,
    name: impl Fn(&T) -> &ast::Name,
    report: &mut Report,
) {
    let mut seen: HashMap<String, Span> = HashMap::new();
    found.retain(|declaration| {
        let name = name(declaration);
        match seen.get(&name.node) {
            None => {
                seen.insert(name.node.clone(), name.span);
                true
            }
            Some(first) => {
                report.add(
                    Diagnostic::error(
                        Code::Duplicate,
                        name.span,
                        format!("{kind} `{}` is declared twice", name.node),
                    )
                    .label("again here")
                    .and(*first, "first here")
                    .help("rename or remove one of them"),
                );
                false
            }
        }
    });
}

/// Reports the second and later of equal names in a list, such as the fields of an input.
pub(super) fn distinct<'a>(
    kind: &str,
    names: impl IntoIterator<Item = &'a ast::Name>,
    report: &mut Report,
) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for name in names {
        if let Some(first) = seen.get(name.node.as_str()) {
            report.add(
                Diagnostic::error(
                    Code::Duplicate,
                    name.span,
                    format!("{kind} `{}` stands twice", name.node),
                )
                .label("again here")
                .and(*first, "first here")
                .help("rename or remove one of them"),
            );
        } else {
            seen.insert(&name.node, name.span);
        }
    }
}

/// The place of a name in a list of declarations, or a fault that offers the nearest.
pub(super) fn resolve<'k>(
    kind: &str,
    name: &ast::Name,
    known: impl Iterator<Item = &'k str> + Clone,
    report: &mut Report,
) -> Option<usize> {
    let found = known.clone().position(|known| known == name.node);
    if found.is_none() {
        report.add(
            Diagnostic::error(
                Code::UnknownName,
                name.span,
                format!("no {kind} is called `{}`", name.node),
            )
            .did_you_mean(&name.node, known),
        );
    }
    found
}
