//! Declarations of who may do what, how often and with which input; and tests.

use super::*;

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
    let second = &list(hosts)[1];
    assert_eq!((literal(second), read.at(second.span)), (&Literal::Text("b".into()), "\"b\""));
    let TransportClause::Hosts { hosts: Hosts::Any(reason), .. } = any else { panic!() };
    assert_eq!(reason.node, "why");
    let TransportClause::BodyLimit { size, span, .. } = limit else { panic!() };
    assert_eq!((literal(size), read.at(*span)), (&Literal::Size(65_536), "body_limit 64KiB"));
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
    assert_eq!(
        (literal(issuer), literal(kind)),
        (&Literal::Text("i".into()), &Literal::Text("at+jwt".into()))
    );
    assert_eq!(texts(algorithms), ["HS256", "EdDSA"]);
    assert_eq!(read.at(*span), "algorithms [HS256, EdDSA]");
    assert_eq!(
        (literal(lifetime), literal(leeway)),
        (&Literal::Duration(900), &Literal::Duration(30))
    );
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
fn opaque_credential() {
    let read = read("credential pat opaque { prefix \"shop_\" issuer host revocable }");
    let credential = only!(read, Item::Credential);
    assert_eq!(credential.kind.node, CredentialKind::Opaque);
    let [
        CredentialClause::Prefix(prefix, _),
        CredentialClause::Issuer(issuer, _),
        CredentialClause::Revocable(span),
    ] = &credential.clauses[..]
    else {
        panic!("{credential:?}")
    };
    assert_eq!(prefix.node, "shop_");
    assert_eq!(issuer.node, ValueKind::Name("host".into()));
    assert_eq!(read.at(*span), "revocable");
}

#[test]
fn setting() {
    let read = read(
        "setting pages: [string] { staging [\"a\", b]  production none  waive r \"s\" }
         setting key: string from host",
    );
    let [Item::Setting(pages), Item::Setting(key)] = &read.file.items[..] else { panic!() };
    assert_eq!(read.at(pages.kind.span), "[string]");
    let [(staging, values), (production, none)] = &pages.values[..] else { panic!("{pages:?}") };
    assert_eq!((staging.node.as_str(), list(values).len()), ("staging", 2));
    assert_eq!((production.node.as_str(), read.at(none.span)), ("production", "none"));
    assert_eq!(pages.waivers.len(), 1);
    assert_eq!(key.from_host.map(|span| read.at(span)), Some("host"));
    assert!(key.values.is_empty());
}

