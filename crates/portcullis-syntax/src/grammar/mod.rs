//! From text to syntax tree. pest's `Rule` never leaves this folder.

mod declaration;
mod expression;
mod fault;
mod literal;
mod node;
mod route;
mod split;
mod test;

use std::cell::RefCell;

use pest::Parser as _;

use crate::ast::{self, Item, Unsupported};
use crate::{Code, Diagnostic, FileId, Sources, Span};
use node::{Context, Node};
use split::{DECLARATIONS, Piece};

/// The largest file, in bytes.
const LARGEST: usize = 1024 * 1024;

#[derive(pest_derive::Parser)]
#[grammar = "grammar/policy.pest"]
struct Policy;

/// Parses one file: what can be read of it, and every fault.
#[must_use]
pub fn parse(sources: &Sources, file: FileId) -> (ast::File, Vec<Diagnostic>) {
    let Some(source) = sources.file(file) else {
        return (ast::File::default(), Vec::new());
    };
    let text = source.text.as_str();
    let place = |start: usize, end: usize| Span {
        file,
        start: u32::try_from(start).unwrap_or(u32::MAX),
        end: u32::try_from(end).unwrap_or(u32::MAX),
    };
    if text.len() > LARGEST {
        let fault = Diagnostic::error(Code::TooLarge, place(0, 0), "a file is at most 1MiB")
            .help("cut it into several; all `*.gate` files of a folder are one policy");
        return (ast::File::default(), vec![fault]);
    }
    if let Some(at) = text.bytes().position(|b| b.is_ascii_control() && !b.is_ascii_whitespace()) {
        let fault = Diagnostic::error(
            Code::NotText,
            place(at, at + 1),
            "the text holds a control character",
        );
        return (ast::File::default(), vec![fault]);
    }
    let pieces = split::split(text);
    let mut faults =
        pieces.faults.iter().map(|found| fault::form(found, &place)).collect::<Vec<_>>();
    let mut items = Vec::new();
    for piece in &pieces.declarations {
        let context = Context { file, offset: piece.range.start, faults: RefCell::default() };
        items.extend(declaration(text, piece, &context, &place));
        faults.extend(context.faults.into_inner());
    }
    (ast::File { docs: pieces.docs, items }, faults)
}

fn declaration(
    text: &str,
    piece: &Piece,
    context: &Context,
    place: &impl Fn(usize, usize) -> Span,
) -> Option<Item> {
    let word = text.get(piece.word.clone()).unwrap_or("");
    let word_span = place(piece.word.start, piece.word.end.max(piece.word.start + 1));
    let known = DECLARATIONS.iter().find(|(known, _)| *known == word);
    let Some((_, supported)) = known else {
        if piece.whole || !word.is_empty() {
            context.report(fault::no_declaration(word, word_span));
        }
        return None;
    };
    if !supported {
        return Some(Item::Unsupported(Unsupported { what: word.to_owned(), span: word_span }));
    }
    if !piece.whole {
        return None; // what is wrong with its form has been said
    }
    let own = text.get(piece.range.clone()).unwrap_or("");
    match Policy::parse(Rule::declaration, own) {
        Ok(mut pairs) => item(Node { pair: pairs.next()?, context }),
        Err(error) => {
            context.report(fault::syntax(&error, own, word, &|start, end| {
                place(piece.range.start + start, piece.range.start + end)
            }));
            None
        }
    }
}

fn item(node: Node<'_>) -> Option<Item> {
    let docs = node.docs();
    let inner = node.first()?;
    Some(match inner.rule() {
        Rule::transport => Item::Transport(inner.transport()),
        Rule::credential => Item::Credential(ast::Credential { docs, ..inner.credential() }),
        Rule::role => Item::Role(ast::Role { docs, ..inner.role() }),
        Rule::enumeration => Item::Enumeration(ast::Enumeration { docs, ..inner.enumeration() }),
        Rule::resource => Item::Resource(ast::Resource { docs, ..inner.resource() }),
        Rule::input => Item::Input(ast::Input { docs, ..inner.input() }),
        Rule::budget => Item::Budget(ast::Budget { docs, ..inner.budget() }),
        Rule::group => Item::Group(ast::Group { docs, ..inner.group() }),
        Rule::route => Item::Route(ast::Route { docs, ..inner.route() }),
        Rule::test => Item::Test(inner.test()),
        _ => return None,
    })
}
