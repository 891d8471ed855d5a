//! The names of fields that schemas speak of, wherever they do.

use std::collections::HashSet;

use crate::Error;
use crate::node::Node;
use crate::read::Description;
use crate::reference::target;

/// Where a node stands, which says what its members are.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// Its members are keywords.
    Schema,
    /// Its members are named by their fields.
    Fields,
    /// Its members are named by anything else: `$defs`.
    Named,
    /// It is a value.
    Value,
}

impl Description {
    /// All the names of fields that schemas speak of, behind references and under every keyword: of what no
    /// type says, each may be there.
    pub(crate) fn names<'n>(&'n self, schemas: Vec<&'n Node>) -> Result<HashSet<&'n str>, Error> {
        let mut open: Vec<(&Node, Place)> =
            schemas.into_iter().map(|node| (node, Place::Schema)).collect();
        let mut seen = HashSet::new();
        let mut names = HashSet::new();
        while let Some((node, place)) = open.pop() {
            if !seen.insert((node.id(), place)) || place == Place::Schema && node.is("writeOnly") {
                continue;
            }
            open.extend(node.elements().iter().map(|element| (element, place)));
            for (key, value) in node.members() {
                let inside = match place {
                    Place::Schema => self.keyword(key, value, &mut names, &mut open)?,
                    Place::Fields => {
                        names.insert(key);
                        Place::Schema
                    }
                    Place::Named => Place::Schema,
                    Place::Value => {
                        names.insert(key);
                        Place::Value
                    }
                };
                open.push((value, inside));
            }
        }
        Ok(names)
    }

    /// What stands behind a keyword.
    fn keyword<'n>(
        &'n self,
        key: &str,
        value: &'n Node,
        names: &mut HashSet<&'n str>,
        open: &mut Vec<(&'n Node, Place)>,
    ) -> Result<Place, Error> {
        match key {
            "$ref" => {
                if let Some(reference) = value.text() {
                    open.push((target(&self.root, reference)?, Place::Schema));
                }
            }
            "required" => names.extend(value.elements().iter().filter_map(Node::text)),
            // One of several, by what a field of it says.
            "discriminator" => {
                names.extend(value.text_of("propertyName"));
                let others = value.get("mapping").into_iter().flat_map(Node::members);
                for reference in others.filter_map(|(_, reference)| reference.text()) {
                    // A name alone is that of a schema that `oneOf` has.
                    if reference.starts_with('#') {
                        open.push((target(&self.root, reference)?, Place::Schema));
                    }
                }
            }
            "dependentRequired" => {
                for (name, others) in value.members() {
                    names.insert(name);
                    names.extend(others.elements().iter().filter_map(Node::text));
                }
            }
            "properties" | "patternProperties" | "dependentSchemas" | "dependencies" => {
                return Ok(Place::Fields);
            }
            "$defs" | "definitions" => return Ok(Place::Named),
            "const" | "enum" | "default" | "example" | "examples" => return Ok(Place::Value),
            _ => {}
        }
        Ok(Place::Schema)
    }
}
