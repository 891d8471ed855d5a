//! Resources: the objects that answers show.

use super::Importer;
use super::Todo;
use super::field::MOST_FIELDS;
use super::text::{is_sayable, one_line};
use crate::Error;
use crate::name::{Names, of_type, snake};
use crate::schema::{Id, Kind, Object, Schema};
use crate::telling;

/// How deep the views of nested objects go.
const DEEPEST: usize = 12;

/// A resource on its way.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) name: String,
    pub(super) attributes: Vec<Attribute>,
    /// The attribute that it is loaded by.
    pub(super) key: Option<usize>,
    /// What is said of it.
    pub(super) lines: Vec<String>,
    /// The fields of its view, with those of the objects in it.
    pub(super) size: usize,
    depth: usize,
    open: bool,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: String,
    /// What it would be called if nothing else were called so.
    wanted: String,
    pub(super) wire: String,
    pub(super) kind: String,
    pub(super) optional: bool,
    /// In no view: it looks like a secret.
    pub(super) secret: bool,
    /// Not in the view, as the description does not show it.
    pub(super) hidden: bool,
    /// The resource, where it is an object of one or a list of them.
    pub(super) of: Option<usize>,
}

impl<'n> Importer<'n> {
    /// The resource of an object, declared once; nothing where no field of it can be shown.
    pub(super) fn resource(
        &mut self,
        schema: &Schema<'n>,
        object: &Object<'n>,
        wanted: &str,
        place: &str,
    ) -> Result<Option<usize>, Error> {
        if let Some(known) = self.resource_of.get(&schema.id) {
            let found = self.resources.get(*known);
            return Ok(found.filter(|found| !found.open && found.size > 0).map(|_| *known));
        }
        if self.nesting >= super::DEEPEST {
            return Ok(None);
        }
        let wanted = of_type(schema.name.unwrap_or(wanted));
        let index = self.resources.len();
        self.resource_of.insert(schema.id.clone(), index);
        self.resources.push(Resource {
            name: wanted.clone(),
            attributes: Vec::new(),
            key: None,
            lines: Vec::new(),
            size: 0,
            depth: 0,
            open: true,
        });
        let mut built = Resource {
            name: wanted.clone(),
            attributes: Vec::new(),
            key: None,
            lines: Vec::new(),
            size: 0,
            depth: 0,
            open: false,
        };
        let mut names = Names::default();
        for (wire, property) in &object.properties {
            let schema = self.description.schema_of(&property.nodes)?;
            if schema.write_only {
                continue;
            }
            let name = names.like(&snake(wire));
            let shown = one_line(wire);
            if name != *wire && !is_sayable(wire) {
                built.lines.push(self.report.lost(place, "a field with a name like this"));
                continue;
            }
            self.nesting += 1;
            let found = self.attribute(&schema, &name, place);
            self.nesting -= 1;
            let (kind, of) = match found? {
                Ok(found) => found,
                Err(why) => {
                    let lost = self.report.lost(place, &format!("`{shown}` is in no view: {why}"));
                    built.lines.push(lost);
                    continue;
                }
            };
            let (size, depth) = of
                .and_then(|of| self.resources.get(of))
                .map_or((1, 0), |of| (of.size + 1, of.depth + 1));
            if built.size + size > MOST_FIELDS || depth > DEEPEST {
                built
                    .lines
                    .push(self.report.lost(place, &format!("`{shown}`: an object too large")));
                continue;
            }
            built.size += size;
            built.depth = built.depth.max(depth);
            let secret = telling::is_secret(wire);
            built.attributes.push(Attribute {
                name: names.unique(&name),
                wanted: name,
                wire: (*wire).to_owned(),
                kind,
                optional: !property.required || schema.nullable,
                secret,
                hidden: false,
                of,
            });
        }
        Ok(self.settle(index, &schema.id, built))
    }

    /// Puts a resource in its place, or another that is the same.
    fn settle(&mut self, index: usize, id: &Id, mut built: Resource) -> Option<usize> {
        // What is shown at all.
        if built.attributes.iter().all(|attribute| attribute.secret) {
            built.size = 0;
        }
        let wanted = built.name.clone();
        let numbered = format!("{wanted}_");
        let alike = |known: &Resource| {
            !known.open
                && known.size > 0
                && (known.name == wanted || known.name.starts_with(&numbered))
                && known.key.is_none()
                && known.attributes == built.attributes
        };
        if let Some(same) = self.resources.iter().position(alike) {
            self.resource_of.insert(id.clone(), same);
            built.size = 0;
            built.attributes.clear();
        }
        let is_there = built.size > 0;
        if is_there {
            built.name = self.resource_names.unique(&wanted);
        }
        if let Some(slot) = self.resources.get_mut(index) {
            *slot = built;
        }
        self.resource_of.get(id).copied().filter(|found| is_there || *found != index)
    }

