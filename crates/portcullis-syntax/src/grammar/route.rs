//! `group`, `route` and `action`.

use super::literal;
use super::reader::{Reader, child, children, clauses};
use super::{Pair, Rule};
use crate::ast::{
    Action, ActionClause, Allow, Body, BodyKind, Charged, Content, Demand, EnvelopeField, Group,
    GroupClause, Guard, InputSource, Loads, Needs, Pattern, Returned, Route, RouteClause, Segment,
    Shape, Takes, ViewRef,
};
use crate::{Code, Span, Spanned};

impl Reader {
    pub(super) fn group(&mut self, pair: Pair<'_>) -> Option<Group> {
        let span = self.span(&pair);
        let docs = self.take_docs();
        let pattern = self.pattern(&child(&pair, Rule::pattern)?)?;
        let mut kept = Vec::new();
        for clause in clauses(&pair) {
            if clause.as_rule() == Rule::doc {
                self.keep_doc(&clause);
                continue;
            }
            let read = self.group_clause(clause);
            kept.extend(self.whole(read, span));
        }
        Some(Group { span, docs, pattern, clauses: kept })
    }

    fn group_clause(&mut self, clause: Pair<'_>) -> Option<GroupClause> {
        let span = self.span(&clause);
        Some(match clause.as_rule() {
            Rule::group => GroupClause::Group(self.group(clause)?),
            Rule::route => GroupClause::Route(self.route(clause)?),
            Rule::waive => GroupClause::Waive(self.waiver(&clause)?),
            Rule::accept => GroupClause::Accept(self.names(&child(&clause, Rule::names)?), span),
            Rule::takes => GroupClause::Takes(self.takes(&clause)?),
            _ => GroupClause::Demand(self.demand(&clause)?),
        })
    }

    pub(super) fn route(&mut self, pair: Pair<'_>) -> Option<Route> {
        let span = self.span(&pair);
        let docs = self.take_docs();
        let method = self.name_in(&pair, Rule::method)?;
        let pattern = self.pattern(&child(&pair, Rule::pattern)?)?;
        let mut kept = Vec::new();
        for clause in clauses(&pair) {
            let read = self.route_clause(&clause);
            kept.extend(self.whole(read, span));
        }
        Some(Route { span, docs, method, pattern, clauses: kept })
    }

    fn route_clause(&mut self, clause: &Pair<'_>) -> Option<RouteClause> {
        let span = self.span(clause);
        Some(match clause.as_rule() {
            Rule::waive => RouteClause::Waive(self.waiver(clause)?),
            Rule::retired => RouteClause::Retired(span),
            Rule::public => {
                let optional = child(clause, Rule::kw_optional).is_some();
                RouteClause::Public { optional, span }
            }
            Rule::signed_in => RouteClause::SignedIn(span),
            Rule::accept => RouteClause::Accept(self.names(&child(clause, Rule::names)?), span),
            Rule::allow => RouteClause::Allow(self.allow(clause)?),
            Rule::takes => RouteClause::Takes(self.takes(clause)?),
            Rule::takes_body => RouteClause::Body(self.takes_body(clause)?),
            Rule::loads => RouteClause::Loads(self.loads(clause)?),
            Rule::lists => RouteClause::Lists {
                resource: self.name_in(clause, Rule::name)?,
                max: self.value_in(clause)?,
                span,
            },
            Rule::creates => {
                RouteClause::Creates { resource: self.name_in(clause, Rule::name)?, span }
            }
            Rule::does => RouteClause::Does { action: self.name_in(clause, Rule::name)?, span },
            Rule::session_use => {
                let verb = self.name(&clause.clone().into_inner().next()?);
                RouteClause::Session { verb, span }
            }
            Rule::returns => self.returns(clause)?,
            _ => RouteClause::Demand(self.demand(clause)?),
        })
    }

    pub(super) fn action(&mut self, pair: Pair<'_>) -> Option<Action> {
        let span = self.span(&pair);
        let docs = self.take_docs();
        let name = self.name_in(&pair, Rule::name)?;
        let mut kept = Vec::new();
        for clause in clauses(&pair) {
            let read = self.action_clause(&clause);
            kept.extend(self.whole(read, span));
        }
        Some(Action { span, docs, name, clauses: kept })
    }

    fn action_clause(&mut self, clause: &Pair<'_>) -> Option<ActionClause> {
        Some(match clause.as_rule() {
            Rule::waive => ActionClause::Waive(self.waiver(clause)?),
            Rule::allow => ActionClause::Allow(self.allow(clause)?),
            Rule::loads => ActionClause::Loads(self.loads(clause)?),
            _ => ActionClause::Demand(self.demand(clause)?),
        })
    }

    fn demand(&mut self, clause: &Pair<'_>) -> Option<Demand> {
        Some(match clause.as_rule() {
            Rule::needs => {
                let list = child(clause, Rule::permissions).unwrap_or_else(|| clause.clone());
                Demand::Needs(Needs {
                    any: child(clause, Rule::kw_any).is_some(),
                    permissions: children(&list, Rule::permission)
                        .map(|permission| self.permission(&permission))
                        .collect(),
                    span: self.span(clause),
                })
            }
            Rule::require => Demand::Require(self.guard(clause)?),
            Rule::deny => Demand::Deny(self.guard(clause)?),
            Rule::charge => Demand::Budget(self.charged(clause)?, self.span(clause)),
            _ => return None,
        })
    }

    fn guard(&mut self, clause: &Pair<'_>) -> Option<Guard> {
        let condition = self.condition(&child(clause, Rule::condition)?)?;
        let reason = child(clause, Rule::refusal)
            .and_then(|refusal| refusal.into_inner().nth(1))
            .map(|word| self.name(&word));
        Some(Guard { condition, reason, span: self.span(clause) })
    }

