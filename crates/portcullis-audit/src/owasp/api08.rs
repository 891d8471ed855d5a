//! API8:2023, security misconfiguration.

use portcullis_compiler::plan::{Cors, Origins};
use portcullis_lint::Owasp;

use super::{Gaps, Item};
use crate::document::{Mark, Table, Text};
use crate::subject::{Subject, size};

pub(super) fn item(subject: &Subject<'_>) -> Item {
    let plan = subject.plan;
    let transport = &plan.transport;
    let mut table = Table::new("API8: what holds on every route", &["What", "Which"]);
    let mut row = |what: &'static str, which: Text| table.row([Text::said(what), which]);
    row("HTTPS", Text::said(if transport.https { "required" } else { "off" }));
    let hsts = transport.hsts.as_ref().map(|value| Text::default().code(value));
    row("`Strict-Transport-Security`", hsts.unwrap_or_else(|| Text::said("not sent")));
    row("hosts", transport.hosts.as_ref().map(Text::names).unwrap_or_else(|| Text::said("any")));
    row("largest body", Text::default().words(size(transport.body_limit)));
    row("origins", plan.cors.as_ref().map_or_else(|| Text::said("none but its own"), origins));
    row(
        "header lines of every answer",
        Text::default().words(plan.headers.lines.len().to_string()),
    );
    row("format of errors", Text::default().code(plan.errors.format.as_str()));
    let cors = plan.cors.as_ref();
    let plain = cors.is_some_and(|cors| match &cors.origins {
        Origins::Any => false,
        Origins::Listed(all) => all.iter().any(|origin| origin.starts_with("http://")),
    });
    let mut gaps = Gaps::default();
    gaps.when(
        !transport.https,
        Mark::Gap,
        "plain HTTP is answered: tokens are sent in the clear, unless something before the service encrypts",
    );
    gaps.when(
        transport.hosts.is_none(),
        Mark::Review,
        "any `Host` is answered: a foreign one ends up in links and caches",
    );
    gaps.when(
        transport.https && transport.hsts.is_none(),
        Mark::Review,
        "no `hsts`: a browser that is sent to plain HTTP first goes there",
    );
    gaps.when(
        cors.is_some_and(|cors| cors.origins == Origins::Any),
        Mark::Review,
        "pages of every origin may read answers",
    );
    gaps.when(plain, Mark::Review, "a page that came over plain HTTP may read answers");
    let does = vec![
        Text::said("headers are hardened on every answer, refusals and errors too"),
        Text::said("a path that is not normal is refused, and none is repaired"),
        Text::said(
            "lines that tell which software answers do not leave; a 5xx says no more than its status",
        ),
        match cors {
            Some(_) => {
                Text::said("pages of other origins are checked before anything is done for them")
            }
            None => Text::said("no page of another origin is granted anything"),
        },
    ];
    Item {
        risk: Owasp::Misconfiguration,
        what: "A setting that is left open, such as plain HTTP, a wildcard origin or an error that tells too \
               much, lets somebody in.",
        does,
        gaps: gaps.0,
        table,
        without: "",
        beyond: Some(
            "How the machine, the TLS endpoint and the libraries are set up, the policy does not know.",
        ),
    }
}

fn origins(cors: &Cors) -> Text {
    let text = match &cors.origins {
        Origins::Any => Text::said("every origin"),
        Origins::Listed(origins) => Text::names(origins).or("none"),
    };
    if cors.credentials { text.words(", with cookies") } else { text }
}
