//! Addresses that are not public.
//!
//! The ranges are those of the IANA's special-purpose address registries for IPv4 and IPv6 (RFC 6890
//! and RFC 8190), multicast, and what clouds have put elsewhere. Ranges that the registries call
//! globally reachable are refused as well: what serves there is infrastructure, and nobody's avatar.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// What an address is that is not public. It never holds the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpecialAddress {
    /// As in "an address of …".
    what: &'static str,
    source: &'static str,
}

impl fmt::Display for SpecialAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an address of {} ({})", self.what, self.source)
    }
}

impl std::error::Error for SpecialAddress {}

/// What an address is; nothing for a public one.
pub(super) fn of(address: IpAddr) -> Option<SpecialAddress> {
    match address {
        IpAddr::V4(address) => of_v4(address),
        IpAddr::V6(address) => of_v6(address),
    }
}

fn of_v4(address: Ipv4Addr) -> Option<SpecialAddress> {
    V4.iter().find(|(range, _)| range.contains(&address)).map(|(_, special)| *special)
}

fn of_v6(address: Ipv6Addr) -> Option<SpecialAddress> {
    // Packets to these go to the address within, so it alone decides. A resolver hands out the second
    // kind on networks without IPv4 (DNS64, RFC 6147), for hosts as public as any.
    if let Some(inner) = address.to_ipv4_mapped().or_else(|| last_32_bits(address, NAT64)) {
        return of_v4(inner);
    }
    if let Some((_, special)) = V6.iter().find(|(range, _)| range.contains(&address)) {
        return Some(*special);
    }
    if !GLOBAL_UNICAST.contains(&address) {
        return Some(UNALLOCATED);
    }
    isatap(address).and_then(of_v4)
}

/// The Well-Known Prefix, which stands for public IPv4 addresses alone (RFC 6052, 3.1).
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 0, 0, 96);

/// All that is given out so far (RFC 4291, 2.4; IANA's address space registry).
const GLOBAL_UNICAST: Ipv6Net = v6(0x2000, 0, 0, 0, 3);

const UNALLOCATED: SpecialAddress =
    SpecialAddress { what: "no global unicast range", source: "RFC 4291" };

fn last_32_bits(address: Ipv6Addr, within: Ipv6Net) -> Option<Ipv4Addr> {
    let [.., a, b, c, d] = address.octets();
    within.contains(&address).then_some(Ipv4Addr::new(a, b, c, d))
}