#[test]
fn scope() {
    let read = read("scope orders as \"orders:all\" { a:b c:* waive r \"s\" }");
    let scope = only!(read, Item::Scope);
    assert_eq!(scope.wire.as_ref().map(|wire| wire.node.as_str()), Some("orders:all"));
    assert_eq!(texts(&scope.permissions), ["a:b", "c:*"]);
    assert_eq!(scope.waivers.len(), 1);
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
    assert_eq!(texts(&admin.grants), ["write:users", "a:*:b"]);
    assert_eq!(admin.waivers.len(), 1);
    assert_eq!(read.at(admin.grants[1].span), "a:*:b");
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
            visible when owner unless late
            view summary { ...full id view as \"the view\" customer.public as \"c\" waive r \"s\" }
         }",
    );
    let [key, list, card, predicate, visible, view] = &only!(read, Item::Resource).clauses[..]
    else {
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
    let [
        ViewPart::Spread(spread),
        ViewPart::Shown(id),
        ViewPart::Shown(renamed),
        ViewPart::Shown(nested),
    ] = &view.parts[..]
    else {
        panic!("{view:?}")
    };
    assert_eq!((spread.node.as_str(), id.name.node.as_str()), ("full", "id"));
    assert!(id.view.is_none() && id.wire.is_none());
    assert_eq!(renamed.wire.as_ref().map(|wire| wire.node.as_str()), Some("the view"));
    assert_eq!(nested.name.node, "customer");
    assert_eq!(nested.view.as_ref().map(|view| view.node.as_str()), Some("public"));
    assert_eq!(view.waivers.len(), 1);
    let ResourceClause::Visible { condition, span } = visible else { panic!() };
    assert_eq!(read.at(*span), "visible when owner unless late");
    assert_eq!(condition.unless.as_ref().map(|unless| read.at(unless.span)), Some("late"));
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
    assert_eq!(*literal(min), Literal::Int(1));
    let [Constraint::Trim(_), Constraint::OneOf(values, span), Constraint::Default(..)] =
        &fields[1].constraints[..]
    else {
        panic!()
    };
    assert_eq!((list(values).len(), read.at(*span)), (2, "one of [\"a\", \"b\"]"));
    assert!(fields[2].kind.optional && !fields[3].kind.optional);
    assert_eq!(read.at(fields[2].kind.span), "int?");
    let [Constraint::Range(range, _)] = &fields[2].constraints[..] else { panic!() };
    assert_eq!((range.low, range.high), (Bound::Int(1), Some(Bound::Int(100))));
    // A word before a colon is a field, elsewhere a constraint.
    assert!(
        matches!(&fields[4].constraints[..], [Constraint::Format(word)] if word.node == "email")
    );
    assert_eq!(fields[5].name.node, "email");
    assert_eq!(read.at(fields[2].span), "size: int? 1..100");
}

#[test]
fn rules_and_checks_of_an_input() {
    let read = read(
        "input a {
            b: string? or null
            c: [string trim 1..2] 1..9
            rules { present 1..  unknown drop }
            check body.a != body.b at a fault \"no\"
            waive r \"s\"
         }",
    );
    let input = only!(read, Item::Input);
    assert!(input.fields[0].kind.optional);
    assert_eq!(input.fields[0].kind.or_null.map(|span| read.at(span)), Some("or null"));
    let InputTypeKind::List(of, each) = &input.fields[1].kind.node else { panic!() };
    assert!(matches!(&of.node, InputTypeKind::Named(name) if name.node == "string"));
    assert!(matches!(&each[..], [Constraint::Trim(_), Constraint::Range(..)]));
    assert!(matches!(&input.fields[1].constraints[..], [Constraint::Range(..)]));
    let [rules] = &input.rules[..] else { panic!() };
    assert_eq!(rules.present[0].node, Range { low: Bound::Int(1), high: None });
    assert_eq!((rules.unknown.len(), read.at(rules.unknown[0].span)), (1, "unknown drop"));
    let [check] = &input.checks[..] else { panic!() };
    assert_eq!((read.at(check.condition.span), check.at.node.as_str()), ("body.a != body.b", "a"));
    assert_eq!(check.fault.as_ref().map(|fault| fault.node.as_str()), Some("no"));
}

#[test]
fn every_constraint_keeps_its_word_and_its_text() {
    for (text, word) in [
        ("trim", "trim"),
        ("lowercase", "lowercase"),
        ("uppercase", "uppercase"),
        ("email", "email"),
        ("slug", "slug"),
        ("ip", "ip"),
        ("date", "date"),
        ("time", "time"),
        ("min 1", "min"),
        ("max most", "max"),
        ("1..5", "a range"),
        ("default some", "default"),
        ("one of some", "one of"),
        ("matching /a\\/b/", "matching"),
        ("containing [lower]", "containing"),
        ("through avatars", "through"),
        ("as \"B\"", "as"),
        ("settable when x unless y", "settable"),
        ("fault \"no\"", "fault"),
    ] {
        let read = read(&format!("input a {{ b: string {text} }}"));
        let [field] = &only!(read, Item::Input).fields[..] else { panic!() };
        let [constraint] = &field.constraints[..] else { panic!("{text}: {field:?}") };
        assert_eq!((constraint.word(), read.at(constraint.span())), (word, text));
    }
}

