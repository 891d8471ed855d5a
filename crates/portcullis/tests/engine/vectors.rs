//! Conformance with tables that others publish. They are read from `PORTCULLIS_VECTORS`, by default
//! `../shared/vectors` beside the repository, and never copied; without them the tests say that they
//! are skipped.

use std::path::{Path, PathBuf};

use portcullis::{Engine, Policy, Reason};
use serde_json::Value;

fn table(name: &str) -> Option<Value> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let folder = std::env::var_os("PORTCULLIS_VECTORS").map_or(beside, PathBuf::from);
    match std::fs::read(folder.join(name)) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(_) => {
            println!("skipped: {name} is not there");
            None
        }
    }
}

/// Normalisation tables of istio and httprouter: what is not already normal is refused, and never
/// matched as its normal form.
#[test]
fn paths_are_normal_or_refused() {
    let Some(cases) = table("paths/normalisation.json") else { return };
    let policy = "transport { hosts [\"shop.example\"] }
        route GET / { public }
        route GET /{rest...} { public params { rest: string max 8000 } }";
    let engine = Engine::builder(Policy::parse([("paths.gate", policy)]).unwrap()).build().unwrap();
    let cases = cases.as_array().unwrap();
    let (mut normal, mut refused) = (0, 0);
    for case in cases {
        let (path, form) = (case["in"].as_str().unwrap(), case["out"].as_str().unwrap_or(""));
        match engine.admit(crate::request("GET", path)) {
            Ok(_) => {
                // The modes of the tables mend more or less; what is admitted holds nothing that any of
                // them would mend but the encoding of plain characters.
                let (path, _) = path.split_once('?').unwrap_or((path, ""));
                let inner = path.strip_prefix('/').unwrap().trim_end_matches('/');
                let plain = inner.is_empty()
                    || inner.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
                assert!(plain && !path.ends_with("//"), "{path} is not {form}");
                assert!(!path.contains('\\'), "{path} is not {form}");
                normal += 1;
            }
            Err(refusal) => {
                let known =
                    matches!(refusal.reason(), Reason::MalformedRequest | Reason::UnknownRoute);
                assert!(known, "{path}: {refusal}");
                refused += 1;
            }
        }
    }
    println!("{} paths: {normal} normal, {refused} refused", cases.len());
    assert_eq!(normal + refused, cases.len());
    assert!(normal > 0 && refused > 0);
}
