//! Rows of the tables `flowtuples` and `packets`, and how they become Arrow batches.

pub mod arrow;
pub mod column;
mod flow;
mod packet;

pub use arrow::Labels;
pub use column::{Pool, Pools};
pub(crate) use flow::Row;
pub use flow::{FlowRows, Victim};
pub use packet::PacketRows;
