//! What a request may bring.

use portcullis_syntax::Span;

use super::Constant;

/// A field of a body, or a path parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name, in the policy and on the wire.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Its type.
    pub kind: FieldType,
    /// Whether it may be absent.
    pub optional: bool,
    /// Whether white space at both ends is cut off before the checks.
    pub trim: bool,
    /// The least number of characters, or the least value.
    pub min: Option<i64>,
    /// The greatest number of characters, or the greatest value.
    pub max: Option<i64>,
    /// The values allowed; any, where there are none.
    pub one_of: Vec<Constant>,
    /// What stands for an absent value.
    pub default: Option<Constant>,
}

/// The types of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Text; its length is counted in characters (Unicode scalar values).
    String,
    /// A whole number of 64 bits, without fraction or exponent.
    Int,
    /// A UUID in its 36-character form.
    Uuid,
}

impl FieldType {
    /// The type's name in the language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            FieldType::String => "string",
            FieldType::Int => "int",
            FieldType::Uuid => "uuid",
        }
    }
}
