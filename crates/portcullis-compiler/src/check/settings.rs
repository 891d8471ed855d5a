//! `setting`, and the values of clauses, for any of which a setting may stand.

use std::net::IpAddr;

use portcullis_syntax::ast::{self, Literal, Network, TypeKind, ValueKind};
use portcullis_syntax::{Code, Diagnostic, Span, Spanned};

use super::Report;
use super::expression::constant;
use super::names::{Names, distinct, resolve};
use super::types;
use crate::host::{HostValues, SettingValue};
use crate::plan::{Constant, Enumeration, Type};

/// The settings as one profile has them.
pub(super) struct Settings {
    known: Vec<Setting>,
}

struct Setting {
    name: String,
    /// Its value as written; nothing where that was faulty and has been reported.
    value: Option<ast::Value>,
    /// The same for conditions; nothing for a size, which no condition compares.
    constant: Option<(Constant, Type)>,
    /// Whether it is still to be given by the service.
    unknown: bool,
}

/// What a setting may be: an attribute's type, or a size.
#[derive(Clone)]
enum Kind {
    Plain(Type),
    Size,
    List(Box<Kind>),
}

impl Settings {
    pub(super) fn check(
        names: &Names<'_>,
        enumerations: &[Enumeration],
        profile: &str,
        profiles: &[String],
        host: &HostValues,
        report: &mut Report,
    ) -> Settings {
        let known = names.settings.iter().map(|found| {
            let kind = kind(&found.kind, enumerations, report);
            let unknown = found.from_host.filter(|_| !host.contains_key(&found.name.node));
            unknown.into_iter().for_each(|place| report.unknown(place));
            let value = match found.from_host {
                Some(place) => Some(from_host(found, kind.as_ref(), enumerations, place, host)),
                None => of_profile(found, profile, profiles, report),
            };
            // Every profile's value is checked, so that nothing hides in one.
            let of_kind = |value: &ast::Value, report: &mut Report| {
                let kind = kind.as_ref()?;
                typed(value, kind, enumerations, report)
            };
            let constant = value.as_ref().and_then(|value| of_kind(value, report));
            Setting {
                name: found.name.node.clone(),
                value: value.filter(|_| constant.is_some()),
                constant: constant.flatten(),
                unknown: unknown.is_some(),
            }
        });
        Settings { known: known.collect() }
    }

    /// What a bare name in a condition stands for, if it is a setting's.
    pub(super) fn constant(&self, name: &str) -> Option<Option<&(Constant, Type)>> {
        let found = self.known.iter().find(|known| known.name == name)?;
        Some(found.constant.as_ref())
    }

    /// Whether the value of a setting is still to be given by the service.
    pub(super) fn is_unknown(&self, name: &str) -> bool {
        self.known.iter().any(|known| known.name == name && known.unknown)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.known.iter().map(|known| known.name.as_str())
    }

    /// A value with a setting's in the place of its name. Labels keep the place of the name.
    fn resolved(&self, value: &ast::Value, report: &mut Report) -> Option<ast::Value> {
        let ValueKind::Name(name) = &value.node else {
            return Some(value.clone());
        };
        let name = Spanned { node: name.clone(), span: value.span };
        let index = resolve("setting", &name, self.names(), report)?;
        let setting = self.known.get(index)?;
        if setting.unknown {
            report.unknown(value.span);
        }
        let found = setting.value.as_ref()?;
        Some(Spanned { node: found.node.clone(), span: value.span })
    }

    /// A literal of one kind, called `what` where it is another.
    pub(super) fn literal<T>(
        &self,
        value: &ast::Value,
        what: &str,
        report: &mut Report,
        pick: impl Fn(&Literal) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let found = self.resolved(value, report)?;
        if let ValueKind::Literal(literal) = &found.node
            && let Some(node) = pick(literal)
        {
            return Some(Spanned { node, span: value.span });
        }
        report.add(Diagnostic::error(
            Code::TypeMismatch,
            value.span,
            format!("expected {what}, found {}", describe(&found.node)),
        ));
        None
    }

    pub(super) fn text(&self, value: &ast::Value, report: &mut Report) -> Option<Spanned<String>> {
        self.literal(value, "a text in quotes", report, text)
    }

    pub(super) fn int(&self, value: &ast::Value, report: &mut Report) -> Option<Spanned<i64>> {
        self.literal(value, "an int", report, |literal| match literal {
            Literal::Int(value) => Some(*value),
            _ => None,
        })
    }

    /// Seconds.
    pub(super) fn duration(&self, value: &ast::Value, report: &mut Report) -> Option<Spanned<u64>> {
        self.literal(value, "a duration like `15m`", report, |literal| match literal {
            Literal::Duration(seconds) => Some(*seconds),
            _ => None,
        })
    }

