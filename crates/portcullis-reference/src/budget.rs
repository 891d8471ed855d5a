//! Budgets, counted from a log of every unit that was ever charged or given back.

use std::net::{IpAddr, Ipv6Addr};

use portcullis::Reason;
use portcullis_syntax::Span;
use portcullis_syntax::ast::{Budget, BudgetClause, Condition, Path};
use portcullis_test::Exchange;

use crate::condition::{Stage, holds, stage_of, stage_of_path};
use crate::policy::Policy;
use crate::route::{Charge, Route};
use crate::scope::{Fault, Scope};
use crate::trace::{Clause, Outcome};
use crate::value::Value;

/// What happened to a budget under one key.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    budget: String,
    key: Vec<Value>,
    limit: Limit,
    units: i128,
    /// When it was charged; of a refund, when that charge was.
    at: i128,
    is_refund: bool,
    /// Where the route names the budget.
    span: Span,
}

/// Units, nanoseconds, and units at once.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Limit {
    units: i128,
    period: i128,
    burst: i128,
}

/// What was charged to budgets, and what is to be told of it.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Every unit that was charged or given back, in the order in which it was.
    log: Vec<Event>,
    /// Where the request stands with the budgets that its answer tells of.
    told: Vec<Told>,
    /// How long it is to wait, in nanoseconds, if it was refused for want of units.
    wait: Option<i128>,
}

/// Longer than any period, in nanoseconds.
const LONGEST_WAIT: i128 = 400 * 86_400 * 1_000_000_000;

/// What is told of a budget.
#[derive(Debug)]
struct Told {
    budget: String,
    limit: Limit,
    remaining: i128,
    /// How long until there is one unit more, in nanoseconds; nothing where all are there.
    reset: Option<i128>,
}

impl Books {
    /// Another request comes, of which nothing is to be told yet.
    pub(crate) fn turn(&mut self) {
        self.told.clear();
        self.wait = None;
    }
}

/// The header lines that tell what is left.
pub(crate) fn lines(books: &Books, policy: &Policy) -> Vec<(String, String)> {
    let said = crate::headers::word(policy, "rate_limit").unwrap_or("standard");
    let mut lines = Vec::new();
    if books.told.is_empty() {
        return lines;
    }
    if said == "standard" || said == "both" {
        let (mut policies, mut states) = (Vec::new(), Vec::new());
        for told in &books.told {
            let Told { budget, limit, remaining, reset } = told;
            policies.push(format!("\"{budget}\";q={};w={}", limit.units, seconds(limit.period)));
            states.push(match reset {
                Some(reset) => format!("\"{budget}\";r={remaining};t={}", seconds(*reset)),
                None => format!("\"{budget}\";r={remaining}"),
            });
        }
        lines.push(("ratelimit-policy".to_owned(), policies.join(", ")));
        lines.push(("ratelimit".to_owned(), states.join(", ")));
    }
    if said == "legacy" || said == "both" {
        let least = books.told.iter().min_by_key(|told| told.remaining).expect("one is told");
        let reset = least.reset.map_or(0, seconds);
        lines.push(("x-ratelimit-limit".to_owned(), least.limit.units.to_string()));
        lines.push(("x-ratelimit-remaining".to_owned(), least.remaining.to_string()));
        lines.push(("x-ratelimit-reset".to_owned(), reset.to_string()));
    }
    lines
}

/// The `Retry-After` of a request that was refused for want of units.
pub(crate) fn retry_after(books: &Books) -> Option<String> {
    books.wait.map(|wait| seconds(wait).to_string())
}

/// Begun seconds.
fn seconds(nanos: i128) -> i128 {
    (nanos + 999_999_999) / 1_000_000_000
}

/// Charges the budgets of a stage: all of them, or none where one lacks units. What was charged is
/// given back by [`finish`].
pub(crate) fn charge(
    books: &mut Books,
    policy: &Policy,
    route: &Route,
    stage: Stage,
    scope: &Scope<'_>,
    exchange: &Exchange,
) -> Result<Vec<Event>, Reason> {
    let budgets = route.budgets.iter();
    let of_stage =
        budgets.filter(|named| stage_of_budget(policy, policy.budget(&named.budget)) == stage);
    charge_all(books, policy, of_stage, scope, exchange)
}

