//! From a description to the text of a policy.

mod access;
mod answer;
mod body;
mod declared;
mod envelope;
mod field;
mod input;
mod number;
mod object;
mod pattern;
mod report;
mod resource;
mod route;
mod service;
mod shape;
mod text;
mod value;

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use portcullis_compiler::compile;
use portcullis_syntax::{Source, Sources, format};

pub use report::{Report, Todo};

use crate::Error;
use crate::node::Node;
use crate::operation::Operation;
use crate::read::Description;
use crate::schema::Id;
use access::Scheme;
use input::Input;
use resource::Resource;

/// A file of a policy has at most 1 MiB. Before it has so much, the next one begins.
const FULL: usize = 384 * 1024;

/// How many objects in each other are followed down. Each takes stack, and what is deeper than the language
/// nests them is left out on the way up.
const DEEPEST: usize = 16;

/// A policy that was made of a description.
#[derive(Debug)]
pub struct Imported {
    /// Its files: the names, and the texts in the one layout.
    pub files: Vec<(String, String)>,
    /// What a person has to look at.
    pub report: Report,
}

/// Makes a policy. `base` is the path before all others, in the place of those of `servers`.
///
/// # Errors
/// A reference that leads nowhere, or a part that is not as OpenAPI has it.
pub fn import(description: &Description, base: Option<&str>) -> Result<Imported, Error> {
    let mut importer = Importer::new(description, base)?;
    let operations = description.operations()?;
    importer.objects_by_path(&operations)?;
    let mut routes = Vec::new();
    for operation in &operations {
        routes.push(importer.route(operation)?);
    }
    routes.extend(importer.routeless(&operations));
    let parts = [
        ("api", importer.access(&operations)),
        ("resources", importer.declared_resources()),
        ("inputs", std::mem::take(&mut importer.declared_inputs)),
        ("routes", routes),
    ];
    let mut files = Vec::new();
    let mut sources = Sources::new();
    for (name, blocks) in parts {
        for (name, text) in chunks(name, &blocks) {
            let source = Source::new(name.clone(), text);
            let text = format(&source).map_err(|why| Error::Unsound(format!("{name}: {why:?}")))?;
            sources.add(Source::new(name.clone(), text.clone()));
            importer.report.count(&text);
            files.push((name, text));
        }
    }
    let compilation = compile(sources);
    if let Some(fault) = compilation.diagnostics.first().filter(|_| compilation.has_errors()) {
        return Err(Error::Unsound(format!("{} ({})", fault.message, fault.code.as_str())));
    }
    importer.report.inputs = importer.inputs.values().filter(|input| input.size > 0).count();
    importer.report.resources = importer.resources.iter().filter(|found| found.size > 0).count();
    Ok(Imported { files, report: importer.report })
}

/// The text of blocks, in as many files as it takes.
fn chunks(name: &str, blocks: &[String]) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for block in blocks.iter().filter(|block| !block.is_empty()) {
        match files.last_mut().filter(|(_, text)| text.len() + block.len() < FULL) {
            Some((_, text)) => {
                text.push('\n');
                text.push_str(block);
            }
            None => {
                let number = files.len() + 1;
                let name = if number == 1 {
                    format!("{name}.gate")
                } else {
                    format!("{name}-{number}.gate")
                };
                files.push((name, block.clone()));
            }
        }
    }
    files
}

/// A description on its way to a policy.
struct Importer<'n> {
    description: &'n Description,
    base: Option<String>,
    schemes: IndexMap<&'n str, Scheme<'n>>,
    /// The permissions that routes need by the scopes that they were made of, in the order in which they are
    /// first named.
    permissions: IndexMap<&'n str, String>,
    permission_names: crate::name::Names,
    /// Inputs by the schemas that they were made of; the declarations in the order of the text.
    inputs: HashMap<Id, Input>,
    input_names: crate::name::Names,
    declared_inputs: Vec<String>,
    resources: Vec<Resource>,
    resource_names: crate::name::Names,
    /// Resources by the schemas that they were made of.
    resource_of: HashMap<Id, usize>,
    /// The resource of which a path names one, by the shape of the path.
    by_path: HashMap<String, usize>,
    /// The methods and shapes of paths that are there already.
    routed: HashSet<String>,
    /// How many objects stand in each other where the importer is looking.
    nesting: usize,
    /// How many lists the value that is looked at stands in.
    lists: usize,
    /// Whether a URL is looked at that somebody may fetch.
    fetches: bool,
    report: Report,
}

impl<'n> Importer<'n> {
    fn new(description: &'n Description, base: Option<&str>) -> Result<Importer<'n>, Error> {
        Ok(Importer {
            description,
            base: base.map(|base| base.trim_end_matches('/').to_owned()),
            schemes: access::schemes(description)?,
            permissions: IndexMap::new(),
            permission_names: crate::name::Names::default(),
            inputs: HashMap::new(),
            input_names: crate::name::Names::default(),
            declared_inputs: Vec::new(),
            resources: Vec::new(),
            resource_names: crate::name::Names::default(),
            resource_of: HashMap::new(),
            by_path: HashMap::new(),
            routed: HashSet::new(),
            nesting: 0,
            lists: 0,
            fetches: false,
            report: Report::default(),
        })
    }

    /// What is described and becomes no route: nothing at all, and what the service sends.
    fn routeless(&mut self, operations: &[Operation<'n>]) -> Vec<String> {
        let mut told = Vec::new();
        if operations.is_empty() {
            let what = "it has no operation: the policy has no route, and every request is refused";
            self.report.lost.push(("the description".to_owned(), what.to_owned()));
            told.push(
                "// The description has no operation: every request is refused.\n".to_owned(),
            );
        }
        for (name, _) in self.description.root.get("webhooks").into_iter().flat_map(Node::members) {
            let what = format!("the webhook `{}`, which the service sends", text::one_line(name));
            told.push(format!("{}\n", self.report.lost("webhooks", &what)));
        }
        told
    }

    /// The whole path of an operation, as the description has it.
    fn whole_path(&self, operation: &Operation<'n>) -> String {
        let base = self.base.as_deref().unwrap_or_else(|| operation.base());
        format!("{base}{}", operation.path)
    }
}
