//! From a path to the files of a policy.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use portcullis_syntax::{Role, Source, Sources};

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
    let unreadable =
        |path: &Path, why: std::io::Error| Failure::Said(format!("{}: {why}", path.display()));
    let is_test = |path: &Path| name(path).ends_with(".test.gate");
    let found = if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|why| unreadable(path, why))?;
        let mut found = Vec::new();
        for entry in entries {
            let file = entry.map_err(|why| unreadable(path, why))?.path();
            if name(&file).ends_with(".gate")
                && (which == Which::WithTests || !is_test(&file))
                && file.is_file()
            {
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
                [Some(path.to_owned()), tests.is_file().then_some(tests)]
                    .into_iter()
                    .flatten()
                    .collect()
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
        let bytes = std::fs::read(path)
            .map_err(|why| Failure::Said(format!("{}: {why}", path.display())))?;
        sources.add(Source::from_bytes(path.display().to_string(), bytes));
    }
    Ok(sources)
}

/// Reads the files of one policy.
pub(crate) fn load(path: &Path, which: Which) -> Result<Sources, Failure> {
    read(&paths(path, which)?)
}

/// How many of the files hold declarations.
pub(crate) fn policy_files(sources: &Sources) -> usize {
    sources.iter().filter(|(_, source)| source.role == Role::Policy).count()
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or("")
}

/// Writes a file in one step, a new one or in the place of an old one: a reader of the file, or a crash, sees
/// either the one or the other.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let said = |why: std::io::Error| Failure::Said(format!("{}: {why}", path.display()));
    // A link stays a link.
    let path = match std::fs::canonicalize(path) {
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => path.to_owned(),
        found => found.map_err(said)?,
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(said)?;
    file.write_all(text.as_bytes()).map_err(said)?;
    let permissions = match std::fs::metadata(&path) {
        Ok(before) => Some(before.permissions()),
        Err(_) => readable(),
    };
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions).map_err(said)?;
    }
    file.persist(&path).map_err(|error| said(error.error))?;
    Ok(())
}

/// A new file is for everybody to read: a temporary one, which it begins as, is not.
fn readable() -> Option<std::fs::Permissions> {
    #[cfg(unix)]
    return Some(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    #[cfg(not(unix))]
    None
}
