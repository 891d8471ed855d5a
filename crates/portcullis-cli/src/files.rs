//! From a path to the files of a policy.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use portcullis_syntax::{LARGEST_FILE, Role, Source, Sources};
use tempfile::NamedTempFile;

use crate::Failure;

/// Which files of a folder are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those of the policy.
    Policy,
    /// Its tests too.
    WithTests,
}

/// The paths that a PATH stands for, in the order of their names.
pub(crate) fn paths(path: &Path, which: Which) -> Result<Vec<PathBuf>, Failure> {
    let is_test = |path: &Path| ends_with(path, ".test.gate");
    let found = if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|why| unreadable(path, why))?;
        let mut found = Vec::new();
        for entry in entries {
            let file = entry.map_err(|why| unreadable(path, why))?.path();
            if !ends_with(&file, ".gate") || (which == Which::Policy && is_test(&file)) {
                continue;
            }
            if is_file(&file)? {
                found.push(file);
            }
        }
        found.sort();
        found
    } else {
        std::fs::metadata(path).map_err(|why| unreadable(path, why))?;
        match (which, path.parent()) {
            // The tests of a file belong to the policy of its folder.
            (Which::WithTests, Some(folder)) if is_test(path) => {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                let mut all = paths(folder, Which::Policy)?;
                all.push(path.to_owned());
                all
            }
            // A policy of one file has its tests beside it.
            (Which::WithTests, _) => {
                let tests = path.with_extension("test.gate");
                let tests = is_file(&tests)?.then_some(tests);
                [Some(path.to_owned()), tests].into_iter().flatten().collect()
            }
            _ => vec![path.to_owned()],
        }
    };
    if found.is_empty() {
        return Err(Failure::Said(format!(
            "{}: no `*.gate` file is in this folder",
            path.display()
        )));
    }
    Ok(found)
}

/// Reads files.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Sources, Failure> {
    let mut sources = Sources::new();
    for path in paths {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(|why| unreadable(path, why))?;
        let limit = u64::try_from(LARGEST_FILE).unwrap_or(u64::MAX);
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|why| unreadable(path, why))?;
        if bytes.len() > LARGEST_FILE {
            let most = LARGEST_FILE / (1 << 20);
            let path = path.display();
            let why = format!("{path}: the file is larger than {most} MiB; split it into several");
            return Err(Failure::Said(why));
        }
        sources.add(Source::from_bytes(path.display().to_string(), bytes));
    }
    Ok(sources)
}

/// Puts a text into a file in one step: a reader of the file, or a crash, sees either all of it or what was
/// there before.
pub(crate) fn write(path: &Path, text: &str, over: Over) -> Result<(), Failure> {
    let said = |why: std::io::Error| unreadable(path, why);
    let (target, permissions) = match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            let why = "it is a folder; name a file in it";
            return Err(Failure::Said(format!("{}: {why}", path.display())));
        }
        // A pipe or a terminal takes text, and no other file must be put in its place.
        Ok(found) if !found.is_file() && over == Over::Another => {
            return std::fs::write(path, text).map_err(said);
        }
        // A link stays a link.
        Ok(found) => (std::fs::canonicalize(path).map_err(said)?, Some(found.permissions())),
        Err(_) if path.symlink_metadata().is_err() => (path.to_owned(), None),
        Err(why) => return Err(said(why)),
    };
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = new_in(folder.unwrap_or(Path::new("."))).map_err(said)?;
    file.write_all(text.as_bytes()).map_err(said)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions).map_err(said)?;
    }
    let kept = match over {
        Over::Another => file.persist(&target),
        Over::Nothing => file.persist_noclobber(&target),
    };
    kept.map(drop).map_err(|error| said(error.error))
}

/// What a file that is written may take the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// Of the one that is there.
    Another,
    /// Of none: one that is there is an error.
    Nothing,
}

/// A file that others may read, as far as the process lets them, and not the writer alone.
fn new_in(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Reads the files of one policy.
pub(crate) fn load(path: &Path, which: Which) -> Result<Sources, Failure> {
    read(&paths(path, which)?)
}

/// How many of the files hold declarations.
pub(crate) fn policy_files(sources: &Sources) -> usize {
    sources.iter().filter(|(_, source)| source.role == Role::Policy).count()
}

/// Whether a file is there. A link that leads nowhere could be a `deny` that is not there: it is never passed
/// over.
fn is_file(path: &Path) -> Result<bool, Failure> {
    if path.symlink_metadata().is_err_and(|why| why.kind() == std::io::ErrorKind::NotFound) {
        return Ok(false);
    }
    // While a file is edited, Emacs keeps a link beside it that leads nowhere.
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    if name.starts_with(b".#") && std::fs::metadata(path).is_err() {
        return Ok(false);
    }
    let found = std::fs::metadata(path).map_err(|why| unreadable(path, why))?;
    if !found.is_file() && !found.is_dir() {
        return Err(Failure::Said(format!("{}: this is no file that can be read", path.display())));
    }
    Ok(found.is_file())
}

/// Also of a name that is no Unicode: a file must not drop out of the policy for how it is called.
fn ends_with(path: &Path, end: &str) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().ends_with(end.as_bytes()))
}

fn unreadable(path: &Path, why: std::io::Error) -> Failure {
    Failure::Said(format!("{}: {why}", path.display()))
}
