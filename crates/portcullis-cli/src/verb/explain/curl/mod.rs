//! What a `curl` command sends. Options that change nothing of it are passed over; one that would, and is
//! not known here, is an error, since a request that is not the one which was meant explains nothing.

mod shell;
#[cfg(test)]
mod tests;
mod url;

use self::url::Reading;
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

/// Options without a value that are read.
const READ_ALONE: &[&str] = &["-I", "--head", "-G", "--get", "-g", "--globoff", "--path-as-is"];

/// What curl calls itself; which of its versions sends the request, nobody here knows.
const AGENT: &str = "curl/8.0.0";

/// The request of a command.
pub(super) fn read(command: &str) -> Result<Sent, Failure> {
    let mut words = shell::words(command)?.into_iter();
    match words.next() {
        Some(first) if first == "curl" || first.ends_with("/curl") => {}
        _ => return said("`--curl` takes a whole command, which begins with `curl`"),
    }
    let mut request = Request::default();
    let mut options = true;
    while let Some(word) = words.next() {
        match word.as_str() {
            "--" if options => options = false,
            long if options && long.starts_with("--") => {
                request.read(long, &mut || words.next())?;
            }
            short if options && short.starts_with('-') => {
                cluster(short, &mut request, &mut || words.next())?;
            }
            _ => request.url(word)?,
        }
    }
    request.sent()
}

/// `-sS`, `-XPOST` and `-sXPOST`: one letter after the other, until one takes the rest as its value.
fn cluster(
    word: &str,
    request: &mut Request,
    next: &mut dyn FnMut() -> Option<String>,
) -> Result<(), Failure> {
    let mut letters = word.chars().skip(1);
    while let Some(letter) = letters.next() {
        let option = format!("-{letter}");
        if SILENT.contains(&&*option) || READ_ALONE.contains(&&*option) {
            request.read(&option, next)?;
            continue;
        }
        let rest = letters.collect::<String>();
        let mut value = || if rest.is_empty() { next() } else { Some(rest.clone()) };
        return request.read(&option, &mut value);
    }
    match word {
        "-" => refused(word),
        _ => Ok(()),
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
    reading: Reading,
    method: Option<String>,
    head: bool,
    /// `-G`: the data is a query.
    get: bool,
    /// What curl calls itself, and the page before; empty, where it is told to send none.
    agent: Option<String>,
    referer: Option<String>,
    /// The headers that curl would send by itself, and is told not to.
    without: Vec<String>,
    cookies: Vec<String>,
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

    /// Reads an option, and its value where it has one.
    fn read(
        &mut self,
        option: &str,
        value: &mut dyn FnMut() -> Option<String>,
    ) -> Result<(), Failure> {
        let mut value = || match value() {
            Some(value) => Ok(value),
            None => said(&format!("`{option}` of `curl` is followed by nothing")),
        };
        match option {
            known if SILENT.contains(&known) => {}
            known if SILENT_WITH_VALUE.contains(&known) => drop(value()?),
            "-I" | "--head" => self.head = true,
            "-G" | "--get" => self.get = true,
            "-g" | "--globoff" => self.reading.globoff = true,
            "--path-as-is" => self.reading.as_is = true,
            known if READ.contains(&known) => self.option(known, value()?)?,
            other => return refused(other),
        }
        Ok(())
    }

    /// `Name: value`; `Name:` takes one away that curl would send, and `Name;` sends it with nothing behind it.
    fn header(&mut self, line: &str) -> Result<(), Failure> {
        if line.starts_with('@') {
            return said("`-H` of `curl` names a file, which is not read");
        }
        if let (Some(name), false) = (line.strip_suffix(';'), line.contains(':')) {
            self.headers.push(header(&format!("{name}:"))?);
            return Ok(());
        }
        match header(line)? {
            (name, value) if value.is_empty() => {
                if name.eq_ignore_ascii_case("host") {
                    return said("`-H 'Host:'` of `curl` sends no host, which every request has");
                }
                self.without.push(name);
            }
            sent => self.headers.push(sent),
        }
        Ok(())
    }

    fn option(&mut self, option: &str, value: String) -> Result<(), Failure> {
        match option {
            "-X" | "--request" => self.method = Some(value),
            "-H" | "--header" => self.header(&value)?,
            "-A" | "--user-agent" => self.agent = Some(value),
            // With `;auto`, curl says of each page that it is sent on to where it came from.
            "-e" | "--referer" => {
                let page = value.split(";auto").next().unwrap_or_default();
                self.referer = Some(page.to_owned());
            }
            "-b" | "--cookie" if value.contains('=') => self.cookies.push(value),
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
        let Some(url) = self.url.take() else { return said("the `curl` command has no URL") };
        let added = self.query()?;
        let target = url::target(&url, self.reading, added.as_deref())?;
        if !self.cookies.is_empty() {
            self.headers.push(header(&format!("Cookie: {}", self.cookies.join("; ")))?);
        }
        let more = self.by_itself()?;
        self.headers.extend(more);
        let usual = match (&self.data, self.head) {
            (_, true) => "HEAD",
            (Some(_), false) => "POST",
            (None, false) => "GET",
        };
        let method = self.method.unwrap_or_else(|| usual.to_owned());
        Ok(Sent { method, target, headers: self.headers, body: self.data })
    }

    /// The headers that curl sends without being told, but for those that it is told of with `-H`.
    fn by_itself(&self) -> Result<Vec<(String, String)>, Failure> {
        let form = "application/x-www-form-urlencoded";
        let kind = self.data.as_ref().map(|_| if self.json { "application/json" } else { form });
        let accept = if self.json { "application/json" } else { "*/*" };
        let agent = Some(self.agent.as_deref().unwrap_or(AGENT));
        let mut sent = Vec::new();
        for (name, value) in [
            ("User-Agent", agent),
            ("Referer", self.referer.as_deref()),
            ("Accept", Some(accept)),
            ("Content-Type", kind),
        ] {
            let told = self.headers.iter().map(|(name, _)| name).chain(&self.without);
            let is_told = told.into_iter().any(|told| told.eq_ignore_ascii_case(name));
            if let Some(value) = value.filter(|value| !value.is_empty() && !is_told) {
                sent.push(header(&format!("{name}: {value}"))?);
            }
        }
        Ok(sent)
    }

    /// What `-G` makes of the data; it is no body then.
    fn query(&mut self) -> Result<Option<String>, Failure> {
        if !self.get {
            return match (&self.data, self.head) {
                (Some(_), true) => said(
                    "`curl` takes `-I` or data, and not both: leave one out, or write `-G` to send the data in \
                     the URL",
                ),
                _ => Ok(None),
            };
        }
        if self.json {
            return said("`-G` and `--json` of `curl` do not go together: leave one out");
        }
        let Some(data) = self.data.take() else { return Ok(None) };
        match String::from_utf8(data) {
            Ok(text) if text.chars().all(|found| found.is_ascii_graphic() && found != '#') => {
                Ok(Some(text))
            }
            _ => said(
                "the data that `-G` of `curl` puts into the URL has to be encoded: write `%20`",
            ),
        }
    }
}

fn said<T>(why: &str) -> Result<T, Failure> {
    Err(Failure::Said(why.to_owned()))
}
