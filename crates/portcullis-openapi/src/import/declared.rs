//! The text of resources.

use super::resource::{Attribute, Resource};
use super::text::{listed, quoted};
use super::{Importer, Todo};
use crate::telling;

impl Importer<'_> {
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
                .filter(|one| telling::is_personal(&one.name) && !one.secret && !one.hidden);
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
        let seen = |one: &&Attribute| !one.secret && !one.hidden;
        let mut shown: Vec<&Attribute> = found.attributes.iter().filter(seen).collect();
        if shown.is_empty() {
            // Its key alone is known. One that lets somebody in is shown to nobody.
            let is_free = |one: &&Attribute| !one.secret && !telling::is_secret(&one.wire);
            shown = found.attributes.iter().filter(is_free).take(1).collect();
        }
        if shown.is_empty() {
            text.push_str("}\n");
            return text;
        }
        text.push_str("\n    view full {");
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
