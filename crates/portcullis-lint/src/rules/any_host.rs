//! `any_host`: a policy answers under whatever `Host` a request brings.
//!
//! **Why it is bad.** Links, caches and password-reset mails are made from the host of a request;
//! one that the client chooses leads them elsewhere (OWASP API8:2023, security misconfiguration).
//!
//! **Example.** `transport { https required }`
//!
//! **The mend.** `hosts ["shop.example"]`, or `hosts any "reason"` where a proxy before the service
//! has checked it.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::{Hosts, Item, TransportClause};
use portcullis_syntax::{Code, Diagnostic, FileId, Span};

pub(crate) fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let items = compilation.files.iter().flat_map(|file| &file.items);
    let transport = items.clone().find_map(|item| match item {
        Item::Transport(found) => Some(found),
        _ => None,
    });
    let place = transport.map_or(Span { file: FileId(0), start: 0, end: 0 }, |found| found.keyword);
    let clauses = transport.map_or(&[] as &[_], |found| found.clauses.as_slice());
    // `hosts any "reason"` is a decision, and has its reason.
    let on_purpose = |profile: &str| {
        clauses.iter().any(|clause| match clause {
            TransportClause::Hosts { hosts: Hosts::Any(_), profiles, .. } => {
                profiles.is_empty() || profiles.iter().any(|name| name.node == profile)
            }
            _ => false,
        })
    };
    let open = compilation.plans.iter().filter(|plan| plan.transport.hosts.is_none());
    open.filter(|plan| !on_purpose(&plan.profile))
        .map(|plan| {
            let message = format!("every `Host` is answered in profile `{}`", plan.profile);
            Diagnostic::warning(Code::AnyHost, place, message).help(
                "name them in `transport`: `hosts [\"shop.example\"]`, or say why not: `hosts any \"reason\"`",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn a_policy_names_its_hosts_or_says_why_not() {
        assert_eq!(codes("role a { }"), ["any_host"]);
        assert_eq!(codes("transport { https required }"), ["any_host"]);
        assert_eq!(codes("transport { hosts [\"a.example\"] }"), [""; 0]);
        assert_eq!(codes("transport { hosts any \"the proxy checks it\" }"), [""; 0]);
        let one = "transport { https off in b hosts [\"a.example\"] in a }";
        assert_eq!(codes(one), ["any_host"]);
        let open = "transport { https off in b hosts any \"a demo\" in a }";
        assert_eq!(codes(open), ["any_host"], "the other profile has said nothing");
        assert_eq!(codes("transport { waive any_host \"a demo\" }"), [""; 0]);
    }
}
