//! `wide_grant`: a `*` grants the right to change what nobody has named.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::covers;
use portcullis_syntax::{Diagnostic, Severity};

use crate::declared::roles;
use crate::rule::{Owasp, Rule};
use crate::words::changes;

pub(crate) const RULE: Rule = Rule {
    name: "wide_grant",
    level: Severity::Note,
    owasp: &[Owasp::FunctionAuthorization],
    finds: "A grant with `*` reaches permissions to change something: `*:books`, `delete:*`.",
    why: "The next permission of that form is granted the moment a route asks for it, by nobody's decision; and no review of \
          the role shows it.",
    example: with_access!(
        r#"
role desk { delete:* }

route DELETE /books {
    accept   [access]
    needs    delete:books
    returns  nothing
}
"#
    ),
    mend: "Name what is granted. A role that is to have all that there will be is a reason for a waiver.",
    mended: with_access!(
        r#"
role desk { delete:books }

route DELETE /books {
    accept   [access]
    needs    delete:books
    returns  nothing
}
"#
    ),
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = compilation.plans.first() else {
        return Vec::new();
    };
    let grants = roles(compilation).flat_map(|role| &role.grants);
    let wide = grants.filter(|grant| grant.node.contains('*')).filter_map(|grant| {
        let known = plan.permissions.iter().filter(|known| covers(&grant.node, known));
        let known = known.filter(|known| known.split(':').any(changes)).collect::<Vec<_>>();
        let first = known.first()?;
        let more = if known.len() > 1 { " and others" } else { "" };
        let message = format!("`{}` grants `{first}`{more}", grant.node);
        Some(RULE.finding(grant.span, message).help("name what is granted"))
    });
    wide.collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::count;

    #[test]
    fn the_right_to_change_is_granted_by_name() {
        let found = |grants: &str| {
            let policy = format!(
                "role user {{ {grants} }} role admin {{ read:a write:a write:b:own }}
                route PUT /a {{ accept [access] needs [read:a write:a write:b:own] returns nothing }}"
            );
            count("wide_grant", &policy)
        };
        assert_eq!(found("write:*"), 1);
        assert_eq!(found("*:a"), 1);
        assert_eq!(found("*:b:own"), 1);
        assert_eq!(found("read:*"), 0);
        assert_eq!(found("write:a"), 0);
        assert_eq!(found("write:* waive wide_grant \"a test\""), 0);
    }
}
