//! Hostile questions: each parser reads them or says what is wrong, quickly, and none panics.

use std::fmt::Write as _;

use forecourt_query::{WqlContext, group, project, q, sort, wql};
use forecourt_record::{Error, Instant, KINDS, calendar::Zone, spec::KindSpec};

type Parser = fn(&'static KindSpec, &str) -> Result<(), Error>;

/// Every parser of what comes from outside, by the parameter it reads.
fn parsers() -> [(&'static str, Parser); 5] {
    [
        ("query:q", |spec, text| q::parse(spec, text).map(drop)),
        ("query:search", |spec, text| {
            let zone = Zone::utc();
            let context = WqlContext { now: Instant::EPOCH, zone: &zone, me: None, region: Some("US") };
            wql::parse(spec, text, &context).map(drop)
        }),
        ("query:sort", |spec, text| sort::parse(spec, text).map(drop)),
        ("query:project", |spec, text| project::parse(spec, text).map(drop)),
        ("query:group_by", |spec, text| group::parse(spec, text, &Zone::utc()).map(drop)),
    ]
}

/// What may be wrong with a value, whatever it is for.
fn nasty() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\0",
        "a\0b",
        "\u{feff}",
        "\u{202e}",
        "😀",
        "é́́́́",
        "\\",
        "\\u0000",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "%00",
        "%ff",
        "' OR 1=1 --",
        "'; DROP TABLE saleleads; --",
        "\" OR \"\" = \"",
        "1) UNION SELECT * FROM users --",
        "${7*7}",
        "{{7*7}}",
        "__proto__",
        "constructor",
        "toString",
        "hasOwnProperty",
        "__proto__.polluted",
        "constructor.prototype.x",
        "1e400",
        "-1e400",
        "1e-400",
        "99999999999999999999999999",
        "-0",
        "NaN",
        "Infinity",
        "0x10",
        "1_000",
        "null",
        "true",
        "[]",
        "{}",
        "[[]]",
        "\"\"",
        "{\"\":\"\"}",
        "{\"a\"",
        "{\"a\":1,}",
        "{'a':1}",
        "{a:1}",
        "..",
        ".",
        "a.",
        ".a",
        "a..b",
        "-",
        "--",
        ",",
        ",,,",
        "-,-",
        "*",
        "**",
        ":",
        "::",
        "a:",
        ":a",
        "a::b",
        "()",
        ")(",
        "((",
        "))",
        "\"",
        "\"\"\"",
        "“",
        "-(",
        "NOT",
        "OR",
        "AND",
        "OR OR OR",
        "NOT NOT",
        "a OR",
        "OR a",
        "a:(b)",
        "a:b:c",
        "a=b=c",
        "a>=<b",
        "created:..",
        "created:1..",
        "created:..1",
        "created:-7d..",
        "created:9999-99-99",
        "created:-99999m",
        "score:1..2..3",
        "phone:+",
        "phone:*",
        "phone:()",
        "owner:me",
        "name:\"\"",
        "name:*a",
        "inquiry:(?=a)*",
    ]
    .map(str::to_owned)
    .to_vec();
    // Names of members and operators, each with each nasty value.
    let values = [
        "\"\\u0000\"",
        "1e308",
        "-9223372036854775809",
        "{\"$gt\":{}}",
        "[[[]]]",
        "{\"a\":{\"$b\":1}}",
        "\"__proto__\"",
        "\"(\"",
        "\"a{9999}\"",
    ];
    let operators = [
        "$eq",
        "$ne",
        "$gt",
        "$in",
        "$nin",
        "$exists",
        "$type",
        "$regex",
        "$options",
        "$size",
        "$all",
        "$elemMatch",
        "$mod",
        "$not",
        "$where",
        "$expr",
        "$function",
        "$date",
        "sum",
        "unit",
    ];
    for value in values {
        for name in [
            "$and",
            "$or",
            "$nor",
            "$where",
            "$text",
            "__proto__",
            "status",
            "custom.x",
            "_aggregate",
            "a'; --",
            "\\u0000",
        ] {
            texts.push(format!("{{\"{name}\":{value}}}"));
            texts.extend(operators.map(|operator| format!("{{\"{name}\":{{\"{operator}\":{value}}}}}")));
        }
    }
    texts
}

