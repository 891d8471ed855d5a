//! The tree of each kind of declaration: what it says, where, and what is kept as not supported.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

use portcullis_syntax::ast::*;
use portcullis_syntax::{Source, Sources, Span, parse};

/// A text that parses, and its tree.
struct Read {
    sources: Sources,
    file: File,
}

fn read(text: &str) -> Read {
    let mut sources = Sources::new();
    let id = sources.add(Source::new("a.gate", text));
    let (file, faults) = parse(&sources, id);
    assert!(faults.is_empty(), "{faults:?}");
    Read { sources, file }
}

impl Read {
    fn at(&self, span: Span) -> &str {
        self.sources.slice(span)
    }

    fn only(&self) -> &Item {
        assert_eq!(self.file.items.len(), 1);
        &self.file.items[0]
    }
}

/// The one declaration of a text, of the kind that is expected.
macro_rules! only {
    ($read:expr, $kind:path) => {
        match $read.only() {
            $kind(declaration) => declaration,
            other => panic!("{other:?}"),
        }
    };
}

/// What is not supported in a text, wherever it stands, with the text that it covers.
fn unsupported(text: &str) -> Vec<(String, String)> {
    let read = read(text);
    let mut all: Vec<Unsupported> = Vec::new();
    for item in &read.file.items {
        match item {
            Item::Unsupported(found) => all.push(found.clone()),
            Item::Transport(item) => {
                all.extend(item.clauses.iter().filter_map(|clause| match clause {
                    TransportClause::Unsupported(found) => Some(found.clone()),
                    _ => None,
                }))
            }
            Item::Credential(item) => {
                all.extend(item.clauses.iter().filter_map(|clause| match clause {
                    CredentialClause::Unsupported(found) => Some(found.clone()),
                    _ => None,
                }))
            }
            Item::Role(item) => all.extend(item.unsupported.clone()),
            Item::Resource(item) => {
                for clause in &item.clauses {
                    match clause {
                        ResourceClause::Unsupported(found) => all.push(found.clone()),
                        ResourceClause::View(view) => all.extend(view.unsupported.clone()),
                        _ => {}
                    }
                }
            }
            Item::Input(item) => {
                all.extend(item.unsupported.clone());
                all.extend(item.fields.iter().flat_map(|field| field.unsupported.clone()));
            }
            Item::Budget(item) => {
                all.extend(item.clauses.iter().filter_map(|clause| match clause {
                    BudgetClause::Unsupported(found) => Some(found.clone()),
                    _ => None,
                }))
            }
            Item::Group(item) => {
                all.extend(item.clauses.iter().filter_map(|clause| match clause {
                    GroupClause::Unsupported(found) => Some(found.clone()),
                    _ => None,
                }))
            }
            Item::Route(item) => {
                all.extend(item.clauses.iter().filter_map(|clause| match clause {
                    RouteClause::Unsupported(found) => Some(found.clone()),
                    _ => None,
                }))
            }
            Item::Test(item) => all.extend(item.clauses.iter().filter_map(|clause| match clause {
                TestClause::Unsupported(found) => Some(found.clone()),
                _ => None,
            })),
            Item::Enumeration(_) => {}
        }
    }
    all.into_iter().map(|found| (found.what, read.at(found.span).to_owned())).collect()
}

/// What the one thing in a text that is not supported is called.
#[track_caller]
fn refused(text: &str, what: &str, covers: &str) {
    assert_eq!(unsupported(text), [(what.to_owned(), covers.to_owned())], "{text}");
}

fn texts(names: &[Name]) -> Vec<&str> {
    names.iter().map(|name| name.node.as_str()).collect()
}

#[test]
fn docs_belong_to_what_follows() {
    let read = read(
        "//! A file.\n//!  Indented.\n\n/// One.\n///\n/// Two.\nrole user { a:b }\nenum e { f }",
    );
    assert_eq!(read.file.docs, ["A file.", " Indented."]);
    let [Item::Role(role), Item::Enumeration(second)] = &read.file.items[..] else { panic!() };
    assert_eq!(role.docs, ["One.", "", "Two."]);
    assert!(second.docs.is_empty());
    assert_eq!(read.at(role.span), "role user { a:b }");
}

