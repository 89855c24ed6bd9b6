//! MRT files for Python: bytes are pushed, batches of routes come out.

use std::sync::Mutex;

use kaname_routes::frame;
use kaname_routes::report::{NOTES, OUTCOMES};
use kaname_routes::rows::Labels;
use kaname_routes::stage::Stage;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::arrow::ArrowBatch;
use crate::capture::counts;
use crate::errors::lock;

/// Whether `head` begins like an MRT file of BGP.
#[pyfunction]
pub fn is_mrt(head: &[u8]) -> bool {
    frame::is_mrt(head)
}

/// MRT records whose bytes are pushed, decompressed.
#[pyclass(frozen, module = "kaname._native")]
pub struct RouteStage {
    inner: Mutex<Stage>,
}

#[pymethods]
impl RouteStage {
    #[new]
    #[pyo3(signature = (*, sensor, kind, tlp, batch, rows, collector=None))]
    fn new(
        sensor: String,
        kind: String,
        tlp: String,
        batch: i64,
        rows: usize,
        collector: Option<String>,
    ) -> Self {
        let labels = Labels { sensor, kind, tlp, batch, collector };
        Self { inner: Mutex::new(Stage::new(labels, rows)) }
    }

    /// Takes the next bytes; batches that became ready.
    fn push(&self, py: Python<'_>, data: &[u8]) -> Vec<ArrowBatch> {
        let ready = py.detach(|| lock(&self.inner).push(data));
        ready.into_iter().map(ArrowBatch::new).collect()
    }

    /// Says that the source has ended; the last batches.
    fn finish(&self, py: Python<'_>) -> Vec<ArrowBatch> {
        let ready = py.detach(|| lock(&self.inner).finish());
        ready.into_iter().map(ArrowBatch::new).collect()
    }

    /// The account so far.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stage = lock(&self.inner);
        let report = stage.report();
        let account = PyDict::new(py);
        account.set_item("records", report.records())?;
        account.set_item("counters", counts(py, &OUTCOMES, &report.outcomes)?)?;
        account.set_item("notes", counts(py, &NOTES, &report.notes)?)?;
        account.set_item("damaged", report.damaged)?;
        account.set_item("first_us", report.first_us)?;
        account.set_item("last_us", report.last_us)?;
        let problems = report.problems.iter();
        let problems: Vec<_> = problems
            .map(|problem| (problem.offset, problem.reason, PyBytes::new(py, &problem.data)))
            .collect();
        account.set_item("problems", problems)?;
        Ok(account)
    }
}
