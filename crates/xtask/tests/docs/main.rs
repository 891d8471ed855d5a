//! What the docs say is true: their examples compile, the paths that they name are there, and the
//! tables of codes and reasons are whole.

// The functions that the tests share are tests too.
#![allow(clippy::unwrap_used)]

mod blocks;
mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use blocks::{Block, blocks};
use portcullis::{Policy, Reason};
use portcullis_compiler::{Compilation, compile};
use portcullis_lint::{RULES, lint};
use portcullis_syntax::ast::Item;
use portcullis_syntax::diagnostic::{Style, render};
use portcullis_syntax::{Code, Source, Sources, format};
use portcullis_test::EngineEvaluator;

#[test]
fn the_examples_of_a_page_are_one_policy_without_a_warning() {
    for page in ["docs/language.md", "docs/testing-policies.md"] {
        let found = page_policy(page);
        let quiet = found.diagnostics.is_empty() && lint(&found).is_empty();
        assert!(quiet, "{page}:\n{}", rendered(&found));
        // A parser that reads nothing finds no fault either.
        assert!(found.plans.iter().any(|plan| !plan.routes.is_empty()), "{page}: no route");
    }
}

#[test]
fn the_tests_of_a_page_pass() {
    for page in ["docs/language.md", "docs/testing-policies.md"] {
        let found = page_policy(page);
        let policy = Policy::from(found.clone());
        let items = found.files.iter().flat_map(|file| &file.items);
        let mut ran = 0;
        for item in items {
            let Item::Test(test) = item else { continue };
            for plan in &found.plans {
                let mut evaluator = EngineEvaluator::new(&policy, &plan.profile).unwrap();
                let faults = portcullis_test::run(plan, test, &mut evaluator);
                assert!(faults.is_empty(), "{page}: {}: {faults:?}", test.title.node);
                ran += 1;
            }
        }
        assert!(ran > 0, "{page} has no test");
    }
}

#[test]
fn a_wrong_example_gets_its_code() {
    let mut shown = BTreeSet::new();
    for block in blocks(&read("docs/diagnostics.md")) {
        let found = alone(&block);
        let Some(code) = block.info.strip_prefix("gate wrong ") else { continue };
        let codes: BTreeSet<&str> =
            found.diagnostics.iter().map(|found| found.code.as_str()).collect();
        assert_eq!(codes, BTreeSet::from([code]), "line {}: {:?}", block.line, found.diagnostics);
        shown.insert(code.to_owned());
    }
    // An example cannot show what is no text, what is too large for a page, or what needs a test.
    let elsewhere = [Code::NotText, Code::TooLarge, Code::TestFailed];
    for code in Code::ALL.iter().filter(|code| !elsewhere.contains(code)) {
        assert!(shown.contains(code.as_str()), "no example of {code}");
    }
}

#[test]
fn examples_have_the_layout_of_the_formatter() {
    for page in docs() {
        for block in blocks(&read(&page)) {
            let unreadable = ["gate wrong syntax", "gate wrong bad_literal"];
            if !block.info.starts_with("gate") || unreadable.contains(&block.info.as_str()) {
                continue;
            }
            let tests = ["gate test", "gate wrong wrong_file"].contains(&block.info.as_str());
            let name = if tests { "example.test.gate" } else { "example.gate" };
            let layout = format(&Source::new(name, block.text.clone()));
            assert!(
                layout.as_ref().is_ok_and(|text| *text == block.text),
                "{page}:{}\n{layout:?}",
                block.line
            );
        }
    }
}

#[test]
fn the_code_of_embedding_is_that_of_the_examples() {
    let examples = ["plain/src/main.rs", "shop/src/main.rs", "shop/src/guard.rs"]
        .into_iter()
        .chain(["shop/src/routes/mod.rs", "shop/src/routes/auth.rs"])
        .chain(["shop/src/routes/orders.rs", "shop/src/store/orders.rs"])
        .chain(["shop/src/keys.rs"])
        .map(|path| read(&format!("examples/{path}")))
        .collect::<Vec<_>>();
    let page = blocks(&read("docs/embedding.md"));
    let code = page.iter().filter(|block| block.info == "rust").collect::<Vec<_>>();
    assert!(!code.is_empty());
    for block in code {
        let there = examples.iter().any(|example| example.contains(&block.text));
        assert!(there, "docs/embedding.md:{} is in no example", block.line);
    }
}

#[test]
fn every_code_has_a_section_and_every_section_a_code() {
    let text = read("docs/diagnostics.md");
    let sections: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(sections, codes);
}

/// `UPDATE_RULES=1 cargo nextest run -p xtask` writes them.
#[test]
fn the_pages_of_rules_are_what_the_rules_say() {
    let mut pages = BTreeMap::from([("README.md".to_owned(), rules::index())]);
    for rule in RULES {
        let mut page = rules::GENERATED.to_owned();
        portcullis_lint::page(rule, &mut page).unwrap();
        pages.insert(format!("{}.md", rule.name), page);
    }
    let folder = root().join("docs/rules");
    if std::env::var_os("UPDATE_RULES").is_some() {
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).unwrap();
        for (name, page) in &pages {
            fs::write(folder.join(name), page).unwrap();
        }
    }
    let there = fs::read_dir(&folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())
    });
    let there = there.collect::<BTreeMap<_, _>>();
    assert!(there == pages, "write them anew: UPDATE_RULES=1 cargo nextest run -p xtask");
}

