//! API2:2023, broken authentication.

use portcullis_compiler::plan::{Access, Jwt, Route, SessionVerb};
use portcullis_lint::Owasp;
use portcullis_lint::ownership::{Key, charges};

use super::{Gaps, Item, counted, routes};
use crate::document::{Mark, Table, Text};
use crate::sections::budgets;
use crate::subject::{Subject, open};

/// A token that is good for longer is one that a thief can use for long.
const LONG: i64 = 3_600;

pub(super) fn item(subject: &Subject<'_>) -> Item {
    let plan = subject.plan;
    let mut table = Table::new(
        "API2: routes and credentials",
        &["Route", "Credential", "Scopes", "Session", "Counted by"],
    );
    for route in open(plan) {
        let accepted = route.access.accepted().iter();
        let accepted = accepted.filter_map(|index| plan.credentials.get(*index));
        let accepted = Text::names(accepted.map(|found| found.name.as_str()));
        let credential = match route.access {
            Access::Public => Text::said("none: `public`"),
            Access::Optional(_) => accepted.words(", where one is sent"),
            Access::Credential(_) => accepted,
        };
        let scopes = match (&route.access, route.takes_scopes) {
            (Access::Public, _) => "not looked at",
            (_, true) => "narrow",
            (_, false) => "refused",
        };
        let session = route.session_verb().map_or("", SessionVerb::as_str);
        let keys = charges(route).filter(|charge| !charge.key.is_empty());
        let keys = keys.map(|charge| budgets::key(subject, route, charge));
        table.row([
            subject.route(route),
            credential,
            Text::said(scopes),
            Text::default().words(session),
            Text::lines(keys).or("nobody in particular"),
        ]);
    }
    let jwts = || plan.credentials.iter().filter_map(|found| Some((found, found.jwt()?)));
    let asks = open(plan).filter(|route| matches!(route.access, Access::Credential(_)));
    let does = [
        counted(asks.count(), "route", "a credential is asked for"),
        counted(
            jwts().count(),
            "kind of token",
            "issuer, audience, algorithms and lifetime are pinned, and the key chooses the algorithm, not the token",
        ),
        counted(
            jwts().filter(|(_, jwt)| jwt.revocable.is_some()).count(),
            "kind of token",
            "it can be taken back before it expires",
        ),
        counted(
            plan.credentials.len() - jwts().count(),
            "kind of token",
            "it is random, kept as a hash, and looked up each time",
        ),
        plan.session.as_ref().and_then(|session| session.rotation).map(|_| {
            Text::said("refresh tokens rotate: one that comes again later ends its session")
        }),
    ];
    let named = |is: fn(&Jwt) -> bool| {
        let found = jwts().filter(move |(_, jwt)| is(jwt));
        found.map(|(found, _)| subject.named(&found.name, found.span)).collect::<Vec<_>>()
    };
    let signs_in = |route: &&Route| route.session_verb() == Some(SessionVerb::Issues);
    let renews = |route: &&Route| route.session_verb() == Some(SessionVerb::Renews);
    let mut gaps = Gaps::default();
    gaps.at(
        Mark::Gap,
        "who signs in is not counted by the account alone, by a field that names it: one account can be guessed \
         at from many places",
        routes(subject, open(plan).filter(signs_in).filter(|route| !counted_by(route, |key| key.is_of_account(route)))),
    );
    gaps.at(
        Mark::Gap,
        "who signs in is not counted by address: one client can try many accounts",
        routes(
            subject,
            open(plan).filter(signs_in).filter(|route| !counted_by(route, Key::is_of_address)),
        ),
    );
    gaps.at(
        Mark::Gap,
        "refresh tokens can be tried without a budget by address",
        routes(
            subject,
            open(plan).filter(renews).filter(|route| !counted_by(route, Key::is_of_address)),
        ),
    );
    gaps.at(
        Mark::Gap,
        "a stolen token is good until it expires: it is not `revocable`",
        named(|jwt| jwt.revocable.is_none()),
    );
    gaps.at(
        Mark::Review,
        "a token may live for more than an hour",
        named(|jwt| jwt.lifetime > LONG),
    );
    gaps.at(
        Mark::Review,
        "no `type` is asked for: where one issuer signs several kinds of token, one passes for another",
        named(|jwt| jwt.token_type.is_none()),
    );
    gaps.at(
        Mark::Review,
        "signed with a shared secret: whoever can verify a token can make one",
        named(|jwt| jwt.algorithms.iter().any(|found| found.as_str().starts_with("HS"))),
    );
    if let Some(session) = &plan.session {
        gaps.when(
            session.rotation.is_none(),
            Mark::Gap,
            "refresh tokens do not rotate: one that is stolen is used unnoticed",
        );
        gaps.when(
            session.at_most.is_none(),
            Mark::Review,
            "a session that is used never ends: no `at most` stands in `refresh`",
        );
        gaps.when(
            session.cookie.is_none(),
            Mark::Review,
            "clients keep refresh tokens themselves: there is no `cookie`",
        );
    }
    Item {
        risk: Owasp::Authentication,
        what: "Somebody is taken for somebody else: by a token that is forged, stolen or too long good, or \
               by a password that is guessed.",
        does: does.into_iter().flatten().collect(),
        gaps: gaps.0,
        table,
        without: "The policy has no routes that answer.",
        beyond: Some(
            "How passwords are kept and checked, and which routes beside those with `issues session` let \
             somebody in (sign-up, reset), the policy does not know.",
        ),
    }
}

/// Whether some budget of a route counts like that.
fn counted_by(route: &Route, counts: impl Fn(Key) -> bool) -> bool {
    charges(route).any(|charge| counts(Key::of(route, charge)))
}
