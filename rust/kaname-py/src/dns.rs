//! DNS messages of captures and dnstap for Python.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Mutex;

use arrow_array::RecordBatch;
use kaname_dns::capture::account::{NOTES, OUTCOMES};
use kaname_dns::capture::{Capture, PORTS, Pushed, Source, share};
use kaname_dns::dnstap;
use kaname_dns::exchange::Tally;
use kaname_dns::message::mnemonic;
use kaname_packets::feed::SourceError;
use kaname_packets::report;
use kaname_packets::rows::Labels;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::arrow::ArrowBatch;
use crate::errors::{CoreError, lock};

/// Ports that DNS messages are looked for on.
pub const DNS_PORTS: [u16; 3] = PORTS;

/// How many of a hundred packets at the beginning of a capture are of DNS.
#[pyfunction]
pub fn dns_share(head: &[u8]) -> u64 {
    share(head)
}

/// The number of a type by its name, or of ``TYPE123``.
#[pyfunction]
pub fn dns_type(name: &str) -> Option<u16> {
    mnemonic::type_of(name)
}

/// The number of a class by its name, or of ``CLASS123``.
#[pyfunction]
pub fn dns_class(name: &str) -> Option<u16> {
    mnemonic::class_of(name)
}

/// The number of a response code by its name, or of ``RCODE123``.
#[pyfunction]
pub fn dns_rcode(name: &str) -> Option<u16> {
    mnemonic::rcode_of(name)
}

fn given(batches: Vec<RecordBatch>) -> Vec<ArrowBatch> {
    batches.into_iter().map(ArrowBatch::new).collect()
}

/// A capture file whose DNS messages are read in steps.
#[pyclass(frozen, module = "kaname._native")]
pub struct DnsCapture {
    source: Mutex<Source>,
}

#[pymethods]
impl DnsCapture {
    #[new]
    #[pyo3(signature = (path, *, sensor, kind, tlp, batch, ports))]
    fn new(
        path: PathBuf,
        sensor: String,
        kind: String,
        tlp: String,
        batch: i64,
        ports: Vec<u16>,
    ) -> PyResult<Self> {
        let file = File::open(path).map_err(|error| CoreError::from(SourceError::from(error)))?;
        let pushed = Pushed::new(Capture::new(ports), Labels { sensor, kind, tlp, batch });
        Ok(Self { source: Mutex::new(Source::new(Box::new(file), pushed)) })
    }

    /// Reads on; a batch when one is ready.
    fn step(&self, py: Python<'_>) -> PyResult<Option<ArrowBatch>> {
        let step = py.detach(|| lock(&self.source).step());
        Ok(step.map_err(CoreError::from)?.map(ArrowBatch::new))
    }

    /// Whether all was read.
    fn has_ended(&self) -> bool {
        lock(&self.source).has_ended()
    }

    /// The account so far.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        account(py, lock(&self.source).pushed())
    }
}

/// A capture whose bytes are pushed; its state can be carried over a restart.
#[pyclass(frozen, module = "kaname._native")]
pub struct DnsStage {
    pushed: Mutex<Pushed>,
}

#[pymethods]
impl DnsStage {
    #[new]
    #[pyo3(signature = (*, sensor, kind, tlp, batch, ports))]
    fn new(sensor: String, kind: String, tlp: String, batch: i64, ports: Vec<u16>) -> Self {
        let labels = Labels { sensor, kind, tlp, batch };
        Self { pushed: Mutex::new(Pushed::new(Capture::new(ports), labels)) }
    }

    /// Takes the next bytes; batches that became ready.
    fn push(&self, py: Python<'_>, data: &[u8]) -> PyResult<Vec<ArrowBatch>> {
        Ok(given(py.detach(|| lock(&self.pushed).push(data)).map_err(CoreError::from)?))
    }

    /// Says that the stream has ended; the last batches.
    fn finish(&self, py: Python<'_>) -> PyResult<Vec<ArrowBatch>> {
        Ok(given(py.detach(|| lock(&self.pushed).finish()).map_err(CoreError::from)?))
    }

    /// The state.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let state = lock(&self.pushed).snapshot().map_err(CoreError::from)?;
        Ok(PyBytes::new(py, &state))
    }

    /// Goes on where the snapshot was taken.
    fn restore(&self, snapshot: &[u8]) -> PyResult<()> {
        Ok(lock(&self.pushed).restore(snapshot).map_err(CoreError::from)?)
    }

    /// The account so far.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        account(py, &lock(&self.pushed))
    }
}

