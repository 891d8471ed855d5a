//! A filter as SQL. `sea-query` writes it: names quoted, precedence, the dialects' own ways.
//!
//! It is never `NULL`. The language reads an attribute that may be absent only behind what asks
//! whether it is there, and `FALSE AND NULL` is `FALSE`, as `TRUE OR NULL` is `TRUE`; nothing but
//! `AND` and `OR` stands above.

use std::fmt::{self, Write};
use std::time::Duration;

use portcullis_compiler::plan::Comparison;
use sea_query::{
    Alias, Condition, Expr, ExprTrait, MysqlQueryBuilder, PostgresQueryBuilder, QueryBuilder,
    SqlWriter, SqliteQueryBuilder, Value,
};

use super::node::{Attribute, FilterValue, Node, Sort, Term};
use crate::Timestamp;

/// Whose SQL it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL: placeholders are `$1`, `$2` and so on.
    Postgres,
    /// MySQL and MariaDB: placeholders are `?`.
    MySql,
    /// SQLite: placeholders are `?`.
    Sqlite,
}

/// How a filter becomes SQL.
#[derive(Debug, Clone, Copy)]
pub struct SqlOptions<'a> {
    dialect: Dialect,
    columns: &'a [(&'a str, &'a str)],
    first_placeholder: usize,
    wire_names: bool,
}

impl<'a> SqlOptions<'a> {
    /// Attributes with their columns. A column may stand behind its table: `orders.user_id`. A
    /// nested object's attribute is called `customer.name`.
    #[must_use]
    pub fn new(dialect: Dialect, columns: &'a [(&'a str, &'a str)]) -> SqlOptions<'a> {
        SqlOptions { dialect, columns, first_placeholder: 1, wire_names: false }
    }

    /// The number of the first placeholder, where others come before it: 1 unless said. Only
    /// PostgreSQL numbers them, from 1.
    #[must_use]
    pub fn first_placeholder(self, number: usize) -> SqlOptions<'a> {
        SqlOptions { first_placeholder: number, ..self }
    }

    /// Columns hold the values of enums by their names outside, not by those in the policy.
    #[must_use]
    pub fn wire_names(self) -> SqlOptions<'a> {
        SqlOptions { wire_names: true, ..self }
    }
}

/// A condition to be put behind `WHERE`.
#[derive(Clone, PartialEq)]
pub struct Sql {
    /// The text. In a larger condition it stands in parentheses.
    pub text: String,
    /// The values of its placeholders, in their order.
    pub values: Vec<SqlValue>,
    /// Whether it says all that the check asks. Otherwise it lets rows through that are not shown.
    pub is_exact: bool,
}

// Values come from the request, and stay out of logs.
impl fmt::Debug for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sql").field("text", &self.text).finish_non_exhaustive()
    }
}

/// The value of a placeholder, to be bound as the data store's driver wants it.
#[derive(Clone, PartialEq)]
pub enum SqlValue {
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `number`
    Number(f64),
    /// `string`, `url`, and a value of an enum by its name
    Text(String),
    /// `uuid`
    Uuid(u128),
    /// `time`. Where the column is coarser, round down: the comparisons are made so that this
    /// changes nothing.
    Time(Timestamp),
    /// `duration`. Rounded down like `time`.
    Duration(Duration),
}

/// The filter cannot become SQL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no column is named for the attribute `{attribute}`")]
pub struct FilterError {
    attribute: String,
}

impl FilterError {
    /// The attribute that has no column, by its name in the policy.
    #[must_use]
    pub fn attribute(&self) -> &str {
        &self.attribute
    }
}

pub(super) fn write(root: &Node, options: &SqlOptions<'_>) -> Result<Sql, FilterError> {
    let mut building = Building { options, values: Vec::new(), is_exact: true };
    let expr = building.node(root)?.unwrap_or_else(|| Expr::cust("TRUE"));
    let mut writer = Writer {
        text: String::new(),
        known: building.values,
        values: Vec::new(),
        next: matches!(options.dialect, Dialect::Postgres).then_some(options.first_placeholder),
    };
    match options.dialect {
        Dialect::Postgres => PostgresQueryBuilder.prepare_expr(&expr, &mut writer),
        Dialect::MySql => MysqlQueryBuilder.prepare_expr(&expr, &mut writer),
        Dialect::Sqlite => SqliteQueryBuilder.prepare_expr(&expr, &mut writer),
    }
    Ok(Sql { text: writer.text, values: writer.values, is_exact: building.is_exact })
}

/// What SQL says of a node; nothing where it cannot say it, which is then taken to hold.
type Said = Result<Option<Expr>, FilterError>;

