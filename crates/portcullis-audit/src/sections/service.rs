//! The connection, other origins, headers, errors, and what is fetched: the same on every route.

use portcullis_compiler::plan::{ErrorFormat, HostPattern, Origins, Outbound, RateLimit, Scheme};

use crate::document::{Section, Table, Text};
use crate::subject::{Subject, duration, size};

pub(crate) fn section(subject: &Subject<'_>) -> Section {
    Section::new("service", "Connection, headers and errors")
        .says(Text::said("What holds on every route, and for every answer."))
        .table(transport(subject), "")
        .table(cors(subject), "No `cors`: no page of another origin reads an answer.")
        .table(headers(subject), "")
        .table(errors(subject), "")
        .table(
            outbounds(subject),
            "No `outbound`: the policy lets the service fetch nothing that a client names.",
        )
}

fn transport(subject: &Subject<'_>) -> Table {
    let transport = &subject.plan.transport;
    let places = &transport.places;
    let place = |span| match span {
        Some(span) => Text::default().place(subject.places.place(span)),
        None => Text::said("default"),
    };
    let mut table = Table::new("Connection", &["What", "Which", "Place"]);
    let https = if transport.https { "required" } else { "off: plain HTTP is answered" };
    table.row([Text::said("HTTPS"), Text::said(https), place(places.https)]);
    let hsts = transport.hsts.as_ref().map(|value| Text::default().code(value));
    table.row([
        Text::said("`Strict-Transport-Security`"),
        hsts.unwrap_or_else(|| Text::said("not sent")),
        Text::default(),
    ]);
    let hosts = transport.hosts.as_ref().map(Text::names);
    let hosts = hosts.unwrap_or_else(|| Text::said("any"));
    table.row([Text::said("hosts answered"), hosts, place(places.hosts)]);
    let proxies = transport.proxies.iter();
    let proxies = proxies.map(|network| format!("{}/{}", network.address(), network.prefix()));
    let proxies = Text::names(proxies).or("none: no header is believed about the client");
    table.row([Text::said("proxies believed"), proxies, place(places.proxies)]);
    table.row([
        Text::said("largest body"),
        Text::default().words(size(transport.body_limit)),
        place(places.body_limit),
    ]);
    table
}

fn cors(subject: &Subject<'_>) -> Table {
    let mut table = Table::new("Pages of other origins (CORS)", &["What", "Which", "Place"]);
    let Some(cors) = &subject.plan.cors else { return table };
    let at = |span| Text::default().place(subject.places.place(span));
    let origins = match &cors.origins {
        Origins::Any => Text::said("every origin"),
        Origins::Listed(origins) => Text::names(origins).or("none"),
    };
    table.row([Text::said("origins"), origins, at(cors.places.origins)]);
    table.row([
        Text::said("methods"),
        Text::names(&cors.methods).or("none more"),
        at(cors.places.methods),
    ]);
    table.row([
        Text::said("headers"),
        Text::names(&cors.headers).or("none more"),
        at(cors.places.headers),
    ]);
    let mut row = |what: &'static str, which: Text| {
        table.row([Text::said(what), which, Text::default()]);
    };
    row("headers that a page may read", Text::names(&cors.expose).or("the usual ones"));
    row("cookies go along", Text::said(if cors.credentials { "yes" } else { "no" }));
    let kept = cors.max_age.map(|seconds| Text::default().words(duration(seconds)));
    row("preflights are kept", kept.unwrap_or_else(|| Text::said("as the browser likes")));
    table
}

fn headers(subject: &Subject<'_>) -> Table {
    let headers = &subject.plan.headers;
    let mut table = Table::new("Headers of every answer", &["Header", "Value"]);
    for (name, value) in &headers.lines {
        table.row([Text::default().code(name), Text::default().code(value)]);
    }
    let cached = headers.cache_control.as_ref().map(|value| Text::default().code(value));
    table.row([
        Text::default().code("cache-control"),
        cached.unwrap_or_else(|| {
            Text::said("`no-store` for a known caller and for refusals; else the application's")
        }),
    ]);
    let told = match headers.rate_limit {
        RateLimit::Standard => "`RateLimit` and `RateLimit-Policy`",
        RateLimit::Legacy => "`X-RateLimit-*`",
        RateLimit::Both => "`RateLimit`, `RateLimit-Policy` and `X-RateLimit-*`",
        RateLimit::Off => "nothing is told",
    };
    table.row([Text::said("what is left of budgets"), Text::said(told)]);
    let removed = Text::names(&headers.remove).or("none");
    table.row([Text::said("lines that never leave"), removed]);
    table
}

fn errors(subject: &Subject<'_>) -> Table {
    let errors = &subject.plan.errors;
    let mut table = Table::new("Errors", &["What", "Which"]);
    let format = match errors.format {
        ErrorFormat::Problem => "`problem`: problem documents (RFC 9457)",
        ErrorFormat::Simple => "`simple`: `error`, `details` and `requestId`",
    };
    table.row([Text::said("body"), Text::said(format)]);
    let more = "a 5xx says no more than that it is one; a refusal says its reason and no clause";
    table.row([Text::said("details"), Text::said(more)]);
    for (reason, status) in &errors.statuses {
        table.row([
            Text::default().code(reason.as_str()),
            Text::default().words(format!("{status} instead of {}", reason.status())),
        ]);
    }
    table
}

pub(crate) fn outbounds(subject: &Subject<'_>) -> Table {
    let columns = ["Outbound", "Schemes", "Ports", "Hosts", "Redirects"];
    let mut table = Table::new("Where the service may be made to fetch", &columns);
    for outbound in &subject.plan.outbounds {
        table.row([
            subject.named(&outbound.name, outbound.span),
            Text::names(outbound.schemes.iter().copied().map(Scheme::as_str)),
            Text::names(outbound.ports.iter().map(u16::to_string)),
            hosts(outbound),
            Text::default().words(outbound.redirects.to_string()),
        ]);
    }
    table
}

fn hosts(outbound: &Outbound) -> Text {
    let Some(hosts) = &outbound.hosts else { return Text::said("every public host") };
    Text::names(hosts.iter().map(|host| match host {
        HostPattern::Name(name) => name.clone(),
        HostPattern::Below(name) => format!("*.{name}"),
        HostPattern::Address(address) => address.to_string(),
    }))
}
