//! How a command fails: one sentence for the person at the terminal, and an exit code.

use forecourt_record::{Error, error::Kind};

pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// The command could not do what it was told.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    pub sentence: String,
    /// What is wrong one by one, where there is more than a sentence holds.
    pub details: Vec<String>,
    pub code: u8,
}

impl Failure {
    /// It was tried, and did not work: exit code 1.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), details: Vec::new(), code: 1 }
    }

    /// The command line or the configuration is wrong: exit code 2.
    pub fn usage(sentence: impl Into<String>) -> Self {
        Self { code: 2, ..Self::new(sentence) }
    }

    #[must_use]
    pub fn details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }
}

impl From<Error> for Failure {
    /// Who types commands runs the server, and so is told what others only find in its log.
    fn from(error: Error) -> Self {
        let Error { code, detail, fields, inside, retry_after: _ } = error;
        let sentence = match (code.kind(), inside) {
            (Kind::Internal | Kind::Unavailable, Some(inside)) => sentence(&inside),
            _ => detail,
        };
        // A single field is the sentence.
        let fields = if fields.len() > 1 { fields } else { Vec::new() };
        let details = fields.iter().map(|field| format!("{}: {}", field.pointer, field.detail)).collect();
        Self::new(sentence).details(details)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(sentence(&error.to_string()))
    }
}

/// A message of a library or of the log, as a sentence.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    let word = text.split(' ').next().unwrap_or_default();
    // A path or a name of ours stays as it is.
    if !word.bytes().all(|letter| letter.is_ascii_lowercase()) {
        return format!("{text}{end}");
    }
    let (first, rest) = text.split_at(text.len().min(1));
    format!("{}{rest}{end}", first.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use forecourt_record::FieldError;

    use super::*;

    #[test]
    fn an_error_says_to_the_operator_what_the_log_would() {
        let away = Failure::from(Error::unavailable("connection refused"));
        assert_eq!((away.sentence.as_str(), away.code), ("Connection refused.", 1));
        let wrong = Failure::from(Error::invalid(vec![
            FieldError::new("email", "bad_format", "This is not an e-mail address."),
            FieldError::new("password", "too_short", "Too short."),
        ]));
        assert_eq!(wrong.sentence, "2 fields are not valid.");
        assert_eq!(sentence("/srv/data is gone"), "/srv/data is gone.");
        assert_eq!(wrong.details, ["email: This is not an e-mail address.", "password: Too short."]);
    }
}
