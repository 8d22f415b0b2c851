//! Changes to a document: JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396), all or nothing and within bounds.

use forecourt_record::{Code, Error, FieldError, Result};
use json_patch::{PatchOperation, jsonptr::Pointer};
use serde::Deserialize;
use serde_json::Value;

/// A change of some members of a document.
#[derive(Clone, Debug)]
pub enum Patch {
    /// RFC 6902: an array of operations, carried out in order.
    Json(Value),
    /// RFC 7396: what it holds is put into the document, null takes out.
    Merge(Value),
}

/// Operations in one patch.
const MOST: usize = 1000;
/// Bytes that `copy` may add to a document: few operations could otherwise double it again and again.
const LONGEST: usize = 1 << 20;
/// How deep what a patch makes may nest. Documents nest less; what is deeper would only be refused later.
const DEEPEST: usize = 64;

impl Patch {
    /// The document as the patch leaves it.
    ///
    /// Errors: `Invalid` with a pointer to the operation that is malformed or leads nowhere; `PatchTestFailed`, which
    /// names the operation.
    pub fn apply(&self, document: Value) -> Result<Value> {
        match self {
            Self::Merge(patch) => {
                let mut document = document;
                json_patch::merge(&mut document, patch);
                Ok(document)
            }
            Self::Json(patch) => apply(document, &operations(patch)?),
        }
    }
}

/// Every operation read; all that cannot be is reported at once.
fn operations(patch: &Value) -> Result<Vec<PatchOperation>> {
    let Some(items) = patch.as_array() else {
        return Err(Error::field("", "wrong_type", "A JSON Patch is an array of operations."));
    };
    if items.len() > MOST {
        return Err(Error::field("", "too_long", format!("A patch holds at most {MOST} operations.")));
    }
    let mut wrong = Vec::new();
    let mut operations = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        match PatchOperation::deserialize(item) {
            Ok(operation) => operations.push(operation),
            Err(_) => wrong.push(FieldError::new(format!("/{at}"), "bad_operation", complaint(at, item))),
        }
    }
    if wrong.is_empty() { Ok(operations) } else { Err(Error::invalid(wrong)) }
}

fn complaint(at: usize, item: &Value) -> String {
    let needs = match item["op"].as_str() {
        Some("add" | "replace" | "test") => ["path", "value"].as_slice(),
        Some("remove") => &["path"],
        Some("move" | "copy") => &["from", "path"],
        _ => return format!("Operation {at}: \"op\" must be one of add, remove, replace, move, copy, test."),
    };
    match needs.iter().find(|name| item.get(**name).is_none()) {
        Some(missing) => format!("Operation {at}: \"{missing}\" is missing."),
        None => format!("Operation {at}: a path is a JSON Pointer (RFC 6901), like \"/status/status\"."),
    }
}

fn apply(mut document: Value, operations: &[PatchOperation]) -> Result<Value> {
    let mut copied = 0;
    for (at, operation) in operations.iter().enumerate() {
        let refuse = |code, detail: &str| {
            Err(Error::field(format!("/{at}"), code, format!("Operation {at} ({}): {detail}", operation.path())))
        };
        if let PatchOperation::Test(test) = operation {
            // Compared here: RFC 6902 compares numbers by value, 1 and 1.0 are the same.
            match test.path.resolve(&document) {
                Ok(found) if same(found, &test.value) => {}
                Ok(_) => return Err(failed(at, operation, "the value is another one")),
                Err(_) => return Err(failed(at, operation, "there is no such value")),
            }
            continue;
        }
        let (size, depth) = match operation {
            PatchOperation::Add(add) => (0, depth(&add.value)),
            PatchOperation::Replace(replace) => (0, depth(&replace.value)),
            PatchOperation::Copy(copy) => {
                resolve(&document, &copy.from).map_or((0, 0), |value| (size(value), depth(value)))
            }
            PatchOperation::Move(moved) => resolve(&document, &moved.from).map_or((0, 0), |value| (0, depth(value))),
            PatchOperation::Remove(_) | PatchOperation::Test(_) => (0, 0),
        };
        copied += size;
        if copied > LONGEST {
            return refuse("too_long", "the patch copies more than a document may hold.");
        }
        if operation.path().tokens().count() + depth > DEEPEST {
            return refuse("too_deep", "what it makes is nested too deep.");
        }
        if let Err(error) = json_patch::patch_unsafe(&mut document, std::slice::from_ref(operation)) {
            return refuse("bad_pointer", &format!("{}.", error.kind));
        }
    }
    Ok(document)
}

fn failed(at: usize, operation: &PatchOperation, why: &str) -> Error {
    let detail = format!("Operation {at}: the test of {} failed, {why}. Nothing was changed.", operation.path());
    let mut error = Error::new(Code::PatchTestFailed, detail.clone());
    error.fields.push(FieldError::new(format!("/{at}"), "test_failed", detail));
    error
}

fn resolve<'a>(document: &'a Value, path: &Pointer) -> Option<&'a Value> {
    path.resolve(document).ok()
}

/// Whether two JSON values are the same, numbers by their value.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i128(), b.as_i128()) {
            (Some(a), Some(b)) => a == b,
            _ => a.as_f64() == b.as_f64(),
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| same(value, other)))
        }
        (left, right) => left == right,
    }
}

fn depth(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(members) => members.values().map(depth).max(),
        _ => return 0,
    };
    1 + deepest.unwrap_or(0)
}

