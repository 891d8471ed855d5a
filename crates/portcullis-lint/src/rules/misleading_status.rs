//! `misleading_status`: a status tells the client to do the wrong thing.

use portcullis_compiler::{Compilation, Reason};
use portcullis_syntax::ast::{ErrorsClause, Item};
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::items;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "misleading_status",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "`status` gives a fault of the service one of the client's (4xx), a fault of the client \
            one of the service's (5xx), or a drained budget another than 429 and 503.",
    why: "Clients, proxies and alerts act by it: a 5xx is sent again and wakes somebody, a 4xx is \
          not. After anything but 429 and 503 nobody waits for `Retry-After` (RFC 6585, 4; RFC \
          9110, 15.6.4).",
    example: r#"
transport { hosts ["library.example"] }

errors { status over_budget 403 }
"#,
    mend: "Leave these as they are; 404 in the place of 403 hides what has to be hidden.",
    mended: r#"
transport { hosts ["library.example"] }

errors { status forbidden 404 }
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let clauses = items(compilation).flat_map(|item| match item {
        Item::Errors(errors) => errors.clauses.as_slice(),
        _ => &[],
    });
    let found = clauses.filter_map(|limited| {
        let ErrorsClause::Status { reason, status } = &limited.clause else {
            return None;
        };
        let known = Reason::of_name(&reason.node)?;
        let (ours, says_ours) = (known.status() >= 500, status.node >= 500);
        let what = match known {
            Reason::OverBudget if ![429, 503].contains(&status.node) => "and nobody waits",
            Reason::OverBudget => return None,
            _ if ours && !says_ours => "and the fault is the service's",
            _ if !ours && says_ours => "and the fault is the client's",
            _ => return None,
        };
        let message = format!("`{}` is answered {}, {what}", reason.node, status.node);
        Some(RULE.finding(limited.span, message).help(format!("leave it at {}", known.status())))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_status_says_whose_fault_it_is() {
        let found = |status: &str| codes(&RULE.example().replace("over_budget 403", status));
        for good in
            ["over_budget 503", "invalid_input 422", "missing_credential 404", "service_fault 503"]
        {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        for bad in ["service_fault 400", "invalid_input 500", "store_unavailable 404"] {
            assert_eq!(found(bad), ["misleading_status"], "{bad}");
        }
        assert_eq!(found("over_budget 403 waive misleading_status \"an old client\""), [""; 0]);
    }
}
