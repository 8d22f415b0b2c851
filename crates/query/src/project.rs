//! `project`: which members of a published document are shown.

use std::collections::BTreeMap;

use forecourt_record::{Result, shape::Leaf, spec::KindSpec};
use serde_json::{Map, Value};

use crate::{
    FieldPath, Root,
    asked::{self, Asked, Says, code},
};

/// The parameter, as errors point at it.
const PARAMETER: &str = "query:project";

/// Members to show, or members to leave out. A member inside an array is that of each element.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    shows: bool,
    members: Members,
}

/// The members a projection names; one without members of its own is named as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
struct Members(BTreeMap<String, Members>);

/// Reads `a b.c`, `a,b`, `-a` or `{"a": 1}`. `_id` is shown unless it is left out by name; otherwise members are either
/// all shown or all left out.
///
/// Errors: `Invalid` with everything that is wrong, unknown paths with the nearest name.
pub fn parse(spec: &'static KindSpec, text: &str) -> Result<Projection> {
    let asked = asked::read::<bool>(PARAMETER, text)?;
    let (paths, mut faults) = asked::resolve(PARAMETER, spec, asked.iter().map(|asked| asked.path.as_str()));
    for path in &paths {
        let why = match path {
            FieldPath { root: Root::Extra, .. } => ".",
            path if path.leaf != Leaf::Free && path.is_indexed() => ": elements of an array are all shown alike.",
            _ => continue,
        };
        faults.push(asked::fault(PARAMETER, code::NOT_ALLOWED, format!("\"{}\" cannot be shown{why}", path.name())));
    }
    let shown = |asked: &&Asked<bool>| asked.says && asked.path != "_id";
    let left_out = |asked: &&Asked<bool>| !asked.says && asked.path != "_id";
    if let (Some(shown), Some(left_out)) = (asked.iter().find(shown), asked.iter().find(left_out)) {
        let says = format!(
            "\"{}\" is shown and \"{}\" left out: name what to show or what to leave out; only \"_id\" goes with both.",
            shown.path, left_out.path
        );
        faults.push(asked::fault(PARAMETER, code::MIXED, says));
    }
    if !faults.is_empty() {
        return Err(asked::refused(faults));
    }
    let id = asked.iter().rev().find(|asked| asked.path == "_id").map(|asked| asked.says);
    let shows =
        asked.iter().any(|asked| shown(&asked)) || (id == Some(true) && !asked.iter().any(|asked| left_out(&asked)));
    let mut members = Members::default();
    for asked in asked.iter().filter(|asked| asked.path != "_id") {
        members.add(&asked.path);
    }
    if id.unwrap_or(true) == shows {
        members.add("_id");
    }
    Ok(Projection { shows, members })
}

impl Says for bool {
    const EXPECTED: &str = "1 to show it or 0 to leave it out";

    fn signed(minus: bool) -> Self {
        !minus
    }

    fn from_value(value: &Value) -> Option<Self> {
        value.as_bool().or_else(|| match value.as_f64() {
            Some(0.0) => Some(false),
            Some(1.0) => Some(true),
            _ => None,
        })
    }
}

impl Projection {
    /// The projection that shows everything.
    pub const fn all() -> Self {
        Self { shows: false, members: Members(BTreeMap::new()) }
    }

    /// Whether everything is shown.
    pub fn is_all(&self) -> bool {
        !self.shows && self.members.0.is_empty()
    }

    /// Whether the id is all that is left out: of a group, that its elements are not asked for.
    pub fn is_without_id(&self) -> bool {
        *self == Self { shows: false, members: Members(BTreeMap::from([("_id".to_owned(), Members::default())])) }
    }

    /// Whether anything of this outermost member is shown: what is not needs no reading.
    pub fn wants(&self, member: &str) -> bool {
        self.members.0.get(member).map_or(!self.shows, |inner| self.shows || !inner.0.is_empty())
    }

    /// Leaves of a published document what is shown, in the order in which it stood there.
    pub fn apply(&self, document: &mut Value) {
        if let Value::Object(members) = document {
            if self.shows { self.members.show(members) } else { self.members.leave_out(members) }
        }
    }
}

impl Members {
    /// Names a path. What is named as a whole stays so, whatever is said of its parts.
    fn add(&mut self, path: &str) {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let known = self.0.contains_key(first);
        let inner = self.0.entry(first.to_owned()).or_default();
        match rest {
            Some(rest) if !known || !inner.0.is_empty() => inner.add(rest),
            Some(_) => {}
            None => inner.0.clear(),
        }
    }

