//! What is said about answers, sessions, outbound requests and invariants.

use super::*;
use portcullis_syntax::Code;

#[test]
fn transport_keeps_hsts_and_proxies() {
    let read = read(
        "transport { hsts 365d subdomains preload in production  hsts week  proxies [10.0.0.0/8] }",
    );
    let [
        TransportClause::Hsts { max_age, subdomains, preload, profiles, span },
        TransportClause::Hsts { max_age: week, subdomains: None, preload: None, .. },
        TransportClause::Proxies { networks, .. },
    ] = &only!(read, Item::Transport).clauses[..]
    else {
        panic!()
    };
    assert_eq!(*literal(max_age), Literal::Duration(365 * 86_400));
    assert_eq!(subdomains.map(|span| read.at(span)), Some("subdomains"));
    assert_eq!(preload.map(|span| read.at(span)), Some("preload"));
    assert_eq!(texts(profiles), ["production"]);
    assert_eq!(read.at(*span), "hsts 365d subdomains preload in production");
    assert_eq!(week.node, ValueKind::Name("week".into()));
    assert_eq!(read.at(list(networks)[0].span), "10.0.0.0/8");
}

#[test]
fn cors() {
    let read = read(
        "/// Pages.
         cors { origins pages in [a, b]  methods [GET, POST]  headers [\"X\"]  expose []
           credentials in a  waive r \"s\"  max_age 24h }",
    );
    let cors = only!(read, Item::Cors);
    assert_eq!((&cors.docs[..], read.at(cors.keyword)), (&["Pages.".to_owned()][..], "cors"));
    let clauses: Vec<_> = cors.clauses.iter().map(|limited| &limited.clause).collect();
    let [
        CorsClause::Origins(origins),
        CorsClause::Methods(methods),
        CorsClause::Headers(headers),
        CorsClause::Expose(expose),
        CorsClause::Credentials,
        CorsClause::MaxAge(max_age),
    ] = &clauses[..]
    else {
        panic!("{cors:?}")
    };
    assert_eq!(origins.node, ValueKind::Name("pages".into()));
    assert_eq!(texts(methods), ["GET", "POST"]);
    assert_eq!((list(headers).len(), list(expose).len()), (1, 0));
    assert_eq!(*literal(max_age), Literal::Duration(86_400));
    assert_eq!(texts(&cors.clauses[0].profiles), ["a", "b"]);
    assert!(cors.clauses[1].profiles.is_empty());
    assert_eq!(read.at(cors.clauses[4].span), "credentials in a");
    assert_eq!(cors.waivers[0].rule.node, "r");
}

#[test]
fn headers() {
    let read = read(
        "headers { frame_options deny in a  permissions_policy \"b=()\"  remove [\"Server\"]
           csp { img_src [self, \"data:\"]  sandbox  waive weak_csp \"why\" } in b  waive r \"s\" }",
    );
    let headers = only!(read, Item::Headers);
    let clauses: Vec<_> = headers.clauses.iter().map(|limited| &limited.clause).collect();
    let [
        HeadersClause::Set { header, value: word },
        HeadersClause::Set { value: text, .. },
        HeadersClause::Remove(removed),
        HeadersClause::Csp(csp),
    ] = &clauses[..]
    else {
        panic!("{headers:?}")
    };
    assert_eq!(header.node, "frame_options");
    assert_eq!((&word.node, read.at(word.span)), (&ValueKind::Name("deny".into()), "deny"));
    assert_eq!(*literal(text), Literal::Text("b=()".into()));
    assert_eq!(list(removed).len(), 1);
    let [img, sandbox] = &csp.directives[..] else { panic!() };
    assert_eq!(
        (img.name.node.as_str(), read.at(img.span)),
        ("img_src", "img_src [self, \"data:\"]")
    );
    let sources = list(img.sources.as_ref().expect("sources"));
    assert_eq!(sources[0].node, ValueKind::Name("self".into()));
    assert_eq!(*literal(&sources[1]), Literal::Text("data:".into()));
    assert!(sandbox.sources.is_none());
    assert_eq!((csp.waivers.len(), headers.waivers.len()), (1, 1));
    assert_eq!(texts(&headers.clauses[3].profiles), ["b"]);
}

#[test]
fn errors() {
    let read = read("errors { format problem  status invalid_input 422 in b }");
    let errors = only!(read, Item::Errors);
    let [format, status] = &errors.clauses[..] else { panic!() };
    assert!(matches!(&format.clause, ErrorsClause::Format(name) if name.node == "problem"));
    let ErrorsClause::Status { reason, status: code } = &status.clause else { panic!() };
    assert_eq!(
        (reason.node.as_str(), code.node, read.at(code.span)),
        ("invalid_input", 422, "422")
    );
    assert_eq!(read.at(status.span), "status invalid_input 422 in b");
}

#[test]
fn session() {
    let read = read(
        "session { access token  refresh 7d rotating grace pause at most 30d
           cookie \"c\" path /api/auth  waive r \"s\" }",
    );
    let [
        SessionClause::Access(access, _),
        SessionClause::Refresh(refresh),
        SessionClause::Cookie { name, path: Some(path), span },
        SessionClause::Waive(_),
    ] = &only!(read, Item::Session).clauses[..]
    else {
        panic!()
    };
    assert_eq!(access.node, "token");
    assert_eq!(*literal(&refresh.lifetime), Literal::Duration(7 * 86_400));
    assert_eq!(refresh.rotating.map(|span| read.at(span)), Some("rotating"));
    assert_eq!(refresh.grace.as_ref().map(|value| read.at(value.span)), Some("pause"));
    assert_eq!(refresh.at_most.as_ref().map(|value| read.at(value.span)), Some("30d"));
    assert_eq!((name.node.as_str(), path.text.as_str()), ("c", "/api/auth"));
    assert_eq!(read.at(*span), "cookie \"c\" path /api/auth");
}

#[test]
fn the_words_of_a_refresh_say_which_length_is_which() {
    let read = read("session { refresh 7d at most 30d }");
    let [SessionClause::Refresh(refresh)] = &only!(read, Item::Session).clauses[..] else {
        panic!()
    };
    assert!(refresh.grace.is_none() && refresh.rotating.is_none());
    assert_eq!(refresh.at_most.as_ref().map(|value| read.at(value.span)), Some("30d"));
}

#[test]
fn outbound() {
    let read = read(
        "outbound avatars { schemes [https]  ports [443, 8443]  hosts [\"*.a.example\"]
           redirects 0  waive r \"s\" }",
    );
    let outbound = only!(read, Item::Outbound);
    assert_eq!((outbound.name.node.as_str(), read.at(outbound.keyword)), ("avatars", "outbound"));
    let [
        OutboundClause::Schemes(schemes, _),
        OutboundClause::Ports(ports, _),
        OutboundClause::Hosts(hosts, _),
        OutboundClause::Redirects(redirects, span),
        OutboundClause::Waive(_),
    ] = &outbound.clauses[..]
    else {
        panic!()
    };
    assert_eq!(list(schemes)[0].node, ValueKind::Name("https".into()));
    assert_eq!((list(ports).len(), list(hosts).len()), (2, 1));
    assert_eq!((literal(redirects), read.at(*span)), (&Literal::Int(0), "redirects 0"));
}

#[test]
fn invariants() {
    let read = read(
        "/// Why.
         invariant \"a\" { on GET [/a/*, /b/**] except /a/{id}  allowed implies x or y  waive r \"s\"  on ** }
         invariant \"b\" { reveals user.email implies x }
         invariant \"c\" { writes body.a.b implies not x }",
    );
    let [Item::Invariant(allowed), Item::Invariant(reveals), Item::Invariant(writes)] =
        &read.file.items[..]
    else {
        panic!()
    };
    assert_eq!((allowed.title.node.as_str(), &allowed.docs[..]), ("a", &["Why.".to_owned()][..]));
    let [first, second] = &allowed.on[..] else { panic!() };
    assert_eq!(first.method.as_ref().map(|method| method.node.as_str()), Some("GET"));
    assert_eq!(read.at(first.span), "on GET [/a/*, /b/**] except /a/{id}");
    let segments: Vec<_> = first.patterns.iter().map(|pattern| &pattern.segments[..]).collect();
    let text = |text: &str| Segment::Literal(text.to_owned());
    assert_eq!(
        segments,
        [&[text("a"), Segment::Wildcard][..], &[text("b"), Segment::Wildcards][..]]
    );
    assert_eq!(first.except[0].segments, [text("a"), Segment::Parameter("id".into())]);
    assert_eq!(second.patterns[0].segments, [Segment::Wildcards]);
    assert!(second.method.is_none() && second.except.is_empty());
    assert!(matches!(allowed.property.node, Property::Allowed));
    assert_eq!(read.at(allowed.implied.span), "x or y");
    assert_eq!(allowed.waivers.len(), 1);
    let Property::Reveals { resource, field } = &reveals.property.node else { panic!() };
    assert_eq!((resource.node.as_str(), field.node.as_str()), ("user", "email"));
    assert_eq!(read.at(field.span), "email");
    assert_eq!(read.at(reveals.property.span), "reveals user.email");
    let Property::Writes(path) = &writes.property.node else { panic!() };
    assert_eq!((texts(&path.segments), read.at(path.span)), (vec!["body", "a", "b"], "body.a.b"));
    assert!(matches!(writes.implied.node, ExpressionKind::Not(_)));
}

#[test]
fn no_profile_is_not_every_profile() {
    let mut sources = Sources::new();
    let id = sources.add(Source::new("a.gate", "transport { https off in [] }"));
    let (_, faults) = parse(&sources, id);
    let [fault] = &faults[..] else { panic!("{faults:?}") };
    assert_eq!((fault.code, fault.message.as_str()), (Code::Syntax, "expected a name, found `]`"));
}
