//! Rows of the tables `flowtuples`, `packets` and `rsdos`, and how they become Arrow batches.

pub mod arrow;
mod attack;
pub mod column;
mod flow;
mod packet;

pub use arrow::Labels;
pub use attack::attack_batch;
pub use column::{Pool, Pools};
pub(crate) use flow::Row;
pub use flow::{FlowRows, Victim};
pub use packet::PacketRows;
