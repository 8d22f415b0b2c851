//! What an operation asks of its caller.

use std::fmt;

pub use forecourt_record::Right;

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Anyone.
    Public,
    /// Any caller with a valid credential.
    Session,
    /// Any caller whose credential carries this right.
    Right(Right),
    /// A provider: the handler itself checks the secret or the signature.
    Signed,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Session => "session",
            Self::Right(right) => right.as_str(),
            Self::Signed => "signed",
        })
    }
}
