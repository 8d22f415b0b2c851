//! Where a check stands in the document.

use std::fmt::Write;

use crate::FieldError;

/// Where the walk stands, without anything allocated until there is something to say.
pub(super) enum Path<'a> {
    Root,
    Member(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl Path<'_> {
    pub fn error(&self, code: &'static str, detail: impl Into<String>) -> FieldError {
        FieldError::new(self.pointer(), code, detail)
    }

    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.write(&mut pointer);
        pointer
    }

    fn write(&self, pointer: &mut String) {
        match self {
            Self::Root => {}
            Self::Member(parent, name) => {
                parent.write(pointer);
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Self::Item(parent, at) => {
                parent.write(pointer);
                let _ = write!(pointer, "/{at}");
            }
        }
    }
}
