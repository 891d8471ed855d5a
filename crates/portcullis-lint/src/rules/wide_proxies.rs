//! `wide_proxies`: a large part of the Internet is believed about the client.

use std::net::IpAddr;

use portcullis_compiler::Compilation;
use portcullis_syntax::ast::Network;
use portcullis_syntax::{Diagnostic, Severity};

use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "wide_proxies",
    level: Severity::Warning,
    owasp: &[Owasp::Misconfiguration],
    finds: "`proxies` holds a network of public addresses that is larger than any operator's of \
            proxies: of IPv4 above a /12, of IPv6 above a /20.",
    why: "Who sends from there writes their own address, scheme and host: budgets by address, \
          `request.ip` and `https` are theirs to choose. The widest networks that the large \
          content networks publish are a /12 and a /29.",
    example: r#"
transport { hosts ["library.example"]  proxies [128.0.0.0/2] }
"#,
    mend: "Name the networks of your proxies, as their operator publishes them.",
    mended: r#"
transport { hosts ["library.example"]  proxies [10.0.0.0/8] }
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    let transports = compilation.plans.iter().map(|plan| &plan.transport);
    let wide = transports.filter_map(|transport| {
        let place = transport.places.proxies?;
        let network = transport.proxies.iter().find(|network| is_wide(network))?;
        let (address, prefix) = (network.address(), network.prefix());
        let message =
            format!("whoever sends from `{address}/{prefix}` is believed about the client");
        Some(RULE.finding(place, message).help("name the networks of your own proxies"))
    });
    wide.collect()
}

fn is_wide(network: &Network) -> bool {
    match network.address() {
        IpAddr::V4(first) => {
            network.prefix() < 12 && !(first.octets()[0] == 10 && network.prefix() >= 8)
        }
        // Unique local addresses are one's own (RFC 4193).
        IpAddr::V6(first) => {
            network.prefix() < 20 && !(first.is_unique_local() && network.prefix() >= 7)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    #[test]
    fn proxies_are_somebodys() {
        let found = |networks: &str| codes(&RULE.example().replace("128.0.0.0/2", networks));
        for good in ["10.0.0.0/8", "172.16.0.0/12", "104.16.0.0/13", "fc00::/7", "2a06:98c0::/29"] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        for bad in ["10.0.0.0/7", "0.0.0.0/1", "128.0.0.0/1", "2000::/3", "100.0.0.0/11"] {
            assert_eq!(found(bad), ["wide_proxies"], "{bad}");
        }
        let waived =
            RULE.example().replace("/2]", "/2] waive wide_proxies \"one network of ours\"");
        assert_eq!(codes(&waived), [""; 0]);
    }
}
