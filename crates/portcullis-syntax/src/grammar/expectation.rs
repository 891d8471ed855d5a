//! What pest expected, in words that an author knows: no rule's name leaves here.

use super::Rule;

/// What may be listed at the most.
const LONGEST_LIST: usize = 5;

/// The rules that could have gone on where pest stopped.
pub(super) struct Expectations {
    rules: Vec<Rule>,
    /// The keywords among them, also those that pest gathers under one rule.
    words: Vec<String>,
}

impl Expectations {
    pub(super) fn of(rules: &[Rule]) -> Expectations {
        let words = rules.iter().flat_map(|rule| keywords(*rule)).collect();
        Expectations { rules: rules.to_vec(), words }
    }

    /// Whether pest can only say what must not follow: `form` and `raw` as names of inputs.
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    pub(super) fn has(&self, rule: Rule) -> bool {
        self.rules.contains(&rule)
    }

    pub(super) fn only(&self, rule: Rule) -> bool {
        self.rules == [rule]
    }

    pub(super) fn word(&self, word: &str) -> bool {
        self.words.iter().any(|known| known == word)
    }

    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// `a name, a list or a text`: at most five. Where more are expected they are gathered by
    /// kind, and the keywords as the clauses of the block that is open.
    pub(super) fn listed(&self, block: Option<&str>) -> String {
        let mut parts = self.parts(|_| None);
        if parts.len() > LONGEST_LIST {
            parts = self.parts(|rule| self.kind(rule, block));
        }
        parts.truncate(LONGEST_LIST);
        match parts.split_last() {
            None => "another name".to_owned(),
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
        }
    }

    /// What each rule is called, unless it is told what it is to be gathered under.
    fn parts(&self, gathered: impl Fn(Rule) -> Option<String>) -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        for rule in self.rules.iter().copied().filter(|rule| !is_silent(*rule)) {
            let named = match gathered(rule) {
                Some(kind) => vec![kind],
                None => names(rule),
            };
            for part in named {
                if !parts.contains(&part) {
                    parts.push(part);
                }
            }
        }
        // What closes comes last, as it would in the text.
        parts.sort_by_key(|part| matches!(part.as_str(), "`}`" | "`]`" | "`)`"));
        parts
    }

    /// What a rule is gathered under where too much is expected.
    fn kind(&self, rule: Rule, block: Option<&str>) -> Option<String> {
        let words = keywords(rule);
        if self.has(Rule::comparator) && is_operator(rule) {
            return Some("an operator".to_owned());
        }
        if words.is_empty() && rule != Rule::range {
            return None;
        }
        if self.has(Rule::kw_containing) && is_constraint(rule) {
            return Some("a constraint".to_owned());
        }
        Some(match block {
            _ if words.is_empty() => return None,
            _ if self.has(Rule::EOI) => "a declaration".to_owned(),
            _ if !self.has(Rule::close) => return None,
            Some(block) => format!("a clause of `{block}`"),
            None => "a clause".to_owned(),
        })
    }
}

/// What is expected nearly everywhere and helps nobody.
fn is_silent(rule: Rule) -> bool {
    matches!(rule, Rule::doc | Rule::file_doc | Rule::question | Rule::stop)
}

fn is_operator(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::comparator
            | Rule::kw_and
            | Rule::kw_or
            | Rule::kw_in
            | Rule::kw_is
            | Rule::kw_can
            | Rule::kw_within
            | Rule::kw_older
            | Rule::kw_else
    )
}

fn is_constraint(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::kw_trim
            | Rule::kw_min
            | Rule::kw_max
            | Rule::range
            | Rule::kw_one
            | Rule::kw_default
            | Rule::letter_case
            | Rule::format
            | Rule::kw_matching
            | Rule::kw_containing
            | Rule::kw_through
            | Rule::kw_as
            | Rule::kw_settable
            | Rule::kw_fault
            | Rule::kw_or
    )
}

/// The keywords that a rule can begin with: its own, or those that pest has gathered under it
/// because none of them was met.
fn keywords(rule: Rule) -> Vec<String> {
    let gathered: &[&str] = match rule {
        Rule::file => super::scan::DECLARATIONS,
        Rule::takes => &["params", "query", "header"],
        Rule::session_use => &["issues", "renews", "ends"],
        Rule::property => &["allowed", "reveals", "writes"],
        Rule::letter_case => &["lowercase", "uppercase"],
        Rule::format => &["email", "slug", "ip", "date", "time"],
        _ => {
            let name = format!("{rule:?}");
            return name.strip_prefix("kw_").map(str::to_owned).into_iter().collect();
        }
    };
    gathered.iter().map(|word| (*word).to_owned()).collect()
}

/// What a rule is called where it is expected.
fn names(rule: Rule) -> Vec<String> {
    let name = match rule {
        Rule::file => "a declaration",
        Rule::EOI => "the end of the file",
        Rule::open => "`{`",
        Rule::close => "`}`",
        Rule::bracket => "`[`",
        Rule::unbracket => "`]`",
        Rule::paren => "`(`",
        Rule::unparen => "`)`",
        Rule::colon => "`:`",
        Rule::name | Rule::member => "a name",
        Rule::names => "a name or a list of names",
        Rule::field_name => "a field like `id:`",
        Rule::permission | Rule::grant => "a permission like `read:orders`",
        Rule::permissions => "a list of permissions",
        Rule::path | Rule::key_part => "a path like `caller.id`",
        Rule::view_ref => "a view like `order.summary`",
        Rule::view_list => "a list of a view like `[order.summary]`",
        Rule::view_path | Rule::shown => "an attribute",
        Rule::spread => "a spread like `...summary`",
        Rule::rule_name => "the name of a lint rule",
        Rule::wire_name | Rule::wire_names => "a wire name",
        Rule::method => "a method like `GET`",
        Rule::jws_name => "an algorithm like `ES256`",
        Rule::text => "a text in quotes",
        Rule::int => "an int",
        Rule::number => "a number",
        Rule::duration => "a duration like `15m`",
        Rule::size => "a size like `64KiB`",
        Rule::range | Rule::bounds => "a range like `1..128`",
        Rule::time => "a time like `2026-01-31T00:00:00Z`",
        Rule::address => "an address like `203.0.113.9`",
        Rule::network => "a network like `10.0.0.0/8`",
        Rule::prefix => "a prefix like `/56`",
        Rule::regex => "a regex like `/^[a-z]+$/`",
        Rule::pattern | Rule::patterns => "a path pattern like `/orders/{id}`",
        Rule::target => "a target like `/orders/7`",
        Rule::literal | Rule::boolean => "a literal",
        Rule::value | Rule::primary | Rule::operand | Rule::test_value => "a value",
        Rule::list | Rule::terms | Rule::test_list => "a list",
        Rule::expression | Rule::negation | Rule::comparison => "a condition",
        Rule::comparator => "a comparison",
        Rule::type_of | Rule::field_type => "a type",
        Rule::shape => "an input's name or `{`",
        Rule::record | Rule::json_object => "`{`",
        Rule::json | Rule::json_number | Rule::json_word => "a JSON value",
        Rule::element => "a type",
        _ => {
            let words: Vec<_> =
                keywords(rule).into_iter().map(|word| format!("`{word}`")).collect();
            if !words.is_empty() {
                return words;
            }
            // What pest gathers under a rule of ours that has no name here: its own name, spaced.
            return vec![format!("{rule:?}").replace('_', " ")];
        }
    };
    vec![name.to_owned()]
}
