//! Packet captures for Python: a file read in steps, or bytes pushed into a stage.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Mutex;

use kaname_packets::batches::{Batches, TableBatch};
use kaname_packets::container;
use kaname_packets::feed::{Feed, SourceError};
use kaname_packets::report::{NOTES, OUTCOMES, Report};
use kaname_packets::rows::Labels;
use kaname_packets::source::Reader;
use kaname_packets::stage::Stage;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::arrow::ArrowBatch;
use crate::errors::{CoreError, lock};

type Rows = (&'static str, ArrowBatch);

/// Whether `head` begins like a packet capture.
#[pyfunction]
pub fn is_capture(head: &[u8]) -> bool {
    container::is_capture(head)
}

fn labels(sensor: String, kind: String, tlp: String, batch: i64) -> Labels {
    Labels { sensor, kind, tlp, batch }
}

fn to_rows((table, batch): TableBatch) -> Rows {
    (table, ArrowBatch::new(batch))
}

/// A capture file, read in steps.
#[pyclass(frozen, module = "kaname._native")]
pub struct CaptureFile {
    reader: Mutex<Reader>,
}

#[pymethods]
impl CaptureFile {
    #[new]
    #[pyo3(signature = (path, *, sensor, kind, tlp, batch, packets, rows, threads))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        path: PathBuf,
        sensor: String,
        kind: String,
        tlp: String,
        batch: i64,
        packets: bool,
        rows: usize,
        threads: usize,
    ) -> PyResult<Self> {
        let file = File::open(path).map_err(|error| CoreError::from(SourceError::from(error)))?;
        let batches = Batches::new(labels(sensor, kind, tlp, batch), rows);
        let reader = Reader::new(Box::new(file), Feed::new(Stage::new(packets)), batches, threads);
        Ok(Self { reader: Mutex::new(reader) })
    }

    /// Reads on; a batch with the name of its table when one is ready.
    fn step(&self, py: Python<'_>) -> PyResult<Option<Rows>> {
        let step = py.detach(|| lock(&self.reader).step());
        Ok(step.map_err(CoreError::from)?.map(to_rows))
    }

    /// Whether all was read.
    fn has_ended(&self) -> bool {
        lock(&self.reader).has_ended()
    }

    /// The account so far.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let account = lock(&self.reader).account();
        report(py, &account.report, account.bytes_read)
    }
}

/// A capture whose bytes are pushed; its state can be carried over a restart.
#[pyclass(frozen, module = "kaname._native")]
pub struct CaptureStage {
    inner: Mutex<Pushed>,
}

struct Pushed {
    feed: Feed,
    batches: Batches,
}

#[pymethods]
impl CaptureStage {
    #[new]
    #[pyo3(signature = (*, sensor, kind, tlp, batch, packets, rows=1))]
    fn new(
        sensor: String,
        kind: String,
        tlp: String,
        batch: i64,
        packets: bool,
        rows: usize,
    ) -> Self {
        let batches = Batches::new(labels(sensor, kind, tlp, batch), rows);
        let feed = Feed::new(Stage::new(packets));
        Self { inner: Mutex::new(Pushed { feed, batches }) }
    }

    /// Takes the next bytes; batches that became ready.
    fn push(&self, py: Python<'_>, data: &[u8]) -> PyResult<Vec<Rows>> {
        let pushed = py.detach(|| lock(&self.inner).push(data));
        Ok(pushed.map_err(CoreError::from)?.into_iter().map(to_rows).collect())
    }

    /// Says that the stream has ended; the last batches.
    fn finish(&self, py: Python<'_>) -> PyResult<Vec<Rows>> {
        let finished = py.detach(|| lock(&self.inner).finish());
        Ok(finished.map_err(CoreError::from)?.into_iter().map(to_rows).collect())
    }

    /// The state; with ``rows=1`` every closed minute was given out before.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let state = lock(&self.inner).feed.snapshot().map_err(CoreError::from)?;
        Ok(PyBytes::new(py, &state))
    }

    /// Goes on where the snapshot was taken.
    fn restore(&self, snapshot: &[u8]) -> PyResult<()> {
        lock(&self.inner).feed = Feed::restore(snapshot).map_err(CoreError::from)?;
        Ok(())
    }

    /// The account so far.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let pushed = lock(&self.inner);
        report(py, pushed.feed.stage.report(), pushed.feed.bytes_read())
    }
}

impl Pushed {
    fn push(&mut self, data: &[u8]) -> Result<Vec<TableBatch>, SourceError> {
        self.feed.push(data)?;
        Ok(self.ready(false))
    }

    fn finish(&mut self) -> Result<Vec<TableBatch>, SourceError> {
        self.feed.finish()?;
        Ok(self.ready(true))
    }

    fn ready(&mut self, last: bool) -> Vec<TableBatch> {
        for minute in self.feed.stage.take_closed() {
            self.batches.add(&minute);
            self.feed.stage.pool().give(minute.packets);
        }
        self.batches.add_attacks(self.feed.stage.take_attacks());
        if last || self.feed.stage.packets_held() >= self.batches.target() {
            self.batches.add_packets(self.feed.stage.take_packets());
        }
        if last {
            self.batches.flush();
        }
        std::iter::from_fn(|| self.batches.pop()).collect()
    }
}

pub fn report<'py>(
    py: Python<'py>,
    report: &Report,
    bytes_read: u64,
) -> PyResult<Bound<'py, PyDict>> {
    let account = PyDict::new(py);
    account.set_item("bytes_read", bytes_read)?;
    account.set_item("records", report.records())?;
    account.set_item("counters", counts(py, &OUTCOMES, &report.outcomes)?)?;
    account.set_item("notes", counts(py, &NOTES, &report.notes)?)?;
    account.set_item("damaged", report.damaged)?;
    account.set_item("first_us", report.first_us)?;
    account.set_item("last_us", report.last_us)?;
    let problems = report.problems.iter();
    let problems: Vec<_> = problems
        .map(|problem| (problem.offset, &problem.reason, PyBytes::new(py, &problem.data)))
        .collect();
    account.set_item("problems", problems)?;
    Ok(account)
}

/// The counts that are not zero, by name.
pub fn counts<'py>(
    py: Python<'py>,
    names: &[&str],
    values: &[u64],
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in names.iter().zip(values).filter(|(_, value)| **value > 0) {
        dict.set_item(name, value)?;
    }
    Ok(dict)
}
