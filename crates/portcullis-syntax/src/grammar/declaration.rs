//! Declarations but groups, routes and tests.

use super::Rule;
use super::node::Node;
use crate::Spanned;
use crate::ast::{
    Attribute, Budget, BudgetClause, Claim, Constraint, Credential, CredentialClause,
    CredentialKind, Enumeration, Field, Hosts, Input, InputType, KeyPart, Member, Resource,
    ResourceClause, Role, Shown, Transport, TransportClause, Type, TypeKind, Unsupported, View,
    Waiver,
};

impl Node<'_> {
    pub(super) fn transport(&self) -> Transport {
        let clauses = self.children().filter_map(|node| match node.rule() {
            Rule::waive => Some(TransportClause::Waive(node.waiver())),
            Rule::transport_clause => Some(node.transport_clause()),
            _ => None,
        });
        Transport {
            span: self.span(),
            keyword: self.child(Rule::kw_transport).map_or(self.span(), |word| word.span()),
            clauses: clauses.collect(),
        }
    }

    fn transport_clause(&self) -> TransportClause {
        let profiles = self.child(Rule::in_profiles).map_or_else(Vec::new, |found| found.names());
        let span = self.span();
        let Some(inner) = self.first() else {
            return TransportClause::Unsupported(self.unsupported("transport"));
        };
        match inner.rule() {
            Rule::https => TransportClause::Https { mode: inner.own_name(), profiles, span },
            Rule::hosts => {
                let hosts = match inner.child(Rule::any_host) {
                    Some(any) => Hosts::Any(any.own_string()),
                    None => {
                        Hosts::Listed(inner.all(Rule::string).map(|host| host.string()).collect())
                    }
                };
                TransportClause::Hosts { hosts, profiles, span }
            }
            Rule::body_limit => {
                let size = inner.child(Rule::size);
                let size = size.map_or_else(|| inner.spanned(0), |size| size.spanned(size.size()));
                TransportClause::BodyLimit { size, profiles, span }
            }
            _ => {
                let word = inner.children().find(Node::is_keyword);
                let word = word.map_or("transport", |word| word.text());
                TransportClause::Unsupported(self.unsupported(word))
            }
        }
    }

    pub(super) fn credential(&self) -> Credential {
        let kind = self.children().find_map(|node| match node.rule() {
            Rule::kw_jwt => Some(node.spanned(CredentialKind::Jwt)),
            Rule::kw_opaque => Some(node.spanned(CredentialKind::Opaque)),
            _ => None,
        });
        let clauses = self.children().filter_map(|node| node.credential_clause());
        Credential {
            span: self.span(),
            docs: Vec::new(),
            name: self.own_name(),
            kind: kind.unwrap_or_else(|| self.spanned(CredentialKind::Opaque)),
            clauses: clauses.collect(),
        }
    }

    fn credential_clause(&self) -> Option<CredentialClause> {
        let span = self.span();
        Some(match self.rule() {
            Rule::issuer => CredentialClause::Issuer(self.own_string(), span),
            Rule::audience => CredentialClause::Audience(self.own_string(), span),
            Rule::algorithms => {
                let names = self.all(Rule::algorithm_name).map(|name| name.name());
                CredentialClause::Algorithms(names.collect(), span)
            }
            Rule::token_type => CredentialClause::TokenType(self.own_string(), span),
            Rule::lifetime => CredentialClause::Lifetime(self.own_duration(), span),
            Rule::leeway => CredentialClause::Leeway(self.own_duration(), span),
            Rule::claims => CredentialClause::Caller(
                self.all(Rule::claim).map(|claim| claim.claim()).collect(),
                span,
            ),
            Rule::waive => CredentialClause::Waive(self.waiver()),
            Rule::revocable | Rule::prefix => {
                CredentialClause::Unsupported(self.unsupported_words())
            }
            _ => return None,
        })
    }

    fn claim(&self) -> Claim {
        let from = self.child(Rule::from_claim).map(|from| match from.child(Rule::whole_claim) {
            Some(whole) => from.spanned(vec![whole.own_string().node]),
            None => {
                let path = from.own_string().node;
                from.spanned(path.split('.').map(str::to_owned).collect())
            }
        });
        Claim { span: self.undocumented(), name: self.field_name(), kind: self.own_type(), from }
    }

    /// The type among the children.
    pub(super) fn own_type(&self) -> Type {
        match self.child(Rule::type_name) {
            Some(found) => found.type_name(),
            None => self.spanned(TypeKind::Named(String::new())),
        }
    }

    fn type_name(&self) -> Type {
        let kind = match self.child(Rule::type_name) {
            Some(element) => TypeKind::List(Box::new(element.type_name())),
            None => TypeKind::Named(self.own_name().node),
        };
        match self.child(Rule::optional_mark) {
            Some(mark) => {
                let span = self.span();
                let inner =
                    Spanned { node: kind, span: crate::Span { end: mark.span().start, ..span } };
                Spanned { node: TypeKind::Optional(Box::new(inner)), span }
            }
            None => self.spanned(kind),
        }
    }

    fn waivers(&self) -> Vec<Waiver> {
        self.all(Rule::waive).map(|found| found.waiver()).collect()
    }

    fn wire(&self) -> Option<Spanned<String>> {
        self.child(Rule::wire_name).map(|found| found.own_string())
    }

    pub(super) fn role(&self) -> Role {
        let grants = self.all(Rule::grant).map(|grant| grant.name()).collect::<Vec<_>>();
        let wildcards = grants.iter().filter(|grant| grant.node.contains('*'));
        let unsupported = wildcards
            .map(|grant| Unsupported { what: grant.node.clone(), span: grant.span })
            .collect();
        Role {
            span: self.span(),
            docs: Vec::new(),
            name: self.own_name(),
            inherits: self.names(),
            wire: self.wire(),
            grants,
            waivers: self.waivers(),
            unsupported,
        }
    }

    pub(super) fn enumeration(&self) -> Enumeration {
        let member = |node: Node<'_>| Member { name: node.own_name(), wire: node.wire() };
        Enumeration {
            span: self.span(),
            docs: Vec::new(),
            name: self.own_name(),
            members: self.all(Rule::member).map(member).collect(),
            waivers: self.waivers(),
        }
    }

    pub(super) fn resource(&self) -> Resource {
        let clauses = self.children().filter_map(|node| {
            Some(match node.rule() {
                Rule::attribute => ResourceClause::Attribute(Attribute {
                    span: node.undocumented(),
                    key: node.has(Rule::kw_key),
                    name: node.field_name(),
                    kind: node.own_type(),
                    secret: node.child(Rule::kw_secret).map(|word| word.span()),
                }),
                Rule::predicate => ResourceClause::Predicate {
                    name: node.own_name(),
                    condition: node.own_expression(),
                    span: node.undocumented(),
                },
                Rule::view => ResourceClause::View(node.view()),
                Rule::visible => ResourceClause::Unsupported(node.unsupported_words()),
                Rule::waive => ResourceClause::Waive(node.waiver()),
                _ => return None,
            })
        });
        Resource {
            span: self.span(),
            docs: Vec::new(),
            name: self.own_name(),
            clauses: clauses.collect(),
        }
    }

    fn view(&self) -> View {
        let mut fields = Vec::new();
        let mut unsupported = Vec::new();
        for node in self.children() {
            match (node.rule(), node.child(Rule::nested)) {
                (Rule::spread, _) => unsupported.push(node.unsupported(node.text().trim_end())),
                (Rule::shown, Some(nested)) => {
                    unsupported.push(nested.unsupported(nested.text().trim_end()));
                }
                (Rule::shown, None) => {
                    fields.push(Shown { name: node.own_name(), wire: node.wire() });
                }
                _ => {}
            }
        }
        View {
            span: self.undocumented(),
            name: self.own_name(),
            fields,
            unsupported,
            waivers: self.waivers(),
        }
    }

    pub(super) fn input(&self) -> Input {
        let later = self.children().filter(|node| matches!(node.rule(), Rule::rules | Rule::check));
        let word = |node: Node<'_>| {
            let word = if node.rule() == Rule::rules { "rules" } else { "check" };
            node.unsupported(word)
        };
        Input {
            span: self.span(),
            docs: Vec::new(),
            name: self.own_name(),
            fields: self.fields(),
            unsupported: later.map(word).collect(),
            waivers: self.waivers(),
        }
    }

    /// The fields among the children.
    pub(super) fn fields(&self) -> Vec<Field> {
        self.all(Rule::field).map(|field| field.field()).collect()
    }

    fn field(&self) -> Field {
        let mut constraints = Vec::new();
        let mut unsupported = Vec::new();
        for node in self.all(Rule::constraint).filter_map(|constraint| constraint.first_clause()) {
            let span = node.span();
            let literal = || match node.child(Rule::literal) {
                Some(found) => found.literal(),
                None => node.spanned(crate::ast::Literal::Int(0)),
            };
            match node.rule() {
                Rule::trim => constraints.push(Constraint::Trim(span)),
                Rule::least => constraints.push(Constraint::Min(literal(), span)),
                Rule::most => constraints.push(Constraint::Max(literal(), span)),
                Rule::range => constraints.push(Constraint::Range(node.range(), span)),
                Rule::one_of => {
                    let values = node.all(Rule::literal).map(|value| value.literal());
                    constraints.push(Constraint::OneOf(values.collect(), span));
                }
                Rule::default_value => constraints.push(Constraint::Default(literal(), span)),
                _ => unsupported.push(node.unsupported_words()),
            }
        }
        let kind = self.child(Rule::field_type).unwrap_or_else(|| self.clone());
        if let Some(list) = kind.child(Rule::list_type) {
            unsupported.push(list.unsupported("a list in an input"));
        }
        if let Some(or_null) = kind.child(Rule::or_null) {
            unsupported.push(or_null.unsupported("or null"));
        }
        let name = match kind.child(Rule::list_type) {
            // The list itself is what is reported.
            Some(list) => list.spanned("string".to_owned()),
            None => kind.own_name(),
        };
        let optional = kind.has(Rule::optional_mark);
        Field {
            span: self.undocumented(),
            name: self.field_name(),
            kind: InputType { name, optional, span: kind.span() },
            constraints,
            unsupported,
        }
    }

    fn first_clause(&self) -> Option<Self> {
        self.children().next()
    }

    pub(super) fn budget(&self) -> Budget {
        let mut clauses = Vec::new();
        for node in self.children() {
            let span = node.span();
            match node.rule() {
                Rule::limit => {
                    let (units, period) = (node.own_int(), node.own_duration());
                    clauses.push(BudgetClause::Limit { units, period, span });
                    if let Some(burst) = node.child(Rule::burst) {
                        clauses.push(BudgetClause::Unsupported(burst.unsupported("burst")));
                    }
                    if let Some(condition) = node.child(Rule::condition) {
                        let found = condition.unsupported("a limit with a condition");
                        clauses.push(BudgetClause::Unsupported(found));
                    }
                }
                Rule::budget_key => {
                    let mut parts = Vec::new();
                    for part in node.all(Rule::key_part) {
                        parts.extend(
                            part.child(Rule::path).map(|path| KeyPart { path: path.path() }),
                        );
                        if let Some(found) = part.child(Rule::else_part) {
                            let found = found.unsupported("else in a key");
                            clauses.push(BudgetClause::Unsupported(found));
                        }
                    }
                    clauses.push(BudgetClause::Key(parts, span));
                }
                Rule::algorithm => clauses.push(BudgetClause::Algorithm(node.own_name(), span)),
                Rule::refund | Rule::unavailable | Rule::ipv6 => {
                    clauses.push(BudgetClause::Unsupported(node.unsupported_words()));
                }
                Rule::waive => clauses.push(BudgetClause::Waive(node.waiver())),
                _ => {}
            }
        }
        Budget { span: self.span(), docs: Vec::new(), name: self.own_name(), clauses }
    }
}
