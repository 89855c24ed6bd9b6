//! Domain names for Python: one spelling, and registered domains by the Public Suffix List.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, StringArray};
use kaname_names::spelling;
use kaname_names::suffix::registered_of;
use pyo3::prelude::*;

use crate::arrow::{ArrowColumn, import_array};
use crate::errors::CoreError;

/// The spelling the lake stores: lower case, no root dot, A-labels, odd bytes as `\DDD`.
#[pyfunction]
pub fn canonical_name(name: &str) -> String {
    spelling::canonical(name).into_owned()
}

/// The registered domain of one name, however it is spelled.
#[pyfunction]
pub fn registered_domain(name: &str) -> Option<String> {
    registered_of(name).map(std::borrow::Cow::into_owned)
}

/// The registered domains of an Arrow array of strings, however they are spelled.
#[pyfunction]
pub fn registered_domains(py: Python<'_>, names: &Bound<'_, PyAny>) -> PyResult<ArrowColumn> {
    let names = import_array(names)?;
    let Some(names) = names.as_string_opt::<i32>() else {
        return Err(CoreError::not_strings(names.data_type()).into());
    };
    Ok(ArrowColumn::new(py.detach(|| all(names))))
}

fn all(names: &StringArray) -> ArrayRef {
    Arc::new(names.iter().map(|name| name.and_then(registered_of)).collect::<StringArray>())
}
