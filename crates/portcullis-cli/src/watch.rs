//! Runs a verb again whenever a file that it reads has changed.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use crate::output::{Output, several};
use crate::{Failure, Found};

/// Editors write a file in several steps; it is read once they have been quiet this long.
const QUIET: Duration = Duration::from_millis(100);
/// How soon a folder that is gone is looked for again.
const GONE: Duration = Duration::from_millis(500);

/// Does the work, and does it again after each change of a `*.gate` file at the paths, until nobody reads
/// its output any more or the process is ended. What keeps the work from being done later on is said, and may
/// have been mended by the next change.
///
/// # Errors
/// A path cannot be watched, or the work cannot be done, to begin with.
pub(crate) fn watch(
    paths: &[PathBuf],
    output: &mut Output,
    mut work: impl FnMut(&mut Output) -> Found,
) -> Found {
    let (changed, changes) = mpsc::channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // An error may have swallowed a change.
        if event.as_ref().is_ok_and(|event| !matters(event)) {
            return;
        }
        // The receiver ends with the process.
        let _ = changed.send(());
    });
    let mut watcher = watcher.map_err(|why| Failure::Said(format!("cannot watch: {why}")))?;
    let folders = paths.iter().map(|path| folder(path)).collect::<Vec<_>>();
    for folder in &folders {
        watcher
            .watch(folder, RecursiveMode::NonRecursive)
            .map_err(|why| Failure::Said(format!("{}: cannot watch: {why}", folder.display())))?;
    }
    // What cannot be done at all is a wrong command, and not worth waiting for.
    work(output)?;
    loop {
        let many = several(paths.len(), "path");
        output.line(&format!("watching {many} for changes; Ctrl-C ends"))?;
        wait(&mut watcher, &folders, &changes)?;
        match work(output) {
            Ok(_) => {}
            Err(Failure::Said(why)) => output.complain(&format!("portcullis: {why}")),
            Err(Failure::Unread) => return Err(Failure::Unread),
        }
        if !output.is_read() {
            return Err(Failure::Unread);
        }
    }
}

/// Waits until something has changed and all is quiet again.
fn wait(
    watcher: &mut RecommendedWatcher,
    folders: &[&Path],
    changes: &Receiver<()>,
) -> Result<(), Failure> {
    let mut gone = false;
    loop {
        // A folder that was put in the place of another, as by a checkout, is another one to the system.
        let mut all = true;
        for folder in folders {
            all &= watcher.watch(folder, RecursiveMode::NonRecursive).is_ok();
        }
        if all && gone {
            break;
        }
        gone = !all;
        match changes.recv_timeout(if all { Duration::MAX } else { GONE }) {
            Ok(()) if all => break,
            // Of a folder that is gone the rest goes too; it is worth a look once it is back.
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::Said("the watch has ended".to_owned()));
            }
        }
    }
    while changes.recv_timeout(QUIET).is_ok() {}
    // Before anything is read: what changes behind that is seen. One that is gone again is waited for next time.
    for folder in folders {
        let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
    }
    Ok(())
}

/// An editor may put another file in the place of the old one: the folder sees that.
fn folder(path: &Path) -> &Path {
    let folder = if path.is_dir() { Some(path) } else { path.parent() };
    folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether an event may be one of a file of a policy. Reading one is an event too, and so is writing a
/// report beside it.
fn matters(event: &notify::Event) -> bool {
    let policy = |path: &PathBuf| {
        let name = path.file_name().map_or(&[][..], |name| name.as_encoded_bytes());
        name.ends_with(b".gate") || path.is_dir()
    };
    !event.kind.is_access() && (event.paths.is_empty() || event.paths.iter().any(policy))
}
