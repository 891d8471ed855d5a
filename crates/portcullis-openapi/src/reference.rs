//! `$ref`: from a reference to what it names, within the file.

use std::borrow::Cow;

use crate::Error;
use crate::node::Node;

/// How many references may lead to each other before something is there.
const LONGEST: usize = 64;

/// What a node is, references followed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resolved<'n> {
    pub(crate) node: &'n Node,
    /// The last name of the last reference: what a component is called.
    pub(crate) name: Option<&'n str>,
}

/// Follows references until there is something else.
pub(crate) fn resolve<'n>(root: &'n Node, node: &'n Node) -> Result<Resolved<'n>, Error> {
    let mut found = Resolved { node, name: None };
    for _ in 0..LONGEST {
        let Some(reference) = found.node.text_of("$ref") else {
            return Ok(found);
        };
        found = Resolved { node: target(root, reference)?, name: reference.rsplit('/').next() };
    }
    Err(Error::Circle(node.text_of("$ref").unwrap_or("#").to_owned()))
}

/// What a reference names, one step on.
pub(crate) fn target<'n>(root: &'n Node, reference: &str) -> Result<&'n Node, Error> {
    let Some(pointer) = reference.strip_prefix('#') else {
        return Err(Error::Remote(reference.to_owned()));
    };
    let dangling = || Error::Dangling(reference.to_owned());
    let mut node = root;
    let steps = pointer.strip_prefix('/').ok_or_else(dangling)?;
    for step in steps.split('/') {
        let step = percent_decoded(step).replace("~1", "/").replace("~0", "~");
        node = match node {
            Node::List(elements) => step.parse::<usize>().ok().and_then(|at| elements.get(at)),
            node => node.get(&step),
        }
        .ok_or_else(dangling)?;
    }
    Ok(node)
}

/// A reference is a URI: what a URI may not hold is written as `%20` (RFC 6901, 6).
fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%');
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or(&[]);
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_through_objects_and_lists() {
        let root: Node = serde_json::from_str(
            r##"{"a": {"b/c": [{"d~": 1}]}, "x y": 2, "r": {"$ref": "#/x%20y"}}"##,
        )
        .unwrap();
        assert_eq!(target(&root, "#/a/b~1c/0/d~0").unwrap(), &Node::Int(1));
        let found = resolve(&root, root.get("r").unwrap()).unwrap();
        assert_eq!((found.node, found.name), (&Node::Int(2), Some("x%20y")));
    }

    #[test]
    fn what_leads_nowhere_says_so() {
        let root: Node =
            serde_json::from_str(r##"{"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}"##).unwrap();
        assert!(matches!(resolve(&root, root.get("a").unwrap()), Err(Error::Circle(_))));
        assert!(matches!(target(&root, "#/c"), Err(Error::Dangling(_))));
        assert!(matches!(target(&root, "#c"), Err(Error::Dangling(_))));
        assert!(matches!(target(&root, "other.yaml#/a"), Err(Error::Remote(_))));
        assert!(matches!(target(&root, "https://a.example/#/a"), Err(Error::Remote(_))));
    }
}
