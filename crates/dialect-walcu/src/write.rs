//! What creating, replacing and patching have in common: how the document is answered, and what may forbid it.

use axum::response::Response;
use forecourt_api::{problem::ApiResult, version};
use forecourt_record::{Code, DealerId};
use http::{HeaderName, header::LOCATION};

use crate::{place, row::Row};

/// What a kind's own act may refuse, whichever way it is reached: an id or a VIN that is taken, a message that may not
/// go out.
pub const REFUSALS: &[Code] = &[
    Code::Conflict,
    Code::DuplicateVin,
    Code::DuplicateName,
    Code::WhatsappWindowClosed,
    Code::Suppressed,
    Code::NoPhone,
];

/// A document that has just been written.
pub fn answer(
    dealer: DealerId,
    raw: &forecourt_crm::resource::Raw,
    headers: impl IntoIterator<Item = (HeaderName, String)>,
) -> ApiResult<Response> {
    let text = raw.published(dealer)?.to_string();
    Ok(place::json(headers.into_iter().chain([version::etag(raw.version)]), text))
}

/// Where a new document is.
pub fn location(row: &Row, dealer: DealerId, id: impl std::fmt::Display) -> (HeaderName, String) {
    (LOCATION, format!("/dealers/{dealer}/{}/{id}", row.spec.name))
}