/// About as many bytes as the value is long.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| size(item) + 1).sum::<usize>() + 2,
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + size(value) + 4).sum::<usize>() + 2,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({"a": {"b": [1, 2, 3], "c~/d": "x"}, "n": 1, "list": [{"id": 1}, {"id": 2}]})
    }

    /// The document after a patch, or the code of the error and the pointer it names.
    fn check(patch: Value, expected: Result<Value, (&str, &str)>) {
        let said = patch.to_string();
        let found = Patch::Json(patch).apply(document()).map_err(|error| {
            let field = error.fields.first().cloned().unwrap();
            let code = if error.code == Code::Invalid { field.code } else { error.code.as_str() };
            (code, field.pointer)
        });
        assert_eq!(found, expected.map_err(|(code, pointer)| (code, pointer.to_owned())), "{said}");
    }

    fn changes(patch: Value, change: impl FnOnce(&mut Value)) {
        let mut document = document();
        change(&mut document);
        check(patch, Ok(document));
    }

    #[test]
    fn the_six_operations() {
        changes(json!([]), |_| {});
        changes(json!([{"op": "add", "path": "/a/b/1", "value": 9}]), |it| it["a"]["b"] = json!([1, 9, 2, 3]));
        changes(json!([{"op": "add", "path": "/a/b/-", "value": null}]), |it| it["a"]["b"] = json!([1, 2, 3, null]));
        changes(json!([{"op": "add", "path": "/n", "value": 2, "more": "ignored"}]), |it| it["n"] = json!(2));
        changes(json!([{"op": "replace", "path": "/a/c~0~1d", "value": "y"}]), |it| it["a"]["c~/d"] = json!("y"));
        changes(json!([{"op": "remove", "path": "/a/b/0"}]), |it| it["a"]["b"] = json!([2, 3]));
        changes(json!([{"op": "move", "from": "/list/0", "path": "/list/1"}]), |it| {
            it["list"] = json!([{"id": 2}, {"id": 1}]);
        });
        changes(json!([{"op": "copy", "from": "/n", "path": "/m"}]), |it| it["m"] = json!(1));
        changes(json!([{"op": "test", "path": "/n", "value": 1.0}, {"op": "remove", "path": "/n"}]), |it| {
            drop(it.as_object_mut().unwrap().shift_remove("n"));
        });
    }

    #[test]
    fn what_is_wrong_names_its_operation() {
        let test = |path: &str, value: Value| json!([{"op": "test", "path": path, "value": value}]);
        check(test("/n", json!("1")), Err(("patch_test_failed", "/0")));
        check(test("/missing", json!(null)), Err(("patch_test_failed", "/0")));
        check(test("/a/b", json!([1, 2])), Err(("patch_test_failed", "/0")));
        let after = json!([{"op": "add", "path": "/n", "value": 5}, {"op": "test", "path": "/n", "value": 1}]);
        check(after, Err(("patch_test_failed", "/1")));
        for (operation, code) in [
            (json!({"op": "remove", "path": "/missing"}), "bad_pointer"),
            (json!({"op": "replace", "path": "/missing", "value": 1}), "bad_pointer"),
            (json!({"op": "add", "path": "/x/y", "value": 1}), "bad_pointer"),
            (json!({"op": "add", "path": "/a/b/4", "value": 1}), "bad_pointer"),
            (json!({"op": "add", "path": "/a/b/01", "value": 1}), "bad_pointer"),
            (json!({"op": "move", "from": "/a", "path": "/a/b/0"}), "bad_pointer"),
            (json!({"op": "copy", "from": "/missing", "path": "/n"}), "bad_pointer"),
            (json!({"op": "add", "path": "n", "value": 1}), "bad_operation"),
            (json!({"op": "add", "path": "/n"}), "bad_operation"),
            (json!({"op": "set", "path": "/n", "value": 1}), "bad_operation"),
            (json!({"path": "/n"}), "bad_operation"),
            (json!("add"), "bad_operation"),
        ] {
            check(json!([{"op": "test", "path": "/n", "value": 1}, operation]), Err((code, "/1")));
        }
        check(json!({"op": "add"}), Err(("wrong_type", "")));
        check(json!(vec![json!({"op": "test", "path": "/n", "value": 1}); MOST + 1]), Err(("too_long", "")));
    }

    #[test]
    fn a_patch_cannot_blow_a_document_up() {
        for (from, path) in [("/list", "/list/-"), ("/a", "/a/b/0")] {
            let doubling = vec![json!({"op": "copy", "from": from, "path": path}); 40];
            let error = Patch::Json(json!(doubling)).apply(document()).err().map(|error| error.fields[0].code);
            assert_eq!(error, Some("too_long"), "{from}");
        }
        let mut nested = json!(1);
        for _ in 0..DEEPEST {
            nested = json!([nested]);
        }
        check(json!([{"op": "add", "path": "/a/x", "value": nested}]), Err(("too_deep", "/0")));
    }

    #[test]
    fn a_merge_patch_puts_in_and_takes_out() {
        let merged = Patch::Merge(json!({"a": {"b": null, "e": {"f": null, "g": 1}}, "n": [1]})).apply(document());
        assert_eq!(
            merged.unwrap(),
            json!({"a": {"c~/d": "x", "e": {"g": 1}}, "n": [1], "list": [{"id": 1}, {"id": 2}]})
        );
        assert_eq!(Patch::Merge(json!("text")).apply(document()).unwrap(), json!("text"));
    }
}
