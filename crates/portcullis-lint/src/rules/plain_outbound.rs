//! `plain_outbound`: the service fetches over plain HTTP.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Outbound, Scheme};
use portcullis_syntax::ast::OutboundClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::in_outbound;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "plain_outbound",
    level: Severity::Warning,
    owasp: &[Owasp::ServerSideRequestForgery, Owasp::UnsafeConsumption],
    finds: "The `schemes` of an `outbound` have `http`.",
    why: "Whoever is between writes what is fetched, and the service stores it or shows it as the \
          other side's (OWASP API10: \"interacts with other APIs over an unencrypted channel\").",
    example: r#"
transport { hosts ["library.example"] }

outbound covers { schemes [https, http]  hosts ["covers.example.com"] }
"#,
    mend: "Take `http` away: hardly a host is left that has no HTTPS.",
    mended: r#"
transport { hosts ["library.example"] }

outbound covers { schemes [https]  hosts ["covers.example.com"] }
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let outbounds = compilation.plans.iter().flat_map(|plan| &plan.outbounds);
    outbounds.filter_map(|outbound| of_outbound(compilation, outbound)).collect()
}

fn of_outbound(compilation: &Compilation, outbound: &Outbound) -> Option<Diagnostic> {
    let place = in_outbound(compilation, &outbound.name, |clause| match clause {
        OutboundClause::Schemes(_, span) => Some(*span),
        _ => None,
    })?;
    let message = format!("what comes by `{}` can be changed on the way", outbound.name);
    let plain = outbound.schemes.contains(&Scheme::Http);
    plain.then(|| RULE.finding(place, message).help("take `http` away"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn what_is_fetched_comes_over_https() {
        let found = |schemes: &str| codes(&RULE.example().replace("[https, http]", schemes));
        assert_eq!(found("[http]"), ["plain_outbound"]);
        assert_eq!(found("[https]"), [""; 0]);
        assert_eq!(found("[http] waive plain_outbound \"an old archive\""), [""; 0]);
    }
}
