//! A wrapper that keeps personal data and secrets out of logs: it prints as `[private]`.

use std::{fmt, ops::Deref};

/// A value that may be used but not printed. Reading it (`*value`, `value.as_str()`) is a visible act at the place of use.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Private<T = String>(T);

impl<T> Private<T> {
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Private<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}

impl<T> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Private<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}
