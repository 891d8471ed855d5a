//! What an old policy is known to have: findings that are neither shown nor counted.
//!
//! A finding is known by its rule, its file, what it says and the text that it points to, so that it stays
//! known when lines move. Two that are alike are known twice.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use portcullis_syntax::{Code, Diagnostic, Severity, Sources};
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::files::{self, Over};

/// The version of the form of the file.
const VERSION: u64 = 1;

/// More than a hundred thousand findings.
const LARGEST: u64 = 64 << 20;

/// Findings that are known.
pub(crate) struct Baseline {
    file: PathBuf,
    /// What files are named from: the folder of the baseline.
    folder: PathBuf,
    known: BTreeMap<Key, usize>,
}

/// What a finding is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    file: String,
    rule: String,
    message: String,
    text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u64,
    findings: Vec<Known>,
}

#[derive(Serialize, Deserialize)]
struct Known {
    #[serde(flatten)]
    key: Key,
    count: usize,
}

impl Baseline {
    /// One that knows nothing yet.
    pub(crate) fn new(file: &Path) -> Result<Baseline, Failure> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let folder = std::fs::canonicalize(folder)
            .map_err(|why| Failure::Said(format!("{}: {why}", folder.display())))?;
        Ok(Baseline { file: file.to_owned(), folder, known: BTreeMap::new() })
    }

    pub(crate) fn read(file: &Path) -> Result<Baseline, Failure> {
        let said = |why: String| Failure::Said(format!("{}: {why}", file.display()));
        let mut baseline = Baseline::new(file)?;
        let unreadable = |why: std::io::Error| match why.kind() {
            std::io::ErrorKind::NotFound => {
                said("there is no baseline yet; `--write-baseline` writes one".to_owned())
            }
            _ => said(why.to_string()),
        };
        let mut text = String::new();
        let mut opened = std::fs::File::open(file).map_err(unreadable)?.take(LARGEST + 1);
        opened.read_to_string(&mut text).map_err(unreadable)?;
        if u64::try_from(text.len()).is_ok_and(|length| length > LARGEST) {
            return Err(said("the baseline is larger than 64 MiB".to_owned()));
        }
        let written: Written = serde_json::from_str(&text)
            .map_err(|why| said(format!("this is no baseline of `portcullis lint`: {why}")))?;
        if written.version != VERSION {
            let found = written.version;
            return Err(said(format!("this is a baseline of version {found}, not {VERSION}")));
        }
        for Known { key, count } in written.findings {
            *baseline.known.entry(key).or_default() += count;
        }
        Ok(baseline)
    }

    pub(crate) fn write(&self) -> Result<(), Failure> {
        let findings =
            self.known.iter().map(|(key, count)| Known { key: key.clone(), count: *count });
        let written = Written { version: VERSION, findings: findings.collect() };
        let text = serde_json::to_string_pretty(&written);
        let text = text.map_err(|why| Failure::Said(why.to_string()))?;
        files::write(&self.file, &format!("{text}\n"), Over::Another)
    }

    /// Knows a finding from now on; whether it can be known.
    pub(crate) fn add(&mut self, found: &Diagnostic, sources: &Sources) -> bool {
        let key = self.key(found, sources);
        let can_be = key.is_some();
        if let Some(key) = key {
            *self.known.entry(key).or_default() += 1;
        }
        can_be
    }

    /// Whether a finding is known; each that is known is found once.
    pub(crate) fn take(&mut self, found: &Diagnostic, sources: &Sources) -> bool {
        let count = self.key(found, sources).and_then(|key| self.known.get_mut(&key));
        let Some(count) = count.filter(|count| **count > 0) else { return false };
        *count -= 1;
        true
    }

    /// How many it knows: once all are taken that are there, those that are there no longer.
    pub(crate) fn len(&self) -> usize {
        self.known.values().sum()
    }

    /// A fault that keeps a policy from compiling is never known: nothing could be enforced.
    fn key(&self, found: &Diagnostic, sources: &Sources) -> Option<Key> {
        if !matches!(found.code, Code::Rule(_)) && found.severity == Severity::Error {
            return None;
        }
        let span = found.span()?;
        let source = sources.file(span.file)?;
        let path = std::fs::canonicalize(&source.name).ok()?;
        let path = pathdiff::diff_paths(path, &self.folder)?;
        Some(Key {
            file: path.to_string_lossy().replace('\\', "/"),
            rule: found.code.as_str().to_owned(),
            message: found.message.clone(),
            text: sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" "),
        })
    }
}
