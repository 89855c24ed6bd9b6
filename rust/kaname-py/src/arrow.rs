//! Arrow batches across the border to Python, without copying (Arrow `PyCapsule` interface).

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::{Array, RecordBatch, StructArray};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::errors::CoreError;

/// Rows that Arrow libraries can take over: ``pyarrow.record_batch(batch)``.
#[pyclass(frozen, module = "kaname._native")]
pub struct ArrowBatch {
    batch: RecordBatch,
}

impl ArrowBatch {
    pub fn new(batch: RecordBatch) -> Self {
        Self { batch }
    }
}

#[pymethods]
impl ArrowBatch {
    #[getter]
    fn num_rows(&self) -> usize {
        self.batch.num_rows()
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        // A consumer may ask for another schema, and has to cope when it gets this one.
        drop(requested_schema);
        let schema =
            FFI_ArrowSchema::try_from(self.batch.schema().as_ref()).map_err(CoreError::from)?;
        let rows = StructArray::from(self.batch.clone());
        let array = FFI_ArrowArray::new(&rows.to_data());
        let schema = PyCapsule::new(py, schema, Some(c"arrow_schema".into()))?;
        let array = PyCapsule::new(py, array, Some(c"arrow_array".into()))?;
        Ok((schema, array))
    }
}
