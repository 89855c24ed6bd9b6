//! Flow records of any exporter as rows of the table `flows`, without any knowledge of Python.
//!
//! ```text
//! datagram -> NetFlow v5, v7: records of one layout
//!             NetFlow v9, IPFIX: templates -> plan -> sets of records, column by column
//!             sFlow v5: samples -> packet headers
//!          -> rows -> Arrow
//! ```
//!
//! [`decoder::Decoder`] takes datagrams from wherever they come: a socket
//!, a capture or a file of messages ([`source::Source`]).
//! [`tracker::Tracker`] makes flows of the packets themselves.

pub mod account;
pub mod capture;
pub mod decoder;
pub mod domain;
mod element;
mod export;
mod ext;
mod fill;
mod legacy;
pub mod message;
pub mod messages;
mod plan;
pub mod probe;
mod records;
pub mod rows;
mod sampling;
mod sequence;
mod sflow;
pub mod source;
mod template;
mod times;
pub mod tracker;
mod wire;
