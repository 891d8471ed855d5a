//! What is to be looked at: each flaw under its risk, at its routes and nowhere else.

use portcullis_audit::{Block, Document, Piece};

use super::policies::{page, page_of};

/// One policy with a flaw of each kind, and beside it the same without.
const FLAWED: &str = r#"
transport { https off }
cors { origins ["*"] }
credential weak jwt { issuer "i" audience "a" algorithms [HS256] lifetime 2h
    caller { id: string from "sub"  role: role from "role" } }
credential good jwt { issuer "i" audience "b" algorithms [EdDSA] type "at+jwt" lifetime 5m revocable
    caller { id: string from "sub"  role: role from "role" } }
session { access good  refresh 7d }
role user { read:a write:a }
resource r {
    key id: uuid  user: string  open: bool
    predicate owner { r.user == caller.id }
    view v { id }
}
outbound far { schemes [https, http]  ports [80, 443]  redirects 2 }
budget all { limit 100 per 1m }
budget mine { limit 10 per 1m  key caller.id else request.ip }
budget chosen { limit 10 per 1m  key body.name }
budget loose { limit 10 per 1m  key request.ip  unavailable admit "it may" }

route POST /login { public  body { name: string 1..9 }  budget [all]  issues session  returns nothing }
route POST /renew { public  renews session  budget [mine]  returns nothing }
group /v1 {
    accept [good]
    route GET /named/{id} { params { id: uuid } signed_in budget [mine] loads r by params.id returns r.v }
    route GET /needed/{id} { params { id: uuid } needs read:a budget [mine] loads r by params.id returns r.v }
    route GET /owned/{id} { params { id: uuid } needs read:a budget [mine] loads r by params.id allow when owner returns r.v }
    route GET /barred/{id} { params { id: uuid } needs read:a budget [mine] loads r by params.id deny when owner returns r.v }
    route GET /unless/{id} { params { id: uuid } needs read:a budget [mine] loads r by params.id deny when not owner returns r.v }
    route GET /either/{id} { params { id: uuid } needs read:a budget [mine] loads r by params.id allow when owner allow when r.open returns r.v }
    route GET /staff/{id} { params { id: uuid } needs read:a budget [mine] loads r by params.id allow when owner allow when caller is user returns r.v }
    route GET /bare { needs read:a }
    route GET /told { needs read:a budget [loose] returns opaque "they are figures" }
    route POST /send { needs write:a budget [chosen] body { name: string 1..9  to: url  from: url through far } returns nothing }
    route PUT /file { signed_in budget [mine] body raw max 1MiB returns nothing }
}
route GET /v2/told { accept [good] needs read:a budget [mine] returns nothing }
"#;

/// The places of each sentence of a risk, without their marks and positions.
fn gaps(document: &Document, id: &str) -> Vec<(String, Vec<String>)> {
    let owasp = document.sections.iter().find(|section| section.id == "owasp").unwrap();
    let part = owasp.parts.iter().find(|part| part.id == id).unwrap();
    let lists = part.blocks.iter().filter_map(|block| match block {
        Block::List(texts) => Some(texts),
        _ => None,
    });
    let marked =
        lists.flatten().filter(|text| matches!(text.pieces().first(), Some(Piece::Mark(_))));
    let said = marked.map(|text| {
        let mut sentence = String::new();
        let mut places = Vec::new();
        let mut last = String::new();
        for piece in text.pieces() {
            match piece {
                Piece::Mark(mark) => sentence.push_str(mark.as_str()),
                Piece::Words(words) => sentence.push_str(words),
                Piece::Code(code) => last.clone_from(code),
                Piece::Place(_) => places.push(last.clone()),
                Piece::Break => {}
            }
        }
        (sentence, places)
    });
    said.collect()
}

fn at(document: &Document, id: &str, begins: &str) -> Vec<String> {
    let found = gaps(document, id).into_iter().find(|(sentence, _)| sentence.starts_with(begins));
    found.map_or_else(Vec::new, |(_, places)| places)
}

