//! The table of codes. A code is never reused for another meaning.

use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// The stable code of a diagnostic.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
            /// A lint rule, by its name.
            Rule(&'static str),
        }

        impl Code {
            /// Every code but those of lint rules, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];

            /// The code as it is printed and, for a lint rule, as `waive` names it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $name,)+ Code::Rule(name) => name }
            }
        }
    };
}

codes! {
    /// The text is not UTF-8, or holds a NUL byte.
    NotText = "not_text",
    /// A file, a name or the nesting is larger than the language allows.
    TooLarge = "too_large",
    /// The text does not follow the grammar.
    Syntax = "syntax",
    /// A literal is written like one and has no such value.
    BadLiteral = "bad_literal",
    /// The language has it; this version does not enforce it yet.
    NotSupported = "not_supported",
    /// A name that nothing declares.
    UnknownName = "unknown_name",
    /// Two declarations, clauses or fields where one may stand.
    Duplicate = "duplicate",
    /// A clause that the declaration cannot do without.
    Missing = "missing",
    /// A value of one type where another is expected.
    TypeMismatch = "type_mismatch",
    /// A value that may be absent, used without a guard.
    MayBeAbsent = "may_be_absent",
    /// A name that could mean two things.
    Ambiguous = "ambiguous",
    /// A chain of declarations that leads back to its start.
    Cycle = "cycle",
    /// A secret attribute where it could leave.
    Secret = "secret",
    /// A text that looks like a key, a token or a password.
    SecretLiteral = "secret_literal",
    /// Two routes that take the same requests.
    RouteConflict = "route_conflict",
    /// A value that is of the right type and cannot be meant.
    BadValue = "bad_value",
    /// Text or a list without an upper bound.
    Unbounded = "unbounded",
    /// Clauses that exclude each other.
    Conflict = "conflict",
    /// A route that anybody may call without saying so.
    NoAccess = "no_access",
    /// A declaration in a file that may not hold it.
    WrongFile = "wrong_file",
    /// A test whose expectation the policy does not meet.
    TestFailed = "test_failed",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
