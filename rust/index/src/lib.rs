//! Which block of a lake file mentions what.
//!
//! Beside every Parquet file of the lake lies a sidecar: its artifacts (addresses, names,
//! URLs, hashes, accounts), sorted, and for each the blocks of 16,384 rows that mention it
//! with how many rows do. Counts of rows come from sidecars alone; rows are read from the
//! blocks they name, and looked at again, so that a sidecar makes an answer fast and never
//! another one.

mod builder;
mod columns;
mod format;
mod keys;
mod rows;
mod sidecar;
mod tally;

pub use builder::{BLOCK_ROWS, Builder};
pub use columns::Mention;
pub use format::{Footer, Posting};
pub use keys::{Kind, Section, address_key, canonical_url, text_key};
pub use rows::{Met, Rows};
pub use sidecar::{Range, Sidecar};
