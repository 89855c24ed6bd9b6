//! One matcher compiled from many rules: exact values, domains with what is below them,
//! networks, phrases inside a text, and regular expressions.
//!
//! A rule is a number that the caller gives a meaning (a list, a watch); it may have any
//! number of entries of any sort, and is asked only about the kinds of values it names. Once
//! built, a matcher never changes, so that any number of threads may ask it.
//!
//! Costs of one question: a hash for the value and for each of its last labels, a binary
//! search for an address, and one pass over its bytes each for all phrases and for all
//! expressions together, however many they are.

mod bloom;
mod builder;
mod domains;
mod expressions;
mod fold;
mod matcher;
mod networks;
mod owners;
mod phrases;
mod subject;
mod texts;

pub use bloom::{Bloom, NotAFilter};
pub use builder::{Builder, Fault, Reason};
pub use fold::fold;
pub use matcher::{Hit, Matcher, Sets};
pub use networks::{Network, networks_of};
pub use subject::{EVERY_KIND, Shape, Subject};
