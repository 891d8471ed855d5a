//! What was decided, stage by stage, in words.

use portcullis::Reason;
use portcullis_reference::trace::{Clause, Decided, Event, Outcome, Part, Stage, Trace};
use portcullis_syntax::Span;

use super::report::{Mark, StageTold, State, Step};
use super::who::quoted;
use super::why::{Words, long};

/// The stages of a trace; `refused` at the last that was reached.
pub(super) fn stages(trace: &Trace, refused: bool, words: &Words<'_>) -> Vec<StageTold> {
    let mut stages: Vec<StageTold> = Stage::ALL
        .into_iter()
        .map(|stage| StageTold { stage, state: State::NotReached, steps: Vec::new() })
        .collect();
    let mut reading = Reading { words, row: None, good: Vec::new(), unmet: Vec::new() };
    let mut at = None;
    for event in &trace.events {
        match event {
            Event::Entered(stage) => {
                if let Some(told) = stages.iter_mut().find(|told| Some(told.stage) == at) {
                    reading.flush(&mut told.steps);
                    told.state = State::Passed;
                }
                at = Some(*stage);
                reading.row = None;
            }
            Event::Row(row) => reading.row = Some(*row),
            Event::Decided(decided) => {
                if let Some(told) = stages.iter_mut().find(|told| Some(told.stage) == at) {
                    reading.step(decided, &mut told.steps);
                }
            }
        }
    }
    if let Some(told) = stages.iter_mut().find(|told| Some(told.stage) == at) {
        reading.flush(&mut told.steps);
        told.state = if refused { State::Refused } else { State::Passed };
    }
    stages
}

struct Reading<'a> {
    words: &'a Words<'a>,
    row: Option<usize>,
    /// The fields that are as declared; they are said in one line.
    good: Vec<String>,
    /// The fields whose constraints have been said not to be fulfilled.
    unmet: Vec<String>,
}

