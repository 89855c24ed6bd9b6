//! Features of the cells of a design, as columns, and what is around cells of any graph.

use std::sync::Arc;

use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Float32Array, Float64Array, Int32Array, Int64Array};
use kaname_netfeatures::links::{Links, Pins, middle_ranks as ranks_of};
use kaname_netfeatures::{catalogue, features, sweeping};
use kaname_netlist::design::NONE;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrow::{ArrowColumn, import_array};
use crate::errors::NativeError;
use crate::forest::plain;
use crate::netlists::Netlist;

/// Add what this module has to `_native`.
pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("CELL_FEATURES", catalogue::names())?;
    module.add_class::<NeighbourLinks>()?;
    module.add_function(wrap_pyfunction!(around_on_nets, module)?)?;
    module.add_function(wrap_pyfunction!(middle_ranks, module)?)?;
    module.add_function(wrap_pyfunction!(swept_netlist, module)?)?;
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

/// The design without gates that change nothing, and the place in it of each cell, -1 for
/// those that went; none where there are no such gates.
#[pyfunction]
fn swept_netlist(py: Python<'_>, netlist: PyRef<'_, Netlist>) -> Option<(Netlist, ArrowColumn)> {
    let design = Arc::clone(&netlist.design);
    drop(netlist);
    let found = py.detach(move || sweeping::swept(&design))?;
    let place = found.place.iter().map(|at| if *at == NONE { -1 } else { *at as i32 });
    let place = Int32Array::from_iter_values(place);
    Some((Netlist::made(found.design, String::new()), ArrowColumn::new(Arc::new(place))))
}

fn numbers(values: Vec<f64>) -> ArrowColumn {
    ArrowColumn::new(Arc::new(Float64Array::from(values)))
}

/// The neighbours of each cell of a graph, on one side.
#[pyclass(frozen, module = "kaname._native")]
struct NeighbourLinks {
    links: Links,
}

#[pymethods]
impl NeighbourLinks {
    /// A link to ``to[i]`` at each ``at[i]``, int32 and below ``cells``.
    #[new]
    fn new(
        py: Python<'_>,
        cells: usize,
        at: &Bound<'_, PyAny>,
        to: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let (at, to) = (import_array(at)?, import_array(to)?);
        let (at, to) = (plain::<Int32Type>(&at)?, plain::<Int32Type>(&to)?);
        let links = py.detach(|| Links::new(cells, at, to));
        let links = links.ok_or_else(|| {
            PyValueError::new_err(format!("links between cells below {cells} expected"))
        })?;
        Ok(Self { links })
    }

    /// Where the neighbours of each cell begin, and the end.
    fn starts(&self) -> ArrowColumn {
        let starts = self.links.starts().iter().map(|start| i64::from(*start));
        ArrowColumn::new(Arc::new(Int64Array::from_iter_values(starts)))
    }

    /// All neighbours, cell after cell.
    fn to(&self) -> ArrowColumn {
        let to = self.links.to().iter().map(|to| *to as i32);
        ArrowColumn::new(Arc::new(Int32Array::from_iter_values(to)))
    }

    /// By cell, the sum of ``values`` over its neighbours.
    fn sums(
        &self,
        py: Python<'_>,
        values: &Bound<'_, PyAny>,
        threads: usize,
    ) -> PyResult<ArrowColumn> {
        let values = import_array(values)?;
        let values = self.of_cells(plain::<Float64Type>(&values)?)?;
        Ok(numbers(py.detach(|| self.links.sums(values, threads))))
    }

    /// By cell, the highest of ``values`` among its neighbours; 0 where there is none.
    fn highest(
        &self,
        py: Python<'_>,
        values: &Bound<'_, PyAny>,
        threads: usize,
    ) -> PyResult<ArrowColumn> {
        let values = import_array(values)?;
        let values = self.of_cells(plain::<Float64Type>(&values)?)?;
        Ok(numbers(py.detach(|| self.links.highest(values, threads))))
    }
}

impl NeighbourLinks {
    fn of_cells<'a>(&self, values: &'a [f64]) -> PyResult<&'a [f64]> {
        let (expected, found) = (self.links.cells(), values.len());
        if expected == found {
            return Ok(values);
        }
        Err(PyValueError::new_err(format!("{expected} values expected, found {found}")))
    }
}

/// By cell, the mean of ``values`` of the other cells on its nets, and the highest such mean.
#[pyfunction]
fn around_on_nets(
    py: Python<'_>,
    cell: &Bound<'_, PyAny>,
    net: &Bound<'_, PyAny>,
    values: &Bound<'_, PyAny>,
) -> PyResult<(ArrowColumn, ArrowColumn)> {
    let (cell, net, values) = (import_array(cell)?, import_array(net)?, import_array(values)?);
    let pins = Pins { cell: plain::<Int32Type>(&cell)?, net: plain::<Int32Type>(&net)? };
    let values = plain::<Float64Type>(&values)?;
    let found = py.detach(|| pins.around(values));
    let (mean, highest) = found.ok_or_else(|| {
        PyValueError::new_err(format!("pins of cells below {} on nets expected", values.len()))
    })?;
    Ok((numbers(mean), numbers(highest)))
}

/// The share of values below each of ``values``, equal ones in the middle.
#[pyfunction]
fn middle_ranks(py: Python<'_>, values: &Bound<'_, PyAny>) -> PyResult<ArrowColumn> {
    let values = import_array(values)?;
    let values = plain::<Float64Type>(&values)?;
    Ok(numbers(py.detach(|| ranks_of(values))))
}
