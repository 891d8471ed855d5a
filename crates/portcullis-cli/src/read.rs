//! Every file that is read, and standard input, up to a bound: one that never ends is not read to its end.

use std::io::Read;
use std::path::Path;

use crate::Failure;

/// All that a file holds; an error, with what is said of one that is too large, where that is more than so many
/// bytes.
pub(crate) fn file(path: &Path, most: usize, too_large: &str) -> Result<Vec<u8>, Failure> {
    let unreadable = |why: std::io::Error| said(path, &why.to_string());
    let opened = std::fs::File::open(path).map_err(unreadable)?;
    whole(opened, path, most, too_large)
}

/// The same, where `-` is standard input.
pub(crate) fn file_or_input(path: &Path, most: usize, too_large: &str) -> Result<Vec<u8>, Failure> {
    match path.as_os_str() == "-" {
        true => whole(std::io::stdin().lock(), path, most, too_large),
        false => file(path, most, too_large),
    }
}

/// The text that a file or standard input holds.
pub(crate) fn text(path: &Path, most: usize, too_large: &str) -> Result<String, Failure> {
    let bytes = file_or_input(path, most, too_large)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to() + 1;
        said(path, &format!("this is no text in UTF-8: byte {at} is none"))
    })
}

fn whole(from: impl Read, path: &Path, most: usize, too_large: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    // One byte more says that it is too large.
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    from.take(limit).read_to_end(&mut bytes).map_err(|why| said(path, &why.to_string()))?;
    if bytes.len() > most {
        return Err(said(path, too_large));
    }
    Ok(bytes)
}

fn said(path: &Path, why: &str) -> Failure {
    Failure::Said(format!("{}: {why}", path.display()))
}
