//! Groups and routes.

use super::Rule;
use super::node::Node;
use crate::Span;
use crate::ast::{
    Body, Charged, Group, GroupClause, Name, Needs, Params, Path, Pattern, Returned, Route,
    RouteClause, Segment, Unsupported, ViewRef,
};

impl Node<'_> {
    pub(super) fn group(&self) -> Group {
        let mut clauses = Vec::new();
        for node in self.children() {
            let span = node.span();
            match node.rule() {
                Rule::group => clauses.push(GroupClause::Group(node.group())),
                Rule::route => clauses.push(GroupClause::Route(node.route())),
                Rule::accept => clauses.push(GroupClause::Accept(node.names(), span)),
                Rule::needs => match node.needs() {
                    Ok(needs) => clauses.push(GroupClause::Needs(needs)),
                    Err(found) => clauses.push(GroupClause::Unsupported(found)),
                },
                Rule::deny => {
                    if let Some(condition) = node.own_condition() {
                        clauses.push(GroupClause::Deny { condition, reason: node.reason(), span });
                    }
                }
                Rule::charge => {
                    let (charged, later) = node.charged();
                    clauses.push(GroupClause::Budget(charged, span));
                    clauses.extend(later.into_iter().map(GroupClause::Unsupported));
                }
                Rule::params => clauses.push(GroupClause::Params(node.params())),
                Rule::waive => clauses.push(GroupClause::Waive(node.waiver())),
                Rule::require | Rule::later_source => {
                    clauses.push(GroupClause::Unsupported(node.unsupported_words()));
                }
                _ => {}
            }
        }
        Group { span: self.undocumented(), docs: self.docs(), pattern: self.pattern(), clauses }
    }

    pub(super) fn route(&self) -> Route {
        let mut clauses = Vec::new();
        for node in self.children() {
            node.route_clause(&mut clauses);
        }
        let method = self.child(Rule::method);
        Route {
            span: self.undocumented(),
            docs: self.docs(),
            method: method.map_or_else(|| self.spanned(String::new()), |method| method.name()),
            pattern: self.pattern(),
            clauses,
        }
    }

    fn route_clause(&self, clauses: &mut Vec<RouteClause>) {
        let span = self.span();
        match self.rule() {
            Rule::public => {
                clauses.push(RouteClause::Public(span));
                if self.has(Rule::kw_optional) {
                    clauses.push(RouteClause::Unsupported(self.unsupported("public optional")));
                }
            }
            Rule::accept => clauses.push(RouteClause::Accept(self.names(), span)),
            Rule::needs => clauses.push(match self.needs() {
                Ok(needs) => RouteClause::Needs(needs),
                Err(found) => RouteClause::Unsupported(found),
            }),
            Rule::allow => {
                let allow = |condition| RouteClause::Allow { condition, span };
                clauses.extend(self.own_condition().map(allow));
            }
            Rule::deny => {
                let deny = |condition| RouteClause::Deny { condition, reason: self.reason(), span };
                clauses.extend(self.own_condition().map(deny));
            }
            Rule::charge => {
                let (charged, later) = self.charged();
                clauses.push(RouteClause::Budget(charged, span));
                clauses.extend(later.into_iter().map(RouteClause::Unsupported));
            }
            Rule::params => clauses.push(RouteClause::Params(self.params())),
            Rule::body => clauses.push(self.body()),
            Rule::loads => clauses.push(RouteClause::Loads {
                resource: self.own_name(),
                by: self.all(Rule::path).map(|path| path.path()).collect::<Vec<Path>>(),
                span,
            }),
            Rule::lists => clauses.push(RouteClause::Lists {
                resource: self.own_name(),
                max: self.own_int(),
                span,
            }),
            Rule::returns => clauses.push(self.returns()),
            Rule::waive => clauses.push(RouteClause::Waive(self.waiver())),
            Rule::require | Rule::later_source | Rule::later_route => {
                clauses.push(RouteClause::Unsupported(self.unsupported_words()));
            }
            _ => {}
        }
    }

    fn needs(&self) -> Result<Needs, Unsupported> {
        if self.has(Rule::needs_any) {
            return Err(self.unsupported("needs any"));
        }
        let permissions = self.all(Rule::permission).map(|permission| permission.name());
        Ok(Needs { permissions: permissions.collect(), span: self.span() })
    }

    fn reason(&self) -> Option<Name> {
        self.child(Rule::refusal).map(|refusal| refusal.own_name())
    }

    fn charged(&self) -> (Vec<Charged>, Vec<Unsupported>) {
        let all = self.all(Rule::charged).collect::<Vec<_>>();
        let costs = all.iter().filter_map(|charged| charged.child(Rule::cost));
        let later = costs.map(|cost| cost.unsupported("cost")).collect();
        (all.iter().map(|charged| Charged { budget: charged.own_name() }).collect(), later)
    }

    fn params(&self) -> Params {
        let span = self.span();
        match self.child(Rule::shape) {
            Some(shape) if shape.has(Rule::name) => Params::Named(shape.own_name(), span),
            Some(shape) => Params::Fields(shape.fields(), span),
            None => Params::Fields(Vec::new(), span),
        }
    }

    fn body(&self) -> RouteClause {
        let span = self.span();
        match self.child(Rule::shape) {
            Some(shape) if shape.has(Rule::name) => {
                RouteClause::Body(Body::Named(shape.own_name(), span))
            }
            Some(shape) => RouteClause::Body(Body::Fields(shape.fields(), span)),
            None => {
                let form = self.has(Rule::form_body);
                let what = if form { "body form" } else { "body raw" };
                RouteClause::Unsupported(self.unsupported(what))
            }
        }
    }

    fn returns(&self) -> RouteClause {
        let span = self.span();
        let returned = self.children().find_map(|node| match node.rule() {
            Rule::view_ref => Some(Returned::View(node.view_ref())),
            Rule::view_list => {
                node.child(Rule::view_ref).map(|inner| Returned::List(inner.view_ref()))
            }
            _ => None,
        });
        match returned {
            Some(returned) => {
                RouteClause::Returns { returned, condition: self.own_condition(), span }
            }
            None => {
                let what = if self.has(Rule::nothing) {
                    "returns nothing"
                } else if self.has(Rule::opaque) {
                    "returns opaque"
                } else {
                    "returns { … }"
                };
                RouteClause::Unsupported(self.unsupported(what))
            }
        }
    }

    fn view_ref(&self) -> ViewRef {
        let path = self.path();
        let mut names = path.segments.into_iter();
        let empty = || self.spanned(String::new());
        ViewRef {
            resource: names.next().unwrap_or_else(empty),
            view: names.next().unwrap_or_else(empty),
            span: path.span,
        }
    }

    fn pattern(&self) -> Pattern {
        let Some(found) = self.child(Rule::pattern) else {
            return Pattern {
                text: "/".to_owned(),
                segments: Vec::new(),
                trailing_slash: false,
                span: self.span(),
            };
        };
        let text = found.text();
        let segments = text.trim_matches('/').split('/').filter(|segment| !segment.is_empty());
        let segments = segments.map(|segment| {
            match segment.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
                Some(inner) => match inner.strip_suffix("...") {
                    Some(rest) => Segment::Rest(rest.to_owned()),
                    None => Segment::Parameter(inner.to_owned()),
                },
                None if segment == "*" || segment == "**" => Segment::Wildcard,
                None => Segment::Literal(segment.to_owned()),
            }
        });
        let start = found.span().start;
        let length = u32::try_from(text.len()).unwrap_or(0);
        Pattern {
            text: text.to_owned(),
            segments: segments.collect(),
            trailing_slash: text.len() > 1 && text.ends_with('/'),
            span: Span { start, end: start + length, ..found.span() },
        }
    }
}
