//! Writes the lake's Parquet files from Arrow batches.
//!
//! A general writer pays for generality with a hash look-up per value and a search for
//! runs. The lake's columns are known: a handful of types, mostly constant, of few
//! values, sorted or random. Each is encoded in the way that measured smallest:
//!
//! - few distinct values: dictionary, its indices padded to whole bytes, because the
//!   compressor sees bytes (2 % to 20 % smaller than packed bits, and far faster);
//! - sorted or slowly changing: `DELTA_BINARY_PACKED`;
//! - random in the low bytes: `BYTE_STREAM_SPLIT`;
//! - compressed with Zstandard, column by column, unless that gains nothing.
//!
//! Only parts of the format that DuckDB, Arrow and Spark read are written.

mod bytes;
mod column;
mod delta;
mod dictionary;
mod file;
mod hybrid;
mod leaf;
mod levels;
mod page;
mod schema;
mod slots;
mod statistics;
mod thrift;

pub use column::Encoding;
pub use file::{FileWriter, Settings, Written};
pub use schema::Unsupported;
