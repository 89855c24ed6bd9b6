//! Features against calculation by hand, against search without any cleverness, and against
//! the same design written in another order.

#![allow(clippy::float_cmp, clippy::cast_precision_loss, reason = "small whole numbers")]

mod by_hand;
mod by_search;
mod circuits;
mod invariance;
mod sweeps;
