//! `undrainable_budget`: another budget is always drained before this one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use portcullis_compiler::Compilation;
use portcullis_compiler::plan::{Algorithm, Budget, Charge, Limit, Plan, Route};
use portcullis_syntax::{Diagnostic, Severity, Span};

use crate::ownership::{Key, charges};
use crate::rule::{Owasp, Rule};

pub(crate) const RULE: Rule = Rule {
    name: "undrainable_budget",
    level: Severity::Warning,
    owasp: &[Owasp::ResourceConsumption],
    finds: "Wherever a budget is charged, another one is as well which counts all that it counts, and \
            lets no more through: its key is a part of the other's key, or the same with a shorter \
            prefix of IPv6 addresses (`ipv6 /48` counts what `/64` tells apart).",
    why: "It reads like a limit and refuses no sound request: one client drains what all share, \
          and locks everybody out. A limit for one client is smaller than the one for all.",
    example: r#"
transport { hosts ["library.example"] }

budget everyone    { limit 50 per 1m }
budget per_address { limit 60 per 1m  key request.ip }

group /v1 {
    budget [everyone, per_address]

    route GET /hours {
        public
        returns nothing
    }
}
"#,
    mend: "Lower the limit for one, or raise the one for all.",
    mended: r#"
transport { hosts ["library.example"] }

budget everyone    { limit 1_000 per 1m }
budget per_address { limit 60 per 1m  key request.ip }

group /v1 {
    budget [everyone, per_address]

    route GET /hours {
        public
        returns nothing
    }
}
"#,
    check: Some(check),
};

fn check(compilation: &Compilation) -> Vec<Diagnostic> {
    compilation.plans.iter().flat_map(of_plan).collect()
}

fn of_plan(plan: &Plan) -> Vec<Diagnostic> {
    // For each budget those that are charged wherever it is, and count at least as much.
    let mut wider: HashMap<usize, HashMap<usize, Span>> = HashMap::new();
    for route in plan.routes.iter().filter(|route| route.retired.is_none()) {
        let charges = charges(route).collect::<Vec<_>>();
        for charge in &charges {
            let others = charges.iter().filter(|other| counts_more(plan, route, other, charge));
            let others = others.map(|other| (other.budget, charge.span)).collect::<HashMap<_, _>>();
            match wider.entry(charge.budget) {
                Entry::Vacant(entry) => _ = entry.insert(others),
                Entry::Occupied(mut entry) => {
                    entry.get_mut().retain(|other, _| others.contains_key(other));
                }
            }
        }
    }
    let pairs = wider.into_iter().flat_map(|(narrow, others)| {
        others.into_iter().map(move |(wide, span)| (narrow, wide, span))
    });
    let found = pairs.filter_map(|(narrow, wide, span)| {
        let (narrow, wide) = (plan.budgets.get(narrow)?, plan.budgets.get(wide)?);
        drains_first(wide, narrow).then(|| {
            let (narrow, wide) = (&narrow.name, &wide.name);
            let message =
                format!("sound requests never drain `{narrow}`: `{wide}` always drains before");
            RULE.finding(span, message)
                .help(format!("lower the limit of `{narrow}`, or raise that of `{wide}`"))
        })
    });
    found.collect()
}

/// Whether another charge counts all that this one does, and more: its key is a part of this one's, and it
/// takes no addresses apart that this one takes together.
fn counts_more(plan: &Plan, route: &Route, other: &Charge, charge: &Charge) -> bool {
    let prefix = |charge: &Charge| {
        let by_address = Key::of(route, charge).address;
        plan.budgets.get(charge.budget).filter(|_| by_address).map_or(0, |found| found.ipv6_prefix)
    };
    let (of_other, own) = (prefix(other), prefix(charge));
    other.budget != charge.budget
        && other.cost >= charge.cost
        && of_other <= own
        && (other.key.len() < charge.key.len() || of_other < own)
        && other.key.iter().all(|part| charge.key.contains(part))
}

