//! What is not known is an error with a name, and every command tells what it takes.

use forecourt_testkit::Backend;

use crate::support::{Said, Site, said};

async fn run(words: &[&str], variables: &[(&str, &str)]) -> Said {
    let mut command = Site::bare();
    command.args(words).envs(variables.iter().copied());
    said(command).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_unknown_is_refused_by_name() {
    let site = Site::on(Backend::Sqlite, "unknown").await.expect("SQLite is always there");
    let file = site.folder.path().join("forecourt.toml");
    let path = file.to_str().expect("a path of letters");
    std::fs::write(&file, "rate_limit = 5\nlisten_on = \"127.0.0.1:0\"\n").expect("it can be written");
    for (words, variables, expected) in [
        (&["serve", "--config", path, "--check"][..], &[][..], "listen_on"),
        (&["verify", "--config", path], &[], "line 2"),
        (&["serve", "--check"], &[("FORECOURT_CONFIG", path)], "listen_on"),
        (&["serve", "--check"], &[("FORECOURT_RATELIMIT", "5")], "FORECOURT_RATELIMIT"),
        (&["key", "list"], &[("FORECOURT_DATEN", "x")], "FORECOURT_DATEN"),
        (&["serve", "--rate-limt", "5"], &[], "--rate-limt"),
        (&["serve", "--data", "a", "--database", "postgres://b/c"], &[], "--database"),
        (&["sreve"], &[], "sreve"),
    ] {
        let said = run(words, variables).await.failure(2);
        assert!(said.contains(expected), "{words:?} {variables:?}: {said}");
    }
    std::fs::write(&file, "rate_limit = 5\n").expect("it can be written");
    let checked = run(&["serve", "--config", path, "--check", "--json"], &[("FORECOURT_RATE_LIMIT", "6")]).await.json();
    assert_eq!(checked["rate_limit"], 6, "the environment goes before the file");
}

/// The commands a help text lists, without `help` itself.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_tells_what_it_takes() {
    let mut paths = vec![Vec::new()];
    let mut told = Vec::new();
    while let Some(path) = paths.pop() {
        let words: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let said = run(&words, &[]).await;
        assert_eq!(said.code, Some(0), "{path:?}: {}", said.errors);
        let help = said.output;
        let usage = [&["Usage: forecourt".to_owned()], &path[..]].concat().join(" ");
        assert!(help.contains(&usage), "{path:?}: {help}");
        assert!(help.contains("--json"), "{path:?}: {help}");
        let nested = commands(&help);
        paths.extend(nested.iter().map(|name| [&path[..], std::slice::from_ref(name)].concat()));
        if nested.is_empty() {
            assert!(help.contains("Examples:"), "{path:?}: {help}");
            told.push((path.join(" "), help));
        }
    }
    let store = ["--data", "--database"];
    let options: &[(&str, &[&str])] = &[
        ("serve", &["--listen", "--state", "--config", "--check", "--roles", "--rate-limit", "--log", "--sandbox"]),
        ("demo", &["--listen", "--empty", "--state"]),
        ("migrate", &[]),
        ("backup", &["<FILE>"]),
        ("restore", &["<FILE>"]),
        ("verify", &["--config"]),
        ("dealer add", &["--name", "--country", "--time-zone"]),
        ("location add", &["--code", "--dealer"]),
        ("user add", &["--email", "--name", "--role", "--location", "--dealer"]),
        ("user disable", &["<EMAIL>", "--dealer"]),
        ("key create", &["--name", "--right", "--expires", "--dealer"]),
        ("key revoke", &["<ID>", "--dealer"]),
    ];
    for (command, options) in options {
        let (_, help) = told.iter().find(|(name, _)| name == command).unwrap_or_else(|| panic!("no help of {command}"));
        for option in store.iter().chain(*options) {
            assert!(help.contains(option), "{command} does not tell of {option}:\n{help}");
        }
    }
    assert!(told.iter().all(|(_, help)| !help.contains("--size-limit")), "what is for tests only is not shown");
}