#[test]
fn docs_of_routes_in_groups() {
    let read = read("group /a {\n/// Lists.\nroute GET / { }\n/// Nested.\ngroup /b { } }");
    let group = only!(read, Item::Group);
    let [GroupClause::Route(route), GroupClause::Group(nested)] = &group.clauses[..] else {
        panic!()
    };
    assert_eq!(
        (&route.docs[..], &nested.docs[..]),
        (&["Lists.".into()][..], &["Nested.".into()][..])
    );
    assert!(group.docs.is_empty());
}

#[test]
fn transport() {
    let read = read(
        "transport { https required in [staging, production]  hosts [\"a\", \"b\"]  hosts any \"why\"
         body_limit 64KiB // here\n }",
    );
    let transport = only!(read, Item::Transport);
    assert_eq!(read.at(transport.keyword), "transport");
    let [https, hosts, any, limit] = &transport.clauses[..] else { panic!() };
    let TransportClause::Https { mode, profiles, span } = https else { panic!() };
    assert_eq!((mode.node.as_str(), texts(profiles)), ("required", vec!["staging", "production"]));
    assert_eq!(read.at(*span), "https required in [staging, production]");
    let TransportClause::Hosts { hosts: Hosts::Listed(hosts), .. } = hosts else { panic!() };
    assert_eq!((hosts[1].node.as_str(), read.at(hosts[1].span)), ("b", "\"b\""));
    let TransportClause::Hosts { hosts: Hosts::Any(reason), .. } = any else { panic!() };
    assert_eq!(reason.node, "why");
    let TransportClause::BodyLimit { size, span, .. } = limit else { panic!() };
    assert_eq!((size.node, read.at(*span)), (65_536, "body_limit 64KiB"));
}

#[test]
fn what_transport_leaves_for_later() {
    refused("transport { hsts 365d subdomains preload }", "hsts", "hsts 365d subdomains preload");
    refused("transport { proxies [10.0.0.0/8] }", "proxies", "proxies [10.0.0.0/8]");
    refused("transport { hosts names }", "setting", "hosts names");
    refused("transport { hosts [\"a\", name] in b }", "setting", "hosts [\"a\", name] in b");
    refused("transport { body_limit size }", "setting", "body_limit size");
}

#[test]
fn credential() {
    let read = read(
        "credential access jwt {
            issuer \"i\" audience \"a\" algorithms [HS256, EdDSA] type \"at+jwt\" lifetime 15m leeway 30s
            caller {
                /// Who.
                id: string from \"sub\"
                roles: [role]? from \"realm.roles\"
                groups: [string] from [\"https://x.example/groups\"]
                plan: plan
            }
            waive weak-key \"legacy\"
        }",
    );
    let credential = only!(read, Item::Credential);
    assert_eq!(credential.kind.node, CredentialKind::Jwt);
    let [
        CredentialClause::Issuer(issuer, _),
        CredentialClause::Audience(..),
        CredentialClause::Algorithms(algorithms, span),
        CredentialClause::TokenType(kind, _),
        CredentialClause::Lifetime(lifetime, _),
        CredentialClause::Leeway(leeway, _),
        CredentialClause::Caller(claims, _),
        CredentialClause::Waive(waiver),
    ] = &credential.clauses[..]
    else {
        panic!("{credential:?}")
    };
    assert_eq!((issuer.node.as_str(), kind.node.as_str()), ("i", "at+jwt"));
    assert_eq!(texts(algorithms), ["HS256", "EdDSA"]);
    assert_eq!(read.at(*span), "algorithms [HS256, EdDSA]");
    assert_eq!((lifetime.node, leeway.node), (900, 30));
    assert_eq!((waiver.rule.node.as_str(), waiver.reason.node.as_str()), ("weak-key", "legacy"));
    let from: Vec<_> =
        claims.iter().map(|claim| claim.from.as_ref().map(|from| from.node.join("|"))).collect();
    let expected =
        ["sub", "realm|roles", "https://x.example/groups"].map(|from| Some(from.to_owned()));
    assert_eq!(from[..3], expected);
    assert_eq!(from[3], None);
    assert_eq!(read.at(claims[0].span), "id: string from \"sub\"");
    assert_eq!(read.at(claims[1].name.span), "roles");
    assert_eq!(read.at(claims[1].kind.span), "[role]?");
    let TypeKind::Optional(list) = &claims[1].kind.node else { panic!() };
    assert_eq!(read.at(list.span), "[role]");
    assert!(matches!(&list.node, TypeKind::List(of) if read.at(of.span) == "role"));
}

