//! `--fix`: the edits that need no decision, made in the files themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use portcullis_compiler::plan::Plan;
use portcullis_compiler::{Compilation, compile};
use portcullis_lint::lint;
use portcullis_syntax::{Diagnostic, Edit, Sources};

use super::edited::edited;
use crate::Failure;
use crate::files::{self, Over, Which};
use crate::output::{Output, several};
use crate::verb::plan;

/// One mend may make another possible; more rounds than rules would be a rule that never rests.
const ROUNDS: usize = 16;

/// The rules whose mends leave each stage as it is, word by word: a role has what it takes away already, and a
/// waiver decides nothing. Those of the others take away clauses that never decide.
const KEEP_THE_PLAN: &[&str] = &["redundant_grant", "unused_waiver"];

/// What a finding is known by when lines move: its rule and its message.
type Key = (&'static str, String);

/// Mends a policy until there is nothing left that needs no decision. Nothing is written before all is known to be
/// sound.
pub(crate) fn fix(path: &Path, output: &mut Output) -> Result<(), Failure> {
    whole(path)?;
    let paths = files::paths(path, Which::WithTests)?;
    let mut policy = Mended::of(path, compile(files::read(&paths)?));
    for _ in 0..ROUNDS {
        let mends = policy.mends();
        if mends.is_empty() {
            break;
        }
        match policy.with(&mends)? {
            Ok(after) => policy.becomes(after, &mends),
            Err(_) => policy.one_by_one(mends, output)?,
        }
    }
    policy.write(&paths, output)
}

/// A policy on its way.
struct Mended<'p> {
    path: &'p Path,
    now: Compilation,
    /// What was found in the files as they are.
    known: BTreeMap<Key, usize>,
    /// What is left to its author, since its mend would bring something else.
    left: BTreeSet<Key>,
    /// How many edits each file has had.
    edits: Vec<usize>,
}

