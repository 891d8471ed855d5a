//! The matrix against the engine: where a cell says that a caller may, nothing about the caller refuses,
//! and where it says that one may not, none is let in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests say what they expect"
)]

use std::path::{Path, PathBuf};

use portcullis::{Policy, find_route};
use portcullis_audit::{Call, Cell, Matrix, Row, Rows, Who, matrix};
use portcullis_compiler::plan::{Access, Plan, Route};
use portcullis_compiler::{Compilation, compile};
use portcullis_syntax::ast::Item;
use portcullis_syntax::{Source, Sources, parse};
use portcullis_test::{
    Answer, EngineEvaluator, Evaluator, Exchange, Fact, Given, Response, profiles, run,
};
use portcullis_testing::compare::{choices, routes};
use portcullis_testing::generate::{Dice, exchanges, policy};

/// What refuses a caller for who it is. An object that is not there is told from one that may not be known
/// of by looking.
const OF_THE_CALLER: &[&str] =
    &["missing_credential", "missing_permission", "not_found", "forbidden", "conflict", "step_up"];

/// How often each kind of cell was held against an answer.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    may: usize,
    may_not: usize,
    admitted_if: usize,
    refused_if: usize,
    all_rows: usize,
    no_row: usize,
}

/// The engine, each of whose answers is held against the matrix.
struct Watched<'p> {
    engine: EngineEvaluator,
    plan: &'p Plan,
    matrix: Matrix,
    counts: Counts,
}

impl<'p> Watched<'p> {
    fn new(policy: &Policy, plan: &'p Plan) -> Watched<'p> {
        let engine = EngineEvaluator::new(policy, &plan.profile).unwrap();
        Watched { engine, plan, matrix: matrix(plan), counts: Counts::default() }
    }

    fn row(&self, exchange: &Exchange) -> Option<(Option<&Route>, &Row)> {
        if let Some(name) = &exchange.act {
            let at = self.plan.actions.iter().position(|action| action.name == *name)?;
            return Some((None, self.matrix.actions.get(at)?));
        }
        let preflight = exchange.method == "OPTIONS";
        let found = find_route(self.plan, &exchange.method, &exchange.target);
        let route = found.filter(|_| !preflight)?.route;
        let at = self.plan.routes.iter().position(|known| std::ptr::eq(known, route))?;
        Some((Some(route), self.matrix.routes.get(at)?))
    }

    fn hold(&mut self, exchange: &Exchange, response: &Response) {
        let Some(who) = self.who(exchange) else { return };
        let Some((route, row)) = self.row(exchange) else { return };
        let column = self.matrix.columns.iter().position(|column| *column == who).unwrap();
        let cell = row.cells.get(column).unwrap().clone();
        // A credential of another kind than those taken is no good one.
        let taken = route.is_none_or(|route| match (&exchange.caller, &route.access) {
            (Some(given), access) if *access != Access::Public => {
                let known = |index: &usize| self.plan.credentials.get(*index);
                let mut accepted = access.accepted().iter().filter_map(known);
                accepted.any(|credential| credential.name == given.credential)
            }
            _ => true,
        });
        if taken {
            self.compare(&cell, exchange, &response.answer);
        }
    }

    fn compare(&mut self, cell: &Cell, exchange: &Exchange, answer: &Answer) {
        let said = || format!("{cell:?}\n{exchange:#?}\n{answer:?}");
        match (&cell.call, answer) {
            (Call::May, Answer::Refused { reason, .. }) => {
                let absent = *reason == "not_found" && self.lacks_object(exchange);
                assert!(absent || !OF_THE_CALLER.contains(reason), "may: {}", said());
            }
            (Call::May, Answer::Admitted { .. }) => self.counts.may += 1,
            (Call::MayNot, Answer::Admitted { .. }) => panic!("may not: {}", said()),
            (Call::MayNot, Answer::Refused { reason, .. }) => {
                self.counts.may_not += usize::from(OF_THE_CALLER.contains(reason));
            }
            (Call::If(_), Answer::Admitted { .. }) => self.counts.admitted_if += 1,
            (Call::If(_), Answer::Refused { .. }) => self.counts.refused_if += 1,
        }
        if let Answer::Admitted { rows: Some(rows), .. } = answer {
            match cell.rows {
                Rows::All => {
                    assert_eq!(*rows, exchange.world.rows.len(), "all rows: {}", said());
                    self.counts.all_rows += usize::from(*rows > 0);
                }
                Rows::None => {
                    assert_eq!(*rows, 0, "no row: {}", said());
                    self.counts.no_row += usize::from(!exchange.world.rows.is_empty());
                }
                _ => {}
            }
        }
    }

    fn lacks_object(&self, exchange: &Exchange) -> bool {
        let known = |index: usize| self.plan.resources.get(index).unwrap().name.as_str();
        let there = |name: &str| {
            exchange.world.objects.iter().any(|(known, found)| known == name && found.is_some())
        };
        if let Some(name) = &exchange.act {
            let action = self.plan.actions.iter().find(|action| action.name == *name).unwrap();
            return action.loads.is_some_and(|resource| !there(known(resource)));
        }
        let found = find_route(self.plan, &exchange.method, &exchange.target).unwrap();
        found.route.loads.iter().any(|load| !there(known(load.resource)))
    }

    /// The column of a caller; nothing, where the matrix has none for it.
    fn who(&self, exchange: &Exchange) -> Option<Who> {
        let has =
            |name: &str| exchange.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let Some(given) = &exchange.caller else {
            return (!has("authorization")).then_some(Who::Anonymous);
        };
        let narrowed = |fact: &Fact| matches!(fact, Fact::List(_));
        let of_kind = |kind: &portcullis_compiler::plan::ClaimType| {
            let slot = self.plan.caller.iter().filter(|attribute| attribute.kind == *kind);
            slot.filter_map(|attribute| given.attributes.fact(&attribute.name)).collect::<Vec<_>>()
        };
        use portcullis_compiler::plan::ClaimType;
        if of_kind(&ClaimType::Scopes).into_iter().any(narrowed) {
            return None;
        }
        let mut names = of_kind(&ClaimType::Role);
        for found in of_kind(&ClaimType::Roles) {
            if let Fact::List(all) = found {
                names.extend(all);
            }
        }
        let mut roles = names.iter().filter_map(|name| self.role(name)).collect::<Vec<_>>();
        roles.dedup();
        match roles.as_slice() {
            [] => Some(Who::NoRole),
            [only] => Some(Who::Role(*only)),
            _ => None,
        }
    }

    fn role(&self, name: &Fact) -> Option<usize> {
        let Fact::Text(name) = name else { return None };
        let found = self.plan.roles.iter().position(|role| role.name == *name)?;
        (found != self.plan.anonymous).then_some(found)
    }
}

impl Evaluator for Watched<'_> {
    fn send(&mut self, exchange: &Exchange) -> Response {
        let response = self.engine.send(exchange);
        self.hold(exchange, &response);
        response
    }
}

