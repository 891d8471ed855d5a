//! The scripts: each is one step of Redis, and one round trip.

use std::sync::LazyLock;

use redis::Script;

macro_rules! scripts {
    ($($(#[$said:meta])* $name:ident = [$($part:literal),*];)*) => {
        $(
            $(#[$said])*
            pub(crate) static $name: LazyLock<Script> =
                LazyLock::new(|| Script::new(concat!($(include_str!(concat!("scripts/", $part, ".lua")), "\n"),*)));
        )*

        /// All of them, to be loaded when a connection is made.
        pub(crate) fn all() -> [&'static Script; 15] {
            [$(&$name),*]
        }
    };
}

scripts! {
    BEAT = ["beat"];
    CHARGE = ["common", "counter", "charge"];
    REFUND = ["common", "counter", "refund"];
    SETTLE = ["common", "counter", "settle"];
    KNOWN = ["common", "known"];
    REVOKE = ["common", "sessions", "revoke"];
    BEGIN = ["common", "sessions", "begin"];
    SWAP = ["common", "sessions", "swap"];
    END = ["common", "sessions", "end"];
    END_ALL = ["common", "sessions", "end_all"];
    KEEP = ["common", "sessions", "keep"];
    KEPT = ["common", "kept"];
    DISCARD = ["common", "discard"];
    NOTE_USE = ["common", "note_use"];
    LEASE = ["common", "counter", "lease"];
}
