//! Reloads the policy when its files change.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use crate::{BuildError, Engine, Policy, PolicyError};

/// Editors write a file in several steps; the policy is read once they have been quiet this long.
const QUIET: Duration = Duration::from_millis(100);

/// Keeps watching until it is dropped.
#[derive(Debug)]
pub struct Watch {
    _watcher: RecommendedWatcher,
}

/// Why a changed policy was not put in force. The one before still is.
#[derive(Debug)]
pub enum ReloadError {
    /// It cannot be read, or does not compile.
    Policy(PolicyError),
    /// It does not fit the service.
    Build(BuildError),
}

impl fmt::Display for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReloadError::Policy(why) => why.fmt(f),
            ReloadError::Build(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for ReloadError {}

/// Why a policy cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be watched: {why}", path = .path.display())]
pub struct WatchError {
    path: PathBuf,
    why: String,
}

impl Engine {
    /// Watches the file or folder that the policy was loaded from, and reloads it after a change.
    /// A policy with faults leaves the one before in force. `told` hears of either, on a thread of
    /// the watch's own.
    ///
    /// # Errors
    /// The path cannot be watched.
    pub fn watch(
        &self,
        path: impl AsRef<Path>,
        told: impl Fn(Result<(), ReloadError>) + Send + 'static,
    ) -> Result<Watch, WatchError> {
        let path = path.as_ref().to_owned();
        let fault =
            |why: &dyn fmt::Display| WatchError { path: path.clone(), why: why.to_string() };
        let (changed, changes) = mpsc::channel();
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                // Reading the policy is an event too. An error may have swallowed a change.
                if event.is_ok_and(|event| event.kind.is_access()) {
                    return;
                }
                // The receiver ends with the thread; then there is nobody to tell.
                let _ = changed.send(());
            })
            .map_err(|why| fault(&why))?;
        // An editor may put another file in the place of the old one: the folder sees that.
        let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        watcher
            .watch(folder.unwrap_or(Path::new(".")), RecursiveMode::NonRecursive)
            .map_err(|why| fault(&why))?;
        let engine = self.clone();
        let watched = path.clone();
        std::thread::Builder::new()
            .name("portcullis-watch".to_owned())
            .spawn(move || {
                while changes.recv().is_ok() {
                    while changes.recv_timeout(QUIET).is_ok() {}
                    told(reload(&engine, &watched));
                }
            })
            .map_err(|why| fault(&why))?;
        Ok(Watch { _watcher: watcher })
    }
}

fn reload(engine: &Engine, path: &Path) -> Result<(), ReloadError> {
    let policy = Policy::load(path).map_err(ReloadError::Policy)?;
    engine.reload(&policy).map_err(ReloadError::Build)
}
