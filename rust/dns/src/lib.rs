//! DNS messages from captures and dnstap, without any knowledge of Python.
//!
//! ```text
//! frames -> datagrams -> fragments, TCP streams -> messages -+-> queries and responses
//! dnstap: frame streams -> protobuf -------------> messages -+   joined -> rows -> Arrow
//! ```
//!
//! Rows stand in the order of their queries, and how the input was cut into pieces never
//! shows in them.

pub mod capture;
pub mod dnstap;
pub mod exchange;
pub mod message;
pub mod rows;
mod wire;
