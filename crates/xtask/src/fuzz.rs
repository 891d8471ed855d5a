//! The fuzz targets of `fuzz/`, for some seconds each.
//!
//! They are built without a sanitizer, since there is no `unsafe` to watch: so a stable toolchain
//! is enough. What they begin with is made here, of the policies and the corpus of the tree.

use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::step::{Fault, cargo, require, root, say, step};

/// Each is a file of `fuzz/fuzz_targets`.
const TARGETS: &[&str] =
    &["text", "ast", "plan", "requests", "forwarded", "url", "path", "body", "query"];
/// Where all is built and kept that is not for the repository.
const TARGET: &str = "target/fuzz";

/// Whether the inputs found on the way are there the next time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Corpus {
    /// Each run begins with the seeds alone, so that it takes as long as the last one.
    Fresh,
    /// Each run goes on where the last one ended.
    Kept,
}

/// Runs every target for so many seconds.
pub(crate) fn run(seconds: u64, corpus: Corpus) -> Result<(), Fault> {
    require("cargo-fuzz")?;
    let format = ["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"];
    step("cargo fmt, fuzz", &mut [cargo(&format)])?;
    step("cargo fuzz build", &mut [cargo_fuzz("build", corpus)])?;
    say("\n==> cargo fuzz run");
    // Each is one thread of its own.
    let at_once = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    for targets in TARGETS.chunks(at_once) {
        std::thread::scope(|scope| {
            let running =
                targets.iter().map(|target| scope.spawn(|| fuzz(target, seconds, corpus)));
            let running: Vec<_> = running.collect();
            let ended =
                running.into_iter().map(|running| running.join().unwrap_or(Err(Fault::Ended)));
            ended.fold(Ok(()), Result::and)
        })?;
    }
    Ok(())
}

fn cargo_fuzz(verb: &str, corpus: Corpus) -> Command {
    let mut command = cargo(&[
        "fuzz",
        verb,
        "--sanitizer",
        "none",
        "--codegen-units",
        "16",
        "--target-dir",
        TARGET,
    ]);
    if corpus == Corpus::Fresh {
        // A look of some seconds is not worth minutes of optimisation.
        command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    }
    command
}

fn fuzz(target: &str, seconds: u64, corpus: Corpus) -> Result<(), Fault> {
    let folder = |kind: &str| root().join(TARGET).join(kind).join(target);
    let (found, seeds) = (folder("corpus"), folder("seeds"));
    let said = |error| Fault::Unreadable { what: format!("seeds of {target}"), error };
    if corpus == Corpus::Fresh {
        empty(&found).map_err(said)?;
    }
    fs::create_dir_all(&found).map_err(said)?;
    empty(&seeds).map_err(said)?;
    for (at, seed) in seeds_of(target).map_err(said)?.into_iter().enumerate() {
        fs::write(seeds.join(at.to_string()), seed).map_err(said)?;
    }
    let words = folder("dictionary");
    fs::create_dir_all(root().join(TARGET).join("dictionary")).map_err(said)?;
    fs::write(&words, dictionary().map_err(said)?).map_err(said)?;

    let mut command = cargo_fuzz("run", corpus);
    command.arg(target).args([&found, &seeds]).arg("--");
    command.arg(format!("-max_total_time={seconds}")).arg(format!("-dict={}", words.display()));
    // An input that takes ten seconds is a find as well.
    command.args(["-timeout=10", "-max_len=8192", "-print_final_stats=1"]);
    let what = format!("cargo fuzz run {target}");
    let output =
        command.output().map_err(|error| Fault::Unreadable { what: what.clone(), error })?;
    let Output { status, stderr, stdout } = output;
    let log = String::from_utf8_lossy(&stderr);
    if !status.success() {
        say(&String::from_utf8_lossy(&stdout));
        say(&log);
        return Err(Fault::Failed { step: what, status });
    }
    let inputs = after_last(&log, "stat::number_of_executed_units:");
    let edges = after_last(&log, " cov:");
    say(&format!("    {target:<8}  {inputs:>9} inputs, {edges:>6} edges, nothing found"));
    Ok(())
}

/// The word behind the last of these.
fn after_last<'t>(log: &'t str, mark: &str) -> &'t str {
    let behind = log.rsplit_once(mark).map_or("", |(_, behind)| behind);
    behind.split_whitespace().next().unwrap_or("no")
}

fn empty(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)
}

/// What a target begins with.
fn seeds_of(target: &str) -> io::Result<Vec<Vec<u8>>> {
    match target {
        "text" => texts(),
        "requests" | "forwarded" | "path" | "url" | "body" | "query" => {
            let folder = root().join("fuzz/seeds").join(target);
            files(&folder, "")?.into_iter().map(fs::read).collect()
        }
        // Choices: long enough that a whole policy and its requests are made of them.
        _ => Ok((1..=48).map(|seed| bytes(seed).take(2_400).collect()).collect()),
    }
}

/// Every file of the policies, and every policy of the corpus.
fn texts() -> io::Result<Vec<Vec<u8>>> {
    let mut texts = Vec::new();
    for path in files(&root().join("policies"), "gate")? {
        texts.push(fs::read(path)?);
    }
    for path in files(&root().join("tests/spec"), "md")? {
        let case = fs::read_to_string(path)?;
        let blocks = case.split("```gate\n").skip(1);
        texts.extend(blocks.filter_map(|block| block.split("```").next()).map(Vec::from));
    }
    Ok(texts)
}

/// Every file below a folder whose name ends so, in the order of their paths.
fn files(folder: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut waiting = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().unwrap_or_default() == extension {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The words of the language, for the targets to put into an input.
fn dictionary() -> io::Result<String> {
    let grammar =
        fs::read_to_string(root().join("crates/portcullis-syntax/src/grammar/words.pest"))?;
    let words = grammar.lines().filter(|line| line.starts_with("kw_"));
    let words = words.filter_map(|line| line.split('"').nth(1));
    Ok(words.map(|word| format!("\"{word} \"\n")).collect())
}

/// Bytes without end, the same for the same seed (xorshift64).
fn bytes(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u8::try_from(state >> 56).unwrap_or(0)
    })
}