#[test]
fn budget() {
    let read = read(
        "budget a { limit 1_000 per 15m  key [request.ip, body.email]  algorithm sliding_window }",
    );
    let [
        BudgetClause::Limit { units, period, burst: None, condition: None, span },
        BudgetClause::Key(parts, _),
        BudgetClause::Algorithm(algorithm, _),
    ] = &only!(read, Item::Budget).clauses[..]
    else {
        panic!()
    };
    assert_eq!(
        (literal(units), literal(period), read.at(*span)),
        (&Literal::Int(1000), &Literal::Duration(900), "limit 1_000 per 15m")
    );
    let segments = &parts[1].alternatives[0].segments;
    assert_eq!(texts(segments), ["body", "email"]);
    assert_eq!(read.at(segments[1].span), "email");
    assert_eq!(algorithm.node, "sliding_window");
}

#[test]
fn every_clause_of_a_budget() {
    let read = read(
        "budget a {
            limit most per 1s burst 2 when exists caller unless x
            key [a.b, c.d else e.f else g.h]
            refund on success
            unavailable admit \"why\"
            ipv6 /56
            waive r \"s\"
         }",
    );
    let [
        BudgetClause::Limit { units, burst: Some(burst), condition: Some(condition), .. },
        BudgetClause::Key(parts, _),
        BudgetClause::Refund(refund),
        BudgetClause::Unavailable(why, _),
        BudgetClause::Ipv6(prefix, span),
        BudgetClause::Waive(_),
    ] = &only!(read, Item::Budget).clauses[..]
    else {
        panic!()
    };
    assert_eq!(units.node, ValueKind::Name("most".into()));
    assert_eq!(*literal(burst), Literal::Int(2));
    assert_eq!(read.at(condition.when.span), "exists caller");
    assert_eq!(condition.unless.as_ref().map(|unless| read.at(unless.span)), Some("x"));
    let alternatives: Vec<_> =
        parts[1].alternatives.iter().map(|path| texts(&path.segments)).collect();
    assert_eq!(alternatives, [["c", "d"], ["e", "f"], ["g", "h"]]);
    assert_eq!(read.at(parts[1].span), "c.d else e.f else g.h");
    assert_eq!(read.at(*refund), "refund on success");
    assert_eq!((why.node.as_str(), prefix.node, read.at(*span)), ("why", 56, "ipv6 /56"));
}

#[test]
fn group() {
    let read = read(
        "group /api/ { accept [a, b] needs read:x budget [c cost 2, d] params { id: uuid }
           deny when x unless y as conflict  require when z as step_up  query listing
           waive r \"s\" }",
    );
    let group = only!(read, Item::Group);
    assert!(group.pattern.trailing_slash);
    let [
        GroupClause::Accept(accepted, _),
        GroupClause::Demand(Demand::Needs(needs)),
        GroupClause::Demand(Demand::Budget(charged, _)),
        GroupClause::Takes(Takes {
            source: InputSource::Params, shape: Shape::Fields(fields), ..
        }),
        GroupClause::Demand(Demand::Deny(Guard { condition, reason, span })),
        GroupClause::Demand(Demand::Require(require)),
        GroupClause::Takes(Takes {
            source: InputSource::Query, shape: Shape::Named(query), ..
        }),
        GroupClause::Waive(_),
    ] = &group.clauses[..]
    else {
        panic!("{group:?}")
    };
    assert_eq!(texts(accepted), ["a", "b"]);
    assert_eq!(needs.permissions[0].node, "read:x");
    assert!(!needs.any);
    assert_eq!((charged[0].budget.node.as_str(), charged[1].budget.node.as_str()), ("c", "d"));
    assert_eq!(charged[0].cost.as_ref().map(|cost| cost.node), Some(2));
    assert!(charged[1].cost.is_none());
    assert_eq!(read.at(require.span), "require when z as step_up");
    assert_eq!(query.node, "listing");
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
        RouteClause::Public { optional: false, .. },
        RouteClause::Takes(Takes {
            source: InputSource::Params, shape: Shape::Named(params), ..
        }),
        RouteClause::Accept(..),
        RouteClause::Body(Body { kind: BodyKind::Json(Shape::Named(body)), .. }),
        RouteClause::Demand(Demand::Needs(needs)),
        RouteClause::Loads(Loads { by, .. }),
        RouteClause::Lists { max, .. },
        RouteClause::Allow(_),
        RouteClause::Demand(Demand::Deny(Guard { reason: None, .. })),
        RouteClause::Returns { returned: Returned::View(view), condition: Some(_), .. },
        RouteClause::Returns { returned: Returned::List(list), condition: None, span },
    ] = &route.clauses[..]
    else {
        panic!("{route:?}")
    };
    assert_eq!((params.node.as_str(), body.node.as_str()), ("shop", "change"));
    assert_eq!(texts(&needs.permissions), ["a:b", "c:d"]);
    assert_eq!((by.len(), literal(max)), (2, &Literal::Int(100)));
    assert_eq!((view.resource.node.as_str(), view.view.node.as_str()), ("order", "full"));
    assert_eq!(read.at(list.view.span), "summary");
    assert_eq!(read.at(*span), "returns [order.summary]");
}

