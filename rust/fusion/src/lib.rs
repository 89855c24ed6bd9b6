//! Everything observed, by artifact, without any knowledge of Python.
//!
//! An observation mentions artifacts. [`Store::add`] appends it to a log that survives a
//! crash and enters it in arrays that are asked in microseconds: what is known of an
//! artifact ([`State::brief`], [`State::facts`]), which observations mention it, and which
//! artifacts are near it ([`pivot`]). Markings and sharing groups are looked at in every
//! question, so that what may not be seen is not counted either.
//!
//! The crate knows no kinds, roles, sources or markings: they are words.

mod artifacts;
mod evidence;
mod eye;
mod hash;
pub mod layout;
pub mod log;
mod observations;
pub mod pairs;
pub mod pivot;
mod postings;
mod relations;
pub mod snapshot;
mod stamps;
mod state;
mod store;
mod sums;
mod table;
mod texts;
pub mod wire;
mod words;

pub use evidence::Before;
pub use eye::Eye;
pub use hash::HashKey;
pub use relations::Relation;
pub use state::{Brief, Facts, SourceFacts, State};
pub use store::{Added, Store, StoreError};
