//! Whole policies that several rules show, but for the lines that a rule is about.

/// A policy whose callers have tokens: what stands first in most examples.
macro_rules! with_access {
    ($rest:literal) => {
        concat!(
            r#"
transport { hosts ["library.example"] }

credential access jwt {
    issuer      "https://auth.library.example"
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
"#,
            $rest
        )
    };
}

/// The same, with something that belongs to somebody.
macro_rules! with_loans {
    ($rest:literal) => {
        concat!(
            with_access!(
                r#"
role reader { read:loans }

enum loan_state { requested running returned }

resource loan {
    key      id: uuid
    reader:  string
    state:   loan_state

    predicate own { loan.reader == caller.id }

    view full { id state }
}
"#
            ),
            $rest
        )
    };
}

/// Tokens of another service, and a route that takes them.
macro_rules! with_credential {
    ($($line:literal,)+) => {
        concat!(
            "
transport { hosts [\"library.example\"] }

credential access jwt {
",
            $("    ", $line, "\n",)+
            "    caller      { id: string from \"sub\" }
}

route GET /hours {
    accept   [access]
    signed_in
    returns  nothing
}
",
        )
    };
}

/// Callers who sign in, stay so and sign out.
macro_rules! with_session {
    ($($line:literal,)+) => {
        with_session!(per_reader "20 per 15m  key body.email  refund on success"; $($line,)+)
    };
    (per_reader $limit:literal; $($line:literal,)+) => {
        concat!(
            "
transport { hosts [\"library.example\"]  hsts 365d subdomains }

credential access jwt {
    issuer      \"https://library.example\"
    audience    \"library\"
    algorithms  [EdDSA]
    type        \"at+jwt\"
    lifetime    15m
    revocable
    caller      { id: string from \"sub\" }
}

session {
",
            $("    ", $line, "\n",)+
            "}

budget per_client { limit 60 per 1m  key caller.id else request.ip }
budget per_reader { limit ",
            $limit,
            " }

group /auth {
    accept  [access]
    budget  [per_client]

    route POST /login {
        public
        body     { email: string trim lowercase email  password: string 1..128 }
        budget   [per_reader]
        issues   session
        returns  nothing
    }

    route POST /refresh {
        public
        renews   session
        returns  nothing
    }

    route POST /logout {
        signed_in
        ends     session
        returns  nothing
    }
}
",
        )
    };
}

/// A form that callers send.
macro_rules! with_field {
    ($($line:literal,)+) => {
        concat!(
            "
transport { hosts [\"library.example\"] }

credential access jwt {
    issuer      \"https://auth.library.example\"
    audience    \"library\"
    algorithms  [EdDSA]
    type        \"at+jwt\"
    lifetime    15m
    revocable
    caller      { id: string from \"sub\" }
}

input wish {
",
            $("    ", $line, "\n",)+
            "}

budget per_address { limit 60 per 1m  key request.ip }

route POST /wishes {
    accept   [access]
    signed_in
    body     wish
    budget   [per_address]
    returns  nothing
}
",
        )
    };
}
