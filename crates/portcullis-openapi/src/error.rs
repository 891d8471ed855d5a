//! Why a description cannot be read.

use crate::shown::{shown, shown_lines};

/// Why a description cannot be read. Every message is for its author, and no value of it is left out:
/// a description holds no secrets.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is larger than [`LARGEST`](crate::LARGEST).
    #[error("a description has at most 16 MiB; this one is larger")]
    TooLarge,
    /// Its bytes are no text.
    #[error("this is no text, and so neither JSON nor YAML")]
    NotText,
    /// It is neither JSON nor YAML.
    #[error("this is not {format}: {}", shown_lines(why))]
    Syntax {
        /// `JSON` or `YAML`.
        format: &'static str,
        /// What is wrong, and where.
        why: String,
    },
    /// It is something else.
    #[error("this is no OpenAPI description: {}", shown(.0))]
    NotOpenApi(String),
    /// A reference leads out of the file.
    #[error(
        "`$ref: {}` leads out of this file, and nothing is fetched; bundle the description into one \
         file first",
        shown(.0)
    )]
    Remote(String),
    /// A reference leads nowhere.
    #[error("`$ref: {}` leads to nothing in this file", shown(.0))]
    Dangling(String),
    /// References lead back to each other, and never to anything; or to more than anybody can read.
    #[error("`$ref: {}` leads back to itself, or through thousands of others", shown(.0))]
    Circle(String),
    /// A part of it is not as OpenAPI has it.
    #[error("{}: {}", shown(place), shown(why))]
    Malformed {
        /// Which part.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// What was written does not compile: a bug of ours.
    #[error("the policy that was made of it does not compile; please report this: {}", shown_lines(.0))]
    Unsound(String),
}
