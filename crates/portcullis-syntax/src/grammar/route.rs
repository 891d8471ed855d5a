//! `group` and `route`.

use super::literal::{Given, as_int};
use super::reader::{Reader, child, children, clauses};
use super::{Pair, Rule};
use crate::ast::{
    Body, Charged, Condition, Group, GroupClause, Name, Needs, Params, Pattern, Returned, Route,
    RouteClause, Segment, Unsupported, ViewRef,
};
use crate::{Code, Span};

/// A clause that stands in groups and routes alike.
enum Shared {
    Accept(Vec<Name>),
    Needs(Needs),
    Deny(Condition, Option<Name>),
    Budget(Vec<Charged>),
    Params(Params),
    Unsupported(Unsupported),
}

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
            _ => match self.shared(&clause)? {
                Shared::Accept(names) => GroupClause::Accept(names, span),
                Shared::Needs(needs) => GroupClause::Needs(needs),
                Shared::Deny(condition, reason) => GroupClause::Deny { condition, reason, span },
                Shared::Budget(charged) => GroupClause::Budget(charged, span),
                Shared::Params(params) => GroupClause::Params(params),
                Shared::Unsupported(unsupported) => GroupClause::Unsupported(unsupported),
            },
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
        let later =
            |what: &str| RouteClause::Unsupported(Unsupported { what: what.to_owned(), span });
        Some(match clause.as_rule() {
            Rule::waive => RouteClause::Waive(self.waiver(clause)?),
            Rule::public if child(clause, Rule::kw_optional).is_some() => later("public optional"),
            Rule::public => RouteClause::Public(span),
            Rule::retired => later("retired"),
            Rule::signed_in => later("signed_in"),
            Rule::creates => later("creates"),
            Rule::does => later("does"),
            Rule::session_use => {
                let word = clause.clone().into_inner().next()?;
                later(&format!("{} session", word.as_str()))
            }
            Rule::allow => {
                let condition = self.condition(&child(clause, Rule::condition)?)?;
                RouteClause::Allow { condition, span }
            }
            Rule::takes_body => self.takes_body(clause)?,
            Rule::loads => {
                let by = child(clause, Rule::loads_by).map_or_else(Vec::new, |by| {
                    children(&by, Rule::path).map(|path| self.path(&path)).collect()
                });
                RouteClause::Loads { resource: self.name_in(clause, Rule::name)?, by, span }
            }
            Rule::lists => match self.expected(clause, "an int", as_int)? {
                Given::Value(max) => {
                    RouteClause::Lists { resource: self.name_in(clause, Rule::name)?, max, span }
                }
                Given::Setting => later("setting"),
            },
            Rule::returns => self.returns(clause)?,
            _ => match self.shared(clause)? {
                Shared::Accept(names) => RouteClause::Accept(names, span),
                Shared::Needs(needs) => RouteClause::Needs(needs),
                Shared::Deny(condition, reason) => RouteClause::Deny { condition, reason, span },
                Shared::Budget(charged) => RouteClause::Budget(charged, span),
                Shared::Params(params) => RouteClause::Params(params),
                Shared::Unsupported(unsupported) => RouteClause::Unsupported(unsupported),
            },
        })
    }

    fn shared(&mut self, clause: &Pair<'_>) -> Option<Shared> {
        let later = |what: &str| Shared::Unsupported(self.unsupported(clause, what));
        Some(match clause.as_rule() {
            Rule::accept => Shared::Accept(self.names(&child(clause, Rule::names)?)),
            Rule::needs if child(clause, Rule::kw_any).is_some() => later("needs any"),
            Rule::needs => {
                let list = child(clause, Rule::permissions).unwrap_or_else(|| clause.clone());
                Shared::Needs(Needs {
                    permissions: children(&list, Rule::permission)
                        .map(|permission| self.permission(&permission))
                        .collect(),
                    span: self.span(clause),
                })
            }
            Rule::require => later("require"),
            Rule::deny => {
                let condition = self.condition(&child(clause, Rule::condition)?)?;
                let reason = child(clause, Rule::refusal)
                    .and_then(|refusal| refusal.into_inner().nth(1))
                    .map(|word| self.name(&word));
                Shared::Deny(condition, reason)
            }
            Rule::charge => self.charge(clause)?,
            Rule::takes => {
                let word = clause.clone().into_inner().next()?;
                if word.as_rule() != Rule::kw_params {
                    return Some(later(word.as_str()));
                }
                let span = self.span(clause);
                let shape = child(clause, Rule::shape)?;
                Shared::Params(match self.name_in(&shape, Rule::name) {
                    Some(name) => Params::Named(name, span),
                    None => Params::Fields(self.fields(&shape)?, span),
                })
            }
            _ => return None,
        })
    }

    fn charge(&self, clause: &Pair<'_>) -> Option<Shared> {
        let mut charged = Vec::new();
        for part in children(clause, Rule::charged) {
            if let Some(cost) = child(&part, Rule::cost) {
                return Some(Shared::Unsupported(self.unsupported(&cost, "cost")));
            }
            charged.push(Charged { budget: self.name_in(&part, Rule::name)? });
        }
        Some(Shared::Budget(charged))
    }

    fn takes_body(&mut self, clause: &Pair<'_>) -> Option<RouteClause> {
        let span = self.span(clause);
        for (rule, what) in [(Rule::raw_body, "body raw"), (Rule::form_body, "body form")] {
            if child(clause, rule).is_some() {
                return Some(RouteClause::Unsupported(self.unsupported(clause, what)));
            }
        }
        let shape = child(clause, Rule::shape)?;
        Some(RouteClause::Body(match self.name_in(&shape, Rule::name) {
            Some(name) => Body::Named(name, span),
            None => Body::Fields(self.fields(&shape)?, span),
        }))
    }

    fn returns(&mut self, clause: &Pair<'_>) -> Option<RouteClause> {
        let span = self.span(clause);
        let shown = clause.clone().into_inner().nth(1)?;
        let returned = match shown.as_rule() {
            Rule::view_ref => Returned::View(self.view_ref(&shown)?),
            Rule::view_list => Returned::List(self.view_ref(&child(&shown, Rule::view_ref)?)?),
            other => {
                let what = match other {
                    Rule::kw_nothing => "returns nothing",
                    Rule::opaque => "returns opaque",
                    _ => "envelope",
                };
                return Some(RouteClause::Unsupported(self.unsupported(clause, what)));
            }
        };
        let condition = match child(clause, Rule::condition) {
            Some(condition) => Some(self.condition(&condition)?),
            None => None,
        };
        Some(RouteClause::Returns { returned, condition, span })
    }

    fn view_ref(&self, pair: &Pair<'_>) -> Option<ViewRef> {
        let mut names = self.path(pair).segments.into_iter();
        Some(ViewRef { resource: names.next()?, view: names.next()?, span: self.span(pair) })
    }

    fn pattern(&mut self, pair: &Pair<'_>) -> Option<Pattern> {
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
                "*" | "**" => Segment::Wildcard,
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
