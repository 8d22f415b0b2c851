//! Core errors in this dialect's words: the core names its fields, the dialect says where the client put them.

use forecourt_api::problem::Problem;
use forecourt_record::{Code, Error};

/// Errors about a body.
pub fn in_body(mut error: Error) -> Problem {
    for field in error.fields.iter_mut().filter(|field| !field.pointer.is_empty() && !field.pointer.starts_with('/')) {
        field.pointer.insert(0, '/');
    }
    Problem(error)
}

/// Errors about parameters of a query: 400 like every other one there, also when it takes the store to know.
pub fn in_query(mut error: Error) -> Problem {
    if error.code == Code::Invalid {
        error.code = Code::MalformedQuery;
    }
    for field in &mut error.fields {
        field.pointer = format!("query:{}", field.pointer);
    }
    Problem(error)
}

/// What a body names and nobody has is an error of that member, not of the address.
pub fn not_there(error: Error, member: &'static str) -> Error {
    if error.code == Code::NotFound {
        return Error::field(member, "not_found", error.detail);
    }
    error
}
