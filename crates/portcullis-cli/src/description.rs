//! From a path to an OpenAPI description.

use std::io::Read;
use std::path::Path;

use portcullis_openapi::{Description, Error, LARGEST};

use crate::Failure;

/// Reads a description. A file that never ends is not read to its end.
pub(crate) fn load(path: &Path) -> Result<Description, Failure> {
    let said = |why: &dyn std::fmt::Display| Failure::Said(format!("{}: {why}", path.display()));
    if path.is_dir() {
        return Err(said(&"this is a folder; name the file of the description"));
    }
    let file = std::fs::File::open(path).map_err(|why| said(&why))?;
    let mut bytes = Vec::new();
    // One byte more says that it is too large.
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut bytes).map_err(|why| said(&why))?;
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
