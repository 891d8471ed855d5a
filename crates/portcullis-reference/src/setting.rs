//! What stands for a setting that the host gives, where no host is there.

use std::net::{IpAddr, Ipv4Addr};

use portcullis_syntax::ast::{Network, TypeKind};

use crate::policy::Policy;
use crate::value::Value;

const DOCUMENTATION: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// A value of a type; the tools of the compiler have the same.
pub(crate) fn dummy(policy: &Policy, name: &str, kind: &TypeKind) -> Value {
    let text = || format!("host-{}", name.replace('_', "-"));
    match kind {
        TypeKind::List(inner) => Value::List(vec![dummy(policy, name, &inner.node)]),
        TypeKind::Optional(inner) => dummy(policy, name, &inner.node),
        TypeKind::Named(kind) => match kind.as_str() {
            "int" => Value::Int(1),
            "number" => Value::Number(1.0),
            "bool" => Value::Bool(false),
            "duration" => Value::Duration(60_000_000_000),
            "size" => Value::Int(1024),
            "time" => Value::Time(0),
            "ip" => Value::Ip(DOCUMENTATION),
            "network" => Network::new(DOCUMENTATION, 32).map_or(Value::Absent, Value::Network),
            "uuid" => Value::Text("00000000-0000-4000-8000-000000000000".to_owned()),
            "url" => Value::Text(format!("https://{}.example/", text())),
            kind => match policy.enumeration(kind) {
                Some(found) => Value::Text(found.members[0].name.node.clone()),
                None => Value::Text(text()),
            },
        },
    }
}
