//! Hierarchical heavy hitters of traffic: which pairs of prefixes carry it.
//!
//! The search and its preferences are those of agurim (WIDE Project; K. Cho et al., and the
//! IMC 2004 paper of Zhang et al. that it names): pairs of full addresses first, then pairs
//! with one full address, then pairs of prefixes, each taking its traffic away from the
//! wider ones. Every pair found is split again by protocol and ports, or, when services are
//! asked for first, every service by addresses.
//!
//! Counts are exact. What is found does not depend on the order of the input, except where
//! one pair of addresses has more than a thousand services (see `services`).

mod lattice;
mod reach;
mod services;
mod threshold;
mod traffic;
mod word;

pub use threshold::Count;
pub use traffic::{Aggregate, Axis, Flow, Part, Prefix, hierarchy};
