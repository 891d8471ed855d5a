//! Schemas: what JSON Schema says of a value, as far as the language can say it too.
//!
//! What it cannot say is kept as a note. `allOf` is one schema; of `oneOf` and `anyOf` the fields of all
//! shapes are taken, each where it may be left out.

mod malformed;
mod names;
mod narrow;
mod numeric;
mod object;
mod parts;
mod shapes;
mod written;

use indexmap::IndexMap;

use crate::Error;
use crate::node::Node;
use crate::read::{Description, Version};
use crate::reference::{Resolved, resolve};
use parts::Parts;
use shapes::union;

/// How deep `allOf`, `oneOf` and references may lead without a value in between.
const DEEPEST: usize = 32;
/// How many schemas one value may be made of: shapes of shapes of two each are a million after twenty.
const MOST_PARTS: usize = 5_000;

/// Which schema it is: the nodes that hold together, in one order.
pub(crate) type Id = Vec<usize>;

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) struct Schema<'n> {
    /// Which schema it is: the same for all references to one.
    pub(crate) id: Id,
    /// Where it is written: another one than the schema that it refers to, where it says more of it.
    pub(crate) written: Id,
    /// What it is called: as a component, or by its title.
    pub(crate) name: Option<&'n str>,
    /// Whether it has that name as a component.
    pub(crate) component: bool,
    pub(crate) kind: Kind<'n>,
    pub(crate) nullable: bool,
    /// Only in answers, only in requests.
    pub(crate) read_only: bool,
    pub(crate) write_only: bool,
    pub(crate) default: Option<&'n Node>,
    /// What is lost.
    pub(crate) notes: Vec<String>,
    /// Why no value is let in: none meets the description, or the language cannot say which do.
    pub(crate) never: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind<'n> {
    Text(Text<'n>),
    Int(Numeric<'n>),
    Number(Numeric<'n>),
    /// With the one value that it may have, where it is one.
    Bool(Option<bool>),
    List(List<'n>),
    Object(Object<'n>),
    /// Any value, or one of several kinds: why no type says it.
    Unknown(&'static str),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Text<'n> {
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) patterns: Vec<&'n str>,
    pub(crate) format: Option<&'n str>,
    pub(crate) options: Vec<&'n str>,
}

/// The bounds are those of the values, ends included.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numeric<'n> {
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) options: Vec<&'n Node>,
}

#[derive(Debug, Clone)]
pub(crate) struct List<'n> {
    /// What holds of each element; nothing where it may be anything.
    pub(crate) items: Vec<&'n Node>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Object<'n> {
    pub(crate) properties: IndexMap<&'n str, Property<'n>>,
    /// Whether other fields are forbidden.
    pub(crate) closed: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Property<'n> {
    /// The schemas that hold of it together; none where it must be there, and nothing says what it is.
    pub(crate) nodes: Vec<&'n Node>,
    pub(crate) required: bool,
}

impl Object<'_> {
    /// The property with this name exactly, or one that is like it.
    pub(crate) fn has_identity(&self) -> bool {
        ["id", "uuid", "_id"].iter().any(|name| self.properties.contains_key(*name))
    }
}

impl Description {
    /// What a schema says.
    pub(crate) fn schema<'n>(&'n self, node: &'n Node) -> Result<Schema<'n>, Error> {
        self.schema_of(&[node])
    }

    /// What schemas say that hold together.
    pub(crate) fn schema_of<'n>(&'n self, nodes: &[&'n Node]) -> Result<Schema<'n>, Error> {
        self.read_schema(nodes, 0, &mut 0)
    }

    fn read_schema<'n>(
        &'n self,
        nodes: &[&'n Node],
        depth: usize,
        work: &mut usize,
    ) -> Result<Schema<'n>, Error> {
        let mut parts = Parts::new(self.version);
        let (mut id, mut written) = (Id::new(), Id::new());
        let (mut name, mut component) = (None, false);
        for node in nodes {
            let resolved = self.bare(resolve(&self.root, node)?)?;
            self.gather(node, false, depth, &mut parts, work)?;
            id.push(resolved.node.id());
            written.push(self.written(node, resolved.node)?.id());
            let title = resolved.node.text_of("title").filter(|title| title.len() < 40);
            name = resolved.name.or(title);
            component = resolved.name.is_some();
        }
        for ids in [&mut id, &mut written] {
            ids.sort_unstable();
            ids.dedup();
        }
        // What several are together none of them names.
        if id.len() > 1 {
            (name, component) = (None, false);
        }
        let default = parts.first("default").filter(|default| **default != Node::Null);
        // What is anything but `false` there may have been meant.
        let says = |key: &str| {
            parts.every(key).any(|said| !matches!(said, Node::Bool(false) | Node::Null))
        };
        let (read_only, write_only) = (says("readOnly"), says("writeOnly"));
        let kind = self.kind(&mut parts, depth, work)?;
        let nullable = parts.nullable();
        let Parts { notes, never, .. } = parts;
        Ok(Schema {
            id,
            written,
            name,
            component,
            kind,
            nullable,
            read_only,
            write_only,
            default,
            notes,
            never,
        })
    }

    /// What is inside of a schema that says nothing but that another holds, or `null` does.
    fn bare<'n>(&'n self, mut found: Resolved<'n>) -> Result<Resolved<'n>, Error> {
        for _ in 0..DEEPEST {
            let says = |key: &&str| found.node.get(key).is_some();
            if ["type", "properties", "enum", "const", "items"].iter().any(says) {
                break;
            }
            let inside =
                ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|key| found.node.get(key));
            let is_null = |inside: &&Node| inside.text_of("type") == Some("null");
            let inside: Vec<&Node> =
                inside.flat_map(Node::elements).filter(|inside| !is_null(inside)).collect();
            let [only] = inside.as_slice() else { break };
            found = resolve(&self.root, only)?;
        }
        Ok(found)
    }

    /// All the schemas that must hold together; of what stands beside `null` with that.
    fn gather<'n>(
        &'n self,
        node: &'n Node,
        or_null: bool,
        depth: usize,
        parts: &mut Parts<'n>,
        work: &mut usize,
    ) -> Result<(), Error> {
        *work += 1;
        if depth > DEEPEST || *work > MOST_PARTS {
            let said = node.text_of("$ref").unwrap_or("#");
            return Err(Error::Circle(said.to_owned()));
        }
        if node.get("$ref").is_some_and(|reference| reference.text().is_some()) {
            // Beside a reference 3.0 says nothing; 3.1 says both.
            if self.version == Version::Three1 {
                parts.add(node, or_null);
            }
            let target = resolve(&self.root, node)?.node;
            return self.gather(target, or_null, depth + 1, parts, work).map_err(|why| match why {
                // Said where it is known how it is called.
                Error::Circle(said) if said == "#" => {
                    Error::Circle(node.text_of("$ref").unwrap_or("#").to_owned())
                }
                why => why,
            });
        }
        parts.add(node, or_null);
        for part in node.get("allOf").map_or(&[][..], Node::elements) {
            self.gather(part, or_null, depth + 1, parts, work)?;
        }
        for key in ["oneOf", "anyOf"] {
            let Some(Node::List(variants)) = node.get(key) else { continue };
            let (null, rest): (Vec<&Node>, Vec<&Node>) = variants.iter().partition(is_null);
            // Several are looked at apart, as shapes.
            match (null.first(), rest.as_slice()) {
                (null, [only]) => {
                    self.gather(only, or_null || null.is_some(), depth + 1, parts, work)?;
                }
                (Some(null), []) => parts.add(null, or_null),
                _ => {}
            }
        }
        Ok(())
    }

    fn kind<'n>(
        &'n self,
        parts: &mut Parts<'n>,
        depth: usize,
        work: &mut usize,
    ) -> Result<Kind<'n>, Error> {
        parts.malformed();
        if parts.all.iter().any(|part| matches!(part, Node::Bool(_))) {
            return Ok(Kind::Unknown("it may be anything"));
        }
        let shapes = self.shapes(parts, depth, work)?;
        let kinds = parts.types();
        parts.lost();
        let kind = match kinds.as_deref() {
            None if shapes.is_empty() => return Ok(Kind::Unknown(NO_TYPE)),
            None => return Ok(union(shapes, parts)),
            Some([only]) => only.clone(),
            Some([]) => return Ok(Kind::Unknown("no value has all the types that it must have")),
            Some(_) => return Ok(Kind::Unknown("it is one of several types")),
        };
        Ok(match kind.as_str() {
            "string" => {
                let text = Kind::Text(parts.text());
                parts.narrow(text, shapes)
            }
            "integer" => {
                let number = Kind::Int(parts.numeric(true));
                parts.narrow(number, shapes)
            }
            "number" => {
                let number = Kind::Number(parts.numeric(false));
                parts.narrow(number, shapes)
            }
            "boolean" => Kind::Bool(parts.boolean()),
            "array" => {
                parts.whole();
                let (min, max) = parts.range("minItems", "maxItems");
                Kind::List(List { items: parts.items(), min, max })
            }
            "object" => {
                parts.whole();
                Kind::Object(parts.object_of(shapes))
            }
            _ => Kind::Unknown("its type is none that JSON has"),
        })
    }
}

/// Why nothing is known of a value of which nothing is said.
pub(crate) const NO_TYPE: &str = "the description gives it no type";

fn is_null(variant: &&Node) -> bool {
    variant.text_of("type") == Some("null")
}
