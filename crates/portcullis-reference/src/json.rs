//! Strict JSON (RFC 8259): one value, no key twice, no number beyond the finite, no half of a
//! surrogate pair, no more than 32 levels. A number keeps its text, so that `1.0` is no int.

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// How many objects and lists may be open at once.
const DEPTH: usize = 32;

impl Json {
    /// Reads a whole text; nothing where it is not strict.
    pub(crate) fn read(bytes: &[u8]) -> Option<Json> {
        let mut reader = Reader { rest: std::str::from_utf8(bytes).ok()? };
        let value = reader.value(0)?;
        reader.space();
        reader.rest.is_empty().then_some(value)
    }

    /// The value of a key, if this is an object and has it.
    pub(crate) fn member(&self, key: &str) -> Option<&Json> {
        let Json::Object(members) = self else {
            return None;
        };
        members.iter().find(|(given, _)| given == key).map(|(_, value)| value)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }

    /// A whole number of 64 bits, written without fraction or exponent.
    pub(crate) fn int(&self) -> Option<i64> {
        match self {
            // A zero with a sign is a float to some readers: it is none here.
            Json::Number(text) if text != "-0" => text.parse().ok(),
            _ => None,
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes a text if it comes next.
    fn take(&mut self, text: &str) -> bool {
        let after = self.rest.strip_prefix(text);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.chars().next()?;
        self.rest = &self.rest[next.len_utf8()..];
        Some(next)
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        self.space();
        if self.take("{") {
            return self.object(depth + 1);
        }
        if self.take("[") {
            return self.list(depth + 1);
        }
        if self.take("\"") {
            return self.text().map(Json::Text);
        }
        if self.take("null") {
            return Some(Json::Null);
        }
        if self.take("true") {
            return Some(Json::Bool(true));
        }
        if self.take("false") {
            return Some(Json::Bool(false));
        }
        self.number()
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        let mut members: Vec<(String, Json)> = Vec::new();
        self.space();
        if depth > DEPTH || self.take("}") {
            return (depth <= DEPTH).then_some(Json::Object(members));
        }
        loop {
            self.space();
            let key = if self.take("\"") {
                self.text()?
            } else {
                return None;
            };
            if members.iter().any(|(given, _)| *given == key) {
                return None;
            }
            self.space();
            if !self.take(":") {
                return None;
            }
            members.push((key, self.value(depth)?));
            self.space();
            if self.take("}") {
                return Some(Json::Object(members));
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Json> {
        let mut items = Vec::new();
        self.space();
        if depth > DEPTH || self.take("]") {
            return (depth <= DEPTH).then_some(Json::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.space();
            if self.take("]") {
                return Some(Json::List(items));
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    /// What stands between the quotes; the first one is taken.
    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            match self.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                control if control < ' ' => return None,
                plain => text.push(plain),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        match self.next()? {
            same @ ('"' | '\\' | '/') => Some(same),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'u' => {
                let first = self.hex()?;
                if !(0xD800..0xDC00).contains(&first) {
                    return char::from_u32(first);
                }
                let second = if self.take("\\u") {
                    self.hex()?
                } else {
                    return None;
                };
                if !(0xDC00..0xE000).contains(&second) {
                    return None;
                }
                char::from_u32(0x10000 + (first - 0xD800) * 0x400 + (second - 0xDC00))
            }
            _ => None,
        }
    }

    fn hex(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |code, _| Some(code * 16 + self.next()?.to_digit(16)?))
    }

    fn number(&mut self) -> Option<Json> {
        let whole = self.rest;
        self.take("-");
        if !self.take("0") {
            self.digits()?;
        }
        if self.take(".") {
            self.digits()?;
        }
        if self.take("e") || self.take("E") {
            let _sign = self.take("+") || self.take("-");
            self.digits()?;
        }
        let text = &whole[..whole.len() - self.rest.len()];
        text.parse::<f64>().ok()?.is_finite().then(|| Json::Number(text.to_owned()))
    }

    /// One digit or more.
    fn digits(&mut self) -> Option<()> {
        let after = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let some = after.len() < self.rest.len();
        self.rest = after;
        some.then_some(())
    }
}
