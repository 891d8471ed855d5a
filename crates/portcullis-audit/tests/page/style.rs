//! The colours, as WCAG 2.2 counts them (1.4.3): at least 4.5 to 1, light and dark.

use std::collections::HashMap;

const STYLE: &str = include_str!("../../src/render/style.css");

#[test]
fn every_ink_is_read_on_every_paper() {
    let schemes = STYLE.split(":root {").skip(1).map(|rest| rest.split_once('}').unwrap().0);
    let schemes = schemes.map(colours).collect::<Vec<_>>();
    assert_eq!(schemes.len(), 3, "light, dark, printed");
    for scheme in &schemes {
        for ink in ["ink", "faint", "link", "may", "if", "no", "gap", "review"] {
            for paper in ["paper", "tint"] {
                let ratio = contrast(scheme[ink], scheme[paper]);
                assert!(ratio >= 4.5, "{ink} on {paper}: {ratio:.2} in {scheme:?}");
            }
        }
    }
}

/// A word marks, and a colour beside it: two marks are told apart without one.
#[test]
fn a_style_is_no_message() {
    assert!(!STYLE.contains("content:"));
    assert!(!STYLE.contains("display: none; }\n.m"));
}

fn colours(scheme: &str) -> HashMap<&str, [f64; 3]> {
    let all = scheme.split(';').filter_map(|one| one.trim().strip_prefix("--")?.split_once(": #"));
    all.map(|(name, hex)| (name, colour(hex))).collect()
}

fn colour(hex: &str) -> [f64; 3] {
    let wide = match hex.len() {
        3 => hex.chars().flat_map(|digit| [digit, digit]).collect(),
        _ => hex.to_owned(),
    };
    [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&wide[at..at + 2], 16).unwrap()) / 255.0)
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: [f64; 3]) -> f64 {
    let linear = colour.map(|part| match part <= 0.04045 {
        true => part / 12.92,
        false => ((part + 0.055) / 1.055).powf(2.4),
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}