    /// The type of an attribute, and the resource in it; why there is none, otherwise.
    fn attribute(
        &mut self,
        schema: &Schema<'n>,
        name: &str,
        place: &str,
    ) -> Result<Result<(String, Option<usize>), &'static str>, Error> {
        if let Some(kind) = plain(&schema.kind) {
            return Ok(Ok((kind.to_owned(), None)));
        }
        let object = |found: Option<usize>, all: &[Resource]| match found {
            Some(of) => Ok((all.get(of).map_or(String::new(), |found| found.name.clone()), of)),
            None => Err("an object nested in itself, or of fields that nothing describes"),
        };
        match &schema.kind {
            Kind::Object(inner) => {
                let found = self.resource(schema, inner, name, place)?;
                Ok(object(found, &self.resources).map(|(kind, of)| (kind, Some(of))))
            }
            Kind::List(list) => {
                if list.items.is_empty() {
                    return Ok(Err("a list of anything"));
                }
                let element = self.description.schema_of(&list.items)?;
                if let Some(kind) = plain(&element.kind) {
                    return Ok(Ok((format!("[{kind}]"), None)));
                }
                let Kind::Object(inner) = &element.kind else {
                    return Ok(Err("a list of what no type says"));
                };
                let found = self.resource(&element, inner, &crate::name::singular(name), place)?;
                Ok(object(found, &self.resources).map(|(kind, of)| (format!("[{kind}]"), Some(of))))
            }
            Kind::Unknown(why) => Ok(Err(*why)),
            _ => Ok(Err("no type says it")),
        }
    }

    /// The attribute by which a resource is loaded, made to have a type; nothing where it is loaded by
    /// another already.
    pub(super) fn key(&mut self, resource: usize, parameter: &str, kind: &str) -> Option<()> {
        let name = self.resources.get(resource)?.name.clone();
        let mut wanted = vec![parameter.to_owned()];
        if telling::is_identity(parameter) {
            wanted.extend(["id".to_owned(), "uuid".to_owned(), format!("{name}_id")]);
        }
        self.key_of(resource, &wanted, parameter, kind)
    }

    /// The same of the first of these attributes that there is, or of one of this name that is put there.
    pub(super) fn key_of(
        &mut self,
        resource: usize,
        wanted: &[String],
        parameter: &str,
        kind: &str,
    ) -> Option<()> {
        let found = self.resources.get_mut(resource)?;
        if let Some(key) = found.key.and_then(|key| found.attributes.get(key)) {
            return (key.kind == kind && wanted.contains(&key.wanted)).then_some(());
        }
        let free = |attribute: &Attribute| {
            attribute.of.is_none() && !attribute.secret && !attribute.kind.starts_with('[')
        };
        let at = wanted.iter().find_map(|name| {
            found.attributes.iter().position(|known| known.name == *name && free(known))
        });
        let at = at.unwrap_or_else(|| {
            let mut name = parameter.to_owned();
            while found.attributes.iter().any(|known| known.name == name) {
                name.push_str("_key");
            }
            found.attributes.insert(
                0,
                Attribute {
                    wire: name.clone(),
                    wanted: parameter.to_owned(),
                    name,
                    kind: String::new(),
                    optional: false,
                    secret: false,
                    hidden: true,
                    of: None,
                },
            );
            0
        });
        let attribute = found.attributes.get_mut(at)?;
        kind.clone_into(&mut attribute.kind);
        attribute.optional = false;
        found.key = Some(at);
        Some(())
    }

    /// A resource of which only the key is known.
    pub(super) fn skeleton(&mut self, wanted: &str, parameter: &str, kind: &str) -> Option<usize> {
        let wanted = of_type(wanted);
        let same = |known: &Resource| !known.open && known.size > 0 && known.name == wanted;
        if let Some(known) = self.resources.iter().position(same)
            && self.key(known, parameter, kind).is_some()
        {
            return Some(known);
        }
        let index = self.resources.len();
        let text = "the description shows none of its fields: name those that say whose it is";
        let todo = self.report.todo(Todo::View, text);
        self.resources.push(Resource {
            name: self.resource_names.unique(&wanted),
            attributes: Vec::new(),
            key: None,
            lines: vec![todo],
            size: 1,
            depth: 0,
            open: false,
        });
        self.key(index, parameter, kind)?;
        Some(index)
    }
}

/// The type of a plain value.
pub(super) fn plain(kind: &Kind<'_>) -> Option<&'static str> {
    Some(match kind {
        Kind::Text(text) if text.options.is_empty() => match text.format {
            Some("uuid") => "uuid",
            Some("date-time") => "time",
            _ => "string",
        },
        Kind::Text(_) => "string",
        Kind::Int(_) => "int",
        Kind::Number(_) => "number",
        Kind::Bool(_) => "bool",
        _ => return None,
    })
}
