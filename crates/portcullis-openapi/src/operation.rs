//! Operations: a method of a path, with what it takes and answers.

use crate::Error;
use crate::node::Node;
use crate::read::Description;
use crate::reference::resolve;
use crate::server::{Server, servers};

/// The methods that a route may have.
const METHODS: [(&str, &str); 5] =
    [("get", "GET"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")];

/// One method of one path.
#[derive(Debug)]
pub(crate) struct Operation<'n> {
    pub(crate) method: &'static str,
    /// The path as the description has it, without the servers' base.
    pub(crate) path: &'n str,
    /// The servers that answer it.
    pub(crate) servers: Vec<Server>,
    pub(crate) node: &'n Node,
    pub(crate) parameters: Vec<Parameter<'n>>,
    pub(crate) body: Option<RequestBody<'n>>,
    /// The answers by their status.
    pub(crate) answers: Vec<(&'n str, &'n Node)>,
    /// What is asked of the caller: its own, or that of the whole description.
    pub(crate) security: Option<&'n Node>,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter<'n> {
    pub(crate) name: &'n str,
    pub(crate) place: Place,
    pub(crate) required: bool,
    /// Its schema; nothing where it is a document of its own.
    pub(crate) schema: Option<&'n Node>,
    /// Whether a list is one text with separators, or an object spread out.
    pub(crate) folded: bool,
}

#[derive(Debug)]
pub(crate) struct RequestBody<'n> {
    /// Whether it says that it may be left out. What says nothing of it means that it is sent.
    pub(crate) optional: bool,
    pub(crate) content: Vec<Media<'n>>,
}

/// A media type, and what is in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Media<'n> {
    pub(crate) kind: &'n str,
    pub(crate) schema: Option<&'n Node>,
}

impl Media<'_> {
    /// The media type alone, in lower case.
    pub(crate) fn essence(&self) -> String {
        self.kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
    }

    /// Whether it is JSON, or may be.
    pub(crate) fn is_json(&self) -> bool {
        let kind = self.essence();
        matches!(kind.as_str(), "application/json" | "*/*" | "text/json" | "" | "application/*")
            || kind.ends_with("+json")
    }
}

impl Description {
    /// Every operation, in the order of the text. HEAD is decided as GET, and OPTIONS is the engine's.
    pub(crate) fn operations(&self) -> Result<Vec<Operation<'_>>, Error> {
        let mut all = Vec::new();
        for (path, item) in self.root.get("paths").into_iter().flat_map(Node::members) {
            if path.starts_with("x-") {
                continue;
            }
            let malformed =
                |why: &str| Error::Malformed { place: path.to_owned(), why: why.to_owned() };
            let item = resolve(&self.root, item)?.node;
            if item.object().is_none() {
                return Err(malformed("expected an object of methods"));
            }
            if !path.starts_with('/') {
                return Err(malformed("a path begins with `/`"));
            }
            for (key, method) in METHODS {
                let Some(node) = item.get(key) else { continue };
                if node.object().is_none() {
                    return Err(malformed(&format!("expected an object behind `{key}`")));
                }
                all.push(self.operation(method, path, item, node)?);
            }
        }
        Ok(all)
    }

    fn operation<'n>(
        &'n self,
        method: &'static str,
        path: &'n str,
        item: &'n Node,
        node: &'n Node,
    ) -> Result<Operation<'n>, Error> {
        let mut parameters: Vec<Parameter<'n>> = Vec::new();
        // An operation's own parameter takes the place of the path's.
        for from in [node, item] {
            for found in from.get("parameters").map_or(&[][..], Node::elements) {
                let Some(found) = parameter(resolve(&self.root, found)?.node) else { continue };
                let same =
                    |known: &Parameter<'_>| known.name == found.name && known.place == found.place;
                if !parameters.iter().any(same) {
                    parameters.push(found);
                }
            }
        }
        let body = match node.get("requestBody") {
            Some(body) => {
                let body = resolve(&self.root, body)?.node;
                let optional = body.get("required") == Some(&Node::Bool(false));
                Some(RequestBody { optional, content: content(body) })
            }
            None => None,
        };
        let mut answers = Vec::new();
        for (status, answer) in node.get("responses").into_iter().flat_map(Node::members) {
            answers.push((status, resolve(&self.root, answer)?.node));
        }
        let servers = [node, item, &self.root].into_iter().map(servers).find(|all| !all.is_empty());
        Ok(Operation {
            method,
            path,
            servers: servers.unwrap_or_default(),
            node,
            parameters,
            body: body.filter(|body| !body.content.is_empty()),
            answers,
            security: node.get("security").or_else(|| self.root.get("security")),
        })
    }
}

impl<'n> Operation<'n> {
    pub(crate) fn parameters_in(&self, place: Place) -> impl Iterator<Item = &Parameter<'n>> {
        self.parameters.iter().filter(move |parameter| parameter.place == place)
    }

    /// The path before it, as the first of its servers has it.
    pub(crate) fn base(&self) -> &str {
        self.servers.first().map_or("", |server| &server.base)
    }

    /// `GET /orders/{id}`
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The first success: its status and what it holds.
    pub(crate) fn success(&self) -> Option<(&'n str, Vec<Media<'n>>)> {
        let successes = self.answers.iter().filter(|(status, _)| status.starts_with('2'));
        let mut successes: Vec<_> =
            successes.map(|(status, answer)| (*status, content(answer))).collect();
        // One with a body says more than one without.
        let with_body = successes.iter().position(|(_, content)| !content.is_empty()).unwrap_or(0);
        (!successes.is_empty()).then(|| successes.swap_remove(with_body))
    }
}

/// The media types of a body or an answer.
pub(crate) fn content(node: &Node) -> Vec<Media<'_>> {
    let media = node.get("content").into_iter().flat_map(Node::members);
    media.map(|(kind, media)| Media { kind, schema: media.get("schema") }).collect()
}

fn parameter(node: &Node) -> Option<Parameter<'_>> {
    let place = match node.text_of("in")? {
        "path" => Place::Path,
        "query" => Place::Query,
        "header" => Place::Header,
        "cookie" => Place::Cookie,
        _ => return None,
    };
    let style = node.text_of("style").unwrap_or("form");
    let folded = place == Place::Query
        && (style != "form" || node.get("explode") == Some(&Node::Bool(false)));
    Some(Parameter {
        name: node.text_of("name")?,
        place,
        required: node.is("required") || place == Place::Path,
        schema: node.get("schema"),
        folded,
    })
}
