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
    CHARGE = ["common", "writes", "counter", "charge"];
    REFUND = ["common", "writes", "counter", "refund"];
    SETTLE = ["common", "writes", "counter", "settle"];
    KNOWN = ["common", "known"];
    REVOKE = ["common", "writes", "sessions", "revoke"];
    BEGIN = ["common", "writes", "sessions", "begin"];
    SWAP = ["common", "writes", "sessions", "swap"];
    END = ["common", "writes", "sessions", "end"];
    END_ALL = ["common", "writes", "sessions", "end_all"];
    KEEP = ["common", "writes", "sessions", "keep"];
    KEPT = ["common", "kept"];
    DISCARD = ["common", "writes", "discard"];
    NOTE_USE = ["common", "writes", "note_use"];
    LEASE = ["common", "writes", "counter", "lease"];
}
