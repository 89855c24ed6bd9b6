//! Gate-level netlists: text to a graph of cells, pins and nets.

pub mod cell;
pub mod design;
