//! One file a rule: what it finds, why that is bad, an example, the mend, and how it looks.

pub(crate) mod active_upload;
pub(crate) mod admitted_guessing;
pub(crate) mod anonymous_write;
pub(crate) mod any_host;
pub(crate) mod any_origin;
pub(crate) mod burst_above_limit;
pub(crate) mod chosen_key;
pub(crate) mod client_set_owner;
pub(crate) mod client_set_price;
pub(crate) mod client_set_role;
pub(crate) mod confusable_tokens;
pub(crate) mod dead_allow;
pub(crate) mod dead_guard;
pub(crate) mod empty_wildcard;
pub(crate) mod endless_session;
pub(crate) mod equal_roles;
pub(crate) mod evadable_key;
pub(crate) mod generous_attempts;
pub(crate) mod generous_body;
pub(crate) mod generous_grace;
pub(crate) mod generous_leeway;
pub(crate) mod generous_list;
pub(crate) mod generous_page;
pub(crate) mod generous_text;
pub(crate) mod hidden_sort_key;
pub(crate) mod idle_pattern;
pub(crate) mod insecure_origin;
pub(crate) mod limitless_budget;
pub(crate) mod long_lived_refresh;
pub(crate) mod long_lived_token;
pub(crate) mod long_preflight;
pub(crate) mod loopback_origin;
pub(crate) mod loose_pattern;
pub(crate) mod loosened_header;
pub(crate) mod misleading_status;
pub(crate) mod missing_hsts;
pub(crate) mod missing_returns;
pub(crate) mod mixed_algorithms;
pub(crate) mod mutation_by_get;
pub(crate) mod narrow_ipv6;
pub(crate) mod near_miss_name;
pub(crate) mod never_granted;
pub(crate) mod never_needed;
pub(crate) mod opaque_object;
pub(crate) mod open_admin_route;
pub(crate) mod open_allow;
pub(crate) mod open_old_version;
pub(crate) mod open_outbound;
pub(crate) mod overlapping_route;
pub(crate) mod plain_http;
pub(crate) mod plain_outbound;
pub(crate) mod public_personal_data;
pub(crate) mod public_suffix_origin;
pub(crate) mod public_suffix_outbound;
pub(crate) mod redundant_grant;
pub(crate) mod refunded_success;
pub(crate) mod repeated_guard;
pub(crate) mod role_by_name;
pub(crate) mod script_held_refresh;
pub(crate) mod secret_in_url;
pub(crate) mod service_port;
pub(crate) mod shadowed_allow;
pub(crate) mod shared_cache;
pub(crate) mod shared_secret;
pub(crate) mod short_hsts;
pub(crate) mod shown_secret;
pub(crate) mod unchecked_object;
pub(crate) mod unconfirmed_password;
pub(crate) mod uncounted_account;
pub(crate) mod uncounted_address;
pub(crate) mod uncounted_refusals;
pub(crate) mod undrainable_budget;
pub(crate) mod unfiltered_list;
pub(crate) mod unfinished_session;
pub(crate) mod unguarded_url;
pub(crate) mod unheld_role;
pub(crate) mod unlimited_route;
pub(crate) mod unmarked_secret;
pub(crate) mod unnamed_permission;
pub(crate) mod unowned_creation;
pub(crate) mod unreachable_bound;
pub(crate) mod unreachable_host;
pub(crate) mod unreachable_returns;
pub(crate) mod unrefunded_sign_in;
pub(crate) mod unrelated_object;
pub(crate) mod unrevocable_token;
pub(crate) mod unrotated_refresh;
pub(crate) mod unsent_cookie;
pub(crate) mod untyped_token;
pub(crate) mod untyped_upload;
pub(crate) mod unused_budget;
pub(crate) mod unused_declaration;
pub(crate) mod unused_predicate;
pub(crate) mod unused_waiver;
pub(crate) mod url_as_text;
pub(crate) mod void_unavailable;
pub(crate) mod weak_csp;
pub(crate) mod weak_password;
pub(crate) mod weaker_old_version;
pub(crate) mod whole_resource;
pub(crate) mod wide_cookie;
pub(crate) mod wide_grant;
pub(crate) mod wide_proxies;
pub(crate) mod write_by_reading;

