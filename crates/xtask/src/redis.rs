//! The server that the tests of `portcullis-redis` and of the shop start for themselves.
//!
//! The package is for its programs alone. Where it starts a service of the machine, on the port that all know, that is
//! left as it is: each test has a server of its own, in a folder of its own, on a port that is free.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use crate::step::{Fault, step};

/// The programs of Redis and of Valkey: either does.
const SERVERS: [&str; 2] = ["redis-server", "valkey-server"];
const CLIENTS: [&str; 2] = ["redis-cli", "valkey-cli"];

/// Installs `redis-server` where there is neither it nor Valkey's.
pub(crate) fn require() -> Result<(), Fault> {
    if are_there() {
        return Ok(());
    }
    if let Some(server) = named()
        && !runs(&server)
    {
        return Err(missing(&server.to_string_lossy()));
    }
    // Whoever is not root may be one that needs no password to be it.
    for root in [&[][..], &["sudo", "-n"]] {
        for before in [None, Some("update")] {
            let mut commands: Vec<_> = before.map(|verb| apt(root, &[verb])).into_iter().collect();
            commands.push(apt(root, &["install", "-y", "redis-server"]));
            if step("install redis-server", &mut commands).is_ok() && are_there() {
                return Ok(());
            }
        }
    }
    Err(missing("redis-server"))
}

fn missing(program: &str) -> Fault {
    let mend = "install Redis or Valkey (`apt-get install redis-server`, say), or set REDIS_SERVER to the path of its \
                server";
    Fault::Missing { program: program.to_owned(), mend: mend.to_owned() }
}

/// The server that the tests are told to take.
fn named() -> Option<OsString> {
    std::env::var_os("REDIS_SERVER")
}

fn are_there() -> bool {
    let any = |programs: [&str; 2]| programs.into_iter().any(|program| runs(&program.into()));
    named().map_or_else(|| any(SERVERS), |server| runs(&server)) && any(CLIENTS)
}

fn runs(program: &OsString) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn apt(root: &[&str], arguments: &[&str]) -> Command {
    // By `env`, since `sudo` passes no variables on.
    let words = [root, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
    let mut command = Command::new(words.first().copied().unwrap_or("env"));
    command.args(words.get(1..).unwrap_or_default()).stdin(Stdio::null());
    command
}
