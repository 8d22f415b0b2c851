//! `sort`: the order of a list.

use forecourt_record::{Result, shape::Leaf, spec::KindSpec};
use serde_json::Value;

use crate::{
    Direction, SortKey,
    asked::{self, Says, code, fault},
};

/// The parameter, as errors point at it.
const PARAMETER: &str = "query:sort";
/// How many fields one list may be sorted by.
const MOST: usize = 8;

impl Says for Direction {
    const EXPECTED: &str = "1 (upwards) or -1 (downwards)";

    fn signed(minus: bool) -> Self {
        if minus { Self::Descending } else { Self::Ascending }
    }

    fn from_value(value: &Value) -> Option<Self> {
        match value.as_f64() {
            Some(1.0) => Some(Self::Ascending),
            Some(-1.0) => Some(Self::Descending),
            _ => None,
        }
    }
}

/// Reads `-created_at,client_id`, the same with spaces, or `{"created_at": -1}`. Nothing sorts by nothing.
///
/// Errors: `Invalid` with everything that is wrong, unknown paths with the nearest name.
pub fn parse(spec: &'static KindSpec, text: &str) -> Result<Vec<SortKey>> {
    let asked = asked::read::<Direction>(PARAMETER, text)?;
    let (paths, mut faults) = asked::resolve(PARAMETER, spec, asked.iter().map(|asked| asked.path.as_str()));
    if asked.len() > MOST {
        faults.insert(0, fault(PARAMETER, code::TOO_MANY, format!("A list is sorted by {MOST} fields at most.")));
    }
    for (at, one) in asked.iter().enumerate().take(MOST) {
        if asked[..at].iter().any(|earlier| earlier.path == one.path) {
            let says = format!("\"{}\" is named twice.", asked::shown(&one.path));
            faults.push(fault(PARAMETER, code::REPEATED, says));
        }
    }
    for path in paths.iter().filter(|path| path.leaf == Leaf::Object) {
        let says = format!("\"{}\" has members; sort by one of them.", path.text());
        faults.push(fault(PARAMETER, code::WRONG_TYPE, says));
    }
    if !faults.is_empty() {
        return Err(asked::refused(faults));
    }
    Ok(paths.into_iter().zip(asked).map(|(path, asked)| SortKey { path, direction: asked.says }).collect())
}

#[cfg(test)]
mod tests {
    use forecourt_record::{Kind as _, SaleLead};

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let read = parse(SaleLead::SPEC, text);
        let read = read.map(|keys| keys.iter().map(shown).collect::<Vec<_>>().join(" ")).map_err(asked::details);
        assert_eq!(read.as_deref(), expected.map_err(str::to_owned).as_ref().copied(), "{text}");
    }

    fn shown(key: &SortKey) -> String {
        let sign = if key.direction == Direction::Descending { "-" } else { "+" };
        format!("{sign}{}", key.path.name())
    }

    #[test]
    fn reads_every_form_and_reports_everything_that_is_wrong() {
        for text in [
            "-created_at,client_id",
            "-created_at client_id",
            " -created_at , client_id,",
            r#"{"created_at":-1,"client_id":1.0}"#,
        ] {
            check(text, Ok("-created_at +client_id"));
        }
        check("", Ok(""));
        check("{}", Ok(""));
        check("score -computed.notes", Ok("+score -computed.notes"));
        check(
            "created,stauts,status,-score score",
            Err(
                "Unknown field \"created\". Did you mean \"created_at\"? | Unknown field \"stauts\". Did you mean \"status\"? | \
                 \"score\" is named twice. | \"status\" has members; sort by one of them.",
            ),
        );
        check(r#"{"score":"up"}"#, Err("Expected 1 (upwards) or -1 (downwards) for \"score\"."));
        check(
            "cost,score,location,inquiry,type,created_at,updated_at,client_id,_id",
            Err("A list is sorted by 8 fields at most."),
        );
    }
}
