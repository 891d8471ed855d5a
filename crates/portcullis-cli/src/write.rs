//! What is written into a file: all of it or nothing, and never into one that is kept from it.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::Failure;
use crate::output::Output;

/// What a file that is written may take the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// Of the one that is there.
    Another,
    /// Of none: one that is there is an error.
    Nothing,
}

/// Whether a path is standard output.
pub(crate) fn is_output(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Whether two paths would be written into the same file, be it there yet or not.
pub(crate) fn are_same(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = std::fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        std::fs::canonicalize(path).ok().or_else(|| Some(folder.join(path.file_name()?)))
    };
    one == other || whole(one).is_some_and(|one| whole(other) == Some(one))
}

/// Writes what is whole where it is wanted: `-` is standard output.
pub(crate) fn to(path: &Path, text: &str, output: &mut Output) -> Result<(), Failure> {
    match is_output(path) {
        true => Ok(output.bytes(text.as_bytes())?),
        false => file(path, text, Over::Another),
    }
}

/// Puts a text into a file in one step: a reader of the file, or a crash, sees either all of it or what was
/// there before.
pub(crate) fn file(path: &Path, text: &str, over: Over) -> Result<(), Failure> {
    let said = |why: std::io::Error| failed(path, &why.to_string());
    let (target, permissions) = match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            return Err(failed(path, "it is a folder; name a file in it"));
        }
        // A pipe or a terminal takes text, and no other file must be put in its place.
        Ok(found) if !found.is_file() && over == Over::Another => {
            return std::fs::write(path, text).map_err(said);
        }
        // A link stays a link.
        Ok(found) => {
            if over == Over::Another {
                writable(path, &found)?;
            }
            (std::fs::canonicalize(path).map_err(said)?, Some(found.permissions()))
        }
        Err(_) if path.symlink_metadata().is_err() => (path.to_owned(), None),
        Err(why) => return Err(said(why)),
    };
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = new_in(folder.unwrap_or(Path::new("."))).map_err(said)?;
    file.as_file_mut().write_all(text.as_bytes()).map_err(said)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions).map_err(said)?;
    }
    let kept = match over {
        Over::Another => file.persist(&target),
        Over::Nothing => file.persist_noclobber(&target),
    };
    kept.map(drop).map_err(|error| said(error.error))
}

/// Another file could be put in the place of one that must not be written, since that is the right to write the
/// folder: whoever took the right to write the file away did not mean that.
fn writable(path: &Path, found: &std::fs::Metadata) -> Result<(), Failure> {
    if found.permissions().readonly() {
        return Err(failed(path, "it may only be read, and is left as it is"));
    }
    let opened = File::options().append(true).open(path);
    opened.map(drop).map_err(|why| failed(path, &why.to_string()))
}

/// A file that others may read, as far as the process lets them, and not the writer alone.
fn new_in(folder: &Path) -> std::io::Result<NamedTempFile> {
    // An error of the crate's own opening names a file that nobody has heard of.
    let open = |path: &Path| File::options().read(true).write(true).create_new(true).open(path);
    tempfile::Builder::new().make_in(folder, open)
}

fn failed(path: &Path, why: &str) -> Failure {
    Failure::Said(format!("{}: {why}", path.display()))
}
