//! The policies that the tests read.

use std::path::Path;

use portcullis_audit::{Document, audit, profile_shown};
use portcullis_compiler::{Compilation, compile};
use portcullis_syntax::{Source, Sources};

/// A library that lends books, with something open in each section.
pub(super) const SMALL: &str = r#"transport {
    hosts  any "behind several names"
    hsts   365d
}

credential access jwt {
    issuer      "https://auth.example"
    audience    "library"
    algorithms  [EdDSA]
    type        "at+jwt"
    lifetime    15m
    revocable
    caller {
        id:    string  from "sub"
        role:  role    from "role"
    }
}

role reader { read:loans }
role librarian inherits reader { write:loans }

resource loan {
    key      id: uuid
    reader:  string
    note:    string  secret

    predicate borrower { loan.reader == caller.id }

    view own  { id }
    view desk { ...own reader as "readerId" }
}

input change { weeks: int 1..8  free: bool? settable when caller is librarian }

budget per_caller { limit 100 per 1m  key caller.id else request.ip }

group /loans {
    accept  [access]
    needs   read:loans
    budget  [per_caller]

    route GET /{id} {
        params   { id: uuid }
        loads    loan by params.id
        allow    when borrower  // whose it is
        allow    when caller is librarian
        returns  loan.desk when caller is librarian
        returns  loan.own
    }

    route PUT /{id} {
        params   { id: uuid }
        body     change
        loads    loan by params.id
        allow    when caller can write:loans
        returns  opaque "as the desk prints it"
        waive    unchecked_object "the desk sees every loan"
    }

    route GET / {
        lists    loan max 50
        allow    when borrower
        returns  [loan.own]
    }
}

route GET /hours {
    public
    returns  nothing
}
"#;

/// Texts that are more than texts to whoever does not look.
pub(super) const HOSTILE: &str = r##"transport { hosts any "</p><script>alert(1)</script> & \"q\" | `x` **b** [a](http://e.example) \u{1b}[2J \u{202e}z" }

credential access jwt {
    issuer "\"><img src=x onerror=alert(1)>" audience "a|b`c``d" algorithms [EdDSA] lifetime 5m
    caller { id: string from "sub" role: role from "role" }
}

role user as "<b>|user`" { read:a }

resource thing {
    key   id: int
    name: string

    view all { id name as "<script>|`x`\\|y" }
}

budget few { limit 5 per 1m  key request.ip  unavailable admit "# 1. <script> | `" }

route GET /things {
    accept   [access]
    needs    read:a
    query    { q: string matching /^[|<>`"]{1,9}$/ as "<q>" }
    budget   [few]
    lists    thing max 5
    allow    when caller.id == "<script>alert('|')</script>`"
    returns  [thing.all]
    waive    unchecked_object "<script>alert(1)</script> | ` & \\"
}

route GET /raw { public  returns opaque "</table></main><script>" }

invariant "<script> | ` holds" { allowed implies exists caller }
"##;

pub(super) fn compiled(text: &str) -> Compilation {
    let mut sources = Sources::new();
    sources.add(Source::new("policy.gate", text));
    let compilation = compile(sources);
    assert!(!compilation.has_errors(), "{:#?}", compilation.diagnostics);
    compilation
}

pub(super) fn page(text: &str) -> Document {
    let compilation = compiled(text);
    audit(&compilation, profile_shown(&compilation).unwrap(), "policy").unwrap()
}

/// The page about a policy of the repository.
pub(super) fn page_of(folder: &str) -> Document {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies").join(folder);
    let mut names = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".gate") && !name.ends_with(".test.gate"))
        .collect::<Vec<_>>();
    names.sort();
    let mut sources = Sources::new();
    for name in names {
        let text = std::fs::read_to_string(path.join(&name)).unwrap();
        sources.add(Source::new(name, text));
    }
    let compilation = compile(sources);
    audit(&compilation, profile_shown(&compilation).unwrap(), folder).unwrap()
}

/// All of them, by name.
pub(super) fn pages() -> Vec<(&'static str, Document)> {
    vec![
        ("small", page(SMALL)),
        ("hostile", page(HOSTILE)),
        ("empty", page("enum nothing { at_all }")),
        ("shop", page_of("shop")),
        ("catalogue", page_of("catalogue")),
        ("tenants", page_of("tenants")),
    ]
}
