//! All parses of a text, not only the one that pest's ordered choice lets through.
//!
//! The grammar is read as context-free: every alternative counts, and so does every number of
//! repetitions. Atomic rules are tokens and match as pest matches them; lookaheads stay predicates.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use pest_meta::ast::{Expr, RuleType};
use pest_meta::parser;

/// Where a part may end, and in how many ways it comes there.
type Ends = BTreeMap<usize, u64>;

/// The rules of a grammar by name.
pub(crate) struct Grammar(HashMap<String, (RuleType, Expr)>);

impl Grammar {
    pub(crate) fn read(text: &str) -> Grammar {
        let pairs = parser::parse(parser::Rule::grammar_rules, text).expect("the grammar parses");
        let rules = parser::consume_rules(pairs).expect("the grammar is valid");
        Grammar(rules.into_iter().map(|rule| (rule.name, (rule.ty, rule.expr))).collect())
    }

    /// How many parses of the whole text there are.
    pub(crate) fn parses(&self, text: &str) -> u64 {
        self.forest(text).0
    }

    /// The shortest part of the text that has two readings, and the rule that reads it so.
    pub(crate) fn two_readings<'g>(&'g self, text: &'g str) -> Option<(&'g str, &'g str)> {
        let (_, parts) = self.forest(text);
        let twice = parts.into_iter().flat_map(|((rule, start), ends)| {
            let twice: Vec<_> = ends.iter().filter(|(_, ways)| **ways > 1).collect();
            twice.into_iter().map(|(end, _)| (rule, start, *end)).collect::<Vec<_>>()
        });
        let (rule, start, end) = twice.min_by_key(|(rule, start, end)| (end - start, *rule))?;
        Some((rule, text[start..end].trim_end()))
    }

    fn forest<'g>(&'g self, text: &'g str) -> (u64, HashMap<(&'g str, usize), Rc<Ends>>) {
        let mut forest = Forest { lexer: Lexer { grammar: self, text }, parts: HashMap::new() };
        let start = forest.lexer.skip(0);
        let ends = forest.rule("file", start);
        (ends.get(&text.len()).copied().unwrap_or(0), forest.parts)
    }
}

/// The parts found so far. A part begins and ends where a token may begin, behind the white space.
struct Forest<'g> {
    lexer: Lexer<'g>,
    parts: HashMap<(&'g str, usize), Rc<Ends>>,
}

impl<'g> Forest<'g> {
    fn rule(&mut self, name: &'g str, at: usize) -> Rc<Ends> {
        if let Some(ends) = self.parts.get(&(name, at)) {
            return Rc::clone(ends);
        }
        let ends = match self.lexer.grammar.0.get(name) {
            Some((RuleType::Normal | RuleType::Silent, expression)) => {
                self.expression(expression, at)
            }
            // The ends of the text stand for nothing, and white space before them is behind us.
            None if name == "SOI" => Ends::from([(at, 1)]),
            _ => {
                self.lexer.rule(name, at).map(|end| (self.lexer.skip(end), 1)).into_iter().collect()
            }
        };
        let ends = Rc::new(ends);
        self.parts.insert((name, at), Rc::clone(&ends));
        ends
    }

    fn expression(&mut self, expression: &'g Expr, at: usize) -> Ends {
        match expression {
            Expr::Ident(name) => Ends::clone(&self.rule(name, at)),
            Expr::Str(text) => {
                let end = self.lexer.rest(at).starts_with(text).then(|| at + text.len());
                end.map(|end| (self.lexer.skip(end), 1)).into_iter().collect()
            }
            Expr::Seq(first, second) => {
                let middles = self.expression(first, at);
                let mut ends = Ends::new();
                for (middle, ways) in middles {
                    add(&mut ends, self.expression(second, middle), ways);
                }
                ends
            }
            Expr::Choice(first, second) => {
                let mut ends = self.expression(first, at);
                add(&mut ends, self.expression(second, at), 1);
                ends
            }
            Expr::Opt(inner) => {
                let mut ends = self.expression(inner, at);
                add(&mut ends, Ends::from([(at, 1)]), 1);
                ends
            }
            Expr::Rep(inner) => self.repeated(inner, Ends::from([(at, 1)])),
            Expr::RepOnce(inner) => {
                let once = self.expression(inner, at);
                self.repeated(inner, once)
            }
            Expr::PosPred(inner) => self.if_matched(inner, at, true),
            Expr::NegPred(inner) => self.if_matched(inner, at, false),
            other => panic!("no parses of {other:?}"),
        }
    }

