//! From syntax trees to a plan: names, types, the flow of optionals, stages, lowering.
//!
//! A policy compiles whole or not at all, and every fault of every file is reported in one run.
//! Nothing here does I/O or reads a clock.

mod check;
mod host;
pub mod plan;
mod reason;

pub use host::{HostValues, SettingValue};
pub use reason::Reason;

use plan::Plan;
use portcullis_syntax::{Code, Diagnostic, Severity, Sources, ast, parse};

/// What came of compiling a policy.
#[derive(Debug, Clone)]
pub struct Compilation {
    /// The text.
    pub sources: Sources,
    /// The syntax tree of each file, in the order of the sources.
    pub files: Vec<ast::File>,
    /// The profiles that the policy names; `default` where it names none.
    pub profiles: Vec<String>,
    /// One plan for each profile; none where there is an error.
    pub plans: Vec<Plan>,
    /// The faults, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compilation {
    /// Whether something keeps the policy from being used.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The settings whose values the service gives.
    pub fn host_settings(&self) -> impl Iterator<Item = &str> {
        let items = self.files.iter().flat_map(|file| &file.items);
        items.filter_map(|item| match item {
            ast::Item::Setting(found) if found.from_host.is_some() => {
                Some(found.name.node.as_str())
            }
            _ => None,
        })
    }

    /// The plan of a profile.
    #[must_use]
    pub fn plan(&self, profile: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.profile == profile)
    }
}

/// Compiles the files of a policy. Tests are parsed; what they name is checked by whoever runs them.
#[must_use]
pub fn compile(sources: Sources) -> Compilation {
    compile_with(sources, &HostValues::new())
}

/// [`compile`], with the values that the service gives for settings that are `from host`. One that
/// is not given has a dummy of its type.
#[must_use]
pub fn compile_with(sources: Sources, host: &HostValues) -> Compilation {
    let mut diagnostics = Vec::new();
    let mut files = Vec::new();
    for (id, _) in sources.iter() {
        let (file, faults) = parse(&sources, id);
        files.push(file);
        diagnostics.extend(faults);
    }
    // Names are checked even where the text is not whole: the next fault should not have to wait
    // until the first is mended. What the broken part may have said is not reported as missing.
    let harmless = |code: Code| matches!(code, Code::SecretLiteral | Code::BadValue);
    let whole = diagnostics.iter().all(|fault| harmless(fault.code));
    let follows = |code: Code| matches!(code, Code::UnknownName | Code::Missing | Code::NoAccess);
    let checked = check::policy(&sources, &files, host);
    let found = checked.diagnostics.into_iter();
    diagnostics.extend(found.filter(|diagnostic| whole || !follows(diagnostic.code)));
    // Each profile reports what is wrong in all of them.
    diagnostics.sort_by(|one, other| {
        let key = |found: &Diagnostic| (found.span(), found.code);
        key(one).cmp(&key(other)).then_with(|| one.message.cmp(&other.message))
    });
    diagnostics.dedup();
    let faulty = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    Compilation {
        sources,
        files,
        profiles: checked.profiles,
        plans: if faulty { Vec::new() } else { checked.plans },
        diagnostics,
    }
}
