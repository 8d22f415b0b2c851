//! The manifests: every outside crate is named once, with its reason, and is really used.

use toml::{Table, Value};

use super::literals::split;
use super::{none, root, rust_sources};

/// One reason covers this many crates that follow it; more need a reason of their own.
const MOST_UNDER_ONE_REASON: usize = 6;

/// The tables of a member's manifest that name dependencies.
const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

#[test]
fn every_dependency_has_its_reason() {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).expect("the root manifest is there");
    none("[workspace.dependencies] without a comment that says why:", &without_reason(&text));
}

/// Dependencies with no comment above them or above their group; a blank line ends a group.
fn without_reason(manifest: &str) -> Vec<String> {
    let lines = manifest
        .lines()
        .skip_while(|line| line.trim() != "[workspace.dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['));
    let mut findings = Vec::new();
    // How many crates the reason still covers.
    let mut covered = 0;
    for line in lines.map(str::trim) {
        if let Some(reason) = line.strip_prefix('#') {
            covered = if reason.trim().is_empty() { 0 } else { MOST_UNDER_ONE_REASON };
        } else if line.is_empty() {
            covered = 0;
        } else if let Some((name, value)) = line.split_once('=') {
            let ours = value.contains("path =");
            if covered == 0 {
                findings.push(name.trim().to_owned());
            } else if !ours {
                covered -= 1;
            }
        }
    }
    findings
}

/// A crate of the workspace: its folder, its manifest, and what its manifest asks for.
struct Member {
    folder: String,
    manifest: Table,
}

impl Member {
    /// Every dependency of every table, with how it is asked for.
    fn dependencies(&self) -> impl Iterator<Item = (&str, &Value)> {
        TABLES
            .iter()
            .filter_map(|table| self.manifest.get(*table)?.as_table())
            .flatten()
            .map(|(name, value)| (name.as_str(), value))
    }
}

/// The members, found as the root manifest finds them: all of `crates/`, `tests` and `bench`.
fn members() -> Vec<Member> {
    let crates = std::fs::read_dir(root().join("crates")).expect("crates/ is there");
    let mut folders: Vec<String> = crates
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .map(|name| format!("crates/{name}"))
        .chain(["tests".to_owned(), "bench".to_owned()])
        .filter(|folder| root().join(folder).join("Cargo.toml").exists())
        .collect();
    folders.sort();
    folders.into_iter().map(|folder| Member { manifest: table(&format!("{folder}/Cargo.toml")), folder }).collect()
}

fn table(path: &str) -> Table {
    let text = std::fs::read_to_string(root().join(path)).expect("the manifest is readable");
    text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_named_dependency_has_a_user() {
    let root = table("Cargo.toml");
    let named = root["workspace"]["dependencies"].as_table().expect("the root names dependencies");
    let members = members();
    let findings: Vec<String> = named
        .keys()
        .filter(|name| !members.iter().any(|member| member.dependencies().any(|(used, _)| used == *name)))
        .cloned()
        .collect();
    none("In [workspace.dependencies], but no crate asks for it:", &findings);
}

#[test]
fn members_inherit_versions_and_lints() {
    let mut findings = Vec::new();
    for member in members() {
        for (name, value) in member.dependencies() {
            if value.get("workspace").and_then(Value::as_bool) != Some(true) {
                findings.push(format!("{}: {name}: `workspace = true`, its version is in the root", member.folder));
            }
        }
        let lints = member.manifest.get("lints").and_then(|lints| lints.get("workspace"));
        if lints.and_then(Value::as_bool) != Some(true) {
            findings.push(format!("{}: `[lints] workspace = true`", member.folder));
        }
    }
    none("Said once, in the root manifest:", &findings);
}

#[test]
fn every_dependency_is_used_by_its_crate() {
    let sources: Vec<(String, String)> =
        rust_sources().into_iter().map(|source| (source.path, split(&source.text).1)).collect();
    let mut findings = Vec::new();
    for member in members() {
        let folder = format!("{}/", member.folder);
        let own: Vec<&str> =
            sources.iter().filter(|(path, _)| path.starts_with(&folder)).map(|(_, code)| code.as_str()).collect();
        for (name, _) in member.dependencies() {
            let word = name.replace('-', "_");
            if !own.iter().any(|code| names(code, &word)) {
                findings.push(format!("{}: {name}", member.folder));
            }
        }
    }
    none("Asked for in a manifest, but no source of that crate names it:", &findings);
}

/// Does the text hold this word, with no letter, digit or underscore at either side?
fn names(text: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(joins) && !after.is_some_and(joins)
    })
}

#[test]
fn a_missing_reason_is_found() {
    let manifest = "[workspace.dependencies]\nbare = \"1\"\n# Because.\na = \"1\"\nb = { version = \"1\" }\n\n\
                    lost = \"1\"\n#\nempty = \"1\"\n[profile.dev]\nx = 1\n";
    assert_eq!(without_reason(manifest), ["bare", "lost", "empty"]);

    let many: Vec<String> = (0..=MOST_UNDER_ONE_REASON).map(|n| format!("c{n} = \"1\"")).collect();
    let many = many.join("\n");
    assert_eq!(without_reason(&format!("[workspace.dependencies]\n# Because.\n{many}")), ["c6"]);
}

#[test]
fn a_word_is_found_whole() {
    assert!(names("use http::Uri;", "http"));
    assert!(names("#[derive(serde::Serialize)]", "serde"));
    assert!(!names("use http_body_util::Full;", "http"));
    assert!(!names("tower_http", "http"));
}
