//! What runs when, line by line.

use portcullis_compiler::plan::{
    Access, Action, Charge, Condition, Plan, Returned, Route, SessionVerb, StageChecks,
};
use portcullis_syntax::Span;

use super::cost::{self, Cost};
use super::input;

pub(super) fn route(plan: &Plan, route: &Route) -> Vec<String> {
    let mut lines = vec![
        format!("{} {}   ({})", route.method, route.pattern, plan.place(route.span)),
        format!("plan {}", plan.hash()),
        String::new(),
        "transport".to_owned(),
        placed(plan, "proxies", &proxies(plan), plan.transport.places.proxies, Cost::Fixed),
        placed(
            plan,
            "https",
            if plan.transport.https { "required" } else { "off" },
            plan.transport.places.https,
            Cost::Fixed,
        ),
        placed(
            plan,
            "hosts",
            &plan.transport.hosts.as_ref().map_or("any".to_owned(), |hosts| hosts.join(", ")),
            plan.transport.places.hosts,
            Cost::Fixed,
        ),
        step("path", "must already be normal", Cost::Input),
    ];
    if route.retired.is_some() {
        let text = "410 for everybody, and nothing else is asked";
        lines.push(placed(plan, "retired", text, route.retired, Cost::Fixed));
        return lines;
    }
    lines.push("caller".to_owned());
    match &route.access {
        Access::Public => lines.push(step("public", "credentials are ignored", Cost::Fixed)),
        access => {
            if matches!(access, Access::Optional(_)) {
                lines.push(step("public", "a credential is taken where one is there", Cost::Fixed));
            }
            for credential in
                access.accepted().iter().filter_map(|index| plan.credentials.get(*index))
            {
                let name = credential.name.as_str();
                let cost = if credential.jwt().is_some() { Cost::Signature } else { Cost::Store };
                lines.push(placed(plan, "credential", name, route.accept, cost));
                let revocable = credential.jwt().and_then(|jwt| jwt.revocable);
                lines.extend(revocable.map(|span| clause(plan, "revocable", span, Cost::Store)));
            }
        }
    }
    if let Some((SessionVerb::Renews, span)) = route.session {
        lines.push(clause(plan, "refresh", span, Cost::Store));
    }
    for needed in &route.needs {
        lines.push(clause(plan, "needs", needed.span, Cost::Fixed));
    }
    checks(plan, &route.caller, None, &mut lines);
    lines.push("input".to_owned());
    input::lines(plan, route, &mut lines);
    checks(plan, &route.input, None, &mut lines);
    lines.push("object".to_owned());
    for loads in &route.loads {
        lines.push(clause(plan, "loads", loads.span, Cost::Load));
    }
    if let Some(lists) = &route.lists {
        lines.push(clause(plan, "lists", lists.span, Cost::Load));
    }
    if let Some(creates) = &route.creates {
        lines.push(clause(plan, "creates", creates.span, Cost::Fixed));
    }
    if route.objects().next().is_none() {
        lines.push("  none".to_owned());
    }
    checks(plan, &route.object, None, &mut lines);
    let each = route.lists.as_ref().map(|_| Cost::Rows);
    checks(plan, &route.rows, each, &mut lines);
    lines.push("response".to_owned());
    for returns in &route.returns {
        lines.push(clause(plan, "returns", returns.span, Cost::View));
        lines.push(format!("               {}", shown(plan, &returns.returned)));
    }
    if route.returns.is_empty() {
        lines.push("  whatever the handler answers".to_owned());
    }
    if let Some((_, span)) = route.session {
        lines.push(clause(plan, "session", span, Cost::Store));
    }
    lines
}

/// What is asked before an action.
pub(super) fn action(plan: &Plan, action: &Action) -> Vec<String> {
    let place = plan.place(action.span);
    let mut lines = vec![
        format!("action {}   ({place})", action.name),
        format!("plan {}", plan.hash()),
        String::new(),
        "caller".to_owned(),
    ];
    for needed in &action.needs {
        lines.push(clause(plan, "needs", needed.span, Cost::Fixed));
    }
    checks(plan, &action.caller, None, &mut lines);
    lines.push("object".to_owned());
    match action.loads.and_then(|index| plan.resources.get(index)) {
        Some(resource) => lines.push(step("loads", &resource.name, Cost::Load)),
        None => lines.push("  none".to_owned()),
    }
    checks(plan, &action.object, None, &mut lines);
    lines
}

/// What leaves, in wire names.
/// The peers that are believed about the client.
fn proxies(plan: &Plan) -> String {
    let networks = plan.transport.proxies.iter();
    let networks = networks.map(|network| format!("{}/{}", network.address(), network.prefix()));
    let networks = networks.collect::<Vec<_>>().join(", ");
    if networks.is_empty() { "none".to_owned() } else { networks }
}