struct Building<'a> {
    options: &'a SqlOptions<'a>,
    values: Vec<SqlValue>,
    is_exact: bool,
}

impl Building<'_> {
    fn node(&mut self, node: &Node) -> Said {
        match node {
            Node::True => Ok(Some(Expr::cust("TRUE"))),
            Node::False => Ok(Some(Expr::cust("FALSE"))),
            Node::Unknown => self.unsaid(),
            Node::All(nodes) => {
                let mut all = Condition::all();
                for node in nodes {
                    if let Some(expr) = self.node(node)? {
                        all = all.add(expr);
                    }
                }
                Ok((!all.is_empty()).then(|| all.into()))
            }
            Node::Any(nodes) => {
                let mut any = Condition::any();
                let mut unsaid = false;
                for node in nodes {
                    match self.node(node)? {
                        Some(expr) => any = any.add(expr),
                        None => unsaid = true,
                    }
                }
                Ok((!unsaid).then(|| any.into()))
            }
            Node::Not(inner) => self.atom(inner, false),
            atom => self.atom(atom, true),
        }
    }

    /// What is asked of attributes; nothing else stands behind a `not`.
    fn atom(&mut self, node: &Node, wanted: bool) -> Said {
        match node {
            Node::Exists(attribute) => {
                let Some(column) = self.column(attribute)? else {
                    return self.unsaid();
                };
                Ok(Some(if wanted { column.is_not_null() } else { column.is_null() }))
            }
            Node::Compare(comparison, left, Term::Attribute(right)) => {
                let (Some(first), Some(second)) = (self.plain(left)?, self.plain(right)?) else {
                    return self.unsaid();
                };
                let (first, second) = (self.exactly(left, first), self.exactly(right, second));
                Ok(Some(compared(*comparison, first, second)))
            }
            Node::Compare(comparison, attribute, Term::Value(value)) => {
                let Some(column) = self.plain(attribute)? else {
                    return self.unsaid();
                };
                match self.compared(*comparison, attribute, &column, value) {
                    Some(expr) => Ok(Some(expr)),
                    None => self.unsaid(),
                }
            }
            Node::In(attribute, values) => {
                let Some(column) = self.plain(attribute)? else {
                    return self.unsaid();
                };
                let comparison = if wanted { Comparison::Equal } else { Comparison::NotEqual };
                let mut each = if wanted { Condition::any() } else { Condition::all() };
                for value in values {
                    match self.compared(comparison, attribute, &column, value) {
                        Some(expr) => each = each.add(expr),
                        None => return self.unsaid(),
                    }
                }
                Ok(Some(each.into()))
            }
            // Arrays, tables of their own, addresses: each data store has its own way with them.
            _ => self.unsaid(),
        }
    }

    fn unsaid(&mut self) -> Said {
        self.is_exact = false;
        Ok(None)
    }

    /// The column of an attribute. One of which each data store has its own way may have none.
    fn column(&self, attribute: &Attribute) -> Result<Option<Expr>, FilterError> {
        let name = attribute.name();
        match self.options.columns.iter().find(|(known, _)| *known == name) {
            Some((_, column)) => Ok(Some(match column.rsplit_once('.') {
                Some((table, column)) => Expr::col((Alias::new(table), Alias::new(column))),
                None => Expr::col(Alias::new(*column)),
            })),
            None if attribute.nested || attribute.sort == Sort::Other => Ok(None),
            None => Err(FilterError { attribute: name.to_owned() }),
        }
    }

    /// The column of an attribute that SQL can compare.
    fn plain(&self, attribute: &Attribute) -> Result<Option<Expr>, FilterError> {
        match attribute.sort {
            Sort::Text | Sort::Plain => self.column(attribute),
            Sort::Other => Ok(None),
        }
    }

    fn compared(
        &mut self,
        comparison: Comparison,
        attribute: &Attribute,
        column: &Expr,
        value: &FilterValue,
    ) -> Option<Expr> {
        let value = match value {
            FilterValue::Bool(value) => SqlValue::Bool(*value),
            FilterValue::Int(value) => SqlValue::Int(*value),
            FilterValue::Number(value) => SqlValue::Number(*value),
            FilterValue::Text(text) => SqlValue::Text(text.clone()),
            FilterValue::Member { name, wire } => {
                SqlValue::Text(if self.options.wire_names { wire } else { name }.clone())
            }
            FilterValue::Uuid(value) => SqlValue::Uuid(*value),
            FilterValue::Time(time) => {
                let before = time.as_nanos().checked_sub(1).map(Timestamp::from_nanos);
                return Some(self.rounded(
                    comparison,
                    column,
                    SqlValue::Time(*time),
                    before.map(SqlValue::Time),
                ));
            }
            FilterValue::Duration(duration) => {
                let before = duration.checked_sub(Duration::from_nanos(1));
                return Some(self.rounded(
                    comparison,
                    column,
                    SqlValue::Duration(*duration),
                    before.map(SqlValue::Duration),
                ));
            }
            FilterValue::Ip(_) | FilterValue::Network(..) => return None,
        };
        let same = attribute.sort == Sort::Text
            && self.options.dialect == Dialect::MySql
            && comparison == Comparison::Equal;
        // As bytes no index of MySQL finds it: so first by the column's own collation, by which
        // what is the same is equal too.
        let roughly = same.then(|| {
            let placeholder = self.placeholder(value.clone());
            compared(comparison, column.clone(), placeholder)
        });
        let placeholder = self.placeholder(value);
        let left = self.exactly(attribute, column.clone());
        let right = match self.options.dialect {
            // SQLite goes by the collation of the left side.
            Dialect::Sqlite => placeholder,
            _ => self.exactly(attribute, placeholder),
        };
        let exactly = compared(comparison, left, right);
        Some(match roughly {
            Some(roughly) => Condition::all().add(roughly).add(exactly).into(),
            None => exactly,
        })
    }

    /// Text as it is compared byte by byte, whatever the collation of its column.
    fn exactly(&self, attribute: &Attribute, expr: Expr) -> Expr {
        match (attribute.sort, self.options.dialect) {
            (Sort::Text, Dialect::MySql) => {
                Expr::cust_with_expr("CAST(CONVERT(? USING utf8mb4) AS BINARY)", expr)
            }
            (Sort::Text, Dialect::Sqlite) => Expr::cust_with_expr("? COLLATE BINARY", expr),
            _ => expr,
        }
    }

    /// A comparison that means the same when the value is rounded down to what the column can
    /// hold: it asks `<=` and `>` alone.
    fn rounded(
        &mut self,
        comparison: Comparison,
        column: &Expr,
        value: SqlValue,
        before: Option<SqlValue>,
    ) -> Expr {
        let mut at_most = |value| column.clone().lte(self.placeholder(value));
        let upper = match comparison {
            Comparison::LessOrEqual | Comparison::Equal => Some(at_most(value.clone())),
            Comparison::Less | Comparison::NotEqual => Some(match before.clone() {
                Some(before) => at_most(before),
                None => Expr::cust("FALSE"),
            }),
            _ => None,
        };
        let mut above = |value| column.clone().gt(self.placeholder(value));
        let lower = match comparison {
            Comparison::Greater | Comparison::NotEqual => Some(above(value)),
            Comparison::GreaterOrEqual | Comparison::Equal => Some(match before {
                Some(before) => above(before),
                None => Expr::cust("TRUE"),
            }),
            _ => None,
        };
        let both = match comparison {
            Comparison::NotEqual => Condition::any(),
            _ => Condition::all(),
        };
        both.add_option(upper).add_option(lower).into()
    }

    /// Where a value will stand: `sea-query` never sees it.
    fn placeholder(&mut self, value: SqlValue) -> Expr {
        let index = u64::try_from(self.values.len()).ok();
        self.values.push(value);
        Expr::val(Value::BigUnsigned(index))
    }
}

