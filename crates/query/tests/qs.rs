//! Query strings, compared with what npm's `qs` makes of them (`scripts/with-node`).

use std::{
    fmt::Write as _,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use forecourt_query::qs;
use serde_json::Value;

/// Query strings that are compared.
const MANY: usize = 6000;

/// Repeatable chance (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

const NAMES: &[&str] = &["a", "b", "and", "or", "a", "and", "0", "3", "toString", "__proto__", "a.b", "%61", "a]", ""];
const PLACES: &[&str] = &[
    "[]",
    "[]",
    "[b]",
    "[b]",
    "[c]",
    "[0]",
    "[1]",
    "[2]",
    "[0]",
    "[19]",
    "[20]",
    "[21]",
    "[007]",
    "[-1]",
    "[1.5]",
    "[99999999999]",
    "[b",
    "b]",
    "[[]]",
    "[[b]]",
    "[valueOf]",
    "%5Bb%5D",
    "%5b0%5d",
    "%255Bb%255D",
    "[a b]",
    "[a+b]",
    "[%C3%A9]",
    "x",
    "[=]",
];
const VALUES: &[&str] = &[
    "1", "2", "x", "", "x", "a+b", "%20", "%C3%A9", "%E9", "%", "%zz", "=", "a=b", "]=", ",", "a,b", ";", "%26", ">=|5",
];

/// A name, mostly like those that are compared with it.
fn pair(dice: &mut Dice, text: &mut String) {
    text.push_str(dice.of(NAMES));
    for _ in 0..[0, 1, 1, 2, 2, 3, 7][dice.below(7)] {
        text.push_str(dice.of(PLACES));
    }
    if dice.below(12) > 0 {
        text.push('=');
        text.push_str(dice.of(VALUES));
    }
}

/// A query string: some with few places, so that many pairs meet in one; some long enough to outgrow a list.
fn query(dice: &mut Dice) -> String {
    let mut text = String::new();
    let (count, tight, long) = (1 + dice.below(6), dice.below(2) == 0, dice.below(12) == 0);
    for at in 0..count {
        if at > 0 {
            text.push('&');
        }
        if long {
            let place = dice.of(&["a", "a[]", "a[b][]", "a[b]", "[]"]);
            let _ = write!(text, "{}", vec![format!("{place}=y"); 18 + dice.below(5)].join("&"));
            text.push('&');
        }
        if tight {
            text.push('a');
            for _ in 0..dice.below(3) {
                text.push_str(dice.of(&["[]", "[0]", "[1]", "[b]", "[22]", "[3]"]));
            }
            text.push('=');
            text.push_str(dice.of(&["1", "2", ""]));
        } else {
            pair(dice, &mut text);
        }
    }
    text
}

#[test]
fn reads_as_npm_does() {
    let Ok(node) = std::env::var("FORECOURT_TEST_NODE") else {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "there is no Node to compare with");
        println!("not compared with npm: run scripts/with-node");
        return;
    };
    let mut dice = Dice(0x5eed);
    let queries: Vec<String> = (0..MANY).map(|_| query(&mut dice)).collect();
    let mut child = Command::new("node")
        .arg(Path::new(&node).join("qs.cjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node starts");
    let asked = serde_json::to_vec(&queries).expect("texts are JSON");
    child.stdin.take().expect("a pipe").write_all(&asked).expect("Node reads");
    let answered = child.wait_with_output().expect("Node answers");
    assert!(answered.status.success());
    let expected: Vec<Value> = serde_json::from_slice(&answered.stdout).expect("Node answers JSON");
    assert_eq!(expected.len(), MANY);
    let differing: Vec<String> = queries
        .iter()
        .zip(&expected)
        .filter_map(|(query, expected)| {
            let read = qs::parse(query);
            (read != *expected).then(|| format!("{query}\n   ours {read}\n   npm  {expected}"))
        })
        .collect();
    let shown = differing.iter().take(10).cloned().collect::<Vec<_>>().join("\n");
    assert!(differing.is_empty(), "{} of {MANY} are read differently:\n{shown}", differing.len());
}
