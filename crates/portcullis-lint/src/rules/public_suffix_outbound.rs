//! `public_suffix_outbound`: an outbound names a domain under which anybody may have a host.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{HostPattern, Outbound};
use portcullis_syntax::ast::OutboundClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::in_outbound;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "public_suffix_outbound",
    level: Severity::Warning,
    owasp: &[Owasp::ServerSideRequestForgery],
    finds: "A pattern `*.…` of an `outbound` stands for a public suffix: a top-level domain, or one \
            of a hosting service.",
    why: "Whoever rents a name there is fetched from: the list of hosts keeps nobody out. The \
          suffixes are those of the Public Suffix List (publicsuffix.org).",
    example: r#"
transport { hosts ["library.example"] }

outbound covers { hosts ["*.github.io"] }
"#,
    mend: "Write the whole name of the host that is meant.",
    mended: r#"
transport { hosts ["library.example"] }

outbound covers { hosts ["our-covers.github.io"] }
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let outbounds = compilation.plans.iter().flat_map(|plan| &plan.outbounds);
    outbounds.filter_map(|outbound| of_outbound(compilation, outbound)).collect()
}

fn of_outbound(compilation: &Compilation, outbound: &Outbound) -> Option<Diagnostic> {
    let open = outbound.hosts.iter().flatten().find_map(|pattern| match pattern {
        HostPattern::Below(name) => is_public_suffix(name).then_some(name),
        _ => None,
    })?;
    let place = in_outbound(compilation, &outbound.name, |clause| match clause {
        OutboundClause::Hosts(_, span) => Some(*span),
        _ => None,
    })?;
    let message = format!("anybody may have a host below `{open}`");
    Some(RULE.finding(place, message).help(format!("write the whole name: `our-name.{open}`")))
}

fn is_public_suffix(name: &str) -> bool {
    let suffix = psl::suffix(name.as_bytes());
    suffix.is_some_and(|suffix| suffix.is_known() && suffix.as_bytes() == name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_host_is_of_somebody() {
        let found = |host: &str| codes(&RULE.example().replace("*.github.io", host));
        for good in ["*.covers.example.com", "github.io", "*.our.github.io"] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        assert_eq!(found("*.co.uk"), ["public_suffix_outbound"]);
        let waived =
            RULE.example().replace("io\"]", "io\"] waive public_suffix_outbound \"all projects\"");
        assert_eq!(codes(&waived), [""; 0]);
    }
}
