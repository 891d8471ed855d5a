//! What a record says of a policy.

use portcullis::Reason;
use portcullis_compiler::plan::{Allow, Budget, Plan, Route, Stage as PlanStage, StageChecks};
use portcullis_reference::trace::Stage;
use portcullis_syntax::{Sources, Span};

use super::super::report::{Advice, Decision, Mark, Report, StageTold, State, Step};
use super::super::who::{granted, quoted};
use super::super::why::{long, text};
use super::{Record, Recorded};

pub(super) struct Told<'a> {
    pub(super) record: &'a Record,
    pub(super) plan: &'a Plan,
    pub(super) sources: &'a Sources,
}

impl Told<'_> {
    pub(super) fn report(&self) -> Report {
        let record = self.record;
        let found = record.clause.as_ref().map(|clause| (clause, self.find(clause)));
        let span = found.as_ref().and_then(|(_, span)| *span);
        let stage = self.stage(span);
        let mut notes = self.notes();
        if let Some((clause, None)) = &found {
            notes.push(format!(
                "the record names `{}` at {}, which this policy does not have there: it has changed since",
                clause.text.escape_debug(),
                clause.place.escape_debug()
            ));
        }
        let stages = Stage::ALL.into_iter().map(|each| {
            let state = match stage {
                None => State::Unknown,
                Some(at) if each < at => State::Passed,
                Some(at) if each == at => State::Refused,
                Some(_) => State::NotReached,
            };
            let steps = match (state, span) {
                (State::Refused, Some(span)) => vec![Step {
                    mark: Mark::Bad,
                    text: format!("`{}` decided", text(self.sources, span)),
                    span: Some(span),
                    details: Vec::new(),
                }],
                _ => Vec::new(),
            };
            StageTold { stage: each, state, steps }
        });
        Report {
            subject: record.subject(),
            profile: self.plan.profile.clone(),
            stages: stages.collect(),
            decision: Decision::Refused { reason: record.reason, status: record.status, stage },
            clause: span.map(|span| (span, format!("{}, by this", record.reason))),
            mend: self.mend(span),
            notes,
        }
    }

    /// Where the policy has the clause: at the bytes that the record names, in a file of that name.
    fn find(&self, clause: &Recorded) -> Option<Span> {
        let file = clause.place.rsplitn(3, ':').nth(2).unwrap_or("");
        let last = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or("").to_owned();
        let named = self.sources.iter().filter(|(_, source)| last(&source.name) == last(file));
        let mut spans =
            named.map(|(id, _)| Span { file: id, start: clause.start, end: clause.end });
        spans.find(|span| span.start < span.end && self.sources.slice(*span) == clause.text)
    }

    fn checks(&self) -> Vec<(Stage, &StageChecks)> {
        let route = self.route().into_iter().flat_map(|route| route.stages());
        let route = route.map(|(stage, checks)| (of_plan(stage), checks));
        let name = self.record.action.as_ref();
        let action = self.plan.actions.iter().find(|action| Some(&action.name) == name);
        let action = action
            .into_iter()
            .flat_map(|action| [(Stage::Caller, &action.caller), (Stage::Object, &action.object)]);
        route.chain(action).collect()
    }

    fn route(&self) -> Option<&Route> {
        let (method, pattern) = (self.record.method.as_ref()?, self.record.route.as_ref()?);
        let mut routes = self.plan.routes.iter();
        routes.find(|route| route.method == *method && route.pattern == *pattern)
    }

    /// At which stage it was refused, where the reason or the clause tells.
    fn stage(&self, span: Option<Span>) -> Option<Stage> {
        let by_clause = || {
            let span = span?;
            self.checks().into_iter().find(|(_, checks)| has(checks, span)).map(|(stage, _)| stage)
        };
        match self.record.reason {
            Reason::MalformedRequest
            | Reason::InsecureTransport
            | Reason::UnknownHost
            | Reason::ForbiddenOrigin
            | Reason::UnknownRoute
            | Reason::MethodNotAllowed
            | Reason::Retired => Some(Stage::Transport),
            Reason::MissingCredential
            | Reason::InvalidCredential
            | Reason::ExpiredCredential
            | Reason::RevokedCredential
            | Reason::MissingPermission => Some(Stage::Caller),
            Reason::BodyTooLarge | Reason::UnsupportedMediaType | Reason::InvalidInput => {
                Some(Stage::Input)
            }
            Reason::NotFound => by_clause().or(Some(Stage::Object)),
            Reason::ServiceFault
            | Reason::Forbidden
            | Reason::Conflict
            | Reason::StepUp
            | Reason::OverBudget
            | Reason::StoreUnavailable => by_clause(),
        }
    }

    fn mend(&self, span: Option<Span>) -> Vec<Advice> {
        let Some(span) = span else { return Vec::new() };
        let clause = text(self.sources, span);
        let checks = self.checks();
        let allows = || checks.iter().flat_map(|(_, checks)| &checks.allows);
        if let Some(group) = allows().find(|group| group.iter().any(|allow| allow.span == span)) {
            let one = |allow: &Allow| {
                Advice::new(format!("`{}`", text(self.sources, allow.span))).at(allow.span)
            };
            let heading = match group.len() {
                1 => "this to hold:",
                _ => "one of these to hold:",
            };
            return std::iter::once(Advice::new(heading)).chain(group.iter().map(one)).collect();
        }
        let mut guards = checks.iter().flat_map(|(_, checks)| checks.requires.iter());
        if guards.any(|guard| guard.span == span) {
            return vec![Advice::new(format!("`{clause}` to hold")).at(span)];
        }
        let mut guards = checks.iter().flat_map(|(_, checks)| checks.denies.iter());
        if guards.any(|guard| guard.span == span) {
            return vec![Advice::new(format!("`{clause}` not to hold")).at(span)];
        }
        match self.record.reason {
            Reason::MissingPermission => self.permissions(span),
            Reason::OverBudget => self.budget(span),
            Reason::InvalidInput => {
                vec![Advice::new(format!("input as declared: `{clause}`")).at(span)]
            }
            Reason::MissingCredential
            | Reason::InvalidCredential
            | Reason::ExpiredCredential
            | Reason::RevokedCredential => {
                let text = format!(
                    "a credential that is good, as `{clause}` asks; what is wrong with a token says \
                     `portcullis token inspect`"
                );
                vec![Advice::new(text).at(span)]
            }
            Reason::NotFound => vec![Advice::new("an object that is there").at(span)],
            _ => vec![Advice::new(format!("what `{clause}` asks for")).at(span)],
        }
    }

    fn permissions(&self, span: Span) -> Vec<Advice> {
        let name = self.record.action.as_ref();
        let action = self.plan.actions.iter().find(|action| Some(&action.name) == name);
        let needs = self.route().map(|route| &route.needs).or(action.map(|action| &action.needs));
        let needed = needs.into_iter().flatten().find(|needed| needed.span == span);
        let Some(needed) = needed else {
            let text =
                "a caller whose credential has no scopes, or a route that says what it `needs`";
            return vec![Advice::new(text).at(span)];
        };
        let names: Vec<&str> = needed
            .any
            .iter()
            .filter_map(|index| self.plan.permissions.get(*index))
            .map(String::as_str)
            .collect();
        let details = names.iter().map(|name| granted(self.plan, name)).collect();
        let what = if names.len() == 1 { "the permission" } else { "one of the permissions" };
        vec![Advice::new(format!("{what} {}", quoted(names))).at(span).with(details)]
    }

    fn budget(&self, span: Span) -> Vec<Advice> {
        let checks = self.checks();
        let charges = checks.iter().flat_map(|(_, checks)| &checks.charges);
        let budget = charges
            .filter(|charge| charge.span == span)
            .find_map(|charge| self.plan.budgets.get(charge.budget));
        let Some(Budget { name, limits, .. }) = budget else { return Vec::new() };
        let limits = limits.iter().map(|limit| {
            let period = i128::try_from(limit.period.as_nanos()).unwrap_or(i128::MAX);
            format!("it has {} units per {}", limit.units, long(period))
        });
        let text = format!(
            "to come later, when `{name}` has units again; how long that was, `Retry-After` told the client"
        );
        vec![Advice::new(text).at(span).with(limits.collect())]
    }

    fn notes(&self) -> Vec<String> {
        let record = self.record;
        let id = record.request_id.as_ref();
        let id = id.map_or(String::new(), |id| format!(", request id {}", id.escape_debug()));
        let at = portcullis_compiler::plan::time_text(record.time);
        let mut notes = vec![format!("recorded at {at}{id}")];
        if record.plan != self.plan.hash() {
            notes.push(format!(
                "the record was decided by the plan {}, and this policy's is {}: policy, settings from the \
                 host or the version of Portcullis differ, so the lines here may not be those that decided",
                short(&record.plan),
                short(&self.plan.hash())
            ));
        }
        if record.route.is_some() && self.route().is_none() {
            notes.push("this policy has no such route".to_owned());
        }
        if record.reuse {
            notes.push(
                "a refresh token came a second time, after its grace: it is in two hands, and its session \
                 is ended"
                    .to_owned(),
            );
        }
        if record.reason == Reason::ServiceFault {
            notes.push(
                "a `service_fault` is a bug of the service: it handed over another object, or a value \
                 that is missing or of another type; its own log says more"
                    .to_owned(),
            );
        }
        notes.push(
            "a record holds nothing of the request: who called, which object it was, and why a condition \
             did or did not hold it cannot say. Ask again with `--request`, `--caller` and `--given`"
                .to_owned(),
        );
        notes
    }
}

fn has(checks: &StageChecks, span: Span) -> bool {
    let guards = checks.requires.iter().chain(&checks.denies).map(|guard| guard.span);
    let allows = checks.allows.iter().flatten().map(|allow| allow.span);
    let charges = checks.charges.iter().map(|charge| charge.span);
    guards.chain(allows).chain(charges).any(|known| known == span)
}

fn of_plan(stage: PlanStage) -> Stage {
    match stage {
        PlanStage::Transport => Stage::Transport,
        PlanStage::Caller => Stage::Caller,
        PlanStage::Input => Stage::Input,
        PlanStage::Object => Stage::Object,
        PlanStage::Response => Stage::Response,
    }
}

/// The beginning of a hash, of what may be any text.
fn short(hash: &str) -> String {
    hash.chars().take(12).filter(char::is_ascii_alphanumeric).collect()
}
