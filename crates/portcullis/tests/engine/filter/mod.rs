//! The filter of a list against a real database: the rows that the SQL returns are those that the
//! check shows, whatever is asked of them.

mod servers;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use portcullis::filter::{Dialect, Filter, SqlOptions, SqlValue};
use portcullis::{AttributeType, Caller, Engine, Policy, Resource, Timestamp, Value};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use rusqlite::Connection;
use rusqlite::types::Value as Bound;

use crate::NOW;

/// What comes before the conditions of a list of notes.
const POLICY: &str = r#"
transport { hosts ["shop.example"] }
credential access jwt {
    issuer "iss" audience "aud" algorithms [HS256] lifetime 15m leeway 5s
    caller {
        id: string from "sub" team: string? from "team" role: role from "role"
        limit: int from "limit" seen: time? from "seen" level: level from "level"
    }
}
enum level { low mid as "MID" high }
role user { read:notes }
role admin inherits user { }
resource desk { key id: int, floor: int, manager: string? }
resource note {
    key id: int
    owner: string, team: string?, open: bool, pinned: bool?, size: int, score: number?
    level: level, grade: level?, made: time, due: time?, ttl: duration, tag: uuid
    desk: desk?, watchers: [string], place: ip, networks: [network]
}
"#;

/// Conditions that SQL can say.
const SAID: &[&str] = &[
    "note.owner == caller.id",
    "note.owner != caller.id",
    "caller.id == note.owner",
    "note.owner == \"a\"",
    "note.owner in [\"a\", \"A\", \"a ' OR 1=1 --\"]",
    "exists note.team",
    "exists note.team and note.team == note.owner",
    "exists note.team and exists caller.team and note.team == caller.team",
    "(note.team else \"none\") == (caller.team else \"a\")",
    "(note.team else note.owner) != caller.id",
    "(note.team else caller.id) in [\"a\", \"\"]",
    "note.open",
    "(note.pinned else false)",
    "exists note.pinned and note.pinned != note.open",
    "note.size > 3",
    "note.size <= caller.limit",
    "caller.limit < note.size",
    "note.size in 2..4",
    "note.size in [1, 5]",
    "exists note.score and note.score >= 1.5",
    "exists note.score and note.score != 0.0",
    "note.level >= mid",
    "note.level == caller.level",
    "note.level < caller.level",
    "note.level in [low, high]",
    "exists note.grade and note.grade < note.level",
    "(note.grade else low) > low",
    "note.made within 1h",
    "note.made within 1s",
    "note.made older than 1h",
    "note.made <= now",
    "note.made < now",
    "note.made > now",
    "note.made == now",
    "exists note.due and note.due > now",
    "exists note.due and note.due != note.made",
    "exists note.due and note.due within 2h",
    "(note.due else note.made) >= (caller.seen else now)",
    "(caller.seen else now) within note.ttl",
    "(caller.seen else now) older than note.ttl",
    "exists caller.seen and caller.seen within note.ttl",
    "note.ttl >= 1h",
    "note.ttl == 30m",
    "note.tag == \"3f0e8a52-7c1d-4c7e-9a43-2f6f9d1b5a10\"",
    "exists caller.team",
    "caller is admin",
    "caller.level == high",
    "(exists note.team and note.team == caller.id) or note.open",
    "exists note.desk",
    "exists note.desk and note.desk.floor > 2",
    "exists note.desk and exists note.desk.manager and note.desk.manager == caller.id",
];

/// Conditions that SQL cannot say, and the filter may only let too much through.
const UNSAID: &[&str] = &[
    "caller.id in note.watchers",
    "note.owner in note.watchers",
    "note.place in [10.0.0.0/8]",
    "note.place == 10.0.0.1",
    "note.place in note.networks",
    "10.0.0.1 in note.networks",
    "exists note.team and note.team in note.watchers",
];

const TEXTS: &[&str] = &["a", "A", "a ", "ä", "", "none", "a ' OR 1=1 --"];
const LEVELS: &[&str] = &["low", "mid", "high"];
const COLUMNS: &[(&str, &str)] = &[
    ("owner", "owner"),
    ("team", "notes.team"),
    ("open", "open"),
    ("pinned", "pinned"),
    ("size", "size"),
    ("score", "score"),
    ("level", "level"),
    ("grade", "grade"),
    ("made", "notes.made"),
    ("due", "due"),
    ("ttl", "ttl"),
    ("tag", "the \"tag\""),
    ("desk", "desk_floor"),
    ("desk.floor", "desk_floor"),
    ("desk.manager", "desk_manager"),
];
const TABLE: &str = r#"CREATE TABLE notes (
    id INTEGER, owner TEXT COLLATE NOCASE, team TEXT COLLATE RTRIM, open INTEGER, pinned INTEGER,
    size INTEGER, score REAL, level TEXT, grade TEXT, made INTEGER, due INTEGER, ttl INTEGER,
    "the ""tag""" BLOB, desk_floor INTEGER, desk_manager TEXT
)"#;

