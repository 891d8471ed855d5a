//! Where clauses stand, and their words.

use portcullis_syntax::{Sources, Span};

/// Looks up lines by their ends, once found: a page names thousands of places, and to count the lines
/// before each would take time by the square of a file.
pub(crate) struct Places<'c> {
    sources: &'c Sources,
    /// Of each file, where its lines begin.
    starts: Vec<Vec<usize>>,
}

impl<'c> Places<'c> {
    pub(crate) fn new(sources: &'c Sources) -> Places<'c> {
        let starts = sources.iter().map(|(_, source)| {
            let ends = source.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
        });
        Places { sources, starts: starts.collect() }
    }

    /// `file:line:column`, the file without its folder: a policy has but one, and the page names it once.
    pub(crate) fn place(&self, span: Span) -> String {
        let Some(file) = self.sources.file(span.file) else { return String::new() };
        let start = span.start as usize;
        let none = Vec::new();
        let starts = self.starts.get(span.file.0 as usize).unwrap_or(&none);
        let line = starts.partition_point(|begins| *begins <= start);
        let begins = line.checked_sub(1).and_then(|line| starts.get(line)).copied().unwrap_or(0);
        let before = file.text.get(begins..start).unwrap_or("");
        let name = file.name.rsplit(['/', '\\']).next().unwrap_or(&file.name);
        format!("{name}:{line}:{}", before.chars().count() + 1)
    }

    /// What stands there, on one line and without comments.
    pub(crate) fn words(&self, span: Span) -> String {
        let text = self.sources.slice(span);
        let mut kept = String::with_capacity(text.len());
        for line in text.lines() {
            for word in without_comment(line).split_whitespace() {
                if !kept.is_empty() {
                    kept.push(' ');
                }
                kept.push_str(word);
            }
        }
        kept.trim_end_matches(',').to_owned()
    }
}

/// A line up to its comment. No text and no regular expression of the language goes over a line, and in a
/// regular expression a slash is `\/`.
fn without_comment(line: &str) -> &str {
    let (mut quoted, mut escaped, mut slash) = (false, false, false);
    for (at, found) in line.char_indices() {
        if quoted {
            quoted = escaped || found != '"';
            escaped = !escaped && found == '\\';
            continue;
        }
        if slash && found == '/' {
            return line.get(..at - 1).unwrap_or(line);
        }
        slash = found == '/' && !escaped;
        quoted = found == '"' && !escaped;
        escaped = !escaped && found == '\\';
    }
    line
}

#[cfg(test)]
mod tests {
    use portcullis_syntax::{FileId, Source, Sources, Span};

    use super::{Places, without_comment};

    #[test]
    fn places_are_those_of_the_sources() {
        let mut sources = Sources::new();
        sources.add(Source::new("folder/a.gate", "one\nzwö drei\n\nfour"));
        let places = Places::new(&sources);
        let length = sources.file(FileId(0)).unwrap().text.len() as u32;
        for start in (0..=length)
            .filter(|at| sources.file(FileId(0)).unwrap().text.is_char_boundary(*at as usize))
        {
            let (line, column) = sources.position(FileId(0), start);
            let span = Span { file: FileId(0), start, end: start };
            assert_eq!(places.place(span), format!("a.gate:{line}:{column}"));
        }
    }

    #[test]
    fn a_comment_is_no_word_and_an_address_is_no_comment() {
        assert_eq!(without_comment("allow when owner // mine"), "allow when owner ");
        assert_eq!(
            without_comment(r#"origins ["https://a.example"] // b"#),
            r#"origins ["https://a.example"] "#
        );
        assert_eq!(without_comment(r#"x "\"//" y"#), r#"x "\"//" y"#);
        assert_eq!(
            without_comment(r"matching /^a\/\/b$/ max 3 // c"),
            r"matching /^a\/\/b$/ max 3 "
        );
        assert_eq!(without_comment(r#"matching /"/ max 3"#), r#"matching /"/ max 3"#);
    }
}