impl Mended<'_> {
    fn of(path: &Path, now: Compilation) -> Mended<'_> {
        let known = tally(&lint(&now));
        let edits = now.sources.iter().map(|_| 0).collect();
        Mended { path, now, known, left: BTreeSet::new(), edits }
    }

    /// The findings to mend next; of two kinds, those first that can be held against the plan.
    fn mends(&self) -> Vec<Diagnostic> {
        let found = lint(&self.now);
        let open = found
            .into_iter()
            .filter(|found| !found.edits.is_empty() && !self.left.contains(&key(found)));
        let (keep, others): (Vec<_>, Vec<_>) =
            open.partition(|found| KEEP_THE_PLAN.contains(&found.code.as_str()));
        let mut mends: Vec<Diagnostic> = Vec::new();
        for finding in if keep.is_empty() { others } else { keep } {
            // All of a finding or nothing of it: what overlaps waits for the next round.
            let mut taken = mends.iter().flat_map(|mend| &mend.edits);
            if taken.all(|taken| finding.edits.iter().all(|edit| apart(taken, edit))) {
                mends.push(finding);
            }
        }
        mends
    }

    /// The policy with mends made, or the finding that they would bring.
    ///
    /// # Errors
    /// They would change what it decides: a bug of ours.
    fn with(&self, mends: &[Diagnostic]) -> Result<Result<Compilation, Diagnostic>, Failure> {
        let mut after = Sources::new();
        for (id, source) in self.now.sources.iter() {
            let edits = mends.iter().flat_map(|mend| &mend.edits);
            let of_file = edits.filter(|edit| edit.span.file == id).collect::<Vec<_>>();
            after.add(match of_file.as_slice() {
                [] => source.clone(),
                edits => edited(source, edits)?,
            });
        }
        let after = compile(after);
        let broken = |what: &str| {
            Err(Failure::Said(format!(
                "{}: `--fix` would {what} and has changed nothing; please report this",
                self.path.display()
            )))
        };
        if after.has_errors() {
            return broken("break the policy");
        }
        let keep = mends.iter().all(|mend| KEEP_THE_PLAN.contains(&mend.code.as_str()));
        if keep && !ask_the_same(&self.now.plans, &after.plans) {
            return broken("change what the policy asks");
        }
        let mut known = self.known.clone();
        for found in lint(&after) {
            match known.get_mut(&key(&found)).filter(|count| **count > 0) {
                Some(count) => *count -= 1,
                // What can be mended in its turn is gone in the end.
                None if found.edits.is_empty() => return Ok(Err(found)),
                None => {}
            }
        }
        Ok(Ok(after))
    }

    fn becomes(&mut self, after: Compilation, mends: &[Diagnostic]) {
        for edit in mends.iter().flat_map(|mend| &mend.edits) {
            if let Some(count) = self.edits.get_mut(edit.span.file.0 as usize) {
                *count += 1;
            }
        }
        self.now = after;
    }

    /// Makes the mends that bring nothing, and leaves the others.
    fn one_by_one(&mut self, mends: Vec<Diagnostic>, output: &mut Output) -> Result<(), Failure> {
        let (mut made, mut last) = (Vec::new(), None);
        for mend in mends {
            made.push(mend);
            match self.with(&made)? {
                Ok(after) => last = Some(after),
                Err(brought) => {
                    let Some(mend) = made.pop() else { continue };
                    let (path, rule) = (self.path.display(), mend.code.as_str());
                    output.complain(&format!(
                        "{path}: `--fix` leaves a `{rule}`, {}: mended, there would be a new `{}`, {}",
                        mend.message,
                        brought.code.as_str(),
                        brought.message
                    ));
                    self.left.insert(key(&mend));
                }
            }
        }
        if let Some(after) = last {
            self.becomes(after, &made);
        }
        Ok(())
    }

    fn write(&self, paths: &[PathBuf], output: &mut Output) -> Result<(), Failure> {
        for (((_, source), path), edits) in self.now.sources.iter().zip(paths).zip(&self.edits) {
            if *edits > 0 {
                files::write(path, &source.text, Over::Another)?;
                output.complain(&format!("{}: {}", path.display(), several(*edits, "edit")));
            }
        }
        Ok(())
    }
}

/// Whether two policies ask the same in the same words, and their roles may do the same.
fn ask_the_same(before: &[Plan], after: &[Plan]) -> bool {
    let granted = |plan: &Plan, named_by: &Plan| {
        let named = |name: &String| named_by.permissions.contains(name);
        let permissions = plan.permissions.iter().enumerate().filter(|(_, name)| named(name));
        let permissions = permissions.collect::<Vec<_>>();
        let mut granted = BTreeSet::new();
        for role in &plan.roles {
            let has = permissions.iter().filter(|(index, _)| role.permissions.has(*index));
            granted.extend(has.map(|(_, name)| (role.name.clone(), (*name).clone())));
        }
        granted
    };
    before.len() == after.len()
        && before.iter().zip(after).all(|(before, after)| {
            plan::told(before) == plan::told(after)
                && granted(before, after) == granted(after, before)
        })
}

fn key(found: &Diagnostic) -> Key {
    (found.code.as_str(), found.message.clone())
}

fn tally(found: &[Diagnostic]) -> BTreeMap<Key, usize> {
    let mut tally = BTreeMap::new();
    for found in found {
        *tally.entry(key(found)).or_default() += 1;
    }
    tally
}

/// A file that is one of several says by itself less than it does among them: what it waives, it waives there.
fn whole(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if path.is_file() && files::paths(folder, Which::Policy)?.len() > 1 {
        return Err(Failure::Said(format!(
            "{}: `--fix` mends a policy as a whole; name its folder",
            path.display()
        )));
    }
    Ok(())
}

fn apart(one: &Edit, other: &Edit) -> bool {
    let (one, other) = (one.span, other.span);
    one.file != other.file || one.end <= other.start || other.end <= one.start
}
