//! MRT files of BGP routes to rows, without any knowledge of Python.
//!
//! ```text
//! bytes -> frame (header, length, resync) -> bgp4mp | legacy | table | table_v2
//!       -> update (withdrawn, attributes, NLRI) -> rows -> Arrow
//! ```
//!
//! [`stage::Stage`] strings it together: bytes are pushed in pieces of any size, and that
//! size does not show in the rows. Sources: RFC 6396 (MRT), RFC 8050 (additional paths),
//! RFC 4271 and RFC 4760 (BGP), RFC 6793 (four-octet AS numbers).

mod attributes;
mod bgp4mp;
mod communities;
mod context;
pub mod frame;
mod legacy;
mod path;
mod peers;
mod prefix;
pub mod report;
pub mod rows;
pub mod stage;
mod table;
mod table_v2;
mod update;
mod wire;
