//! Ensembles of trees over columns of numbers.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, UInt16Type, UInt32Type};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, Float32Array, Float64Array, UInt16Array, UInt32Array,
};
use arrow_schema::ArrowError;
use kaname_forest::{Arrays, Block, Early, Forest, Growth, Lesson, Rows, grow};
use pyo3::prelude::*;

use crate::arrow::{ArrowColumn, import_array};
use crate::errors::{CoreError, NativeError};

/// Add what this module has to `_native`.
pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<TreeEnsemble>()?;
    module.add_function(wrap_pyfunction!(grow_trees, module)?)
}

/// Trees whose answers are averaged, out of plain arrays.
#[pyclass(frozen, module = "kaname._native")]
struct TreeEnsemble {
    forest: Forest,
}

#[pymethods]
impl TreeEnsemble {
    /// Trees over rows of ``columns`` numbers; `NativeError("forest", why)` for what is none.
    #[new]
    fn new(columns: usize, arrays: [Bound<'_, PyAny>; 5]) -> PyResult<Self> {
        let [sizes, feature, threshold, left, value] = arrays;
        let (sizes, left) = (import_array(&sizes)?, import_array(&left)?);
        let (threshold, value) = (import_array(&threshold)?, import_array(&value)?);
        let feature = import_array(&feature)?;
        let arrays = Arrays {
            sizes: plain::<UInt32Type>(&sizes)?,
            feature: plain::<UInt16Type>(&feature)?,
            threshold: plain::<Float32Type>(&threshold)?,
            left: plain::<UInt32Type>(&left)?,
            value: plain::<Float32Type>(&value)?,
        };
        let forest = Forest::new(columns, &arrays);
        Ok(Self { forest: forest.map_err(|why| refused(&format!("{why:?}")))? })
    }

    #[getter]
    fn trees(&self) -> usize {
        self.forest.trees()
    }

    #[getter]
    fn columns(&self) -> usize {
        self.forest.columns()
    }

    /// The average answer for each of ``rows`` rows, whose columns come from ``blocks``; each
    /// says whether it lies column by column.
    #[pyo3(signature = (rows, blocks, early=None, threads=2))]
    fn score(
        &self,
        py: Python<'_>,
        rows: usize,
        blocks: Vec<(Bound<'_, PyAny>, bool)>,
        early: Option<(usize, f32)>,
        threads: usize,
    ) -> PyResult<ArrowColumn> {
        let taken = Taken::new(blocks)?;
        let early = early.map(|(trees, below)| Early { trees, below });
        let plain = taken.blocks()?;
        let found = py.detach(|| self.forest.score(&Rows::new(rows, &plain)?, early, threads));
        let found = found.ok_or_else(|| refused("Columns"))?;
        Ok(ArrowColumn::new(Arc::new(Float32Array::from(found))))
    }

    /// What each column adds to the answer for ``row``, and what the forest says without one.
    fn contributions(&self, row: &Bound<'_, PyAny>) -> PyResult<(ArrowColumn, f64)> {
        let row = import_array(row)?;
        let found = self.forest.contributions(plain::<Float32Type>(&row)?);
        let (added, base) = found.ok_or_else(|| refused("Columns"))?;
        Ok((ArrowColumn::new(Arc::new(Float64Array::from(added))), base))
    }
}

/// Extremely randomised trees: sizes, features, thresholds of inner nodes, and values.
#[pyfunction]
#[pyo3(signature = (rows, blocks, weight, edges, growth, threads=2))]
fn grow_trees(
    py: Python<'_>,
    rows: usize,
    blocks: Vec<(Bound<'_, PyAny>, bool)>,
    weight: &Bound<'_, PyAny>,
    edges: Vec<Bound<'_, PyAny>>,
    growth: (usize, usize, usize, u64),
    threads: usize,
) -> PyResult<[ArrowColumn; 4]> {
    let taken = Taken::new(blocks)?;
    let edges = edges.into_iter().map(|one| import_array(&one)).collect::<PyResult<Vec<_>>>()?;
    let edges: Vec<&[f32]> = edges.iter().map(plain::<Float32Type>).collect::<Result<_, _>>()?;
    let weight = import_array(weight)?;
    let weight = plain::<Float32Type>(&weight)?;
    let blocks = taken.blocks()?;
    let (trees, tries, leaf, seed) = growth;
    let growth = Growth { trees, tries, leaf, seed };
    let grown = py.detach(|| {
        let rows = Rows::new(rows, &blocks)?;
        grow(&Lesson { rows: &rows, weight, edges: &edges }, growth, threads)
    });
    let grown = grown.ok_or_else(|| refused("Lesson"))?;
    let columns: [ArrayRef; 4] = [
        Arc::new(UInt32Array::from(grown.sizes)),
        Arc::new(UInt16Array::from(grown.feature)),
        Arc::new(Float32Array::from(grown.threshold)),
        Arc::new(UInt16Array::from(grown.value)),
    ];
    Ok(columns.map(ArrowColumn::new))
}

/// Blocks of numbers as Python handed them over.
struct Taken(Vec<(ArrayRef, bool)>);

impl Taken {
    fn new(blocks: Vec<(Bound<'_, PyAny>, bool)>) -> PyResult<Self> {
        let each =
            blocks.into_iter().map(|(block, by_column)| Ok((import_array(&block)?, by_column)));
        Ok(Self(each.collect::<PyResult<_>>()?))
    }

    fn blocks(&self) -> Result<Vec<Block<'_>>, CoreError> {
        let each = self.0.iter().map(|(block, by_column)| {
            let numbers = plain::<Float32Type>(block)?;
            Ok(if *by_column { Block::Columns(numbers) } else { Block::Rows(numbers) })
        });
        each.collect()
    }
}

fn refused(why: &str) -> PyErr {
    NativeError::new_err(("forest", why.to_owned()))
}

pub fn plain<T: ArrowPrimitiveType>(array: &ArrayRef) -> Result<&[T::Native], CoreError> {
    match array.as_primitive_opt::<T>() {
        Some(values) if values.null_count() == 0 => Ok(values.values()),
        _ => {
            let found = array.data_type();
            let expected = format!("{} without nulls expected, found {found}", T::DATA_TYPE);
            Err(ArrowError::SchemaError(expected).into())
        }
    }
}
