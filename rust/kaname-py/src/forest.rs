//! Ensembles of trees over columns of numbers.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, UInt16Type, UInt32Type};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, Float32Array, Float64Array};
use arrow_schema::ArrowError;
use kaname_forest::{Arrays, Block, Forest, Rows};
use pyo3::prelude::*;

use crate::arrow::{ArrowColumn, import_array};
use crate::errors::{CoreError, NativeError};

/// Add what this module has to `_native`.
pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<TreeEnsemble>()
}

/// Trees whose answers are added, out of plain arrays.
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

    /// What the trees add up to for each of ``rows`` rows, whose columns come from ``blocks``; each
    /// says whether it lies column by column.
    #[pyo3(signature = (rows, blocks, threads=2))]
    fn score(
        &self,
        py: Python<'_>,
        rows: usize,
        blocks: Vec<(Bound<'_, PyAny>, bool)>,
        threads: usize,
    ) -> PyResult<ArrowColumn> {
        let taken = Taken::new(blocks)?;
        let plain = taken.blocks()?;
        let found = py.detach(|| self.forest.score(&Rows::new(rows, &plain)?, threads));
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
