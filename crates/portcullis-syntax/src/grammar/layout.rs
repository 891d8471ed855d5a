//! A file as the formatter sees it: clauses in blocks, each a run of tokens, with the comments
//! between them. Pest's pairs end here; the formatter knows no rule of the grammar.

use pest::Parser as _;
use pest::iterators::Pairs;

use super::Pair;
use super::lexeme::{Kind, Lexeme};
use super::pegs::{Grammar, Rule};
use super::scan::scan;
use crate::FileId;

/// What stands between two braces or brackets, or in the whole file.
pub(crate) struct Entry<'t> {
    /// Whether the author left a blank line before it.
    pub(crate) blank_before: bool,
    pub(crate) content: Content<'t>,
    /// The comment behind it on its line.
    pub(crate) trailing: Option<&'t str>,
    /// Whether it is a mere word, as a role's grants are.
    pub(crate) word: bool,
}

pub(crate) enum Content<'t> {
    /// A comment or a line of documentation.
    Line(&'t str),
    Clause(Clause<'t>),
}

/// One clause, field or declaration.
pub(crate) struct Clause<'t> {
    /// Its columns: what lines up with the clauses around it.
    pub(crate) cells: Vec<Vec<Piece<'t>>>,
    pub(crate) run: Run<'t>,
}

/// Which neighbours a clause lines up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run<'t> {
    /// With other clauses and fields.
    Columns,
    /// With declarations that begin with the same word.
    Declarations(&'t str),
    /// With none.
    Alone,
}

pub(crate) enum Piece<'t> {
    Token(Token<'t>),
    /// A comment in the midst of a clause.
    Comment {
        text: &'t str,
        own_line: bool,
    },
    Group(Group<'t>),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'t> {
    pub(crate) text: &'t str,
    /// How many spaces stand before it.
    pub(crate) before: usize,
    /// Whether what follows adheres to it.
    pub(crate) adheres: bool,
    /// Whether a line that is too long is broken before it.
    pub(crate) breaks: Break,
}

/// Where a line that is too long is broken: first at the parts of a clause, then at those of a
/// condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Break {
    Clause,
    Condition,
    Never,
}

/// `{ … }` or `[ … ]`
pub(crate) struct Group<'t> {
    pub(crate) kind: GroupKind,
    /// Whether the author broke the line in it.
    pub(crate) broken: bool,
    /// The comment behind its opening, on the same line.
    pub(crate) opening: Option<&'t str>,
    pub(crate) entries: Vec<Entry<'t>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupKind {
    /// `{ clauses }`
    Block,
    /// `[a, b]`
    List,
    /// `{ "a": 1, "b": 2 }`
    Object,
    /// `[1, 2]` in JSON, which knows no comma at the end
    Array,
}

/// Lays out a text that parses; nothing for one that does not.
pub(crate) fn layout(text: &str) -> Option<Vec<Entry<'_>>> {
    let file = Grammar::parse(Rule::file, text).ok()?.next()?;
    let comments = scan(text, FileId(0)).ok()?.lexemes;
    let comments = comments.into_iter().filter(|lexeme| lexeme.kind == Kind::Comment).collect();
    let mut builder = Builder { text, comments, next: 0, end: 0 };
    let children = file.into_inner().filter(|child| child.as_rule() != Rule::EOI);
    let (_, entries) = builder.entries(children, text.len(), GroupKind::Block);
    Some(entries)
}

/// The tokens and comments of a text in their order, each with its kind, without what only
/// separates; nothing for a text that does not parse.
pub(crate) fn tokens(text: &str) -> Option<Vec<(String, &str)>> {
    let file = Grammar::parse(Rule::file, text).ok()?;
    let comments = scan(text, FileId(0)).ok()?.lexemes.into_iter();
    let mut tokens: Vec<(usize, String, &str)> = comments
        .filter(|lexeme| lexeme.kind == Kind::Comment)
        .filter_map(|lexeme| {
            let comment = text.get(lexeme.range.clone())?.trim_end();
            Some((lexeme.range.start, "comment".to_owned(), comment))
        })
        .collect();
    for pair in file.flatten().filter(|pair| is_token(pair) && pair.as_rule() != Rule::EOI) {
        let (start, rule) = (pair.as_span().start(), pair.as_rule());
        let token = pair.as_span().as_str();
        let documents = matches!(rule, Rule::doc | Rule::file_doc);
        let token = if documents { token.trim_end() } else { token };
        tokens.push((start, format!("{rule:?}"), token));
    }
    tokens.sort_by_key(|(start, ..)| *start);
    Some(tokens.into_iter().map(|(_, kind, token)| (kind, token)).collect())
}

