//! `csp`: a content security policy as a structure (W3C Content Security Policy Level 3).

use portcullis_syntax::ast::{Csp, Directive, Value, ValueKind};
use portcullis_syntax::{Code, Diagnostic, Span};

use super::Report;
use super::names::distinct;
use super::settings::Settings;

/// The directives that take sources.
const OF_SOURCES: &[&str] = &[
    "default_src",
    "script_src",
    "script_src_elem",
    "script_src_attr",
    "style_src",
    "style_src_elem",
    "style_src_attr",
    "img_src",
    "font_src",
    "connect_src",
    "media_src",
    "object_src",
    "frame_src",
    "child_src",
    "worker_src",
    "manifest_src",
    "base_uri",
    "form_action",
    "frame_ancestors",
];
/// What stands for sources without quotes.
const SOURCES: &[&str] = &[
    "self",
    "none",
    "unsafe_inline",
    "unsafe_eval",
    "unsafe_hashes",
    "wasm_unsafe_eval",
    "strict_dynamic",
    "report_sample",
];
/// What a sandboxed page may still do.
const SANDBOX: &[&str] = &[
    "allow_downloads",
    "allow_forms",
    "allow_modals",
    "allow_orientation_lock",
    "allow_pointer_lock",
    "allow_popups",
    "allow_popups_to_escape_sandbox",
    "allow_presentation",
    "allow_same_origin",
    "allow_scripts",
    "allow_top_navigation",
    "allow_top_navigation_by_user_activation",
];
/// The other directives, with the words that each takes.
const OTHERS: &[(&str, &[&str])] = &[
    ("sandbox", SANDBOX),
    ("report_uri", &[]),
    ("report_to", &[]),
    ("require_trusted_types_for", &["script"]),
    ("trusted_types", &["none", "allow_duplicates"]),
    (BARE, &[]),
];
/// The one that takes nothing.
const BARE: &str = "upgrade_insecure_requests";

/// The value of the header.
pub(super) fn check(csp: &Csp, settings: &Settings, report: &mut Report) -> String {
    distinct("directive", csp.directives.iter().map(|found| &found.name), report);
    let directives = csp.directives.iter().map(|found| {
        let mut written = vec![on_wire(&found.name.node)];
        written.extend(directive(found, settings, report));
        written.join(" ")
    });
    directives.collect::<Vec<_>>().join("; ")
}

fn on_wire(word: &str) -> String {
    word.replace('_', "-")
}

/// The sources as they stand in the header.
fn directive(found: &Directive, settings: &Settings, report: &mut Report) -> Vec<String> {
    let name = found.name.node.as_str();
    let other = OTHERS.iter().find(|(known, _)| *known == name).map(|(_, words)| *words);
    let Some(words) = other.or(OF_SOURCES.contains(&name).then_some(SOURCES)) else {
        let known = OF_SOURCES.iter().chain(OTHERS.iter().map(|(known, _)| known)).copied();
        report.add(
            Diagnostic::error(
                Code::UnknownName,
                found.name.span,
                format!("no directive is called `{name}`"),
            )
            .did_you_mean(name, known),
        );
        return Vec::new();
    };
    match &found.sources {
        Some(sources) if name == BARE => report.add(
            Diagnostic::error(Code::BadValue, sources.span, format!("`{name}` takes nothing"))
                .help("take the list away"),
        ),
        Some(sources) => return listed(found, sources, words, settings, report),
        None if name == BARE || name == "sandbox" => {}
        None => report.add(
            Diagnostic::error(Code::Missing, found.span, format!("`{name}` does not say what"))
                .help(format!("write `{name} [self]`, or `{name} [none]`")),
        ),
    }
    Vec::new()
}

fn listed(
    found: &Directive,
    sources: &Value,
    words: &[&str],
    settings: &Settings,
    report: &mut Report,
) -> Vec<String> {
    let ValueKind::List(elements) = &sources.node else {
        return Vec::new();
    };
    let name = found.name.node.as_str();
    // A sandbox's flags are the only words that stand without quotes.
    let quote = if name == "sandbox" { "" } else { "'" };
    let mut written = Vec::new();
    if elements.is_empty() && name != "sandbox" {
        report.add(
            Diagnostic::error(Code::BadValue, found.span, format!("`{name} []` says nothing"))
                .help(format!("write `{name} [none]`, which allows nothing")),
        );
    }
    for element in elements {
        match &element.node {
            ValueKind::Name(word) if words.contains(&word.as_str()) => {
                written.push(format!("{quote}{}{quote}", on_wire(word)));
            }
            ValueKind::Name(word) if !settings.names().any(|known| known == word) => report.add(
                Diagnostic::error(
                    Code::UnknownName,
                    element.span,
                    format!("`{word}` is neither a word of `{name}` nor a setting"),
                )
                .did_you_mean(word, words.iter().copied().chain(settings.names())),
            ),
            _ => {
                let text = settings.text(element, report);
                if let Some(text) = text {
                    source(&text.node, text.span, report);
                    written.push(text.node);
                }
            }
        }
    }
    let none =
        elements.iter().find(|value| matches!(&value.node, ValueKind::Name(n) if n == "none"));
    let other =
        elements.iter().find(|value| !matches!(&value.node, ValueKind::Name(n) if n == "none"));
    if let (Some(none), Some(other)) = (none, other) {
        report.add(
            Diagnostic::error(Code::Conflict, other.span, "`none` leaves no other source")
                .and(none.span, "none by this")
                .help("keep one of them: browsers ignore `none` beside a source"),
        );
    }
    written
}

/// A text that is one source: it ends neither the source, nor the directive, nor the header.
fn source(text: &str, span: Span, report: &mut Report) {
    let ends = |byte: u8| !byte.is_ascii_graphic() || matches!(byte, b';' | b',' | b'"');
    let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    let hash_or_nonce = |text: &str| {
        ["nonce-", "sha256-", "sha384-", "sha512-"].iter().any(|begin| text.starts_with(begin))
    };
    if let Some(inner) = inner
        && !hash_or_nonce(inner)
    {
        report.add(
            Diagnostic::error(Code::BadValue, span, format!("`{text}` is a word, not a text"))
                .help(format!("write `{}`, without quotes", inner.replace('-', "_"))),
        );
    } else if text.is_empty() || text.bytes().any(ends) {
        report.add(
            Diagnostic::error(
                Code::BadValue,
                span,
                format!("`{}` is not one source", text.escape_debug()),
            )
            .help("write each source in quotes of its own: `[\"https://a.example\", \"data:\"]`"),
        );
    }
}
