//! A policy that has compiled: the only kind that an engine runs.

use std::fmt;
use std::path::Path;

use portcullis_compiler::plan::Plan;
use portcullis_compiler::{Compilation, HostValues, compile, compile_with};
use portcullis_syntax::diagnostic::{Style, render};
use portcullis_syntax::{Severity, Source, Sources};

/// A compiled policy.
#[derive(Debug, Clone)]
pub struct Policy {
    compilation: Compilation,
}

/// Why there is no policy.
pub enum PolicyError {
    /// A file or folder cannot be read.
    Unreadable(String),
    /// The text has faults: all of them, rendered.
    Faulty(String),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyError::Unreadable(why) => f.write_str(why),
            PolicyError::Faulty(diagnostics) => f.write_str(diagnostics),
        }
    }
}

/// As it is displayed: a `main` that returns the error prints it so, and lines are for reading.
impl fmt::Debug for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for PolicyError {}

impl Policy {
    /// Reads and compiles a policy: every `*.gate` file of a folder (subfolders and `*.test.gate`
    /// apart), or one file.
    ///
    /// # Errors
    /// What cannot be read, or every fault of every file.
    pub fn load(path: impl AsRef<Path>) -> Result<Policy, PolicyError> {
        let path = path.as_ref();
        let unreadable = |path: &Path, why: &dyn fmt::Display| {
            PolicyError::Unreadable(format!("{}: {why}", path.display()))
        };
        let mut files = Vec::new();
        if path.is_dir() {
            let entries = std::fs::read_dir(path).map_err(|why| unreadable(path, &why))?;
            for entry in entries {
                let file = entry.map_err(|why| unreadable(path, &why))?.path();
                // Also of a name that is no Unicode: no file drops out of the policy for how it is called.
                let name = file.file_name().unwrap_or_default().as_encoded_bytes();
                if !name.ends_with(b".gate") || name.ends_with(b".test.gate") {
                    continue;
                }
                match std::fs::metadata(&file) {
                    Ok(found) if found.is_dir() => {}
                    Ok(found) if found.is_file() => files.push(file),
                    Ok(_) => return Err(unreadable(&file, &"this is no file that can be read")),
                    // While a file is edited, Emacs keeps a link beside it that leads nowhere.
                    Err(_) if name.starts_with(b".#") => {}
                    // It could hold a `deny`: it is never passed over.
                    Err(why) => return Err(unreadable(&file, &why)),
                }
            }
            files.sort();
        } else {
            files.push(path.to_owned());
        }
        if files.is_empty() {
            return Err(unreadable(path, &"no `*.gate` file is in this folder"));
        }
        let mut sources = Sources::new();
        for file in files {
            let bytes = std::fs::read(&file).map_err(|why| unreadable(&file, &why))?;
            sources.add(Source::from_bytes(file.display().to_string(), bytes));
        }
        Policy::compile(sources)
    }

    /// Compiles a policy from texts with their names.
    ///
    /// # Errors
    /// Every fault of every text.
    pub fn parse<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Policy, PolicyError> {
        let mut sources = Sources::new();
        for (name, text) in texts {
            sources.add(Source::new(name, text));
        }
        Policy::compile(sources)
    }

    fn compile(sources: Sources) -> Result<Policy, PolicyError> {
        let compilation = compile(sources);
        if !compilation.has_errors() {
            return Ok(Policy { compilation });
        }
        Err(PolicyError::Faulty(rendered(&compilation)))
    }

    /// The profiles that the policy names; `default` where it names none.
    #[must_use]
    pub fn profiles(&self) -> &[String] {
        &self.compilation.profiles
    }

    /// The plan of a profile, with the service's values for the settings that it asks of it; with
    /// dummies, where none are to be given.
    pub(crate) fn plan(
        &self,
        profile: &str,
        host: Option<&HostValues>,
    ) -> Result<Option<Plan>, Vec<String>> {
        let Some(host) = host else {
            return Ok(self.compilation.plan(profile).cloned());
        };
        let wanted = || self.compilation.host_settings();
        let missing = wanted()
            .filter(|name| !host.contains_key(*name))
            .map(|name| format!("the policy has the setting `{name}` from the service: give it"));
        let unknown = host.keys().filter(|name| !wanted().any(|wanted| wanted == *name));
        let unknown = unknown.map(|name| {
            format!(
                "a value was given for `{name}`, which is no setting of the policy from the service"
            )
        });
        let faults: Vec<String> = missing.chain(unknown).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        if host.is_empty() {
            return Ok(self.compilation.plan(profile).cloned());
        }
        let compilation = compile_with(self.compilation.sources.clone(), host);
        if compilation.has_errors() {
            return Err(vec![rendered(&compilation)]);
        }
        Ok(compilation.plan(profile).cloned())
    }
}

fn rendered(compilation: &Compilation) -> String {
    let errors = compilation
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| render(diagnostic, &compilation.sources, Style::Plain));
    errors.collect::<Vec<_>>().join("\n")
}

impl From<Compilation> for Policy {
    /// A policy that a tool has compiled. One with errors has no plan, and no engine can be built
    /// from it.
    fn from(compilation: Compilation) -> Policy {
        Policy { compilation }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    const GOOD: &str = "transport { hosts [\"a.example\"] }";
    const BROKEN: &str = "role {";

    #[test]
    fn no_file_of_a_folder_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a.gate"), GOOD).unwrap();
        std::fs::write(at("b.test.gate"), BROKEN).unwrap();
        std::fs::create_dir(at("c.gate")).unwrap();
        symlink("nobody@host.1:2", at(".#a.gate")).unwrap();
        assert!(Policy::load(folder.path()).is_ok());

        // It could hold a `deny`.
        symlink("nowhere", at("d.gate")).unwrap();
        assert!(matches!(Policy::load(folder.path()), Err(PolicyError::Unreadable(_))));
        std::fs::remove_file(at("d.gate")).unwrap();
        symlink("e.gate", at("e.gate")).unwrap();
        assert!(matches!(Policy::load(folder.path()), Err(PolicyError::Unreadable(_))));
        std::fs::remove_file(at("e.gate")).unwrap();

        let no_unicode = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff.gate"));
        std::fs::write(no_unicode, BROKEN).unwrap();
        assert!(matches!(Policy::load(folder.path()), Err(PolicyError::Faulty(_))));
    }
}
