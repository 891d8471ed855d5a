//! Literals.

use std::net::IpAddr;

use super::Rule;
use super::node::Node;
use crate::Spanned;
use crate::ast::{Bound, Literal, Network, Range};

impl Node<'_> {
    /// The value of a `literal`, or of one of its kinds.
    pub(super) fn literal(&self) -> Spanned<Literal> {
        if self.rule() == Rule::literal
            && let Some(inner) = self.first()
        {
            return inner.literal();
        }
        let text = self.text().trim_end();
        let value = match self.rule() {
            Rule::string => Some(Literal::Text(self.string().node)),
            Rule::int => self.int(text).map(Literal::Int),
            Rule::number => text.replace('_', "").parse().ok().map(Literal::Number),
            Rule::boolean => Some(Literal::Bool(text == "true")),
            Rule::duration => Some(Literal::Duration(self.duration())),
            Rule::size => Some(Literal::Size(self.size())),
            Rule::time => Some(Literal::Time(self.time())),
            Rule::ip => self.ip(text).map(Literal::Ip),
            Rule::network => self.network(text).map(Literal::Network),
            Rule::range => Some(Literal::Range(self.range())),
            _ => None,
        };
        // A literal that has no value has been reported; this stands in for it.
        self.spanned(value.unwrap_or(Literal::Int(0)))
    }

    pub(super) fn int(&self, text: &str) -> Option<i64> {
        let value = text.replace('_', "").parse().ok();
        if value.is_none() {
            self.bad_literal(format!("`{text}` is not within 64 bits"));
        }
        value
    }

    /// The int among the children.
    pub(super) fn own_int(&self) -> Spanned<i64> {
        match self.child(Rule::int) {
            Some(int) => int.spanned(int.int(int.text().trim_end()).unwrap_or(1)),
            None => self.spanned(1),
        }
    }

    /// The duration among the children, in seconds.
    pub(super) fn own_duration(&self) -> Spanned<u64> {
        match self.child(Rule::duration) {
            Some(duration) => duration.spanned(duration.duration()),
            None => self.spanned(1),
        }
    }

    fn duration(&self) -> u64 {
        let text = self.text().trim_end();
        let (digits, unit) = text.split_at(text.len().saturating_sub(1));
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 60 * 60,
            _ => 24 * 60 * 60,
        };
        let value = digits.replace('_', "").parse::<u64>().ok().and_then(|n| n.checked_mul(unit));
        match value {
            Some(value) if value > 0 => value,
            Some(_) => {
                self.bad_literal("a duration is longer than nothing");
                1
            }
            None => {
                self.bad_literal(format!("`{text}` is too long"));
                1
            }
        }
    }

    pub(super) fn size(&self) -> u64 {
        let text = self.text().trim_end();
        let (digits, unit) = text.split_at(text.len().saturating_sub(3));
        let unit: u64 = match unit {
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            _ => 1 << 30,
        };
        let value = digits.replace('_', "").parse::<u64>().ok().and_then(|n| n.checked_mul(unit));
        value.unwrap_or_else(|| {
            self.bad_literal(format!("`{text}` is too large"));
            1
        })
    }

    pub(super) fn time(&self) -> i64 {
        let text = self.text().trim_end();
        let nanos = text
            .parse::<jiff::Timestamp>()
            .ok()
            .and_then(|time| i64::try_from(time.as_nanosecond()).ok());
        nanos.unwrap_or_else(|| {
            self.bad_literal(format!("`{text}` is no time"));
            0
        })
    }

    pub(super) fn ip(&self, text: &str) -> Option<IpAddr> {
        let address = text.parse::<IpAddr>().ok();
        if address.is_none() {
            self.bad_literal(format!("`{text}` is no address"));
        }
        address
    }

    fn network(&self, text: &str) -> Option<Network> {
        let (address, prefix) = text.split_once('/')?;
        let address = self.ip(address)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        match prefix.parse::<u8>().ok().filter(|prefix| *prefix <= most) {
            Some(prefix) => Some(Network { address, prefix }),
            None => {
                self.bad_literal(format!("a prefix of this kind is at most {most} bits long"));
                None
            }
        }
    }

    pub(super) fn range(&self) -> Range {
        let text = self.text().trim_end();
        let (low, high) = text.split_once("..").unwrap_or((text, ""));
        Range {
            low: self.bound(low).unwrap_or(Bound::Int(0)),
            high: if high.is_empty() { None } else { self.bound(high) },
        }
    }

    fn bound(&self, text: &str) -> Option<Bound> {
        if text.contains('.') {
            return text.replace('_', "").parse().ok().map(Bound::Number);
        }
        self.int(text).map(Bound::Int)
    }
}
