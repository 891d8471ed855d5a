//! Writes the cases that no test of a policy has: each route and action by each role, by nobody, and, where
//! a condition compares the caller with an object, by who is related to it and who is not. What is expected
//! is what the engine decides now; whether that is meant is for the author to say.

mod case;
mod existing;
mod outcome;
mod pattern;
mod relation;
mod request;
mod subject;
mod text;
mod value;

use portcullis::Policy;
use portcullis_compiler::Compilation;
use portcullis_compiler::plan::Plan;
use portcullis_syntax::{Source, format};

use self::case::{Author, Without};
use self::outcome::Outcomes;
use self::subject::{Case, Subject, Tie, Who};

/// The largest file that is written, in bytes: one of more than 1 MiB is not read, and the layout takes
/// space too.
const LARGEST: usize = 512 * 1024;
/// How long a line of a comment is, in characters.
const WIDTH: usize = 100;

/// The tests that were missing.
#[derive(Debug, Clone)]
pub struct Generated {
    /// A test file in the one layout.
    pub text: String,
    /// How many tests are in it.
    pub tests: usize,
    /// How many routes and actions they are about.
    pub subjects: usize,
    /// The cases that are left out, and why: all of one route and reason together.
    pub left_out: Vec<LeftOut>,
}

/// Cases that are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The route or action.
    pub subject: String,
    /// How many they are.
    pub cases: usize,
    /// Why.
    pub why: String,
}

/// Writes the cases that the tests of a policy, which has compiled, do not have.
///
/// # Errors
/// The policy cannot be run, or what was written is no test: a bug of ours.
pub fn generate(compilation: &Compilation, policy: &Policy) -> Result<Generated, String> {
    let mut found = Generated { text: String::new(), tests: 0, subjects: 0, left_out: Vec::new() };
    // What there is to ask is the same under every profile; what comes of it is not.
    let Some(plan) = compilation.plans.first() else { return Ok(found) };
    let mut known = existing::cases(compilation);
    let mut outcomes = Outcomes::new(compilation, policy)?;
    for (index, subject) in Subject::all(plan).enumerate() {
        let have = known.remove(&index).unwrap_or_default();
        let missing = subject.cases(plan).into_iter().filter(|case| !have.contains(case));
        let group = Group::new(compilation, plan, subject, &mut outcomes, missing.collect())?;
        for (why, cases) in group.left_out {
            found.left_out.push(LeftOut { subject: subject.name(), cases, why });
        }
        if group.tests.is_empty() {
            continue;
        }
        let tests = group.tests.len();
        let text = format!("{}\n{}\n", group.comment, group.tests.join("\n\n"));
        if found.text.len() + text.len() > LARGEST {
            let why =
                "the file is full; confirm these, then generate the rest into another".to_owned();
            found.left_out.push(LeftOut { subject: subject.name(), cases: tests, why });
            continue;
        }
        found.tests += tests;
        found.subjects += 1;
        found.text.push('\n');
        found.text.push_str(&text);
    }
    if found.tests > 0 {
        let text = format!("{HEAD}{}", found.text);
        let written = Source::new("generated.test.gate", text);
        found.text =
            format(&written).map_err(|_| "what was generated is no test file".to_owned())?;
    }
    Ok(found)
}

/// What a generated file opens with.
const HEAD: &str = "//! Written by `portcullis test --generate`: what the policy decides now, where no test said so.\n\
                    //! Read each group, mend the policy or the test where it is not meant, and delete its `confirm`.\n";

/// The tests of one subject.
struct Group {
    comment: String,
    tests: Vec<String>,
    left_out: Vec<(String, usize)>,
}

impl Group {
    fn new(
        compilation: &Compilation,
        plan: &Plan,
        subject: Subject<'_>,
        outcomes: &mut Outcomes<'_>,
        missing: Vec<Case>,
    ) -> Result<Group, String> {
        let mut group = Group { comment: String::new(), tests: Vec::new(), left_out: Vec::new() };
        if missing.is_empty() {
            return Ok(group);
        }
        let author = Author::new(plan, subject);
        let mut told: Vec<(String, Vec<String>)> = Vec::new();
        for case in missing {
            let clauses = match author.clauses(case) {
                Ok(clauses) => clauses,
                Err(Without::Impossible) => continue,
                Err(Without::Values(why)) => {
                    group.leave_out(why);
                    continue;
                }
            };
            let who = said(compilation, plan, subject, case);
            for outcome in outcomes.of(subject, &clauses)? {
                if let Some(why) = outcome.unusable(author.failed()) {
                    group.leave_out(why);
                    continue;
                }
                let under =
                    outcome.profile.map_or(String::new(), |profile| format!(" in {profile}"));
                let title = text::quoted(&format!("{}: {who}{under}", subject.name()));
                let profile = outcome.profile.map(|profile| format!("profile {profile}"));
                let expected = outcome.expectations();
                let lines = profile.iter().chain(&clauses).chain(&expected);
                let lines = lines.map(|line| format!("    {line}\n")).collect::<String>();
                group.tests.push(format!("test {title} {{\n{lines}}}"));
                let verdict = outcome.verdict();
                let who = format!("{who}{under}");
                match told.iter_mut().find(|(known, _)| *known == verdict) {
                    Some((_, all)) => all.push(who),
                    None => told.push((verdict, vec![who])),
                }
            }
        }
        group.comment = format!("// confirm: {}\n", subject.name());
        for (verdict, all) in told {
            group.comment.push_str(&wrapped(&format!("{verdict}: {}", all.join(", "))));
        }
        // The last line break stands before the tests.
        group.comment.pop();
        Ok(group)
    }

    fn leave_out(&mut self, why: String) {
        match self.left_out.iter_mut().find(|(known, _)| *known == why) {
            Some((_, cases)) => *cases += 1,
            None => self.left_out.push((why, 1)),
        }
    }
}

/// Who asks, and what they are to the object: `user (owner)`.
fn said(compilation: &Compilation, plan: &Plan, subject: Subject<'_>, (who, tie): Case) -> String {
    let who = match who {
        Who::Anonymous => return "anonymous".to_owned(),
        Who::Role(role) => plan.roles.get(role).map_or("", |role| &role.name),
        Who::Caller => "a caller",
    };
    let tie = match tie {
        Tie::Unasked => return who.to_owned(),
        Tie::Other => "other".to_owned(),
        Tie::Related(index) => {
            let ties = subject.ties(plan);
            let name = ties.get(index).and_then(|relation| {
                let resource = relation.resource(plan, &subject.objects())?;
                relation.name(&compilation.files, plan, resource)
            });
            name.unwrap_or_else(|| "related".to_owned())
        }
    };
    format!("{who} ({tie})")
}

/// A text as lines of a comment.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut line = String::from("//");
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && line.len() > 2 {
            lines.push_str(&line);
            lines.push('\n');
            line = String::from("//    ");
        }
        line.push(' ');
        line.push_str(word);
    }
    lines + &line + "\n"
}
