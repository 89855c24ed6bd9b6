//! Rows of the table `dns`, and how they become Arrow batches.

mod batch;
mod block;

pub use batch::into_batch;
pub use block::{Answers, Block, Row, State, Transport};