impl Reading<'_> {
    fn flush(&mut self, steps: &mut Vec<Step>) {
        if !self.good.is_empty() {
            let names = quoted(self.good.iter().map(String::as_str));
            let text = format!("as declared: {names}");
            steps.push(Step { mark: Mark::Good, text, span: None, details: Vec::new() });
            self.good.clear();
        }
    }

    fn step(&mut self, decided: &Decided, steps: &mut Vec<Step>) {
        match (&decided.clause, decided.outcome) {
            (Clause::Field { at }, Outcome::Held) => {
                self.good.push(at.clone());
                return;
            }
            // What is not there, or has nothing to choose from, is not worth a line.
            (Clause::Field { .. }, Outcome::Absent) | (Clause::BodySize, Outcome::Held) => return,
            (Clause::Limit, Outcome::Held) if decided.branches.is_empty() => return,
            // What is wrong with it has been said by its constraints.
            (Clause::Field { at }, _) if self.unmet.contains(at) => return,
            (Clause::Constraint { at } | Clause::Settable { at } | Clause::Check { at }, found)
                if found != Outcome::Held =>
            {
                self.good.retain(|name| name != at);
                self.unmet.push(at.clone());
            }
            _ => {}
        }
        if !matches!(decided.clause, Clause::Settable { .. } | Clause::Check { .. }) {
            let is_field = matches!(
                decided.clause,
                Clause::Constraint { .. } | Clause::Field { .. } | Clause::Rules { .. }
            );
            if !is_field {
                self.flush(steps);
            }
        }
        let row = self.row.map_or(String::new(), |row| format!("row {}: ", row + 1));
        let text = format!("{row}{}", self.text(decided));
        let row = self.row.unwrap_or(0);
        let asks_permissions = matches!(decided.clause, Clause::Needs);
        let mut details = Vec::new();
        if !asks_permissions {
            details.extend(self.words.why(&decided.branches, row));
        }
        if matches!(decided.outcome, Outcome::NotHeld | Outcome::Fault)
            || matches!(decided.clause, Clause::Budget { .. })
        {
            let read = self.words.reads(&decided.reads, row);
            let key = matches!(decided.clause, Clause::Budget { .. });
            details.extend((!read.is_empty()).then(|| {
                format!("{}{}", if key { "counted where " } else { "" }, read.join(" and "))
            }));
        }
        steps.push(Step { mark: mark(decided, self.row), text, span: decided.span, details });
    }

    /// What was asked and what came of it.
    fn text(&self, decided: &Decided) -> String {
        let outcome = decided.outcome;
        let held = outcome == Outcome::Held;
        let written = decided.span.map(|span| self.words.text(span));
        let clause = written.as_deref().unwrap_or("");
        let or = |yes: &str, no: &str| if held { yes.to_owned() } else { no.to_owned() };
        let of = |what: &str| format!("`{clause}`: {what}");
        match &decided.clause {
            Clause::WellFormed(part) => malformed(*part).to_owned(),
            Clause::Https => match (written.is_some(), held) {
                (_, true) if clause.starts_with("https off") => of("HTTP and HTTPS alike"),
                (true, _) => of(&or("it came over HTTPS", "it came over plain HTTP")),
                (false, true) => "it came over HTTPS".to_owned(),
                (false, false) => "it came over plain HTTP, and `https` is required where a \
                                   policy says nothing else"
                    .to_owned(),
            },
            Clause::Hosts if written.is_none() => "any host is answered".to_owned(),
            Clause::Hosts => {
                let host = self.words.asked.header("host").unwrap_or("");
                of(&or(&format!("`{host}` is one"), &format!("`{host}` is none of these")))
            }
            Clause::Origins => {
                let page = self.words.asked.header("origin").unwrap_or("");
                let no = format!("`{page}` is neither one of these nor the service's own");
                let yes = format!("`{page}` is one of these, or the service's own");
                format!("`origins {clause}`: {}", or(&yes, &no))
            }
            Clause::Preflight => {
                of(&or("it grants what the page announces", "it does not grant it"))
            }
            Clause::Route => match (held, decided.against) {
                (true, _) => format!("`route {}` takes it", self.route(decided.span, clause)),
                (false, Some(Reason::MethodNotAllowed)) => {
                    "routes have this path, none with this method".to_owned()
                }
                _ => "no route has this path".to_owned(),
            },
            Clause::Retired => of("the route is there no longer"),
            Clause::Credential => of(&self.credential(decided)),
            Clause::Needs => {
                let needs = if clause.starts_with("needs") { "" } else { "needs " };
                format!("`{needs}{clause}`: {}", or("the caller has it", "the caller lacks it"))
            }
            Clause::Scopes => "the caller's credential has scopes, and such a caller comes only \
                               where `needs`, `signed_in` or `public` stands"
                .to_owned(),
            Clause::Deny => of(match outcome {
                Outcome::Held => "it holds, so it refuses",
                Outcome::Fault => "it cannot be decided",
                _ => "it does not hold",
            }),
            Clause::Visible => of(match outcome {
                Outcome::NotHeld => "it does not hold, so the object looks missing",
                Outcome::Fault => "it cannot be decided",
                _ => "it holds",
            }),
            Clause::Require | Clause::Allow => of(holds(outcome)),
            Clause::Settable { at } => {
                format!("field `{at}`, `{clause}`: {}", holds(outcome))
            }
            Clause::Check { .. } => of(holds(outcome)),
            Clause::Limit => of(&or("it fits", "it does not fit")),
            Clause::Budget { name, units } => budget(&self.budget(name), *units, outcome),
            Clause::BodySize => match written {
                Some(_) => of("the body is larger"),
                None => {
                    "the body is larger than 64 KiB, the limit where a policy says none".to_owned()
                }
            },
            Clause::Body => of(match (held, decided.against) {
                (true, _) => "the body is of this kind",
                (false, Some(Reason::InvalidInput)) => "the body cannot be read as this",
                (false, _) => "the route takes no such body",
            }),
            Clause::Query => of("the query string cannot be read"),
            Clause::Field { at } => format!("field `{at}` is not as declared: `{clause}`"),
            Clause::Constraint { at } => format!("field `{at}` does not fulfil `{clause}`"),
            Clause::Rules { at } if at.is_empty() => of("not fulfilled"),
            Clause::Rules { at } => format!("field `{at}`, `{clause}`: not fulfilled"),
            Clause::Loads { resource } => of(&match outcome {
                Outcome::Held => format!("the `{resource}` is there"),
                Outcome::Absent => format!("there is no such `{resource}`"),
                _ => {
                    format!("the `{resource}` that is given has another key than the one asked for")
                }
            }),
            Clause::Creates { resource } => {
                of(&or("one is made", &format!("no `{resource}` was given")))
            }
            Clause::Lists { .. } => of(&or("there are no more rows", "there are more rows")),
            Clause::Returns => of(&or("this is shown", "it does not fit")),
            Clause::View => format!("`{}` is shown", clause.split(" {").next().unwrap_or(clause)),
        }
    }

    /// A route with its whole pattern, of which groups have a part.
    fn route(&self, span: Option<Span>, clause: &str) -> String {
        let mut routes = self.words.plan.routes.iter();
        let holds = |outer: Span, inner: Span| {
            outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
        };
        match routes.find(|route| span.is_some_and(|span| holds(route.span, span))) {
            Some(route) => format!("{} {}", route.method, route.pattern),
            None => clause.to_owned(),
        }
    }

    /// A budget with its limit, where it has one.
    fn budget(&self, name: &str) -> String {
        let known = self.words.plan.budgets.iter().find(|known| known.name == name);
        match known.map(|budget| budget.limits.as_slice()) {
            Some([limit]) => {
                let period = i128::try_from(limit.period.as_nanos()).unwrap_or(i128::MAX);
                format!("`{name}`, of {} per {},", limit.units, long(period))
            }
            _ => format!("`{name}`"),
        }
    }

    fn credential(&self, decided: &Decided) -> String {
        let said = match (decided.outcome, decided.against) {
            (Outcome::Held, _) => "the caller is known",
            (Outcome::Absent, _) => "nobody need say who they are",
            (_, Some(Reason::MissingCredential)) => "no credential came",
            (_, Some(Reason::InvalidCredential))
                if self.words.who.is_nobody()
                    && self.words.asked.header("authorization").is_some() =>
            {
                "a token came, which is not verified here"
            }
            (_, Some(Reason::ExpiredCredential)) => "the credential has expired",
            (_, Some(Reason::RevokedCredential)) => "the credential was taken back",
            (_, Some(Reason::StoreUnavailable)) => "the store could not be asked",
            _ => "what came is no credential that it takes",
        };
        said.to_owned()
    }
}

