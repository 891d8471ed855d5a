//! What is recorded: each clause with its place, in order, and how it was decided.

use super::*;
use crate::trace::{Branch, Event, Read, Trace};

const POLICY: &str = r#"
resource order {
    key id: int
    user: string
    status: string
    predicate owner { order.user == caller.id }
    visible when owner or caller is staff
    view short { id }
    view long { ...short user }
}
role user { read:orders }
role staff inherits user {}
budget each { limit 1 per 1m key [caller.id, params.id] refund on success }
group /g {
    accept [access]
    deny when caller.id == "blocked"
    route GET /o/{id} {
        params  { id: int 0..99 }
        needs   any [write:orders, read:orders]
        budget  [each cost 1]
        loads   order by params.id
        allow   when not (order.status == "held") and owner
        allow   when caller is staff
        returns order.long when caller is staff
        returns order.short
    }
    route GET /o {
        needs   read:orders
        lists   order max 5
        allow   when owner
        returns [order.short]
    }
}
"#;

/// A trace in lines: the clause, its text up to the end of its line, and how it was decided.
fn lines(trace: &Trace) -> Vec<String> {
    let mut lines = Vec::new();
    for event in &trace.events {
        match event {
            Event::Entered(stage) => lines.push(format!("{}:", stage.as_str())),
            Event::Row(row) => lines.push(format!("  row {row}")),
            Event::Decided(decided) => {
                let against = decided.against.map(|reason| format!(" against: {reason}"));
                let text = decided.span.map_or("-", text_at);
                let outcome = format!("{:?}", decided.outcome);
                lines.push(format!("  {text} | {outcome}{}", against.unwrap_or_default()));
                branches(&decided.branches, 2, &mut lines);
                reads(&decided.reads, 2, &mut lines);
            }
        }
    }
    lines
}

fn branches(all: &[Branch], depth: usize, lines: &mut Vec<String>) {
    for branch in all {
        let held = branch.held.map_or("fault".to_owned(), |held| held.to_string());
        lines.push(format!("{}{} = {held}", "  ".repeat(depth), text_at(branch.span)));
        branches(&branch.branches, depth + 1, lines);
        reads(&branch.reads, depth + 1, lines);
    }
}

fn reads(all: &[Read], depth: usize, lines: &mut Vec<String>) {
    for read in all {
        let (text, value) = (text_at(read.span), &read.value);
        lines.push(format!("{}{text} is {value:?}", "  ".repeat(depth)));
    }
}

fn text_at(span: portcullis_syntax::Span) -> &'static str {
    let text = &POLICY[span.start as usize..span.end as usize];
    text.lines().next().unwrap()
}

#[track_caller]
fn is(exchange: &Exchange, naive: &mut Reference, expected: &str) {
    let (_, trace) = naive.trace(exchange);
    let expected: Vec<&str> = expected.lines().skip(1).map(|line| line.trim_end()).collect();
    assert_eq!(lines(&trace), expected);
}

fn order(id: i64, user: &str) -> Facts {
    facts([("id", Fact::Int(id)), ("user", text(user)), ("status", text("open"))])
}