#[derive(Debug, Clone)]
struct Desk {
    floor: i64,
    manager: Option<String>,
}

#[derive(Debug, Clone)]
struct Note {
    id: i64,
    owner: String,
    team: Option<String>,
    open: bool,
    pinned: Option<bool>,
    size: i64,
    score: Option<f64>,
    level: &'static str,
    grade: Option<&'static str>,
    made: Timestamp,
    due: Option<Timestamp>,
    ttl: Duration,
    tag: u128,
    desk: Option<Desk>,
    watchers: Vec<String>,
    place: IpAddr,
}

impl Resource for Desk {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] = &[
        ("id", AttributeType::Int),
        ("floor", AttributeType::Int),
        ("manager", AttributeType::Optional(&AttributeType::String)),
    ];

    fn attribute(&self, slot: usize) -> Value<'_> {
        match slot {
            0 => Value::Int(1),
            1 => Value::Int(self.floor),
            _ => self.manager.as_ref().into(),
        }
    }
}

struct Networks;

impl portcullis::List for Networks {
    fn len(&self) -> usize {
        1
    }

    fn at(&self, _: usize) -> Value<'_> {
        Value::Network(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 24)
    }
}

impl Resource for Note {
    const ATTRIBUTES: &'static [(&'static str, AttributeType)] = &[
        ("id", AttributeType::Int),
        ("owner", AttributeType::String),
        ("team", AttributeType::Optional(&AttributeType::String)),
        ("open", AttributeType::Bool),
        ("pinned", AttributeType::Optional(&AttributeType::Bool)),
        ("size", AttributeType::Int),
        ("score", AttributeType::Optional(&AttributeType::Number)),
        ("level", AttributeType::Enum),
        ("grade", AttributeType::Optional(&AttributeType::Enum)),
        ("made", AttributeType::Time),
        ("due", AttributeType::Optional(&AttributeType::Time)),
        ("ttl", AttributeType::Duration),
        ("tag", AttributeType::Uuid),
        ("desk", AttributeType::Optional(&AttributeType::Object(Desk::ATTRIBUTES))),
        ("watchers", AttributeType::List(&AttributeType::String)),
        ("place", AttributeType::Ip),
        ("networks", AttributeType::List(&AttributeType::Network)),
    ];

    fn attribute(&self, slot: usize) -> Value<'_> {
        match slot {
            0 => Value::Int(self.id),
            1 => Value::Text(&self.owner),
            2 => self.team.as_ref().into(),
            3 => Value::Bool(self.open),
            4 => self.pinned.into(),
            5 => Value::Int(self.size),
            6 => self.score.into(),
            7 => Value::Text(self.level),
            8 => self.grade.into(),
            9 => Value::Time(self.made),
            10 => self.due.into(),
            11 => Value::Duration(self.ttl),
            12 => Value::Uuid(self.tag),
            13 => self.desk.as_ref().map_or(Value::Absent, |desk| Value::Object(desk)),
            14 => Value::List(&self.watchers),
            15 => Value::Ip(self.place),
            _ => Value::List(&Networks),
        }
    }
}

/// How a time is stored: in microseconds, as most databases do.
fn micros(time: Timestamp) -> i64 {
    time.as_nanos().div_euclid(1_000)
}

fn database(rows: &[Note]) -> Connection {
    let database = Connection::open_in_memory().unwrap();
    database.execute(TABLE, []).unwrap();
    let marks = vec!["?"; 15].join(", ");
    let insert = format!("INSERT INTO notes VALUES ({marks})");
    let mut insert = database.prepare(&insert).unwrap();
    for row in rows {
        let desk = row.desk.as_ref();
        insert
            .execute(rusqlite::params![
                row.id,
                row.owner,
                row.team,
                row.open,
                row.pinned,
                row.size,
                row.score,
                row.level,
                row.grade,
                micros(row.made),
                row.due.map(micros),
                i64::try_from(row.ttl.as_micros()).unwrap(),
                row.tag.to_be_bytes(),
                desk.map(|desk| desk.floor),
                desk.and_then(|desk| desk.manager.as_ref()),
            ])
            .unwrap();
    }
    drop(insert);
    database
}

