//! How a source file looks: its first line, its length, and what no file may be left with.

use super::literals::split;
use super::{Source, none, rust_sources};

/// Past this a file holds more than one thing and is split by meaning.
const MOST_LINES: usize = 600;

/// What nothing is committed with, written in two halves so that this file does not hold it, and what to
/// do instead.
const BANNED: &[(&str, &str, &str)] = &[
    ("#[", "ignore", "a test that is not run proves nothing: mend it or take it out"),
    ("tod", "o!(", "finish it, or leave the whole thing out"),
    ("unimple", "mented!(", "finish it, or leave the whole thing out"),
    ("FIX", "ME", "fix it now, or file it where work is planned"),
    (".onl", "y(", "runs one test and hides the rest"),
    ("thread::sl", "eep", "wait on a state, not on time"),
];

#[test]
fn every_file_says_what_it_is_for() {
    let findings: Vec<String> = rust_sources()
        .iter()
        .filter(|source| !opens_with_its_purpose(&source.text))
        .map(|source| source.path.clone())
        .collect();
    none("The first line is `//!` and says what the file is for:", &findings);
}

fn opens_with_its_purpose(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("//! ").is_some_and(|purpose| !purpose.trim().is_empty())
}

#[test]
fn no_file_is_long() {
    let findings: Vec<String> = rust_sources()
        .iter()
        .map(|source| (source.text.lines().count(), source))
        .filter(|&(lines, _)| lines > MOST_LINES)
        .map(|(lines, source)| format!("{}: {lines} lines", source.path))
        .collect();
    none(&format!("More than {MOST_LINES} lines, to split by meaning:"), &findings);
}

#[test]
fn nothing_is_left_unfinished() {
    let findings: Vec<String> = rust_sources().iter().flat_map(unfinished).collect();
    none("Left in a source:", &findings);
}

/// The banned marks of one file, also in its comments: a promise there is not kept either.
fn unfinished(source: &Source) -> Vec<String> {
    let mut findings = Vec::new();
    for (at, line) in source.text.lines().enumerate() {
        for (head, tail, instead) in BANNED {
            let found = line.match_indices(head).any(|(at, _)| line[at + head.len()..].starts_with(tail));
            if found {
                findings.push(format!("{}:{}: {head}{tail}: {instead}", source.path, at + 1));
            }
        }
    }
    findings
}

#[test]
fn lints_are_silenced_with_a_reason() {
    let findings: Vec<String> = rust_sources().iter().flat_map(silenced).collect();
    none("`allow` and `expect` of a lint say why, `reason = \"...\"`:", &findings);
}

/// Attributes that switch a lint off and do not say why. Tests may unwrap without saying so again.
fn silenced(source: &Source) -> Vec<String> {
    let (_, code) = split(&source.text);
    let mut findings = Vec::new();
    for opening in ["[allow(", "[expect("] {
        for (at, _) in code.match_indices(opening) {
            let lints = code[at + opening.len()..].split(")]").next().unwrap_or_default();
            let known = lints.trim() == "clippy::unwrap_used";
            if !known && !lints.contains("reason") {
                findings.push(format!("{}: {opening}{})]", source.path, lints.trim()));
            }
        }
    }
    findings
}

#[test]
fn a_bad_file_is_found() {
    assert!(opens_with_its_purpose("//! Says so.\n"));
    assert!(!opens_with_its_purpose("//!\nuse std;\n"));
    assert!(!opens_with_its_purpose("// Says so.\n"));
    assert!(!opens_with_its_purpose(""));

    let source = |text: &str| Source { path: "a.rs".to_owned(), text: text.to_owned() };
    for (head, tail, instead) in BANNED {
        let bad = source(&format!("fn fine() {{}}\n    {head}{tail}\n"));
        assert_eq!(unfinished(&bad), [format!("a.rs:2: {head}{tail}: {instead}")]);
    }
    assert!(unfinished(&source("fn ignore() { only(sleep) }")).is_empty());

    assert_eq!(silenced(&source("#[allow(dead_code)]\nfn f() {}")), ["a.rs: [allow(dead_code)]"]);
    assert!(silenced(&source("#[expect(dead_code, reason = \"x\")]\nfn f() {}")).is_empty());
    assert!(silenced(&source("#![allow(clippy::unwrap_used)]")).is_empty());
    assert!(silenced(&source("// #[allow(dead_code)]")).is_empty());
}
