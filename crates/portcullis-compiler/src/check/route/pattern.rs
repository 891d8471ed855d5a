//! The path and the method of a route.

use portcullis_syntax::{Code, Diagnostic, Span, ast};

use super::super::Report;
use super::inherited::Inherited;
use crate::plan::{Route, Segment};

/// How many parameters one path may have.
const MOST_PARAMETERS: usize = 8;

/// A path's shape: the same for two paths that take the same requests.
pub(super) fn shape(segments: &[Segment]) -> Vec<String> {
    segments
        .iter()
        .map(|segment| match segment {
            Segment::Literal(text) => text.clone(),
            // No literal of a pattern holds a brace.
            Segment::Parameter(_) => "{}".to_owned(),
            Segment::Rest(_) => "{...}".to_owned(),
        })
        .collect()
}

/// The whole path of a route: those of the groups around it, then its own.
pub(super) fn join(
    inherited: &Inherited<'_>,
    found: &ast::Route,
    report: &mut Report,
) -> (String, Vec<Segment>, bool) {
    let mut segments = Vec::new();
    let patterns = inherited.patterns.iter().copied().chain([&found.pattern]);
    let mut text = String::new();
    let mut names: Vec<(&str, Span)> = Vec::new();
    for pattern in patterns {
        if pattern.trailing_slash && !std::ptr::eq(pattern, &found.pattern) {
            report.add(
                Diagnostic::error(Code::BadValue, pattern.span, "a group's path ends without `/`")
                    .help("write it without the last `/`"),
            );
        }
        if !pattern.segments.is_empty() {
            text.push_str(pattern.text.trim_end_matches('/'));
        }
        for segment in &pattern.segments {
            if segments.last().is_some_and(|last| matches!(last, Segment::Rest(_))) {
                report.add(
                    Diagnostic::error(
                        Code::BadValue,
                        pattern.span,
                        "nothing can follow what takes the rest of the path",
                    )
                    .help("let `{…...}` stand last"),
                );
                break;
            }
            let lowered = match segment {
                ast::Segment::Literal(text) => Segment::Literal(text.clone()),
                ast::Segment::Parameter(name) => Segment::Parameter(name.clone()),
                ast::Segment::Rest(name) => Segment::Rest(name.clone()),
                ast::Segment::Wildcard | ast::Segment::Wildcards => {
                    report.add(
                        Diagnostic::error(
                            Code::BadValue,
                            pattern.span,
                            "a route's path has no `*`",
                        )
                        .help("name a parameter: `{id}`, or `{rest...}` for the remainder"),
                    );
                    continue;
                }
            };
            check(&lowered, segment, pattern.span, &mut names, report);
            segments.push(lowered);
        }
    }
    if names.len() > MOST_PARAMETERS {
        report.add(Diagnostic::error(
            Code::TooLarge,
            found.pattern.span,
            format!("a path has at most {MOST_PARAMETERS} parameters"),
        ));
    }
    let trailing_slash = found.pattern.trailing_slash;
    if trailing_slash || segments.is_empty() {
        text.push('/');
    }
    (text, segments, trailing_slash)
}

fn check<'a>(
    lowered: &Segment,
    segment: &'a ast::Segment,
    span: Span,
    names: &mut Vec<(&'a str, Span)>,
    report: &mut Report,
) {
    if matches!(lowered, Segment::Literal(text) if text == "." || text == "..") {
        report.add(Diagnostic::error(
            Code::BadValue,
            span,
            "no request with `.` or `..` as a segment is ever matched",
        ));
    }
    let (ast::Segment::Parameter(name) | ast::Segment::Rest(name)) = segment else {
        return;
    };
    if let Some((_, first)) = names.iter().find(|(known, _)| known == name) {
        report.add(
            Diagnostic::error(Code::Duplicate, span, format!("two parameters are called `{name}`"))
                .label("again here")
                .and(*first, "first here")
                .help("rename one of them"),
        );
    }
    names.push((name, span));
}

/// Checks a pattern after `on` or `except`.
pub(in crate::check) fn well_formed(pattern: &ast::Pattern, report: &mut Report) {
    let last = pattern.segments.len().saturating_sub(1);
    for (index, segment) in pattern.segments.iter().enumerate() {
        match segment {
            ast::Segment::Literal(text) if text == "." || text == ".." => {
                report.add(Diagnostic::error(
                    Code::BadValue,
                    pattern.span,
                    "no request with `.` or `..` as a segment is ever matched",
                ));
            }
            ast::Segment::Rest(_) if index != last => report.add(
                Diagnostic::error(
                    Code::BadValue,
                    pattern.span,
                    "nothing can follow what takes the rest of the path",
                )
                .help("let `{…...}` stand last"),
            ),
            _ => {}
        }
    }
}

/// Whether a pattern after `on` or `except` matches a route: `*` any one segment of it, `**` any
/// number, `{…}` a parameter. A last `**` matches with and without `/` at the end.
pub(in crate::check) fn covers(pattern: &ast::Pattern, route: &Route) -> bool {
    let any_end = matches!(pattern.segments.last(), Some(ast::Segment::Wildcards));
    if !any_end && pattern.trailing_slash != route.trailing_slash {
        return false;
    }
    // Which lengths of the route's path the pattern so far can take.
    let mut reached = vec![false; route.segments.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for wanted in &pattern.segments {
        let mut next = vec![false; reached.len()];
        if matches!(wanted, ast::Segment::Wildcards) {
            let mut any = false;
            for (now, before) in next.iter_mut().zip(&reached) {
                any |= before;
                *now = any;
            }
        } else {
            let steps = reached.iter().zip(&route.segments);
            for (now, (before, segment)) in next.iter_mut().skip(1).zip(steps) {
                *now = *before && takes(wanted, segment);
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

fn takes(wanted: &ast::Segment, segment: &Segment) -> bool {
    match (wanted, segment) {
        (ast::Segment::Literal(wanted), Segment::Literal(text)) => wanted == text,
        (ast::Segment::Wildcard, Segment::Rest(_)) => false,
        (ast::Segment::Wildcard, _)
        | (ast::Segment::Parameter(_), Segment::Parameter(_))
        | (ast::Segment::Rest(_), Segment::Rest(_)) => true,
        _ => false,
    }
}

/// The methods that a route may have.
pub(in crate::check) const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// A method that a route may have.
pub(in crate::check) fn method(name: &ast::Name, report: &mut Report) {
    if !METHODS.contains(&name.node.as_str()) {
        let help = match name.node.as_str() {
            "HEAD" => "a `GET` route answers HEAD too",
            "OPTIONS" => "the engine answers OPTIONS itself",
            _ => "a route's method is GET, POST, PUT, PATCH or DELETE",
        };
        report.add(
            Diagnostic::error(
                Code::BadValue,
                name.span,
                format!("a route cannot have the method `{}`", name.node),
            )
            .help(help)
            .did_you_mean(&name.node, METHODS),
        );
    }
}
