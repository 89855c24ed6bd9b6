//! What is refused before any work is done.

use core::fmt;

use crate::{Algorithm, Path};

/// Why a call was refused; lengths are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    Key {
        expected: usize,
        found: usize,
    },
    Nonce {
        expected: usize,
        found: usize,
    },
    /// An algorithm has no tag of such a length.
    Tag {
        algorithm: Algorithm,
        found: usize,
    },
    /// A buffer for nonces, tags or verdicts of so many messages.
    Buffer {
        what: &'static str,
        expected: usize,
        found: usize,
    },
    /// Offsets that do not rise, or reach beyond their buffer, from this message on.
    Offsets {
        message: usize,
    },
    /// A message or its associated data of 2^61 bytes and more.
    TooLong,
    /// This machine does not have the instructions.
    Path(Path),
    /// A stream that has ended, or that goes the other way.
    Stream(&'static str),
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { expected, found } => {
                write!(to, "a key of {expected} bytes expected, {found} found")
            }
            Self::Nonce { expected, found } => {
                write!(to, "a nonce of {expected} bytes expected, {found} found")
            }
            Self::Tag { algorithm, found } => {
                let lengths: Vec<String> =
                    algorithm.tag_lengths().iter().map(usize::to_string).collect();
                let (name, lengths) = (algorithm.name(), lengths.join(" or "));
                write!(to, "a tag of {lengths} bytes expected for {name}, {found} found")
            }
            Self::Buffer { what, expected, found } => {
                write!(to, "{what} of {expected} bytes expected, {found} found")
            }
            Self::Offsets { message } => {
                write!(to, "offsets that rise within their buffer expected, not at {message}")
            }
            Self::TooLong => write!(to, "fewer than 2^61 bytes a message expected"),
            Self::Path(path) => write!(to, "this machine has no path {}", path.name()),
            Self::Stream(expected) => write!(to, "{expected}"),
        }
    }
}

impl core::error::Error for Error {}
