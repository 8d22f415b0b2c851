//! The signature of a call, as Standard Webhooks 1.0 has it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What a secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";

/// A secret made of 32 bytes of chance.
pub fn secret(chance: [u8; 32]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(chance))
}

/// The header's value, `v1,<base64>`, for a body sent with this id at these seconds since 1970. None when the secret is
/// none.
pub fn signature(secret: &str, id: &str, seconds: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix(SECRET_PREFIX)?).ok().filter(|key| !key.is_empty())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_the_specification_does() {
        // The example of the specification's reference libraries.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn a_secret_of_ours_signs() {
        let secret = secret([7; 32]);
        assert!(signature(&secret, "a", 0, "{}").is_some_and(|signed| signed.starts_with("v1,")));
        for none in ["", "whsec_", "whsec_!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert_eq!(signature(none, "a", 0, "{}"), None, "{none}");
        }
    }
}
