//! A server of Redis of a test's own, in a folder of its own, on a port that is free.

use std::ffi::OsString;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use portcullis_redis::{RedisOptions, RedisStore};
use tempfile::TempDir;

use super::wait::until;

/// Writes down everything before it answers. With `everysec` it answers first where the disk is slow.
pub(crate) const LASTING: [&str; 6] =
    ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];

/// A port of this process, which no other test takes while the server is down: none of those that the system gives out,
/// and another range of seven for each of the processes that run side by side.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let range = u16::try_from(std::process::id() % 3000).unwrap();
    loop {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 10_000 + (range * 7 + next) % 21_000;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

pub(crate) struct Server {
    folder: TempDir,
    port: u16,
    settings: Vec<String>,
    process: Option<Child>,
}

impl Server {
    /// One that writes down everything, has an epoch, and runs.
    pub(crate) fn start() -> Server {
        Server::with(&LASTING)
    }

    pub(crate) fn with(settings: &[&str]) -> Server {
        let server = Server::bare(settings);
        server.options().initialise().expect("it is there");
        server
    }

    /// One without an epoch.
    pub(crate) fn bare(settings: &[&str]) -> Server {
        let port = free_port();
        let mut server = Server {
            folder: tempfile::tempdir().unwrap(),
            port,
            settings: settings.iter().map(|setting| (*setting).to_owned()).collect(),
            process: None,
        };
        server.run();
        server
    }

    /// Starts it, or starts it again.
    pub(crate) fn run(&mut self) {
        let child = Command::new(server_program())
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--dir"])
            .arg(self.folder.path())
            .args(&self.settings)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        self.process = Some(child);
        until("the server answers", || {
            self.ask(&["PING"]).contains("PONG") || self.ask(&["PING"]).contains("NOAUTH")
        });
    }

    /// Kills it, as a loss of power would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Removes all that it has written down.
    pub(crate) fn forget(&self) {
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                std::fs::remove_dir_all(path).unwrap();
            } else {
                std::fs::remove_file(path).unwrap();
            }
        }
    }

    /// Stops its process where it is, or lets it go on.
    pub(crate) fn pause(&self, paused: bool) {
        let signal = if paused { "-STOP" } else { "-CONT" };
        let process = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &process]).status().unwrap().success());
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn options(&self) -> RedisOptions {
        // A machine that tests do not have for themselves may take its time.
        RedisOptions::new(&self.url()).unwrap().timeout(Duration::from_secs(2))
    }

    pub(crate) fn store(&self) -> RedisStore {
        self.options().connect().expect("it is there")
    }

    /// What `redis-cli` prints.
    pub(crate) fn ask(&self, words: &[&str]) -> String {
        let port = self.port.to_string();
        let output =
            Command::new(client_program()).args(["-p", &port]).args(words).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

/// What REDIS_SERVER names, or the first that is there.
pub(crate) fn server_program() -> OsString {
    std::env::var_os("REDIS_SERVER").unwrap_or_else(|| there(&["redis-server", "valkey-server"]))
}

pub(crate) fn client_program() -> OsString {
    there(&["redis-cli", "valkey-cli"])
}

#[track_caller]
fn there(programs: &[&str]) -> OsString {
    let runs = |program: &&&str| {
        let mut command = Command::new(program);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    programs.iter().find(runs).expect("`cargo xtask test` installs redis-server").into()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