/// Charges what is known of a request whose credential was refused.
pub(crate) fn charge_refused(
    books: &mut Books,
    policy: &Policy,
    route: &Route,
    scope: &Scope<'_>,
    exchange: &Exchange,
) -> Result<(), Reason> {
    let counted = route.budgets.iter().filter(|named| {
        let budget = policy.budget(&named.budget);
        let names_caller = |path: &Path| path.segments[0].node == "caller";
        let parts = key(budget);
        let known = parts.iter().all(|part| !names_caller(part.last().expect("a part has a path")));
        stage_of_budget(policy, budget) == Stage::Caller
            && known
            && parts.iter().any(|part| part.len() > 1)
            && parts.iter().any(|part| part.iter().any(|path| names_caller(path)))
    });
    charge_all(books, policy, counted, scope, exchange).map(drop)
}

/// Charges what an action charges, which has no input to wait for.
pub(crate) fn charge_action(
    books: &mut Books,
    policy: &Policy,
    action: &Route,
    scope: &Scope<'_>,
    exchange: &Exchange,
) -> Result<(), Reason> {
    // No answer tells of it.
    let charged = charge_all(books, policy, action.budgets.iter(), scope, exchange);
    books.turn();
    charged.map(drop)
}

fn charge_all<'a>(
    books: &mut Books,
    policy: &Policy,
    budgets: impl Iterator<Item = &'a Charge>,
    scope: &Scope<'_>,
    exchange: &Exchange,
) -> Result<Vec<Event>, Reason> {
    let record = &policy.recorder;
    let mut charges: Vec<Event> = Vec::new();
    let mut recorded = Vec::new();
    let decided = |named: &Charge, open, outcome, against| {
        record.take_up(open);
        let (name, units) = (named.budget.clone(), named.units);
        record.decided(Clause::Budget { name, units }, named.span, outcome, against);
    };
    for named in budgets {
        let (name, units) = (&named.budget, &named.units);
        let budget = policy.budget(name);
        let parts = key(budget).into_iter().map(|paths| part(budget, &paths, scope));
        let key = parts.collect::<Result<Vec<Value>, Fault>>();
        let open = record.put_by();
        let faulted = |fault: &Fault| Some(Reason::from(*fault));
        let (key, limit) = match (key, fitting(policy, budget, scope)) {
            (Ok(key), Ok(limit)) => (key, limit),
            (Err(fault), _) | (_, Err(fault)) => {
                decided(named, open, Outcome::Fault, faulted(&fault));
                return Err(fault.into());
            }
        };
        recorded.push((named, open));
        // Where a clock has gone back, time stands still.
        let before = of_entry(&books.log, name, &key);
        let last = before.iter().filter(|event| !event.is_refund).map(|event| event.at).max();
        let at = last.unwrap_or(scope.now).max(scope.now);
        let (budget, units, span) = (name.clone(), *units, named.span);
        charges.push(Event { budget, key, limit, units, at, is_refund: false, span });
    }
    if !exchange.store {
        let admits = |charge: &Event| {
            let mut clauses = policy.budget(&charge.budget).clauses.iter();
            clauses.any(|clause| matches!(clause, BudgetClause::Unavailable(..)))
        };
        for ((named, open), charge) in recorded.into_iter().zip(&charges) {
            let against = (!admits(charge)).then_some(Reason::StoreUnavailable);
            decided(named, open, Outcome::Unavailable, against);
        }
        return if charges.iter().all(admits) {
            Ok(Vec::new())
        } else {
            Err(Reason::StoreUnavailable)
        };
    }
    let has = |log: &[Event], charge: &Event, units: i128, wait: i128| {
        let at = charge.at.max(scope.now + wait);
        has_units(policy, log, &Event { at, units, ..charge.clone() })
    };
    let wait = |log: &[Event], charge: &Event, units: i128| {
        least(0, LONGEST_WAIT, |wait| has(log, charge, units, wait))
    };
    let waits = charges.iter().map(|charge| wait(&books.log, charge, charge.units));
    let waits = waits.collect::<Vec<i128>>();
    let longest = waits.iter().copied().max().unwrap_or(0);
    for ((named, open), wait) in recorded.into_iter().zip(waits) {
        match wait {
            0 if longest == 0 => decided(named, open, Outcome::Charged, None),
            0 => decided(named, open, Outcome::Uncharged, None),
            wait => decided(named, open, Outcome::Drained { wait }, Some(Reason::OverBudget)),
        }
    }
    if longest == 0 {
        books.log.extend(charges.clone());
    }
    let log = &books.log;
    for charge in charges.iter().filter(|charge| is_told(policy, policy.budget(&charge.budget))) {
        let most = if is_sliding(policy.budget(&charge.budget)) {
            charge.limit.units
        } else {
            charge.limit.burst
        };
        // The first number that is too many, less one.
        let is_too_many = |units| units > most || !has(log, charge, units, 0);
        let remaining = least(1, most + 1, is_too_many) - 1;
        let reset = (remaining < most).then(|| wait(log, charge, remaining + 1));
        let (budget, limit) = (charge.budget.clone(), charge.limit);
        books.told.push(Told { budget, limit, remaining, reset });
    }
    if longest > 0 {
        books.wait = Some(longest);
        return Err(Reason::OverBudget);
    }
    Ok(charges)
}

