//! Ensembles of decision trees, applied to rows of numbers.
//!
//! A forest is plain arrays: nodes of all trees one after the other, roots by tree. It is
//! checked once, when it is made, so that walking it can neither leave the arrays nor run in
//! a circle, whatever file the arrays came from.

#![allow(clippy::cast_precision_loss, reason = "counts of trees and rows stay below 2^24")]
#![cfg_attr(test, allow(clippy::float_cmp, reason = "what is copied stays the same"))]

mod cuts;
mod forest;
mod rows;
mod score;

pub use forest::{Arrays, Forest, Refused};
pub use rows::{Block, Rows};
