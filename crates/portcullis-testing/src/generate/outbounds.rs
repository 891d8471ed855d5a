//! Made-up outbounds.

use std::fmt::Write as _;

use super::Dice;

/// An `outbound` called `made`, and the settings that it may name. Its clauses stand in any order, or
/// not at all.
#[must_use]
pub fn outbound(dice: &mut Dice) -> String {
    let mut text = String::new();
    let two_profiles = dice.chance(3);
    let _ = match two_profiles {
        true => writeln!(
            text,
            "setting door: int {{ dev 8443 prod 443 }}\n\
             setting images: [string] {{ dev [\"localhost\" \"8.8.8.8\"] prod [\"*.example.com\"] }}"
        ),
        false => writeln!(
            text,
            "setting door: int {{ always 80 }}\n\
             setting images: [string] {{ always [\"images.example.com\"] }}"
        ),
    };
    text.push_str(&declaration(dice, "made"));
    text
}

/// One declaration, which names the settings `door` and `images` where these are there.
pub(super) fn declaration(dice: &mut Dice, name: &str) -> String {
    let mut clauses = [
        dice.one(&["", "schemes [http, https]", "schemes [http]", "schemes [\"https\"]"]),
        dice.one(&["", "ports [80, 443, 8443]", "ports [door]", "ports [443 8080]"]),
        dice.one(&[
            "",
            "",
            "hosts [\"images.example.com\", \"*.images.example.com\"]",
            "hosts [\"*.example.com\", \"8.8.8.8\", \"[2606:4700::1111]\"]",
            "hosts [\"[::ffff:8.8.8.8]\", \"xn--nxasmq6b.example.com\", \"localhost\", \"127.0.0.1\"]",
            "hosts images",
        ]),
        dice.one(&["", "redirects 0", "redirects 3"]),
    ];
    let first = dice.below(clauses.len());
    clauses.rotate_left(first);
    format!("outbound {name} {{ {} }}\n", clauses.join(" "))
}
