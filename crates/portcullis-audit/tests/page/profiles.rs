//! Which profile is shown, and what is said of the others.

use portcullis_audit::{audit, markdown, profile_shown};

use super::policies::compiled;

const POLICY: &str = r#"
setting cap: int { production 5  development 50 }
transport { https off in development  hosts ["a.example"]  body_limit 8KiB in production }
budget few { limit cap per 1m  key request.ip }
route GET /a { public  budget [few]  returns nothing }
"#;

fn page(policy: &str, profile: &str) -> String {
    let compilation = compiled(policy);
    markdown(&audit(&compilation, profile, "policy").unwrap())
}

#[test]
fn production_is_shown_where_nobody_says_which() {
    assert_eq!(profile_shown(&compiled(POLICY)), Some("production"));
    assert_eq!(profile_shown(&compiled("enum nothing { at_all }")), Some("default"));
    let other = POLICY.replace("production", "staging");
    assert_eq!(profile_shown(&compiled(&other)), Some("development"));
    assert!(audit(&compiled(POLICY), "nowhere", "policy").is_none());
}

#[test]
fn what_differs_elsewhere_is_listed() {
    let page = page(POLICY, "production");
    let (_, differs) = page.split_once("**What differs under development**").unwrap();
    let rows = differs.lines().filter(|line| line.starts_with("| ")).skip(2).collect::<Vec<_>>();
    assert_eq!(
        rows,
        [
            "| Budgets: few: Limits | 5 per 1m | 50 per 1m |",
            "| Connection: HTTPS: Which | required | off: plain HTTP is answered |",
            "| Connection: largest body: Which | 8KiB | 64KiB |",
        ]
    );
}

#[test]
fn one_profile_has_nothing_to_differ_from() {
    let page = page("enum nothing { at_all }", "default");
    assert!(page.contains("There is one profile."), "{page}");
}
