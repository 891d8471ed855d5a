//! `--fix`: the edits that need no decision, made in the files themselves.

use std::path::Path;

use portcullis_compiler::compile;
use portcullis_lint::lint;
use portcullis_syntax::{Edit, Source, Sources, format};

use crate::Failure;
use crate::files::{self, Over, Which};
use crate::output::{Output, several};

/// One mend may make another possible; more rounds than rules would be a rule that never rests.
const ROUNDS: usize = 16;

/// Mends a policy until there is nothing left that needs no decision, or its edits would break it.
pub(crate) fn fix(path: &Path, output: &mut Output) -> Result<(), Failure> {
    whole(path)?;
    for _ in 0..ROUNDS {
        let paths = files::paths(path, Which::WithTests)?;
        let before = compile(files::read(&paths)?);
        let mut edits: Vec<Edit> = Vec::new();
        for finding in lint(&before) {
            // All of a finding or nothing of it: what overlaps waits for the next round.
            let free = |edit: &Edit| edits.iter().all(|taken| apart(taken, edit));
            if finding.edits.iter().all(free) {
                edits.extend(finding.edits);
            }
        }
        if edits.is_empty() {
            return Ok(());
        }
        let mut after = Sources::new();
        let mut changed = Vec::new();
        for ((id, source), path) in before.sources.iter().zip(&paths) {
            let of_file = edits.iter().filter(|edit| edit.span.file == id).collect::<Vec<_>>();
            let text = match of_file.as_slice() {
                [] => source.text.clone(),
                edits => edited(source, edits)?,
            };
            if text != source.text {
                changed.push((path, text.clone(), of_file.len()));
            }
            after.add(Source::new(source.name.clone(), text));
        }
        if compile(after).has_errors() {
            return Err(Failure::Said(format!(
                "{}: `--fix` would break the policy and has changed nothing; please report this",
                path.display()
            )));
        }
        for (path, text, edits) in changed {
            files::write(path, &text, Over::Another)?;
            output.complain(&format!("{}: {}", path.display(), several(edits, "edit")));
        }
    }
    Ok(())
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

/// A file with its edits made; in the one layout, where it had that before.
fn edited(source: &Source, edits: &[&Edit]) -> Result<String, Failure> {
    let mut text = source.text.clone();
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if text.get(start..end).is_none() {
            return Err(Failure::Said(format!("{}: an edit is out of place", source.name)));
        }
        text.replace_range(start..end, &edit.text);
    }
    let had_layout = format(source).is_ok_and(|formatted| formatted == source.text);
    match format(&Source::new(source.name.clone(), text.clone())) {
        Ok(formatted) if had_layout => Ok(formatted),
        _ => Ok(text),
    }
}
