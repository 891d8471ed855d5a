//! What would have admitted a request that was refused.

use portcullis::{Reason, Refusal};
use portcullis_compiler::plan::{ClaimType, Plan};
use portcullis_reference::trace::{Clause, Decided, Event, Outcome, Trace};
use portcullis_syntax::diagnostic::nearest;

use super::report::Advice;
use super::who::{granted, quoted};
use super::why::{Words, long};

/// What a refused request would have needed.
pub(super) struct Mend<'a> {
    pub(super) plan: &'a Plan,
    pub(super) words: &'a Words<'a>,
    /// What the engine said.
    pub(super) refusal: Option<&'a Refusal>,
    /// The methods that the path has.
    pub(super) allow: Option<&'a str>,
}

impl Mend<'_> {
    /// Of a trace that ends in a refusal.
    pub(super) fn of(&self, reason: Reason, trace: &Trace) -> Vec<Advice> {
        let against = last_stage(trace);
        let against = || against.iter().copied();
        match reason {
            Reason::MalformedRequest => vec![Advice::new("a request as a correct client sends it")],
            Reason::InsecureTransport => {
                vec![Advice::new("the same request over HTTPS").at(place(against(), reason))]
            }
            Reason::UnknownHost => {
                let hosts = self.plan.transport.hosts.as_deref().unwrap_or_default();
                let hosts = quoted(hosts.iter().map(String::as_str));
                vec![
                    Advice::new(format!("a `Host` of these: {hosts}")).at(place(against(), reason)),
                ]
            }
            Reason::ForbiddenOrigin => {
                let text = "a page of an origin that `cors` names, which asks for a method and for \
                            headers that it names; or no page at all";
                vec![Advice::new(text).at(place(against(), reason))]
            }
            Reason::UnknownRoute => vec![self.nearest_route()],
            Reason::MethodNotAllowed => {
                let methods = self.allow.unwrap_or("").split(", ");
                vec![Advice::new(format!("one of the methods {}", quoted(methods)))]
            }
            Reason::Retired => vec![Advice::new("nothing: the route answers nobody any more")],
            Reason::MissingCredential => self.credential("a credential"),
            Reason::InvalidCredential => self.credential("a credential that is good"),
            Reason::ExpiredCredential => self.credential("a credential that has not expired"),
            Reason::RevokedCredential => self.credential("a credential that nobody took back"),
            Reason::MissingPermission => self.permissions(against()),
            Reason::BodyTooLarge => {
                let limit = self.plan.transport.body_limit;
                let text = format!(
                    "a body of no more than {limit} bytes, or of the `max` of the route's `body raw`"
                );
                vec![Advice::new(text).at(place(against(), reason))]
            }
            Reason::UnsupportedMediaType => self.media_type(against()),
            Reason::InvalidInput => self.input(against()),
            Reason::NotFound => self.not_found(against()),
            Reason::Forbidden | Reason::Conflict | Reason::StepUp => self.conditions(against()),
            Reason::ServiceFault => self.service(against()),
            Reason::OverBudget => against().filter_map(drained).collect(),
            Reason::StoreUnavailable => vec![Advice::new("a store that can be reached")],
        }
    }

    fn nearest_route(&self) -> Advice {
        let line = &self.words.asked.line;
        let known = self.plan.routes.iter();
        let known: Vec<String> =
            known.map(|route| format!("{} {}", route.method, route.pattern)).collect();
        match nearest(line, known.iter().map(String::as_str)) {
            Some(near) => Advice::new(format!("a path that a route has; `{near}` is near")),
            None => Advice::new("a path that a route has")
                .with(known.iter().map(|route| format!("`{route}`")).collect()),
        }
    }

    /// A credential of those that the route accepts.
    fn credential(&self, what: &str) -> Vec<Advice> {
        let exchange = &self.words.asked.exchange;
        let found = portcullis::find_route(self.plan, &exchange.method, &exchange.target);
        let Some(found) = found else { return vec![Advice::new(what)] };
        let accepted: Vec<&str> = found
            .route
            .access
            .accepted()
            .iter()
            .filter_map(|index| self.plan.credentials.get(*index))
            .map(|credential| credential.name.as_str())
            .collect();
        let session = self.plan.session.as_ref().filter(|_| found.route.session.is_some());
        let access = session.and_then(|session| self.plan.credentials.get(session.access));
        let text = match accepted.is_empty() {
            true => format!("{what}: the refresh token of a session"),
            false => format!("{what}, of {}", quoted(accepted.iter().copied())),
        };
        let (mut example, first) = (Vec::new(), accepted.first());
        let mut known = self.plan.credentials.iter();
        let credential = known.find(|known| Some(&known.name.as_str()) == first).or(access);
        for claim in credential.into_iter().flat_map(|known| &known.claims) {
            let Some(attribute) = self.plan.caller.get(claim.attribute) else { continue };
            match attribute.kind {
                ClaimType::Role => example.push(format!("{}: ROLE", attribute.name)),
                ClaimType::Roles => example.push(format!("{}: [ROLE]", attribute.name)),
                ClaimType::Plain(_) if !claim.optional => {
                    example.push(format!("{}: \"…\"", attribute.name));
                }
                _ => {}
            }
        }
        let hint = format!("here: `--caller '{}'`", example.join("  "));
        vec![Advice::new(text).at(found.route.accept).with(vec![hint])]
    }

    fn permissions<'d>(&self, against: impl Iterator<Item = &'d Decided>) -> Vec<Advice> {
        let who = self.words.who;
        let mut advice = Vec::new();
        for decided in against.filter(|decided| decided.against == Some(Reason::MissingPermission))
        {
            if decided.clause == Clause::Scopes {
                let text = "a caller whose credential has no scopes, or a route that says what it \
                            `needs`";
                advice.push(Advice::new(text).at(decided.span));
                continue;
            }
            let names: Vec<String> =
                decided.branches.iter().map(|branch| self.words.text(branch.span)).collect();
            let what = match names.as_slice() {
                [one] => format!("the permission `{one}`"),
                several => {
                    format!("one of the permissions {}", quoted(several.iter().map(String::as_str)))
                }
            };
            let mut details: Vec<String> = names.iter().map(|name| self.granted(name)).collect();
            details.push(format!("the caller {}", who.permissions_in_words()));
            advice.push(Advice::new(what).at(decided.span).with(details));
        }
        advice
    }

    fn granted(&self, permission: &str) -> String {
        let who = self.words.who;
        if who.role_grants(permission) {
            return format!(
                "the caller's role grants `{permission}`, and its scopes do not name it"
            );
        }
        granted(self.plan, permission)
    }

    fn media_type<'d>(&self, mut against: impl Iterator<Item = &'d Decided>) -> Vec<Advice> {
        let sent = self.words.asked.header("content-type");
        let sent = sent.map_or("it came without a `Content-Type`".to_owned(), |kind| {
            format!("its `Content-Type` is `{kind}`")
        });
        let of = against.find(|decided| decided.against == Some(Reason::UnsupportedMediaType));
        let span = of.and_then(|decided| decided.span);
        let clause = span.map(|span| self.words.text(span)).unwrap_or_default();
        let what = if clause.starts_with("body form") {
            "a body of `application/x-www-form-urlencoded`, in no content coding"
        } else if clause.starts_with("body raw") {
            "a body of the media types that the route takes, in no content coding"
        } else if clause.starts_with("body") {
            "a body of `application/json`, in no content coding"
        } else {
            "no body: the route takes none"
        };
        vec![Advice::new(what).at(span).with(vec![sent])]
    }

    /// The faults by the engine's own messages, each at its field.
    fn input<'d>(&self, against: impl Iterator<Item = &'d Decided>) -> Vec<Advice> {
        let against: Vec<&Decided> = against.collect();
        let faults = self.refusal.map(Refusal::faults).unwrap_or_default();
        let each = faults.iter().map(|fault| {
            let of =
                against.iter().filter(|decided| at(&decided.clause) == Some(fault.field.as_str()));
            let of: Vec<_> = of.collect();
            let span = of.first().and_then(|decided| decided.span);
            let what = match fault.field.as_str() {
                "" => fault.message.clone(),
                field => format!("`{field}`: {}", fault.message),
            };
            let conditions = of.iter().flat_map(|decided| self.words.why(&decided.branches, 0));
            Advice::new(what).at(span).with(conditions.collect())
        });
        each.collect()
    }

    fn not_found<'d>(&self, against: impl Iterator<Item = &'d Decided>) -> Vec<Advice> {
        let missing: Vec<&Decided> = against.collect();
        let mut advice: Vec<Advice> = Vec::new();
        for decided in &missing {
            if let (Clause::Loads { resource }, Outcome::Absent) =
                (&decided.clause, decided.outcome)
            {
                let text = format!(
                    "an object `{resource}` that is there, under the key that is asked for"
                );
                advice.push(Advice::new(text).at(decided.span));
            }
        }
        advice.extend(self.conditions(missing.into_iter()));
        advice
    }

    /// The conditions that stood against the request.
    fn conditions<'d>(&self, against: impl Iterator<Item = &'d Decided>) -> Vec<Advice> {
        let mut advice = Vec::new();
        let mut allows = Vec::new();
        for decided in against {
            let why = self.words.why(&decided.branches, 0);
            let Some(span) = decided.span else { continue };
            let clause = self.words.text(span);
            let text = match decided.clause {
                Clause::Allow => {
                    allows.push((Advice::new(format!("`{clause}`")).at(span), why));
                    continue;
                }
                Clause::Deny => format!("`{clause}` not to hold"),
                Clause::Require | Clause::Visible => format!("`{clause}` to hold"),
                _ => continue,
            };
            advice.push(Advice::new(text).at(span).with(why));
        }
        if allows.len() > 1 {
            advice.push(Advice::new("one of these to hold:"));
        }
        let many = allows.len() > 1;
        advice.extend(allows.into_iter().map(|(mut allow, why)| {
            allow.text.push_str(if many { "" } else { " to hold" });
            allow.with(why)
        }));
        advice
    }

    fn service<'d>(&self, against: impl Iterator<Item = &'d Decided>) -> Vec<Advice> {
        let text = "a service that hands over what the policy says it does: the object that was asked \
                    for, with every attribute of its type, and no more rows than `max`";
        let place = place(against, Reason::ServiceFault);
        vec![Advice::new(text).at(place)]
    }
}

