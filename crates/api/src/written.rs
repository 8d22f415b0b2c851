//! An answer that is JSON text already: written where its contents were read.

use axum::response::{IntoResponse, Response};
use forecourt_record::{Error, Result};
use http::{HeaderValue, header::CONTENT_TYPE};
use serde::Serialize;

/// JSON text, ready to be sent.
#[derive(Debug)]
pub struct Written(Vec<u8>);

impl Written {
    /// Errors: `Internal`; a shape of ours always has a text.
    pub fn of(value: &impl Serialize) -> Result<Self> {
        let mut text = Vec::with_capacity(4096);
        serde_json::to_writer(&mut text, value).map_err(Error::internal)?;
        Ok(Self(text))
    }
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], self.0).into_response()
    }
}
