//! Equivalent rewritings of gates, and simulation that shows them equal.
//!
//! A verifier rewrites a design to learn whether a detector still finds what it should find
//! (Nozawa et al., JIP 29, 2021). A rewriting that changes the function would measure
//! nothing, so each is proved three times: `table` compares the truth table of what a rule
//! makes with that of the cell it replaces, whenever it is applied; `proof` compares the two
//! designs on random vectors, and then net by net over all values of the nets between.

pub mod circuit;
pub mod diagram;
pub mod editor;
pub mod expression;
pub mod forms;
pub mod library;
pub mod moves;
pub mod program;
pub mod proof;
pub mod random;
pub mod table;
pub mod verilog;