/// Whether the log leaves so many units at such a time.
fn has_units(policy: &Policy, log: &[Event], charge: &Event) -> bool {
    let before = of_entry(log, &charge.budget, &charge.key);
    let budget = policy.budget(&charge.budget);
    if is_sliding(budget) {
        window_has_units(policy, budget, &before, charge)
    } else {
        bucket_has_units(policy, budget, &before, charge)
    }
}

/// The least number that passes, where all that are greater pass too.
fn least(from: i128, to: i128, passes: impl Fn(i128) -> bool) -> i128 {
    let (mut low, mut high) = (from, to);
    while low < high {
        let middle = low + (high - low) / 2;
        if passes(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

/// Whether answers tell of a budget: if it is counted by nothing but who asks.
fn is_told(policy: &Policy, budget: &Budget) -> bool {
    let parts: Vec<&Path> = key(budget).into_iter().flatten().collect();
    let is_of_who_asks = |path: &&Path| {
        let names: Vec<&str> = path.segments.iter().map(|name| name.node.as_str()).collect();
        names[0] == "caller" || names == ["request", "ip"]
    };
    crate::headers::word(policy, "rate_limit") != Some("off")
        && !parts.is_empty()
        && parts.iter().all(is_of_who_asks)
}

/// Gives back what a success gives back.
pub(crate) fn finish(books: &mut Books, policy: &Policy, charged: Vec<Event>, exchange: &Exchange) {
    if exchange.outcome != Some(portcullis_test::Outcome::Success) || !exchange.store {
        return;
    }
    for charge in charged {
        let mut clauses = policy.budget(&charge.budget).clauses.iter();
        if clauses.any(|clause| matches!(clause, BudgetClause::Refund(_))) {
            let clause = Clause::Budget { name: charge.budget.clone(), units: charge.units };
            policy.recorder.decided(clause, charge.span, Outcome::Refunded, None);
            let at = i128::from(exchange.now);
            books.log.push(Event { at, is_refund: true, ..charge });
        }
    }
}

/// What happened to one budget under one key, in its order.
fn of_entry<'a>(log: &'a [Event], budget: &str, key: &[Value]) -> Vec<&'a Event> {
    log.iter().filter(|event| event.budget == budget && event.key == key).collect()
}

fn is_sliding(budget: &Budget) -> bool {
    budget.clauses.iter().any(|clause| match clause {
        BudgetClause::Algorithm(name, _) => name.node == "sliding_window",
        _ => false,
    })
}

/// Whether fewer units count than the limit has.
fn window_has_units(policy: &Policy, budget: &Budget, before: &[&Event], charge: &Event) -> bool {
    let most = limits(policy, budget).into_iter().map(|(limit, _)| limit.units).max();
    let period = charge.limit.period;
    // In 32nds of the period, each counted until it is over and a whole period more.
    let part = (period + 31) / 32;
    let exact = most.expect("compiled") <= 16;
    let counts = |at: i128, now: i128| {
        if exact { now - at < period } else { now.div_euclid(part) - at.div_euclid(part) <= 32 }
    };
    let mut units: Vec<i128> = Vec::new();
    let mut latest = i128::MIN;
    for event in before {
        if !event.is_refund {
            latest = event.at;
            units.extend((0..event.units).map(|_| event.at));
            continue;
        }
        // What has ceased to count is not given back: its place is another's.
        if !counts(event.at, latest) {
            continue;
        }
        let from = if exact { event.at } else { event.at.div_euclid(part) * part };
        for _ in 0..event.units {
            if let Some(place) = units.iter().position(|at| *at >= from) {
                units.remove(place);
            }
        }
    }
    let counted = units.iter().filter(|at| counts(**at, charge.at)).count();
    i128::try_from(counted).unwrap() + charge.units <= charge.limit.units
}

/// Whether a bucket that fills evenly has so many units. What is owed is kept in units times the
/// period, so that a nanosecond pays back `units` of it and nothing is rounded; for a limit of
/// another period it is measured anew, and never less.
fn bucket_has_units(policy: &Policy, budget: &Budget, before: &[&Event], charge: &Event) -> bool {
    let (mut owed, mut period, mut latest) = (0, charge.limit.period, charge.at);
    let anew = |owed: i128, from: i128, to: i128| {
        if from == to { owed } else { (owed * to + from - 1) / from }
    };
    for event in before {
        owed = anew(owed, period, event.limit.period);
        period = event.limit.period;
        let paid = |from: i128, to: i128| (to - from).max(0) * event.limit.units;
        if event.is_refund {
            // What came back since is taken to have come back to this charge, under whichever
            // limit it comes back fastest.
            let limits = limits(policy, budget).into_iter();
            let back = limits.map(|(limit, _)| {
                anew((latest - event.at).max(0) * limit.units, limit.period, period)
            });
            let left = (event.units * period - back.max().expect("compiled")).max(0);
            owed = (owed - left).max(0);
        } else {
            owed = (owed - paid(latest, event.at)).max(0) + event.units * period;
            latest = event.at;
        }
    }
    let Limit { units, period: to, burst } = charge.limit;
    let owed = anew(owed, period, to);
    owed - (charge.at - latest).max(0) * units <= (burst - charge.units) * to
}

/// The limits, and when each fits.
fn limits<'a>(policy: &Policy, budget: &'a Budget) -> Vec<(Limit, Option<&'a Condition>)> {
    written(policy, budget).into_iter().map(|(limit, condition, _)| (limit, condition)).collect()
}

