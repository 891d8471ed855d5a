//! Literals, as values of the type that is expected.

use portcullis_syntax::ast::Literal;
use portcullis_syntax::{Code, Diagnostic, Span};

use crate::plan::{Constant, Type};

/// A literal as a value of the type expected, or of its own.
pub(crate) fn constant(
    literal: &Literal,
    expected: Option<&Type>,
    span: Span,
    report: &mut super::super::Report,
) -> Option<(Constant, Type)> {
    let nanos = |seconds: u64| {
        i64::try_from(seconds).ok().and_then(|seconds| seconds.checked_mul(1_000_000_000))
    };
    Some(match literal {
        Literal::Text(text) => match expected {
            Some(Type::Uuid) => match uuid::Uuid::try_parse(text).ok().filter(|_| text.len() == 36)
            {
                Some(uuid) => (Constant::Uuid(uuid.as_u128()), Type::Uuid),
                None => {
                    report.add(
                        Diagnostic::error(
                            Code::BadValue,
                            span,
                            "expected a uuid, found another text",
                        )
                        .help("a uuid looks like `9d3d1f5e-0000-4000-8000-000000000456`"),
                    );
                    return None;
                }
            },
            Some(Type::Url) => match is_url(text) {
                true => (Constant::Text(text.clone()), Type::Url),
                false => {
                    report.add(
                        Diagnostic::error(
                            Code::BadValue,
                            span,
                            "expected a url, found another text",
                        )
                        .help("a url is absolute, as in `https://shop.example/a`"),
                    );
                    return None;
                }
            },
            _ => (Constant::Text(text.clone()), Type::String),
        },
        Literal::Int(int) => match expected {
            Some(Type::Number) => (Constant::Number(*int as f64), Type::Number),
            _ => (Constant::Int(*int), Type::Int),
        },
        Literal::Number(number) => (Constant::Number(*number), Type::Number),
        Literal::Bool(value) => (Constant::Bool(*value), Type::Bool),
        Literal::Time(nanos) => (Constant::Time(*nanos), Type::Time),
        Literal::Duration(seconds) => match nanos(*seconds) {
            Some(nanos) => (Constant::Duration(nanos), Type::Duration),
            None => {
                report.add(Diagnostic::error(Code::BadValue, span, "the duration is too long"));
                return None;
            }
        },
        Literal::Ip(address) => (Constant::Ip(address.to_canonical()), Type::Ip),
        Literal::Network(network) => (Constant::Network(*network), Type::Network),
        Literal::Size(_) | Literal::Range(_) => {
            report.add(Diagnostic::error(
                Code::TypeMismatch,
                span,
                "neither a size nor a range is a value of a condition",
            ));
            return None;
        }
    })
}

/// Absolute and with a host, as the URL standard reads it.
fn is_url(text: &str) -> bool {
    text.len() <= LONGEST_URL && url::Url::parse(text).is_ok_and(|url| url.has_host())
}

/// The longest `url`, in bytes.
const LONGEST_URL: usize = 2048;
