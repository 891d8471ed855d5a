//! The words that a shell makes of a command. What it would put another text in the place of, nobody here knows.

use crate::Failure;

/// The words of one command, its quotes taken away.
pub(super) fn words(command: &str) -> Result<Vec<String>, Failure> {
    plain(command.trim())?;
    shell_words::split(command)
        .map_err(|_| Failure::Said("the `curl` command has a quote that does not end".to_owned()))
}

/// Where a character stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

/// Whether the words are all that the shell makes of a command.
fn plain(command: &str) -> Result<(), Failure> {
    let mut quote = Quote::None;
    let mut begins = true;
    let mut rest = command.chars().peekable();
    while let Some(found) = rest.next() {
        let first = std::mem::replace(&mut begins, false);
        match (quote, found) {
            (Quote::Single, '\'') | (Quote::Double, '"') => quote = Quote::None,
            (Quote::Single, _) => {}
            // What is behind a backslash is itself.
            (_, '\\') => drop(rest.next()),
            (_, '`') => return other("`` ` ``", "runs a command"),
            (_, '$') => substituted(quote, rest.peek().copied())?,
            (Quote::Double, _) => {}
            (Quote::None, '\'') => quote = Quote::Single,
            (Quote::None, '"') => quote = Quote::Double,
            (Quote::None, '\n') => {
                return other("a line break", "ends the command: put `\\` before it");
            }
            (Quote::None, ' ' | '\t') => begins = true,
            (Quote::None, ';' | '&' | '|' | '(' | ')') => {
                return other(&format!("`{found}`"), "ends the command");
            }
            (Quote::None, '<' | '>') => return other(&format!("`{found}`"), "names a file"),
            (Quote::None, '{') => return other("`{`", "may be several words"),
            (Quote::None, '~') if first => return other("`~`", "is a folder"),
            (Quote::None, '#') if first => return other("`#`", "begins a comment"),
            (Quote::None, _) => {}
        }
    }
    Ok(())
}

/// `$NAME`, `${NAME}`, `$(command)`, `$1`, `$$`; outside of quotes `$'…'` and `$"…"` too.
fn substituted(quote: Quote, next: Option<char>) -> Result<(), Failure> {
    let by = match next {
        Some('\'' | '"') => quote == Quote::None,
        Some(found) => found.is_ascii_alphanumeric() || "_{([@*#?-$!".contains(found),
        None => false,
    };
    match by {
        true => other("`$`", "stands for another text"),
        false => Ok(()),
    }
}

fn other<T>(what: &str, does: &str) -> Result<T, Failure> {
    Err(Failure::Said(format!(
        "{what} in the `curl` command {does}, which no shell is here for; where it is meant as it stands, put \
         it in `'…'`"
    )))
}
