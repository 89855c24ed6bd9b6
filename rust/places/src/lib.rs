//! Where addresses belong: tables of country and origin AS, without any knowledge of Python.
//!
//! [`pieces::flatten`] cuts nested ranges into disjoint pieces, [`file`] keeps them in a
//! compact file with a checksum, [`table::Table`] finds the piece of an address,
//! [`distinct::first_seen`] counts addresses. These are 128 bits, IPv4 as IPv4-mapped (RFC 4291, section 2.5.5.2).

pub mod distinct;
pub mod file;
pub mod pieces;
pub mod table;

/// The first IPv4-mapped address.
pub const FOUR: u128 = 0xFFFF << 32;
