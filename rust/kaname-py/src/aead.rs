//! Authenticated encryption of packets, one or many at once.

use pyo3::prelude::*;

/// Add what this module has to `_native`.
pub fn add(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
