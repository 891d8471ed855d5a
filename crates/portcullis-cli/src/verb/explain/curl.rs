//! What a `curl` command sends. Options that change nothing of it are passed over; one that would, and is
//! not known here, is an error, since a request that is not the one which was meant explains nothing.

use super::asked::{Sent, body, header};
use crate::Failure;

/// Options without a value that change nothing of what is sent.
const SILENT: &[&str] = &[
    "-s",
    "--silent",
    "-S",
    "--show-error",
    "-i",
    "--include",
    "-v",
    "--verbose",
    "-k",
    "--insecure",
    "-f",
    "--fail",
    "-L",
    "--location",
    "--compressed",
    "-N",
    "--no-buffer",
    "--http1.1",
    "--http2",
];
/// The same, with a value.
const SILENT_WITH_VALUE: &[&str] =
    &["-o", "--output", "-w", "--write-out", "-m", "--max-time", "--connect-timeout", "--retry"];
/// Options with a value that are read.
const READ: &[&str] = &[
    "-X",
    "--request",
    "-H",
    "--header",
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-ascii",
    "--json",
    "-b",
    "--cookie",
    "-A",
    "--user-agent",
    "-e",
    "--referer",
    "--url",
];

/// The request of a command.
pub(super) fn read(command: &str) -> Result<Sent, Failure> {
    if command.contains("$'") {
        return said("`$'…'` in a `curl` command is not read: quote with `'…'` or `\"…\"`");
    }
    let Ok(words) = shell_words::split(command) else {
        return said("the `curl` command has a quote that does not end");
    };
    let mut words = words.into_iter();
    match words.next() {
        Some(first) if first == "curl" || first.ends_with("/curl") => {}
        _ => return said("`--curl` takes a whole command, which begins with `curl`"),
    }
    let mut request = Request::default();
    while let Some(word) = words.next() {
        if word == "--" || !word.starts_with('-') || word == "-" {
            let url = if word == "--" { words.next().unwrap_or_default() } else { word };
            request.url(url)?;
            continue;
        }
        let (option, value) = split(&word);
        let mut value = || match value.clone().or_else(|| words.next()) {
            Some(value) => Ok(value),
            None => said(&format!("`{option}` of `curl` is followed by nothing")),
        };
        match option.as_str() {
            known if SILENT.contains(&known) => {}
            known if SILENT_WITH_VALUE.contains(&known) => drop(value()?),
            "-I" | "--head" => request.head = true,
            known if READ.contains(&known) => request.option(known, value()?)?,
            other => return refused(other),
        }
    }
    request.sent()
}

/// An option, and the value that is written in one word with it.
fn split(word: &str) -> (String, Option<String>) {
    if word.starts_with("--") {
        return (word.to_owned(), None);
    }
    let ends = word.char_indices().nth(2).map_or(word.len(), |(at, _)| at);
    let (option, rest) = word.split_at(ends);
    match rest {
        "" => (word.to_owned(), None),
        // `-sS` is two options without values; that both be known is all there is to them.
        _ if SILENT.contains(&option)
            && rest.chars().all(|c| SILENT.contains(&&*format!("-{c}"))) =>
        {
            (option.to_owned(), None)
        }
        _ if SILENT.contains(&option) => (word.to_owned(), None),
        rest => (option.to_owned(), Some(rest.to_owned())),
    }
}

fn refused<T>(option: &str) -> Result<T, Failure> {
    said(&match option {
        "-u" | "--user" => format!(
            "`{option}` of `curl` sends a password, which no policy takes: say who calls with \
             `--caller`"
        ),
        "-F" | "--form" => {
            format!("`{option}` of `curl` sends a multipart body, which no policy takes")
        }
        _ => format!(
            "`{option}` of `curl` is not known here: write the request with `--request`, `--header` \
             and `--body`"
        ),
    })
}

#[derive(Default)]
struct Request {
    url: Option<String>,
    method: Option<String>,
    head: bool,
    headers: Vec<(String, String)>,
    data: Option<Vec<u8>>,
    json: bool,
}

impl Request {
    fn url(&mut self, url: String) -> Result<(), Failure> {
        match self.url.replace(url) {
            None => Ok(()),
            Some(_) => said("the `curl` command has more than one URL"),
        }
    }

    fn option(&mut self, option: &str, value: String) -> Result<(), Failure> {
        match option {
            "-X" | "--request" => self.method = Some(value),
            "-H" | "--header" => self.headers.push(header(&value)?),
            "-A" | "--user-agent" => self.headers.push(("User-Agent".to_owned(), value)),
            "-e" | "--referer" => self.headers.push(("Referer".to_owned(), value)),
            "-b" | "--cookie" if value.contains('=') => {
                self.headers.push(("Cookie".to_owned(), value));
            }
            "-b" | "--cookie" => return said("`-b` of `curl` names a file, which is not read"),
            "--url" => self.url(value)?,
            "--data-raw" => self.data(value.into_bytes(), b"&"),
            "--data-binary" => self.data(body(&value)?, b"&"),
            "--json" => {
                self.json = true;
                self.data(body(&value)?, b"");
            }
            _ => {
                let mut bytes = body(&value)?;
                if value.starts_with('@') {
                    // So does curl, of files.
                    bytes.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
                }
                self.data(bytes, b"&");
            }
        }
        Ok(())
    }

    fn data(&mut self, bytes: Vec<u8>, between: &[u8]) {
        match &mut self.data {
            Some(data) => {
                data.extend_from_slice(between);
                data.extend(bytes);
            }
            None => self.data = Some(bytes),
        }
    }

    fn sent(mut self) -> Result<Sent, Failure> {
        let Some(url) = self.url else { return said("the `curl` command has no URL") };
        let url = match url.split_once("://") {
            Some(("http" | "https", _)) => url,
            Some((scheme, _)) => return said(&format!("`{scheme}` is not the scheme of an API")),
            // So does curl.
            None => format!("http://{url}"),
        };
        let url = url.split('#').next().unwrap_or_default();
        let authority = url.split("://").nth(1).unwrap_or_default();
        let ends = authority.find(['/', '?']).unwrap_or(authority.len());
        let (authority, path) = authority.split_at(ends);
        if authority.contains('@') {
            return said("the URL of the `curl` command holds a password: leave it out");
        }
        // `https://h?a=b` asks for `/?a=b`.
        let between = if path.starts_with('?') { "/" } else { "" };
        let scheme = if url.starts_with("https") { "https" } else { "http" };
        let target = format!("{scheme}://{authority}{between}{path}");
        let named = |name: &str| self.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        let mut more = Vec::new();
        if self.data.is_some() && !named("content-type") {
            let kind =
                if self.json { "application/json" } else { "application/x-www-form-urlencoded" };
            more.push(("Content-Type".to_owned(), kind.to_owned()));
        }
        if self.json && !named("accept") {
            more.push(("Accept".to_owned(), "application/json".to_owned()));
        }
        self.headers.extend(more);
        let usual = match (&self.data, self.head) {
            (_, true) => "HEAD",
            (Some(_), false) => "POST",
            (None, false) => "GET",
        };
        let method = self.method.unwrap_or_else(|| usual.to_owned());
        Ok(Sent { method, target, headers: self.headers, body: self.data })
    }
}

fn said<T>(why: &str) -> Result<T, Failure> {
    Err(Failure::Said(why.to_owned()))
}
