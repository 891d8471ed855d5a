//! The `Authorization` header.

use proptest::prelude::*;

use crate::Reason;
use crate::credential::bearer;

#[test]
fn a_bearer_token_is_taken_out() {
    for (header, token) in
        [("Bearer a", "a"), ("bearer a.b.c", "a.b.c"), ("BEARER Az09-._~+/==", "Az09-._~+/==")]
    {
        assert_eq!(bearer(header), Ok(token), "{header}");
    }
}

#[test]
fn anything_else_is_refused() {
    for header in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer  a",
        " Bearer a",
        "Bearer a ",
        "Bearer a b",
        "Bearer\ta",
        "Bearer a\t",
        "Bearer\u{a0}a",
        "Bearer:a",
        "Bearer=a",
        "Basic dTpw",
        "Bearerx a",
        "a",
        "Bearer =",
        "Bearer ==",
        "Bearer a=b",
        "Bearer a,b",
        "Bearer a, Bearer b",
        "Bearer \"a\"",
        "Bearer a\n",
        "Bearer a\0",
        "Bearer é",
    ] {
        assert_eq!(bearer(header), Err(Reason::InvalidCredential), "{header:?}");
    }
}

proptest! {
    #[test]
    fn random_text_never_panics(header in "(Bearer )?.{0,60}") {
        let _ = bearer(&header);
    }
}
