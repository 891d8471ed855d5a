//! Made-up URLs, most of them nearly right.

use super::Dice;

const SCHEMES: &[&str] = &[
    "https://",
    "http://",
    "HTTPS://",
    "Http://",
    "https:",
    "http:/",
    "https:///",
    "https:\\\\",
    "ws://",
    "ftp://",
    "file://",
    "//",
    "",
    "jar:http://",
    "https://https://",
    " https://",
    "https\t://",
];

const USERS: &[&str] =
    &["", "", "", "", "", "", "", "u@", "u:p@", "@", ":@", "images.example.com@", "a%40b@", "u\\@"];

const HOSTS: &[&str] = &[
    "images.example.com",
    "a.images.example.com",
    "a.b.images.example.com",
    "notimages.example.com",
    "images.example.com.evil.example",
    ".images.example.com",
    "images.example.com.",
    "IMAGES.Example.Com",
    "images..example.com",
    "images.example.com%00",
    "images%2eexample.com",
    "images\u{3002}example.com",
    "\u{ff49}mages.example.com",
    "im\u{430}ges.example.com",
    "xn--nxasmq6b.example.com",
    "xn--a.example.com",
    "i\tmages.example.com",
    "images_1.example.com",
    "*.images.example.com",
    "ex\u{ad}ample.com",
    "8.8.8.8",
    "8.8.8.8.",
    "008.8.8.8",
    "0x8.8.8.8",
    "8.8.2056",
    "134744072",
    "1.8.8.8",
    "example.1",
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "\u{ff11}27.0.0.1",
    "\u{2460}27.0.0.1",
    "10.1.2.3",
    "100.64.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "172.31.255.255",
    "172.32.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.19.255.255",
    "203.0.113.1",
    "224.0.0.1",
    "255.255.255.255",
    "0.0.0.0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:8.8.8.8]",
    "[::127.0.0.1]",
    "[64:ff9b::8.8.8.8]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::8.8.8.8]",
    "[2002:808:808::]",
    "[2001::1]",
    "[2001:db8::1]",
    "[2606:4700::1111]",
    "[2606:4700:0:0::1111]",
    "[2606:4700::5efe:10.0.0.1]",
    "[2606:4700::200:5efe:8.8.8.8]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[4000::1]",
    "[2620:4f:8000::1]",
    "[100::1]",
    "[127.0.0.1]",
    "[::1",
    "::1",
    "[v1.a]",
    "localhost",
    "a.localhost",
    "localhost.",
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "printer.local",
    "router.home.arpa",
    "arpa",
    "a.test",
    "x.svc",
    "mail",
    "mail.example.com",
    "a.mail",
    "internal.example.com",
    "",
    "-",
    "-.-",
    "a-.example.com",
    "a",
    "0",
    "a.0x",
    "a.0x1g",
    "%31%30.0.0.1",
];

const PORTS: &[&str] = &[
    "",
    "",
    "",
    "",
    ":443",
    ":80",
    ":8443",
    ":8080",
    ":",
    ":0",
    ":00443",
    ":0x1bb",
    ":+443",
    ":65536",
    ":443:443",
    ":443 ",
    ":\u{ff14}43",
    ":22",
];

const TAILS: &[&str] = &[
    "",
    "/",
    "/",
    "/a.png",
    "/a?b=c#d",
    "?q=1",
    "#f",
    "?@127.0.0.1/",
    "#@127.0.0.1/",
    "/@127.0.0.1",
    "\\@127.0.0.1/",
    "/../..",
    "/%2e%2e/",
    "/%",
    "/%0d%0aHost:x",
    "/%zz",
    "/\u{e9}",
    "/a b",
    "/a\nb",
    "/[a]",
    "/\"",
    "/|",
    ";a=b/",
    "&@127.0.0.1/",
    "/a:b@c",
];

/// A URL: a piece for each part of it, and now and then something in its midst.
#[must_use]
pub fn url(dice: &mut Dice) -> String {
    let mut text = String::new();
    // The plainest is the likeliest, else no URL would be right in all its parts.
    for pieces in [SCHEMES, USERS, HOSTS, PORTS, TAILS] {
        let plain = pieces.len() != HOSTS.len() && !dice.chance(4);
        text.push_str(if plain { pieces.first().copied().unwrap_or("") } else { dice.one(pieces) });
    }
    if dice.chance(12) {
        let at = dice.below(text.len() + 1);
        let odd = dice.one(&[
            "\t", "\n", "\0", " ", "\\", "%", ".", "@", ":", "/", "\u{200b}", "\u{ff0e}", "#",
        ]);
        if text.is_char_boundary(at) {
            text.insert_str(at, odd);
        }
    }
    if dice.chance(60) {
        text.push_str(&"a".repeat(2040 + dice.below(20)));
    }
    text
}