/// The one clause of a route.
#[track_caller]
fn clause(text: &str) -> RouteClause {
    let read = read(&format!("route GET / {{ {text} }}"));
    let [clause] = &only!(read, Item::Route).clauses[..] else { panic!("{text}") };
    clause.clone()
}

#[test]
fn clauses_of_a_route() {
    assert!(matches!(clause("public optional"), RouteClause::Public { optional: true, .. }));
    assert!(matches!(clause("retired"), RouteClause::Retired(_)));
    assert!(matches!(clause("signed_in"), RouteClause::SignedIn(_)));
    let RouteClause::Demand(Demand::Needs(needs)) = clause("needs any [a:b, c:d]") else {
        panic!()
    };
    assert!(needs.any && texts(&needs.permissions) == ["a:b", "c:d"]);
    let RouteClause::Demand(Demand::Require(guard)) = clause("require when x as step_up") else {
        panic!()
    };
    assert_eq!(guard.reason.map(|reason| reason.node), Some("step_up".into()));
    let RouteClause::Takes(header) = clause("header { x: string as \"X\" }") else { panic!() };
    assert_eq!(header.source, InputSource::Header);
    assert!(matches!(header.shape, Shape::Fields(fields) if fields.len() == 1));
    let RouteClause::Body(form) = clause("body form listing") else { panic!() };
    assert!(matches!(form.kind, BodyKind::Form(Shape::Named(name)) if name.node == "listing"));
    let RouteClause::Body(raw) = clause("body raw max 20MiB types [\"image/png\"]") else {
        panic!()
    };
    let BodyKind::Raw { max, types: Some(types) } = &raw.kind else { panic!() };
    assert_eq!((literal(max), list(types).len()), (&Literal::Size(20 << 20), 1));
    let RouteClause::Creates { resource, .. } = clause("creates order") else { panic!() };
    assert_eq!(resource.node, "order");
    let RouteClause::Does { action, .. } = clause("does refund") else { panic!() };
    assert_eq!(action.node, "refund");
    let RouteClause::Session { verb, .. } = clause("issues session") else { panic!() };
    assert_eq!(verb.node, "issues");
}

