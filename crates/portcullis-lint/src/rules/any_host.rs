//! `any_host`: the service answers under whatever `Host` a request brings.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::{Hosts, Item, TransportClause};
use portcullis_syntax::{Diagnostic, FileId, Severity, Span};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "any_host",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "The service answers under whatever `Host` a request brings.",
    why: "Links, caches and the mails that reset a password are made from the host of a request. \
          One that the client chooses leads them to somebody else's server.",
    example: r#"
transport { https required }
"#,
    mend: "Name the hosts. Where a proxy before the service has checked them, write `hosts any \
           \"reason\"`.",
    mended: r#"
transport { hosts ["library.example"]  https required }
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
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
            RULE.finding(place, message).help(
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
        let one = "transport { https off in dev hosts [\"a.example\"] in a }";
        assert_eq!(codes(one), ["any_host"]);
        let open = "transport { https off in dev hosts any \"a demo\" in a }";
        assert_eq!(codes(open), ["any_host"], "the other profile has said nothing");
        assert_eq!(codes("transport { waive any_host \"a demo\" }"), [""; 0]);
    }
}