    /// Bytes.
    pub(super) fn size(&self, value: &ast::Value, report: &mut Report) -> Option<Spanned<u64>> {
        self.literal(value, "a size like `64KiB`", report, |literal| match literal {
            Literal::Size(bytes) => Some(*bytes),
            _ => None,
        })
    }

    /// The elements of a list, each of which a setting may stand for too.
    pub(super) fn list(
        &self,
        value: &ast::Value,
        what: &str,
        report: &mut Report,
    ) -> Option<Vec<ast::Value>> {
        let found = self.resolved(value, report)?;
        if let ValueKind::List(elements) = &found.node {
            let mut all = Vec::new();
            for element in elements {
                all.push(self.resolved(element, report)?);
            }
            return Some(all);
        }
        report.add(Diagnostic::error(
            Code::TypeMismatch,
            value.span,
            format!("expected {what}, found {}", describe(&found.node)),
        ));
        None
    }

    pub(super) fn texts(
        &self,
        value: &ast::Value,
        what: &str,
        report: &mut Report,
    ) -> Option<Vec<Spanned<String>>> {
        let elements = self.list(value, what, report)?;
        // All of them, so that each fault is reported.
        let texts: Vec<_> = elements.iter().map(|value| self.text(value, report)).collect();
        texts.into_iter().collect()
    }

    /// A list of networks; an address is one of its own.
    pub(super) fn networks(
        &self,
        value: &ast::Value,
        what: &str,
        report: &mut Report,
    ) -> Option<Vec<Spanned<Network>>> {
        let elements = self.list(value, what, report)?;
        let network = |literal: &Literal| match literal {
            Literal::Network(network) => Some(*network),
            Literal::Ip(address) => {
                let prefix = if address.is_ipv4() { 32 } else { 128 };
                Network::new(*address, prefix)
            }
            _ => None,
        };
        let expected = "a network like `10.0.0.0/8`";
        let found = elements.iter().map(|value| self.literal(value, expected, report, network));
        found.collect::<Vec<_>>().into_iter().collect()
    }
}

