//! Profiles: those that the policy names, and which clause holds in one.

use portcullis_syntax::ast::{InProfiles, Name};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::names::{Names, distinct};
use super::{Report, transport};

/// The profiles that the policy names; `default` where it names none.
pub(super) fn all(names: &Names<'_>) -> Vec<String> {
    let of_settings = names.settings.iter().flat_map(|setting| &setting.values);
    let of_settings = of_settings.map(|(name, _)| name).filter(|name| name.node != "always");
    let of_cors = names.cors.iter().flat_map(|found| limited(&found.clauses));
    let of_headers = names.headers.iter().flat_map(|found| limited(&found.clauses));
    let of_errors = names.errors.iter().flat_map(|found| limited(&found.clauses));
    let named = transport::named_profiles(names).chain(of_settings);
    let named = named.chain(of_cors).chain(of_headers).chain(of_errors);
    let mut profiles: Vec<String> = named.map(|name| name.node.clone()).collect();
    if profiles.is_empty() {
        profiles.push("default".to_owned());
    }
    profiles.sort();
    profiles.dedup();
    profiles
}

fn limited<T>(clauses: &[InProfiles<T>]) -> impl Iterator<Item = &Name> {
    clauses.iter().flat_map(|clause| &clause.profiles)
}

/// A value of a clause, the profiles after its `in`, and the whole clause.
pub(super) type Found<'a, T> = (T, &'a [Name], Span);

/// The clause of one kind that holds in a profile: one that names it, else one that names none.
pub(super) fn pick<'a, T>(
    what: &str,
    profile: &str,
    found: impl IntoIterator<Item = Found<'a, T>>,
    report: &mut Report,
) -> Option<T> {
    let (mut named, mut everywhere) = (Vec::new(), Vec::new());
    for (value, profiles, span) in found {
        distinct("profile", profiles, report);
        for name in profiles.iter().filter(|name| name.node == "always") {
            report.add(
                Diagnostic::error(Code::BadValue, name.span, "no profile is called `always`")
                    .help("take the `in` away: the clause then holds in every profile"),
            );
        }
        if profiles.is_empty() {
            everywhere.push((value, span));
        } else if profiles.iter().any(|name| name.node == profile) {
            named.push((value, span));
        }
    }
    let everywhere = report.once(what, everywhere);
    report.once(what, named).or(everywhere)
}

/// [`pick`], among clauses that are kept with their profiles.
pub(super) fn pick_in<'a, C, T>(
    what: &str,
    profile: &str,
    clauses: &'a [InProfiles<C>],
    report: &mut Report,
    value: impl Fn(&'a C) -> Option<T>,
) -> Option<T> {
    let found = clauses.iter().filter_map(|limited| {
        Some((value(&limited.clause)?, limited.profiles.as_slice(), limited.span))
    });
    pick(what, profile, found, report)
}
