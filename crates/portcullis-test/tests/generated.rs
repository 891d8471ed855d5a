//! The cases that are generated for the policies of the corpus.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect")]

use std::path::{Path, PathBuf};

use portcullis::Policy;
use portcullis_compiler::{Compilation, compile};
use portcullis_syntax::ast::{Item, Test};
use portcullis_syntax::{Source, Sources, format};
use portcullis_test::generate::generate;
use portcullis_test::{EngineEvaluator, profiles, run};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

fn compiled(texts: &[(&str, &str)]) -> Compilation {
    let mut sources = Sources::new();
    for (name, text) in texts {
        sources.add(Source::new(*name, *text));
    }
    let compilation = compile(sources);
    assert!(!compilation.has_errors(), "{:?}\n{texts:?}", compilation.diagnostics);
    compilation
}

fn tests(compilation: &Compilation) -> Vec<&Test> {
    let items = compilation.files.iter().flat_map(|file| &file.items);
    let tests = items.filter_map(|item| match item {
        Item::Test(test) => Some(test),
        _ => None,
    });
    tests.collect()
}

#[test]
fn they_compile_and_pass_and_no_more_are_missing() {
    let mut cases = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/spec"), &mut cases);
    let mut written = 0;
    for case in cases {
        let text = std::fs::read_to_string(&case).unwrap();
        let block = |language: &str| {
            let (_, rest) = text.split_once(&format!("```{language}\n"))?;
            rest.split_once("\n```").map(|(block, _)| format!("{block}\n"))
        };
        let (Some(policy), Some(given)) = (block("gate"), block("test")) else { continue };
        let before = compiled(&[("a.gate", &policy), ("a.test.gate", &given)]);
        let made = generate(&before, &Policy::from(before.clone()));
        let made = made.unwrap_or_else(|why| panic!("{}: {why}", case.display()));
        if made.tests == 0 {
            continue;
        }
        written += 1;
        let source = Source::new("b.test.gate", made.text.as_str());
        assert_eq!(format(&source).unwrap(), made.text, "{}", case.display());
        let texts = [("a.gate", &*policy), ("a.test.gate", &given), ("b.test.gate", &made.text)];
        let after = compiled(&texts);
        let engine = Policy::from(after.clone());
        assert_eq!(tests(&after).len(), tests(&before).len() + made.tests, "{}", case.display());
        for test in tests(&after) {
            for profile in profiles(test, &after.profiles).unwrap() {
                let mut evaluator = EngineEvaluator::new(&engine, profile).unwrap();
                let faults = run(after.plan(profile).unwrap(), test, &mut evaluator);
                assert_eq!(faults, [], "{}: {}", case.display(), test.title.node);
            }
        }
        let more = generate(&after, &engine).unwrap();
        assert_eq!((more.tests, more.left_out), (0, made.left_out), "{}", case.display());
    }
    assert!(written > 30, "only {written}");
}