/// The IPv4 address that an ISATAP interface tunnels to (RFC 5214, 6.1), whatever its prefix.
fn isatap(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.octets() {
        [_, _, _, _, _, _, _, _, 0 | 2, 0, 0x5e, 0xfe, a, b, c, d] => {
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

/// A range by the first four groups of its address.
const fn v6(a: u16, b: u16, c: u16, d: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix)
}

const fn special(what: &'static str, source: &'static str) -> SpecialAddress {
    SpecialAddress { what, source }
}

const METADATA: &str = "a cloud's metadata";

const V4: &[(Ipv4Net, SpecialAddress)] = &[
    // Within other ranges or, on Azure and Equinix, within a public one.
    (v4(169, 254, 169, 254, 32), special(METADATA, "AWS, Azure, Google Cloud and others")),
    (v4(169, 254, 170, 2, 32), special(METADATA, "AWS")),
    (v4(100, 100, 100, 200, 32), special(METADATA, "Alibaba Cloud")),
    (v4(192, 0, 0, 192, 32), special(METADATA, "Oracle Cloud")),
    (v4(168, 63, 129, 16, 32), special(METADATA, "Azure")),
    (v4(192, 80, 8, 124, 32), special(METADATA, "Equinix")),
    (v4(0, 0, 0, 0, 8), special("this network", "RFC 791")),
    (v4(10, 0, 0, 0, 8), special("a private network", "RFC 1918")),
    (v4(100, 64, 0, 0, 10), special("the shared space of carriers", "RFC 6598")),
    (v4(127, 0, 0, 0, 8), special("the machine itself", "RFC 1122")),
    (v4(169, 254, 0, 0, 16), special("the link", "RFC 3927")),
    (v4(172, 16, 0, 0, 12), special("a private network", "RFC 1918")),
    // With the parts that have entries of their own: DS-Lite (RFC 7335), the dummy address (RFC
    // 7600), PCP (RFC 7723), TURN (RFC 8155), and the discovery of NAT64 (RFC 8880).
    (v4(192, 0, 0, 0, 24), special("protocol assignments", "RFC 6890")),
    (v4(192, 0, 2, 0, 24), special("documentation", "RFC 5737")),
    (v4(192, 31, 196, 0, 24), special("AS112", "RFC 7535")),
    (v4(192, 52, 193, 0, 24), special("multicast tunnels", "RFC 7450")),
    (v4(192, 88, 99, 0, 24), special("6to4 relays", "RFC 7526")),
    (v4(192, 168, 0, 0, 16), special("a private network", "RFC 1918")),
    (v4(192, 175, 48, 0, 24), special("AS112", "RFC 7534")),
    (v4(198, 18, 0, 0, 15), special("benchmarks", "RFC 2544")),
    (v4(198, 51, 100, 0, 24), special("documentation", "RFC 5737")),
    (v4(203, 0, 113, 0, 24), special("documentation", "RFC 5737")),
    (v4(224, 0, 0, 0, 4), special("multicast", "RFC 5771")),
    // With limited broadcast, 255.255.255.255 (RFC 919).
    (v4(240, 0, 0, 0, 4), special("the reserved space", "RFC 1112")),
];

const V6: &[(Ipv6Net, SpecialAddress)] = &[
    (
        Ipv6Net::new_assert(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), 128),
        special(METADATA, "AWS"),
    ),
    (Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128), special("the machine itself", "RFC 4291")),
    (Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128), special("no machine", "RFC 4291")),
    // Nothing needs the following five, and each leads to an IPv4 address in a way of its own. So
    // they are refused whatever that address is.
    (v6(0, 0, 0, 0, 96), special("IPv4-compatible IPv6", "RFC 4291")),
    (
        Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96),
        special("IPv4-translated IPv6", "RFC 2765"),
    ),
    (v6(0x64, 0xff9b, 1, 0, 48), special("a local NAT64", "RFC 8215")),
    (v6(0x2001, 0, 0, 0, 32), special("Teredo", "RFC 4380")),
    (v6(0x2002, 0, 0, 0, 16), special("6to4", "RFC 3056")),
    (v6(0x100, 0, 0, 0, 64), special("the discarded space", "RFC 6666")),
    (v6(0x100, 0, 0, 1, 64), special("dummy addresses", "RFC 9780")),
    // With the parts that have entries of their own: PCP (RFC 7723), TURN (RFC 8155), DNS-SD (RFC
    // 9665), benchmarks (RFC 5180), AMT (RFC 7450), AS112 (RFC 7535), ORCHID and its second version
    // (RFC 4843 and RFC 7343), and drones (RFC 9374).
    (v6(0x2001, 0, 0, 0, 23), special("protocol assignments", "RFC 2928")),
    (v6(0x2001, 0xdb8, 0, 0, 32), special("documentation", "RFC 3849")),
    (v6(0x2620, 0x4f, 0x8000, 0, 48), special("AS112", "RFC 7534")),
    (v6(0x3fff, 0, 0, 0, 20), special("documentation", "RFC 9637")),
    (v6(0x5f00, 0, 0, 0, 16), special("segment routing", "RFC 9602")),
    (v6(0xfc00, 0, 0, 0, 7), special("a private network", "RFC 4193")),
    (v6(0xfe80, 0, 0, 0, 10), special("the link", "RFC 4291")),
    (v6(0xfec0, 0, 0, 0, 10), special("the site", "RFC 3879")),
    (v6(0xff00, 0, 0, 0, 8), special("multicast", "RFC 4291")),
];
