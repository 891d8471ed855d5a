//! Requests without a caller.

use std::net::Ipv4Addr;

use portcullis_test::{Exchange, World};

pub(crate) fn exchange(method: String, target: String, headers: Vec<(String, String)>) -> Exchange {
    Exchange {
        method,
        target,
        https: true,
        peer: Ipv4Addr::new(192, 0, 2, 1).into(),
        headers,
        caller: None,
        act: None,
        body: None,
        world: World::default(),
        outcome: None,
        store: true,
        now: 1_767_225_600 * 1_000_000_000,
    }
}
