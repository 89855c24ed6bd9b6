//! Arrow data across the border to Python, without copying (Arrow `PyCapsule` interface).
//!
//! The only place with `unsafe`: what a capsule points to is known by its name alone, and
//! the names `arrow_schema` and `arrow_array` are defined by that interface.

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray, make_array};
use arrow_data::ArrayData;
use arrow_schema::Schema;
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
        let schema = FFI_ArrowSchema::try_from(self.batch.schema().as_ref());
        let schema = schema.map_err(CoreError::from)?;
        let array = FFI_ArrowArray::new(&StructArray::from(self.batch.clone()).to_data());
        let schema = PyCapsule::new_with_value(py, schema, c"arrow_schema")?;
        let array = PyCapsule::new_with_value(py, array, c"arrow_array")?;
        Ok((schema, array))
    }
}

/// One column that Arrow libraries can take over: ``pyarrow.array(column)``.
#[pyclass(frozen, module = "kaname._native")]
pub struct ArrowColumn {
    values: ArrayRef,
}

impl ArrowColumn {
    pub fn new(values: ArrayRef) -> Self {
        Self { values }
    }
}

#[pymethods]
impl ArrowColumn {
    fn __len__(&self) -> usize {
        self.values.len()
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        drop(requested_schema);
        let schema = FFI_ArrowSchema::try_from(self.values.data_type()).map_err(CoreError::from)?;
        let array = FFI_ArrowArray::new(&self.values.to_data());
        let schema = PyCapsule::new_with_value(py, schema, c"arrow_schema")?;
        let array = PyCapsule::new_with_value(py, array, c"arrow_array")?;
        Ok((schema, array))
    }
}

/// The schema of a ``pyarrow.Schema`` or its like.
pub fn import_schema(object: &Bound<'_, PyAny>) -> PyResult<Schema> {
    let capsule = object.call_method0("__arrow_c_schema__")?.cast_into::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(c"arrow_schema"))?.cast::<FFI_ArrowSchema>();
    // SAFETY: a capsule of this name points to an ArrowSchema, which lives as long as it.
    #[expect(unsafe_code, reason = "see the head of this module")]
    let schema = unsafe { pointer.as_ref() };
    Ok(Schema::try_from(schema).map_err(CoreError::from)?)
}

/// The rows of a ``pyarrow.RecordBatch`` or its like; the capsules are emptied.
pub fn import_batch(object: &Bound<'_, PyAny>) -> PyResult<RecordBatch> {
    Ok(RecordBatch::from(StructArray::from(import_data(object)?)))
}

/// The values of a ``pyarrow.Array`` or its like; the capsules are emptied.
pub fn import_array(object: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    Ok(make_array(import_data(object)?))
}

fn import_data(object: &Bound<'_, PyAny>) -> PyResult<ArrayData> {
    let (schema, array) = object
        .call_method0("__arrow_c_array__")?
        .extract::<(Bound<'_, PyCapsule>, Bound<'_, PyCapsule>)>()?;
    let schema = schema.pointer_checked(Some(c"arrow_schema"))?.cast::<FFI_ArrowSchema>();
    let array = array.pointer_checked(Some(c"arrow_array"))?.cast::<FFI_ArrowArray>();
    // SAFETY: capsules of these names point to an ArrowSchema and an ArrowArray that agree.
    // `from_raw` moves the array out and marks the capsule's one as released.
    #[expect(unsafe_code, reason = "see the head of this module")]
    let data = unsafe { from_ffi(FFI_ArrowArray::from_raw(array.as_ptr()), schema.as_ref()) };
    Ok(data.map_err(CoreError::from)?)
}
