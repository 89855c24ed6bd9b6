//! Flow records for Python: files read in steps, datagrams pushed, a socket received from.

use std::fs::File;
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::sync::Mutex;

use kaname_flows::account::{NOTES, OUTCOMES, Report, Stream};
use kaname_flows::decoder::Decoder;
use kaname_flows::domain::Key;
use kaname_flows::message::Export;
use kaname_flows::messages;
use kaname_flows::probe::Census;
use kaname_flows::rows::{KINDS, Labels};
use kaname_flows::source::{Content, Source};
use kaname_packets::feed::SourceError;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};

use crate::arrow::ArrowBatch;
use crate::capture::counts;
use crate::errors::{CoreError, lock};

/// Bytes, the words of the sender, its port, microseconds since 1970.
type Received = (PyBackedBytes, i64, i64, u16, i64);

/// Datagrams in the head of a capture: NetFlow and IPFIX, sFlow, frames of anything else.
#[pyfunction]
pub fn flow_exports(py: Python<'_>, head: &[u8]) -> (u64, u64, u64) {
    let census = py.detach(|| Census::of(head));
    (census.netflow, census.sflow, census.other)
}

/// Whether `head` begins like a file of IPFIX messages (RFC 5655).
#[pyfunction]
pub fn is_ipfix_file(head: &[u8]) -> bool {
    messages::is_messages(head)
}

/// A file of flow exports, packets or IPFIX messages, read in steps.
#[pyclass(frozen, module = "kaname._native")]
pub struct FlowFile {
    source: Mutex<Source>,
    labels: Labels,
}

#[pymethods]
impl FlowFile {
    #[new]
    #[pyo3(signature = (path, content, *, sensor, tlp, batch, rows, ext))]
    fn new(
        path: PathBuf,
        content: &str,
        sensor: String,
        tlp: String,
        batch: i64,
        rows: usize,
        ext: bool,
    ) -> PyResult<Self> {
        let content = match content {
            "exports" => Content::Exports,
            "packets" => Content::Packets,
            "messages" => Content::Messages,
            _ => return Err(PyValueError::new_err("exports, packets or messages")),
        };
        let file = File::open(path).map_err(|error| CoreError::from(SourceError::from(error)))?;
        let source = Source::new(Box::new(file), content, rows, ext);
        Ok(Self { source: Mutex::new(source), labels: Labels { sensor, tlp, batch } })
    }

    /// Reads on; rows of `flows` when enough are ready.
    fn step(&self, py: Python<'_>) -> PyResult<Option<ArrowBatch>> {
        let step = py.detach(|| {
            let rows = lock(&self.source).step()?;
            Ok::<_, SourceError>(rows.map(|rows| rows.into_batch(&self.labels)))
        });
        Ok(step.map_err(CoreError::from)?.map(ArrowBatch::new))
    }

    /// Whether all was read.
    fn has_ended(&self) -> bool {
        lock(&self.source).has_ended()
    }

    /// The account so far.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let source = lock(&self.source);
        report(py, &source.report(), source.bytes_read())
    }

    /// What each exporter sent.
    fn streams<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let streams = lock(&self.source).streams();
        streams.iter().map(|(key, stream)| describe(py, key, stream)).collect()
    }
}

/// Decodes datagrams that are pushed.
#[pyclass(frozen, module = "kaname._native")]
pub struct FlowDecoder {
    inner: Mutex<Decoder>,
}

#[pymethods]
impl FlowDecoder {
    #[new]
    #[pyo3(signature = (*, ext, rows))]
    fn new(ext: bool, rows: usize) -> Self {
        Self { inner: Mutex::new(Decoder::new(ext, rows)) }
    }

    /// Takes datagrams with the words of their sender, its port, and when they came; how
    /// many were flow exports.
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn push(&self, py: Python<'_>, datagrams: Vec<Received>) -> usize {
        py.detach(|| {
            let mut decoder = lock(&self.inner);
            let pushed = datagrams.iter().filter(|(data, hi, lo, _, received_us)| {
                let exporter =
                    u128::from(hi.cast_unsigned()) << 64 | u128::from(lo.cast_unsigned());
                let received_us = *received_us;
                decoder.push(&Export { data, exporter, received_us, base: None })
            });
            pushed.count()
        })
    }

    /// Rows that are ready.
    fn __len__(&self) -> usize {
        lock(&self.inner).out.rows.len()
    }

    /// The rows since the last call, if there are any.
    #[pyo3(signature = (*, sensor, tlp, batch))]
    fn rows(&self, py: Python<'_>, sensor: String, tlp: String, batch: i64) -> Option<ArrowBatch> {
        let labels = Labels { sensor, tlp, batch };
        let batch = py.detach(|| {
            let rows = lock(&self.inner).take_rows();
            (!rows.is_empty()).then(|| rows.into_batch(&labels))
        });
        batch.map(ArrowBatch::new)
    }

    /// Gives up sets whose template did not come: nothing follows.
    fn finish(&self) {
        lock(&self.inner).finish();
    }

    /// Templates and samplers, to `restore` in another process.
    fn snapshot<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &lock(&self.inner).snapshot())
    }

    /// Goes on with what a snapshot remembers.
    fn restore(&self, snapshot: &[u8]) -> PyResult<()> {
        let restored = lock(&self.inner).restore(snapshot);
        if restored { Ok(()) } else { Err(CoreError::from(SourceError::Snapshot).into()) }
    }

    /// The account since the last call.
    fn take_report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        report(py, &lock(&self.inner).take_report(), 0)
    }

    /// What each exporter sent.
    fn streams<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let streams = lock(&self.inner).streams();
        streams.iter().map(|(key, stream)| describe(py, key, stream)).collect()
    }
}

fn report<'py>(py: Python<'py>, report: &Report, bytes_read: u64) -> PyResult<Bound<'py, PyDict>> {
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

fn describe<'py>(py: Python<'py>, key: &Key, stream: &Stream) -> PyResult<Bound<'py, PyDict>> {
    let exporter = Ipv6Addr::from(key.exporter).to_canonical().to_string();
    let counts = [
        ("obs_domain", u64::from(key.domain)),
        ("datagrams", stream.datagrams),
        ("flows", stream.flows),
        ("lost", stream.lost),
        ("samples_lost", stream.samples_lost),
        ("duplicates", stream.duplicates),
        ("reordered", stream.reordered),
        ("restarted", stream.restarted),
        ("no_template", stream.no_template),
    ];
    let dict = PyDict::new(py);
    dict.set_item("exporter", exporter)?;
    dict.set_item("kind", KINDS[key.protocol as usize])?;
    for (name, count) in counts {
        dict.set_item(name, count)?;
    }
    Ok(dict)
}
