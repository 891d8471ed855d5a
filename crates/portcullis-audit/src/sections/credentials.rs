//! How callers prove who they are, and stay signed in.

use portcullis_compiler::plan::{
    ClaimType, Credential, CredentialKind, Jwt, Session, SessionVerb, SignatureAlgorithm,
};

use crate::document::{Section, Table, Text};
use crate::subject::{Subject, duration, open, several};

pub(crate) fn section(subject: &Subject<'_>) -> Section {
    let columns =
        ["Credential", "Kind", "Bound to", "Good for", "Taken back", "Says of the caller"];
    let mut credentials = Table::new("Credentials", &columns);
    for (index, credential) in subject.plan.credentials.iter().enumerate() {
        let routes = open(subject.plan);
        let routes = routes.filter(|route| route.access.accepted().contains(&index)).count();
        let kind = match &credential.kind {
            CredentialKind::Jwt(jwt) => {
                let names = jwt.algorithms.iter().copied().map(SignatureAlgorithm::as_str);
                Text::said("JSON Web Token, ").then(Text::names(names))
            }
            CredentialKind::Opaque { prefix } => {
                Text::said("opaque, kept as a hash, begins with ").code(prefix)
            }
        };
        credentials.row([
            subject
                .named(&credential.name, credential.span)
                .words(format!(", on {}", several(routes, "route"))),
            kind,
            bound(credential),
            life(credential),
            taken_back(credential),
            attributes(subject, credential),
        ]);
    }
    let section = Section::new("credentials", "Credentials and sessions")
        .says(Text::said(
            "Keys are never in a policy: the service hands them over, each for one algorithm. The `alg` of a \
             token never chooses. `exp`, `nbf` and `iat` are always checked.",
        ))
        .table(credentials, "The policy has no credentials: nobody can prove who they are.");
    match &subject.plan.session {
        Some(found) => section.table(session(subject, found), ""),
        None => section.says(Text::said("The policy has no `session`: it issues no tokens.")),
    }
}

fn bound(credential: &Credential) -> Text {
    let Some(jwt) = credential.jwt() else {
        return Text::said("the store of the service");
    };
    let text = Text::said("issuer ").code(&jwt.issuer).words(", audience ").code(&jwt.audience);
    match &jwt.token_type {
        Some(kind) => text.words(", type ").code(kind),
        None => text.words(", any type"),
    }
}

fn life(credential: &Credential) -> Text {
    let Some(jwt) = credential.jwt() else {
        return Text::said("until the end that the service gives it, if any");
    };
    let text = Text::said("at most ").words(duration(seconds(jwt.lifetime)));
    match jwt.leeway {
        0 => text.words(", no leeway"),
        leeway => text.words(format!(", leeway {}", duration(seconds(leeway)))),
    }
}

fn taken_back(credential: &Credential) -> Text {
    match credential.jwt() {
        None => Text::said("yes, by the service: the store is asked each time"),
        Some(Jwt { revocable: Some(_), .. }) => {
            Text::said("`revocable`: the store is asked each time")
        }
        Some(_) => Text::said("no: it is good until it expires"),
    }
}

fn attributes(subject: &Subject<'_>, credential: &Credential) -> Text {
    let all = credential.claims.iter().filter_map(|claim| {
        let attribute = subject.plan.caller.get(claim.attribute)?;
        let kind = match &attribute.kind {
            ClaimType::Plain(kind) => subject.kind(kind),
            ClaimType::Role => "role".to_owned(),
            ClaimType::Roles => "[role]".to_owned(),
            ClaimType::Permissions => "permissions".to_owned(),
            ClaimType::Scopes => "scopes".to_owned(),
        };
        let optional = if claim.optional { "?" } else { "" };
        Some(format!("{}: {kind}{optional}", attribute.name))
    });
    Text::names(all).or("nothing")
}

fn session(subject: &Subject<'_>, session: &Session) -> Table {
    let mut table = Table::new("Session", &["What", "Which"]);
    let mut row = |what: &'static str, which: Text| table.row([Text::said(what), which]);
    row("declared at", Text::default().place(subject.places.place(session.span)));
    let access = subject.plan.credentials.get(session.access);
    row(
        "access token",
        access.map_or_else(Text::default, |found| Text::default().code(&found.name)),
    );
    row("refresh token", Text::said("good for ").words(nanos(session.refresh)));
    row(
        "rotation",
        match session.rotation {
            None => Text::said("none: a refresh token stays the same"),
            Some(rotation) if rotation.grace == 0 => {
                Text::said("each use gives the next one; a second use ends the session")
            }
            Some(rotation) => Text::said("each use gives the next one, the same one again within ")
                .words(nanos(rotation.grace))
                .words("; a later use ends the session"),
        },
    );
    row(
        "end",
        match session.at_most {
            None => Text::said("none, while it is used"),
            Some(most) => {
                Text::said("after ").words(nanos(most)).words(", however often it is used")
            }
        },
    );
    row(
        "kept in",
        match &session.cookie {
            None => {
                Text::said("the client: the token is in the answer, and comes as a bearer token")
            }
            Some(cookie) => Text::said("cookie ")
                .code(&cookie.name)
                .words(", path ")
                .code(&cookie.path)
                .words(", ")
                .code("HttpOnly; Secure; SameSite=Strict"),
        },
    );
    for route in open(subject.plan) {
        if let Some((verb, _)) = route.session {
            let verb = match verb {
                SessionVerb::Issues => "issued by",
                SessionVerb::Renews => "renewed by",
                SessionVerb::Ends => "ended by",
            };
            table.row([Text::said(verb), subject.placed(route)]);
        }
    }
    table
}

fn seconds(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(0)
}

/// Of nanoseconds, in which a plan holds the times of a session.
pub(crate) fn nanos(nanos: i64) -> String {
    duration(seconds(nanos / 1_000_000_000))
}
