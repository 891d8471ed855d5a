//! Answers of several parts, and those that no view says.

use super::answer::{Clauses, Routed};
use super::resource::plain;
use super::text::{is_sayable, listed, one_line, quoted};
use super::{Importer, Todo};
use crate::Error;
use crate::name::{Names, snake};
use crate::operation::Operation;
use crate::schema::{Kind, Object, Schema};
use crate::telling;

impl<'n> Importer<'n> {
    /// An envelope: the plain values of an object, and a view in it.
    pub(super) fn envelope(
        &mut self,
        object: &Object<'n>,
        view: Option<(&'n str, &str)>,
        route: &Routed<'_, 'n>,
        clauses: &mut Clauses,
    ) -> Result<(), Error> {
        let mut names = Names::default();
        let mut fields = Vec::new();
        let (mut told, mut kept, mut unseen) = (Vec::new(), Vec::new(), Vec::new());
        for (wire, property) in &object.properties {
            let schema = self.description.schema_of(&property.nodes)?;
            let shown = view.filter(|(in_it, _)| in_it == wire).map(|(_, shown)| shown.to_owned());
            let kind = match (shown, &schema.kind) {
                (Some(shown), _) => Some(shown),
                (_, Kind::List(list)) if !list.items.is_empty() => {
                    let element = self.description.schema_of(&list.items)?;
                    plain(&element.kind).map(|kind| format!("[{kind}]"))
                }
                (_, kind) => plain(kind).map(str::to_owned),
            };
            let name = names.like(&snake(wire));
            if telling::is_secret(wire) {
                kept.push((*wire).to_owned());
                continue;
            }
            if kind.is_none() && self.is_object(&schema)? {
                unseen.push((*wire).to_owned());
                continue;
            }
            let sayable = name == *wire || is_sayable(wire);
            let Some(kind) = kind.filter(|_| sayable && !schema.write_only) else {
                let what = format!("`{}` does not leave: no type says it", one_line(wire));
                clauses.returns.push(self.report.lost(route.title, &what));
                continue;
            };
            if telling::is_personal(&name) {
                told.push((*wire).to_owned());
            }
            names.unique(&name);
            let optional = if property.required && !schema.nullable { "" } else { "?" };
            let wire = if name == *wire { String::new() } else { format!(" as {}", quoted(wire)) };
            fields.push(format!("{name}: {kind}{optional}{wire}"));
        }
        if !kept.is_empty() {
            let text = format!("the description shows {}: it is kept back here", listed(&kept));
            clauses.returns.push(self.report.todo(Todo::View, &text));
        }
        if !told.is_empty() {
            let text = format!("may every caller see {}?", listed(&told));
            clauses.returns.push(self.report.todo(Todo::View, &text));
        }
        if !unseen.is_empty() {
            let text = format!(
                "{} does not leave until this says by what it is loaded, and by which view it is shown",
                listed(&unseen)
            );
            clauses.returns.push(self.report.todo(Todo::Answer, &text));
        }
        if fields.is_empty() && object.properties.is_empty() {
            return self.opaque("no field of it has a type", route, clauses);
        }
        if fields.is_empty() {
            let text = "nothing leaves until this says what may";
            clauses.returns.push(self.report.todo(Todo::Answer, text));
            clauses.returns.push("returns nothing".to_owned());
            return Ok(());
        }
        clauses.returns.push(format!("returns {{ {} }}", fields.join("  ")));
        Ok(())
    }

    /// Whether a value is an object, or a list of objects.
    fn is_object(&self, schema: &Schema<'n>) -> Result<bool, Error> {
        Ok(match &schema.kind {
            Kind::Object(_) => true,
            Kind::List(list) if !list.items.is_empty() => {
                matches!(self.description.schema_of(&list.items)?.kind, Kind::Object(_))
            }
            _ => false,
        })
    }

    /// An answer that no view says. Where the description shows in it what looks like a secret, nothing leaves.
    pub(super) fn opaque(
        &mut self,
        why: &str,
        route: &Routed<'_, 'n>,
        clauses: &mut Clauses,
    ) -> Result<(), Error> {
        let secrets = self.secrets(route.operation)?;
        if secrets.is_empty() {
            let text = format!("say what may leave: {}", one_line(why));
            let reason = self.report.reason(Todo::Answer, &text);
            clauses.returns.push(format!("returns opaque {reason}"));
        } else {
            let text = format!(
                "nothing leaves until this says what may: the description shows {}",
                listed(&secrets)
            );
            clauses.returns.push(self.report.todo(Todo::Answer, &text));
            clauses.returns.push("returns nothing".to_owned());
        }
        Ok(())
    }

    /// What looks like a secret anywhere in the success of an operation.
    fn secrets(&self, operation: &Operation<'n>) -> Result<Vec<String>, Error> {
        let content = operation.success().map(|(_, content)| content).unwrap_or_default();
        let schemas = content.iter().filter_map(|media| media.schema).collect();
        let mut found: Vec<String> = Vec::new();
        for name in self.description.names(schemas)? {
            if telling::is_secret(name) && !found.iter().any(|known| known == name) {
                found.push(name.to_owned());
            }
        }
        found.sort();
        Ok(found)
    }
}
