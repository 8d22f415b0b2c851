//! Did 360dialog, or Meta, send this body? Everything is compared in constant time.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT},
};
use forecourt_record::{Code, Error, Result};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::hex;

/// The header 360dialog signs its webhooks with.
pub const HEADER: &str = "x-360dialog-signature";

/// The header Meta signs with, when it calls without a partner between.
pub const META_HEADER: &str = "x-hub-signature-256";

/// `header` must be the HMAC-SHA256 of the raw `body` under `secret`: in hex or base64 (360dialog does not say which), or
/// as Meta writes it, `sha256=<hex>`. Error [`Code::BadSignature`]; an empty secret verifies nothing.
pub fn verify(secret: &[u8], body: &[u8], header: &str) -> Result<()> {
    let bad = |inside: &str| Error::new(Code::BadSignature, "The signature does not fit the body.").inside(inside);
    if secret.is_empty() {
        return Err(bad("no secret is configured"));
    }
    let given = decode(header).ok_or_else(|| bad("the signature is neither hex nor base64 of 32 bytes"))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(Error::internal)?;
    mac.update(body);
    mac.verify_slice(&given).map_err(|_| bad("the signature is of another secret or another body"))
}

/// Whether a static header of the webhook's registration holds the secret it should. An empty secret fits nothing.
pub fn is_secret(given: &str, expected: &str) -> bool {
    // Digests are compared, so that not even the length shows in the time it takes.
    let same = Sha256::digest(given).ct_eq(&Sha256::digest(expected));
    !expected.is_empty() && bool::from(same)
}

fn decode(header: &str) -> Option<Vec<u8>> {
    let text = header.trim();
    let text = text.strip_prefix("sha256=").unwrap_or(text);
    [hex::decode(text), STANDARD_PAD_INDIFFERENT.decode(text).ok(), URL_SAFE_PAD_INDIFFERENT.decode(text).ok()]
        .into_iter()
        .flatten()
        .find(|bytes| bytes.len() == 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"platform-secret";
    const BODY: &[u8] = br#"{"object":"whatsapp_business_account"}"#;
    // printf %s '{"object":"whatsapp_business_account"}' | openssl dgst -sha256 -hmac platform-secret
    const HEX: &str = "261bf19fd92b805ba8c854ae1dff4d63e9ef658908c2cfd9c30c9b720631c4ec";
    const BASE64: &str = "Jhvxn9krgFuoyFSuHf9NY+nvZYkIws/ZwwybcgYxxOw=";

    #[test]
    fn takes_every_encoding_of_the_right_digest() {
        let unpadded = BASE64.trim_end_matches('=');
        let url_safe = BASE64.replace('+', "-").replace('/', "_");
        for header in [
            HEX.to_owned(),
            HEX.to_uppercase(),
            format!(" {HEX} "),
            format!("sha256={HEX}"),
            BASE64.to_owned(),
            unpadded.to_owned(),
            url_safe,
        ] {
            assert!(verify(SECRET, BODY, &header).is_ok(), "{header}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        let flipped = HEX.replacen('a', "b", 1);
        let check = |secret: &[u8], body: &[u8], header: &str| {
            let error = verify(secret, body, header).expect_err(header);
            assert_eq!(error.code, Code::BadSignature, "{header}");
        };
        check(b"another", BODY, HEX);
        check(b"", BODY, HEX);
        check(SECRET, b"{}", HEX);
        for header in ["", "sha256=", &flipped, &HEX[..62], &BASE64[1..], "sha1=00", "é", &format!("{HEX}00")] {
            check(SECRET, BODY, header);
        }
    }

    #[test]
    fn compares_static_secrets() {
        for (given, expected, same) in
            [("abc", "abc", true), ("abd", "abc", false), ("ab", "abc", false), ("", "", false), ("", "abc", false)]
        {
            assert_eq!(is_secret(given, expected), same, "{given} {expected}");
        }
    }
}
