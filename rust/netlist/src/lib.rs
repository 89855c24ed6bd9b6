//! Gate-level netlists: text to a graph of cells, pins and nets, without any knowledge of
//! Python.
//!
//! [`reading::read`] is the door: [`verilog`] makes modules of text, [`hierarchy`] finds the
//! top and what it is made of, [`resolve`] looks cells up in the tables of [`library`], and
//! [`flatten`] opens all into one [`design::Design`].

pub mod bench;
pub mod cell;
pub mod describe;
pub mod design;
pub mod expression;
pub mod flatten;
mod guess;
pub mod hierarchy;
pub mod json;
mod lexer;
pub mod liberty;
pub mod library;
mod models;
pub mod module;
mod names;
mod naming;
mod primitive;
pub mod problem;
pub mod reading;
mod resolve;
pub mod table;
pub mod verilog;
mod wires;
pub mod yosys;
