//! Schemas: what JSON Schema says of a value, as far as the language can say it too.
//!
//! What it cannot say is kept as a note. `allOf` is one schema; of `oneOf` and `anyOf` the fields of all
//! shapes are taken, each where it may be left out.

mod parts;
mod written;

use indexmap::IndexMap;

use crate::Error;
use crate::node::Node;
use crate::read::{Description, Version};
use crate::reference::{Resolved, resolve};
use parts::Parts;

/// How deep `allOf`, `oneOf` and references may lead without a value in between.
const DEEPEST: usize = 32;
/// How many schemas one value may be made of: shapes of shapes of two each are a million after twenty.
const MOST_PARTS: usize = 5_000;

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) struct Schema<'n> {
    /// Which schema it is: the same for all references to one.
    pub(crate) id: usize,
    /// Where it is written: another one than the schema that it refers to, where it says more of it.
    pub(crate) written: usize,
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
    /// Constraints that are not held to, so that it takes more than the description says.
    pub(crate) loose: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind<'n> {
    Text(Text<'n>),
    Int(Numeric<'n>),
    Number(Numeric<'n>),
    Bool,
    List(List<'n>),
    Object(Object<'n>),
    /// Any value, or one of several kinds: why no type says it.
    Unknown(&'static str),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Text<'n> {
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) pattern: Option<&'n str>,
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
    pub(crate) items: Option<&'n Node>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Object<'n> {
    pub(crate) properties: IndexMap<&'n str, Property<'n>>,
    /// Whether other fields are forbidden.
    pub(crate) closed: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Property<'n> {
    pub(crate) node: &'n Node,
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
        self.read_schema(node, 0, &mut 0)
    }

    fn read_schema<'n>(
        &'n self,
        node: &'n Node,
        depth: usize,
        work: &mut usize,
    ) -> Result<Schema<'n>, Error> {
        let resolved = self.bare(resolve(&self.root, node)?)?;
        let mut parts = Parts::default();
        self.gather(node, depth, &mut parts, work)?;
        let title = resolved.node.text_of("title").filter(|title| title.len() < 40);
        let first = |key: &str| parts.all.iter().find_map(|part| part.get(key));
        let default = first("default").filter(|default| **default != Node::Null);
        let says = |key: &str| parts.all.iter().any(|part| part.is(key));
        let (read_only, write_only) = (says("readOnly"), says("writeOnly"));
        let kind = self.kind(&mut parts, depth, work)?;
        let nullable = parts.nullable;
        Ok(Schema {
            id: resolved.node.id(),
            written: self.written(node, resolved.node)?.id(),
            name: resolved.name.or(title),
            component: resolved.name.is_some(),
            kind,
            nullable,
            read_only,
            write_only,
            default,
            notes: parts.notes,
            loose: parts.loose,
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

    /// All the schemas that must hold together.
    fn gather<'n>(
        &'n self,
        node: &'n Node,
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
                parts.all.push(node);
            }
            let target = resolve(&self.root, node)?.node;
            return self.gather(target, depth + 1, parts, work).map_err(|why| match why {
                // Said where it is known how it is called.
                Error::Circle(said) if said == "#" => {
                    Error::Circle(node.text_of("$ref").unwrap_or("#").to_owned())
                }
                why => why,
            });
        }
        parts.all.push(node);
        for part in node.get("allOf").map_or(&[][..], Node::elements) {
            self.gather(part, depth + 1, parts, work)?;
        }
        for key in ["oneOf", "anyOf"] {
            let Some(Node::List(variants)) = node.get(key) else { continue };
            let is_null = |variant: &&Node| variant.text_of("type") == Some("null");
            let (null, rest): (Vec<&Node>, Vec<&Node>) = variants.iter().partition(is_null);
            parts.nullable |= !null.is_empty();
            match rest.as_slice() {
                [] => {}
                [only] => self.gather(only, depth + 1, parts, work)?,
                // These are looked at apart, as shapes.
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
        if parts.all.iter().any(|part| matches!(part, Node::Bool(_))) {
            return Ok(Kind::Unknown("it may be anything"));
        }
        let shapes = self.shapes(parts, depth, work)?;
        let kinds = parts.types();
        parts.lost();
        let several = Kind::Unknown("it is one of several types");
        let kind = match kinds.as_slice() {
            [] if shapes.is_empty() => {
                return Ok(Kind::Unknown("the description gives it no type"));
            }
            [] => return Ok(union(shapes, parts)),
            [only] => only.clone(),
            // Every int is a number.
            [_, _] if kinds.iter().all(|kind| kind == "integer" || kind == "number") => {
                "number".to_owned()
            }
            _ => return Ok(several),
        };
        Ok(match kind.as_str() {
            "string" => Kind::Text(parts.text()),
            "integer" => Kind::Int(parts.numeric(true)),
            "number" => Kind::Number(parts.numeric(false)),
            "boolean" => Kind::Bool,
            "array" => {
                let (min, max) = parts.range("minItems", "maxItems");
                Kind::List(List { items: parts.items(), min, max })
            }
            "object" => {
                let mut object = parts.object();
                for shape in shapes {
                    if let Kind::Object(shape) = shape {
                        object.take(shape);
                    }
                }
                Kind::Object(object)
            }
            _ => Kind::Unknown("its type is none that JSON has"),
        })
    }

    /// The shapes of which one must hold.
    fn shapes<'n>(
        &'n self,
        parts: &mut Parts<'n>,
        depth: usize,
        work: &mut usize,
    ) -> Result<Vec<Kind<'n>>, Error> {
        let mut shapes = Vec::new();
        for part in parts.all.clone() {
            for key in ["oneOf", "anyOf"] {
                let Some(Node::List(variants)) = part.get(key) else { continue };
                let is_null = |variant: &&Node| variant.text_of("type") != Some("null");
                let rest: Vec<&Node> = variants.iter().filter(is_null).collect();
                if rest.len() < 2 || !shapes.is_empty() {
                    continue;
                }
                for variant in rest {
                    let schema = self.read_schema(variant, depth + 1, work)?;
                    parts.nullable |= schema.nullable;
                    schema.loose.iter().for_each(|loose| parts.loosen(loose));
                    shapes.push(schema.kind);
                }
                parts.note(&format!("`{key}`"));
            }
        }
        Ok(shapes)
    }
}

/// What holds of a value that is one of several.
fn union<'n>(shapes: Vec<Kind<'n>>, parts: &mut Parts<'n>) -> Kind<'n> {
    let count = shapes.len();
    let mut objects = Vec::new();
    let mut texts = Vec::new();
    for shape in shapes {
        match shape {
            Kind::Object(object) => objects.push(object),
            Kind::Text(text) => texts.push(text),
            _ => {}
        }
    }
    if objects.len() == count {
        let mut all =
            Object { closed: objects.iter().all(|object| object.closed), ..Object::default() };
        objects.into_iter().for_each(|object| all.take(object));
        return Kind::Object(all);
    }
    if texts.len() == count {
        if texts.iter().all(|text| !text.options.is_empty()) {
            let mut options: Vec<&str> = texts.into_iter().flat_map(|text| text.options).collect();
            let mut seen = std::collections::HashSet::new();
            options.retain(|option| seen.insert(*option));
            return Kind::Text(Text { options, ..Text::default() });
        }
        let longest = texts.iter().map(|text| text.max).collect::<Option<Vec<i64>>>();
        let max = longest.and_then(|all| all.into_iter().max());
        return Kind::Text(Text { max, ..Text::default() });
    }
    parts.notes.clear();
    parts.loose.clear();
    Kind::Unknown("it is one of several types")
}

impl<'n> Object<'n> {
    /// Takes the fields of one shape of several, which may all be left out.
    fn take(&mut self, shape: Object<'n>) {
        for (name, property) in shape.properties {
            let one = Property { required: false, ..property };
            self.properties.entry(name).or_insert(one);
        }
    }
}
