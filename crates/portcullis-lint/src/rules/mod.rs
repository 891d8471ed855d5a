//! One file a rule: what it finds, why that is bad, an example, the mend, and how it looks.

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

/// The rules, by the names of their files.
macro_rules! rules {
    ($($name:ident,)+) => {
        $(pub(crate) mod $name;)+

        /// Every rule, in the order of their names.
        pub const RULES: &[&Rule] = &[$(&$name::RULE,)+];
    };
}

rules! {
    active_upload,
    admitted_guessing,
    anonymous_write,
    any_host,
    any_origin,
    burst_above_limit,
    chosen_key,
    client_set_owner,
    client_set_price,
    client_set_role,
    confusable_tokens,
    dead_allow,
    dead_guard,
    empty_wildcard,
    endless_session,
    equal_roles,
    evadable_key,
    generous_attempts,
    generous_body,
    generous_grace,
    generous_leeway,
    generous_list,
    generous_page,
    generous_text,
    hidden_sort_key,
    idle_pattern,
    insecure_origin,
    limitless_budget,
    long_lived_refresh,
    long_lived_token,
    long_preflight,
    loopback_origin,
    loose_pattern,
    loosened_header,
    misleading_status,
    missing_hsts,
    missing_returns,
    mixed_algorithms,
    mutation_by_get,
    narrow_ipv6,
    near_miss_name,
    never_granted,
    never_needed,
    opaque_object,
    open_admin_route,
    open_allow,
    open_outbound,
    plain_http,
    plain_outbound,
    public_personal_data,
    public_suffix_origin,
    public_suffix_outbound,
    redundant_grant,
    refunded_success,
    repeated_guard,
    role_by_name,
    script_held_refresh,
    secret_in_url,
    service_port,
    shadowed_allow,
    shared_cache,
    shared_secret,
    short_hsts,
    shown_secret,
    unchecked_object,
    unconfirmed_password,
    uncounted_account,
    uncounted_address,
    uncounted_refusals,
    undrainable_budget,
    unfiltered_list,
    unfinished_session,
    unguarded_url,
    unheld_role,
    unlimited_route,
    unmarked_secret,
    unnamed_permission,
    unowned_creation,
    unreachable_bound,
    unreachable_host,
    unreachable_returns,
    unrefunded_sign_in,
    unrelated_object,
    unrevocable_token,
    unrotated_refresh,
    unsent_cookie,
    untyped_token,
    untyped_upload,
    unused_budget,
    unused_waiver,
    url_as_text,
    void_unavailable,
    weak_csp,
    weak_password,
    whole_resource,
    wide_cookie,
    wide_grant,
    wide_proxies,
    write_by_reading,
}

use portcullis_compiler::Compilation;
use portcullis_syntax::Span;
use portcullis_syntax::ast::{CorsClause, Item};

use crate::rule::Rule;
use crate::texts::texts;

/// The origins of `cors`, in every profile.
fn origins(compilation: &Compilation) -> Vec<(Origin<'_>, Span)> {
    let items = compilation.files.iter().flat_map(|file| &file.items);
    let clauses = items.flat_map(|item| match item {
        Item::Cors(cors) => cors.clauses.as_slice(),
        _ => &[],
    });
    let texts = clauses.flat_map(|limited| match &limited.clause {
        CorsClause::Origins(value) => texts(compilation, value),
        _ => Vec::new(),
    });
    texts.map(|(text, place)| (Origin(text), place)).collect()
}

/// An origin that has compiled.
struct Origin<'c>(&'c str);

impl<'c> Origin<'c> {
    /// Its host without the port, where its scheme is this one.
    fn host(&self, scheme: &str) -> Option<&'c str> {
        let rest = self.0.strip_prefix(scheme)?;
        let port = rest.rfind(':').filter(|at| !rest.get(*at..).unwrap_or("").contains(']'));
        rest.get(..port.unwrap_or(rest.len()))
    }
}

impl std::fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use tests::{codes, codes_but, count, found};
