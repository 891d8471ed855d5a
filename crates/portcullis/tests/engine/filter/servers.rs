//! The filter of a list against servers: the text for PostgreSQL and for MySQL finds the rows that the
//! check shows, as that for SQLite does. `cargo xtask databases` starts them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use portcullis::filter::{Dialect, SqlOptions, SqlValue};
use proptest::collection::vec;
use proptest::strategy::{Strategy, ValueTree};

use super::{COLUMNS, Note, SAID, asked, engine, micros, note, numbered, who};

/// How a dialect writes what a driver would bind, and the types of the columns.
struct Literals {
    dialect: Dialect,
    quote: char,
    tag: &'static str,
    /// `text`, `timestamptz`, `interval`, `uuid` and `double`, as the dialect has them.
    types: [&'static str; 5],
}

const POSTGRES: Literals = Literals {
    dialect: Dialect::Postgres,
    quote: '"',
    tag: r#""the ""tag""""#,
    types: ["text", "timestamptz", "interval", "uuid", "float8"],
};

const MYSQL: Literals = Literals {
    dialect: Dialect::MySql,
    quote: '`',
    tag: r#"`the "tag"`"#,
    // A collation that takes `a` for `A`.
    types: ["varchar(50) COLLATE utf8mb4_general_ci", "bigint", "bigint", "binary(16)", "double"],
};

impl Literals {
    fn of(&self, value: &SqlValue) -> String {
        let postgres = self.dialect == Dialect::Postgres;
        let hex =
            |bytes: &[u8]| bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        match value {
            SqlValue::Bool(value) => value.to_string(),
            SqlValue::Int(value) => value.to_string(),
            SqlValue::Number(value) if postgres => format!("{value}::float8"),
            SqlValue::Number(value) => value.to_string(),
            SqlValue::Text(text) if postgres => {
                format!("convert_from('\\x{}'::bytea, 'UTF8')", hex(text.as_bytes()))
            }
            SqlValue::Text(text) => format!("CONVERT(x'{}' USING utf8mb4)", hex(text.as_bytes())),
            SqlValue::Uuid(value) if postgres => format!("'{value:032x}'::uuid"),
            SqlValue::Uuid(value) => format!("x'{value:032x}'"),
            SqlValue::Time(time) if postgres => {
                format!("'epoch'::timestamptz + interval '{} microseconds'", micros(*time))
            }
            SqlValue::Time(time) => micros(*time).to_string(),
            SqlValue::Duration(duration) if postgres => {
                format!("interval '{} microseconds'", duration.as_micros())
            }
            SqlValue::Duration(duration) => duration.as_micros().to_string(),
        }
    }

    fn maybe(&self, value: Option<SqlValue>) -> String {
        value.map_or("NULL".to_owned(), |value| self.of(&value))
    }

    fn table(&self, rows: &[Note], script: &mut String) {
        let Literals { quote, tag, types: [text, time, interval, uuid, double], .. } = self;
        writeln!(
            script,
            "DROP TABLE IF EXISTS notes;
            CREATE TABLE notes (id int, owner {text}, team {text}, {quote}open{quote} boolean,
                pinned boolean, size int, score {double}, {quote}level{quote} varchar(9),
                grade varchar(9), made {time}, due {time}, ttl {interval}, {tag} {uuid},
                desk_floor int, desk_manager {text});"
        )
        .unwrap();
        for row in rows {
            let desk = row.desk.as_ref();
            let values = [
                Some(SqlValue::Int(row.id)),
                Some(SqlValue::Text(row.owner.clone())),
                row.team.clone().map(SqlValue::Text),
                Some(SqlValue::Bool(row.open)),
                row.pinned.map(SqlValue::Bool),
                Some(SqlValue::Int(row.size)),
                row.score.map(SqlValue::Number),
                Some(SqlValue::Text(row.level.to_owned())),
                row.grade.map(|grade| SqlValue::Text(grade.to_owned())),
                Some(SqlValue::Time(row.made)),
                row.due.map(SqlValue::Time),
                Some(SqlValue::Duration(row.ttl)),
                Some(SqlValue::Uuid(row.tag)),
                desk.map(|desk| SqlValue::Int(desk.floor)),
                desk.and_then(|desk| desk.manager.clone()).map(SqlValue::Text),
            ];
            let values: Vec<String> = values.into_iter().map(|value| self.maybe(value)).collect();
            writeln!(script, "INSERT INTO notes VALUES ({});", values.join(", ")).unwrap();
        }
    }

    /// Prints the ids of the rows that a condition finds, its values bound as parameters.
    fn query(&self, condition: &str, values: &[SqlValue], script: &mut String) {
        let values: Vec<String> = values.iter().map(|value| self.of(value)).collect();
        let values = values.join(", ");
        if self.dialect == Dialect::Postgres {
            let ids = "coalesce(string_agg(id::text, ',' ORDER BY id), '')";
            let given = if values.is_empty() { String::new() } else { format!("({values})") };
            writeln!(
                script,
                "PREPARE asked AS SELECT '#' || {ids} FROM notes WHERE {condition};
                EXECUTE asked{given};
                DEALLOCATE asked;"
            )
        } else {
            let ids = "coalesce(group_concat(id ORDER BY id SEPARATOR ','), '')";
            let text = format!("SELECT concat('#', {ids}) FROM notes WHERE {condition}");
            let text = text.replace('\\', "\\\\").replace('\'', "''");
            let given = if values.is_empty() { String::new() } else { format!(" USING {values}") };
            writeln!(script, "EXECUTE IMMEDIATE '{text}'{given};")
        }
        .unwrap();
    }
}

/// Each condition that SQL can say, its contrary and one around it, each against rows of its own.
fn compare(literals: &Literals, variable: &str) {
    // Only `cargo xtask databases` has started one.
    let Ok(client) = std::env::var(variable) else {
        return;
    };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut script, mut expected) = (String::new(), Vec::new());
    for atom in SAID {
        for clause in [
            format!("({atom})"),
            format!("(not ({atom}))"),
            format!("((({atom}) and note.open) or not ({atom}))"),
        ] {
            let clause = format!("allow when ({clause} and note.size >= 0)");
            let engine = engine(&clause);
            let strategy = (who(), vec(note(), 60..61).prop_map(numbered));
            let (who, rows) = strategy.new_tree(&mut runner).unwrap().current();
            let (shown, filter) = asked(&engine, &who, &rows, 0);
            let sql = filter.sql(&SqlOptions::new(literals.dialect, COLUMNS)).unwrap();
            literals.table(&rows, &mut script);
            // It is true or false of each row, and never NULL.
            for (condition, wanted) in
                [(sql.text.clone(), true), (format!("NOT ({})", sql.text), false)]
            {
                literals.query(&condition, &sql.values, &mut script);
                let found = rows.iter().filter(|row| shown.contains(&row.id) == wanted);
                let ids: Vec<String> = found.map(|row| row.id.to_string()).collect();
                expected.push((clause.clone(), format!("#{}", ids.join(","))));
            }
        }
    }
    let mut words = client.split_whitespace();
    let mut child = Command::new(words.next().expect("a client"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the client runs");
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{client}");
    let text = String::from_utf8(output.stdout).unwrap();
    let found: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(found.len(), expected.len());
    for (found, (clause, expected)) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "{clause}");
    }
}

#[test]
fn postgresql_finds_the_rows_that_the_check_shows() {
    compare(&POSTGRES, "PORTCULLIS_POSTGRESQL");
}

#[test]
fn mysql_finds_the_rows_that_the_check_shows() {
    compare(&MYSQL, "PORTCULLIS_MYSQL");
}