fn is_token(pair: &Pair<'_>) -> bool {
    pair.clone().into_inner().next().is_none()
}

struct Builder<'t> {
    text: &'t str,
    comments: Vec<Lexeme>,
    /// The first comment that has not been placed.
    next: usize,
    /// Where the last token or comment ended.
    end: usize,
}

/// A comment and how it stands to what is before it.
struct Comment<'t> {
    text: &'t str,
    own_line: bool,
    blank_before: bool,
}

impl<'t> Builder<'t> {
    /// The children of a group or of the file, up to where it closes.
    fn entries(
        &mut self,
        children: impl Iterator<Item = Pair<'t>>,
        close: usize,
        kind: GroupKind,
    ) -> (Option<&'t str>, Vec<Entry<'t>>) {
        let mut opening = None;
        let mut entries: Vec<Entry<'t>> = Vec::new();
        for child in children {
            self.comments_between(child.as_span().start(), &mut opening, &mut entries);
            let blank_before = self.line_breaks(child.as_span().start()) > 1;
            let rule = child.as_rule();
            let word = matches!(
                rule,
                Rule::grant | Rule::shown | Rule::spread | Rule::member | Rule::name
            );
            let content = if matches!(rule, Rule::doc | Rule::file_doc) {
                self.end = child.as_span().end();
                Content::Line(child.as_span().as_str().trim_end())
            } else {
                Content::Clause(self.clause(child, kind))
            };
            entries.push(Entry { blank_before, content, trailing: None, word });
        }
        self.comments_between(close, &mut opening, &mut entries);
        (opening, entries)
    }

    /// Places the comments before a byte: behind the entry that they follow on its line, else on
    /// lines of their own.
    fn comments_between(
        &mut self,
        until: usize,
        opening: &mut Option<&'t str>,
        entries: &mut Vec<Entry<'t>>,
    ) {
        while let Some(comment) = self.comment(until) {
            let text = comment.text;
            match entries.last_mut() {
                Some(last) if !comment.own_line => last.trailing = Some(text),
                None if !comment.own_line => *opening = Some(text),
                _ => entries.push(Entry {
                    blank_before: comment.blank_before,
                    content: Content::Line(text),
                    trailing: None,
                    word: false,
                }),
            }
        }
    }