fn compared(comparison: Comparison, left: Expr, right: Expr) -> Expr {
    match comparison {
        Comparison::Equal => left.eq(right),
        Comparison::NotEqual => left.ne(right),
        Comparison::Less => left.lt(right),
        Comparison::LessOrEqual => left.lte(right),
        Comparison::Greater => left.gt(right),
        Comparison::GreaterOrEqual => left.gte(right),
    }
}

/// Takes the text, and the values in the order in which their placeholders come.
struct Writer {
    text: String,
    known: Vec<SqlValue>,
    values: Vec<SqlValue>,
    /// The number of the next placeholder, where they have numbers.
    next: Option<usize>,
}

impl SqlWriter for Writer {
    fn push_param<T: QueryBuilder>(&mut self, value: Value, _: &T) {
        match &mut self.next {
            Some(number) => {
                let _ = write!(self.text, "${number}");
                *number = number.saturating_add(1);
            }
            None => self.text.push('?'),
        }
        let index = match value {
            Value::BigUnsigned(Some(index)) => usize::try_from(index).ok(),
            _ => None,
        };
        self.values.extend(index.and_then(|index| self.known.get(index)).cloned());
    }

    fn as_writer(&mut self) -> &mut dyn Write {
        self
    }
}

impl Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text);
        Ok(())
    }
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
