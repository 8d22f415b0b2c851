//! Architecture: which crate may name which other. `ARCHITECTURE.md` draws the same arrows; a change to
//! one is a change to both.

use serde_json::Value;

use super::{metadata, none, packages};

/// Who may use our crates, and which of them. The first pattern that fits a crate holds for it.
const ARROWS: &[(&str, &[&str])] = &[
    ("forecourt-record", &[]),
    ("forecourt-query", &["forecourt-record"]),
    ("forecourt-store", &["forecourt-query", "forecourt-record"]),
    ("forecourt-connect", &["forecourt-record"]),
    ("forecourt-crm", &["forecourt-store", "forecourt-connect", "forecourt-query", "forecourt-record"]),
    (
        "forecourt-outreach",
        &["forecourt-crm", "forecourt-store", "forecourt-connect", "forecourt-query", "forecourt-record"],
    ),
    (
        "forecourt-api",
        &[
            "forecourt-outreach",
            "forecourt-crm",
            "forecourt-store",
            "forecourt-connect",
            "forecourt-query",
            "forecourt-record",
        ],
    ),
    // A dialect can name neither a table nor a provider.
    (
        "forecourt-dialect-*",
        &["forecourt-api", "forecourt-outreach", "forecourt-crm", "forecourt-query", "forecourt-record"],
    ),
    ("forecourt", &["*"]),
    ("forecourt-testkit", &["*"]),
    ("forecourt-tests", &["*"]),
    ("forecourt-bench", &["*"]),
];

/// The crates that prove things: they may open what they look at.
const PROVING: [&str; 3] = ["forecourt-testkit", "forecourt-tests", "forecourt-bench"];

/// Outside crates that only some of ours may name, and why. The proving crates always may.
const KEPT_IN: &[(&[&str], &[&str], &str)] = &[
    (&["rusqlite", "tokio-postgres", "deadpool-postgres", "refinery"], &["forecourt-store"], "all SQL is in the store"),
    (
        &["axum", "tower", "tower-http"],
        &["forecourt-api", "forecourt-dialect-*", "forecourt"],
        "nothing below the API knows HTTP",
    ),
    (&["reqwest", "lettre"], &["forecourt-connect"], "all calls to the outside are in connect"),
    (
        &["tokio"],
        &[
            "forecourt-store",
            "forecourt-connect",
            "forecourt-crm",
            "forecourt-outreach",
            "forecourt-api",
            "forecourt-dialect-*",
            "forecourt",
        ],
        "record and query are pure: no I/O",
    ),
];

#[test]
fn crates_name_only_what_the_map_allows() {
    let metadata = metadata();
    let findings: Vec<String> = packages(&metadata, true)
        .flat_map(|package| {
            let name = package["name"].as_str().unwrap_or_default();
            check(name, &uses(package))
        })
        .collect();
    none("Arrows that ARCHITECTURE.md does not have:", &findings);
}

/// What a package depends on: the name, and whether only its own tests do.
fn uses(package: &Value) -> Vec<(&str, bool)> {
    let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
    dependencies
        .iter()
        .filter_map(|dependency| Some((dependency["name"].as_str()?, dependency["kind"] == "dev")))
        .collect()
}

fn check(name: &str, uses: &[(&str, bool)]) -> Vec<String> {
    let Some((_, allowed)) = ARROWS.iter().find(|(pattern, _)| fits(pattern, name)) else {
        return vec![format!("{name} has no place on the map yet")];
    };
    let mut findings = Vec::new();
    for &(used, only_in_tests) in uses {
        let ours = used == "forecourt" || used.starts_with("forecourt-");
        let testkit = only_in_tests && used == "forecourt-testkit";
        if ours && !testkit && !allowed.iter().any(|pattern| fits(pattern, used)) {
            findings.push(format!("{name} -> {used}"));
        }
        for (kept, by, why) in KEPT_IN {
            let may = PROVING.contains(&name) || by.iter().any(|pattern| fits(pattern, name));
            if kept.contains(&used) && !may {
                findings.push(format!("{name} -> {used}: {why}"));
            }
        }
    }
    findings
}

/// Is this the name, or, with a `*` at the end, its beginning?
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}

#[test]
fn a_wrong_arrow_is_found() {
    for (name, used, only_in_tests, expected) in [
        ("forecourt-query", "forecourt-record", false, None),
        ("forecourt-record", "forecourt-query", false, Some("forecourt-record -> forecourt-query")),
        ("forecourt-dialect-altum", "forecourt-store", false, Some("forecourt-dialect-altum -> forecourt-store")),
        (
            "forecourt-dialect-altum",
            "forecourt-dialect-walcu",
            false,
            Some("forecourt-dialect-altum -> forecourt-dialect-walcu"),
        ),
        ("forecourt-crm", "forecourt-testkit", true, None),
        ("forecourt-crm", "forecourt-testkit", false, Some("forecourt-crm -> forecourt-testkit")),
        ("forecourt-crm", "rusqlite", true, Some("forecourt-crm -> rusqlite: all SQL is in the store")),
        ("forecourt-bench", "rusqlite", false, None),
        ("forecourt-outreach", "axum", false, Some("forecourt-outreach -> axum: nothing below the API knows HTTP")),
        ("forecourt-query", "tokio", false, Some("forecourt-query -> tokio: record and query are pure: no I/O")),
        ("forecourt-nowhere", "serde", false, Some("forecourt-nowhere has no place on the map yet")),
    ] {
        let found = check(name, &[(used, only_in_tests)]);
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{name} -> {used}");
    }
}
