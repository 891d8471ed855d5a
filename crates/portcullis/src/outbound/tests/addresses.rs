//! The addresses at each end of a range, and those right beside it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::super::special;
use super::outbound;

fn is_special(address: &str) -> bool {
    special::of(address.parse().unwrap()).is_some()
}

/// The first and last address of each range, and what it is.
const CLOSED: &[(&str, &str, &str)] = &[
    ("0.0.0.0", "0.255.255.255", "RFC 791"),
    ("10.0.0.0", "10.255.255.255", "RFC 1918"),
    ("100.64.0.0", "100.127.255.255", "RFC 6598"),
    ("127.0.0.0", "127.255.255.255", "RFC 1122"),
    ("169.254.0.0", "169.254.255.255", "RFC 3927"),
    ("172.16.0.0", "172.31.255.255", "RFC 1918"),
    ("192.0.0.0", "192.0.0.255", "RFC 6890"),
    ("192.0.2.0", "192.0.2.255", "RFC 5737"),
    ("192.31.196.0", "192.31.196.255", "RFC 7535"),
    ("192.52.193.0", "192.52.193.255", "RFC 7450"),
    ("192.88.99.0", "192.88.99.255", "RFC 7526"),
    ("192.168.0.0", "192.168.255.255", "RFC 1918"),
    ("192.175.48.0", "192.175.48.255", "RFC 7534"),
    ("198.18.0.0", "198.19.255.255", "RFC 2544"),
    ("198.51.100.0", "198.51.100.255", "RFC 5737"),
    ("203.0.113.0", "203.0.113.255", "RFC 5737"),
    ("224.0.0.0", "239.255.255.255", "RFC 5771"),
    ("240.0.0.0", "255.255.255.255", "RFC 1112"),
    ("168.63.129.16", "168.63.129.16", "Azure"),
    ("192.80.8.124", "192.80.8.124", "Equinix"),
    ("::", "::", "RFC 4291"),
    ("::1", "::1", "RFC 4291"),
    ("::2", "::ffff:ffff", "RFC 4291"),
    ("::ffff:0:0:0", "::ffff:0:ffff:ffff", "RFC 2765"),
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "RFC 8215"),
    ("100::", "100::ffff:ffff:ffff:ffff", "RFC 6666"),
    ("100:0:0:1::", "100::1:ffff:ffff:ffff:ffff", "RFC 9780"),
    ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "RFC 4380"),
    ("2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "RFC 2928"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "RFC 3849"),
    ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "RFC 3056"),
    ("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "RFC 7534"),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "RFC 9637"),
    ("4000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "RFC 4291"),
    ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "RFC 9602"),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "RFC 4193"),
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "RFC 4291"),
    ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "RFC 3879"),
    ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "RFC 4291"),
];

#[test]
fn both_ends_of_each_range_are_refused() {
    for (first, last, source) in CLOSED {
        for address in [first, last] {
            let found = special::of(address.parse().unwrap()).expect(address).to_string();
            assert!(found.contains(source), "{address}: {found}");
        }
    }
}

#[test]
fn what_lies_beside_a_range_is_public() {
    let public = [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.31.195.255",
        "192.31.197.0",
        "192.52.192.255",
        "192.52.194.0",
        "192.80.8.123",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "192.175.47.255",
        "192.175.49.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "8.8.8.8",
        "2000::",
        "2001:200::",
        "2001:db7:ffff::",
        "2001:db9::",
        "2003::",
        "2620:4f:7fff::",
        "2620:4f:8001::",
        "2606:4700::1111",
        "3ffe::",
        "3fff:1000::",
    ];
    for address in public {
        assert!(!is_special(address), "{address}");
    }
}

/// Every IPv4 range again, in each dress of IPv6.
#[test]
fn the_address_within_an_ipv6_address_is_judged() {
    let inner = CLOSED.iter().flat_map(|(first, last, _)| [*first, *last]);
    let closed: Vec<Ipv4Addr> = inner.filter_map(|address| address.parse().ok()).collect();
    assert_eq!(closed.len(), 40);
    let dress = |inner: Ipv4Addr, prefix: [u16; 6]| {
        let [a, b, c, d] = inner.octets();
        let [e, f, g, h, i, j] = prefix;
        let last = [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])];
        IpAddr::V6(Ipv6Addr::new(e, f, g, h, i, j, last[0], last[1]))
    };
    let transparent = [
        ("mapped", [0, 0, 0, 0, 0, 0xffff]),
        ("NAT64", [0x64, 0xff9b, 0, 0, 0, 0]),
        ("ISATAP", [0x2606, 0x4700, 0, 0, 0, 0x5efe]),
        ("ISATAP, global", [0x2606, 0x4700, 0, 0, 0x200, 0x5efe]),
    ];
    let public = Ipv4Addr::new(8, 8, 8, 8);
    for (what, prefix) in transparent {
        for inner in &closed {
            let found = special::of(dress(*inner, prefix));
            assert_eq!(found, special::of((*inner).into()), "{what} {inner}");
        }
        assert_eq!(special::of(dress(public, prefix)), None, "{what}");
    }
    // These are refused whatever is within.
    let opaque = [
        ("compatible", [0, 0, 0, 0, 0, 0]),
        ("translated", [0, 0, 0, 0, 0xffff, 0]),
        ("NAT64, local", [0x64, 0xff9b, 1, 0, 0, 0]),
        ("Teredo", [0x2001, 0, 0x4136, 0xe378, 0x8000, 0x63bf]),
        ("6to4", [0x2002, 0x808, 0x808, 0, 0, 0]),
    ];
    for (what, prefix) in opaque {
        assert!(special::of(dress(public, prefix)).is_some(), "{what}");
    }
}

/// What a URL may hold and what may be connected to is one judgement.
#[test]
fn an_address_in_a_url_is_judged_as_at_connecting() {
    let any = outbound("");
    for (first, last, _) in CLOSED {
        for address in [first, last] {
            let address: IpAddr = address.parse().unwrap();
            let url = match address {
                IpAddr::V4(address) => format!("https://{address}/"),
                IpAddr::V6(address) => format!("https://[{address}]/"),
            };
            let why = any.check_addr(address).unwrap_err();
            assert_eq!(any.check_url(&url).err(), Some(why.into()), "{url}");
        }
    }
    assert_eq!(any.check_addr(Ipv4Addr::new(8, 8, 8, 8).into()), Ok(()));
}