    /// From each of the ends on, any number of repetitions. What is repeated is never empty.
    fn repeated(&mut self, inner: &'g Expr, mut waiting: Ends) -> Ends {
        let mut ends = Ends::new();
        while let Some((end, ways)) = waiting.pop_first() {
            ends.insert(end, ways);
            add(&mut waiting, self.expression(inner, end), ways);
        }
        ends
    }

    fn if_matched(&mut self, inner: &'g Expr, at: usize, matched: bool) -> Ends {
        if self.expression(inner, at).is_empty() == matched {
            return Ends::new();
        }
        Ends::from([(at, 1)])
    }
}

fn add(ends: &mut Ends, more: Ends, times: u64) {
    for (end, ways) in more {
        let sum = ends.entry(end).or_default();
        *sum = sum.saturating_add(ways.saturating_mul(times));
    }
}

/// Matches tokens as pest does: the first alternative that fits, as often as it goes.
#[derive(Clone, Copy)]
struct Lexer<'g> {
    grammar: &'g Grammar,
    text: &'g str,
}

impl<'g> Lexer<'g> {
    fn rest(self, at: usize) -> &'g str {
        &self.text[at..]
    }

    /// Behind white space and comments.
    fn skip(self, mut at: usize) -> usize {
        let between = |name| self.grammar.0.contains_key(name).then_some(name);
        let between = [between("WHITESPACE"), between("COMMENT")];
        while let Some(end) = between.iter().flatten().find_map(|name| self.rule(name, at)) {
            at = end;
        }
        at
    }

    fn rule(self, name: &str, at: usize) -> Option<usize> {
        if let Some((_, expression)) = self.grammar.0.get(name) {
            return self.matches(expression, at);
        }
        let next = self.rest(at).chars().next();
        let fits = match name {
            "SOI" => return (at == 0).then_some(at),
            "EOI" => return next.is_none().then_some(at),
            "ANY" => next.is_some(),
            "ASCII_DIGIT" => next.is_some_and(|c| c.is_ascii_digit()),
            "ASCII_HEX_DIGIT" => next.is_some_and(|c| c.is_ascii_hexdigit()),
            "ASCII_ALPHA" => next.is_some_and(|c| c.is_ascii_alphabetic()),
            "ASCII_ALPHA_LOWER" => next.is_some_and(|c| c.is_ascii_lowercase()),
            "ASCII_ALPHA_UPPER" => next.is_some_and(|c| c.is_ascii_uppercase()),
            "ASCII_ALPHANUMERIC" => next.is_some_and(|c| c.is_ascii_alphanumeric()),
            other => panic!("no rule `{other}`"),
        };
        if fits { next.map(|c| at + c.len_utf8()) } else { None }
    }

    fn matches(self, expression: &Expr, at: usize) -> Option<usize> {
        match expression {
            Expr::Ident(name) => self.rule(name, at),
            Expr::Str(text) => self.rest(at).starts_with(text).then(|| at + text.len()),
            Expr::Range(from, to) => {
                let next = self.rest(at).chars().next()?;
                let bounds = from.chars().next()?..=to.chars().next()?;
                bounds.contains(&next).then(|| at + next.len_utf8())
            }
            Expr::Seq(first, second) => self.matches(second, self.matches(first, at)?),
            Expr::Choice(first, second) => {
                self.matches(first, at).or_else(|| self.matches(second, at))
            }
            Expr::Opt(inner) => self.matches(inner, at).or(Some(at)),
            Expr::Rep(inner) => self.times(inner, at, 0, u32::MAX),
            Expr::RepOnce(inner) => self.times(inner, at, 1, u32::MAX),
            Expr::RepExact(inner, times) => self.times(inner, at, *times, *times),
            Expr::RepMinMax(inner, least, most) => self.times(inner, at, *least, *most),
            Expr::PosPred(inner) => self.matches(inner, at).map(|_| at),
            Expr::NegPred(inner) => self.matches(inner, at).is_none().then_some(at),
            other => panic!("no token has {other:?}"),
        }
    }

    fn times(self, inner: &Expr, mut at: usize, least: u32, most: u32) -> Option<usize> {
        let mut times = 0;
        while times < most {
            match self.matches(inner, at) {
                Some(end) => at = end,
                None => break,
            }
            times += 1;
        }
        (times >= least).then_some(at)
    }
}