/// Too much of everything.
fn huge() -> Vec<String> {
    let deep = |open: &str, inner: &str, close: &str, depth: usize| open.repeat(depth) + inner + &close.repeat(depth);
    let mut many = "{".to_owned();
    for at in 0..1500 {
        let _ = write!(many, "\"f{at}\":{at},");
    }
    many.push_str("\"_id\":1}");
    vec![
        "a".repeat(1 << 20),
        "é".repeat(1 << 19),
        "\"".repeat(16_000),
        "(".repeat(16_000),
        "-".repeat(16_000),
        "NOT ".repeat(4_000),
        "ford ".repeat(3_000),
        "ford OR ".repeat(2_000) + "x",
        "status:a ".repeat(1_800),
        format!("status:{}", "a,".repeat(8_000) + "a"),
        "phone:7135550100,".repeat(900) + "1",
        "inquiry:a OR ".repeat(1_200) + "x",
        "name:\"a b c\" ".repeat(1_200),
        "713 ".repeat(4_000),
        "\"a b\" ".repeat(2_500),
        "created:today ".repeat(1_100),
        "custom".to_owned() + &".a".repeat(8_000),
        "custom.a,".repeat(1_800),
        "-custom.b ".repeat(1_600),
        deep("[", "", "]", 8_000),
        deep("{\"a\":", "1", "}", 2_600),
        deep("{\"$and\":[", "{}", "]}", 1_400),
        deep("{\"custom.x\":{\"$not\":", "{}", "}}", 700),
        deep("{\"car_list\":{\"$elemMatch\":", "{}", "}}", 500),
        format!("{{\"_id\":{{\"$in\":[{}0]}}}}", "0,".repeat(7_900)),
        format!("{{\"$or\":[{}{{}}]}}", "{\"cost\":1},".repeat(1_400)),
        format!("{{\"inquiry\":{{\"$regex\":\"{}\"}}}}", "(a*)*".repeat(190)),
        format!("{{\"inquiry\":{{\"$regex\":\"{}\"}}}}", "(?:a?){99}".repeat(90)),
        many,
    ]
}

#[test]
fn every_parser_reads_or_refuses_whatever_comes() {
    let kinds = KINDS.iter().filter(|spec| ["saleleads", "clients", "cars", "notes"].contains(&spec.name));
    let texts = nasty();
    for spec in kinds {
        for text in &texts {
            for (parameter, parse) in parsers() {
                judge(parameter, text, parse(spec, text));
            }
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "measures how long a parser takes")]
fn too_much_is_refused_or_read_in_bounded_time() {
    let spec = KINDS.iter().find(|spec| spec.name == "saleleads").unwrap();
    for text in huge() {
        for (parameter, parse) in parsers() {
            let begun = std::time::Instant::now();
            judge(parameter, &text, parse(spec, &text));
            let (taken, shown) = (begun.elapsed(), &text[..text.floor_char_boundary(40)]);
            assert!(taken.as_secs() < 10, "{parameter} took {taken:?} for {shown}");
        }
    }
}

/// A refusal points at its parameter, says something, and does not say back more than it should.
fn judge(parameter: &str, text: &str, result: Result<(), Error>) {
    let Err(error) = result else {
        return;
    };
    let shown = &text[..text.floor_char_boundary(100)];
    assert!((1..=20).contains(&error.fields.len()), "{parameter} {shown}: {} errors", error.fields.len());
    for field in &error.fields {
        assert!(field.pointer.starts_with(parameter), "{parameter} {shown}: {error}");
        assert!(!field.detail.is_empty() && field.detail.len() < 4_000, "{parameter} {shown}: {}", field.detail);
    }
}
