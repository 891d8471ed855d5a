//! One file a form. Each writes the same document, and decides nothing about what it says.

mod html;
mod markdown;
mod text;

pub use html::html;
pub use markdown::markdown;
pub use text::text;