    fn allow(&mut self, clause: &Pair<'_>) -> Option<Allow> {
        let condition = self.condition(&child(clause, Rule::condition)?)?;
        Some(Allow { condition, span: self.span(clause) })
    }

    fn loads(&mut self, clause: &Pair<'_>) -> Option<Loads> {
        let by = child(clause, Rule::loads_by).map_or_else(Vec::new, |by| {
            children(&by, Rule::path).map(|path| self.path(&path)).collect()
        });
        Some(Loads { resource: self.name_in(clause, Rule::name)?, by, span: self.span(clause) })
    }

    fn charged(&mut self, clause: &Pair<'_>) -> Option<Vec<Charged>> {
        let charged = children(clause, Rule::charged).map(|part| {
            let cost = match child(&part, Rule::cost) {
                Some(cost) => {
                    let token = child(&cost, Rule::int)?;
                    let node = literal::int(token.as_str()).ok()?;
                    Some(Spanned { node, span: self.span(&token) })
                }
                None => None,
            };
            Some(Charged { budget: self.name_in(&part, Rule::name)?, cost })
        });
        charged.collect()
    }

    fn takes(&mut self, clause: &Pair<'_>) -> Option<Takes> {
        let source = match clause.clone().into_inner().next()?.as_rule() {
            Rule::kw_params => InputSource::Params,
            Rule::kw_query => InputSource::Query,
            Rule::kw_header => InputSource::Header,
            _ => return None,
        };
        Some(Takes { source, shape: self.shape_in(clause)?, span: self.span(clause) })
    }

    fn takes_body(&mut self, clause: &Pair<'_>) -> Option<Body> {
        let kind = if let Some(raw) = child(clause, Rule::raw_body) {
            let mut values = children(&raw, Rule::value);
            let max = self.value(&values.next()?)?;
            let types = match values.next() {
                Some(types) => Some(self.value(&types)?),
                None => None,
            };
            BodyKind::Raw { max, types }
        } else if let Some(form) = child(clause, Rule::form_body) {
            BodyKind::Form(self.shape_in(&form)?)
        } else {
            BodyKind::Json(self.shape_in(clause)?)
        };
        Some(Body { kind, span: self.span(clause) })
    }

    fn shape_in(&mut self, clause: &Pair<'_>) -> Option<Shape> {
        let shape = child(clause, Rule::shape)?;
        Some(match self.name_in(&shape, Rule::name) {
            Some(name) => Shape::Named(name),
            None => Shape::Fields(self.fields(&shape)?),
        })
    }

    fn returns(&mut self, clause: &Pair<'_>) -> Option<RouteClause> {
        let shown = clause.clone().into_inner().nth(1)?;
        let returned = match shown.as_rule() {
            Rule::view_ref => Returned::View(self.view_ref(&shown)?),
            Rule::view_list => Returned::List(self.view_ref(&child(&shown, Rule::view_ref)?)?),
            Rule::kw_nothing => Returned::Nothing,
            Rule::opaque => Returned::Opaque(self.text_in(&shown)?),
            Rule::envelope => Returned::Envelope(
                children(&shown, Rule::envelope_field)
                    .map(|field| self.envelope_field(&field))
                    .collect::<Option<_>>()?,
            ),
            _ => return None,
        };
        let condition = match child(clause, Rule::condition) {
            Some(condition) => Some(self.condition(&condition)?),
            None => None,
        };
        Some(RouteClause::Returns { returned, condition, span: self.span(clause) })
    }

    fn envelope_field(&self, pair: &Pair<'_>) -> Option<EnvelopeField> {
        let content = if let Some(list) = child(pair, Rule::view_list) {
            Content::List(self.view_ref(&child(&list, Rule::view_ref)?)?)
        } else if let Some(view) = child(pair, Rule::view_ref) {
            Content::View(self.view_ref(&view)?)
        } else {
            Content::Plain(self.type_of(&child(pair, Rule::type_of)?)?)
        };
        Some(EnvelopeField {
            span: self.span(pair),
            name: self.name_in(pair, Rule::field_name)?,
            content,
            optional: child(pair, Rule::question).map(|question| self.span(&question)),
            wire: self.wire_in(pair),
        })
    }

    pub(super) fn view_ref(&self, pair: &Pair<'_>) -> Option<ViewRef> {
        let mut names = self.path(pair).segments.into_iter();
        Some(ViewRef { resource: names.next()?, view: names.next()?, span: self.span(pair) })
    }

    pub(super) fn pattern(&mut self, pair: &Pair<'_>) -> Option<Pattern> {
        let text = pair.as_str();
        let span = self.span(pair);
        let trailing_slash = text.len() > 1 && text.ends_with('/');
        let inner = text.trim_start_matches('/').trim_end_matches('/');
        let mut segments = Vec::new();
        for segment in inner.split('/').filter(|segment| !segment.is_empty()) {
            segments.push(self.segment(segment, span)?);
        }
        Some(Pattern { text: text.to_owned(), segments, trailing_slash, span })
    }

    fn segment(&mut self, text: &str, pattern: Span) -> Option<Segment> {
        let Some(name) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) else {
            return Some(match text {
                "*" => Segment::Wildcard,
                "**" => Segment::Wildcards,
                _ => Segment::Literal(text.to_owned()),
            });
        };
        let rest = name.strip_suffix("...");
        let name = rest.unwrap_or(name);
        if name.len() > super::scan::LONGEST_NAME {
            self.fault(Code::TooLarge, pattern, super::scan::NAME_TOO_LONG);
            return None;
        }
        let name = name.to_owned();
        Some(if rest.is_some() { Segment::Rest(name) } else { Segment::Parameter(name) })
    }
}
