//! Features of the cells of a design, as columns.

use pyo3::prelude::*;

/// Add what this module has to `_native`.
pub fn add(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