    fn show(&self, members: &mut Map<String, Value>) {
        members.retain(|name, value| self.0.get(name).is_some_and(|inner| inner.0.is_empty() || inner.show_in(value)));
    }

    /// Whether something is left of a value of which only members are shown; a scalar has none.
    fn show_in(&self, value: &mut Value) -> bool {
        match value {
            Value::Object(members) => self.show(members),
            Value::Array(items) => items.retain_mut(|item| self.show_in(item)),
            _ => return false,
        }
        true
    }

    fn leave_out(&self, members: &mut Map<String, Value>) {
        members.retain(|name, value| match self.0.get(name) {
            Some(inner) if inner.0.is_empty() => false,
            Some(inner) => {
                inner.leave_out_in(value);
                true
            }
            None => true,
        });
    }

    fn leave_out_in(&self, value: &mut Value) {
        match value {
            Value::Object(members) => self.leave_out(members),
            Value::Array(items) => items.iter_mut().for_each(|item| self.leave_out_in(item)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_record::{Kind as _, SaleLead};
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &Value) {
        let mut document = json!({
            "_id": "1",
            "status": {"status": "new", "user": "u"},
            "status_history": [{"status": "new", "user": "u"}, {"status": "won"}],
            "cost": 5,
            "custom": {"a": {"b": [1, {"c": 2, "d": 3}, [{"c": 4}]]}, "e": 6},
            "computed": {"notes": ["x"], "number_of_notes": 1},
        });
        parse(SaleLead::SPEC, text).unwrap().apply(&mut document);
        assert_eq!(document.to_string(), expected.to_string(), "{text}");
    }

    #[test]
    fn shows_what_is_named_in_the_order_of_the_document() {
        check("cost,status.status", &json!({"_id": "1", "status": {"status": "new"}, "cost": 5}));
        check(r#"{"status.status":1,"cost":true,"_id":0}"#, &json!({"status": {"status": "new"}, "cost": 5}));
        check("_id", &json!({"_id": "1"}));
        check("status_history.user", &json!({"_id": "1", "status_history": [{"user": "u"}, {}]}));
        // A scalar has no members to show, and an array inside an array is one more level.
        check("custom.a.b.c", &json!({"_id": "1", "custom": {"a": {"b": [{"c": 2}, [{"c": 4}]]}}}));
        check("status status.user", &json!({"_id": "1", "status": {"status": "new", "user": "u"}}));
        check("computed.notes -_id", &json!({"computed": {"notes": ["x"]}}));
    }

    #[test]
    fn leaves_out_what_is_named() {
        check(
            "-custom,-computed -status_history.user,-_id",
            &json!({"status": {"status": "new", "user": "u"}, "status_history": [{"status": "new"}, {"status": "won"}], "cost": 5}),
        );
        check(
            "-status,-status_history,-computed,-custom.a.b.c,_id",
            &json!({"_id": "1", "cost": 5, "custom": {"a": {"b": [1, {"d": 3}, [{}]]}, "e": 6}}),
        );
    }

    #[test]
    fn says_what_is_read() {
        let wants = |text: &str| {
            let projection = parse(SaleLead::SPEC, text).unwrap();
            ["_id", "cost", "computed"].map(|member| projection.wants(member))
        };
        assert_eq!(wants(""), [true, true, true]);
        assert_eq!(wants("cost"), [true, true, false]);
        assert_eq!(wants("-_id,-computed"), [false, true, false]);
        assert_eq!(wants("-computed.notes"), [true, true, true]);
        assert_eq!(wants("computed.notes -_id"), [false, false, true]);
        assert!(parse(SaleLead::SPEC, "").unwrap().is_all());
        assert!(parse(SaleLead::SPEC, "-_id").unwrap().is_without_id());
    }

    #[test]
    fn everything_that_is_wrong_is_reported() {
        for (text, expected) in [
            (
                "cost -status",
                "\"cost\" is shown and \"status\" left out: name what to show or what to leave out; only \"_id\" goes with both.",
            ),
            (
                "cots,stauts",
                "Unknown field \"cots\". Did you mean \"cost\"? | Unknown field \"stauts\". Did you mean \"status\"?",
            ),
            (r#"{"cost":2}"#, "Expected 1 to show it or 0 to leave it out for \"cost\"."),
            ("score", "\"score\" cannot be shown."),
            ("car_list.0.car", "\"car_list.0.car\" cannot be shown: elements of an array are all shown alike."),
            ("a..b", "\"a..b\" is not a path: a name in it is empty."),
        ] {
            assert_eq!(parse(SaleLead::SPEC, text).map_err(asked::details), Err(expected.to_owned()), "{text}");
        }
    }
}
