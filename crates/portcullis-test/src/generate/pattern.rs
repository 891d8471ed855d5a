//! Texts in which a regular expression is found.

use regex_syntax::hir::{Class, Hir, HirKind};

/// The longest text that is made, in bytes: counted repetitions multiply.
const LONGEST: usize = 4096;
/// How often a repetition without end is repeated, at the most.
const REPEATED: [u32; 8] = [1, 2, 3, 5, 8, 13, 32, 64];
/// Tried first where a class holds them: what an author would write.
const USUAL: &str = "aA1bB2cC3-_ .";

/// Texts in which the expression is found, the plain ones first; each is for the caller to check, since
/// what stands around it (`\b`, `^` in the middle) is not looked at. `wanted` are characters that should be
/// among them where they may.
pub(super) fn examples(expression: &str, wanted: &str) -> Vec<String> {
    let Ok(hir) = regex_syntax::parse(expression) else {
        return Vec::new();
    };
    let mut examples = Vec::new();
    for repeated in REPEATED {
        for turn in [0, 1] {
            let mut writer = Writer { wanted, repeated, turn, out: String::new() };
            if writer.write(&hir).is_some() && !examples.contains(&writer.out) {
                examples.push(writer.out);
            }
        }
    }
    examples
}

struct Writer<'w> {
    wanted: &'w str,
    repeated: u32,
    /// Which of its choices a class takes next.
    turn: usize,
    out: String,
}

impl Writer<'_> {
    fn write(&mut self, hir: &Hir) -> Option<()> {
        if self.out.len() > LONGEST {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.out.push_str(str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => {
                let found = self.choose(class)?;
                self.out.push(found);
            }
            HirKind::Repetition(repetition) => {
                let most = repetition.max.unwrap_or(u32::MAX);
                for _ in 0..repetition.min.max(self.repeated.min(most)) {
                    self.write(&repetition.sub)?;
                }
            }
            HirKind::Capture(capture) => self.write(&capture.sub)?,
            HirKind::Concat(all) => all.iter().try_for_each(|part| self.write(part))?,
            HirKind::Alternation(any) => self.write(any.first()?)?,
        }
        Some(())
    }

    /// A character of a class: those that are wanted, then the usual ones, in turn.
    fn choose(&mut self, class: &Class) -> Option<char> {
        let known = self.wanted.chars().chain(USUAL.chars());
        let mut choices = known.filter(|found| holds(class, *found)).collect::<Vec<_>>();
        if choices.is_empty() {
            choices.extend(first(class));
        }
        let chosen = choices.get(self.turn % choices.len().max(1)).copied();
        self.turn += 1;
        chosen
    }
}

fn holds(class: &Class, wanted: char) -> bool {
    match class {
        Class::Unicode(class) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&wanted))
        }
        Class::Bytes(class) => u8::try_from(wanted).is_ok_and(|wanted| {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&wanted))
        }),
    }
}

fn first(class: &Class) -> Option<char> {
    match class {
        Class::Unicode(class) => class.ranges().first().map(|range| range.start()),
        Class::Bytes(class) => class.ranges().first().map(|range| char::from(range.start())),
    }
}

#[cfg(test)]
mod tests {
    use super::examples;

    #[test]
    fn each_example_is_found() {
        for expression in [
            r"^[0-9]{5}$",
            r"^[a-zA-Z\s'-]+$",
            r"^[\p{L}\s'-]+$",
            r"^(?:\+|00)[1-9][0-9]{6,14}$",
            r"^[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}$",
            r"^[^<>]{1,20}$",
            r"(a|b)+c?$",
            r"^v[0-9]+(\.[0-9]+){2}(-[a-z]+)?$",
            r"^[\u{4e00}-\u{9fff}]{2}$",
        ] {
            let regex = regex::Regex::new(expression).unwrap();
            let made = examples(expression, "");
            assert!(made.iter().any(|text| regex.is_match(text)), "{expression}: {made:?}");
        }
        assert!(examples("^[a-z$A-Z0-9]{8,}$", "$").iter().any(|text| text.contains('$')));
    }

    #[test]
    fn what_multiplies_is_given_up() {
        assert!(examples("^((a{100}){100}){100}$", "").is_empty());
        assert!(examples("(", "").is_empty());
    }
}
