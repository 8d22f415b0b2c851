//! Whose a provider's webhook is: told by the secret it carries, or by its signature and the number it speaks of.

use forecourt_connect::dialog360::{phone_number_ids, signature};
use forecourt_record::{Code, CredentialKind, DealerId, Error, Result};
use http::{HeaderMap, header::AUTHORIZATION};

use crate::App;

/// The header that carries the dealer's own secret, as it was registered with the provider.
pub const SECRET_HEADER: &str = "x-forecourt-webhook-secret";

/// The dealer a WhatsApp webhook is for. Errors: `Unauthenticated`, `BadSignature`.
pub async fn whatsapp_dealer(app: &App, headers: &HeaderMap, raw: &[u8]) -> Result<DealerId> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(AUTHORIZATION.as_str()).map(|value| value.strip_prefix("Bearer ").unwrap_or(value));
    if let Some(secret) = text(SECRET_HEADER).or(bearer) {
        let dealer = app.crm.dealer_of(secret, CredentialKind::Webhook).await?;
        return dealer.ok_or_else(unknown);
    }
    let signed = text(signature::HEADER).or_else(|| text(signature::META_HEADER)).ok_or_else(unknown)?;
    let secret = app.settings.platform_secret.as_deref().unwrap_or_default();
    signature::verify(secret.as_bytes(), raw, signed)?;
    for number in phone_number_ids(raw) {
        if let Some(dealer) = app.crm.dealer_of(&number, CredentialKind::PhoneNumber).await? {
            return Ok(dealer);
        }
    }
    Err(unknown())
}

fn unknown() -> Error {
    Error::new(Code::Unauthenticated, "The webhook carries no secret or signature that is known here.")
}
