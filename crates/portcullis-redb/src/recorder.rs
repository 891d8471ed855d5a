//! A thread that writes down once a second what budgets have counted.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::store::Shared;

/// What a kill may lose of the counts. A flush for each charge would cost every request one.
const EVERY: Duration = Duration::from_secs(1);

pub(crate) struct Recorder {
    /// Until it is dropped, the thread goes on.
    running: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    pub(crate) fn start(shared: Arc<Shared>) -> io::Result<Recorder> {
        let (running, stopped) = mpsc::channel();
        let record = move || {
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                // After a fault of the disk it goes on in vain, and the counts in memory hold. Whoever asks for
                // a session or a token is told.
                _ = shared.write_counts();
            }
        };
        let thread = thread::Builder::new().name("portcullis-redb".to_owned()).spawn(record)?;
        Ok(Recorder { running: Some(running), thread: Some(thread) })
    }

    /// Waits until the thread has written what it is writing, and is gone.
    pub(crate) fn stop(&mut self) {
        self.running = None;
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}