fn account<'py>(py: Python<'py>, pushed: &Pushed) -> PyResult<Bound<'py, PyDict>> {
    let (framed, dns) = pushed.capture.report();
    let tally = pushed.capture.exchanges().tally();
    let counters = PyDict::new(py);
    fill(&counters, &report::OUTCOMES, &framed.outcomes)?;
    fill(&counters, &OUTCOMES, &dns.outcomes)?;
    let notes = PyDict::new(py);
    fill(&notes, &report::NOTES, &framed.notes)?;
    fill(&notes, &NOTES, &dns.notes)?;
    fill(&notes, &Tally::names(), &tally.values())?;
    let account = PyDict::new(py);
    account.set_item("bytes_read", pushed.bytes_read())?;
    account.set_item("records", framed.records() + dns.outcomes.iter().sum::<u64>())?;
    account.set_item("counters", counters)?;
    account.set_item("notes", notes)?;
    account.set_item("damaged", framed.damaged)?;
    account.set_item("first_us", framed.first_us)?;
    account.set_item("last_us", framed.last_us)?;
    let told = framed.problems.iter().chain(&dns.problems);
    account.set_item("problems", problems(py, told))?;
    Ok(account)
}

/// Adds the counts that are not zero.
fn fill(dict: &Bound<'_, PyDict>, names: &[&str], values: &[u64]) -> PyResult<()> {
    for (name, value) in names.iter().zip(values).filter(|(_, value)| **value > 0) {
        dict.set_item(name, value)?;
    }
    Ok(())
}

/// Whether `head` begins like a stream of dnstap.
#[pyfunction]
pub fn is_dnstap(head: &[u8]) -> bool {
    dnstap::is_dnstap(head)
}

/// Streams of dnstap as rows: of a file, or of the senders to a socket.
#[pyclass(frozen, module = "kaname._native")]
pub struct DnstapDecoder {
    decoder: Mutex<dnstap::Decoder>,
}

#[pymethods]
impl DnstapDecoder {
    #[new]
    #[pyo3(signature = (*, open_us=None))]
    fn new(open_us: Option<i64>) -> Self {
        Self { decoder: Mutex::new(dnstap::Decoder::new(open_us)) }
    }

    /// Takes bytes of the stream with that number; what is to be sent back.
    fn push<'py>(
        &self,
        py: Python<'py>,
        stream: u64,
        data: &[u8],
    ) -> PyResult<Bound<'py, PyBytes>> {
        let pushed = py.detach(|| lock(&self.decoder).push(stream, data));
        Ok(PyBytes::new(py, &pushed.map_err(CoreError::from)?))
    }

    /// The stream has ended.
    fn close(&self, stream: u64) {
        lock(&self.decoder).close(stream);
    }

    /// Rows that are settled and wait to be taken.
    fn __len__(&self) -> usize {
        lock(&self.decoder).exchanges().settled_rows()
    }

    /// So long nothing was received.
    fn idle(&self, idle_us: i64) {
        lock(&self.decoder).idle(idle_us);
    }

    /// Batches whose rows are settled; all that are left when it is the last time.
    #[pyo3(signature = (*, sensor, kind, tlp, batch, last))]
    fn take(
        &self,
        py: Python<'_>,
        sensor: String,
        kind: String,
        tlp: String,
        batch: i64,
        last: bool,
    ) -> Vec<ArrowBatch> {
        let labels = Labels { sensor, kind, tlp, batch };
        given(py.detach(|| lock(&self.decoder).take(&labels, last)))
    }

    /// The account so far, without ``bytes_read``.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let decoder = lock(&self.decoder);
        let found = decoder.account();
        let counters = PyDict::new(py);
        fill(&counters, &dnstap::OUTCOMES, &found.outcomes)?;
        let notes = PyDict::new(py);
        fill(&notes, &dnstap::NOTES, &found.notes())?;
        fill(&notes, &Tally::names(), &decoder.exchanges().tally().values())?;
        let account = PyDict::new(py);
        account.set_item("bytes_read", 0)?;
        account.set_item("records", found.outcomes.iter().sum::<u64>())?;
        account.set_item("counters", counters)?;
        account.set_item("notes", notes)?;
        account.set_item("damaged", found.damaged)?;
        account.set_item("first_us", found.first_us)?;
        account.set_item("last_us", found.last_us)?;
        account.set_item("problems", problems(py, found.problems.iter()))?;
        Ok(account)
    }
}

fn problems<'py, 'a>(
    py: Python<'py>,
    problems: impl Iterator<Item = &'a report::Problem>,
) -> Vec<(u64, &'a String, Bound<'py, PyBytes>)> {
    let shown = |problem: &'a report::Problem| {
        (problem.offset, &problem.reason, PyBytes::new(py, &problem.data))
    };
    problems.map(shown).collect()
}
