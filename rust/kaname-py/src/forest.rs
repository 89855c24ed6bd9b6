//! Ensembles of trees over columns of numbers.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, UInt16Type, UInt32Type};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, Float32Array, Float64Array};
use arrow_schema::ArrowError;
use kaname_forest::{Arrays, Block, Early, Forest, Rows};
use pyo3::prelude::*;

use crate::arrow::{ArrowColumn, import_array};
use crate::errors::{CoreError, NativeError};

/// Add what this module has to `_native`.
pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<TreeEnsemble>()
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
        let mut taken = Vec::with_capacity(blocks.len());
        for (block, by_column) in &blocks {
            taken.push((import_array(block)?, *by_column));
        }
        let early = early.map(|(trees, below)| Early { trees, below });
        let mut plain = Vec::with_capacity(taken.len());
        for (block, by_column) in &taken {
            let numbers = self::plain::<Float32Type>(block)?;
            plain.push(if *by_column { Block::Columns(numbers) } else { Block::Rows(numbers) });
        }
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

fn refused(why: &str) -> PyErr {
    NativeError::new_err(("forest", why.to_owned()))
}

fn plain<T: ArrowPrimitiveType>(array: &ArrayRef) -> Result<&[T::Native], CoreError> {
    match array.as_primitive_opt::<T>() {
        Some(values) if values.null_count() == 0 => Ok(values.values()),
        _ => {
            let found = array.data_type();
            let expected = format!("{} without nulls expected, found {found}", T::DATA_TYPE);
            Err(ArrowError::SchemaError(expected).into())
        }
    }
}
