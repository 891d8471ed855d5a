//! How operators bind, and what literals are.

use super::*;

/// An expression with every operator in parentheses.
fn shape(expression: &Expression) -> String {
    let all = |operands: &[Expression], word: &str| {
        let operands: Vec<_> = operands.iter().map(shape).collect();
        format!("({})", operands.join(&format!(" {word} ")))
    };
    match &expression.node {
        ExpressionKind::And(operands) => all(operands, "and"),
        ExpressionKind::Or(operands) => all(operands, "or"),
        ExpressionKind::Not(operand) => format!("(not {})", shape(operand)),
        ExpressionKind::Exists(path) => format!("(exists {})", texts(&path.segments).join(".")),
        ExpressionKind::Else(value, other) => format!("({} else {})", shape(value), shape(other)),
        ExpressionKind::Compare(by, left, right) => {
            format!("({} {by:?} {})", shape(left), shape(right))
        }
        ExpressionKind::In(left, right) => format!("({} in {})", shape(left), shape(right)),
        ExpressionKind::Is(left, roles) => format!("({} is {:?})", shape(left), texts(roles)),
        ExpressionKind::Can(left, right) => format!("({} can {})", shape(left), right.node),
        ExpressionKind::Within(left, right) => format!("({} within {})", shape(left), shape(right)),
        ExpressionKind::OlderThan(left, right) => {
            format!("({} older {})", shape(left), shape(right))
        }
        ExpressionKind::Literal(literal) => format!("{literal:?}"),
        ExpressionKind::List(terms) => format!("{:?}", terms.iter().map(shape).collect::<Vec<_>>()),
        ExpressionKind::Path(path) => texts(&path.segments).join("."),
    }
}

#[track_caller]
fn binds(text: &str, expected: &str) {
    let declared = format!("resource r {{ predicate p {{ {text} }} }}");
    let read = read(&declared);
    let ResourceClause::Predicate { condition, .. } = &only!(read, Item::Resource).clauses[0]
    else {
        panic!()
    };
    assert_eq!(shape(condition), expected);
    assert_eq!(read.at(condition.span), text);
}

#[test]
fn operators_bind_as_the_table_says() {
    binds("a", "a");
    binds("not a == b and c", "((not (a Equal b)) and c)");
    binds("not not a", "(not (not a))");
    binds("a or b or (c and d)", "(a or b or (c and d))");
    binds("(a or b) and c", "((a or b) and c)");
    binds("a else b else c < d", "((a else (b else c)) Less d)");
    binds("exists a.b and a.b >= c", "((exists a.b) and (a.b GreaterOrEqual c))");
    binds("caller is [x, y]", "(caller is [\"x\", \"y\"])");
    binds("caller can read:x", "(caller can read:x)");
    binds(
        "t within 5m or t older than 7d",
        "((t within Duration(300)) or (t older Duration(604800)))",
    );
    binds("a in [x, 1]", "(a in [\"x\", \"Int(1)\"])");
    binds("notable and order == isle", "(notable and (order Equal isle))");
}

#[test]
fn literals() {
    binds("-90", "Int(-90)");
    binds("10_000", "Int(10000)");
    binds("-1.5", "Number(-1.5)");
    binds("true", "Bool(true)");
    binds("\"a\\n\\\"\\u{1F600}\"", "Text(\"a\\n\\\"😀\")");
    binds("64KiB", "Size(65536)");
    binds("7d", "Duration(604800)");
    binds("203.0.113.9", "Ip(203.0.113.9)");
    binds("fd00::1", "Ip(fd00::1)");
    binds("1:2:3:4:5:6:7:8", "Ip(1:2:3:4:5:6:7:8)");
    binds("::ffff:1.2.3.4", "Ip(::ffff:1.2.3.4)");
    binds("64:ff9b::1.2.3.4", "Ip(64:ff9b::102:304)");
    binds("1..5", "Range(Range { low: Int(1), high: Some(Int(5)) })");
    binds("1.5..", "Range(Range { low: Number(1.5), high: None })");
    binds("1970-01-01T00:00:00.5Z", "Time(500000000)");
    binds("(request.ip in 10.0.0.0/8)", "(request.ip in Network(Network(10.0.0.0/8)))");
}
