//! Texts that look like secrets. A policy is read by many, and lies in the repository for good: what
//! verifies or signs is handed over by the host.
//!
//! No scan finds every secret. This one knows the forms that a reader would know at a glance, and
//! text that no person could have thought of.

/// What is nothing but that. An identifier that some service has drawn is no secret, and looks the same.
pub(super) const RANDOM: &str = "a random key";

/// What a text looks like, if it looks like a secret.
pub(super) fn looks_like(text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY") {
        return Some("a private key");
    }
    if is_signed_token(text) {
        return Some("a signed token");
    }
    if has_password(text) {
        return Some("a URL with a password");
    }
    let known = ISSUED.iter().find(|issued| issued.matches(text));
    if let Some(issued) = known {
        return Some(issued.what);
    }
    is_random(text).then_some(RANDOM)
}

/// Keys that a service issues in a form of its own, so that scanners find them.
struct Issued {
    prefixes: &'static [&'static str],
    /// How long it is at least, in bytes.
    least: usize,
    what: &'static str,
}

const ISSUED: &[Issued] = &[
    Issued { prefixes: &["AKIA", "ASIA"], least: 20, what: "an AWS access key" },
    Issued {
        prefixes: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        least: 36,
        what: "a GitHub token",
    },
    Issued { prefixes: &["glpat-"], least: 20, what: "a GitLab token" },
    Issued {
        prefixes: &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-"],
        least: 20,
        what: "a Slack token",
    },
    Issued {
        prefixes: &["sk_live_", "rk_live_", "sk_test_", "whsec_"],
        least: 20,
        what: "a Stripe key",
    },
    Issued { prefixes: &["AIza"], least: 39, what: "a Google API key" },
    Issued { prefixes: &["SG."], least: 50, what: "a SendGrid key" },
    Issued { prefixes: &["npm_", "pypi-", "dop_v1_"], least: 36, what: "an access token" },
];

impl Issued {
    fn matches(&self, text: &str) -> bool {
        let is_key = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        text.len() >= self.least
            && text.bytes().all(is_key)
            && self.prefixes.iter().any(|prefix| text.starts_with(prefix))
    }
}

/// A JWS in its compact form (RFC 7515, 7.1): `{"` begins like this in base64url.
fn is_signed_token(text: &str) -> bool {
    let text = text.strip_prefix("Bearer ").unwrap_or(text);
    let parts: Vec<&str> = text.split('.').collect();
    let is_part = |part: &&str| {
        part.len() >= 8
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
    };
    parts.len() == 3 && text.starts_with("eyJ") && parts.iter().all(is_part)
}

/// `scheme://user:password@host`
fn has_password(text: &str) -> bool {
    let authority = text.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next());
    let user = authority.flatten().and_then(|authority| authority.rsplit_once('@'));
    user.is_some_and(|(user, _)| user.split_once(':').is_some_and(|(_, word)| !word.is_empty()))
}

/// The shortest text that is taken for random: 128 bits in hexadecimal.
const SHORTEST: usize = 32;

/// Whether a text is one long word of letters and digits in which these change about as often as
/// chance has it. In names digits stand together, at the end.
fn is_random(text: &str) -> bool {
    let word = text.trim_end_matches('=');
    let is_key = |byte: u8| byte.is_ascii_alphanumeric() || b"+/_-".contains(&byte);
    if word.len() < SHORTEST || !word.bytes().all(is_key) {
        return false;
    }
    let kinds: Vec<u8> = word.bytes().filter_map(kind).collect();
    let has = |wanted: u8| kinds.contains(&wanted);
    let of_digits = |pair: &&[u8]| pair.iter().filter(|kind| **kind == b'0').count() == 1;
    let changes = kinds.windows(2).filter(of_digits).count();
    if word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        // Chance changes 47 times in 100.
        return changes * 4 > kinds.len();
    }
    // Chance changes 27 times in 100.
    has(b'a') && has(b'A') && changes * 8 > kinds.len()
}

fn kind(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(b'0'),
        b'a'..=b'z' => Some(b'a'),
        b'A'..=b'Z' => Some(b'A'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made up for this test, in two parts, so that no scanner takes them for real.
    fn secrets() -> Vec<String> {
        [
            ["-----BEGIN EC ", "PRIVATE KEY-----\nMHcCAQEEI\n-----END EC PRIVATE KEY-----"],
            ["eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiJ0ZXN0In0.c2lnbmF0dXJl"],
            ["Bearer eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiJ0ZXN0In0.c2lnbmF0dXJl"],
            ["postgres://shop:", "test-only@db.example/shop"],
            ["AKIA", "TESTTESTTESTTEST"],
            ["ghp_", "0123456789abcdefghijklmnopqrstuvwxyz"],
            ["sk_live_", "0123456789abcdef"],
            ["5f4dcc3b5aa765d6", "1d8327deb882cf99"],
            ["q83vEjRWeJASNFZ4", "kKvN7xI0VniQEjRWeJCrze8SNFY="],
        ]
        .iter()
        .map(|parts| parts.concat())
        .collect()
    }

    #[test]
    fn what_is_plain_to_see_is_seen() {
        for secret in secrets() {
            assert!(looks_like(&secret).is_some(), "{}…", &secret[..4]);
        }
    }

    #[test]
    fn what_policies_say_is_no_secret() {
        for text in [
            "",
            "https://auth.shop.example",
            "https://shop.example/callback?next=https://other.example/a:b@c",
            "shop-api",
            "at+jwt",
            "9d3d1f5e-0000-4000-8000-000000000456",
            "0f6b2f4e-6f0c-4c2e-8a53-7d8f2b9c1a10",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "application/vnd.portcullis.decision+json",
            "Password must include uppercase, lowercase, number, and special character",
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            "ROLE_ADMINISTRATOR_OF_EVERY_TENANT_2",
            "aVeryLongCamelCaseNameOfSomethingInVersion2",
            "00000000000000000000000000000000",
            "AKIA is where an access key begins",
            "postgres://db.example:5432/shop",
        ] {
            assert_eq!(looks_like(text), None, "{text}");
        }
    }
}
