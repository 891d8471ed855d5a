//! The corpus: `tests/spec/**/*.md`, one file a case.
//!
//! A case is prose with fenced blocks: a policy (`gate`), and either tests that it passes (`test`) or
//! the diagnostics that it gets (`diagnostics`), as they are printed.

use std::path::{Path, PathBuf};

use portcullis::{Engine, Policy};
use portcullis_compiler::{Compilation, compile};
use portcullis_syntax::ast::Item;
use portcullis_syntax::diagnostic::{Style, render};
use portcullis_syntax::{Source, Sources, parse};
use portcullis_test::{EngineEvaluator, Evaluator, profiles, run};

use crate::late::{LateEvaluator, LateStore};
use crate::traced::Traced;
use portcullis_reference::Reference;

/// A case, read.
#[derive(Debug, Clone)]
pub struct Case {
    /// Where it was read from.
    pub path: PathBuf,
    policy: String,
    tests: Option<String>,
    diagnostics: Option<String>,
}

/// Every case below a folder, in the order of their paths.
///
/// # Errors
/// What cannot be read, or is no case.
pub fn cases(folder: &Path) -> Result<Vec<Case>, String> {
    let mut waiting = vec![folder.to_owned()];
    let mut paths = Vec::new();
    while let Some(folder) = waiting.pop() {
        let entries =
            std::fs::read_dir(&folder).map_err(|why| format!("{}: {why}", folder.display()))?;
        for entry in entries {
            let path = entry.map_err(|why| why.to_string())?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.into_iter().map(|path| read(&path)).collect()
}

fn read(path: &Path) -> Result<Case, String> {
    let text = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
    let block = |language: &str| {
        let (_, rest) = text.split_once(&format!("```{language}\n"))?;
        rest.split_once("\n```").map(|(block, _)| format!("{block}\n"))
    };
    let policy =
        block("gate").ok_or_else(|| format!("{}: it has no block `gate`", path.display()))?;
    Ok(Case {
        path: path.to_owned(),
        policy,
        tests: block("test"),
        diagnostics: block("diagnostics"),
    })
}

impl Case {
    /// A policy with tests that it passes.
    #[must_use]
    pub fn passing(policy: &str, tests: &str) -> Case {
        Case {
            path: PathBuf::new(),
            policy: policy.to_owned(),
            tests: Some(tests.to_owned()),
            diagnostics: None,
        }
    }

    /// What is wrong with the case; nothing, where it holds.
    ///
    /// # Errors
    /// A sentence, or the diagnostics that came in the place of those expected.
    pub fn check(&self) -> Result<(), String> {
        match (&self.tests, &self.diagnostics) {
            (Some(tests), None) => self.passes(tests),
            (None, Some(expected)) => {
                let found = self.rendered();
                if found.trim_end() == expected.trim_end() {
                    return Ok(());
                }
                Err(format!("expected:\n{expected}\nfound:\n{found}"))
            }
            _ => Err("a case has a block `test` or a block `diagnostics`".to_owned()),
        }
    }

    /// Whether the policy is a wrong one, and the case says what is said of it.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.diagnostics.as_ref().is_some_and(|expected| !expected.trim().is_empty())
    }

    /// How many tests the case has.
    #[must_use]
    pub fn tests(&self) -> usize {
        let mut sources = Sources::new();
        let id = sources.add(Source::new("policy.test.gate", self.tests.as_deref().unwrap_or("")));
        let (file, _) = parse(&sources, id);
        file.items.iter().filter(|item| matches!(item, Item::Test(_))).count()
    }

    /// The case with the diagnostics that it gets now, to be looked at before it is kept.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn update(&self) -> Result<(), String> {
        let Some(expected) = &self.diagnostics else { return Ok(()) };
        let said = |why: std::io::Error| format!("{}: {why}", self.path.display());
        let text = std::fs::read_to_string(&self.path).map_err(said)?;
        let old = format!("```diagnostics\n{expected}```");
        let new = format!("```diagnostics\n{}\n```", self.rendered().trim_end());
        std::fs::write(&self.path, text.replace(&old, &new)).map_err(said)
    }

    fn compilation(&self, tests: Option<&str>) -> Compilation {
        let mut sources = Sources::new();
        sources.add(Source::new("policy.gate", self.policy.as_str()));
        if let Some(tests) = tests {
            sources.add(Source::new("policy.test.gate", tests));
        }
        compile(sources)
    }

    fn rendered(&self) -> String {
        let compilation = self.compilation(None);
        let rendered = compilation
            .diagnostics
            .iter()
            .map(|fault| render(fault, &compilation.sources, Style::Plain));
        rendered.collect::<Vec<_>>().join("\n\n")
    }

    /// Runs the tests under every profile, through the engine, through its asynchronous driver, and
    /// through the reference.
    fn passes(&self, tests: &str) -> Result<(), String> {
        let compilation = self.compilation(Some(tests));
        let print = |faults: &[portcullis_syntax::Diagnostic]| {
            let faults =
                faults.iter().map(|fault| render(fault, &compilation.sources, Style::Plain));
            faults.collect::<Vec<_>>().join("\n\n")
        };
        if compilation.has_errors() {
            return Err(print(&compilation.diagnostics));
        }
        let mut count = 0;
        for item in compilation.files.iter().flat_map(|file| &file.items) {
            let Item::Test(test) = item else { continue };
            let named = profiles(test, &compilation.profiles).map_err(|fault| print(&[fault]))?;
            for profile in named {
                let plan = compilation.plan(profile).ok_or("a profile has no plan")?;
                for (name, mut evaluator) in evaluators(&compilation, profile)? {
                    let faults = run(plan, test, &mut *evaluator);
                    if !faults.is_empty() {
                        let title = &test.title.node;
                        return Err(format!("by {name}, `{title}`:\n{}", print(&faults)));
                    }
                    count += 1;
                }
            }
        }
        if count == 0 { Err("the case tests nothing".to_owned()) } else { Ok(()) }
    }
}

/// An evaluator and what it is called.
pub type Called = (&'static str, Box<dyn Evaluator>);

/// Every evaluator of a policy, each new.
///
/// # Errors
/// One cannot be built.
pub fn evaluators(compilation: &Compilation, profile: &str) -> Result<Vec<Called>, String> {
    let policy = Policy::from(compilation.clone());
    let said = |why: &dyn std::fmt::Display| why.to_string();
    let engine = EngineEvaluator::new(&policy, profile).map_err(|why| said(&why))?;
    let store = LateStore::default();
    let switch = store.switch();
    let late = Engine::builder(policy)
        .profile(profile)
        .without_keys()
        .without_settings()
        .store(store)
        .build()
        .map_err(|why| said(&why))?;
    let late = LateEvaluator::of(late, switch).map_err(|why| said(&why))?;
    let reference = Reference::new(compilation.files.clone(), profile, Vec::new());
    Ok(vec![
        ("the engine", Box::new(engine)),
        ("the engine, later", Box::new(late)),
        ("the reference", Box::new(Traced::of(reference))),
    ])
}
