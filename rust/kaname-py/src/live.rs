//! Live packets for Python: blocks of a capture ring, or the files of a rotating writer.

use std::sync::Mutex;

use kaname_packets::ring::BadBlock;
use kaname_packets::rows::Labels;
use kaname_packets::stream::{self, Stream};
use kaname_packets::tap::bytes;
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::arrow::ArrowBatch;
use crate::capture::report;
use crate::errors::{CoreError, NativeError, lock};

/// Packets that do not end, and their minutes.
#[pyclass(frozen, module = "kaname._native")]
pub struct PacketStream {
    inner: Mutex<Inner>,
}

struct Inner {
    stream: Stream,
    bytes: u64,
}

#[pymethods]
impl PacketStream {
    #[new]
    #[pyo3(signature = (*, evidence=0))]
    fn new(evidence: u8) -> Self {
        let mut stream = Stream::default();
        stream.keep_evidence(evidence);
        Self { inner: Mutex::new(Inner { stream, bytes: 0 }) }
    }

    /// Counts only packets to these ranges: first and last address, 16 bytes each.
    fn monitor(&self, ranges: Vec<(u128, u128)>) {
        lock(&self.inner).stream.monitor(ranges);
    }

    /// Takes a full block of a ring; how many frames it held.
    #[expect(clippy::needless_pass_by_value, reason = "owned by pyo3")]
    fn block(&self, py: Python<'_>, block: PyBuffer<u8>, link: u32) -> PyResult<u64> {
        // Copied, because the kernel could write to the ring while it is read.
        let copy = block.to_vec(py)?;
        let taken = py.detach(|| {
            let mut inner = lock(&self.inner);
            inner.bytes += copy.len() as u64;
            inner.stream.block(&copy, link)
        });
        taken.map_err(|bad| {
            let found = match bad {
                BadBlock::Short => "short",
                BadBlock::Offset => "offset",
            };
            NativeError::new_err(("ring_block", found))
        })
    }

    /// Takes the next bytes of the file that is being read.
    fn push(&self, py: Python<'_>, data: &[u8]) -> PyResult<()> {
        let pushed = py.detach(|| {
            let mut inner = lock(&self.inner);
            inner.bytes += data.len() as u64;
            inner.stream.push(data)
        });
        Ok(pushed.map_err(CoreError::from)?)
    }

    /// Says that the file has ended, and another one follows.
    fn next_file(&self, py: Python<'_>) -> PyResult<()> {
        let ended = py.detach(|| lock(&self.inner).stream.next_file());
        Ok(ended.map_err(CoreError::from)?)
    }

    /// Closes the minutes that ended before that time (microseconds).
    fn close_before(&self, ts_us: i64) {
        lock(&self.inner).stream.close_before(ts_us);
    }

    /// Closes all minutes.
    fn close(&self) {
        lock(&self.inner).stream.close();
    }

    /// Packets in closed minutes that were not taken.
    #[getter]
    fn waiting(&self) -> usize {
        lock(&self.inner).stream.waiting()
    }

    /// Packets in open minutes.
    #[getter]
    fn open(&self) -> usize {
        lock(&self.inner).stream.open()
    }

    /// Packets to addresses that are not monitored.
    #[getter]
    fn off_target(&self) -> u64 {
        lock(&self.inner).stream.off_target()
    }

    /// Rows of the minutes that were closed since.
    #[pyo3(signature = (*, sensor, kind, tlp, batch, rows))]
    fn take(
        &self,
        py: Python<'_>,
        sensor: String,
        kind: String,
        tlp: String,
        batch: i64,
        rows: usize,
    ) -> Vec<(&'static str, ArrowBatch)> {
        let labels = Labels { sensor, kind, tlp, batch };
        let taken = py.detach(|| lock(&self.inner).stream.take(labels, rows));
        taken.into_iter().map(|(table, batch)| (table, ArrowBatch::new(batch))).collect()
    }

    /// Whether somebody follows what arrives.
    fn follow(&self, followed: bool) {
        lock(&self.inner).stream.tap().followed = followed;
    }

    /// What arrived since the last call, for those who follow; columns as bytes.
    fn moment<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(moment) = lock(&self.inner).stream.tap().take() else { return Ok(None) };
        let columns = PyDict::new(py);
        columns.set_item("base_us", moment.base_us)?;
        columns.set_item("count", moment.src.len())?;
        columns.set_item("stands_for", moment.stands_for)?;
        columns.set_item("src", PyBytes::new(py, bytes(&moment.src)))?;
        columns.set_item("dst", PyBytes::new(py, bytes(&moment.dst)))?;
        columns.set_item("sport", PyBytes::new(py, bytes(&moment.sport)))?;
        columns.set_item("dport", PyBytes::new(py, bytes(&moment.dport)))?;
        columns.set_item("after_us", PyBytes::new(py, bytes(&moment.after_us)))?;
        columns.set_item("ptype", PyBytes::new(py, &moment.ptype))?;
        columns.set_item("marks", PyBytes::new(py, bytes(&moment.marks)))?;
        Ok(Some(columns))
    }

    /// The account so far.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let inner = lock(&self.inner);
        report(py, inner.stream.report(), inner.bytes)
    }

    /// The state; `None` inside a compressed file. What was closed must be taken before.
    fn snapshot<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let state = py.detach(|| lock(&self.inner).stream.snapshot())?;
        Some(PyBytes::new(py, &state))
    }

    /// Goes on where the snapshot was taken; what is monitored is to be said again.
    #[pyo3(signature = (snapshot, *, evidence=0))]
    fn restore(&self, snapshot: &[u8], evidence: u8) -> PyResult<()> {
        let mut stream =
            Stream::restore(snapshot).ok_or_else(|| NativeError::new_err(("snapshot", "")))?;
        stream.keep_evidence(evidence);
        lock(&self.inner).stream = stream;
        Ok(())
    }
}

/// When the first packet of a capture that begins with `head` was caught; microseconds.
#[pyfunction]
pub fn capture_begin(head: &[u8]) -> Option<i64> {
    stream::first_time(head)
}
