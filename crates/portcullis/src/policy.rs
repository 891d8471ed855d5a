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
                let name = file.file_name().and_then(|name| name.to_str()).unwrap_or("");
                if name.ends_with(".gate") && !name.ends_with(".test.gate") && file.is_file() {
                    files.push(file);
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
