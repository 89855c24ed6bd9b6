//! Equivalent rewritings of gates, and simulation that shows them equal.
