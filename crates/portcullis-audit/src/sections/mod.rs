//! One file a section.

pub(crate) mod budgets;
mod credentials;
pub(crate) mod fields;
pub(crate) mod findings;
pub(crate) mod input;
pub(crate) mod matrix;
pub(crate) mod profiles;
pub(crate) mod service;
pub(crate) mod summary;

use crate::document::{Section, Text};
use crate::matrix::Who;
use crate::owasp;
use crate::subject::Subject;

/// All that a profile decides.
pub(crate) fn of_profile(subject: &Subject<'_>) -> Vec<Section> {
    vec![
        owasp::section(subject),
        matrix::section(subject),
        budgets::section(subject),
        fields::section(subject),
        input::section(subject),
        credentials::section(subject),
        service::section(subject),
    ]
}

/// What a column is called.
pub(crate) fn caller<'s>(subject: &'s Subject<'_>, who: Who) -> &'s str {
    match who {
        Who::Anonymous => "anonymous",
        Who::NoRole => "no role",
        Who::Role(role) => subject.plan.roles.get(role).map_or("", |role| role.name.as_str()),
    }
}

/// Callers by name: `everybody` where all columns are among them.
pub(crate) fn callers(subject: &Subject<'_>, found: &[Who]) -> Text {
    if found.len() == subject.matrix.columns.len() {
        return Text::said("everybody");
    }
    Text::joined(
        found.iter().map(|who| match who {
            Who::NoRole => Text::said("no role"),
            who => Text::default().code(caller(subject, *who)),
        }),
        ", ",
    )
}
