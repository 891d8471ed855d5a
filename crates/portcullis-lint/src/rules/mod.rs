//! One file a rule: what it finds, why that is bad, an example, the mend, and how it looks.

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
    any_host,
    any_origin,
    burst_above_limit,
    chosen_key,
    confusable_tokens,
    empty_wildcard,
    endless_session,
    evadable_key,
    generous_attempts,
    generous_body,
    generous_grace,
    generous_leeway,
    generous_list,
    generous_page,
    generous_text,
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
    narrow_ipv6,
    never_granted,
    never_needed,
    open_outbound,
    plain_http,
    plain_outbound,
    public_suffix_origin,
    public_suffix_outbound,
    refunded_success,
    script_held_refresh,
    secret_in_query,
    service_port,
    shared_cache,
    shared_secret,
    short_hsts,
    unchecked_object,
    unconfirmed_password,
    uncounted_account,
    uncounted_address,
    uncounted_refusals,
    undrainable_budget,
    unfinished_session,
    unguarded_url,
    unlimited_route,
    unreachable_bound,
    unreachable_host,
    unrefunded_sign_in,
    unrevocable_token,
    unrotated_refresh,
    unsafe_get,
    unsent_cookie,
    untyped_token,
    untyped_upload,
    unused_budget,
    unused_waiver,
    url_as_text,
    void_unavailable,
    weak_csp,
    weak_password,
    wide_cookie,
    wide_proxies,
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
pub(crate) use tests::{codes, found};
