//! `weak_password`: a password may be short, has to be, or loses its case.

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Bound, FieldType, Type};
use portcullis_syntax::{Diagnostic, Severity};

use crate::fields::{Source, Taken, taken};
use crate::guessed::{issues, plain};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "weak_password",
    level: Severity::Warning,
    owasp: &[Owasp::Authentication],
    finds: "Where a password is chosen, it may have fewer than 8 characters, at most fewer than 64, \
            or its case is changed.",
    why: "NIST SP 800-63B, 5.1.1.2: at least 8 characters, at least 64 allowed, and none changed; \
          the guide: 8 to 128. Where a caller signs in nothing is reported: passwords of before \
          must still do.",
    example: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip }
budget per_reader  { limit 20 per 15m  key body.email }

route POST /register {
    public
    body     { email: string trim lowercase email  password: string 4..20 }
    budget   [per_address, per_reader]
    returns  nothing
}
"#,
    mend: "Write `8..128`, and neither `lowercase` nor `uppercase`.",
    mended: r#"
transport { hosts ["library.example"] }

budget per_address { limit 60 per 1m  key request.ip }
budget per_reader  { limit 20 per 15m  key body.email }

route POST /register {
    public
    body     { email: string trim lowercase email  password: string 8..128 }
    budget   [per_address, per_reader]
    returns  nothing
}
"#,
    check: Some(check),
};

const LEAST: i64 = 8;
const ROOM: i64 = 64;

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    taken(compilation).into_iter().filter_map(of_field).collect()
}

fn of_field(taken: Taken<'_>) -> Option<Diagnostic> {
    let (field, rule) = (taken.field, &taken.field.rule);
    let name = plain(&field.name);
    let chosen = ["password", "newpassword", "passwd", "passphrase"].contains(&name.as_str());
    let of_body = taken.source == Source::Body && rule.kind == FieldType::Plain(Type::String);
    if !chosen || !of_body || is_sign_in(taken) {
        return None;
    }
    let int = |bound: Option<Bound>| match bound {
        Some(Bound::Int(count)) => Some(count),
        _ => None,
    };
    let limits = &rule.constraints;
    let what = if int(limits.min).is_none_or(|min| min < LEAST) {
        format!("may have fewer than {LEAST} characters")
    } else if int(limits.max).is_some_and(|max| max < ROOM) {
        format!("may not have {ROOM} characters, as a passphrase has")
    } else if limits.case.is_some() {
        "loses the case of its letters".to_owned()
    } else {
        return None;
    };
    Some(
        RULE.finding(field.span, format!("`{}` {what}", field.name))
            .help("write `8..128`, and no case"),
    )
}

/// Where it is only compared with the one that was chosen.
fn is_sign_in(taken: Taken<'_>) -> bool {
    let mut segments = taken.route.pattern.rsplit('/').filter(|segment| !segment.starts_with('{'));
    let last = plain(segments.next().unwrap_or(""));
    let sessions = ["auth", "authenticate", "authorize", "connect", "session", "sessions"];
    let words = ["login", "logon", "signin", "signon", "token"];
    issues(taken.route)
        || sessions.contains(&last.as_str())
        || words.iter().any(|word| last.contains(word))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_password_that_is_chosen_is_long() {
        let found = |password: &str| codes(&RULE.example().replace("4..20", password));
        assert_eq!(found("8..64"), [""; 0]);
        for bad in ["max 128", "7..128", "8..63", "lowercase 8..128"] {
            assert_eq!(found(bad), ["weak_password"], "{bad}");
        }
    }

    #[test]
    fn where_it_is_compared_nothing_is_asked() {
        let found = |from: &str, to: &str| codes(&RULE.example().replace(from, to));
        for path in ["/login", "/auth/sign-in", "/sessions", "/token"] {
            assert_eq!(found("/register", path), [""; 0], "{path}");
        }
        assert_eq!(found("/register", "/auth/register"), ["weak_password"]);
        assert_eq!(found("password:", "current_password:"), [""; 0]);
        assert_eq!(found("public", "public waive weak_password \"a pin of a card\""), [""; 0]);
    }
}
