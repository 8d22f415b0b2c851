//! The tour of the README is true: every block of it runs, word by word, against a demo, and may be repeated.

use std::path::Path;

use forecourt_store::Location;
use forecourt_testkit::Backend;
use serde_json::Value;
use tokio::process::Command;

use crate::support::{Said, Server, Site, said};

/// What stands before a block of the tour, and where the demo of the reader is.
const MARK: &str = "<!-- tour -->";
const READERS_URL: &str = "http://127.0.0.1:8080";
/// Nothing that fails, anywhere in a pipe, goes unnoticed; and neither does a name without a value.
const BEGINNING: &str = r#"set -euo pipefail; trap 'echo "README.md:$LINENO: $BASH_COMMAND" >&2' ERR;"#;

/// The tour as a script of bash whose lines have the numbers they have in the README.
fn script(readme: &str) -> String {
    let mut script = String::new();
    let (mut marked, mut inside) = (false, false);
    for line in readme.lines() {
        match line {
            "```sh" => inside = marked,
            "```" => inside = false,
            _ if inside => {
                script.push_str(line);
                if let Some((name, _)) = line.strip_prefix("export ").and_then(|rest| rest.split_once('=')) {
                    // The status of what a value is made by is lost with `export`.
                    script.extend(["; : \"${", name, ":?}\""]);
                }
            }
            _ => {}
        }
        if !line.is_empty() {
            marked = line == MARK;
        }
        script.push('\n');
    }
    script
}

#[test]
fn marked_blocks_keep_their_lines() {
    let readme = "Text\n\n```sh\nrm -rf /\n```\n\n<!-- tour -->\n```sh\nexport A=$(b)\ncurl -sf\n```\n";
    assert_eq!(script(readme), "\n\n\n\n\n\n\n\nexport A=$(b); : \"${A:?}\"\ncurl -sf\n\n");
}

async fn take_tour(server: &Server, folder: &Path, script: &str) -> Said {
    let url = server.greeting["url"].as_str().expect("the demo tells its address");
    let mut bash = Command::new("bash");
    bash.arg("-c").arg(BEGINNING.to_owned() + &script.replace(READERS_URL, url)).current_dir(folder);
    said(bash).await
}

/// Programs that a reader needs; where they are missing, there is no tour.
async fn is_equipped() -> bool {
    for program in ["bash", "curl", "jq"] {
        let there = Command::new(program).arg("--version").output().await.is_ok_and(|output| output.status.success());
        if !there {
            assert!(std::env::var_os("CI").is_none(), "there is no {program}");
            eprintln!("THE TOUR OF THE README IS NOT TESTED: there is no {program}");
            return false;
        }
    }
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tour_is_true() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).expect("there is a README");
    let script = script(&readme);
    let commands = script.lines().filter(|line| line.contains("curl"));
    let commands = commands.inspect(|line| assert!(line.contains("curl -sf"), "it hides that it failed: {line}"));
    assert!(commands.count() > 10, "the tour is short:\n{script}");
    if !is_equipped().await {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = Site::at(Backend::Sqlite, Location::Folder(folder.path().join("demo-data")));
    let server = site.demo(&[]).await;
    for _ in 0..2 {
        let said = take_tour(&server, folder.path(), &script).await;
        assert_eq!(said.code, Some(0), "{}\n{}", said.output, said.errors);
        assert!(said.output.contains(r#""score":82,"filter":"A""#), "{}", said.output);
        assert!(said.output.contains(r#""duplicate":true"#), "{}", said.output);
        let answers: Vec<Value> = serde_json::Deserializer::from_str(&said.output).into_iter().flatten().collect();
        assert!(answers.len() > 10, "only {} answers were JSON: {}", answers.len(), said.output);
    }
    server.stop().await;
    site.finish(&[]);
}
