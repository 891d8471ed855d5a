//! Entries as lines: which of them line up, and what is broken over several lines.

use super::flat::{self, width};
use super::{INDENT, WIDTH};
use crate::grammar::{Break, Clause, Content, Entry, Group, GroupKind, Piece, Run};

/// The whole file.
pub(super) fn file(entries: &[Entry<'_>]) -> String {
    let mut printer = Printer { out: String::new() };
    printer.entries(entries, 0, Commas::None);
    printer.out
}

/// What stands behind an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Commas {
    None,
    /// Behind each but the last, as JSON has it.
    Between,
    /// Behind each.
    All,
}

/// Which groups of a clause are broken though they might stand on one line, as it is too long. Where
/// there are blocks these alone are: a second pass finds them broken, and the rest as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Forced {
    None,
    Blocks,
    Lists,
}

/// How an entry is printed.
enum Row<'p, 't> {
    /// A comment or a line of documentation.
    Line(&'t str),
    /// A line with columns, and the lines that continue it.
    Columns { cells: Vec<String>, run: Run<'t>, tail: Vec<String> },
    /// A clause with a group on several lines, or with comments in its midst.
    Open { clause: &'p Clause<'t>, forced: Forced },
}

struct Printer {
    out: String,
}

impl Printer {
    fn entries(&mut self, entries: &[Entry<'_>], indent: usize, commas: Commas) {
        let rows: Vec<Row<'_, '_>> = entries.iter().map(|entry| row(entry, indent)).collect();
        let widths = columns(entries, &rows, indent);
        let last = entries.len().saturating_sub(1);
        for (position, ((entry, row), widths)) in entries.iter().zip(&rows).zip(&widths).enumerate()
        {
            if entry.blank_before && position > 0 {
                self.out.push('\n');
            }
            self.pad(indent);
            match row {
                Row::Line(text) => self.out.push_str(text),
                Row::Columns { cells, tail, .. } => {
                    let line = aligned(cells, widths);
                    self.out.push_str(&line);
                    let deeper = continuation(cells, widths);
                    for part in tail {
                        self.out.push('\n');
                        self.pad(indent + deeper);
                        self.out.push_str(part);
                    }
                }
                Row::Open { clause, forced } => self.open(clause, indent, *forced),
            }
            let comma = match commas {
                Commas::None => false,
                Commas::Between => position < last,
                Commas::All => true,
            };
            if comma && !matches!(row, Row::Line(_)) {
                self.out.push(',');
            }
            if let Some(comment) = entry.trailing {
                self.out.push_str("  ");
                self.out.push_str(comment);
            }
            self.out.push('\n');
        }
    }

    fn pad(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// A clause over several lines; the cursor stands where it begins.
    fn open(&mut self, clause: &Clause<'_>, indent: usize, forced: Forced) {
        let mut adheres = true;
        let mut fresh = false;
        for piece in clause.cells.iter().flatten() {
            match piece {
                Piece::Comment { text, own_line } => {
                    match (*own_line, fresh) {
                        (false, false) => self.out.push_str("  "),
                        (true, false) => {
                            self.out.push('\n');
                            self.pad(indent + INDENT);
                        }
                        (_, true) => self.pad(indent + INDENT),
                    }
                    self.out.push_str(text);
                    self.out.push('\n');
                    fresh = true;
                    continue;
                }
                _ if fresh => self.pad(indent + INDENT),
                Piece::Token(token) if !adheres => self.pad(token.before),
                Piece::Group(_) if !adheres => self.pad(1),
                _ => {}
            }
            fresh = false;
            adheres = false;
            match piece {
                Piece::Token(token) => {
                    self.out.push_str(token.text);
                    adheres = token.adheres;
                }
                Piece::Group(group) => self.group(group, indent, forced),
                Piece::Comment { .. } => {}
            }
        }
    }

    fn group(&mut self, group: &Group<'_>, indent: usize, forced: Forced) {
        let flat = flat::group(group).filter(|_| forced != forced_by(group) || !can_open(group));
        if let Some(text) = flat {
            self.out.push_str(&text);
            return;
        }
        let (open, close, commas) = match group.kind {
            GroupKind::Block => ('{', '}', Commas::None),
            GroupKind::Object => ('{', '}', Commas::Between),
            GroupKind::List => ('[', ']', Commas::All),
            GroupKind::Array => ('[', ']', Commas::Between),
        };
        self.out.push(open);
        if let Some(comment) = group.opening {
            self.out.push_str("  ");
            self.out.push_str(comment);
        }
        self.out.push('\n');
        self.entries(&group.entries, indent + INDENT, commas);
        self.pad(indent);
        self.out.push(close);
    }
}

/// Decides how an entry is printed. What decides is what formatting keeps (the tokens, the line
/// breaks in blocks, the comments), and never how neighbours line up, so that a second pass
/// decides the same.
fn row<'p, 't>(entry: &'p Entry<'t>, indent: usize) -> Row<'p, 't> {
    let clause = match &entry.content {
        Content::Line(text) => return Row::Line(text),
        Content::Clause(clause) => clause,
    };
    let run = clause.run;
    let Some(cells) = flat::cells(clause) else {
        return Row::Open { clause, forced: Forced::None };
    };
    let fits = |text: &str, indent: usize| indent + width(text) <= WIDTH;
    if fits(&flat::join(&cells), indent) {
        return Row::Columns { cells, run, tail: Vec::new() };
    }
    let groups = clause.cells.iter().flatten().filter_map(|piece| match piece {
        Piece::Group(group) if can_open(group) => Some(forced_by(group)),
        _ => None,
    });
    let groups: Vec<Forced> = groups.collect();
    if groups.contains(&Forced::Blocks) {
        return Row::Open { clause, forced: Forced::Blocks };
    }
    let mut broken = None;
    for level in [Break::Clause, Break::Condition] {
        let Some((cells, tail)) = split(clause, level) else {
            continue;
        };
        let all_fit = fits(&flat::join(&cells), indent)
            && tail.iter().all(|part| fits(part, indent + INDENT));
        broken = Some(Row::Columns { cells, run, tail });
        if all_fit {
            break;
        }
        if !groups.is_empty() && level == Break::Condition {
            broken = None;
        }
    }
    match broken {
        Some(row) => row,
        None if groups.is_empty() => Row::Columns { cells, run, tail: Vec::new() },
        None => Row::Open { clause, forced: Forced::Lists },
    }
}

/// Whether a group is easier to read over several lines. A list of one is not.
fn can_open(group: &Group<'_>) -> bool {
    match group.kind {
        GroupKind::Block | GroupKind::Object => !group.entries.is_empty(),
        GroupKind::List | GroupKind::Array => group.entries.len() > 1,
    }
}

/// By what a group is broken where its clause is too long.
fn forced_by(group: &Group<'_>) -> Forced {
    match group.kind {
        GroupKind::Block | GroupKind::Object => Forced::Blocks,
        GroupKind::List | GroupKind::Array => Forced::Lists,
    }
}

/// Breaks a clause before the words of a level and of those above it, outside of parentheses.
fn split(clause: &Clause<'_>, level: Break) -> Option<(Vec<String>, Vec<String>)> {
    let mut cells = Vec::new();
    let mut tail = Vec::new();
    let mut depth = 0_usize;
    for cell in &clause.cells {
        let mut parts: Vec<Vec<&Piece<'_>>> = vec![Vec::new()];
        for (position, piece) in cell.iter().enumerate() {
            if let Piece::Token(token) = piece {
                match token.text {
                    "(" => depth += 1,
                    ")" => depth = depth.saturating_sub(1),
                    _ => {}
                }
                let inside = depth > 0 || position == 0 && cells.is_empty();
                if token.breaks <= level && !inside {
                    parts.push(Vec::new());
                }
            }
            if let Some(part) = parts.last_mut() {
                part.push(piece);
            }
        }
        let mut parts = parts.into_iter().map(flat::pieces);
        let first = parts.next()??;
        // What follows a break follows on its line.
        match tail.last_mut() {
            None => cells.push(first),
            Some(last) => {
                let last: &mut String = last;
                last.push(' ');
                last.push_str(&first);
            }
        }
        for part in parts {
            tail.push(part?);
        }
    }
    if tail.is_empty() { None } else { Some((cells, tail)) }
}

/// How wide each column is for each row, with the space behind it; empty where nothing lines up.
fn columns(entries: &[Entry<'_>], rows: &[Row<'_, '_>], indent: usize) -> Vec<Vec<usize>> {
    let mut widths = vec![Vec::new(); rows.len()];
    let mut members: Vec<usize> = Vec::new();
    let mut current = Run::Alone;
    for (position, (entry, row)) in entries.iter().zip(rows).enumerate() {
        let run = match row {
            Row::Columns { run, .. } => Some(*run),
            Row::Line(_) => None,
            Row::Open { .. } => Some(Run::Alone),
        };
        let breaks = matches!(row, Row::Open { .. })
            || run.is_some_and(|run| run != current && run != Run::Alone);
        if entry.blank_before || breaks {
            settle(rows, &mut members, indent, &mut widths);
        }
        if let Some(run) = run.filter(|run| *run != Run::Alone) {
            current = run;
            members.push(position);
        }
    }
    settle(rows, &mut members, indent, &mut widths);
    widths
}

/// Sets the widths of the rows of a run, which is over.
fn settle(
    rows: &[Row<'_, '_>],
    members: &mut Vec<usize>,
    indent: usize,
    widths: &mut [Vec<usize>],
) {
    let mut declarations = false;
    let run: Vec<(usize, &Vec<String>)> = members
        .drain(..)
        .filter_map(|position| match rows.get(position) {
            Some(Row::Columns { cells, run, .. }) => {
                declarations = matches!(run, Run::Declarations(_));
                Some((position, cells))
            }
            _ => None,
        })
        .filter(|(_, cells)| cells.iter().skip(1).any(|cell| !cell.is_empty()))
        .collect();
    if run.len() < 2 {
        return;
    }
    let count = run.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    let mut shared: Vec<usize> = (0..count)
        .map(|column| {
            let with_more = run
                .iter()
                .filter(|(_, cells)| cells.iter().skip(column + 1).any(|cell| !cell.is_empty()));
            let widths = with_more.filter_map(|(_, cells)| cells.get(column));
            widths.map(|cell| width(cell)).max().unwrap_or(0)
        })
        .collect();
    // Two spaces stand behind a column, one before the block of a declaration.
    let mut gap = if declarations { 1 } else { 2 };
    for column in shared.iter_mut().rev().filter(|column| **column > 0) {
        *column += std::mem::replace(&mut gap, 2);
    }
    let too_wide = run.iter().any(|(_, cells)| {
        indent + width(&flat::join(cells)) <= WIDTH
            && indent + width(&aligned(cells, &shared)) > WIDTH
    });
    if too_wide {
        return;
    }
    for (position, _) in run {
        if let Some(widths) = widths.get_mut(position) {
            widths.clone_from(&shared);
        }
    }
}

/// Columns at their widths.
fn aligned(cells: &[String], widths: &[usize]) -> String {
    if widths.is_empty() {
        return flat::join(cells);
    }
    let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    let mut line = String::new();
    for (column, cell) in cells.iter().take(filled).enumerate() {
        line.push_str(cell);
        if column + 1 < filled {
            let column = widths.get(column).copied().unwrap_or(0);
            line.extend(std::iter::repeat_n(' ', column.saturating_sub(width(cell))));
        }
    }
    line
}

/// How much deeper than a clause its next lines are: where its second column begins.
fn continuation(cells: &[String], widths: &[usize]) -> usize {
    match cells.first() {
        Some(first) if cells.len() > 1 => widths.first().copied().unwrap_or(width(first) + 1),
        _ => INDENT,
    }
}