#[test]
fn each_flaw_is_found_where_it_is() {
    let document = page(FLAWED);
    for (id, begins, places) in [
        ("api1", "gap: any caller", &["GET /v1/named/{id}"][..]),
        ("api1", "review: whoever has", &["GET /v1/needed/{id}", "GET /v1/barred/{id}"]),
        ("api1", "review: one ", &["GET /v1/either/{id}"]),
        ("api2", "gap: who signs in is not counted by the account", &["POST /login"]),
        ("api2", "gap: who signs in is not counted by address", &["POST /login"]),
        ("api2", "gap: refresh tokens can be tried", &[]),
        ("api2", "gap: a stolen token", &["weak"]),
        ("api2", "review: a token may live", &["weak"]),
        ("api2", "review: no ", &["weak"]),
        ("api2", "review: signed with a shared secret", &["weak"]),
        ("api3", "gap: no ", &["GET /v1/bare"]),
        ("api3", "review: : whatever", &["GET /v1/told"]),
        ("api3", "review: : the bytes", &["PUT /v1/file"]),
        ("api4", "gap: no budget", &["GET /v1/bare"]),
        ("api4", "gap: all callers share", &["POST /login"]),
        ("api4", "gap: every key", &["POST /v1/send"]),
        ("api4", "review: a budget goes on", &["GET /v1/told"]),
        ("api5", "review: whoever has no credential", &[]),
        ("api5", "review: whoever has a good credential", &["PUT /v1/file"]),
        ("api6", "review: it changes", &["POST /login", "POST /v1/send"]),
        ("api7", "gap: a URL", &["POST /v1/send"]),
        ("api7", "review: an outbound names no hosts", &["far"]),
        ("api7", "review: an outbound fetches", &["far"]),
        ("api7", "review: an outbound follows", &["far"]),
        ("api9", "gap: a newer version", &["GET /v1/told"]),
        ("api10", "review: what is fetched", &["far"]),
    ] {
        assert_eq!(at(&document, id, begins), places, "{id} {begins} {:#?}", gaps(&document, id));
    }
    let said = |id: &str, begins: &str| {
        gaps(&document, id).iter().any(|(sentence, _)| sentence.starts_with(begins))
    };
    for (id, begins) in [
        ("api2", "gap: refresh tokens do not rotate"),
        ("api2", "review: a session that is used never ends"),
        ("api2", "review: clients keep refresh tokens"),
        ("api8", "gap: plain HTTP is answered"),
        ("api8", "review: any  is answered"),
        ("api8", "review: pages of every origin"),
    ] {
        assert!(said(id, begins), "{id} {begins} {:#?}", gaps(&document, id));
    }
}

/// What the sentences of API1 are of one route with these clauses, and whether its table says that caller
/// and object are related.
fn api1(clauses: &str) -> (Vec<String>, bool) {
    let document = page(&format!(
        r#"
credential access jwt {{ issuer "i" audience "a" algorithms [EdDSA] type "at+jwt" lifetime 5m revocable
    caller {{ id: string from "sub"  role: role from "role" }} }}
role reader {{ read:a }}
role banned {{ read:b }}
resource loan {{
    key id: uuid  user: string  open: bool
    predicate own {{ loan.user == caller.id }}
    view v {{ id }}
}}
budget mine {{ limit 10 per 1m  key caller.id }}
route GET /loans/{{id}} {{
    params {{ id: uuid }} accept [access] budget [mine] loads loan by params.id
    {clauses}
    returns loan.v
}}
"#
    ));
    let said = gaps(&document, "api1").into_iter().map(|(sentence, _)| sentence);
    let related = portcullis_audit::text(&document).contains("caller and object are related, by");
    (said.collect(), related)
}

#[test]
fn caller_and_object_are_related_only_where_each_way_in_relates_them() {
    for clauses in [
        "signed_in allow when own",
        "signed_in allow when own and loan.open",
        "signed_in deny when not own",
        "signed_in deny when not own or loan.open",
        "signed_in deny when not (own and loan.open)",
        "signed_in allow when own or caller is reader",
        "signed_in allow when (own and loan.open) or own",
    ] {
        assert_eq!(api1(clauses), (Vec::new(), true), "{clauses}");
    }
    for clauses in [
        "signed_in allow when own or loan.open",
        "signed_in allow when loan.open or (own and caller is reader)",
        "signed_in deny when not own and loan.open",
        "signed_in allow when not (loan.open and not own)",
        "signed_in deny when not (own or loan.open)",
        "signed_in deny when own",
    ] {
        let (said, related) = api1(clauses);
        assert!(!related, "{clauses}");
        assert!(matches!(said.as_slice(), [one] if one.starts_with("gap: any caller")), "{said:?}");
    }
}

