//! What the service gives for settings that are `from host`.

use std::collections::HashMap;
use std::net::IpAddr;

use portcullis_syntax::ast::{self, Literal, Network, ValueKind};
use portcullis_syntax::{Span, Spanned};

/// Values by the names of their settings.
pub type HostValues = HashMap<String, SettingValue>;

/// The value of a setting.
#[derive(Debug, Clone, PartialEq)]
pub enum SettingValue {
    /// `string`, `url`, `uuid`
    Text(String),
    /// `int`
    Int(i64),
    /// `number`
    Number(f64),
    /// `bool`
    Bool(bool),
    /// `duration`, in seconds
    Duration(u64),
    /// `size`, in bytes
    Size(u64),
    /// `time`, in nanoseconds since the Unix epoch
    Time(i64),
    /// `ip`
    Ip(IpAddr),
    /// `network`: any address of it, and the length of its prefix in bits
    Network(IpAddr, u8),
    /// A value of an enum, by its name in the policy
    Name(String),
    /// `[T]`
    List(Vec<SettingValue>),
}

impl SettingValue {
    /// The value as if it stood in the text, at the place that asks for it.
    pub(crate) fn into_ast(self, span: Span) -> ast::Value {
        let node = match self {
            SettingValue::Text(text) => ValueKind::Literal(Literal::Text(text)),
            SettingValue::Int(value) => ValueKind::Literal(Literal::Int(value)),
            SettingValue::Number(value) => ValueKind::Literal(Literal::Number(value)),
            SettingValue::Bool(value) => ValueKind::Literal(Literal::Bool(value)),
            SettingValue::Duration(seconds) => ValueKind::Literal(Literal::Duration(seconds)),
            SettingValue::Size(bytes) => ValueKind::Literal(Literal::Size(bytes)),
            SettingValue::Time(nanos) => ValueKind::Literal(Literal::Time(nanos)),
            SettingValue::Ip(address) => ValueKind::Literal(Literal::Ip(address)),
            SettingValue::Network(address, prefix) => {
                // What is no network is none of the setting's type either.
                let none = || Literal::Text("a prefix that is too long".to_owned());
                ValueKind::Literal(
                    Network::new(address, prefix).map_or_else(none, Literal::Network),
                )
            }
            SettingValue::Name(name) => ValueKind::Name(name),
            SettingValue::List(values) => {
                ValueKind::List(values.into_iter().map(|value| value.into_ast(span)).collect())
            }
        };
        Spanned { node, span }
    }
}

impl From<&str> for SettingValue {
    fn from(text: &str) -> SettingValue {
        SettingValue::Text(text.to_owned())
    }
}

impl From<String> for SettingValue {
    fn from(text: String) -> SettingValue {
        SettingValue::Text(text)
    }
}

impl From<i64> for SettingValue {
    fn from(value: i64) -> SettingValue {
        SettingValue::Int(value)
    }
}

impl From<bool> for SettingValue {
    fn from(value: bool) -> SettingValue {
        SettingValue::Bool(value)
    }
}

impl<T: Into<SettingValue>> From<Vec<T>> for SettingValue {
    fn from(values: Vec<T>) -> SettingValue {
        SettingValue::List(values.into_iter().map(Into::into).collect())
    }
}
