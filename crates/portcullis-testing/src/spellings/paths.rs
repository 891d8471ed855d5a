//! `/admin` by ways around: up and down again, and with something before or behind it.

use super::HOST;

const SEPARATORS: [&str; 18] = [
    "/",
    "//",
    "/./",
    "%2f",
    "%2F",
    "%252f",
    "%25%32%66",
    "\\",
    "%5c",
    "%255c",
    "%c0%af",
    "%e0%80%af",
    "%c1%9c",
    "\u{2215}",
    "\u{ff0f}",
    "%ef%bc%8f",
    ";/",
    "%00/",
];

const CLIMBS: [&str; 22] = [
    "..",
    ".%2e",
    "%2e.",
    "%2e%2e",
    "%2E%2E",
    "%252e%252e",
    "%25%32%65%25%32%65",
    "%c0%ae%c0%ae",
    "%e0%80%ae%e0%80%ae",
    "..;",
    "..;a=b",
    "..%3b",
    "..%00",
    "..%09",
    "..%20",
    "..%0d",
    "\u{ff0e}\u{ff0e}",
    "%ef%bc%8e%ef%bc%8e",
    "\u{2025}",
    "%u002e%u002e",
    "...",
    ".",
];

const BEFORE: [&str; 28] = [
    "//",
    "///",
    "/./",
    "/.//",
    "/%2e/",
    "/;/",
    "/.;/",
    "/;a=b/",
    "/%2f",
    "/%2f/",
    "/%5c",
    "/\\",
    "\\",
    "/%20/",
    "/%00/",
    "/%09/",
    "/x/../",
    "/public/../",
    "/public/..//",
    "/../",
    "/..;/",
    "/%2e%2e/",
    "./",
    "../",
    "",
    "*",
    "/*/",
    "/%",
];

const BEHIND: [&str; 60] = [
    "/",
    "//",
    "/.",
    "/./",
    "/..",
    "/../",
    "/../admin",
    "/x/..",
    "/x/../",
    "/..;/",
    "/%2e",
    "/%2e/",
    "/%2e%2e/admin",
    ";",
    ";/",
    ";a=b",
    ";a=b/",
    ";jsessionid=1",
    "%3b",
    "%3b/",
    "%3ba=b",
    ".",
    "..",
    "...",
    "%2e",
    ".json",
    ".html",
    ".css",
    ";.css",
    "/x.css",
    "/.css",
    "%2f",
    "%2F",
    "%252f",
    "%5c",
    "\\",
    "/\\",
    "\\..\\admin",
    "~",
    "*",
    "/*",
    "$",
    "&",
    ",",
    "!",
    "'",
    "\"",
    "(",
    "%20",
    "/%20",
    "%09",
    "%0a",
    "%0d%0a",
    "%00",
    "%00.css",
    "%23",
    "%3f",
    "%3fx",
    "%26",
    "+",
];

const QUERIES: [&str; 20] = [
    "?",
    "?x",
    "?/admin",
    "?/../admin",
    "?a=/../../admin",
    "?path=/admin",
    "?url=/admin",
    "?_method=GET",
    "??",
    "?#",
    "#",
    "#/admin",
    "#/../admin",
    "?%2e%2e/admin",
    "?;/admin",
    "?\\..\\admin",
    "?%00",
    "?a=%0d%0aX:y",
    "%3f/../admin",
    "%23/../admin",
];

const AUTHORITIES: [&str; 26] = [
    "http://HOST/admin",
    "HTTP://HOST/admin",
    "https://HOST/admin",
    "http://HOST//admin",
    "http://HOST/./admin",
    "http://HOST/public/../admin",
    "http://HOST/%61dmin",
    "http://HOST/public/%2e%2e/admin",
    "http://HOST:80/admin",
    "http://evil.example/admin",
    "http://u:p@HOST/admin",
    "http://HOST@evil.example/admin",
    "http:///admin",
    "http:/admin",
    "http:admin",
    "//HOST/admin",
    "///HOST/admin",
    "//admin",
    "//evil.example/admin",
    "HOST/admin",
    "ftp://HOST/admin",
    "file:///admin",
    "/http://HOST/admin",
    "/http:/HOST/../../admin",
    "http://HOST\\admin",
    "http://HOST;/admin",
];

pub(super) fn targets() -> Vec<Vec<u8>> {
    let mut targets: Vec<String> = Vec::new();
    for separator in SEPARATORS {
        for climb in CLIMBS {
            targets.push(format!("/public{separator}{climb}{separator}admin"));
            targets.push(format!("/public/{climb}{separator}admin"));
            targets.push(format!(
                "/public/x{separator}{climb}{separator}{climb}{separator}admin/users"
            ));
            targets.push(format!("/{climb}{separator}admin"));
            targets.push(format!("/admin{separator}x{separator}{climb}"));
        }
        targets.push(format!("{separator}admin"));
        targets.push(format!("/admin{separator}users"));
    }
    for before in BEFORE {
        targets.push(format!("{before}admin"));
        for behind in BEHIND {
            targets.push(format!("{before}admin{behind}"));
        }
    }
    for behind in BEHIND.into_iter().chain(QUERIES) {
        targets.push(format!("/admin{behind}"));
        targets.push(format!("/admin/users{behind}"));
        targets.push(format!("/public{behind}"));
        targets.push(format!("/public/x{behind}"));
        targets.push(format!("/{behind}"));
    }
    targets.extend(AUTHORITIES.map(|authority| authority.replace("HOST", HOST)));
    targets.into_iter().map(String::into_bytes).collect()
}
