//! Artifacts as text, without any knowledge of Python.
//!
//! [`canonical::canonical`] brings a value of a known kind into the one spelling that is
//! stored; [`refang::refang`] takes away what keeps people from clicking on it;
//! [`guess::guess`] says what a single value is; [`extract::extract`] finds values in the
//! text of a report.

pub mod address;
pub mod canonical;
pub mod checksum;
pub mod context;
pub mod digests;
pub mod domain;
pub mod extract;
pub mod fingerprint;
pub mod fold;
pub mod guess;
pub mod hosts;
pub mod kind;
pub mod links;
pub mod names;
pub mod paths;
pub mod port;
pub mod refang;
pub mod registry;
pub mod url;
pub mod wallet;
pub mod word;
