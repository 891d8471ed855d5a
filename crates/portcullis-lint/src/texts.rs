//! The texts that a clause is given, in the list itself or by a setting.

use portcullis_compiler::Compilation;
use portcullis_syntax::Span;
use portcullis_syntax::ast::{Item, Literal, Setting, Value, ValueKind};

/// The texts of a value, each with its place; those of a setting, of every profile, at the place where
/// it is named. What the service gives is not known here.
pub(crate) fn texts<'c>(compilation: &'c Compilation, value: &'c Value) -> Vec<(&'c str, Span)> {
    let items = compilation.files.iter().flat_map(|file| &file.items);
    let settings = items.filter_map(|item| match item {
        Item::Setting(setting) => Some(setting),
        _ => None,
    });
    let mut texts = Vec::new();
    gather(value, value.span, &settings.collect::<Vec<_>>(), &mut texts);
    texts
}

fn gather<'a>(
    value: &'a Value,
    place: Span,
    settings: &[&'a Setting],
    texts: &mut Vec<(&'a str, Span)>,
) {
    match &value.node {
        ValueKind::Literal(Literal::Text(text)) => texts.push((text, place)),
        ValueKind::List(values) => {
            for inner in values {
                // In the list itself each has its place; in a setting's, the setting has.
                let inner_place = if place == value.span { inner.span } else { place };
                gather(inner, inner_place, settings, texts);
            }
        }
        ValueKind::Name(name) => {
            let named = settings.iter().filter(|setting| setting.name.node == *name);
            for (_, value) in named.flat_map(|setting| &setting.values) {
                gather(value, place, settings, texts);
            }
        }
        ValueKind::Literal(_) | ValueKind::Permission(_) => {}
    }
}
