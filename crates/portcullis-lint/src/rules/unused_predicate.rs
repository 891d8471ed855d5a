//! `unused_predicate`: a predicate that nothing asks.

use std::collections::HashSet;

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::ResourceClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::resources;
use crate::relation::had;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "unused_predicate",
    level: Severity::Warning,
    owasp: &[Owasp::ObjectAuthorization],
    finds: "A predicate that no clause, no other predicate and no invariant names.",
    why: "It says how a caller is related to an object, and nobody asks. It reads as if somebody did.",
    example: with_access!(
        r#"
role reader { read:loans }

resource loan {
    key       id: uuid
    reader:   string
    watcher:  string

    predicate own     { loan.reader == caller.id }
    predicate watched { loan.watcher == caller.id }

    view full { id }
}

route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when own
    returns  loan.full
}
"#
    ),
    mend: "Ask it where it was meant: `allow when …`; or take it away.",
    mended: with_access!(
        r#"
role reader { read:loans }

resource loan {
    key       id: uuid
    reader:   string
    watcher:  string

    predicate own     { loan.reader == caller.id }
    predicate watched { loan.watcher == caller.id }

    view full { id }
}

route GET /loans/{id} {
    accept   [access]
    params   { id: uuid }
    needs    read:loans
    loads    loan by params.id
    allow    when own or watched
    returns  loan.full
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    // A resource that nothing has is told as a whole.
    let had = had(plan);
    let used = resources(compilation).enumerate().filter(|(index, _)| had.contains(index));
    let predicates = used.flat_map(|(_, resource)| &resource.clauses);
    let predicates = predicates.filter_map(|clause| match clause {
        ResourceClause::Predicate { name, .. } => Some(name),
        _ => None,
    });
    let declared = predicates.collect::<Vec<_>>();
    let places = declared.iter().map(|name| name.span).collect::<HashSet<_>>();
    let named = words_elsewhere(compilation, &places);
    declared
        .into_iter()
        .filter(|name| !named.contains(name.node.as_str()))
        .map(|name| {
            let message = format!("nothing asks the predicate `{}`", name.node);
            RULE.finding(name.span, message).help("ask it by a clause, or take it away")
        })
        .collect()
}

/// The words of a policy but for those at some places. A word of a comment counts too: what is named
/// nowhere at all is certain not to be used.
pub(crate) fn words_elsewhere<'c>(
    compilation: &'c Compilation,
    places: &HashSet<portcullis_syntax::Span>,
) -> HashSet<&'c str> {
    let mut found = HashSet::new();
    let starts =
        places.iter().map(|place| (place.file, place.start as usize)).collect::<HashSet<_>>();
    for (file, source) in compilation.sources.iter() {
        if source.name.ends_with(".test.gate") {
            continue;
        }
        let mut begun = None;
        for (at, letter) in source.text.char_indices().chain([(source.text.len(), ' ')]) {
            match (letter.is_alphanumeric() || letter == '_', begun) {
                (true, None) => begun = Some(at),
                (false, Some(from)) => {
                    if !starts.contains(&(file, from)) {
                        found.extend(source.text.get(from..at));
                    }
                    begun = None;
                }
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn a_predicate_is_asked() {
        let found = |clauses: &str, more: &str| {
            let policy = format!(
                "role user {{ read:a }}
                resource r {{ key id: uuid user: string
                    predicate own {{ r.user == caller.id }} {more} view v {{ id }} }}
                route GET /a {{ accept [access] needs read:a lists r max 5 {clauses} returns [r.v] }}"
            );
            count("unused_predicate", &policy)
        };
        assert_eq!(found("", ""), 1);
        assert_eq!(found("allow when own", ""), 0);
        assert_eq!(found("allow when r.own", ""), 0);
        assert_eq!(found("returns [r.v] when own", ""), 0);
        assert_eq!(found("", "visible when own"), 0);
        assert_eq!(found("", "predicate by_own { own }"), 1);
        assert_eq!(found("", "waive unused_predicate \"a test\""), 0);
    }
}