/// Whether what the wider one lets through never drains the narrow one.
fn drains_first(wide: &Budget, narrow: &Budget) -> bool {
    let returned = wide.refund && !narrow.refund;
    !returned
        && wide.limits.iter().all(|wide_limit| {
            narrow.limits.iter().all(|limit| allows_no_more(wide, wide_limit, narrow, limit))
        })
}

/// Never more at once, and never more in the long run.
fn allows_no_more(wide: &Budget, of_wide: &Limit, narrow: &Budget, of_narrow: &Limit) -> bool {
    let rate = |limit: &Limit, other: &Limit| u128::from(limit.units) * other.period.as_nanos();
    // A window holds no more than its limit, in whichever period; a bucket fills again meanwhile.
    let same = wide.algorithm == narrow.algorithm && wide.algorithm == Algorithm::TokenBucket;
    let at_once = if same {
        of_wide.burst <= of_narrow.burst
    } else {
        let periods = of_narrow.period.as_nanos().div_ceil(of_wide.period.as_nanos().max(1));
        let refilled = u128::from(of_wide.units).saturating_mul(periods);
        u128::from(of_wide.burst).saturating_add(refilled)
            <= u128::from(of_narrow.units.min(of_narrow.burst))
    };
    at_once && rate(of_wide, of_narrow) <= rate(of_narrow, of_wide)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::rules::codes;

    fn found(everyone: &str, one: &str) -> Vec<String> {
        let policy = RULE.example().replace("60 per 1m", one);
        codes(&policy.replace("50 per 1m", everyone))
    }

    #[test]
    fn one_client_is_limited_before_all_are() {
        assert_eq!(found("60 per 1m", "60 per 1m"), ["undrainable_budget"]);
        assert_eq!(found("61 per 1m", "60 per 1m"), [""; 0]);
        assert_eq!(
            found("1 per 1s", "60 per 1m"),
            ["undrainable_budget"],
            "the same, and less at once"
        );
        assert_eq!(
            found("60 per 1m", "60 per 1m burst 10"),
            [""; 0],
            "ten at once drain one client's"
        );
        assert_eq!(found("60 per 1h", "60 per 1m"), ["undrainable_budget"]);
        let waived = "group /v1 { waive undrainable_budget \"told apart\"";
        let waived = RULE.example().replace("group /v1 {", waived);
        assert_eq!(codes(&waived), [""; 0]);
    }

    #[test]
    fn where_it_is_charged_alone_too_it_may_drain() {
        let alone = "route GET /b { public budget [per_address] returns nothing }";
        assert_eq!(codes(&format!("{}{alone}", RULE.example())), [""; 0]);
        let dear = RULE.example().replace("per_address]", "per_address cost 2]");
        assert_eq!(codes(&dear), [""; 0]);
    }

    #[test]
    fn a_network_is_drained_before_the_addresses_in_it() {
        let found = |wide: &str, narrow: &str| {
            let policy = RULE.example().replace("key request.ip", narrow);
            codes(&policy.replace("50 per 1m", &format!("50 per 1m {wide}")))
        };
        let address = "key request.ip ipv6 /64";
        assert_eq!(found("key request.ip ipv6 /48", address), ["undrainable_budget"]);
        assert_eq!(found("key request.ip ipv6 /64", address), [""; 0], "they count alike");
        let whole = "key [request.ip, request.path] ipv6 /48";
        assert_eq!(found("key request.ip ipv6 /48", whole), ["undrainable_budget"]);
        assert_eq!(found("key request.ip ipv6 /64", whole), [""; 0], "it counts more networks");
    }

    #[test]
    fn windows_are_compared_with_care() {
        let window = "60 per 1m algorithm sliding_window";
        assert_eq!(found("20 per 1m", window), ["undrainable_budget"]);
        assert_eq!(found("50 per 1m", window), [""; 0], "a bucket lets more through in a window");
    }
}