fn shown(plan: &Plan, returned: &Returned) -> String {
    let names = match returned {
        Returned::View(view) | Returned::List(view) => plan
            .resources
            .get(view.resource)
            .and_then(|found| found.views.get(view.view))
            .map_or_else(Vec::new, |view| {
                view.fields.iter().map(|field| field.wire.as_str()).collect()
            }),
        Returned::Envelope(fields) => fields.iter().map(|field| field.wire.as_str()).collect(),
        Returned::Nothing => return "shows nothing".to_owned(),
        Returned::Opaque => return "shows what the handler answers".to_owned(),
    };
    format!("shows {}", names.join(" "))
}

/// What is decided at a stage; `each` is the cost where all of it is asked of each row.
fn checks(plan: &Plan, checks: &StageChecks, each: Option<Cost>, lines: &mut Vec<String>) {
    let cost = |condition: &Condition| each.unwrap_or_else(|| cost::of(condition));
    for require in &checks.requires {
        lines.push(clause(plan, "require", require.span, cost(&require.condition)));
    }
    for deny in &checks.denies {
        lines.push(clause(plan, "deny", deny.span, cost(&deny.condition)));
    }
    for group in &checks.allows {
        for (index, allow) in group.iter().enumerate() {
            let label = if index == 0 { "allow" } else { "or" };
            lines.push(clause(plan, label, allow.span, cost(&allow.condition)));
        }
    }
    for charge in &checks.charges {
        let place = plan.place(charge.span);
        let text = format!("{}   ({place})", budget(plan, charge));
        lines.push(step("budget", &text, Cost::Store));
    }
}

/// One line of a stage.
pub(super) fn step(label: &str, text: &str, cost: Cost) -> String {
    format!("  {label:<12} {text}   [{}]", cost.as_str())
}

/// [`step`], with the clause that says so, where the policy states it.
pub(super) fn placed(
    plan: &Plan,
    label: &str,
    text: &str,
    clause: Option<Span>,
    cost: Cost,
) -> String {
    match clause {
        Some(span) => step(label, &format!("{text}   ({})", plan.place(span)), cost),
        None => step(label, text, cost),
    }
}

/// A line without its place. Three spaces in a row stand before that and the cost, and nowhere else.
pub(super) fn without_place(line: &str) -> String {
    let place = line.match_indices("   (").last();
    let ends = place.and_then(|(start, _)| line.get(start..)?.find(')').map(|end| start + end + 1));
    match (place, ends) {
        (Some((start, _)), Some(end)) => {
            [line.get(..start), line.get(end..)].into_iter().flatten().collect()
        }
        _ => line.to_owned(),
    }
}

/// A clause in its author's words, on one line.
fn clause(plan: &Plan, label: &str, span: Span, cost: Cost) -> String {
    let text = words(plan, span);
    let text = text.strip_prefix("allow ").or(text.strip_prefix("deny ")).unwrap_or(&text);
    let text = text.strip_prefix("returns ").or(text.strip_prefix("loads ")).unwrap_or(text);
    let text = text.strip_prefix("lists ").or(text.strip_prefix("require ")).unwrap_or(text);
    let text = text.strip_prefix("creates ").or(text.strip_prefix("needs ")).unwrap_or(text);
    step(label, &format!("{text}   ({})", plan.place(span)), cost)
}

/// A budget in its author's words, with what holds where they say nothing.
fn budget(plan: &Plan, charge: &Charge) -> String {
    let Some(budget) = plan.budgets.get(charge.budget) else { return String::new() };
    let mut limits = budget.limits.iter();
    let clauses = budget.clauses.iter().map(|clause| {
        let said = words(plan, *clause);
        match said.strip_prefix("limit ").and_then(|rest| limits.next().zip(Some(rest))) {
            // What a setting says in this profile.
            Some((limit, rest)) if !rest.split(' ').step_by(2).take(2).all(is_number) => {
                format!("{said} ({} per {}s)", limit.units, limit.period.as_secs())
            }
            _ => said,
        }
    });
    let mut said = clauses.collect::<Vec<_>>();
    if !said.iter().any(|clause| clause.starts_with("algorithm ")) {
        said.push("algorithm token_bucket".to_owned());
    }
    if charge.key.is_empty() {
        said.push("shared by all".to_owned());
    }
    if charge.cost > 1 {
        said.push(format!("cost {}", charge.cost));
    }
    format!("{}: {}", budget.name, said.join(", "))
}

fn is_number(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit())
}

/// What stands in the policy, on one line.
fn words(plan: &Plan, span: Span) -> String {
    plan.sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ")
}
