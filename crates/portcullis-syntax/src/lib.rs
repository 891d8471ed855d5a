//! The text of a policy: its grammar, its syntax tree with spans, its diagnostics and its formatter.
//!
//! Nothing here knows what a name means; that is `portcullis-compiler`. Nothing here does I/O.
//!
//! A text may come from anybody: a file has at most 1 MiB, a name 64 characters, brackets 32
//! levels, a run of `not` or `else` 32 words, and a file at most 100 faults that are reported.

pub mod ast;
pub mod diagnostic;
mod format;
mod grammar;
mod source;

pub use diagnostic::{Code, Diagnostic, Edit, Label, Severity};
pub use format::{FormatError, format};
pub use grammar::{LARGEST_FILE, parse};
pub use source::{FileId, Role, Source, Sources, Span, Spanned};
