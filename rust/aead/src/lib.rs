//! Authenticated encryption of packets: Rocca-S, one or many at once.

pub mod lanes;
pub mod path;
pub mod rocca;
pub mod word;
