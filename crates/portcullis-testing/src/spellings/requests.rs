//! `/admin` asked for by something else than method and path: by headers that override them, or by
//! other methods.

use super::Spelling;

const METHODS: [&str; 21] = [
    "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "TRACK", "CONNECT", "PROPFIND",
    "SEARCH", "DEBUG", "FOO", "get", "Get", "gET", "GETS", "GE", "head", "POST/GET", "X-GET",
];

const PATH_HEADERS: [&str; 23] = [
    "X-Original-URL",
    "X-Original-URI",
    "X-Rewrite-URL",
    "X-Envoy-Original-Path",
    "X-Forwarded-Uri",
    "X-Forwarded-Path",
    "X-Forwarded-Prefix",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Server",
    "X-Original-Host",
    "X-Host",
    "Forwarded",
    "X-Accel-Redirect",
    "X-Sendfile",
    "X-Script-Name",
    "X-Proxy-Url",
    "Destination",
    "Referer",
    "Location",
    "Content-Location",
    "X-Custom-IP-Authorization",
];

const METHOD_HEADERS: [&str; 5] = [
    "X-HTTP-Method-Override",
    "X-HTTP-Method",
    "X-Method-Override",
    "X-Original-Method",
    "X-Forwarded-Method",
];

const CLIENT_HEADERS: [&str; 9] = [
    "X-Forwarded-For",
    "X-Real-IP",
    "X-Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "X-Remote-User",
    "X-User",
    "X-Forwarded-User",
    "X-Role",
];

const CREDENTIALS: [&str; 9] = [
    "Bearer ",
    "Bearer null",
    "Bearer admin",
    "Basic YWRtaW46YWRtaW4=",
    "bearer a.b.c",
    "Bearer a.b.c",
    "admin",
    "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwicm9sZSI6ImFkbWluIn0.",
    "Negotiate",
];

pub(super) fn requests() -> Vec<Spelling> {
    let mut requests = Vec::new();
    let mut add = |method, target: &str, header: Option<(&'static str, &str)>| {
        let headers = header.map(|(name, value)| (name, value.to_owned())).into_iter().collect();
        requests.push(Spelling { method, target: target.as_bytes().to_vec(), headers });
    };
    for method in METHODS {
        for target in ["/admin", "/admin/users", "/public/../admin", "*", "127.0.0.1:80"] {
            add(method, target, None);
        }
    }
    for header in PATH_HEADERS {
        for target in ["/", "/public", "/public/x", "/admin"] {
            for path in ["/admin", "/admin/users", "/%61dmin", "http://127.0.0.1/admin"] {
                add("GET", target, Some((header, path)));
            }
        }
    }
    for header in METHOD_HEADERS {
        for method in ["GET", "POST", "HEAD"] {
            for target in ["/admin", "/public", "/admin/users"] {
                for other in ["GET", "POST", "DELETE"] {
                    add(method, target, Some((header, other)));
                }
            }
        }
    }
    for header in CLIENT_HEADERS {
        for value in ["127.0.0.1", "localhost", "admin", "10.0.0.1"] {
            add("GET", "/admin", Some((header, value)));
        }
    }
    for credential in CREDENTIALS {
        for target in ["/admin", "/admin/users", "/%61dmin"] {
            add("GET", target, Some(("Authorization", credential)));
        }
    }
    requests
}