#[test]
fn what_a_route_returns() {
    fn returned(text: &str) -> Returned {
        match clause(text) {
            RouteClause::Returns { returned, .. } => returned,
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(returned("returns nothing"), Returned::Nothing));
    assert!(
        matches!(returned("returns opaque \"why\""), Returned::Opaque(why) if why.node == "why")
    );
    let envelope = "returns { orders: [order.summary] as \"items\" one: order.full? next: int? }";
    let Returned::Envelope(fields) = returned(envelope) else { panic!() };
    let [orders, one, next] = &fields[..] else { panic!("{fields:?}") };
    assert!(matches!(&orders.content, Content::List(view) if view.view.node == "summary"));
    assert_eq!(orders.wire.as_ref().map(|wire| wire.node.as_str()), Some("items"));
    assert!(orders.optional.is_none() && one.optional.is_some());
    assert!(matches!(&one.content, Content::View(view) if view.resource.node == "order"));
    assert!(matches!(&next.content, Content::Plain(_)));
}

#[test]
fn action() {
    let read = read(
        "/// Money back.
         action refund { needs a:b  loads order by body.order  allow when x  deny when y
            budget [z]  waive r \"s\" }",
    );
    let action = only!(read, Item::Action);
    assert_eq!(
        (action.name.node.as_str(), &action.docs[..]),
        ("refund", &["Money back.".into()][..])
    );
    assert!(matches!(
        &action.clauses[..],
        [
            ActionClause::Demand(Demand::Needs(_)),
            ActionClause::Loads(_),
            ActionClause::Allow(_),
            ActionClause::Demand(Demand::Deny(_)),
            ActionClause::Demand(Demand::Budget(..)),
            ActionClause::Waive(_),
        ]
    ));
}

#[test]
fn test_declaration() {
    let read = read(
        "test \"a \\\"b\\\"\" {
            profile production
            caller pat { id: \"u\" role: user scopes: none born: now tags: [a, 1, b:c]
               home: { city: \"x\" } }
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
            outcome failure
            act refund
            store unavailable
            expect header \"A\" \"b\"
            expect faults [a, \"b.c\"]
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
        TestClause::Body(SentBody::Json(body), _),
        TestClause::At(at, _),
        TestClause::After(after, _),
        TestClause::Expect(Expectation::Admit { times: 5 }, _),
        TestClause::Expect(Expectation::Refuse { times: 1, .. }, _),
        TestClause::Expect(Expectation::Fields(fields), _),
        TestClause::Expect(Expectation::Rows(rows), _),
        TestClause::Outcome(false, _),
        TestClause::Act(act, _),
        TestClause::StoreUnavailable(_),
        TestClause::Expect(Expectation::Header(name, Some(value)), _),
        TestClause::Expect(Expectation::Faults(faults), _),
    ] = &test.clauses[..]
    else {
        panic!("{test:?}")
    };
    assert!(matches!(attributes[1].1, TestValue::Name(_)));
    assert!(matches!(attributes[2].1, TestValue::None(_)));
    assert!(matches!(attributes[3].1, TestValue::Now(_)));
    assert!(matches!(&attributes[4].1, TestValue::List(values, _) if values.len() == 3));
    assert!(
        matches!(&attributes[5].1, TestValue::Record(fields, _) if texts(&[fields[0].0.clone()]) == ["city"])
    );
    assert_eq!((method.node.as_str(), target.node.as_str()), ("GET", "/a?b=c"));
    assert_eq!(from.node.to_canonical().to_string(), "192.0.2.1");
    assert_eq!(header[0].1.node, "y");
    let list =
        vec![Json::Number("1e3".into()), Json::Null, Json::Bool(true), Json::Text("é".into())];
    let members = vec![("a".into(), Json::List(list)), ("a".into(), Json::Object(Vec::new()))];
    assert_eq!(body.node, Json::Object(members));
    assert_eq!((at.node, after.node, rows.node), (1_000_000_000, 900, 0));
    assert_eq!(texts(fields), ["id", "a b"]);
    assert_eq!((act.node.as_str(), name.node.as_str(), value.node.as_str()), ("refund", "A", "b"));
    assert_eq!(faults.len(), 2);
    let Item::Test(raw) = &read.file.items[1] else { panic!() };
    assert!(matches!(&raw.clauses[0], TestClause::Request { target: Target::Raw(_), .. }));
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
