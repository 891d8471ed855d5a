//! Coverage as an LCOV trace file, which editors and CI servers show: a line is a clause, a branch a way in
//! which it can come out.

use std::collections::BTreeMap;
use std::path::Path;

use super::Covered;
use crate::Failure;
use crate::output::Output;
use crate::{shown, write};

/// Writes the file; `-` is standard output, and one that is there is replaced.
pub(in crate::verb::test) fn write(
    path: &Path,
    covered: &[Covered],
    output: &mut Output,
) -> Result<(), Failure> {
    write::to(path, &text(covered), output)
}

fn text(covered: &[Covered]) -> String {
    let mut files: BTreeMap<&str, BTreeMap<u32, Vec<&Covered>>> = BTreeMap::new();
    for clause in covered {
        let lines = files.entry(&clause.file).or_default();
        lines.entry(clause.line).or_default().push(clause);
    }
    let mut out = String::from("TN:\n");
    for (file, lines) in files {
        // A name with a line break in it would be two lines, and one may be printed on a terminal.
        out.push_str(&format!("SF:{}\n", shown::line(file)));
        let (mut hit, mut branches, mut taken) = (0, 0, 0);
        for (line, clauses) in &lines {
            let decided = |clause: &&Covered| {
                clause.ways.iter().fold(0u64, |sum, (_, count)| sum.saturating_add(*count))
            };
            for (block, clause) in clauses.iter().enumerate() {
                for (branch, (_, count)) in clause.ways.iter().enumerate() {
                    // Of a clause that was never come to, nobody knows.
                    let count =
                        if decided(clause) == 0 { "-".to_owned() } else { count.to_string() };
                    out.push_str(&format!("BRDA:{line},{block},{branch},{count}\n"));
                }
                branches += clause.ways.len();
                taken += clause.ways.len() - clause.missing().count();
            }
            // A clause that no test decides shows, also beside one on its line that many do.
            let least = clauses.iter().map(decided).min().unwrap_or(0);
            out.push_str(&format!("DA:{line},{least}\n"));
            hit += usize::from(least > 0);
        }
        out.push_str(&format!("BRF:{branches}\nBRH:{taken}\n"));
        out.push_str(&format!("LF:{}\nLH:{hit}\nend_of_record\n", lines.len()));
    }
    out
}
