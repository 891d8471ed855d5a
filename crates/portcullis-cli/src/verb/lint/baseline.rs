//! What an old policy is known to have: findings that are neither shown nor counted.
//!
//! A finding is known by its rule, its file, what it says and the text that it points to, so that it stays
//! known when lines move. Two that are alike are known twice. A baseline may be of several policies: what it
//! knows of those that are not linted stays as it is, and is not said to be gone.

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
    /// The folders and files that are linted.
    linted: Vec<PathBuf>,
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
    /// One to be written: it knows what the file does, but for the policies that are linted.
    pub(crate) fn renewed(file: &Path, paths: &[PathBuf]) -> Result<Baseline, Failure> {
        // A pipe that is written holds nothing to read, and to wait for that would be for ever.
        let is_pipe = file.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir());
        let mut baseline = match file.symlink_metadata() {
            Ok(_) if !is_pipe => Baseline::read(file, paths)?,
            _ => Baseline::new(file, paths)?,
        };
        let mut known = std::mem::take(&mut baseline.known);
        known.retain(|key, _| !baseline.is_linted(key));
        Ok(Baseline { known, ..baseline })
    }

    /// One that knows nothing yet.
    fn new(file: &Path, paths: &[PathBuf]) -> Result<Baseline, Failure> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let folder = std::fs::canonicalize(folder)
            .map_err(|why| Failure::Said(format!("{}: {why}", folder.display())))?;
        // What is not there is told where it is read.
        let linted = paths.iter().filter_map(|path| std::fs::canonicalize(path).ok()).collect();
        Ok(Baseline { file: file.to_owned(), folder, known: BTreeMap::new(), linted })
    }

    pub(crate) fn read(file: &Path, paths: &[PathBuf]) -> Result<Baseline, Failure> {
        let said = |why: String| Failure::Said(format!("{}: {why}", file.display()));
        let mut baseline = Baseline::new(file, paths)?;
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
        // Editors of other systems begin a file with a byte order mark.
        let written: Written = serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(&text))
            .map_err(|why| said(format!("this is no baseline of `portcullis lint`: {why}")))?;
        if written.version != VERSION {
            let found = written.version;
            return Err(said(format!("this is a baseline of version {found}, not {VERSION}")));
        }
        for Known { key, count } in written.findings {
            let sum = baseline.known.entry(key).or_default();
            *sum = sum.saturating_add(count);
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
            let sum = self.known.entry(key).or_default();
            *sum = sum.saturating_add(1);
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

    /// How many it knows of what is linted: once all are taken that are there, those that are there no longer.
    pub(crate) fn len(&self) -> usize {
        let known = self.known.iter().filter(|(key, _)| self.is_linted(key));
        known.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Whether a finding is of a file that is linted, or of one below a folder that is; the file may be gone.
    fn is_linted(&self, key: &Key) -> bool {
        let mut file = self.folder.clone();
        for part in key.file.split('/') {
            match part {
                ".." => _ = file.pop(),
                part => file.push(part),
            }
        }
        self.linted.iter().any(|linted| file.starts_with(linted))
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
