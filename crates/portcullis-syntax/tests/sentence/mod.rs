//! Random sentences of the grammar, made from the grammar itself: every rule that anybody adds is
//! tried at once.

use std::collections::{BTreeSet, HashMap};
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

pub(crate) const GRAMMAR_TEXT: &str = concat!(
    include_str!("../../src/grammar/policy.pest"),
    include_str!("../../src/grammar/tokens.pest"),
    include_str!("../../src/grammar/words.pest"),
);

static GRAMMAR: LazyLock<HashMap<String, (RuleType, Expr)>> = LazyLock::new(|| {
    let pairs =
        parser::parse(parser::Rule::grammar_rules, GRAMMAR_TEXT).expect("the grammar parses");
    let rules = parser::consume_rules(pairs).expect("the grammar is valid");
    rules.into_iter().map(|rule| (rule.name, (rule.ty, rule.expr))).collect()
});

/// The keywords of each declaration that may also be names, behind a name that is no keyword.
static KEYWORDS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let reserved = words("operator_word").chain(words("root_word")).collect::<Vec<_>>();
    let mut keywords = HashMap::new();
    for declaration in idents(&GRAMMAR["declaration"].1) {
        // Every rule below the declaration, found once.
        let mut below = vec![declaration];
        let mut at = 0;
        while let Some(rule) = below.get(at) {
            if let Some((RuleType::Normal | RuleType::Silent, expression)) = GRAMMAR.get(*rule) {
                let new = idents(expression).into_iter().filter(|rule| !below.contains(rule));
                below.extend(new.collect::<BTreeSet<_>>());
            }
            at += 1;
        }
        let mut names = vec!["a"];
        names.extend(below.iter().filter(|rule| rule.starts_with("kw_")).flat_map(|w| words(w)));
        names.retain(|word| !reserved.contains(word));
        keywords.insert(declaration, names);
    }
    keywords
});

/// A file that follows the grammar.
#[allow(dead_code, reason = "not every test file asks for it")]
pub(crate) fn sentence() -> impl Strategy<Value = String> {
    written(false)
}

/// A file that follows the grammar and calls everything by a keyword of where it stands.
#[allow(dead_code, reason = "not every test file asks for it")]
pub(crate) fn sentence_of_keywords() -> impl Strategy<Value = String> {
    written(true)
}

fn written(of_keywords: bool) -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<u8>(), 1..400).prop_map(move |choices| {
        let choices = choices.into_iter();
        let mut writer = Writer {
            of_keywords,
            names: &["a"],
            choices,
            text: String::new(),
            depth: 0,
            barred: Vec::new(),
        };
        // Mostly one declaration, since more leave few choices for what is in each.
        let one = of_keywords && writer.choose(4) > 0;
        writer.rule(if one { "declaration" } else { "file" });
        writer.text
    })
}

/// Follows the grammar from rule to rule. Once its choices are used up it takes the shortest way.
struct Writer {
    /// Whether a thing is called by one of the names, or as the samples say.
    of_keywords: bool,
    names: &'static [&'static str],
    choices: std::vec::IntoIter<u8>,
    text: String,
    depth: usize,
    /// What the next token must not be.
    barred: Vec<&'static str>,
}

impl Writer {
    fn choose(&mut self, among: usize) -> usize {
        // Past some depth all takes the shortest way.
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
        if let Some(name) = self.name(name) {
            return self.token(&name);
        }
        if let Some((_, samples)) = SAMPLES.iter().find(|(rule, _)| *rule == name) {
            let sample = self.choose(samples.len());
            return self.token(samples[sample]);
        }
        if let Some(keywords) = KEYWORDS.get(name) {
            self.names = keywords;
        }
        let (kind, expression): &'static (RuleType, Expr) = &GRAMMAR[name];
        if *kind == RuleType::Atomic {
            let Some(word) = first_text(expression) else { panic!("no sample of `{name}`") };
            return self.token(word);
        }
        self.depth += 1;
        self.expression(expression);
        self.depth -= 1;
    }

