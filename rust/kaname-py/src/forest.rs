//! Ensembles of trees over columns of numbers.

use pyo3::prelude::*;

/// Add what this module has to `_native`.
pub fn add(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