/// Every rule, in the order of their names.
pub const RULES: &[&Rule] = &[
    &active_upload::RULE,
    &admitted_guessing::RULE,
    &anonymous_write::RULE,
    &any_host::RULE,
    &any_origin::RULE,
    &burst_above_limit::RULE,
    &chosen_key::RULE,
    &client_set_owner::RULE,
    &client_set_price::RULE,
    &client_set_role::RULE,
    &confusable_tokens::RULE,
    &dead_allow::RULE,
    &dead_guard::RULE,
    &empty_wildcard::RULE,
    &endless_session::RULE,
    &equal_roles::RULE,
    &evadable_key::RULE,
    &generous_attempts::RULE,
    &generous_body::RULE,
    &generous_grace::RULE,
    &generous_leeway::RULE,
    &generous_list::RULE,
    &generous_page::RULE,
    &generous_text::RULE,
    &hidden_sort_key::RULE,
    &idle_pattern::RULE,
    &insecure_origin::RULE,
    &limitless_budget::RULE,
    &long_lived_refresh::RULE,
    &long_lived_token::RULE,
    &long_preflight::RULE,
    &loopback_origin::RULE,
    &loose_pattern::RULE,
    &loosened_header::RULE,
    &misleading_status::RULE,
    &missing_hsts::RULE,
    &missing_returns::RULE,
    &mixed_algorithms::RULE,
    &mutation_by_get::RULE,
    &narrow_ipv6::RULE,
    &near_miss_name::RULE,
    &never_granted::RULE,
    &never_needed::RULE,
    &opaque_object::RULE,
    &open_admin_route::RULE,
    &open_allow::RULE,
    &open_old_version::RULE,
    &open_outbound::RULE,
    &overlapping_route::RULE,
    &plain_http::RULE,
    &plain_outbound::RULE,
    &public_personal_data::RULE,
    &public_suffix_origin::RULE,
    &public_suffix_outbound::RULE,
    &redundant_grant::RULE,
    &refunded_success::RULE,
    &repeated_guard::RULE,
    &role_by_name::RULE,
    &script_held_refresh::RULE,
    &secret_in_url::RULE,
    &service_port::RULE,
    &shadowed_allow::RULE,
    &shared_cache::RULE,
    &shared_secret::RULE,
    &short_hsts::RULE,
    &shown_secret::RULE,
    &unchecked_object::RULE,
    &unconfirmed_password::RULE,
    &uncounted_account::RULE,
    &uncounted_address::RULE,
    &uncounted_refusals::RULE,
    &undrainable_budget::RULE,
    &unfiltered_list::RULE,
    &unfinished_session::RULE,
    &unguarded_url::RULE,
    &unheld_role::RULE,
    &unlimited_route::RULE,
    &unmarked_secret::RULE,
    &unnamed_permission::RULE,
    &unowned_creation::RULE,
    &unreachable_bound::RULE,
    &unreachable_host::RULE,
    &unreachable_returns::RULE,
    &unrefunded_sign_in::RULE,
    &unrelated_object::RULE,
    &unrevocable_token::RULE,
    &unrotated_refresh::RULE,
    &unsent_cookie::RULE,
    &untyped_token::RULE,
    &untyped_upload::RULE,
    &unused_budget::RULE,
    &unused_declaration::RULE,
    &unused_predicate::RULE,
    &unused_waiver::RULE,
    &url_as_text::RULE,
    &void_unavailable::RULE,
    &weak_csp::RULE,
    &weak_password::RULE,
    &weaker_old_version::RULE,
    &whole_resource::RULE,
    &wide_cookie::RULE,
    &wide_grant::RULE,
    &wide_proxies::RULE,
    &write_by_reading::RULE,
];

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
