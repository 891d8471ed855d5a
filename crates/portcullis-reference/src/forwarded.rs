//! Who the client is behind the proxies, its scheme and the host that it asked for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portcullis_syntax::ast::TransportClause;
use portcullis_test::Exchange;

use crate::policy::Policy;
use crate::transport::header;
use crate::value::Value;

/// The far end of a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Client {
    pub(crate) ip: IpAddr,
    pub(crate) https: bool,
    /// The host that it asked for, where the proxies say so.
    pub(crate) host: Option<String>,
}

/// What a hop of `Forwarded` says: names in lower case, values without their quotes.
type Hop = Vec<(String, String)>;

/// The client; nothing where the proxies leave it in doubt.
pub(crate) fn client(policy: &Policy, exchange: &Exchange) -> Option<Client> {
    let peer = exchange.peer.to_canonical();
    if !is_proxy(policy, peer) {
        return Some(Client { ip: peer, https: exchange.https, host: None });
    }
    let addresses = list(exchange, "X-Forwarded-For")?;
    let mut protos = list(exchange, "X-Forwarded-Proto")?;
    let mut hosts = list(exchange, "X-Forwarded-Host")?;
    let hops = hops(exchange)?;

    let mut ips = Vec::new();
    if !addresses.is_empty() {
        let taken = taken(policy, &addresses, |entry| address(entry, false))?;
        ips.push(address(&addresses[taken], false)?);
    }
    if !hops.is_empty() {
        let of = |hop: &Hop| address(&said(hop, "for")?, true);
        let taken = taken(policy, &hops, of)?;
        ips.push(of(&hops[taken])?);
        protos.extend(hops[taken..].iter().filter_map(|hop| said(hop, "proto")));
        hosts.extend(hops[taken..].iter().filter_map(|hop| said(hop, "host")).take(1));
    }
    if ips.iter().any(|ip| *ip != ips[0]) {
        return None;
    }
    if hosts.iter().any(|host| !host.eq_ignore_ascii_case(&hosts[0])) {
        return None;
    }
    let all_https = protos.iter().all(|proto| proto.eq_ignore_ascii_case("https"));
    Some(Client {
        ip: ips.first().copied().unwrap_or(peer),
        https: if protos.is_empty() { exchange.https } else { all_https },
        host: hosts.first().cloned(),
    })
}

fn is_proxy(policy: &Policy, ip: IpAddr) -> bool {
    let proxies = policy.transport(|clause| match clause {
        TransportClause::Proxies { networks, profiles, .. } => Some((networks, profiles)),
        _ => None,
    });
    let Some(Value::List(networks)) = proxies.map(|networks| policy.value(networks)) else {
        return false;
    };
    networks.iter().any(|network| match network {
        Value::Network(network) => network.contains(ip),
        Value::Ip(proxy) => *proxy == ip,
        other => panic!("{other:?} is no network"),
    })
}

/// Where the client stands: the last that is no proxy, or the first where all are. All from there on
/// must be addresses.
fn taken<T>(
    policy: &Policy,
    entries: &[T],
    address: impl Fn(&T) -> Option<IpAddr>,
) -> Option<usize> {
    let mut at = entries.len();
    while at > 0 {
        at -= 1;
        if !is_proxy(policy, address(&entries[at])?) {
            return Some(at);
        }
    }
    Some(0)
}

/// All lines of a header as one list of at most 32; nothing where it is longer.
fn list(exchange: &Exchange, name: &str) -> Option<Vec<String>> {
    let lines = header(exchange, name);
    let entries = lines.iter().flat_map(|line| line.split(','));
    let entries = entries.map(|entry| entry.trim_matches([' ', '\t']).to_owned());
    let entries: Vec<String> = entries.collect();
    (entries.len() <= 32).then_some(entries)
}

/// An address with or without a port. In `Forwarded`, IPv6 always stands in brackets, and a port may
/// be a name that begins with `_`.
fn address(text: &str, forwarded: bool) -> Option<IpAddr> {
    if !forwarded && let Ok(ip) = text.parse::<IpAddr>() {
        return Some(ip.to_canonical());
    }
    let (ip, port): (IpAddr, &str) = match text.strip_prefix('[') {
        Some(rest) => {
            let end = rest.find(']')?;
            (rest[..end].parse::<Ipv6Addr>().ok()?.into(), &rest[end + 1..])
        }
        None => {
            let end = text.find(':').unwrap_or(text.len());
            (text[..end].parse::<Ipv4Addr>().ok()?.into(), &text[end..])
        }
    };
    let port_is_fine = match port.chars().collect::<Vec<_>>()[..] {
        [] => true,
        [':', '_', ref name @ ..] if forwarded => {
            !name.is_empty()
                && name.iter().all(|c| c.is_ascii_alphanumeric() || ['.', '_', '-'].contains(c))
        }
        [':', ref digits @ ..] => {
            (1..=5).contains(&digits.len()) && digits.iter().all(char::is_ascii_digit)
        }
        _ => false,
    };
    port_is_fine.then(|| ip.to_canonical())
}

fn said(hop: &Hop, name: &str) -> Option<String> {
    hop.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone())
}

/// RFC 7239, 4, letter by letter.
fn hops(exchange: &Exchange) -> Option<Vec<Hop>> {
    let mut hops = Vec::new();
    for line in header(exchange, "Forwarded") {
        let mut letters = Letters(line.chars().collect());
        loop {
            letters.skip_blanks();
            hops.push(letters.hop()?);
            letters.skip_blanks();
            match letters.next() {
                Some(',') => {}
                None => break,
                Some(_) => return None,
            }
        }
    }
    (hops.len() <= 32).then_some(hops)
}

/// What is left of a line.
struct Letters(std::collections::VecDeque<char>);

impl Letters {
    fn next(&mut self) -> Option<char> {
        self.0.pop_front()
    }

    fn peek(&self) -> Option<char> {
        self.0.front().copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t')) {
            self.next();
        }
    }

    fn token(&mut self) -> Option<String> {
        let mut token = String::new();
        while let Some(c) = self.peek() {
            if !c.is_ascii_alphanumeric() && !"!#$%&'*+-.^_`|~".contains(c) {
                break;
            }
            token.push(c);
            self.next();
        }
        (!token.is_empty()).then_some(token)
    }

    fn hop(&mut self) -> Option<Hop> {
        let mut hop = Hop::new();
        loop {
            match self.peek() {
                None | Some(',' | ' ' | '\t') => return Some(hop),
                Some(';') => {
                    self.next();
                    continue;
                }
                Some(_) => {}
            }
            let name = self.token()?.to_ascii_lowercase();
            if self.next() != Some('=') || said(&hop, &name).is_some() || hop.len() == 32 {
                return None;
            }
            let value = if self.peek() == Some('"') { self.quoted()? } else { self.token()? };
            hop.push((name, value));
            if !matches!(self.peek(), None | Some(',' | ';' | ' ' | '\t')) {
                return None;
            }
        }
    }

    fn quoted(&mut self) -> Option<String> {
        self.next();
        let mut text = String::new();
        loop {
            let c = match self.next()? {
                '"' => return Some(text),
                '\\' => self.next()?,
                c => c,
            };
            if c != '\t' && !(' '..='~').contains(&c) {
                return None;
            }
            text.push(c);
        }
    }
}
