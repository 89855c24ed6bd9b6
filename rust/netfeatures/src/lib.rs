//! What a cell is like: numbers about its place and function in a design.
//!
//! Everything here is linear in the pins of a design (or nearly so), and none of it depends
//! on names or on the order in which instances, nets or equal pins are written: sums are of
//! integers, and ties are broken by structure. [`catalogue`] lists the features,
//! [`features::compute`] gives the columns that are asked for.

#![allow(clippy::cast_precision_loss, reason = "counts of cells and pins stay below 2^24")]

pub mod activity;
pub mod catalogue;
pub mod clusters;
pub mod columns;
pub mod cones;
pub mod dominance;
pub mod features;
pub mod flips;
pub mod flow;
pub mod functions;
pub mod graph;
pub mod leaves;
pub mod levels;
pub mod links;
pub mod neighbours;
pub mod order;
pub mod probability;
pub mod published;
pub mod rareness;
pub mod refinement;
pub mod regions;
pub mod registers;
pub mod scoap;
pub mod sweeping;
