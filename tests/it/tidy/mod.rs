//! The house rules that a machine can check, as ordinary tests over the files and manifests of this
//! repository. Every check is a function from text to findings, so that its own test can show it fail.

mod arrows;
mod licences;
mod literals;
mod manifests;
mod sources;
mod sql;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A file of the repository: its path from the root, with `/` between, and its text.
struct Source {
    path: String,
    text: String,
}

/// The folder of the workspace's `Cargo.toml`.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace")
}

/// Every Rust file that belongs to the project.
fn rust_sources() -> Vec<Source> {
    let sources: Vec<Source> = project_files()
        .into_iter()
        .filter(|path| Path::new(path).extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| {
            // A file that git still lists may be gone from the work tree.
            let text = std::fs::read_to_string(root().join(&path)).ok()?;
            Some(Source { path, text })
        })
        .collect();
    assert!(sources.len() > 10, "found only {} Rust files: the search is broken", sources.len());
    sources
}

/// Paths of the files that git knows or would add; without git, of all but hidden and built ones.
fn project_files() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    match listed {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            String::from_utf8_lossy(&output.stdout).split_terminator('\0').map(str::to_owned).collect()
        }
        _ => {
            let mut found = Vec::new();
            walk(root(), &mut found);
            found
        }
    }
}

fn walk(dir: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).expect("a folder of the project is readable") {
        let path: PathBuf = entry.expect("its entries too").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name == "target" || name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            walk(&path, found);
        } else if let Ok(inside) = path.strip_prefix(root()) {
            found.push(inside.to_string_lossy().replace('\\', "/"));
        }
    }
}

/// What cargo knows of the workspace and of every crate it is built from on this machine.
fn metadata() -> Value {
    let host = output_of("rustc", &["-vV"])
        .lines()
        .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
        .expect("rustc -vV names its host");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let args = ["metadata", "--format-version=1", "--locked", "--filter-platform", &host];
    serde_json::from_str(&output_of(&cargo, &args)).expect("cargo metadata prints JSON")
}

fn output_of(program: &str, args: &[&str]) -> String {
    let output = Command::new(program)
        .args(args)
        .current_dir(root())
        .output()
        .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {said}");
    String::from_utf8(output.stdout).expect("its output is UTF-8")
}

/// The packages of `metadata` that are ours (`true`) or somebody else's (`false`).
fn packages(metadata: &Value, ours: bool) -> impl Iterator<Item = &Value> {
    let all = metadata["packages"].as_array().expect("metadata lists packages");
    all.iter().filter(move |package| package["source"].is_null() == ours)
}

/// Fails with every finding on a line of its own, after the rule that they break.
#[track_caller]
fn none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "{rule}\n  {}\n", findings.join("\n  "));
}
