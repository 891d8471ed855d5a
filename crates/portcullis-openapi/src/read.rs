//! From bytes to a description.

use crate::Error;
use crate::node::Node;

/// How large a description may be, in bytes.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// The version of OpenAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// 3.0, with its own dialect of JSON Schema.
    Three0,
    /// 3.1, with JSON Schema 2020-12.
    Three1,
}

/// A description that has been read.
#[derive(Debug)]
pub struct Description {
    pub(crate) root: Node,
    pub(crate) version: Version,
}

impl Description {
    /// Reads a description. `name` is its file's: where it ends in `.json`, `.yaml` or `.yml` it says
    /// what the bytes are.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(name: &str, bytes: &[u8]) -> Result<Description, Error> {
        if bytes.len() > LARGEST {
            return Err(Error::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Error::NotText)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.contains('\0') {
            return Err(Error::NotText);
        }
        let name = name.to_ascii_lowercase();
        let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
        let is_json = name.ends_with(".json") || text.trim_start().starts_with('{');
        let root = if is_json && !is_yaml { json(text)? } else { yaml(text)? };
        let version = version(&root)?;
        // In 3.1 any one of the three is enough (OpenAPI 3.1, 4.8.1).
        let others = ["webhooks", "components"].into_iter().any(|key| root.get(key).is_some());
        match root.get("paths") {
            Some(Node::Object(_)) => {}
            Some(_) => return Err(Error::NotOpenApi("its `paths` are no object".to_owned())),
            None if version == Version::Three1 && others => {}
            None if version == Version::Three1 => {
                let why = "it has neither `paths` nor `webhooks` nor `components`";
                return Err(Error::NotOpenApi(why.to_owned()));
            }
            None => return Err(Error::NotOpenApi("it has no `paths`".to_owned())),
        }
        Ok(Description { root, version })
    }

    /// What it is called.
    pub(crate) fn title(&self) -> &str {
        let title = self.root.get("info").and_then(|info| info.text_of("title"));
        title.filter(|title| !title.trim().is_empty()).unwrap_or("an API")
    }
}

fn json(text: &str) -> Result<Node, Error> {
    // It goes at most 128 levels deep.
    serde_json::from_str(text).map_err(|why| Error::Syntax { format: "JSON", why: why.to_string() })
}

fn yaml(text: &str) -> Result<Node, Error> {
    // Every bound but that of the depth is one that no description reaches: GitHub's, one of the largest,
    // has some 600,000 nodes.
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 64,
            max_documents: 1,
            max_nodes: 2_000_000,
            max_events: 6_000_000,
            max_aliases: 10_000,
            max_anchors: 10_000,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 500_000,
            max_replay_stack_depth: 32,
        },
        // YAML 1.2: `no` is the country.
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|why| {
        let why = why.to_string();
        Error::Syntax { format: "YAML", why: why.lines().next().unwrap_or("").to_owned() }
    })
}

fn version(root: &Node) -> Result<Version, Error> {
    let no = |why: &str| Err(Error::NotOpenApi(why.to_owned()));
    if root.object().is_none() {
        return no("it is no object with `openapi` at its top");
    }
    if root.get("swagger").is_some() {
        return no("it is one of Swagger 2.0; convert it to OpenAPI 3 first");
    }
    let found = match root.get("openapi") {
        Some(Node::Text(text)) => text.clone(),
        // YAML has a number in `openapi: 3.1`.
        Some(Node::Number(number)) => format!("{number:.1}"),
        Some(Node::Int(number)) => number.to_string(),
        Some(_) => return no("its `openapi` is no version"),
        None => return no("it has no `openapi` at its top"),
    };
    let is = |wanted: &str| {
        found.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if is("3.0") {
        Ok(Version::Three0)
    } else if is("3.1") {
        Ok(Version::Three1)
    } else {
        no(&format!("its version is `{}`; expected 3.0 or 3.1", found.escape_debug()))
    }
}
