//! What the benches decide: an order of a shop, by the engine and by hand.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use portcullis::{
    AttributeType, Caller, Engine, Policy, Refusal, Request, Resource, Timestamp, Value,
};

/// The path that is asked for.
pub const TARGET: &str = "/api/orders/3f0e8a52-7c1d-4c7e-9a43-2f6f9d1b5a10";
/// The key in it.
pub const KEY: u128 = 0x3f0e_8a52_7c1d_4c7e_9a43_2f6f_9d1b_5a10;

/// An order.
pub struct Order {
    /// Its key.
    pub id: u128,
    /// Whose it is.
    pub user_id: String,
}

impl Resource for Order {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] =
        &[("id", AttributeType::Uuid), ("user_id", AttributeType::String)];

    fn attribute(&self, slot: usize) -> Value<'_> {
        match slot {
            0 => Value::Uuid(self.id),
            1 => Value::Text(&self.user_id),
            _ => Value::Absent,
        }
    }
}

/// A policy with the route that is asked for, and `others` beside it.
#[must_use]
pub fn policy(others: usize) -> String {
    let mut text = r#"
transport { hosts ["shop.example"] }
credential access jwt {
    issuer "i" audience "a" algorithms [HS256] lifetime 15m
    caller { id: string from "sub" role: role from "role" }
}
role user { read:orders }
role admin inherits user { write:orders }
resource order {
    key id: uuid
    user_id: string
    predicate owner { order.user_id == caller.id }
    view own { id }
}
group /api {
    accept [access]
    route GET /orders/{id} {
        params { id: uuid }
        needs read:orders
        loads order by params.id
        allow when owner
        allow when caller is admin
        returns order.own
    }
"#
    .to_owned();
    for other in 0..others {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "    route GET /things{other}/{{id}}/parts {{ params {{ id: uuid }} needs read:orders }}"
        );
    }
    text.push_str("}\n");
    text
}

/// An engine for [`policy`], and a caller who owns the order.
///
/// # Errors
/// The policy has faults.
pub fn engine(others: usize) -> Result<(Engine, Caller), Box<dyn std::error::Error>> {
    let text = policy(others);
    let engine = Engine::builder(Policy::parse([("bench.gate", text.as_str())])?)
        .resource::<Order>("order")
        .without_keys()
        .build()?;
    let caller =
        engine.caller("access", [("id", Value::Text("u1")), ("role", Value::Text("user"))])?;
    Ok((engine, caller))
}

/// The headers that come.
pub const HEADERS: [(&str, &[u8]); 2] = [("host", b"shop.example"), ("accept", b"*/*")];

/// Path → route → permission → owner, by the engine.
///
/// # Errors
/// The refusal.
pub fn decide(
    engine: &Engine,
    (method, target): (&str, &str),
    headers: &[(&str, &[u8])],
    now: Timestamp,
    caller: &Caller,
    order: &Order,
) -> Result<(), Refusal> {
    let mut request = Request::new(method, target, IpAddr::V4(Ipv4Addr::LOCALHOST), now);
    for (name, value) in headers {
        request.add_header(name, value);
    }
    let accepted = engine.admit_as(request, Some(caller))?.input(None)?;
    accepted.object(Some(order)).map(|_| ())
}

/// A caller as a careful programmer would keep one.
pub struct Session {
    /// Who.
    pub id: String,
    /// As what.
    pub role: Role,
}

/// The roles, in their order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Reads orders.
    User,
    /// Reads every order.
    Admin,
}

/// The same check as a careful programmer would write it by hand, with the same refusals: headers
/// that stand twice, another host, a path or query that is not normal, another route or method, a
/// permission that is missing, a key that is none or another, an owner who is somebody else.
///
/// # Errors
/// The status of the refusal.
pub fn by_hand(
    (method, target): (&str, &str),
    headers: &[(&str, &[u8])],
    session: &Session,
    order: &Order,
) -> Result<(), u16> {
    let mut host = None;
    let (mut authorization, mut kind, mut coding, mut length) = (false, false, false, false);
    for (name, value) in headers {
        let twice = if name.eq_ignore_ascii_case("host") {
            host.replace(*value).is_some()
        } else if name.eq_ignore_ascii_case("authorization") {
            std::mem::replace(&mut authorization, true)
        } else if name.eq_ignore_ascii_case("content-type") {
            std::mem::replace(&mut kind, true)
        } else if name.eq_ignore_ascii_case("content-encoding") {
            std::mem::replace(&mut coding, true)
        } else if name.eq_ignore_ascii_case("content-length") {
            std::mem::replace(&mut length, true)
        } else {
            false
        };
        if twice {
            return Err(400);
        }
    }
    if host != Some(b"shop.example") {
        return Err(421);
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.' | b'~');
    if !path.starts_with('/') || !path.bytes().all(plain) {
        return Err(400);
    }
    if !query.bytes().all(|b| b.is_ascii_graphic() && b != b'%' && b != b'#' && b != b'\\') {
        return Err(400);
    }
    if path.split('/').skip(1).any(|segment| matches!(segment, "" | "." | "..")) {
        return Err(400);
    }
    let mut segments = path.split('/').skip(1);
    let (Some("api"), Some("orders"), Some(id), None) =
        (segments.next(), segments.next(), segments.next(), segments.next())
    else {
        return Err(404);
    };
    if method != "GET" {
        return Err(405);
    }
    let permitted = match session.role {
        Role::User | Role::Admin => true,
    };
    if !permitted {
        return Err(403);
    }
    if id.len() != 36 {
        return Err(400);
    }
    let id = uuid::Uuid::try_parse(id).map_err(|_| 400u16)?;
    if order.id != id.as_u128() {
        return Err(500);
    }
    if order.user_id == session.id || session.role >= Role::Admin { Ok(()) } else { Err(403) }
}