fn text(literal: &Literal) -> Option<String> {
    match literal {
        Literal::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn describe(value: &ValueKind) -> &'static str {
    match value {
        ValueKind::Literal(literal) => match literal {
            Literal::Text(_) => "a text",
            Literal::Int(_) => "an int",
            Literal::Number(_) => "a number",
            Literal::Bool(_) => "a bool",
            Literal::Duration(_) => "a duration",
            Literal::Size(_) => "a size",
            Literal::Time(_) => "a time",
            Literal::Ip(_) => "an address",
            Literal::Network(_) => "a network",
            Literal::Range(_) => "a range",
        },
        ValueKind::Name(_) => "a name",
        ValueKind::Permission(_) => "a permission",
        ValueKind::List(_) => "a list",
    }
}

fn kind(found: &ast::Type, enumerations: &[Enumeration], report: &mut Report) -> Option<Kind> {
    match &found.node {
        TypeKind::Named(name) if name == "size" => Some(Kind::Size),
        TypeKind::List(inner) => match kind(inner, enumerations, report)? {
            Kind::List(_) => {
                report.add(Diagnostic::error(
                    Code::BadValue,
                    inner.span,
                    "a list holds plain values, not lists",
                ));
                None
            }
            inner => Some(Kind::List(Box::new(inner))),
        },
        TypeKind::Optional(_) => {
            report.add(
                Diagnostic::error(Code::BadValue, found.span, "a setting is always there")
                    .help("take the `?` away"),
            );
            None
        }
        TypeKind::Named(_) => {
            types::attribute(found, enumerations, &[], report).map(|(kind, _)| Kind::Plain(kind))
        }
    }
}

/// The value of a profile; a fault where it has none, or where another profile has none.
fn of_profile(
    found: &ast::Setting,
    profile: &str,
    profiles: &[String],
    report: &mut Report,
) -> Option<ast::Value> {
    distinct("profile", found.values.iter().map(|(name, _)| name), report);
    let always = found.values.iter().find(|(name, _)| name.node == "always");
    if let Some((always, _)) = always {
        if let Some((other, _)) = found.values.iter().find(|(name, _)| name.node != "always") {
            report.add(
                Diagnostic::error(Code::Conflict, other.span, "`always` leaves no other profile")
                    .and(always.span, "always by this")
                    .help("name each profile, or only `always`"),
            );
        }
    } else {
        let missing = |name: &&String| !found.values.iter().any(|(known, _)| known.node == **name);
        let missing: Vec<_> = profiles.iter().filter(missing).map(String::as_str).collect();
        if !missing.is_empty() {
            report.add(
                Diagnostic::error(
                    Code::Missing,
                    found.name.span,
                    format!(
                        "setting `{}` has no value in `{}`",
                        found.name.node,
                        missing.join("`, `")
                    ),
                )
                .help("give each profile that the policy names a value, or write `always`"),
            );
        }
    }
    let of = found.values.iter().find(|(name, _)| name.node == profile).or(always);
    of.map(|(_, value)| value.clone())
}

/// The service's value; a dummy of the type until it has given one.
fn from_host(
    found: &ast::Setting,
    kind: Option<&Kind>,
    enumerations: &[Enumeration],
    place: Span,
    host: &HostValues,
) -> ast::Value {
    let given = host.get(&found.name.node).cloned();
    let value = given.unwrap_or_else(|| dummy(&found.name.node, kind, enumerations));
    value.into_ast(place)
}

fn dummy(name: &str, kind: Option<&Kind>, enumerations: &[Enumeration]) -> SettingValue {
    // Also where a host is expected it could be one.
    let text = format!("host-{}", name.replace('_', "-"));
    // Nobody has it (RFC 1112, 4): no request of a test comes from there by chance.
    let nobodys = std::net::Ipv4Addr::new(240, 0, 0, 1).into();
    match kind {
        Some(Kind::List(inner)) => SettingValue::List(vec![dummy(name, Some(inner), enumerations)]),
        Some(Kind::Size) => SettingValue::Size(1024),
        Some(Kind::Plain(kind)) => match kind {
            Type::Int => SettingValue::Int(1),
            Type::Number => SettingValue::Number(1.0),
            Type::Bool => SettingValue::Bool(false),
            Type::Duration => SettingValue::Duration(60),
            Type::Time => SettingValue::Time(0),
            Type::Ip => SettingValue::Ip(nobodys),
            Type::Network => SettingValue::Network(nobodys, 32),
            Type::Uuid => SettingValue::Text("00000000-0000-4000-8000-000000000000".to_owned()),
            Type::Enumeration(index) => {
                let members = enumerations.get(*index).map(|found| &found.members);
                let first = members.and_then(|members| members.first());
                SettingValue::Name(first.map_or_else(String::new, |(name, _)| name.clone()))
            }
            Type::Url => SettingValue::Text(format!("https://{text}.example/")),
            _ => SettingValue::Text(text),
        },
        None => SettingValue::Text(text),
    }
}

/// Whether a value is of a kind: what it is in a condition, or nothing for one that no condition
/// takes.
fn typed(
    value: &ast::Value,
    kind: &Kind,
    enumerations: &[Enumeration],
    report: &mut Report,
) -> Option<Option<(Constant, Type)>> {
    let helped = |expected: &str, help: Option<String>, report: &mut Report| {
        let message = format!("expected {expected}, found {}", describe(&value.node));
        let fault = Diagnostic::error(Code::TypeMismatch, value.span, message);
        report.add(Diagnostic { help, ..fault });
        None
    };
    let mismatch = |expected: &str, report: &mut Report| helped(expected, None, report);
    match (kind, &value.node) {
        (Kind::Size, ValueKind::Literal(Literal::Size(_))) => Some(None),
        (Kind::Size, _) => mismatch("a size like `64KiB`", report),
        (Kind::List(element), ValueKind::List(values)) => {
            let mut constants = Vec::new();
            let mut sound = true;
            for value in values {
                match typed(value, element, enumerations, report) {
                    Some(found) => constants.extend(found.map(|(constant, _)| constant)),
                    None => sound = false,
                }
            }
            let element = match &**element {
                Kind::Plain(element) => Some(element.clone()),
                Kind::Size | Kind::List(_) => None,
            };
            sound.then(|| {
                element.map(|element| (Constant::List(constants), Type::List(Box::new(element))))
            })
        }
        (Kind::List(_), _) => mismatch("a list", report),
        (Kind::Plain(Type::Enumeration(index)), ValueKind::Name(name)) => {
            let enumeration = enumerations.get(*index)?;
            let name = Spanned { node: name.clone(), span: value.span };
            let members = enumeration.members.iter().map(|(name, _)| name.as_str());
            let member =
                resolve(&format!("value of `{}`", enumeration.name), &name, members, report)?;
            Some(Some((Constant::Member(member), Type::Enumeration(*index))))
        }
        (Kind::Plain(expected), ValueKind::Literal(literal)) => {
            let (found, found_type) = constant(literal, Some(expected), value.span, report)?;
            if found_type == *expected {
                return Some(Some((found, found_type)));
            }
            let help = match (expected, literal) {
                (Type::Network, Literal::Ip(IpAddr::V4(ip))) => {
                    Some(format!("write `{ip}/32` for it alone"))
                }
                (Type::Network, Literal::Ip(IpAddr::V6(ip))) => {
                    Some(format!("write `{ip}/128` for it alone"))
                }
                (Type::Network | Type::Ip, Literal::Text(_)) => {
                    Some("write it without quotes".to_owned())
                }
                _ => None,
            };
            let expected = format!("`{}`", types::describe(expected, enumerations, &[]));
            helped(&expected, help, report)
        }
        (Kind::Plain(expected), _) => {
            mismatch(&format!("`{}`", types::describe(expected, enumerations, &[])), report)
        }
    }
}
