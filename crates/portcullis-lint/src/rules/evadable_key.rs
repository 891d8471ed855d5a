//! `evadable_key`: one mail address is counted as many, by its case.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Field, FieldType, Format, Operand, Route, Type};
use portcullis_syntax::{Diagnostic, Severity};

use crate::guessed::{is_guessed, plain};
use crate::ownership::charges;
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "evadable_key",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "A budget of a sign-in, a sign-up or a reset is counted by a mail address that keeps its \
            case.",
    why: "`ann@example.com` and `Ann@example.com` are one account to nearly every service, and two \
          counts to the budget: 2 to the power of its letters attempts are as good as no limit.",
    example: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip }
budget per_reader  { limit 20 per 15m  key body.email  refund on success }

route POST /login {
    public
    body     { email: string email  password: string 8..128 }
    budget   [per_address, per_reader]
    returns  nothing
}
"#,
    mend: "Write `lowercase` behind its type: the budget and the handler then see one spelling.",
    mended: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip }
budget per_reader  { limit 20 per 15m  key body.email  refund on success }

route POST /login {
    public
    body     { email: string lowercase email  password: string 8..128 }
    budget   [per_address, per_reader]
    returns  nothing
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let guessed =
        compilation.plans.iter().flat_map(|plan| &plan.routes).filter(|route| is_guessed(route));
    guessed.flat_map(of_route).collect()
}

fn of_route(route: &Route) -> Vec<Diagnostic> {
    let body = route.body.as_ref();
    let keys =
        charges(route).flat_map(|charge| charge.key.iter().map(move |part| (part, charge.span)));
    let fields = keys.filter_map(|(part, charged)| match part {
        Operand::Body(slot) => Some((body?.field(*slot)?, charged)),
        _ => None,
    });
    let found =
        fields.filter(|(field, _)| is_address(field) && field.rule.constraints.case.is_none());
    let found = found.map(|(field, charged)| {
        RULE.finding(field.span, format!("each spelling of one `{}` is counted apart", field.name))
            .and(charged, "counted by it")
            .help("write `lowercase` behind its type")
    });
    found.collect()
}

/// Whether a field holds a mail address, whose case means nothing in practice (RFC 5321, 2.4, lets only
/// the receiving host tell cases apart).
fn is_address(field: &Field) -> bool {
    let text = field.rule.kind == FieldType::Plain(Type::String);
    let named = ["email", "emailaddress", "mail"].contains(&plain(&field.name).as_str());
    text && (named || field.rule.constraints.format == Some(Format::Email))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn one_address_is_one_count() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        assert_eq!(found("string email", "string uppercase email"), [""; 0]);
        assert_eq!(found("string email", "string max 80"), ["evadable_key"]);
        let name = RULE.example().replace("email: string email", "user: string max 80");
        assert_eq!(codes(&name.replace("body.email", "body.user")), [""; 0]);
        let waived = "public waive evadable_key \"the store of accounts tells cases apart\"";
        assert_eq!(found("public", waived), [""; 0]);
    }
}
