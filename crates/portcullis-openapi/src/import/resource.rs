//! Resources: the objects that answers show.

use super::Importer;
use super::Todo;
use super::field::MOST_FIELDS;
use super::text::{is_sayable, listed, one_line, quoted};
use crate::Error;
use crate::name::{Names, of_type, snake};
use crate::schema::{Kind, Object, Schema};
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
    lines: Vec<String>,
    /// The fields of its view, with those of the objects in it.
    pub(super) size: usize,
    depth: usize,
    open: bool,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: String,
    wire: String,
    kind: String,
    optional: bool,
    /// In no view: it looks like a secret.
    secret: bool,
    /// Not in the view, as the description does not show it.
    hidden: bool,
    /// The resource, where it is an object of one or a list of them.
    of: Option<usize>,
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
        self.resource_of.insert(schema.id, index);
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
            let schema = self.description.schema(property.node)?;
            if schema.write_only {
                continue;
            }
            let name = snake(wire);
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
            let secret = telling::is_secret(&name) && of.is_none();
            built.attributes.push(Attribute {
                name: names.unique(&name),
                wire: (*wire).to_owned(),
                kind,
                optional: !property.required || schema.nullable,
                secret,
                hidden: false,
                of,
            });
        }
        Ok(self.settle(index, schema.id, built))
    }

    /// Puts a resource in its place, or another that is the same.
    fn settle(&mut self, index: usize, id: usize, mut built: Resource) -> Option<usize> {
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
            self.resource_of.insert(id, same);
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
        self.resource_of.get(&id).copied().filter(|found| is_there || *found != index)
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
                let Some(items) = list.items else { return Ok(Err("a list of anything")) };
                let element = self.description.schema(items)?;
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
        let found = self.resources.get_mut(resource)?;
        if let Some(key) = found.key.and_then(|key| found.attributes.get(key)) {
            return (key.kind == kind).then_some(());
        }
        let wanted = [
            parameter.to_owned(),
            "id".to_owned(),
            "uuid".to_owned(),
            format!("{}_id", found.name),
        ];
        let free = |attribute: &Attribute| {
            attribute.of.is_none() && !attribute.secret && !attribute.kind.starts_with('[')
        };
        let at = wanted.iter().filter(|name| *name == parameter || telling::is_identity(parameter));
        let at = at.into_iter().find_map(|name| {
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

    /// The text of every resource.
    pub(super) fn declared_resources(&mut self) -> Vec<String> {
        let all: Vec<Resource> =
            self.resources.iter().filter(|found| found.size > 0).cloned().collect();
        let mut texts = Vec::new();
        for found in &all {
            let secret =
                found.attributes.iter().filter(|one| one.secret).map(|one| one.wire.clone());
            let secret: Vec<String> = secret.collect();
            let told = found
                .attributes
                .iter()
                .filter(|one| telling::is_personal(&one.name) && !one.secret);
            let told: Vec<String> = told.map(|one| one.wire.clone()).collect();
            let mut lines = found.lines.clone();
            if !secret.is_empty() {
                let text =
                    format!("the description shows {}: it is kept back here", listed(&secret));
                lines.push(self.report.todo(Todo::View, &text));
            }
            if !told.is_empty() {
                let text = format!(
                    "may everybody who gets this see {}? Else make a narrower view for others",
                    listed(&told)
                );
                lines.push(self.report.todo(Todo::View, &text));
            }
            texts.push(self.declared(found, lines));
        }
        texts
    }

    fn declared(&self, found: &Resource, lines: Vec<String>) -> String {
        let mut text = format!("resource {} {{\n", found.name);
        for line in lines {
            text.push_str(&format!("    {line}\n"));
        }
        for (at, one) in found.attributes.iter().enumerate() {
            let key = if found.key == Some(at) { "key " } else { "" };
            let optional = if one.optional { "?" } else { "" };
            let secret = if one.secret { " secret" } else { "" };
            text.push_str(&format!("    {key}{}: {}{optional}{secret}\n", one.name, one.kind));
        }
        text.push_str("\n    view full {");
        let seen = |one: &&Attribute| !one.secret && !one.hidden;
        let mut shown: Vec<&Attribute> = found.attributes.iter().filter(seen).collect();
        if shown.is_empty() {
            shown = found.attributes.iter().filter(|one| !one.secret).take(1).collect();
        }
        for one in shown {
            let view = if one.of.is_some() { ".full" } else { "" };
            let wire = if one.wire == one.name {
                String::new()
            } else {
                format!(" as {}", quoted(&one.wire))
            };
            text.push_str(&format!(" {}{view}{wire}", one.name));
        }
        text.push_str(" }\n}\n");
        text
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
        Kind::Bool => "bool",
        _ => return None,
    })
}