/// Made-up policies and requests, the same on every run.
#[test]
fn the_engine_decides_made_up_requests_as_the_matrix_says() {
    let mut counts = Counts::default();
    for seed in 0..700 {
        let mut dice = Dice::new(choices(seed).take(1_000).collect());
        let compilation = compiled(&policy(&mut dice));
        let policy = Policy::from(compilation.clone());
        for plan in &compilation.plans {
            let mut watched = Watched { counts, ..Watched::new(&policy, plan) };
            for exchange in exchanges(&mut dice.clone(), &routes(plan)) {
                watched.send(&exchange);
            }
            counts = watched.counts;
        }
    }
    println!("{counts:?}");
    assert!(counts.may > 100 && counts.may_not > 300, "{counts:?}");
    assert!(counts.admitted_if > 300 && counts.refused_if > 300, "{counts:?}");
}

/// The corpus and the policies of the repository: every request of their tests.
#[test]
fn the_engine_decides_the_corpus_as_the_matrix_says() {
    let mut counts = Counts::default();
    let mut count = |compilation: &Compilation, tests: &[portcullis_syntax::ast::Test]| {
        let policy = Policy::from(compilation.clone());
        for test in tests {
            for profile in profiles(test, &compilation.profiles).unwrap_or_default() {
                let plan = compilation.plan(profile).unwrap();
                let mut watched = Watched { counts, ..Watched::new(&policy, plan) };
                let _ = run(plan, test, &mut watched);
                counts = watched.counts;
            }
        }
    };
    let mut cases = Vec::new();
    collect(&root().join("tests/spec"), &mut cases);
    assert!(cases.len() > 100);
    for case in cases {
        let text = std::fs::read_to_string(&case).unwrap();
        let block = |language: &str| {
            let (_, rest) = text.split_once(&format!("```{language}\n"))?;
            rest.split_once("\n```").map(|(block, _)| format!("{block}\n"))
        };
        if let (Some(policy), Some(tests)) = (block("gate"), block("test")) {
            count(&compiled(&policy), &parsed(&tests));
        }
    }
    for folder in ["shop", "catalogue", "tenants"] {
        let mut sources = Sources::new();
        let mut tests = Vec::new();
        for entry in std::fs::read_dir(root().join("policies").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            match path.display().to_string() {
                name if name.ends_with(".test.gate") => tests.extend(parsed(&text)),
                name if name.ends_with(".gate") => drop(sources.add(Source::new(name, text))),
                _ => {}
            }
        }
        count(&compile(sources), &tests);
    }
    println!("{counts:?}");
    assert!(counts.may > 100 && counts.may_not > 30, "{counts:?}");
    assert!(counts.admitted_if > 50 && counts.refused_if > 50, "{counts:?}");
}

