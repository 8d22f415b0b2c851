//! Core errors in this dialect's words: the core names its fields, the dialect says where the client put them.

use forecourt_api::problem::Problem;
use forecourt_record::{Code, Error};

/// Errors about fields of a body.
pub fn in_body(error: Error) -> Problem {
    placed(error, "/")
}

/// Errors about parameters of a query: 400 like every other one there, also when it takes the store to know.
pub fn in_query(mut error: Error) -> Problem {
    if error.code == Code::Invalid {
        error.code = Code::MalformedQuery;
    }
    placed(error, "query:")
}

fn placed(mut error: Error, place: &str) -> Problem {
    for field in &mut error.fields {
        let name = match field.pointer.as_str() {
            "assigned_to" => "assignedTo",
            "vehicle" => "vehicleId",
            same => same,
        };
        field.pointer = format!("{place}{name}");
    }
    Problem(error)
}
