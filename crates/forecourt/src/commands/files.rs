//! Files of JSON that commands are given: read whole, and everything wrong with them told at once.

use std::path::Path;

use forecourt_record::{FieldError, Shape};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::{Failure, Result};

/// The JSON in a file.
pub fn value(path: &Path) -> Result<Value> {
    let shown = path.display();
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::new(format!("{shown} cannot be read: {error}.")))?;
    serde_json::from_str(&text).map_err(|error| Failure::new(format!("{shown} is not JSON: {error}.")))
}

/// What a value of this shape stands for.
pub fn read<T: DeserializeOwned>(path: &Path, value: Value, shape: &Shape) -> Result<T> {
    let wrong = shape.check(&value);
    if !wrong.is_empty() {
        return Err(refused(path, &wrong));
    }
    serde_json::from_value(value).map_err(|error| Failure::new(format!("{} cannot be used: {error}.", path.display())))
}

/// Everything wrong with a file, in one failure.
pub fn refused(path: &Path, wrong: &[FieldError]) -> Failure {
    let details = wrong.iter().map(|field| format!("{}: {}", field.pointer, field.detail)).collect();
    Failure::new(format!("{} cannot be used.", path.display())).details(details)
}
