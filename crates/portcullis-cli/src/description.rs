//! From a path to an OpenAPI description.

use std::path::Path;

use portcullis_openapi::{Description, Error, LARGEST};

use crate::{Failure, read};

/// Reads a description.
pub(crate) fn load(path: &Path) -> Result<Description, Failure> {
    let said = |why: &dyn std::fmt::Display| Failure::Said(format!("{}: {why}", path.display()));
    if path.is_dir() {
        return Err(said(&"this is a folder; name the file of the description"));
    }
    let bytes = read::file(path, LARGEST, &Error::TooLarge.to_string())?;
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    Description::read(name, &bytes).map_err(|why| said(&why))
}

/// What is wrong with a description that could be read.
pub(crate) fn failed(path: &Path, why: &Error) -> Failure {
    Failure::Said(format!("{}: {why}", path.display()))
}

/// The path before all others: it begins with a slash, or is empty.
pub(crate) fn base(text: &str) -> Result<String, String> {
    if text.is_empty() || text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err("expected a path that begins with `/`, or nothing".to_owned())
    }
}
