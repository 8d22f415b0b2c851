//! The layers, one over the other, and what is refused.
#![allow(clippy::unwrap_used)]

use std::ffi::OsString;

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

fn config(flags: &[&str], environment: &[(&str, &str)], file: &str) -> Result<Config> {
    let flags = Line::try_parse_from([&["forecourt"], flags].concat()).unwrap().options;
    let environment = layers::environment(variables(environment))?.options;
    let file = layers::parse(file).map_err(|(line, message)| Failure::usage(format!("line {line}: {message}")))?;
    Config::new(flags.over(environment).over(file), Preset::default())
}

#[test]
fn flags_go_before_the_environment_before_the_file_before_defaults() {
    let file = "rate_limit = 1\nreaders = 1\nlog = \"warn\"\nbody_limit = \"2MiB\"\nroles = [\"worker\"]";
    let config = config(&["--rate-limit", "3"], &[("FORECOURT_RATE_LIMIT", "2"), ("FORECOURT_READERS", "2")], file);
    let config = config.unwrap();
    assert_eq!((config.rate_limit, config.readers, config.log.as_str()), (3, 2, "warn"));
    assert_eq!((config.body_limit, config.request_timeout), (Size(2 << 20), Span(Duration::from_secs(30))));
    assert_eq!(config.roles, [Role::Worker]);
    assert_eq!(config.data, Some("forecourt-data".into()));
}

#[test]
fn a_place_of_one_layer_replaces_the_other_kind_of_the_next() {
    let file = "database = \"postgres://host/name\"";
    let placed = config(&["--data", "here"], &[], file).unwrap();
    assert_eq!((placed.data.is_some(), placed.database.is_some()), (true, false));
    let placed = config(&[], &[("FORECOURT_DATABASE", "postgres://host/other")], "data = \"here\"").unwrap();
    assert_eq!((placed.data.is_some(), placed.database.is_some()), (false, true));
    let both = [("FORECOURT_DATABASE", "postgres://host/other"), ("FORECOURT_DATA", "here")];
    for both in [&both[..], &[both[1], both[0]][..]] {
        assert!(config(&[], both, "").unwrap_err().sentence.contains("not both"));
    }
}

#[test]
fn what_is_unknown_or_wrong_is_named() {
    for (environment, file, expected) in [
        (
            &[("FORECOURT_RATELIMIT", "1")][..],
            "",
            "FORECOURT_RATELIMIT is not an option; did you mean FORECOURT_RATE_LIMIT?",
        ),
        (&[("FORECOURT_RATE_LIMIT", "many")], "", "FORECOURT_RATE_LIMIT: Invalid value 'many'"),
        (&[("FORECOURT_ROLES", "api,cook")], "", "FORECOURT_ROLES: Invalid value 'cook'"),
        (&[], "log = \"info\"\nlisten_on = \"x\"", "line 2: unknown field `listen_on`"),
        (&[], "listen = \"here\"", "line 1: invalid socket address"),
        (&[], "request_timeout = \"soon\"", "line 1: expected a length of time"),
        (&[], "request_timeout = 0", "cannot be 0"),
        (&[], "cors = [\"app.example\"]", "\"app.example\" is not an origin"),
        (&[], "log = \"a=b=c\"", "not a filter of the log"),
        (&[], "roles = []", "needs a role"),
    ] {
        let failure = config(&[], environment, file).unwrap_err();
        assert!(failure.sentence.contains(expected), "{} / {expected}", failure.sentence);
        assert_eq!(failure.code, 2);
    }
}

#[test]
fn variables_of_tests_and_empty_ones_say_nothing() {
    let others =
        [("FORECOURT_TEST_POSTGRES", "x"), ("FORECOURT_CRASH_AT", "y"), ("FORECOURT_LISTEN", ""), ("PATH", "z")];
    let read = layers::environment(variables(&others)).unwrap();
    assert_eq!((read.options.listen, read.file), (None, None));
    let read =
        layers::environment(variables(&[("FORECOURT_CONFIG", "f.toml"), ("FORECOURT_CORS", "*,https://a.example")]));
    let read = read.unwrap();
    assert_eq!(read.file, Some("f.toml".into()));
    assert_eq!(read.options.cors.unwrap(), ["*", "https://a.example"]);
}

#[test]
fn the_configuration_shows_no_secret() {
    let flags = ["--whatsapp-platform-secret", "s3cret", "--database", "postgres://ana:s3cret@host/name"];
    let config = config(&flags, &[], "").unwrap();
    for shown in [toml::to_string(&config).unwrap(), serde_json::to_string(&config).unwrap(), format!("{config:?}")] {
        assert!(!shown.contains("s3cret") && shown.contains("ana:********@host"), "{shown}");
    }
    assert_eq!(config.api().unwrap().platform_secret.as_deref(), Some("s3cret"));
}
