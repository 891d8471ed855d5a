//! From descriptions to policies, and back to where the two differ.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests say what they expect, and that they were skipped"
)]

mod closed;
mod crapi;
mod drifting;
mod hostile;
mod importing;
mod never_more_open;
mod random;

use portcullis_compiler::plan::{Access, Condition, Plan, Route};
use portcullis_compiler::{Compilation, compile};
use portcullis_lint::lint;
use portcullis_openapi::{Description, Imported, import};
use portcullis_syntax::{Severity, Source, Sources, format};

/// Imports a description, and sees to it that what holds of every policy holds of this one.
fn imported(name: &str, text: &str) -> Imported {
    let description = Description::read(name, text.as_bytes()).unwrap();
    let found = import(&description, None).unwrap();
    holds(&found);
    // Twice the same.
    assert_eq!(import(&description, None).unwrap().files, found.files);
    found
}

/// It compiles, has the layout of the formatter, says each `TODO` that it counts, and lets nobody have an
/// object of which nobody has said whose it is; and it has nothing that lint calls an error.
fn holds(found: &Imported) {
    let compilation = compiled(found);
    for (name, text) in &found.files {
        assert_eq!(&format(&Source::new(name.clone(), text.clone())).unwrap(), text);
    }
    let said: usize = found.files.iter().map(|(_, text)| text.matches("TODO: ").count()).sum();
    assert_eq!(said, found.report.todos.values().sum::<usize>(), "every TODO is counted");
    let plan = plan(&compilation);
    assert_eq!(plan.routes.len(), found.report.routes);
    for route in &plan.routes {
        let objects = !route.loads.is_empty() || route.lists.is_some();
        let public = !matches!(route.access, Access::Credential(_));
        if objects && !public {
            assert!(is_closed(route), "{} {}", route.method, route.pattern);
        }
    }
    let errors: Vec<_> =
        lint(&compilation).into_iter().filter(|one| one.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "no policy of ours has what lint calls an error: {errors:#?}");
    let closed = plan.routes.iter().filter(|route| is_closed(route)).count();
    assert!(closed >= found.report.closed);
}

fn is_closed(route: &Route) -> bool {
    let never = |condition: &Condition| *condition == Condition::Constant(false);
    route.stages().any(|(_, checks)| {
        checks.allows.iter().any(|any| any.iter().all(|allow| never(&allow.condition)))
    })
}

fn compiled(found: &Imported) -> Compilation {
    let mut sources = Sources::new();
    for (name, text) in &found.files {
        sources.add(Source::new(name.clone(), text.clone()));
    }
    let compilation = compile(sources);
    assert!(!compilation.has_errors(), "{:#?}", compilation.diagnostics);
    compilation
}

fn plan(compilation: &Compilation) -> &Plan {
    &compilation.plans[0]
}

/// The text of the declaration that begins like this, to the bracket that ends it.
fn declared(found: &Imported, beginning: &str) -> String {
    let all: String =
        found.files.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n");
    let at =
        all.find(&format!("{beginning} ")).unwrap_or_else(|| panic!("no `{beginning}` in\n{all}"));
    let rest = &all[at..];
    // Of one line, or up to the bracket at the margin.
    let line = rest.lines().next().unwrap();
    match line.ends_with('{') {
        true => rest[..rest.find("\n}").unwrap() + 2].to_owned(),
        false => line.to_owned(),
    }
}