fn bound(value: SqlValue) -> Bound {
    match value {
        SqlValue::Bool(value) => Bound::Integer(value.into()),
        SqlValue::Int(value) => Bound::Integer(value),
        SqlValue::Number(value) => Bound::Real(value),
        SqlValue::Text(text) => Bound::Text(text),
        SqlValue::Uuid(value) => Bound::Blob(value.to_be_bytes().to_vec()),
        SqlValue::Time(time) => Bound::Integer(micros(time)),
        SqlValue::Duration(duration) => {
            Bound::Integer(i64::try_from(duration.as_micros()).unwrap())
        }
    }
}

/// The rows that the filter finds, and whether it claims to say all.
fn found(filter: &Filter, database: &Connection) -> (BTreeSet<i64>, bool) {
    let sql = filter.sql(&SqlOptions::new(Dialect::Sqlite, COLUMNS)).unwrap();
    let find = |text: &str| -> BTreeSet<i64> {
        let mut query = database.prepare(text).unwrap();
        let values = rusqlite::params_from_iter(sql.values.iter().cloned().map(bound));
        query.query_map(values, |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let rows = find(&format!("SELECT id FROM notes WHERE {}", sql.text));
    // It is either true or false of each row, and never NULL: its contrary finds all others.
    let others = find(&format!("SELECT id FROM notes WHERE NOT ({})", sql.text));
    let all: i64 = database.query_row("SELECT count(*) FROM notes", [], |row| row.get(0)).unwrap();
    assert_eq!(i64::try_from(rows.len() + others.len()), Ok(all), "{}", sql.text);
    (rows, sql.is_exact)
}

fn engine(clauses: &str) -> Engine {
    let route = format!("route GET /notes {{ needs read:notes lists note max 1000\n{clauses} }}");
    let policy = format!("{POLICY} group / {{ accept [access] {route} }}");
    let policy = Policy::parse([("notes.gate", policy.as_str())]);
    let policy = policy.unwrap_or_else(|error| unreachable!("{error}"));
    Engine::builder(policy).resource::<Note>("note").without_keys().build().unwrap()
}

#[derive(Debug, Clone)]
struct Who {
    id: String,
    team: Option<String>,
    role: &'static str,
    limit: i64,
    seen: Option<Timestamp>,
    level: &'static str,
}

impl Who {
    fn caller(&self, engine: &Engine) -> Caller {
        engine
            .caller(
                "access",
                [
                    ("id", Value::Text(&self.id)),
                    ("team", self.team.as_ref().into()),
                    ("role", Value::Text(self.role)),
                    ("limit", Value::Int(self.limit)),
                    ("seen", self.seen.into()),
                    ("level", Value::Text(self.level)),
                ],
            )
            .unwrap()
    }
}

fn text() -> impl Strategy<Value = String> {
    select(TEXTS).prop_map(str::to_owned)
}

/// Times about now and about the ends of the periods that are asked for, to the microsecond.
fn time() -> impl Strategy<Value = Timestamp> {
    let ends = select(vec![0, -1_800, -3_600, -7_200, 1, 60]);
    (ends, -2..=2_i64).prop_map(|(seconds, micros)| {
        Timestamp::from_nanos(NOW.as_nanos() + seconds * 1_000_000_000 + micros * 1_000)
    })
}

fn note() -> impl Strategy<Value = Note> {
    let desk = (0..5_i64, of(text())).prop_map(|(floor, manager)| Desk { floor, manager });
    let texts = (text(), of(text()), vec(text(), 0..3));
    let flags = (any::<bool>(), of(any::<bool>()));
    let numbers = (0..7_i64, of(select(vec![-1.0, 0.0, -0.0, 1.5, 2.25])));
    let levels = (select(LEVELS), of(select(LEVELS)));
    let ttl = select(vec![0, 1, 1_800_000_000, 3_600_000_000, 3_600_000_001]);
    let tag = select(vec![0, 0x3f0e_8a52_7c1d_4c7e_9a43_2f6f_9d1b_5a10]);
    let place = (0..2_u8, any::<bool>()).prop_map(|(last, mapped)| {
        let address = Ipv4Addr::new(10, 0, last, 1);
        if mapped { IpAddr::V6(address.to_ipv6_mapped()) } else { IpAddr::V4(address) }
    });
    (texts, flags, numbers, levels, (time(), of(time()), ttl), (tag, of(desk), place)).prop_map(
        |(texts, flags, numbers, levels, times, others)| Note {
            id: 0,
            owner: texts.0,
            team: texts.1,
            watchers: texts.2,
            open: flags.0,
            pinned: flags.1,
            size: numbers.0,
            score: numbers.1,
            level: levels.0,
            grade: levels.1,
            made: times.0,
            due: times.1,
            ttl: Duration::from_micros(times.2),
            tag: others.0,
            desk: others.1,
            place: others.2,
        },
    )
}

fn who() -> impl Strategy<Value = Who> {
    let role = select(vec!["user", "admin"]);
    (text(), of(text()), role, 0..7_i64, of(time()), select(LEVELS))
        .prop_map(|(id, team, role, limit, seen, level)| Who { id, team, role, limit, seen, level })
}

/// The clauses of a route: what is asked may be asked in any way.
fn clauses(atoms: Vec<&'static str>) -> impl Strategy<Value = String> {
    let atom = select(atoms).prop_map(|atom| format!("({atom})"));
    let condition = atom.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("(not {one})")),
            vec(inner.clone(), 2..4).prop_map(|all| format!("({})", all.join(" and "))),
            vec(inner, 2..4).prop_map(|any| format!("({})", any.join(" or "))),
        ]
    });
    // A condition that does not name the row is asked sooner, and refuses the whole request.
    let condition = condition.prop_map(|condition| format!("({condition} and note.size >= 0)"));
    let clause = (select(vec!["allow", "deny", "require"]), condition)
        .prop_map(|(verb, condition)| format!("{verb} when {condition}"));
    vec(clause, 1..4).prop_map(|clauses| {
        let mut text = clauses.join("\n");
        if !text.contains("allow when") {
            text.push_str("\nallow when note.size >= 0");
        }
        text
    })
}

