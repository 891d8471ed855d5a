//! One path for all that is wrong, the bounds, and when a hash is upgraded.

use std::cell::RefCell;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use proptest::prelude::*;

use crate::parameters::Parameters;
use crate::vectors::{SEVENTY_TWO, SEVENTY_TWO_HASHED};
use crate::{Checked, HashError, ParameterError, Passwords};

/// A hash that was computed to compare, and what it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Work {
    /// The parameters, and the lengths of salt and digest.
    Argon2id(Parameters, usize, usize),
    /// The cost.
    Bcrypt(u32),
}

thread_local! {
    static DONE: RefCell<Vec<Work>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn note(work: Work) {
    DONE.with_borrow_mut(|done| done.push(work));
}

/// What a check says, and all that it computed for it.
fn watched(passwords: &Passwords, stored: Option<&str>, password: &str) -> (Checked, Vec<Work>) {
    DONE.take();
    (passwords.check(stored, password), DONE.take())
}

pub(crate) fn weak() -> Passwords {
    Passwords::weak(64, 1)
}

pub(crate) fn is_right(checked: &Checked) -> bool {
    matches!(checked, Checked::Right { .. })
}

fn upgrade(checked: Checked) -> Option<String> {
    match checked {
        Checked::Right { upgrade } => upgrade,
        Checked::Wrong => panic!("the password is right"),
    }
}

fn of(memory_kib: u32, iterations: u32) -> Work {
    Work::Argon2id(Parameters { memory_kib, iterations, parallelism: 1 }, 16, 32)
}

/// A hash of `password` whose salt and digest have these lengths.
fn made(memory_kib: u32, iterations: u32, salt: usize, digest: usize) -> String {
    by_params(Params::new(memory_kib, iterations, 1, Some(digest)).unwrap(), salt)
}

/// A hash of `password` in that many lanes.
fn lanes(memory_kib: u32, iterations: u32, parallelism: u32) -> String {
    by_params(Params::new(memory_kib, iterations, parallelism, None).unwrap(), 16)
}

fn by_params(params: Params, salt: usize) -> String {
    let argon2id = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2id.hash_password_with_salt(b"password", &vec![7; salt]).unwrap().to_string()
}

/// `abc`, by jBCrypt.
const BCRYPT: &str = "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i";

/// `password`, by the reference implementation, with a salt of 8 bytes.
const SHORT_SALT: &str =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

#[test]
fn the_right_password_is_right_and_another_wrong() {
    let passwords = Passwords::new();
    let stored = passwords.hash("hunter2").unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!(upgrade(passwords.check(Some(&stored), "hunter2")), None);
    assert!(!is_right(&passwords.check(Some(&stored), "hunter3")));
}

#[test]
fn each_hash_has_its_own_salt_of_16_bytes() {
    let [one, other] = [(); 2].map(|()| weak().hash("hunter2").unwrap());
    assert_ne!(one, other);
    let lengths = |hash: &str| hash.split('$').skip(4).map(str::len).collect::<Vec<_>>();
    assert_eq!(lengths(&one), [22, 43], "16 and 32 bytes in base64");
}

/// The point of the crate. With the parameters of production, so that a dummy with others would be seen.
#[test]
fn an_unknown_user_costs_what_a_wrong_password_costs() {
    for passwords in [Passwords::new(), Passwords::with_parameters(12_288, 4, 2).unwrap(), weak()] {
        let stored = passwords.hash("hunter2").unwrap();
        let (unknown, for_unknown) = watched(&passwords, None, "guess");
        let (wrong, for_wrong) = watched(&passwords, Some(&stored), "guess");
        let (right, for_right) = watched(&passwords, Some(&stored), "hunter2");
        assert!(!is_right(&unknown) && !is_right(&wrong) && is_right(&right));
        assert_eq!(for_unknown.len(), 1);
        assert_eq!(for_unknown, for_wrong);
        assert_eq!(for_unknown, for_right);
    }
}

/// Whoever knew a password of the dummy could otherwise sign in as a user who is not there, or whose hash
/// cannot be read. This dummy has one, so that only the path keeps them out.
#[test]
fn the_dummy_is_never_right() {
    let passwords = weak().with_dummy(SHORT_SALT);
    for stored in [None, Some(""), Some("garbage")] {
        let (checked, work) = watched(&passwords, stored, "password");
        assert!(!is_right(&checked), "{stored:?}");
        assert_eq!(work.len(), 1);
    }
    assert!(is_right(&passwords.check(Some(SHORT_SALT), "password")));
}

#[test]
fn what_is_not_read_costs_the_same_as_an_unknown_user() {
    let edited = |hash: &str, edit: fn(&str) -> String| {
        let edited = edit(hash);
        assert_ne!(edited, hash);
        edited
    };
    let bcrypt = |edit| edited(BCRYPT, edit);
    let argon2 = |edit| edited(SHORT_SALT, edit);
    let hashes = [
        String::new(),
        "$".to_owned(),
        "password".to_owned(),
        "$argon2id$".to_owned(),
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ".to_owned(),
        argon2(|hash| format!("{hash}$")),
        argon2(|hash| format!("{hash} ")),
        argon2(|hash| hash.replace("m=256", "m=4194304")),
        argon2(|hash| hash.replace("m=256", "m=4294967295")),
        argon2(|hash| hash.replace("t=2", "t=16385")),
        argon2(|hash| hash.replace("t=2", "t=4294967295")),
        argon2(|hash| hash.replace("t=2", "t=0")),
        argon2(|hash| hash.replace("p=1", "p=0")),
        argon2(|hash| hash.replace("p=1", "p=33")),
        argon2(|hash| hash.replace("p=1", "p=1,data=Dw8PDw8P")),
        argon2(|hash| hash.replace("p=1", "p=1,keyid=8PDw8A")),
        argon2(|hash| hash.replace("$c29tZXNhbHQ$", "$c29t$")),
        // The digest of 15 bytes that the password has.
        made(256, 2, 16, 15),
        argon2(|hash| hash.replace("c29tZXNhbHQ", &"c29tZXNhbHQ".repeat(100_000))),
        bcrypt(|hash| hash.replace("$06$", "$17$")),
        bcrypt(|hash| hash.replace("$06$", "$31$")),
        bcrypt(|hash| hash.replace("$06$", "$99$")),
        bcrypt(|hash| hash.replace("$06$", "$03$")),
        bcrypt(|hash| hash.replace("$06$", "$+6$")),
        bcrypt(|hash| hash.replace("$06$", "$6$")),
        bcrypt(|hash| hash.replace("7h0i", "7h0£")),
        bcrypt(|hash| hash.replace("7h0i", "7hé")),
        bcrypt(|hash| format!("{hash}0")),
    ];
    for stored in hashes {
        for password in ["password", "abc"] {
            let (checked, work) = watched(&weak(), Some(&stored), password);
            assert!(!is_right(&checked), "{stored}");
            assert_eq!(work, [of(64, 1)], "{stored}");
        }
    }
}

/// Each of them is what its tool makes of a password, so that only the kind keeps it out.
#[test]
fn other_kinds_of_hashes_are_not_read() {
    let hashes = [
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
        "$argon2d$v=19$m=65536,t=2,p=1$YzI5dFpYTmhiSFFBQUFBQUFBQUFBQQ$Jxy74cswY2mq9y+u+iJcJy8EqOp4t/C7DWDzGwGB3IM",
        "$argon2id$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e",
        "$2$05$......................bvpG2UfzdyW/S0ny/4YyEZrmczoJfVm",
        "5f4dcc3b5aa765d61d8327deb882cf99",
    ];
    for stored in hashes {
        let (checked, work) = watched(&weak(), Some(stored), "password");
        assert!(!is_right(&checked), "{stored}");
        assert_eq!(work, [of(64, 1)], "{stored}");
    }
}

#[test]
fn an_empty_password_is_wrong() {
    assert_eq!(weak().hash(""), Err(HashError::Empty));
    // Of the empty password, by jBCrypt.
    let stored = "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.";
    let (checked, work) = watched(&weak(), Some(stored), "");
    assert!(!is_right(&checked));
    assert_eq!(work, [of(64, 1)]);
}

#[test]
fn a_password_has_at_most_1024_bytes() {
    let passwords = Passwords::weak(128, 1);
    let longest = "é".repeat(512);
    let stored = passwords.hash(&longest).unwrap();
    assert!(is_right(&passwords.check(Some(&stored), &longest)));

    let longer = format!("{longest}x");
    assert_eq!(passwords.hash(&longer), Err(HashError::TooLong { found: 1025 }));
    // Though its first 1,024 bytes are the password.
    let (checked, work) = watched(&passwords, Some(&stored), &longer);
    assert!(!is_right(&checked));
    assert_eq!(work, [of(128, 1)]);
}

#[test]
fn a_password_that_bcrypt_would_cut_off_is_wrong() {
    assert!(is_right(&weak().check(Some(SEVENTY_TWO_HASHED), SEVENTY_TWO)));
    let longer = format!("{SEVENTY_TWO}chars after 72 are ignored");
    for password in [longer.as_str(), &format!("{SEVENTY_TWO}x"), &SEVENTY_TWO.replace('a', "é")] {
        let (checked, work) = watched(&weak(), Some(SEVENTY_TWO_HASHED), password);
        assert!(!is_right(&checked));
        assert_eq!(work, [of(64, 1)]);
    }
}

#[test]
fn a_password_that_bcrypt_takes_for_another_is_wrong() {
    // The same key, since it is repeated with a NUL in between.
    let text = bcrypt::hash_with_salt_bytes("abc\0abc", 6, [7; 16]).unwrap();
    assert_eq!(text, bcrypt::hash_with_salt_bytes("abc", 6, [7; 16]).unwrap());
    assert!(is_right(&weak().check(Some(BCRYPT), "abc")));
    for password in ["abc\0", "abc\0abc", "abc\0def", "\0"] {
        let (checked, work) = watched(&weak(), Some(BCRYPT), password);
        assert!(!is_right(&checked), "{password:?}");
        assert_eq!(work, [of(64, 1)]);
    }
}

/// The other side of what the docs admit: until the upgrade, a hash of bcrypt costs something else.
#[test]
fn bcrypt_is_checked_by_bcrypt_alone() {
    let (checked, work) = watched(&weak(), Some(BCRYPT), "abd");
    assert!(!is_right(&checked));
    assert_eq!(work, [Work::Bcrypt(6)]);
}

#[test]
fn a_weaker_hash_is_upgraded_once() {
    let now = Passwords::weak(128, 2);
    let less_memory = Passwords::weak(64, 4).hash("password").unwrap();
    let less_work = Passwords::weak(128, 1).hash("password").unwrap();
    let far_less = Passwords::weak(64, 1).hash("password").unwrap();
    let (short_salt, short_digest) = (made(128, 2, 8, 32), made(128, 2, 16, 31));
    for stored in [less_memory, less_work, far_less, short_salt, short_digest] {
        let stored = stored.as_str();
        let new = upgrade(now.check(Some(stored), "password")).expect("an upgrade");
        assert!(new.starts_with("$argon2id$v=19$m=128,t=2,p=1$"));
        assert_eq!(upgrade(now.check(Some(&new), "password")), None);
        assert!(!is_right(&now.check(Some(&new), "passwore")));
        assert!(!is_right(&now.check(Some(stored), "passwore")));
    }

    let new = upgrade(now.check(Some(BCRYPT), "abc")).expect("an upgrade");
    assert_eq!(upgrade(now.check(Some(&new), "abc")), None);
}

#[test]
fn a_hash_that_is_not_weaker_stays() {
    let now = Passwords::weak(128, 2);
    for stored in [made(128, 2, 16, 32), made(128, 2, 48, 64), lanes(128, 2, 7)] {
        assert_eq!(upgrade(now.check(Some(&stored), "password")), None, "{stored}");
    }
    for (memory_kib, iterations) in [(128, 2), (128, 3), (256, 1), (256, 2)] {
        let stored = Passwords::weak(memory_kib, iterations).hash("password").unwrap();
        assert_eq!(upgrade(now.check(Some(&stored), "password")), None, "{stored}");
    }
}

#[test]
fn parameters_are_between_owasp_and_what_is_bearable() {
    use ParameterError as E;
    for (m, t, p) in [
        (19_456, 2, 1),
        (47_104, 1, 1),
        (12_288, 3, 1),
        (9_216, 4, 1),
        (7_168, 5, 1),
        // Both that RFC 9106 recommends.
        (2 * 1024 * 1024, 1, 4),
        (64 * 1024, 3, 4),
        (2 * 1024 * 1024, 2, 1),
        (19_456, 2, 2_432),
    ] {
        assert!(Passwords::with_parameters(m, t, p).is_ok(), "{m} {t} {p}");
    }
    for (m, t) in [(0, 0), (19_455, 2), (19_456, 1), (7_167, 1_000), (7_168, 4), (u32::MAX, 0)] {
        let weak = E::TooWeak { memory_kib: m, iterations: t };
        assert_eq!(Passwords::with_parameters(m, t, 1).err(), Some(weak));
    }
    for (m, t) in [(2_097_153, 1), (2_097_152, 3), (19_456, 216), (u32::MAX, u32::MAX)] {
        let dear = E::TooDear { memory_kib: m, iterations: t };
        assert_eq!(Passwords::with_parameters(m, t, 1).err(), Some(dear));
    }
    for p in [0, 2_433, u32::MAX] {
        let refused = Passwords::with_parameters(19_456, 2, p).err();
        assert_eq!(refused, Some(E::Parallelism { found: p }));
    }
}

#[test]
fn nothing_secret_is_shown() {
    let passwords = Passwords::new();
    let shown = format!("{passwords:?}");
    assert_eq!(shown, "Passwords { memory_kib: 19456, iterations: 2, parallelism: 1, .. }");

    let checked = weak().check(Some(BCRYPT), "abc");
    assert_eq!(format!("{checked:?}"), "Right { upgrade: true }");
    assert_eq!(format!("{:?}", weak().check(None, "abc")), "Wrong");
}

#[test]
fn one_serves_all_threads() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Passwords>();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn no_text_is_taken_for_a_hash(stored in any::<String>(), password in ".{0,80}") {
        prop_assert!(!is_right(&weak().check(Some(&stored), &password)));
    }

    /// Near to hashes, so that the readers get somewhere.
    #[test]
    fn no_broken_hash_makes_it_panic(
        hash in prop::sample::select(vec![BCRYPT, SHORT_SALT]),
        at in 0..96_usize,
        put in "\\PC{0,3}|[$,=0-9]{1,4}",
        cut in 0..4_usize,
    ) {
        let mut letters = hash.chars().collect::<Vec<_>>();
        let at = at.min(letters.len());
        let end = (at + cut).min(letters.len());
        letters.splice(at..end, put.chars());
        let stored = letters.into_iter().collect::<String>();
        // A parameter may have become a great one that is still borne; to read it is enough.
        let read = crate::stored::Stored::read(&stored);
        prop_assert!(read.is_none() || stored.len() >= 60);
    }

    /// 60 bytes are what bcrypt has, and where its reader once panicked on others than ASCII.
    #[test]
    fn sixty_bytes_of_any_letters_do_not_panic(tail in "[a-zA-Z./£é€]{53}") {
        let mut stored = format!("$2b$04${tail}");
        while stored.len() > 60 {
            stored.pop();
        }
        prop_assert!(!is_right(&weak().check(Some(&stored), "password")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn what_is_hashed_is_right_and_nothing_else(password in "\\PC{1,100}", other in "\\PC{1,100}") {
        let stored = weak().hash(&password).unwrap();
        prop_assert_eq!(upgrade(weak().check(Some(&stored), &password)), None);
        prop_assert_eq!(is_right(&weak().check(Some(&stored), &other)), password == other);
    }
}
