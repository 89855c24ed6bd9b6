//! Authenticated encryption of packets: Rocca-S and AEGIS-256, one or many at once.
//!
//! [`Aead`] seals and opens messages, [`Batch`] is many packets of a buffer, and [`Stream`] a
//! message in pieces. [`Path`] says which instructions do the work. None of the algorithms
//! commits to its key, and all fall to a nonce that is used twice with one key: who calls
//! them sees to that.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of a path"
)]

mod aead;
mod algorithm;
mod batch;
mod cipher;
mod engine;
mod error;
mod path;
mod stream;
mod word;

pub use aead::{Aead, Tag};
pub use algorithm::Algorithm;
pub use batch::{Batch, Cuts};
pub use error::Error;
pub use path::Path;
pub use stream::{Direction, Stream};