    /// The next comment that begins before a byte.
    fn comment(&mut self, until: usize) -> Option<Comment<'t>> {
        let range = self.comments.get(self.next)?.range.clone();
        if range.start >= until {
            return None;
        }
        self.next += 1;
        let breaks = self.line_breaks(range.start);
        // At the very start of a file there is no line to stand behind.
        let own_line = breaks > 0 || self.end == 0;
        self.end = range.end;
        let text = self.text.get(range).unwrap_or("").trim_end();
        Some(Comment { text, own_line, blank_before: breaks > 1 })
    }

    /// How many lines end between the last token and a byte.
    fn line_breaks(&self, until: usize) -> usize {
        let between = self.text.get(self.end..until).unwrap_or("");
        between.bytes().filter(|byte| *byte == b'\n').count()
    }

    fn clause(&mut self, pair: Pair<'t>, within: GroupKind) -> Clause<'t> {
        let rule = pair.as_rule();
        let run = match rule {
            _ if within != GroupKind::Block || is_token(&pair) => Run::Alone,
            rule if is_declaration(rule) => {
                let text = pair.as_span().as_str();
                let word = text.split(|char: char| !char.is_ascii_lowercase()).next();
                Run::Declarations(word.unwrap_or(""))
            }
            rule if is_alone(rule) => Run::Alone,
            _ => Run::Columns,
        };
        let mut cells = Vec::new();
        let mut cell = Vec::new();
        if is_token(&pair) {
            self.token(&pair, None, &mut cell);
            return Clause { cells: vec![cell], run };
        }
        let mut children = pair.into_inner();
        let mut position = 0;
        while let Some(child) = children.next() {
            let begins = match run {
                Run::Alone => false,
                Run::Columns => position == 1 || position == 2 && is_field(rule),
                Run::Declarations(_) => match child.as_rule() {
                    Rule::open => {
                        // Roles that inherit line up with those that do not.
                        if rule == Rule::role && cells.is_empty() {
                            cells.push(std::mem::take(&mut cell));
                        }
                        true
                    }
                    Rule::inherits | Rule::wire => cells.is_empty(),
                    _ => false,
                },
            };
            if begins {
                cells.push(std::mem::take(&mut cell));
            }
            position += 1;
            self.place(child, &mut children, rule, &mut cell);
        }
        cells.push(cell);
        Clause { cells, run }
    }

    /// Adds what a pair consists of to a cell; what opens a group takes its siblings along.
    fn place(
        &mut self,
        pair: Pair<'t>,
        siblings: &mut Pairs<'t, Rule>,
        parent: Rule,
        cell: &mut Vec<Piece<'t>>,
    ) {
        if matches!(pair.as_rule(), Rule::open | Rule::bracket) {
            self.comments_within(pair.as_span().start(), cell);
            let group = self.group(&pair, siblings, parent);
            cell.push(Piece::Group(group));
        } else if is_token(&pair) {
            self.token(&pair, Some(parent), cell);
        } else {
            let rule = pair.as_rule();
            let mut children = pair.into_inner();
            while let Some(child) = children.next() {
                self.place(child, &mut children, rule, cell);
            }
        }
    }

    fn token(&mut self, pair: &Pair<'t>, parent: Option<Rule>, cell: &mut Vec<Piece<'t>>) {
        self.comments_within(pair.as_span().start(), cell);
        self.end = pair.as_span().end();
        let rule = pair.as_rule();
        let before = match (rule, parent) {
            (Rule::question | Rule::unparen | Rule::colon, _) => 0,
            // The reason of a refusal stands apart from its condition.
            (Rule::kw_as, Some(Rule::refusal)) | (Rule::kw_at, Some(Rule::check_at)) => 2,
            _ => 1,
        };
        let breaks = match (rule, parent) {
            (Rule::kw_fault | Rule::kw_unless, _) | (Rule::kw_as, Some(Rule::refusal)) => {
                Break::Clause
            }
            (Rule::kw_and | Rule::kw_or, Some(Rule::expression)) => Break::Condition,
            _ => Break::Never,
        };
        let text = pair.as_span().as_str();
        cell.push(Piece::Token(Token { text, before, adheres: rule == Rule::paren, breaks }));
    }

    fn comments_within(&mut self, until: usize, cell: &mut Vec<Piece<'t>>) {
        while let Some(comment) = self.comment(until) {
            cell.push(Piece::Comment { text: comment.text, own_line: comment.own_line });
        }
    }

    /// The group that a brace or bracket opens.
    fn group(
        &mut self,
        open: &Pair<'t>,
        siblings: &mut Pairs<'t, Rule>,
        parent: Rule,
    ) -> Group<'t> {
        let (kind, closing) = match (open.as_rule(), parent) {
            (Rule::open, Rule::json_object) => (GroupKind::Object, Rule::close),
            (Rule::open, _) => (GroupKind::Block, Rule::close),
            (_, Rule::json_list) => (GroupKind::Array, Rule::unbracket),
            _ => (GroupKind::List, Rule::unbracket),
        };
        let mut children = Vec::new();
        let mut close = open.as_span().end();
        for sibling in siblings {
            close = sibling.as_span().start();
            if sibling.as_rule() == closing {
                break;
            }
            children.push(sibling);
        }
        let inner = self.text.get(open.as_span().end()..close).unwrap_or("");
        self.end = open.as_span().end();
        let (opening, entries) = self.entries(children.into_iter(), close, kind);
        self.end = close + 1;
        Group { kind, broken: inner.contains('\n'), opening, entries }
    }
}

/// A declaration of the file or of a resource: its name lines up with those of its kind.
fn is_declaration(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::setting
            | Rule::transport
            | Rule::cors
            | Rule::headers
            | Rule::errors
            | Rule::credential
            | Rule::session
            | Rule::role
            | Rule::scope
            | Rule::enumeration
            | Rule::resource
            | Rule::input
            | Rule::outbound
            | Rule::budget
            | Rule::group
            | Rule::route
            | Rule::action
            | Rule::invariant
            | Rule::test
            | Rule::predicate
            | Rule::view
    )
}

/// What has no first column: phrases, and what a list of words holds.
fn is_alone(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::public
            | Rule::refund
            | Rule::on
            | Rule::property
            | Rule::expression
            | Rule::member
            | Rule::shown
            | Rule::json_member
    )
}

/// `name: type …`
fn is_field(rule: Rule) -> bool {
    matches!(rule, Rule::field | Rule::claim | Rule::attribute | Rule::envelope_field | Rule::given)
}
