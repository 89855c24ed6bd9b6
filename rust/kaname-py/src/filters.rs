//! Filters that say "perhaps", for Python.

use kaname_matching::Bloom;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// A Bloom filter in DCSO's layout; it never changes.
#[pyclass(frozen, module = "kaname._native")]
pub struct BloomFilter {
    filter: Bloom,
}

#[pymethods]
impl BloomFilter {
    /// The filter of these values.
    #[staticmethod]
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn of(
        py: Python<'_>,
        values: Vec<Bound<'_, PyString>>,
        capacity: u64,
        rate: f64,
    ) -> PyResult<Self> {
        let filter = Bloom::new(capacity, rate);
        let mut filter = filter.ok_or_else(|| PyValueError::new_err("no such filter"))?;
        let texts: Vec<_> = values.iter().map(|value| value.to_string_lossy()).collect();
        py.detach(|| {
            for text in &texts {
                filter.add(text.as_bytes());
            }
        });
        Ok(Self { filter })
    }

    /// The filter in these bytes.
    #[staticmethod]
    fn parse(data: &[u8]) -> PyResult<Self> {
        let filter = Bloom::parse(data).map_err(|_| PyValueError::new_err("not a filter"))?;
        Ok(Self { filter })
    }

    /// Its bytes, with `data` behind it.
    fn write<'py>(&self, py: Python<'py>, data: &[u8]) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.filter.write(data))
    }

    fn __contains__(&self, value: &Bound<'_, PyString>) -> bool {
        self.filter.may_hold(value.to_string_lossy().as_bytes())
    }

    /// Whether each value may be in it.
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn may_hold(&self, py: Python<'_>, values: Vec<Bound<'_, PyString>>) -> Vec<bool> {
        let texts: Vec<_> = values.iter().map(|value| value.to_string_lossy()).collect();
        py.detach(|| texts.iter().map(|text| self.filter.may_hold(text.as_bytes())).collect())
    }

    #[getter]
    fn count(&self) -> u64 {
        self.filter.count()
    }

    #[getter]
    fn capacity(&self) -> u64 {
        self.filter.capacity()
    }

    #[getter]
    fn hashes(&self) -> u64 {
        self.filter.hashes()
    }

    /// Bits of the filter.
    #[getter]
    fn size(&self) -> u64 {
        self.filter.size()
    }

    /// The share of other values to which it says "perhaps".
    #[getter]
    fn false_positives(&self) -> f64 {
        self.filter.false_positives()
    }

    /// What lies behind the filter.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.filter.data())
    }
}
