//! `generous_page`: a list has more than 1,000 rows.

use portcullis_compiler::Compilation;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "generous_page",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption],
    finds: "A route `lists` more than 1,000 rows.",
    why: "Each of them is decided and shown by itself, for every request; and whoever copies the \
          whole of it needs few requests (OWASP API4: \"number of records per page to return in a \
          single request-response\").",
    example: r#"
transport { hosts ["library.example"] }

resource book {
    key     id: uuid
    title:  string

    view card { id title }
}

budget per_address { limit 60 per 1m  key request.ip }

route GET /books {
    public
    lists    book max 50_000
    budget   [per_address]
    returns  [book.card]
}
"#,
    mend: "Lower `max`, and let the query string ask for the next page.",
    mended: r#"
transport { hosts ["library.example"] }

resource book {
    key     id: uuid
    title:  string

    view card { id title }
}

budget per_address { limit 60 per 1m  key request.ip }

route GET /books {
    public
    lists    book max 100
    budget   [per_address]
    returns  [book.card]
}
"#,
    check: Some(check),
};

const MOST: usize = 1_000;

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let routes = compilation.plans.iter().flat_map(|plan| &plan.routes);
    let live = routes.filter(|route| route.retired.is_none());
    let large = live.filter_map(|route| route.lists.as_ref()).filter(|lists| lists.max > MOST);
    let found = large.map(|lists| {
        RULE.finding(lists.span, format!("one answer may hold {} rows", lists.max))
            .help("write `max 100`, and take the page from the query string")
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn a_list_comes_in_pages() {
        let found = |max: &str| codes(&RULE.example().replace("50_000", max));
        assert_eq!(found("1_000"), [""; 0]);
        assert_eq!(found("1_001"), ["generous_page"]);
        assert_eq!(found("1_001 retired"), [""; 0]);
        assert_eq!(found("5_000 waive generous_page \"a map of all branches\""), [""; 0]);
    }
}