/// Those of the rows that the check shows, and the filter.
fn asked(engine: &Engine, who: &Who, rows: &[Note], nanos: i64) -> (BTreeSet<i64>, Filter) {
    let caller = who.caller(engine);
    let now = Timestamp::from_nanos(NOW.as_nanos() + nanos);
    let request = portcullis::Request::new("GET", "/notes", IpAddr::V4(Ipv4Addr::LOCALHOST), now)
        .header("Host", b"shop.example");
    let accepted = engine.admit_as(request, Some(&caller)).unwrap().input(None).unwrap();
    let listed = accepted.list(rows.iter().cloned()).unwrap();
    (listed.iter().map(|row| row.id).collect(), accepted.filter().unwrap())
}

fn numbered(mut rows: Vec<Note>) -> Vec<Note> {
    for (id, row) in (0..).zip(&mut rows) {
        row.id = id;
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_sql_finds_the_rows_that_the_check_shows(
        clauses in clauses(SAID.to_vec()),
        who in who(),
        rows in vec(note(), 1..60).prop_map(numbered),
        nanos in select(vec![0, 1, 999, -1, 500_000]),
    ) {
        let engine = engine(&clauses);
        let (shown, filter) = asked(&engine, &who, &rows, nanos);
        let (found, is_exact) = found(&filter, &database(&rows));
        prop_assert!(is_exact && filter.is_exact(), "{clauses}");
        prop_assert_eq!(found, shown, "{}\n{:?}", clauses, filter);
    }

    #[test]
    fn what_sql_cannot_say_hides_no_row(
        clauses in clauses([SAID, UNSAID, UNSAID, UNSAID].concat()),
        who in who(),
        rows in vec(note(), 1..60).prop_map(numbered),
    ) {
        let engine = engine(&clauses);
        let (shown, filter) = asked(&engine, &who, &rows, 0);
        let (found, is_exact) = found(&filter, &database(&rows));
        prop_assert!(shown.is_subset(&found), "{clauses}\n{filter:?}");
        prop_assert!(!is_exact || shown == found, "{clauses}\n{filter:?}");
    }
}

#[test]
fn each_condition_by_itself_and_its_contrary_are_said() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for atom in SAID {
        for clause in [format!("({atom})"), format!("(not ({atom}))")] {
            let clause = format!("allow when ({clause} and note.size >= 0)");
            let engine = engine(&clause);
            let strategy = (who(), vec(note(), 60..61).prop_map(numbered));
            for _ in 0..4 {
                let (who, rows) = strategy.new_tree(&mut runner).unwrap().current();
                let (shown, filter) = asked(&engine, &who, &rows, 0);
                let (found, is_exact) = found(&filter, &database(&rows));
                assert!(is_exact, "{clause}");
                assert_eq!(found, shown, "{clause}\n{filter:?}");
            }
        }
    }
}

