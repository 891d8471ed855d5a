//! `narrow_ipv6`: one client has many counts, by its addresses of IPv6.

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::BudgetClause;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::in_budget;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "narrow_ipv6",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption],
    finds: "A budget counts less than a /64 of IPv6 as one client.",
    why: "Every customer has a /64 at least, which are 2 to the power of 64 addresses (RFC 6177; \
          RFC 4291, 2.5.4), and takes a fresh one for each request.",
    example: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip  ipv6 /128 }

route GET /hours {
    public
    budget   [per_address]
    returns  nothing
}
"#,
    mend: "Take `ipv6` away: 64 holds then. `/56` and `/48` are what most customers really have.",
    mended: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip }

route GET /hours {
    public
    budget   [per_address]
    returns  nothing
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let budgets = compilation.plans.iter().flat_map(|plan| &plan.budgets);
    let narrow = budgets.filter(|budget| budget.ipv6_prefix > 64).filter_map(|budget| {
        let place = in_budget(compilation, &budget.name, |clause| match clause {
            BudgetClause::Ipv6(_, span) => Some(*span),
            _ => None,
        })?;
        let (name, prefix) = (&budget.name, budget.ipv6_prefix);
        let message = format!("a customer has many a /{prefix}, each with all of `{name}`");
        Some(RULE.finding(place, message).help("take `ipv6` away, or write `ipv6 /64` or less"))
    });
    narrow.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_customer_is_one_client() {
        let found = |prefix: &str| codes(&RULE.example().replace("/128", prefix));
        assert_eq!(found("/64"), [""; 0]);
        assert_eq!(found("/48"), [""; 0]);
        assert_eq!(found("/65"), ["narrow_ipv6"]);
        assert_eq!(found("/128 waive narrow_ipv6 \"hosts of one data centre\""), [""; 0]);
    }
}
