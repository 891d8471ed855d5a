//! Each letter of `admin` written in some other way.

/// What looks like a letter, or becomes it by some mapping: full-width, Cyrillic and Greek, small
/// capitals, mathematical, circled, with a dot or an accent.
const LOOKALIKES: [(char, &str); 5] = [
    ('a', "\u{ff41}\u{ff21}\u{430}\u{410}\u{3b1}\u{1d00}\u{1d41a}\u{24d0}\u{e1}\u{e4}\u{aa}"),
    ('d', "\u{ff44}\u{ff24}\u{501}\u{217e}\u{1d05}\u{1d41d}\u{24d3}\u{10f}\u{146}"),
    ('m', "\u{ff4d}\u{ff2d}\u{43c}\u{41c}\u{217f}\u{1d0d}\u{1d426}\u{24dc}\u{1e41}\u{3bc}"),
    ('i', "\u{ff49}\u{ff29}\u{456}\u{406}\u{131}\u{130}\u{1d422}\u{24d8}\u{ed}\u{2170}"),
    ('n', "\u{ff4e}\u{ff2e}\u{578}\u{274}\u{1d427}\u{24dd}\u{f1}\u{144}\u{3b7}"),
];

/// What some reader drops, or cuts a text at.
const DROPPED: [&[u8]; 22] = [
    b"%00",
    b"%01",
    b"%08",
    b"%09",
    b"%0a",
    b"%0b",
    b"%0c",
    b"%0d",
    b"%0d%0a",
    b"%1f",
    b"%20",
    b"%7f",
    b"%80",
    b"%ad",
    b"%c2%a0",
    b"%c2%ad",
    b"%e2%80%8b",
    b"%ef%bb%bf",
    b"\xe2\x80\x8b",
    b"\xc2\xad",
    b"\xff",
    b"%",
];

pub(super) fn targets() -> Vec<Vec<u8>> {
    const NAME: &[u8] = b"admin";
    let mut names: Vec<Vec<u8>> = vec![NAME.to_vec()];
    // Every set of letters, in each way.
    type Encoding = fn(u8) -> String;
    let encodings: [Encoding; 14] = [
        |letter| format!("%{letter:02x}"),
        |letter| format!("%{letter:02X}"),
        |letter| format!("%25{letter:02x}"),
        |letter| format!("%2525{letter:02x}"),
        |letter| format!("%25%3{}%3{}", letter >> 4, letter & 15),
        |letter| format!("%u00{letter:02x}"),
        |letter| format!("\\u00{letter:02x}"),
        |letter| format!("\\x{letter:02x}"),
        |letter| format!("&#{letter};"),
        |letter| format!("%26%23{letter}%3b"),
        // UTF-8 of more bytes than are needed (RFC 3629, 10).
        |letter| format!("%{:02x}%{:02x}", 0xc0 | letter >> 6, 0x80 | letter & 0x3f),
        |letter| format!("%e0%{:02x}%{:02x}", 0x80 | letter >> 6, 0x80 | letter & 0x3f),
        |letter| format!("%f0%80%{:02x}%{:02x}", 0x80 | letter >> 6, 0x80 | letter & 0x3f),
        |letter| char::from(letter.to_ascii_uppercase()).to_string(),
    ];
    for encoding in encodings {
        for set in 1..32_u32 {
            let written = NAME.iter().enumerate().flat_map(|(at, letter)| {
                if set >> at & 1 == 1 { encoding(*letter).into_bytes() } else { vec![*letter] }
            });
            names.push(written.collect());
        }
    }
    for (at, (letter, lookalikes)) in LOOKALIKES.into_iter().enumerate() {
        assert_eq!(NAME.get(at).copied(), u8::try_from(letter).ok());
        for lookalike in lookalikes.chars() {
            let raw = lookalike.to_string();
            let encoded = raw.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
            for written in [raw, encoded, format!("%u{:04x}", u32::from(lookalike))] {
                names.push(spliced(NAME, at, at + 1, written.as_bytes()));
            }
        }
    }
    for dropped in DROPPED {
        for at in 0..=NAME.len() {
            names.push(spliced(NAME, at, at, dropped));
        }
    }
    // The raw bytes of an overlong letter, which are no UTF-8.
    for (at, letter) in NAME.iter().enumerate() {
        names.push(spliced(NAME, at, at + 1, &[0xc0 | letter >> 6, 0x80 | letter & 0x3f]));
    }
    let around = [("/", ""), ("/", "/users"), ("/public/../", "")];
    names
        .iter()
        .flat_map(|name| {
            around.map(|(before, after)| [before.as_bytes(), name, after.as_bytes()].concat())
        })
        .collect()
}

/// A text with other bytes in the place of some of its own.
fn spliced(text: &[u8], from: usize, to: usize, with: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    text.splice(from..to, with.iter().copied());
    text
}
