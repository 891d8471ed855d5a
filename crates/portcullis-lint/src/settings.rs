//! Which clauses depend on a setting: what they come to is for the environment to say, and no slip.

use std::collections::HashSet;

use portcullis_compiler::Compilation;
use portcullis_syntax::Span;
use portcullis_syntax::ast::{Item, ResourceClause};

use crate::declared::{items, paths, resources};

/// The names of the settings, and of the predicates that read them.
pub(crate) struct Settings<'c> {
    compilation: &'c Compilation,
    names: HashSet<&'c str>,
}

impl<'c> Settings<'c> {
    pub(crate) fn of(compilation: &'c Compilation) -> Settings<'c> {
        let mut names = HashSet::new();
        for item in items(compilation) {
            if let Item::Setting(setting) = item {
                names.insert(setting.name.node.as_str());
            }
        }
        let predicates = resources(compilation).flat_map(|resource| &resource.clauses);
        let predicates = predicates.filter_map(|clause| match clause {
            ResourceClause::Predicate { name, condition, .. } => Some((name, condition)),
            _ => None,
        });
        let predicates = predicates.collect::<Vec<_>>();
        // A predicate may read a setting by way of another, which may stand after it.
        while !names.is_empty() {
            let before = names.len();
            for (name, condition) in &predicates {
                let mut reads = false;
                paths(condition, &mut |path| {
                    reads |= path.segments.last().is_some_and(|last| names.contains(&*last.node));
                });
                if reads {
                    names.insert(&name.node);
                }
            }
            if names.len() == before {
                break;
            }
        }
        Settings { compilation, names }
    }

    /// Whether a clause reads one of them.
    pub(crate) fn decide(&self, clause: Span) -> bool {
        if self.names.is_empty() {
            return false;
        }
        let text = self.compilation.sources.slice(clause);
        let mut words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        words.any(|word| self.names.contains(word))
    }
}
