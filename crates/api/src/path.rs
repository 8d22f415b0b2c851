//! Parameters of the path: an id that cannot even be read names nothing.

use axum::extract::FromRequestParts;
use forecourt_record::error::{Code, Error};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The parameters of the path. What is not percent-encoded UTF-8 is `not_found`, like any other id that nobody has.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(parameters)) => Ok(Self(parameters)),
            Err(rejection) => {
                let error = Error::new(Code::NotFound, "There is nothing at this address.");
                Err(Problem(error.inside(rejection.body_text())))
            }
        }
    }
}
