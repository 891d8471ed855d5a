//! Random sentences of the grammar, made from the grammar itself: every rule that anybody adds is
//! tried at once.

use std::collections::HashMap;
use std::sync::LazyLock;

use pest_meta::ast::{Expr, RuleType};
use pest_meta::parser;
use proptest::prelude::*;

/// What a token may look like. Every other token is the one text that it always is.
const SAMPLES: &[(&str, &[&str])] = &[
    ("doc", &["/// documented\n", "///\n", "/// a  \"b\" {\n"]),
    ("file_doc", &["//! of the file\n"]),
    // Words that are keywords elsewhere, and none that is one where a name may stand.
    ("name", &["order", "a", "total_2", "email_address"]),
    ("field_name", &["id:", "view:", "email:", "needs:"]),
    ("permission", &["read:orders", "a:b:c:d"]),
    ("grant", &["read:orders", "read:*", "*:*"]),
    ("path", &["caller.id", "order.status", "owner", "now", "body.a.b"]),
    ("view_ref", &["order.summary"]),
    ("view_path", &["id", "customer.public"]),
    ("spread", &["...summary"]),
    ("rule_name", &["weak-csp", "any_host"]),
    ("wire_name", &["createdAt", "id"]),
    ("method", &["GET", "POST"]),
    ("jws_name", &["HS256", "EdDSA"]),
    (
        "text",
        &["\"\"", "\"a b\"", "\"// { \\\" é\"", "\"a much longer text, for lines that break\""],
    ),
    ("int", &["1", "10_000"]),
    ("number", &["1.5", "-0.25"]),
    ("boolean", &["true", "false"]),
    ("duration", &["15m", "7d"]),
    ("size", &["64KiB"]),
    ("range", &["1..128", "1..", "-1.5..2"]),
    ("time", &["2026-01-31T00:00:00Z"]),
    ("address", &["203.0.113.9", "::1", "::ffff:192.0.2.1"]),
    ("network", &["10.0.0.0/8", "fd00::/8"]),
    ("regex", &["/^[a-z]+$/", "/[^\\/\"{]\\\\/"]),
    ("pattern", &["/", "/orders/{id}", "/files/{rest...}", "/x/"]),
    ("target", &["/orders/7?a=b", "/"]),
    ("prefix", &["/56"]),
    ("comparator", &["==", "!=", "<", "<=", ">", ">="]),
    ("json_number", &["1e3", "-1", "0.5"]),
    ("json_word", &["null", "true"]),
];

/// What may stand between two tokens.
const GAPS: &[&str] = &[" ", "\n", ", ", "\n\n\n", " // why\n", "\n// on its own\n", "\t\r\n  "];

static GRAMMAR: LazyLock<HashMap<String, (RuleType, Expr)>> = LazyLock::new(|| {
    let text = concat!(
        include_str!("../../src/grammar/policy.pest"),
        include_str!("../../src/grammar/tokens.pest"),
        include_str!("../../src/grammar/words.pest"),
    );
    let pairs = parser::parse(parser::Rule::grammar_rules, text).expect("the grammar parses");
    let rules = parser::consume_rules(pairs).expect("the grammar is valid");
    rules.into_iter().map(|rule| (rule.name, (rule.ty, rule.expr))).collect()
});

/// A file that follows the grammar.
pub(crate) fn sentence() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<u8>(), 1..400).prop_map(|choices| {
        let mut writer = Writer { choices: choices.into_iter(), text: String::new(), depth: 0 };
        writer.rule("file");
        writer.text
    })
}

/// Follows the grammar from rule to rule. Once its choices are used up it takes the shortest way.
struct Writer {
    choices: std::vec::IntoIter<u8>,
    text: String,
    depth: usize,
}

impl Writer {
    fn choose(&mut self, among: usize) -> usize {
        // Past some depth the first alternative is taken, which is never the recursive one twice.
        if self.depth > 60 {
            0
        } else {
            self.choices.next().map_or(0, |byte| byte as usize % among)
        }
    }

    fn rule(&mut self, name: &str) {
        if matches!(name, "SOI" | "EOI") {
            return;
        }
        if let Some((_, samples)) = SAMPLES.iter().find(|(rule, _)| *rule == name) {
            let sample = self.choose(samples.len());
            return self.token(samples[sample]);
        }
        let (kind, expression) = &GRAMMAR[name];
        if *kind == RuleType::Atomic {
            let Some(word) = first_text(expression) else { panic!("no sample of `{name}`") };
            return self.token(word);
        }
        self.depth += 1;
        self.expression(expression);
        self.depth -= 1;
    }

    fn token(&mut self, token: &str) {
        // The commonest gap is one space, so that there are lines with more than a token.
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            let gap = self.choose(GAPS.len() * 4);
            self.text.push_str(GAPS.get(gap).copied().unwrap_or(" "));
        }
        self.text.push_str(token);
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Ident(name) => self.rule(name),
            Expr::Seq(first, second) => {
                self.expression(first);
                self.expression(second);
            }
            Expr::Choice(..) => {
                let mut alternatives = Vec::new();
                let mut rest = expression;
                while let Expr::Choice(first, second) = rest {
                    alternatives.push(&**first);
                    rest = second;
                }
                alternatives.insert(0, rest);
                let chosen = self.choose(alternatives.len());
                self.expression(alternatives[chosen]);
            }
            Expr::Opt(inner) => self.times(inner, 0, 1),
            Expr::Rep(inner) => self.times(inner, 0, 4),
            Expr::RepOnce(inner) => self.times(inner, 1, 3),
            // What a rule must not begin with, the samples do not.
            Expr::NegPred(_) | Expr::PosPred(_) => {}
            other => panic!("no sentence of {other:?}"),
        }
    }

    fn times(&mut self, inner: &Expr, least: usize, most: usize) {
        let times = least + self.choose(most - least + 1);
        for _ in 0..times {
            self.expression(inner);
        }
    }
}

/// The text that a keyword or a punctuation mark is.
fn first_text(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Str(text) => Some(text),
        Expr::Seq(first, _) => first_text(first),
        _ => None,
    }
}