/// Each column at each route of a policy without conditions: there is no `if`, and the answer is the cell's.
#[test]
fn where_roles_alone_decide_no_cell_is_open() {
    let compilation = compiled(
        r#"
        credential access jwt { issuer "i" audience "a" algorithms [EdDSA] lifetime 5m
            caller { id: string from "sub"  role: role from "role" } }
        role reader { read:a }
        role writer inherits reader { write:a }
        role anonymous { see:a }
        resource thing { key id: int  visible when caller is reader  view all { id } }
        route GET /list { public optional  accept [access]  lists thing max 5  returns [thing.all] }
        route GET /open { public  needs see:a  returns nothing }
        route GET /never { public  needs read:a  returns nothing }
        route GET /in { accept [access]  signed_in  returns nothing }
        route GET /read { accept [access]  needs read:a  returns nothing }
        route GET /write { accept [access]  needs write:a  returns nothing }
        route GET /any { accept [access]  needs any [read:a, none:such]  returns nothing }
        route GET /role { accept [access]  signed_in  allow when caller is reader  returns nothing }
        route GET /only { accept [access]  signed_in  deny when caller is writer  returns nothing }
        route GET /see { public optional  accept [access]  needs see:a  returns nothing }
        route GET /old { retired }
        "#,
    );
    let plan = compilation.plans.first().unwrap();
    let policy = Policy::from(compilation.clone());
    let mut watched = Watched::new(&policy, plan);
    let columns = watched.matrix.columns.clone();
    let role = |who: &Who| match who {
        Who::Role(role) => Fact::Text(plan.roles.get(*role).unwrap().name.clone()),
        _ => Fact::Absent,
    };
    let mut seen = Vec::new();
    for route in &plan.routes {
        for who in &columns {
            let attributes = [("id", Fact::Text("u1".to_owned())), ("role", role(who))];
            let attributes = attributes.map(|(name, fact)| (name.to_owned(), fact));
            let given = Given {
                credential: "access".to_owned(),
                attributes: attributes.into_iter().collect(),
            };
            let mut exchange = Exchange::new("GET", &route.pattern);
            exchange.headers.push(("Host".to_owned(), "h.example".to_owned()));
            let row = [("id".to_owned(), Fact::Int(1))];
            exchange.world.rows.push(row.into_iter().collect());
            exchange.caller = (*who != Who::Anonymous).then_some(given);
            let admitted = matches!(watched.send(&exchange).answer, Answer::Admitted { .. });
            let (_, row) = watched.row(&exchange).unwrap();
            let at = columns.iter().position(|column| column == who).unwrap();
            let call = &row.cells.get(at).unwrap().call;
            let expected = if admitted { Call::May } else { Call::MayNot };
            assert_eq!(*call, expected, "{} {who:?}", route.pattern);
            seen.push(admitted);
        }
    }
    assert!(seen.contains(&true) && seen.contains(&false));
    let counts = watched.counts;
    assert_eq!((counts.all_rows, counts.no_row), (2, 2), "{counts:?}");
}

fn compiled(text: &str) -> Compilation {
    let mut sources = Sources::new();
    sources.add(Source::new("policy.gate", text));
    let compilation = compile(sources);
    assert!(!compilation.has_errors(), "{:#?}", compilation.diagnostics);
    compilation
}

fn parsed(text: &str) -> Vec<portcullis_syntax::ast::Test> {
    let mut sources = Sources::new();
    let id = sources.add(Source::new("policy.test.gate", text));
    let tests = parse(&sources, id).0.items.into_iter().filter_map(|item| match item {
        Item::Test(test) => Some(test),
        _ => None,
    });
    tests.collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