/// The SQL of a list's only `allow`, for a caller called `a ' OR 1=1 --`.
fn sql(condition: &str, options: SqlOptions<'_>) -> (String, usize) {
    let engine = engine(&format!("allow when {condition}"));
    let id = TEXTS.last().copied().unwrap().to_owned();
    let who = Who { id, team: None, role: "user", limit: 3, seen: None, level: "mid" };
    let (_, filter) = asked(&engine, &who, &[], 0);
    let sql = filter.sql(&options).unwrap();
    assert!(!sql.text.contains("1=1"), "a value in the text: {}", sql.text);
    assert!(!format!("{sql:?}{filter:?}").contains("1=1"));
    (sql.text, sql.values.len())
}

#[test]
fn each_dialect_has_its_own_names_placeholders_and_text() {
    let condition = "note.owner == caller.id or (note.team else \"x\") != caller.id";
    let columns = [("owner", "n.owner"), ("team", "te`a\"m")];
    let options = |dialect| SqlOptions::new(dialect, &columns).first_placeholder(4);
    is(
        &sql(condition, options(Dialect::Postgres)),
        r#""n"."owner" = $4 OR ("te`a""m" IS NOT NULL AND "te`a""m" <> $5) OR "te`a""m" IS NULL"#,
        2,
    );
    is(
        &sql("note.level < caller.level", SqlOptions::new(Dialect::Sqlite, COLUMNS).wire_names()),
        r#"("level" COLLATE BINARY) = ?"#,
        1,
    );
    is(
        &sql("note.owner == caller.id", options(Dialect::MySql)),
        "`n`.`owner` = ? AND (CAST(CONVERT(`n`.`owner` USING utf8mb4) AS BINARY)) \
         = (CAST(CONVERT(? USING utf8mb4) AS BINARY))",
        2,
    );
}

fn is(found: &(String, usize), text: &str, values: usize) {
    assert_eq!((found.0.as_str(), found.1), (text, values));
}

#[test]
fn what_is_known_of_the_caller_is_not_asked_of_the_database() {
    let options = SqlOptions::new(Dialect::Postgres, COLUMNS);
    for (condition, text) in [
        ("caller is admin and note.open", "FALSE"),
        ("not caller is admin or note.open", "TRUE"),
        ("exists caller.team and exists note.team and note.team == caller.team", "FALSE"),
        ("note.open and not caller is admin", "\"open\" = $1"),
    ] {
        assert_eq!(sql(condition, options).0, text, "{condition}");
    }
}

#[test]
fn an_attribute_without_a_column_is_named() {
    let engine = engine("allow when note.open and note.owner == caller.id");
    let who = Who { id: "a".into(), team: None, role: "user", limit: 3, seen: None, level: "mid" };
    let (_, filter) = asked(&engine, &who, &[], 0);
    let options = SqlOptions::new(Dialect::Postgres, &[("open", "open")]);
    let error = filter.sql(&options).unwrap_err();
    assert_eq!(error.attribute(), "owner");
    assert_eq!(error.to_string(), "no column is named for the attribute `owner`");
}

#[test]
fn a_loaded_object_is_known_to_the_filter_of_the_list_beside_it() {
    let route = r#"route GET /desks/{id}/notes {
        params { id: int 0.. }
        needs read:notes
        loads desk by params.id
        lists note max 10
        allow when note.size == desk.floor and exists desk.manager and note.owner == desk.manager
    }"#;
    let policy = format!("{POLICY} group / {{ accept [access] {route} }}");
    let policy = Policy::parse([("notes.gate", policy.as_str())]);
    let policy = policy.unwrap_or_else(|error| unreachable!("{error}"));
    let builder = Engine::builder(policy).resource::<Note>("note").resource::<Desk>("desk");
    let engine = builder.without_keys().build().unwrap();
    let who = Who { id: "a".into(), team: None, role: "user", limit: 3, seen: None, level: "mid" };
    let caller = who.caller(&engine);
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let request = portcullis::Request::new("GET", "/desks/1/notes", here, NOW);
    let request = request.header("Host", b"shop.example");
    let accepted = engine.admit_as(request, Some(&caller)).unwrap().input(None).unwrap();
    assert!(accepted.filter().is_err(), "the desk is not known yet");
    let options = SqlOptions::new(Dialect::Postgres, COLUMNS);
    for (manager, text) in
        [(Some("b".to_owned()), r#""size" = $1 AND "owner" = $2"#), (None, "FALSE")]
    {
        let desk = accepted.object(Some(Desk { floor: 2, manager })).unwrap();
        assert_eq!(desk.filter().unwrap().sql(&options).unwrap().text, text);
    }
}
