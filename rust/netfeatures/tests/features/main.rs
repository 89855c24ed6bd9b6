//! Features against calculation by hand, against search without any cleverness, and against
//! the same design written in another order.

mod by_hand;
mod by_search;
mod circuits;
mod invariance;
