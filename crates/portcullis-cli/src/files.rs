//! From a path to the files of a policy.

use std::io::Read;
use std::path::{Path, PathBuf};

use portcullis_syntax::{LARGEST_FILE, Role, Source, Sources};

use crate::Failure;
pub(crate) use crate::write::{Over, file as write};

/// Which files of a folder are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those of the policy.
    Policy,
    /// Its tests too.
    WithTests,
    /// Any, be there a policy among them or not.
    Any,
}

/// The paths that a PATH stands for, in the order of their names. Tests alone are no policy: it would be an
/// empty one, in which nothing is wrong.
pub(crate) fn paths(path: &Path, which: Which) -> Result<Vec<PathBuf>, Failure> {
    let said = |why: &str| Err(Failure::Said(format!("{}: {why}", path.display())));
    let mut tests = false;
    let found = if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(|why| unreadable(path, why))?;
        let mut found = Vec::new();
        for entry in entries {
            let file = entry.map_err(|why| unreadable(path, why))?.path();
            tests |= is_test(&file);
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
            (Which::Policy, _) if is_test(path) => {
                return said("this is a file of tests; name its policy, or the folder of both");
            }
            _ => vec![path.to_owned()],
        }
    };
    match found.iter().any(|found| which == Which::Any || !is_test(found)) {
        true => Ok(found),
        false if tests => said("no policy is in this folder, only tests"),
        false => said("no `*.gate` file is in this folder"),
    }
}

fn is_test(path: &Path) -> bool {
    ends_with(path, ".test.gate")
}

/// Reads files.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Sources, Failure> {
    let mut sources = Sources::new();
    for path in paths {
        let most = LARGEST_FILE / (1 << 20);
        let too_large = format!("the file is larger than {most} MiB; split it into several");
        let bytes = crate::read::file(path, LARGEST_FILE, &too_large)?;
        sources.add(Source::from_bytes(path.display().to_string(), bytes));
    }
    Ok(sources)
}

/// Whether a file begins with a byte order mark, which is no part of its text.
pub(crate) fn is_marked(path: &Path) -> Result<bool, Failure> {
    let mut first = Vec::new();
    let opened = std::fs::File::open(path).map_err(|why| unreadable(path, why))?;
    opened.take(3).read_to_end(&mut first).map_err(|why| unreadable(path, why))?;
    Ok(first == "\u{feff}".as_bytes())
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