/// The limits, when each fits, and where each is written.
fn written<'a>(policy: &Policy, budget: &'a Budget) -> Vec<(Limit, Option<&'a Condition>, Span)> {
    let limits = budget.clauses.iter().filter_map(|clause| match clause {
        BudgetClause::Limit { units, period, burst, condition, span } => {
            let units = policy.int(units);
            let burst = burst.as_ref().map_or(units, |burst| policy.int(burst));
            let limit = Limit { units, period: policy.duration(period), burst };
            Some((limit, condition.as_ref(), *span))
        }
        _ => None,
    });
    limits.collect()
}

/// The first limit that fits.
fn fitting(policy: &Policy, budget: &Budget, scope: &Scope<'_>) -> Result<Limit, Fault> {
    for (limit, condition, span) in written(policy, budget) {
        let fits = condition.map_or(Ok(true), |condition| holds(condition, scope));
        let against = fits.err().map(Reason::from);
        policy.recorder.decided(Clause::Limit, span, fits.into(), against);
        if fits? {
            return Ok(limit);
        }
    }
    Err(Fault)
}

/// The parts of a key; of each, the first path that is there is taken.
fn key(budget: &Budget) -> Vec<Vec<&Path>> {
    let parts = budget.clauses.iter().filter_map(|clause| match clause {
        BudgetClause::Key(parts, _) => Some(parts),
        _ => None,
    });
    parts.flatten().map(|part| part.alternatives.iter().collect()).collect()
}

/// The first stage that knows the whole key and which limit fits; where there is no key, the end
/// of the input stage.
fn stage_of_budget(policy: &Policy, budget: &Budget) -> Stage {
    let key = key(budget).into_iter().flatten();
    let of_key = key.map(|path| stage_of_path(policy, &Vec::new(), path)).max();
    let limits = limits(policy, budget).into_iter().filter_map(|(_, condition)| condition);
    let of_limits = limits.map(|condition| stage_of(policy, &Vec::new(), condition)).max();
    of_key.unwrap_or(Stage::Input).max(of_limits.unwrap_or(Stage::Caller))
}

fn part(budget: &Budget, paths: &[&Path], scope: &Scope<'_>) -> Result<Value, Fault> {
    for path in paths {
        match scope.read(path)? {
            Value::Absent => {}
            Value::Ip(IpAddr::V6(ip)) => {
                return Ok(Value::Ip(IpAddr::V6(network_of(ip, prefix(budget)))));
            }
            value => return Ok(value),
        }
    }
    Err(Fault)
}

fn prefix(budget: &Budget) -> u8 {
    let prefix = budget.clauses.iter().find_map(|clause| match clause {
        BudgetClause::Ipv6(prefix, _) => Some(prefix.node),
        _ => None,
    });
    prefix.unwrap_or(64)
}

/// The block that an address is in: what one subscriber has, who may take any address of it.
fn network_of(ip: Ipv6Addr, prefix: u8) -> Ipv6Addr {
    let keep = (0..prefix).map(|bit| 1_u128 << (127 - bit)).sum::<u128>();
    Ipv6Addr::from_bits(ip.to_bits() & keep)
}