#[test]
fn the_contents_of_the_book_name_every_page() {
    let summary = read("docs/SUMMARY.md");
    for page in docs() {
        let name = page.strip_prefix("docs/").unwrap();
        // The index of the rules leads to each of them, and is made of them.
        let elsewhere =
            name == "SUMMARY.md" || (name.starts_with("rules/") && name != "rules/README.md");
        assert!(
            elsewhere || summary.contains(&format!("]({name})")),
            "{name} is not in the contents"
        );
    }
}

#[test]
fn the_table_of_reasons_is_the_one_of_the_engine() {
    let text = read("docs/operating.md");
    let rows: Vec<(String, String)> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            let reason = cells.next()?.trim_matches('`').to_owned();
            Some((reason, cells.next()?.to_owned()))
        })
        .collect();
    let reasons: Vec<(String, String)> = Reason::ALL
        .iter()
        .map(|reason| {
            let status = match reason {
                Reason::InsecureTransport => format!("301 or {}", reason.status()),
                _ => reason.status().to_string(),
            };
            (reason.to_string(), status)
        })
        .collect();
    assert_eq!(rows, reasons);
}

#[test]
fn the_first_screen_shows_lines_of_the_shop() {
    let orders = read("policies/shop/orders.gate");
    let readme = blocks(&read("README.md"));
    let shown: Vec<&Block> = readme.iter().filter(|block| block.info == "gate").collect();
    assert!(!shown.is_empty());
    for block in shown {
        assert!(orders.contains(&block.text), "not in orders.gate:\n{}", block.text);
    }
}

#[test]
fn the_first_ten_minutes_show_the_message_that_comes() {
    let orders = read("policies/shop/orders.gate").replace("== shipped ", "== shiped ");
    let mut sources = Sources::new();
    for name in ["access.gate", "products.gate", "users.gate"] {
        sources.add(Source::new(name, read(&format!("policies/shop/{name}"))));
    }
    sources.add(Source::new("policies/shop/orders.gate", orders));
    let found = rendered(&compile(sources));
    assert!(
        blocks(&read("README.md")).iter().any(|block| block.text.trim() == found.trim()),
        "README.md shows another message than\n{found}"
    );
}

#[test]
fn every_path_in_backticks_is_there() {
    const FOLDERS: &[&str] =
        &[".ci/", ".github/", "benches", "crates/", "docs", "examples/", "policies"];
    let pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    for page in pages.into_iter().map(str::to_owned).chain(docs()) {
        let text = read(&page);
        let mut prose = text.clone();
        for block in blocks(&text) {
            prose = prose.replace(&block.text, "");
        }
        for path in prose.split('`').skip(1).step_by(2) {
            let named = FOLDERS.iter().any(|folder| path.starts_with(folder))
                || path.ends_with(".md")
                || path.starts_with("LICENSE");
            if named && !path.contains(' ') {
                assert!(root().join(path).exists(), "{page} names `{path}`");
            }
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"];
    for page in pages.into_iter().map(str::to_owned).chain(docs()) {
        let folder = root().join(&page).parent().map(Path::to_owned).unwrap();
        for target in read(&page).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.starts_with("https://") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() { root().join(&page) } else { folder.join(path) };
            let text = fs::read_to_string(&path);
            assert!(text.is_ok(), "{page} links to {target}");
            assert!(
                anchor.is_empty() || text.is_ok_and(|text| anchors(&text).contains(anchor)),
                "{page} links to {target}"
            );
        }
    }
}

/// The examples of a page, as one policy with its tests.
fn page_policy(page: &str) -> Compilation {
    let blocks = blocks(&read(page));
    let mut sources = Sources::new();
    sources.add(Source::new(format!("{page}.gate"), joined(&blocks, "gate")));
    sources.add(Source::new(format!("{page}.test.gate"), joined(&blocks, "gate test")));
    compile(sources)
}

/// An example that is a policy by itself.
fn alone(block: &Block) -> Compilation {
    let mut sources = Sources::new();
    sources.add(Source::new("example.gate", block.text.clone()));
    compile(sources)
}

fn rendered(found: &Compilation) -> String {
    let texts = found.diagnostics.iter().map(|fault| render(fault, &found.sources, Style::Plain));
    texts.collect::<Vec<_>>().join("\n")
}

fn joined(blocks: &[Block], info: &str) -> String {
    let texts = blocks.iter().filter(|block| block.info == info).map(|block| block.text.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

/// The anchors that a page's headings have.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

fn docs() -> Vec<String> {
    let mut pages = Vec::new();
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            let pile = if entry.file_type().unwrap().is_dir() { &mut folders } else { &mut pages };
            pile.push(path);
        }
    }
    pages
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