fn holds(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Held => "it holds",
        Outcome::Fault => "it cannot be decided",
        _ => "it does not hold",
    }
}

fn budget(name: &str, units: i128, outcome: Outcome) -> String {
    let unit = if units == 1 { "1 unit" } else { &format!("{units} units") };
    match outcome {
        Outcome::Drained { wait } => {
            format!("budget {name} is drained: it has {unit} again in {}", long(wait))
        }
        Outcome::Uncharged => {
            format!("budget {name} has {unit} and is not charged, since another is drained")
        }
        Outcome::Refunded => format!("budget {name} gets {unit} back"),
        Outcome::Unavailable => format!("budget {name} cannot be asked: the store is away"),
        Outcome::Fault => format!("budget {name} cannot be counted: its key could not be read"),
        _ => format!("budget {name} is charged {unit}"),
    }
}

/// What of a request is not as a correct client sends it.
pub(super) fn malformed(part: Part) -> &'static str {
    match part {
        Part::Proxies => "what the proxies say of the client contradicts itself or cannot be read",
        Part::Target => {
            "the path or the query is not written in the one normal way: no `//`, `.`, `..` or `;`, \
             percent signs before two digits, no `%2F`"
        }
        Part::Host => "there must be one `Host`, with a name that can be one",
        Part::Method => "the method is no word",
        Part::Headers => "a header that may come once came more often",
        Part::Preflight => "what the preflight announces cannot be read",
    }
}

fn mark(decided: &Decided, row: Option<usize>) -> Mark {
    match (decided.against, decided.outcome, &decided.clause) {
        // What a row has against it leaves the row out, and refuses nothing.
        (Some(reason), ..) if row.is_none() || reason == Reason::ServiceFault => Mark::Bad,
        (Some(_), ..) => Mark::Plain,
        (None, Outcome::NotHeld, Clause::Deny) => Mark::Good,
        (None, Outcome::NotHeld | Outcome::Uncharged | Outcome::Absent, _) => Mark::Plain,
        _ => Mark::Good,
    }
}
