//! From a path to the files of a policy.

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
