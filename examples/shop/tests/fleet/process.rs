//! The shop as a process, asked over the network.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value as Json;

/// One that ends when this does.
pub(crate) struct Shop {
    process: Child,
    address: String,
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shop"));
    command.env_remove("SHOP_STORE").env("SHOP_ADDRESS", "127.0.0.1:0");
    command
}

impl Shop {
    pub(crate) fn open(store: &str) -> Shop {
        let mut process =
            command().args(["--store", store]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines =
            BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            let address = line.strip_prefix("The shop is open on http://")?;
            Some(address.split_once(',')?.0.to_owned())
        });
        // A log that nobody reads would stop the shop.
        thread::spawn(move || lines.for_each(drop));
        let Some(address) = address else {
            process.kill().unwrap();
            panic!("the shop does not open");
        };
        Shop { process, address }
    }

    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, "")
    }

    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)], body: &Json) -> Answer {
        let has_body = body.as_object().is_some_and(|body| !body.is_empty());
        let body = if has_body { body.to_string() } else { String::new() };
        self.ask("POST", path, headers, &body)
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        if !body.is_empty() {
            request += "Content-Type: application/json\r\n";
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// `shop init-store`.
pub(crate) fn initialise(store: &str) {
    let output = command().args(["init-store", store]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// What a shop says that does not open.
pub(crate) fn refuses_to_open(store: &str) -> String {
    let output = command().args(["--store", store]).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    body: String,
}

impl Answer {
    /// The pair of the `Set-Cookie`, as a browser keeps it.
    pub(crate) fn cookie(&self) -> String {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let cookie = lines.find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        cookie.expect("a cookie").1.split(';').next().unwrap().to_owned()
    }

    pub(crate) fn bearer(&self) -> String {
        let body: Json = serde_json::from_str(&self.body).unwrap();
        format!("Bearer {}", body["accessToken"].as_str().unwrap())
    }
}