/// What the last stage of a trace has against the request.
pub(super) fn last_stage(trace: &Trace) -> Vec<&Decided> {
    let from = trace.events.iter().rposition(|event| matches!(event, Event::Entered(_)));
    let last = trace.events.iter().skip(from.unwrap_or(0));
    let mut of_row = false;
    last.filter_map(|event| match event {
        Event::Decided(decided) => {
            let counts = !of_row || decided.against == Some(Reason::ServiceFault);
            (decided.against.is_some() && counts).then_some(decided)
        }
        Event::Row(_) => {
            of_row = true;
            None
        }
        Event::Entered(_) => None,
    })
    .collect()
}

fn place<'d>(
    against: impl Iterator<Item = &'d Decided>,
    reason: Reason,
) -> Option<portcullis_syntax::Span> {
    let mut against = against;
    against.find(|decided| decided.against == Some(reason)).and_then(|decided| decided.span)
}

fn drained(decided: &Decided) -> Option<Advice> {
    match (&decided.clause, decided.outcome) {
        (Clause::Budget { name, .. }, Outcome::Drained { wait }) => {
            let text = format!("to come {} later, when `{name}` has units again", long(wait));
            Some(Advice::new(text).at(decided.span))
        }
        _ => None,
    }
}

/// The field that a clause is about.
fn at(clause: &Clause) -> Option<&str> {
    match clause {
        Clause::Body | Clause::Query => Some(""),
        Clause::Field { at }
        | Clause::Constraint { at }
        | Clause::Rules { at }
        | Clause::Settable { at }
        | Clause::Check { at } => Some(at),
        _ => None,
    }
}