#[test]
fn what_credentials_leave_for_later() {
    refused("credential a jwt { revocable }", "revocable", "revocable");
    refused("credential a opaque { prefix \"x_\" }", "prefix", "prefix \"x_\"");
    refused("credential a jwt { issuer host }", "setting", "issuer host");
    refused("credential a jwt { leeway some }", "setting", "leeway some");
}

#[test]
fn role_and_enum() {
    let read = read(
        "role admin inherits [user, manager] as \"ROLE_ADMIN\" { write:users a:*:b waive r \"s\" }
         role guest inherits anyone { }
         enum plan { free, pro as \"PRO\" }",
    );
    let [Item::Role(admin), Item::Role(guest), Item::Enumeration(plan)] = &read.file.items[..]
    else {
        panic!()
    };
    assert_eq!(texts(&admin.inherits), ["user", "manager"]);
    assert_eq!(admin.wire.as_ref().map(|wire| wire.node.as_str()), Some("ROLE_ADMIN"));
    assert_eq!(texts(&admin.grants), ["write:users"]);
    assert_eq!(admin.waivers.len(), 1);
    assert_eq!(admin.unsupported[0].what, "wildcard grant");
    assert_eq!(read.at(admin.unsupported[0].span), "a:*:b");
    assert_eq!(texts(&guest.inherits), ["anyone"]);
    assert_eq!(plan.members[1].name.node, "pro");
    assert_eq!(plan.members[1].wire.as_ref().map(|wire| wire.node.as_str()), Some("PRO"));
}

#[test]
fn resource() {
    let read = read(
        "resource order {
            key id: uuid
            view: [string]   // an attribute, though a keyword
            card: string? secret
            predicate owner { order.user_id == caller.id }
            view summary { id view as \"the view\" waive r \"s\" }
         }",
    );
    let [key, list, card, predicate, view] = &only!(read, Item::Resource).clauses[..] else {
        panic!()
    };
    fn attribute(clause: &ResourceClause) -> &Attribute {
        match clause {
            ResourceClause::Attribute(attribute) => attribute,
            other => panic!("{other:?}"),
        }
    }
    assert!(attribute(key).key && !attribute(list).key);
    assert_eq!(read.at(attribute(key).span), "key id: uuid");
    assert_eq!(read.at(attribute(list).span), "view: [string]");
    assert_eq!(attribute(card).secret.map(|span| read.at(span)), Some("secret"));
    let ResourceClause::Predicate { name, condition, .. } = predicate else { panic!() };
    assert_eq!(
        (name.node.as_str(), read.at(condition.span)),
        ("owner", "order.user_id == caller.id")
    );
    let ResourceClause::View(view) = view else { panic!() };
    assert_eq!(view.fields[0].name.node, "id");
    assert_eq!(view.fields[1].wire.as_ref().map(|wire| wire.node.as_str()), Some("the view"));
    assert_eq!(view.waivers.len(), 1);
}

#[test]
fn what_resources_leave_for_later() {
    refused("resource a { visible when owner }", "visible", "visible when owner");
    refused("resource a { view v { ...full } }", "spread", "...full");
    refused(
        "resource a { view v { customer.public as \"c\" } }",
        "nested view",
        "customer.public as \"c\"",
    );
}

#[test]
fn input() {
    let read = read(
        "input listing {
            page: int min 1 max 9 default 1
            sort: string trim one of [\"a\", \"b\"] default \"a\"
            size: int? 1..100 id: uuid
            email: string email   email: string
         }",
    );
    let fields = &only!(read, Item::Input).fields;
    let [Constraint::Min(min, _), Constraint::Max(..), Constraint::Default(..)] =
        &fields[0].constraints[..]
    else {
        panic!()
    };
    assert_eq!(min.node, Literal::Int(1));
    let [Constraint::Trim(_), Constraint::OneOf(values, span), Constraint::Default(..)] =
        &fields[1].constraints[..]
    else {
        panic!()
    };
    assert_eq!((values.len(), read.at(*span)), (2, "one of [\"a\", \"b\"]"));
    assert!(fields[2].kind.optional && !fields[3].kind.optional);
    assert_eq!(read.at(fields[2].kind.span), "int?");
    let [Constraint::Range(range, _)] = &fields[2].constraints[..] else { panic!() };
    assert_eq!((range.low, range.high), (Bound::Int(1), Some(Bound::Int(100))));
    // A word before a colon is a field, elsewhere a constraint.
    assert_eq!(fields[4].unsupported[0].what, "email");
    assert_eq!(fields[5].name.node, "email");
    assert_eq!(read.at(fields[2].span), "size: int? 1..100");
}

#[test]
fn what_inputs_leave_for_later() {
    refused("input a { rules { present 1.. } }", "rules", "rules { present 1.. }");
    refused("input a { check body.a != body.b at a }", "check", "check body.a != body.b at a");
    refused("input a { b: string? or null }", "or null", "or null");
    refused("input a { b: [string 1..2] }", "list type", "[string 1..2]");
    refused("input a { b: int max most }", "setting", "max most");
    refused("input a { b: int default some }", "setting", "default some");
    refused("input a { b: int one of some }", "setting", "one of some");
    for constraint in [
        "lowercase",
        "uppercase",
        "email",
        "slug",
        "ip",
        "date",
        "time",
        "matching /a\\/b/",
        "containing [lower]",
        "through avatars",
        "as \"B\"",
        "fault \"no\"",
    ] {
        let word = constraint.split(' ').next().expect("a word");
        refused(&format!("input a {{ b: string {constraint} }}"), word, constraint);
    }
    refused("input a { b: int settable when x }", "settable when", "settable when x");
}

#[test]
fn budget() {
    let read = read(
        "budget a { limit 1_000 per 15m  key [request.ip, body.email]  algorithm sliding_window }",
    );
    let [
        BudgetClause::Limit { units, period, span },
        BudgetClause::Key(parts, _),
        BudgetClause::Algorithm(algorithm, _),
    ] = &only!(read, Item::Budget).clauses[..]
    else {
        panic!()
    };
    assert_eq!((units.node, period.node, read.at(*span)), (1000, 900, "limit 1_000 per 15m"));
    let segments = &parts[1].path.segments;
    assert_eq!(texts(segments), ["body", "email"]);
    assert_eq!(read.at(segments[1].span), "email");
    assert_eq!(algorithm.node, "sliding_window");
}

#[test]
fn what_budgets_leave_for_later() {
    refused("budget a { limit 1 per 1s burst 2 }", "burst", "burst 2");
    refused("budget a { limit 1 per 1s when exists caller }", "limit when", "when exists caller");
    refused("budget a { limit most per 1s }", "setting", "limit most per 1s");
    refused("budget a { key caller.id else request.ip }", "else key", "caller.id else request.ip");
    refused("budget a { key [a.b, c.d else e.f] }", "else key", "c.d else e.f");
    refused("budget a { refund on success }", "refund on success", "refund on success");
    refused("budget a { unavailable admit \"x\" }", "unavailable admit", "unavailable admit \"x\"");
    refused("budget a { ipv6 /56 }", "ipv6", "ipv6 /56");
}

#[test]
fn group() {
    let read = read(
        "group /api/ { accept [a, b] needs read:x budget [c] params { id: uuid }
           deny when x unless y as conflict  waive r \"s\" }",
    );
    let group = only!(read, Item::Group);
    assert!(group.pattern.trailing_slash);
    let [
        GroupClause::Accept(accepted, _),
        GroupClause::Needs(needs),
        GroupClause::Budget(charged, _),
        GroupClause::Params(Params::Fields(fields, _)),
        GroupClause::Deny { condition, reason, span },
        GroupClause::Waive(_),
    ] = &group.clauses[..]
    else {
        panic!("{group:?}")
    };
    assert_eq!(texts(accepted), ["a", "b"]);
    assert_eq!(needs.permissions[0].node, "read:x");
    assert_eq!(charged[0].budget.node, "c");
    assert_eq!(fields[0].name.node, "id");
    assert_eq!(condition.unless.as_ref().map(|unless| read.at(unless.span)), Some("y"));
    assert_eq!(reason.as_ref().map(|reason| reason.node.as_str()), Some("conflict"));
    assert_eq!(read.at(*span), "deny when x unless y as conflict");
}

#[test]
fn route() {
    let read = read(
        "route PUT /a/{id}/{rest...} { public params shop accept x body change needs [a:b, c:d]
            loads order by [params.id, caller.org]  lists order max 100
            allow when owner  deny when late
            returns order.full when caller is admin  returns [order.summary] }",
    );
    let route = only!(read, Item::Route);
    assert_eq!(route.method.node, "PUT");
    let segments = [
        Segment::Literal("a".into()),
        Segment::Parameter("id".into()),
        Segment::Rest("rest".into()),
    ];
    assert_eq!(route.pattern.segments, segments);
    let [
        RouteClause::Public(_),
        RouteClause::Params(Params::Named(..)),
        RouteClause::Accept(..),
        RouteClause::Body(Body::Named(body, _)),
        RouteClause::Needs(needs),
        RouteClause::Loads { by, .. },
        RouteClause::Lists { max, .. },
        RouteClause::Allow { .. },
        RouteClause::Deny { reason: None, .. },
        RouteClause::Returns { returned: Returned::View(view), condition: Some(_), .. },
        RouteClause::Returns { returned: Returned::List(list), condition: None, span },
    ] = &route.clauses[..]
    else {
        panic!("{route:?}")
    };
    assert_eq!(body.node, "change");
    assert_eq!(texts(&needs.permissions), ["a:b", "c:d"]);
    assert_eq!((by.len(), max.node), (2, 100));
    assert_eq!((view.resource.node.as_str(), view.view.node.as_str()), ("order", "full"));
    assert_eq!(read.at(list.view.span), "summary");
    assert_eq!(read.at(*span), "returns [order.summary]");
}

