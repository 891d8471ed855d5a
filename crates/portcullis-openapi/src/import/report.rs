//! What of a policy that was made a person has to look at.

use std::collections::{BTreeMap, HashMap};

/// What came of a description.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Routes that were written.
    pub routes: usize,
    /// Those of them that everybody may call, as the description says.
    pub public: usize,
    /// Those of them that nobody may call until a person has decided.
    pub closed: usize,
    /// Inputs that were declared.
    pub inputs: usize,
    /// Resources that were declared.
    pub resources: usize,
    /// How often a `TODO` stands for each kind of decision.
    pub todos: BTreeMap<Todo, usize>,
    /// Operations that no route can say, and what the language cannot say of others: where, and what.
    pub lost: Vec<(String, String)>,
    /// Which kind of decision each text asks for.
    kinds: HashMap<String, Todo>,
}

/// What every `TODO` begins with.
const MARK: &str = "TODO: ";

/// What a person has to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Todo {
    /// Whose an object is.
    Owner,
    /// Who may call a route of which the description does not say it.
    Access,
    /// Which permission a route needs that asks for a credential and for no scope.
    Scope,
    /// What the credential is.
    Credential,
    /// How often a path may be tried where somebody guesses.
    Attempts,
    /// Whether a client may set a field.
    Settable,
    /// How long a text or a list may be.
    Bound,
    /// Where a URL may lead that the service may fetch.
    Fetch,
    /// Which fields may leave.
    View,
    /// What may leave where no view says it.
    Answer,
    /// What the language cannot say of an input.
    Input,
    /// Hosts, and other things of the service itself.
    Service,
}

impl Todo {
    /// What is to be decided, in words.
    #[must_use]
    pub fn question(self) -> &'static str {
        match self {
            Todo::Owner => "whose an object is",
            Todo::Access => "who may call a route",
            Todo::Scope => "which permission a signed-in caller needs",
            Todo::Credential => "what a credential is",
            Todo::Attempts => "how often a sign-in, a code or a reset may be tried",
            Todo::Settable => "whether a client may set a field",
            Todo::Bound => "how long a text or a list may be",
            Todo::Fetch => "where a URL may lead",
            Todo::View => "which fields may leave",
            Todo::Answer => "what may leave where no view says it",
            Todo::Input => "what an input is that no type says",
            Todo::Service => "what the service itself is",
        }
    }
}

impl Report {
    /// A comment about what is to be decided.
    pub(super) fn todo(&mut self, todo: Todo, text: &str) -> String {
        self.kinds.insert(text.to_owned(), todo);
        format!("// {MARK}{text}")
    }

    /// The same as the reason of a clause.
    pub(super) fn reason(&mut self, todo: Todo, text: &str) -> String {
        let quoted = super::text::quoted(&format!("{MARK}{text}"));
        let inside = quoted.split_once(MARK).map(|(_, inside)| inside.trim_end_matches('"'));
        self.kinds.extend(inside.map(|inside| (inside.to_owned(), todo)));
        quoted
    }

    /// Counts what stands in a text: of what was asked, some stood in a part that was left out.
    pub(super) fn count(&mut self, text: &str) {
        for line in text.lines() {
            let Some((_, said)) = line.split_once(MARK) else { continue };
            let kind = self.kinds.get(said).or_else(|| self.kinds.get(said.trim_end_matches('"')));
            if let Some(kind) = kind {
                *self.todos.entry(*kind).or_default() += 1;
            }
        }
    }

    /// A comment about what the language cannot say.
    pub(super) fn lost(&mut self, place: &str, what: &str) -> String {
        let what = super::text::one_line(what);
        let comment = format!("// not in the language: {what}");
        self.lost.push((super::text::one_line(place), what));
        comment
    }
}
