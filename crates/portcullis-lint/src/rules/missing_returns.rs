//! `missing_returns`: a route answers with whatever its handler returns.
//!
//! **Why it is bad.** The policy cannot say which fields leave; a struct that grows a field shows it
//! (OWASP API3:2023, broken object property level authorization).
//!
//! **Example.** `route GET /orders/{id} { … loads order by params.id }` without `returns`.
//!
//! **The mend.** `returns order.summary`, a view of what may leave.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Code, Diagnostic};

pub(crate) fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let open =
        plan.routes.iter().filter(|route| route.returns.is_empty() && route.retired.is_none());
    open.map(|route| {
        Diagnostic::warning(
            Code::MissingReturns,
            route.span,
            format!("`{} {}` does not say what may leave", route.method, route.pattern),
        )
        .help("name a view: `returns RESOURCE.VIEW`")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::codes;

    #[test]
    fn a_route_says_what_leaves() {
        let policy = |more: &str| {
            format!(
                "transport {{ hosts [\"a.example\"] }}
                resource r {{ key id: int view v {{ id }} }}
                route GET /a {{ public lists r max 5 {more} }}"
            )
        };
        assert_eq!(codes(&policy("")), ["missing_returns"]);
        assert_eq!(codes(&policy("returns [r.v]")), [""; 0]);
    }
}