#[test]
fn what_routes_leave_for_later() {
    for (clause, what) in [
        ("public optional", "public optional"),
        ("retired", "retired"),
        ("signed_in", "signed_in"),
        ("needs any [a:b, c:d]", "needs any"),
        ("require when x as step_up", "require"),
        ("query listing", "query"),
        ("header { x: string as \"X\" }", "header"),
        ("body form listing", "body form"),
        ("body raw max 20MiB types [\"image/png\"]", "body raw"),
        ("creates order", "creates"),
        ("does refund", "does"),
        ("issues session", "issues session"),
        ("lists order max most", "setting"),
        ("returns nothing", "returns nothing"),
        ("returns opaque \"why\"", "returns opaque"),
        ("returns { orders: [order.summary] next: int? }", "envelope"),
    ] {
        refused(&format!("route GET / {{ {clause} }}"), what, clause);
    }
    refused("route GET / { budget [a cost 2] }", "cost", "cost 2");
    refused("group / { require when x }", "require", "require when x");
    refused("group / { query a }", "query", "query a");
}

#[test]
fn declarations_for_later_are_named() {
    for (text, what) in [
        ("setting a: string from host", "setting"),
        ("cors { credentials }", "cors"),
        ("headers { }", "headers"),
        ("errors { format simple }", "errors"),
        ("session { access a }", "session"),
        ("scope a { b:c }", "scope"),
        ("outbound a { ports [443] }", "outbound"),
        ("action a { allow when x }", "action"),
        ("invariant \"a\" { allowed implies x }", "invariant"),
    ] {
        refused(text, what, text);
    }
}

