//! Features of the cells of a design, as columns.

use std::sync::Arc;

use arrow_array::Float32Array;
use kaname_netfeatures::{catalogue, features};
use pyo3::prelude::*;

use crate::arrow::ArrowColumn;
use crate::errors::NativeError;
use crate::netlists::Netlist;

/// Add what this module has to `_native`.
pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("CELL_FEATURES", catalogue::names())?;
    module.add_function(wrap_pyfunction!(cell_features, module)?)
}

/// The named features of all cells, one column behind the other; `NativeError("feature",
/// name)` for a name that is none.
#[pyfunction]
fn cell_features(
    py: Python<'_>,
    netlist: PyRef<'_, Netlist>,
    names: Vec<String>,
    threads: usize,
) -> PyResult<ArrowColumn> {
    let design = Arc::clone(&netlist.design);
    drop(netlist);
    let block = py.detach(move || features::compute(&design, &names, threads));
    let block = block.map_err(|features::Unknown(name)| NativeError::new_err(("feature", name)))?;
    Ok(ArrowColumn::new(Arc::new(Float32Array::from(block))))
}
