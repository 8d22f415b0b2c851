//! Licences: Forecourt may be given to anyone, so everything built into it must allow that.

use super::{metadata, none, packages};

/// SPDX names that ask for no more than a notice, or (MPL-2.0) for the changed files of the crate itself.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[test]
fn every_dependency_may_be_passed_on() {
    let metadata = metadata();
    let findings: Vec<String> = packages(&metadata, false)
        .filter_map(|package| {
            let licence = package["license"].as_str();
            if licence.is_some_and(allows) {
                return None;
            }
            let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
            Some(format!("{name} {version}: {}", licence.unwrap_or("no licence named")))
        })
        .collect();
    none("Licences that are not on the list in this file:", &findings);
}

#[test]
fn our_own_crates_are_apache() {
    let metadata = metadata();
    let findings: Vec<String> = packages(&metadata, true)
        .filter(|package| package["license"] != "Apache-2.0")
        .map(|package| package["name"].to_string())
        .collect();
    none("Say `license.workspace = true`:", &findings);
}

/// Does this SPDX expression leave a choice that is on the list? `/` is crates.io's old word for `OR`.
fn allows(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let allowed = any(&mut rest);
    allowed == Some(true) && rest.is_empty()
}

/// `all OR all ...`; `None` when the expression is not one.
fn any(rest: &mut &[&str]) -> Option<bool> {
    let mut allowed = all(rest)?;
    while let Some((&"OR", after)) = rest.split_first() {
        *rest = after;
        allowed |= all(rest)?;
    }
    Some(allowed)
}

/// `one AND one ...`
fn all(rest: &mut &[&str]) -> Option<bool> {
    let mut allowed = one(rest)?;
    while let Some((&"AND", after)) = rest.split_first() {
        *rest = after;
        allowed &= one(rest)?;
    }
    Some(allowed)
}

/// A name, a name `WITH` an exception, or an expression in brackets.
fn one(rest: &mut &[&str]) -> Option<bool> {
    let (&name, after) = rest.split_first()?;
    *rest = after;
    if name == "(" {
        let allowed = any(rest)?;
        let (&close, after) = rest.split_first()?;
        *rest = after;
        return (close == ")").then_some(allowed);
    }
    if let ["WITH", exception, after @ ..] = *rest {
        *rest = after;
        return Some(ALLOWED.contains(&format!("{name} WITH {exception}").as_str()));
    }
    Some(ALLOWED.contains(&name))
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT/Apache-2.0", true),
        ("GPL-2.0-only OR MIT", true),
        ("GPL-2.0-only AND MIT", false),
        ("MIT AND BSD-3-Clause OR GPL-3.0-only", true),
        ("(MIT OR GPL-3.0-only) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND AGPL-3.0-only", false),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only", true),
        ("GPL-2.0-only WITH Classpath-exception-2.0", false),
        ("MIT OR", false),
        ("(MIT", false),
        ("MIT MIT", false),
        ("", false),
    ] {
        assert_eq!(allows(expression), expected, "{expression:?}");
    }
}
