//! The host of a URL, where it is a name.

use std::net::IpAddr;

use portcullis_compiler::plan::HostPattern;

use super::OutboundError;

/// The longest name of the DNS as text, and the longest part of one (RFC 1035, 2.3.4).
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// Names that never lead into the public network, with all names below them.
const LOCAL: &[&str] = &[
    // RFC 6761: the machine itself; for tests; for what shall never resolve.
    "localhost",
    "test",
    "invalid",
    // What systems call the machine beside `localhost`.
    "localdomain",
    // RFC 6762: the names of the link, which Kubernetes uses for its services too
    // (`svc.cluster.local`), and, in its appendix G, those that private networks are given.
    "local",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    // Set aside by ICANN for private use (resolution 2024.07.29.06). Clouds have their metadata
    // there: `metadata.google.internal`, `instance-data.ec2.internal`.
    "internal",
    // Set aside from delegation by ICANN for their use within networks (resolution 2018.02.04.12).
    "mail",
    // RFC 8375: the network at home.
    "home.arpa",
    // RFC 7686 and RFC 9476: other systems of names than the DNS.
    "onion",
    "alt",
    // Services of a Kubernetes cluster, which a pod's search path completes.
    "svc",
    // Metadata of clouds, under public names.
    "metadata.goog",
    "metadata.tencentyun.com",
    "metadata.packet.net",
    "metadata.platformequinix.com",
];

/// Checks a name that was read in lower case.
pub(super) fn check_name(name: &str) -> Result<(), OutboundError> {
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // A trailing dot would be a second spelling of one host. It leaves an empty part.
    if name.len() > MAX_NAME || !name.split('.').all(is_label) {
        return Err(OutboundError::Malformed);
    }
    // The search path of a resolver completes a name of one part: `metadata`, `redis`.
    if !name.contains('.') || is_local(name) {
        return Err(OutboundError::LocalName);
    }
    Ok(())
}

/// Whether a name is one that never leads into the public network, or below one.
pub(super) fn is_local(name: &str) -> bool {
    LOCAL.iter().any(|local| name == *local || is_below(name, local))
}

/// Whether the policy names a host, which is an address or not.
pub(super) fn is_among(hosts: &[HostPattern], name: &str, address: Option<IpAddr>) -> bool {
    hosts.iter().any(|pattern| match (pattern, address) {
        (HostPattern::Name(allowed), None) => name == allowed,
        (HostPattern::Below(parent), None) => is_below(name, parent),
        (HostPattern::Address(allowed), Some(address)) => address.to_canonical() == *allowed,
        _ => false,
    })
}

fn is_below(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent)
        .and_then(|rest| rest.strip_suffix('.'))
        .is_some_and(|label| !label.is_empty())
}
