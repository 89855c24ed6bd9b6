//! The Python face of the native core; the only crate that knows Python.
use pyo3::prelude::*;

/// The native core.
#[pymodule]
fn _native(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("__version__", env!("CARGO_PKG_VERSION"))?;
    Ok(())
}
