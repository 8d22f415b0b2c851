//! The closed table of what can go wrong: a stable code, a kind, a sentence for outside, context for the log.

use std::{fmt, time::Duration};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The family of an error. A dialect maps it to its own status by an exhaustive match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Malformed,
    Unauthenticated,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    PreconditionFailed,
    TooLarge,
    UnsupportedMedia,
    Invalid,
    TooMany,
    Internal,
    Unavailable,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $kind:ident, $title:literal;)*) => {
        /// Every error this server can answer with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name),* }

        impl Code {
            /// The whole table, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The machine-readable code: it never changes once published.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind),* }
            }

            /// A short title, the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

codes! {
    MalformedJson = "malformed_json", Malformed, "The body is not valid JSON";
    MalformedQuery = "malformed_query", Malformed, "The query string is not valid";
    Unauthenticated = "unauthenticated", Unauthenticated, "A valid credential is required";
    WrongPassword = "wrong_password", Unauthenticated, "The e-mail address or the password is wrong";
    BadSignature = "bad_signature", Unauthenticated, "The request is not signed by the provider";
    Forbidden = "forbidden", Forbidden, "The credential does not carry the right for this";
    NotFound = "not_found", NotFound, "There is nothing here";
    MethodNotAllowed = "method_not_allowed", MethodNotAllowed, "This address does not take that method";
    Conflict = "conflict", Conflict, "The change collides with another one";
    VersionBehind = "version_behind", Conflict, "The document has changed since it was read";
    DuplicateVin = "duplicate_vin", Conflict, "An unsold vehicle with this VIN is already in stock";
    DuplicateName = "duplicate_name", Conflict, "The name is already taken";
    PatchTestFailed = "patch_test_failed", Conflict, "A test of the patch failed";
    StillReferenced = "still_referenced", Conflict, "Other documents belong to this one";
    WhatsappWindowClosed = "whatsapp_window_closed", Conflict, "The 24-hour WhatsApp window is closed";
    Suppressed = "suppressed", Conflict, "This person must not be contacted on this channel";
    NoPhone = "no_phone", Conflict, "This person has no phone number";
    PreconditionFailed = "precondition_failed", PreconditionFailed, "The document is not at the expected version";
    TooLarge = "too_large", TooLarge, "The body is too large";
    UnsupportedMedia = "unsupported_media_type", UnsupportedMedia, "The body must be JSON";
    Invalid = "invalid", Invalid, "Some fields are not valid";
    NoNumberAvailable = "no_number_available", Invalid, "No number is free in the pools of this schedule";
    IdempotencyKeyReused = "idempotency_key_reused", Invalid, "This idempotency key was used for another request";
    RateLimited = "rate_limited", TooMany, "Too many requests";
    TooManyAttempts = "too_many_attempts", TooMany, "Too many failed attempts";
    QueryTooSlow = "query_too_slow", Unavailable, "The question took longer than it may";
    Internal = "internal", Internal, "Something went wrong on our side";
    Unavailable = "unavailable", Unavailable, "The service cannot answer just now";
}

/// One field that is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// A JSON Pointer into the body, or `query:<name>`.
    pub pointer: String,
    /// Stable, machine-readable.
    pub code: &'static str,
    /// A sentence for the person who sent it.
    pub detail: String,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

/// What went wrong: outside sentence and inside context kept apart.
#[derive(Clone, Debug)]
pub struct Error {
    pub code: Code,
    /// Said to the caller. Never holds a statement, a path or somebody else's data.
    pub detail: String,
    pub fields: Vec<FieldError>,
    /// Said to the log only.
    pub inside: Option<String>,
    pub retry_after: Option<Duration>,
}

impl Error {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), fields: Vec::new(), inside: None, retry_after: None }
    }

    /// The error of an unknown thing, or of another dealer's: the two are never told apart.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("No such {what}."))
    }

    /// Invalid input, with every failing field.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let detail = match fields.as_slice() {
            [only] => only.detail.clone(),
            many => format!("{} fields are not valid.", many.len()),
        };
        Self { fields, ..Self::new(Code::Invalid, detail) }
    }

    /// Invalid input in a single field.
    pub fn field(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(pointer, code, detail)])
    }

    /// A fault of ours: the sentence outside is plain, the context goes to the log.
    pub fn internal(inside: impl fmt::Display) -> Self {
        Self::new(Code::Internal, "The request could not be carried out.").inside(inside)
    }

    /// Something we need is away; the caller may try again.
    pub fn unavailable(inside: impl fmt::Display) -> Self {
        let mut error = Self::new(Code::Unavailable, "The store cannot be reached. Try again shortly.").inside(inside);
        error.retry_after = Some(Duration::from_secs(2));
        error
    }

    #[must_use]
    pub fn inside(mut self, inside: impl fmt::Display) -> Self {
        self.inside = Some(inside.to_string());
        self
    }

    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)?;
        for field in &self.fields {
            write!(f, "; {}: {}", field.pointer, field.detail)?;
        }
        if let Some(inside) = &self.inside {
            write!(f, " ({inside})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