#[test]
fn an_admitted_request_is_told_to_its_view() {
    let exchange = get("/g/o/1").from("u", "user").of("order", Some(order(1, "u")));
    let exchange = Exchange { outcome: Some(portcullis_test::Outcome::Success), ..exchange };
    is(
        &exchange,
        &mut naive(POLICY),
        r#"
transport:
  - | Held
  - | Held
  GET /o/{id} | Held
caller:
  accept [access] | Held
  deny when caller.id == "blocked" | NotHeld
    caller.id == "blocked" = false
      caller.id is Text("u")
  needs   any [write:orders, read:orders] | Held
    write:orders = false
    read:orders = true
input:
  - | Held
  id: int 0..99 | Held
  limit 1 per 1m | Held
  each | Charged
    caller.id is Text("u")
    params.id is Int(1)
object:
  loads   order by params.id | Held
    params.id is Int(1)
  allow   when not (order.status == "held") and owner | Held
    not (order.status == "held") and owner = true
      not (order.status == "held") = true
        (order.status == "held") = false
          order.status is Text("open")
      owner = true
        order.user == caller.id = true
          order.user is Text("u")
          caller.id is Text("u")
  allow   when caller is staff | NotHeld
    caller is staff = false
  visible when owner or caller is staff | Held
    owner or caller is staff = true
      owner = true
        order.user == caller.id = true
          order.user is Text("u")
          caller.id is Text("u")
response:
  returns order.long when caller is staff | NotHeld
    caller is staff = false
  returns order.short | Held
  view short { id } | Held
  each | Refunded
"#,
    );
}

#[test]
fn a_refusal_ends_the_record_where_it_fell() {
    let mut naive = naive(POLICY);
    let stranger = get("/g/o/1").from("v", "user").of("order", Some(order(1, "u")));
    let (response, trace) = naive.trace(&stranger);
    assert_eq!(told(&response.answer), "not_found");
    let lines = lines(&trace);
    let against: Vec<&String> = lines.iter().filter(|line| line.contains("against")).collect();
    assert_eq!(
        against,
        [
            "  allow   when not (order.status == \"held\") and owner | NotHeld against: forbidden",
            "  allow   when caller is staff | NotHeld against: forbidden",
            "  visible when owner or caller is staff | NotHeld against: not_found",
        ]
    );
    // The second time the budget is drained, and no object is asked for.
    let (response, trace) = naive.trace(&stranger);
    assert_eq!(told(&response.answer), "over_budget");
    let lines = self::lines(&trace);
    assert!(
        lines.contains(&"  each | Drained { wait: 60000000000 } against: over_budget".to_owned()),
        "{lines:#?}"
    );
    assert!(!lines.contains(&"object:".to_owned()), "{lines:#?}");
}

#[test]
fn each_row_is_told_by_itself() {
    let exchange = get("/g/o").from("u", "user").rows([order(1, "u"), order(2, "v")]);
    let (response, trace) = naive(POLICY).trace(&exchange);
    assert_eq!(told(&response.answer), "admit {id} 1 rows");
    let lines = lines(&trace);
    let from = lines.iter().position(|line| line == "object:").unwrap();
    let decided = lines[from..].iter().filter(|line| !line.starts_with("    "));
    assert_eq!(
        decided.collect::<Vec<_>>(),
        [
            "object:",
            "  lists   order max 5 | Held",
            "  row 0",
            "  allow   when owner | Held",
            "  visible when owner or caller is staff | Held",
            "  row 1",
            "  allow   when owner | NotHeld against: forbidden",
            "  visible when owner or caller is staff | NotHeld against: not_found",
            "response:",
            "  row 0",
            "  returns [order.short] | Held",
            "  view short { id } | Held",
        ]
    );
}

#[test]
fn what_is_wrong_with_an_input_is_told_by_field_and_constraint() {
    let (response, trace) = naive(POLICY).trace(&get("/g/o/100").from("u", "user"));
    assert_eq!(told(&response.answer), "invalid_input {id}");
    let lines = lines(&trace);
    let input = lines.iter().position(|line| line == "input:").unwrap();
    assert_eq!(
        lines[input + 2..],
        [
            "  0..99 | NotHeld against: invalid_input",
            "  id: int 0..99 | NotHeld against: invalid_input"
        ]
    );
}

#[test]
fn an_exchange_that_is_only_sent_leaves_no_record() {
    let mut naive = naive(POLICY);
    let exchange = get("/g/o").from("u", "user");
    naive.send(&exchange);
    let (_, trace) = naive.trace(&exchange);
    let (_, again) = naive.trace(&exchange);
    assert_eq!(trace, again);
    assert!(!trace.events.is_empty());
}