#[test]
fn only_who_has_to_have_a_role_is_asked_for_one() {
    for (clauses, begins) in [
        ("signed_in deny when caller is banned", "gap: any caller"),
        ("signed_in allow when not caller is banned", "gap: any caller"),
        ("signed_in allow when caller is reader or loan.open", "gap: any caller"),
        ("signed_in deny when not caller is reader and loan.open", "gap: any caller"),
        ("signed_in allow when caller is reader", "review: whoever has"),
        ("signed_in deny when not caller is reader", "review: whoever has"),
        ("signed_in deny when loan.open or not caller is reader", "review: whoever has"),
        ("needs read:a deny when caller is banned", "review: whoever has"),
    ] {
        let (said, _) = api1(clauses);
        assert!(matches!(said.as_slice(), [one] if one.starts_with(begins)), "{clauses} {said:?}");
    }
}

#[test]
fn a_key_with_a_part_that_the_client_chooses_is_chosen() {
    let chosen = |key: &str, more: &str| {
        let optional = if key.contains("else") { "?" } else { "" };
        let document = page(&format!(
            r#"
budget some {{ limit 10 per 1m  key {key} }}
budget address {{ limit 90 per 1m  key request.ip }}
route POST /wishes/{{id}} {{
    public
    params {{ id: uuid }}
    header {{ device: string{optional} max 40 }}
    body   {{ name: string 1..9 }}
    budget [some{more}]
    returns nothing
}}
"#
        ));
        let every = at(&document, "api4", "gap: every key");
        assert_eq!(at(&document, "api6", "review: it changes"), every, "{key}");
        !every.is_empty()
    };
    for key in [
        "header.device else request.ip",
        "[request.ip, header.device]",
        "[request.ip, body.name]",
        "[request.ip, params.id]",
        "body.name",
    ] {
        assert!(chosen(key, ""), "{key}");
        assert!(!chosen(key, ", address"), "{key}");
    }
    for key in ["request.ip", "[request.ip, request.path]"] {
        assert!(!chosen(key, ""), "{key}");
    }
}

#[test]
fn an_account_is_counted_by_a_field_that_names_it_and_by_nothing_beside() {
    let counted = |fields: &str, key: &str| {
        let document = page(&format!(
            r#"
credential good jwt {{ issuer "i" audience "b" algorithms [EdDSA] type "at+jwt" lifetime 5m revocable
    caller {{ id: string from "sub" }} }}
session {{ access good  refresh 7d rotating at most 30d }}
budget address {{ limit 60 per 1m  key request.ip }}
budget some {{ limit 10 per 1m  key {key} }}
route POST /login {{
    public
    header {{ app: string max 40 }}
    body {{ {fields}  device_id: string 1..9  password: string 8..99 }}
    budget [address, some]
    issues session
    returns nothing
}}
route POST /renew {{ public  renews session  budget [address]  returns nothing }}
"#
        ));
        at(&document, "api2", "gap: who signs in is not counted by the account").is_empty()
    };
    for (fields, key) in [
        ("email: string 1..9", "body.email"),
        ("user_name: string 1..9", "body.user_name"),
        ("tenant: string 1..9  phone: string 1..9", "[body.tenant, body.phone]"),
        ("card: string 1..9", "body.card"),
    ] {
        assert!(counted(fields, key), "{key}");
    }
    for (fields, key) in [
        ("email: string 1..9", "[request.ip, body.email]"),
        ("email: string 1..9", "[header.app, body.email]"),
        ("email: string 1..9", "[body.email, body.device_id]"),
        ("email: string 1..9", "body.device_id"),
        ("email: string 1..9", "body.password"),
        ("email: string 1..9  card: string 1..9", "body.card"),
        ("card: string 1..9", "body.device_id"),
        ("email: string 1..9", "request.ip"),
    ] {
        assert!(!counted(fields, key), "{key}");
    }
}

/// The shop's own page: what a reviewer has to agree with, and no gap.
#[test]
fn the_shop_has_no_gap() {
    let document = page_of("shop");
    for id in ["api1", "api2", "api3", "api4", "api5", "api6", "api7", "api8", "api9", "api10"] {
        for (sentence, places) in gaps(&document, id) {
            assert!(sentence.starts_with("review"), "{id}: {sentence} {places:?}");
        }
    }
    let unrelated = at(&document, "api1", "review: whoever has");
    assert_eq!(unrelated, ["GET /api/users", "DELETE /api/users/{id}"]);
}