#[test]
fn test_declaration() {
    let read = read(
        "test \"a \\\"b\\\"\" {
            profile production
            caller pat { id: \"u\" role: user scopes: none born: now tags: [a, 1] }
            request GET /a?b=c from ::ffff:192.0.2.1
            resource order none
            header { \"X\": \"y\" }
            body { \"a\": [1e3, null, true, \"\\u{e9}\"], \"a\": {} }
            at 1970-01-01T00:00:01Z
            after 15m
            expect admit times 5
            expect refuse not_found
            expect fields [id, \"a b\"]
            expect rows 0
         }
         test \"c\" { request POST \"http://x/../y\" }",
    );
    let Item::Test(test) = &read.file.items[0] else { panic!() };
    assert_eq!(test.title.node, "a \"b\"");
    let [
        TestClause::Profile(..),
        TestClause::Caller { credential: Some(_), attributes, .. },
        TestClause::Request { method, target: Target::Plain(target), from: Some(from), .. },
        TestClause::Resource { attributes: None, .. },
        TestClause::Header(header, _),
        TestClause::Body(body, _),
        TestClause::At(at, _),
        TestClause::After(after, _),
        TestClause::Expect(Expectation::Admit { times: 5 }, _),
        TestClause::Expect(Expectation::Refuse { times: 1, .. }, _),
        TestClause::Expect(Expectation::Fields(fields), _),
        TestClause::Expect(Expectation::Rows(rows), _),
    ] = &test.clauses[..]
    else {
        panic!("{test:?}")
    };
    assert!(matches!(attributes[1].1, TestValue::Name(_)));
    assert!(matches!(attributes[2].1, TestValue::None(_)));
    assert!(matches!(attributes[3].1, TestValue::Now(_)));
    assert!(matches!(&attributes[4].1, TestValue::List(values, _) if values.len() == 2));
    assert_eq!((method.node.as_str(), target.node.as_str()), ("GET", "/a?b=c"));
    assert_eq!(from.node.to_canonical().to_string(), "192.0.2.1");
    assert_eq!(header[0].1.node, "y");
    let list =
        vec![Json::Number("1e3".into()), Json::Null, Json::Bool(true), Json::Text("é".into())];
    let members = vec![("a".into(), Json::List(list)), ("a".into(), Json::Object(Vec::new()))];
    assert_eq!(body.node, Json::Object(members));
    assert_eq!((at.node, after.node, rows.node), (1_000_000_000, 900, 0));
    assert_eq!(texts(fields), ["id", "a b"]);
    let Item::Test(raw) = &read.file.items[1] else { panic!() };
    assert!(matches!(&raw.clauses[0], TestClause::Request { target: Target::Raw(_), .. }));
}

#[test]
fn what_tests_leave_for_later() {
    for (clause, what) in [
        ("outcome failure", "outcome"),
        ("act refund", "act"),
        ("store unavailable", "store unavailable"),
        ("expect header \"A\" \"b\"", "expect header"),
        ("at moment", "setting"),
    ] {
        refused(&format!("test \"a\" {{ {clause} }}"), what, clause);
    }
    refused("test \"a\" { caller { b: { c: 1 } } }", "nested object", "b: { c: 1 }");
    refused("test \"a\" { caller { b: [a:b] } }", "permission as a value", "a:b");
}

/// An expression with every operator in parentheses.
fn shape(expression: &Expression) -> String {
    let all = |operands: &[Expression], word: &str| {
        let operands: Vec<_> = operands.iter().map(shape).collect();
        format!("({})", operands.join(&format!(" {word} ")))
    };
    match &expression.node {
        ExpressionKind::And(operands) => all(operands, "and"),
        ExpressionKind::Or(operands) => all(operands, "or"),
        ExpressionKind::Not(operand) => format!("(not {})", shape(operand)),
        ExpressionKind::Exists(path) => format!("(exists {})", texts(&path.segments).join(".")),
        ExpressionKind::Else(value, other) => format!("({} else {})", shape(value), shape(other)),
        ExpressionKind::Compare(by, left, right) => {
            format!("({} {by:?} {})", shape(left), shape(right))
        }
        ExpressionKind::In(left, right) => format!("({} in {})", shape(left), shape(right)),
        ExpressionKind::Is(left, roles) => format!("({} is {:?})", shape(left), texts(roles)),
        ExpressionKind::Can(left, right) => format!("({} can {})", shape(left), right.node),
        ExpressionKind::Within(left, right) => format!("({} within {})", shape(left), shape(right)),
        ExpressionKind::OlderThan(left, right) => {
            format!("({} older {})", shape(left), shape(right))
        }
        ExpressionKind::Literal(literal) => format!("{literal:?}"),
        ExpressionKind::List(terms) => format!("{:?}", terms.iter().map(shape).collect::<Vec<_>>()),
        ExpressionKind::Path(path) => texts(&path.segments).join("."),
    }
}

#[track_caller]
fn binds(text: &str, expected: &str) {
    let declared = format!("resource r {{ predicate p {{ {text} }} }}");
    let read = read(&declared);
    let ResourceClause::Predicate { condition, .. } = &only!(read, Item::Resource).clauses[0]
    else {
        panic!()
    };
    assert_eq!(shape(condition), expected);
    assert_eq!(read.at(condition.span), text);
}

#[test]
fn operators_bind_as_the_table_says() {
    binds("a", "a");
    binds("not a == b and c", "((not (a Equal b)) and c)");
    binds("not not a", "(not (not a))");
    binds("a or b or (c and d)", "(a or b or (c and d))");
    binds("(a or b) and c", "((a or b) and c)");
    binds("a else b else c < d", "((a else (b else c)) Less d)");
    binds("exists a.b and a.b >= c", "((exists a.b) and (a.b GreaterOrEqual c))");
    binds("caller is [x, y]", "(caller is [\"x\", \"y\"])");
    binds("caller can read:x", "(caller can read:x)");
    binds(
        "t within 5m or t older than 7d",
        "((t within Duration(300)) or (t older Duration(604800)))",
    );
    binds("a in [x, 1]", "(a in [\"x\", \"Int(1)\"])");
    binds("notable and order == isle", "(notable and (order Equal isle))");
}

#[test]
fn literals() {
    binds("-90", "Int(-90)");
    binds("10_000", "Int(10000)");
    binds("-1.5", "Number(-1.5)");
    binds("true", "Bool(true)");
    binds("\"a\\n\\\"\\u{1F600}\"", "Text(\"a\\n\\\"😀\")");
    binds("64KiB", "Size(65536)");
    binds("7d", "Duration(604800)");
    binds("203.0.113.9", "Ip(203.0.113.9)");
    binds("fd00::1", "Ip(fd00::1)");
    binds("1:2:3:4:5:6:7:8", "Ip(1:2:3:4:5:6:7:8)");
    binds("::ffff:1.2.3.4", "Ip(::ffff:1.2.3.4)");
    binds("64:ff9b::1.2.3.4", "Ip(64:ff9b::102:304)");
    binds("1..5", "Range(Range { low: Int(1), high: Some(Int(5)) })");
    binds("1.5..", "Range(Range { low: Number(1.5), high: None })");
    binds("1970-01-01T00:00:00.5Z", "Time(500000000)");
    binds(
        "(request.ip in 10.0.0.0/8)",
        "(request.ip in Network(Network { address: 10.0.0.0, prefix: 8 }))",
    );
}

#[test]
fn good_declarations_are_read_beside_a_bad_one() {
    let mut sources = Sources::new();
    let id = sources.add(Source::new("a.gate", "role a { b:c }\nrole B { }\nenum d { e }\n"));
    let (file, faults) = parse(&sources, id);
    assert_eq!(faults.len(), 1);
    assert!(matches!(&file.items[..], [Item::Role(_), Item::Enumeration(_)]));
    let Item::Enumeration(second) = &file.items[1] else { panic!() };
    assert_eq!(sources.slice(second.members[0].name.span), "e");
}

#[test]
fn names_of_declarations_may_be_keywords() {
    let read = read("resource\nsession { }\nbudget\nrole { limit 1 per 1s }");
    assert_eq!(read.file.items.len(), 2);
}

#[test]
fn lines_may_end_in_any_way() {
    let read = read("/// A.\r\nrole a { b:c }\r\n// x\r\nrole d { }");
    let Item::Role(role) = &read.file.items[0] else { panic!() };
    assert_eq!(role.docs, ["A."]);
}
