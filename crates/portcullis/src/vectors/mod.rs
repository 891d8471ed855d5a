//! Conformance with what other projects publish.
//!
//! The vectors are not part of this repository: `PORTCULLIS_VECTORS` names their folder. Every
//! case counts. One that does not apply is counted too, under the reason why.

mod addresses;
mod cors;
mod paths;
mod rate_limit;
mod signatures;
mod urls;

use std::path::PathBuf;

use serde_json::Value;

/// The file, or `None` after a word to the reader where there is no such folder.
fn vectors(file: &str) -> Option<Value> {
    let folder = std::env::var_os("PORTCULLIS_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    if !folder.is_dir() {
        println!("skipped: no folder {}; PORTCULLIS_VECTORS names another", folder.display());
        return None;
    }
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    // Half a surrogate pair is no text. What it stands in is a case all the same, of a character that
    // no address has.
    let text = text.replace("\\ud800", "\\ufffd");
    Some(serde_json::from_str(&text).unwrap())
}

fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap()
}
