//! SQL is in the store and nowhere else: a statement elsewhere would escape its scoping by dealer.

use super::literals::split;
use super::{Source, none, rust_sources};

/// The store itself, what lowers a question to a condition inside its statements, and what proves it by looking underneath.
const MAY: [&str; 4] = ["crates/store/", "crates/query/src/search/", "bench/", "tests/"];

/// How a statement begins, and the word without which it is only a sentence that begins alike.
const STATEMENTS: &[(&str, &str)] = &[
    ("select ", " from "),
    ("insert into ", ""),
    ("insert or ", " into "),
    ("update ", " set "),
    ("delete from ", ""),
    ("create table ", ""),
    ("alter table ", ""),
    ("drop table ", ""),
];

#[test]
fn sql_is_only_in_the_store() {
    let findings: Vec<String> = rust_sources()
        .iter()
        .filter(|source| !MAY.iter().any(|folder| source.path.starts_with(folder)))
        .flat_map(statements)
        .collect();
    none("SQL outside crates/store:", &findings);
}

fn statements(source: &Source) -> Vec<String> {
    let (literals, _) = split(&source.text);
    literals
        .iter()
        .filter(|literal| is_statement(&literal.text))
        .map(|literal| {
            let beginning: String = literal.text.trim_start().chars().take(40).collect();
            format!("{}:{}: {}", source.path, literal.line, beginning.replace('\n', " "))
        })
        .collect()
}

/// A keyword begins the text, wholly in one case: "Select a lead" is a sentence.
fn is_statement(text: &str) -> bool {
    let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
    STATEMENTS.iter().any(|(opening, needed)| {
        let shouted = spaced.starts_with(&opening.to_uppercase());
        let quiet = spaced.starts_with(opening) && spaced.contains(needed);
        shouted || quiet
    })
}

#[test]
fn a_statement_is_told_from_a_sentence() {
    for (text, expected) in [
        ("SELECT 1", true),
        ("\n    SELECT id\n    FROM leads", true),
        ("select id from leads", true),
        ("INSERT INTO leads VALUES (?1)", true),
        ("UPDATE leads\nSET doc = ?1", true),
        ("delete from jobs", true),
        ("Select a lead from the list", false),
        ("select a lead", false),
        ("update the client", false),
        ("selected", false),
        ("", false),
    ] {
        assert_eq!(is_statement(text), expected, "{text:?}");
    }
    let source = Source { path: "a.rs".to_owned(), text: "// \"SELECT 1\"\nf(\"SELECT 2\");".to_owned() };
    assert_eq!(statements(&source), ["a.rs:2: SELECT 2"]);
}