    /// A token that is made of names.
    fn name(&mut self, rule: &str) -> Option<String> {
        if !self.of_keywords {
            return None;
        }
        let name = match rule {
            "name" | "wire_name" | "rule_name" => self.one_name().to_owned(),
            "view_path" | "path" if self.choose(2) == 0 => self.one_name().to_owned(),
            "view_path" | "view_ref" => format!("{}.{}", self.one_name(), self.one_name()),
            "path" => {
                let root = ["caller", self.one_name()][self.choose(2)];
                format!("{root}.{}", self.one_name())
            }
            "field_name" => format!("{}:", self.one_name()),
            "permission" | "grant" => format!("{}:{}", self.one_name(), self.one_name()),
            "spread" => format!("...{}", self.one_name()),
            _ => return None,
        };
        Some(name)
    }

    fn one_name(&mut self) -> &'static str {
        let name = self.names[self.choose(self.names.len())];
        let barred = std::mem::take(&mut self.barred);
        if barred.contains(&name) { self.names[0] } else { name }
    }

    fn token(&mut self, token: &str) {
        // The commonest gap is one space, so that there are lines with more than a token.
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            let gap = self.choose(GAPS.len() * 4);
            self.text.push_str(GAPS.get(gap).copied().unwrap_or(" "));
        }
        self.text.push_str(token);
    }

    fn expression(&mut self, expression: &'static Expr) {
        match expression {
            Expr::Ident(name) => self.rule(name),
            Expr::Seq(first, second) => {
                self.expression(first);
                self.expression(second);
            }
            Expr::Choice(..) => {
                let mut alternatives = alternatives(expression);
                // The last is never the recursive one.
                alternatives.rotate_right(1);
                let chosen = self.choose(alternatives.len());
                self.expression(alternatives[chosen]);
            }
            Expr::Opt(inner) => self.times(inner, 0, 1),
            Expr::Rep(inner) if self.of_keywords => self.times(inner, 0, 8),
            Expr::Rep(inner) => self.times(inner, 0, 4),
            Expr::RepOnce(inner) => self.times(inner, 1, 3),
            // What a rule must not begin with, the samples do not.
            Expr::NegPred(inner) => self.barred = words_of(inner),
            Expr::PosPred(_) => {}
            other => panic!("no sentence of {other:?}"),
        }
    }

    fn times(&mut self, inner: &'static Expr, least: usize, most: usize) {
        let times = least + self.choose(most - least + 1);
        for _ in 0..times {
            self.expression(inner);
        }
    }
}

/// All of them alike, however deep a choice lies in another: so each is as likely.
fn alternatives(expression: &'static Expr) -> Vec<&'static Expr> {
    match expression {
        Expr::Choice(first, second) => [alternatives(first), alternatives(second)].concat(),
        _ => vec![expression],
    }
}

/// The rules that a rule names.
fn idents(expression: &'static Expr) -> Vec<&'static str> {
    let names = expression.iter_top_down().filter_map(|part| match part {
        Expr::Ident(name) => GRAMMAR.get_key_value(&name).map(|(name, _)| name.as_str()),
        _ => None,
    });
    names.collect()
}

/// All the words that a rule may be.
fn words(rule: &str) -> impl Iterator<Item = &'static str> {
    GRAMMAR.get(rule).into_iter().flat_map(|(_, expression)| words_of(expression))
}

fn words_of(expression: &'static Expr) -> Vec<&'static str> {
    match expression {
        Expr::Ident(rule) => words(rule).collect(),
        // What stands behind a word is its boundary.
        Expr::Seq(first, _) => words_of(first),
        Expr::Choice(first, second) => [words_of(first), words_of(second)].concat(),
        _ => first_text(expression).into_iter().collect(),
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
