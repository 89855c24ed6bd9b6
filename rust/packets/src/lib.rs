//! Packet captures to flowtuples, without any knowledge of Python.
//!
//! ```text
//! bytes -> expand (gz, zst, xz) -> container (pcap, pcapng) -> link -> ip -> tcp/udp/icmp
//!       -> Packet -> open minutes -> flowtuple rows (and packet rows) -> Arrow
//! ```
//!
//! [`stage::Stage`] strings it together: bytes are pushed in pieces of any size, and
//! neither that size nor the number of threads shows in the rows.

pub mod batches;
pub mod container;
pub mod datagram;
pub mod evidence;
pub mod expand;
pub mod feed;
pub mod fingerprint;
pub mod flowtuple;
pub mod frames;
mod icmp;
mod ip;
pub mod link;
pub mod minute;
pub mod packet;
pub mod ptype;
mod queue;
pub mod relation;
pub mod report;
pub mod ring;
pub mod rows;
pub mod rsdos;
mod sort;
pub mod source;
pub mod stage;
pub mod stream;
pub mod tap;
mod tcp;
mod udp;
mod wire;
