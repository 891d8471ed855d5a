//! `servers`: the hosts of an API, and the path before all of its paths.

use crate::node::Node;

/// A server, its variables filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) https: bool,
    /// In lower case, without port; nothing where the URL names none.
    pub(crate) host: Option<String>,
    /// The path before all others, without a slash at its end.
    pub(crate) base: String,
}

/// The servers that a node names, if it names any.
pub(crate) fn servers(node: &Node) -> Vec<Server> {
    let listed = node.get("servers").map_or(&[][..], Node::elements);
    listed.iter().filter_map(|server| Some(read(server.text_of("url")?, server))).collect()
}

fn read(url: &str, server: &Node) -> Server {
    let mut url = url.to_owned();
    let variables = server.get("variables").into_iter().flat_map(Node::members);
    for (name, variable) in variables {
        if let Some(value) = variable.text_of("default") {
            url = url.replace(&format!("{{{name}}}"), value);
        }
    }
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        // Relative to where the description lies.
        None => (String::new(), url.as_str()),
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None if scheme.is_empty() => ("", ""),
        None => (rest, ""),
    };
    let authority = if scheme.is_empty() { "" } else { authority };
    let path = path.split(['?', '#']).next().unwrap_or("");
    let host = authority.rsplit('@').next().unwrap_or("").to_ascii_lowercase();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host.to_owned(),
        _ => host,
    };
    Server {
        https: scheme != "http",
        host: Some(host).filter(|host| is_host(host)),
        base: path.trim_end_matches('/').to_owned(),
    }
}

/// A name that a policy may list.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_host_and_a_base() {
        let read = |url: &str| {
            let json = format!(
                r#"{{"servers": [{{"url": "{url}", "variables": {{"v": {{"default": "v3"}}}}}}]}}"#
            );
            let server = servers(&serde_json::from_str(&json).unwrap()).remove(0);
            (server.https, server.host.unwrap_or_default(), server.base)
        };
        let said = |https, host: &str, base: &str| (https, host.to_owned(), base.to_owned());
        assert_eq!(read("https://API.example:8443/{v}/"), said(true, "api.example", "/v3"));
        assert_eq!(read("http://localhost:8888"), said(false, "localhost", ""));
        assert_eq!(read("/v1"), said(true, "", "/v1"));
        assert_eq!(read("/"), said(true, "", ""));
        assert_eq!(read("https://{tenant}.example/x"), said(true, "", "/x"));
    }
}
