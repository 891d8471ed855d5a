//! What all readers of declarations share: spans, names, docs, faults, and which reader a
//! declaration goes to.

use super::explain::snake_case;
use super::{Pair, Rule, literal, span};
use crate::ast::{self, Item, Name, Permission, Type, TypeKind, Waiver};
use crate::{Code, Diagnostic, FileId, Span, Spanned};

/// Reads pest's pairs into the syntax tree and gathers what is wrong with them.
///
/// A method that answers `None` has met a fault. Where none of them says which, [`Reader::finish`]
/// makes up for it, so that nothing is dropped in silence.
pub(super) struct Reader {
    file: FileId,
    /// Where the parsed part begins in its file.
    base: usize,
    faults: Vec<Diagnostic>,
    docs: Vec<String>,
    /// The first declaration that could not be read whole.
    unread: Option<Span>,
}

impl Reader {
    pub(super) fn new(file: FileId, base: usize) -> Reader {
        Reader { file, base, faults: Vec::new(), docs: Vec::new(), unread: None }
    }

    /// The faults that were met.
    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        if let (true, Some(span)) = (self.faults.is_empty(), self.unread) {
            self.fault(Code::Syntax, span, "this cannot be read");
        }
        self.faults
    }

    /// Reads one child of the file.
    pub(super) fn declaration(&mut self, pair: Pair<'_>, file: &mut ast::File) {
        let span = self.span(&pair);
        let item = match pair.as_rule() {
            Rule::EOI => return,
            Rule::file_doc => {
                file.docs.push(comment_text(pair.as_str(), "//!"));
                return;
            }
            Rule::doc => return self.keep_doc(&pair),
            Rule::setting => self.setting(pair).map(Item::Setting),
            Rule::scope => self.scope(pair).map(Item::Scope),
            Rule::transport => self.transport(pair).map(Item::Transport),
            Rule::cors => self.cors(pair).map(Item::Cors),
            Rule::headers => self.headers(pair).map(Item::Headers),
            Rule::errors => self.errors(pair).map(Item::Errors),
            Rule::credential => self.credential(pair).map(Item::Credential),
            Rule::session => self.session(pair).map(Item::Session),
            Rule::role => self.role(pair).map(Item::Role),
            Rule::enumeration => self.enumeration(pair).map(Item::Enumeration),
            Rule::resource => self.resource(pair).map(Item::Resource),
            Rule::input => self.input(pair).map(Item::Input),
            Rule::outbound => self.outbound(pair).map(Item::Outbound),
            Rule::budget => self.budget(pair).map(Item::Budget),
            Rule::group => self.group(pair).map(Item::Group),
            Rule::route => self.route(pair).map(Item::Route),
            Rule::action => self.action(pair).map(Item::Action),
            Rule::invariant => self.invariant(pair).map(Item::Invariant),
            Rule::test => self.test(pair).map(Item::Test),
            _ => None,
        };
        self.docs.clear();
        file.items.extend(self.whole(item, span));
    }

    /// Marks a declaration or clause that could not be read.
    pub(super) fn whole<T>(&mut self, read: Option<T>, span: Span) -> Option<T> {
        if read.is_none() {
            self.unread.get_or_insert(span);
        }
        read
    }

    pub(super) fn fault(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.faults.push(Diagnostic::error(code, span, message));
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.faults.push(diagnostic);
    }

    /// Where a pair stands: up to its last token, as pest counts the white space behind too.
    pub(super) fn span(&self, pair: &Pair<'_>) -> Span {
        let start = pair.as_span().start();
        let mut last = pair.clone();
        while let Some(inner) = last.clone().into_inner().next_back() {
            last = inner;
        }
        span(self.file, self.base + start..self.base + last.as_span().end())
    }

    /// A part of a token, counted in bytes from its start.
    pub(super) fn part(&self, pair: &Pair<'_>, from: usize, to: usize) -> Span {
        let start = self.base + pair.as_span().start();
        span(self.file, start + from..start + to)
    }

    pub(super) fn keep_doc(&mut self, pair: &Pair<'_>) {
        self.docs.push(comment_text(pair.as_str(), "///"));
    }

    /// The docs that were kept since the last declaration.
    pub(super) fn take_docs(&mut self) -> Vec<String> {
        std::mem::take(&mut self.docs)
    }

    /// A token as a name; a field's is without its colon.
    pub(super) fn name(&self, pair: &Pair<'_>) -> Name {
        let text = pair.as_str();
        let name = text.strip_suffix(':').unwrap_or(text);
        Spanned { node: name.to_owned(), span: self.part(pair, 0, name.len()) }
    }

    /// The first child of a rule, as a name.
    pub(super) fn name_in(&self, pair: &Pair<'_>, rule: Rule) -> Option<Name> {
        child(pair, rule).map(|found| self.name(&found))
    }

    /// `a` or `[a, b]`
    pub(super) fn names(&self, pair: &Pair<'_>) -> Vec<Name> {
        children(pair, Rule::name).map(|name| self.name(&name)).collect()
    }

    pub(super) fn permission(&self, pair: &Pair<'_>) -> Permission {
        Spanned { node: pair.as_str().to_owned(), span: self.span(pair) }
    }

    /// A quoted text with its escapes resolved.
    pub(super) fn text(&self, pair: &Pair<'_>) -> Option<Spanned<String>> {
        let node = literal::text(pair.as_str()).ok()?;
        Some(Spanned { node, span: self.span(pair) })
    }

    /// The text that is a child.
    pub(super) fn text_in(&self, pair: &Pair<'_>) -> Option<Spanned<String>> {
        child(pair, Rule::text).and_then(|found| self.text(&found))
    }

    /// The text after `as` in a child.
    pub(super) fn wire_in(&self, pair: &Pair<'_>) -> Option<Spanned<String>> {
        child(pair, Rule::wire).and_then(|wire| self.text_in(&wire))
    }

    pub(super) fn waiver(&self, pair: &Pair<'_>) -> Option<Waiver> {
        Some(Waiver {
            rule: self.name_in(pair, Rule::rule_name)?,
            reason: self.text_in(pair)?,
            span: self.span(pair),
        })
    }

    /// `string`, `[string]`, `string?`
    pub(super) fn type_of(&self, pair: &Pair<'_>) -> Option<Type> {
        let whole = self.span(pair);
        let mut kind = None;
        for part in pair.clone().into_inner() {
            let span = Span { end: self.span(&part).end, ..whole };
            kind = match part.as_rule() {
                Rule::name => {
                    Some(Spanned { node: TypeKind::Named(part.as_str().to_owned()), span })
                }
                Rule::type_of => {
                    Some(Spanned { node: TypeKind::List(Box::new(self.type_of(&part)?)), span })
                }
                Rule::unbracket => kind.map(|list: Type| Spanned { node: list.node, span }),
                Rule::question => {
                    kind.map(|inner| Spanned { node: TypeKind::Optional(Box::new(inner)), span })
                }
                _ => kind,
            };
        }
        kind
    }

    /// Says of a text that it has to say something, where it is a reason, a name or a message.
    pub(super) fn check_said(&mut self, pair: &Pair<'_>) {
        let what = match pair.as_rule() {
            Rule::waive | Rule::any_host | Rule::unavailable | Rule::opaque => "a reason",
            Rule::wire => "a name",
            Rule::fault => "a message",
            _ => return,
        };
        if let Some(text) = self.text_in(pair).filter(|text| text.node.trim().is_empty()) {
            let message = format!("expected {what}, found an empty text");
            self.report(Diagnostic::error(Code::BadValue, text.span, message));
        }
    }

    /// Says of a name that it is in `snake_case`. What the outside spells has tokens of its own.
    pub(super) fn check_name(&mut self, pair: &Pair<'_>) {
        let is_name = matches!(
            pair.as_rule(),
            Rule::name
                | Rule::field_name
                | Rule::permission
                | Rule::grant
                | Rule::path
                | Rule::view_ref
                | Rule::view_path
                | Rule::spread
        );
        let text = pair.as_str();
        if !is_name || !text.contains(|char: char| char.is_ascii_uppercase()) {
            return;
        }
        let is_mark = |char: char| !char.is_ascii_alphanumeric() && char != '_';
        let mut at = 0;
        for word in text.split(is_mark) {
            let from = at;
            at += word.len() + 1;
            if !word.contains(|char: char| char.is_ascii_uppercase()) {
                continue;
            }
            let (message, snake) = (format!("`{word}` is not in `snake_case`"), snake_case(word));
            let span = self.part(pair, from, from + word.len());
            self.report(Diagnostic::error(Code::BadValue, span, message).help(format!(
                "write `{snake}`, and `as \"{word}\"` where the outside spells it so"
            )));
        }
    }

    /// Says what is wrong with a literal, wherever it stands.
    pub(super) fn check_literal(&mut self, pair: &Pair<'_>) {
        let text = pair.as_str();
        let wrong = match pair.as_rule() {
            Rule::text => literal::text(text).err(),
            Rule::int => literal::int(text).err(),
            Rule::number => literal::number(text).err(),
            Rule::duration => literal::duration(text).err(),
            Rule::size => literal::size(text).err(),
            Rule::range => literal::range(text).err(),
            Rule::time => literal::time(text).err(),
            Rule::address => literal::address(text).err(),
            Rule::network => literal::network(text).err(),
            Rule::prefix => literal::prefix(text).err(),
            _ => None,
        };
        if let Some(wrong) = wrong {
            let span = match wrong.within {
                Some(range) => self.part(pair, range.start, range.end),
                None => self.span(pair),
            };
            let mut fault = Diagnostic::error(Code::BadLiteral, span, wrong.message);
            fault.help = wrong.help;
            self.report(fault);
        }
    }
}

/// The first child of a rule.
pub(super) fn child<'i>(pair: &Pair<'i>, rule: Rule) -> Option<Pair<'i>> {
    pair.clone().into_inner().find(|inner| inner.as_rule() == rule)
}

/// Every child of a rule.
pub(super) fn children<'i>(pair: &Pair<'i>, rule: Rule) -> impl Iterator<Item = Pair<'i>> {
    pair.clone().into_inner().filter(move |inner| inner.as_rule() == rule)
}

/// The clauses of a block: what stands between its braces.
pub(super) fn clauses<'i>(pair: &Pair<'i>) -> impl Iterator<Item = Pair<'i>> {
    pair.clone()
        .into_inner()
        .skip_while(|inner| inner.as_rule() != Rule::open)
        .skip(1)
        .take_while(|inner| inner.as_rule() != Rule::close)
}

/// A line of documentation without its mark and the one space after it.
fn comment_text(line: &str, mark: &str) -> String {
    let text = line.strip_prefix(mark).unwrap_or(line);
    text.strip_prefix(' ').unwrap_or(text).trim_end().to_owned()
}
