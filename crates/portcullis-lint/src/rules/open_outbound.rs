//! `open_outbound`: the service fetches from anywhere, and not only what was checked.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Outbound, Scheme};
use portcullis_syntax::ast::OutboundClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::in_outbound;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "open_outbound",
    level: Severity::Warning,
    owasp: &[Owasp::ServerSideRequestForgery],
    finds: "An `outbound` names no `hosts`, and follows redirects, fetches over plain HTTP, or \
            connects to other ports than 443.",
    why: "Every public host is one that a client may have set up for this. With a redirect it \
          chooses what is fetched after the check, with ports which service answers (OWASP API7). \
          Each hop is checked again, but a scan of the outside world goes out under the service's \
          name.",
    example: r#"
transport { hosts ["library.example"] }

outbound covers { redirects 3 }
"#,
    mend: "Name the `hosts`. Where users choose them, leave the rest as it is left out: HTTPS, port \
           443, no redirects.",
    mended: r#"
transport { hosts ["library.example"] }

outbound covers { redirects 3  hosts ["covers.example.com"] }
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let outbounds = compilation.plans.iter().flat_map(|plan| &plan.outbounds);
    outbounds.filter_map(|outbound| of_outbound(compilation, outbound)).collect()
}

fn of_outbound(compilation: &Compilation, outbound: &Outbound) -> Option<Diagnostic> {
    let plain = outbound.schemes.contains(&Scheme::Http);
    let loose = outbound.redirects > 0 || plain || outbound.ports.iter().any(|port| *port != 443);
    if outbound.hosts.is_some() || !loose {
        return None;
    }
    let place = in_outbound(compilation, &outbound.name, |clause| match clause {
        OutboundClause::Redirects(_, span) if outbound.redirects > 0 => Some(*span),
        OutboundClause::Ports(_, span) | OutboundClause::Schemes(_, span) => Some(*span),
        _ => None,
    });
    let message =
        format!("`{}` fetches from any public host, and further than its URL says", outbound.name);
    Some(
        RULE.finding(place.unwrap_or(outbound.span), message)
            .help("name its `hosts`, or leave redirects, schemes and ports as they are left out"),
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn what_is_open_is_otherwise_strict() {
        let found = |clauses: &str| codes(&RULE.example().replace("redirects 3", clauses));
        for good in
            ["redirects 0", "schemes [https] ports [443]", "redirects 5 hosts [\"a.example.com\"]"]
        {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        assert_eq!(found("ports [8443]"), ["open_outbound"]);
        assert_eq!(found("redirects 1 waive open_outbound \"links are previewed\""), [""; 0]);
    }
}
