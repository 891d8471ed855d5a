//! `cargo xtask databases`: the filter of lists against PostgreSQL and MariaDB.
//!
//! The servers are started for this run alone, in a folder of their own and with no address but a
//! socket in it, and are stopped at its end. They have to be installed: `apt-get install postgresql
//! mariadb-server`, say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::step::{Fault, cargo, root, say, step};

/// How long a server may take to be there.
const PATIENCE: u32 = 60;

/// Runs the tests that need a server against one of each kind.
pub(crate) fn run() -> Result<(), Fault> {
    let folder = root().join("target/databases");
    let said = |error| Fault::Unreadable { what: "target/databases".to_owned(), error };
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(said)?;
    }
    fs::create_dir_all(&folder).map_err(said)?;
    let postgresql = postgresql(&folder.join("postgresql"))?;
    let mysql = mysql(&folder.join("mysql"))?;
    let mut command =
        cargo(&["nextest", "run", "--locked", "-p", "portcullis", "--test", "engine", "servers"]);
    command.env("PORTCULLIS_POSTGRESQL", &postgresql.client);
    command.env("PORTCULLIS_MYSQL", &mysql.client);
    step("cargo nextest, against PostgreSQL and MariaDB", &mut [command])
}

/// A server that ends when this does.
struct Server {
    /// The command that takes SQL from its input.
    client: String,
    /// The command that ends it.
    stop: Command,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(fault) = quietly("stop a server", &mut self.stop) {
            say(&format!("xtask: {fault}"));
        }
    }
}

fn postgresql(folder: &Path) -> Result<Server, Fault> {
    let programs = newest(Path::new("/usr/lib/postgresql")).map(|version| version.join("bin"));
    let program = |name: &str| match &programs {
        Some(folder) => folder.join(name),
        None => PathBuf::from(name),
    };
    // PostgreSQL does not run as root; its package has made a user for it.
    let mut make = as_user("postgres", folder, &program("initdb"))?;
    make.args([
        "--auth=trust",
        "--username=portcullis",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "-D",
    ]);
    quietly("initdb", make.arg(folder.join("data")))?;
    let mut serve = as_user("postgres", folder, &program("pg_ctl"))?;
    serve.args(["start", "-o"]).arg(format!("-k {} -c listen_addresses=", folder.display()));
    serve.arg("-l").arg(folder.join("log")).arg("-D").arg(folder.join("data"));
    let mut stop = as_user("postgres", folder, &program("pg_ctl"))?;
    stop.args(["stop", "-m", "immediate", "-D"]).arg(folder.join("data"));
    let client =
        format!("psql -h {} -U portcullis -d postgres -qAtX -v ON_ERROR_STOP=1", folder.display());
    start("postgres", &mut serve, Server { client, stop })
}

fn mysql(folder: &Path) -> Result<Server, Fault> {
    let socket = folder.join("socket");
    let mut make = as_user("mysql", folder, Path::new("mariadb-install-db"))?;
    make.args(["--no-defaults", "--auth-root-authentication-method=normal"]);
    quietly(
        "mariadb-install-db",
        make.arg(format!("--datadir={}", folder.join("data").display())),
    )?;
    let mut serve = as_user("mysql", folder, Path::new("/usr/sbin/mariadbd"))?;
    serve.args(["--no-defaults", "--skip-networking", "--character-set-server=utf8mb4"]);
    serve.arg(format!("--datadir={}", folder.join("data").display()));
    serve.arg(format!("--socket={}", socket.display()));
    let client = format!(
        "mariadb --no-defaults -u root -S {} -N -B --default-character-set=utf8mb4 test",
        socket.display()
    );
    let mut stop = Command::new("mariadb-admin");
    stop.args(["--no-defaults", "-u", "root", "-S"]).arg(&socket).arg("shutdown");
    start("mariadbd", &mut serve, Server { client, stop })
}

/// The folder below one whose name is the greatest number.
fn newest(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    entries.map(|entry| entry.path()).max_by_key(number)
}

/// A program in a folder that is its own, as another user where this one is root.
fn as_user(user: &str, folder: &Path, program: &Path) -> Result<Command, Fault> {
    let said = |error| Fault::Unreadable { what: folder.display().to_string(), error };
    fs::create_dir_all(folder).map_err(said)?;
    let is_root = std::env::var_os("USER").is_none_or(|user| user == "root");
    if !is_root {
        return Ok(Command::new(program));
    }
    quietly("chown", Command::new("chown").arg("-R").arg(user).arg(folder))?;
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]).arg(program);
    Ok(command)
}

fn quietly(what: &str, command: &mut Command) -> Result<(), Fault> {
    let unreadable = |error| Fault::Unreadable { what: what.to_owned(), error };
    let output = command.output().map_err(unreadable)?;
    if output.status.success() {
        return Ok(());
    }
    say(&String::from_utf8_lossy(&output.stdout));
    say(&String::from_utf8_lossy(&output.stderr));
    Err(Fault::Failed { step: what.to_owned(), status: output.status })
}

/// Starts a server, and waits until its client is answered.
fn start(what: &str, serve: &mut Command, server: Server) -> Result<Server, Fault> {
    let unreadable = |error| Fault::Unreadable { what: what.to_owned(), error };
    serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    serve.spawn().map_err(unreadable)?;
    for _ in 0..PATIENCE {
        let mut words = server.client.split_whitespace();
        let mut ask = Command::new(words.next().unwrap_or_default());
        let ask = ask.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if ask.status().map_err(unreadable)?.success() {
            return Ok(server);
        }
        sleep(Duration::from_secs(1));
    }
    Err(Fault::Silent(what.to_owned()))
}
