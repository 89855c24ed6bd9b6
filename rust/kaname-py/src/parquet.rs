//! Parquet files for Python.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::sync::Mutex;

use kaname_parquet::{Encoding, FileWriter, Settings, Written};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arrow;
use crate::errors::{CoreError, lock};

type Open = FileWriter<BufWriter<Sink>>;

const BUFFER: usize = 1 << 20;

/// Writes one Parquet file from record batches into an object with `write(bytes)`.
#[pyclass(frozen, module = "kaname._native")]
pub struct ParquetWriter {
    open: Mutex<Option<Open>>,
}

#[pymethods]
impl ParquetWriter {
    #[new]
    #[pyo3(signature = (sink, schema, encodings, *, metadata, group_rows, level, threads))]
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn new(
        sink: Py<PyAny>,
        schema: &Bound<'_, PyAny>,
        encodings: HashMap<String, String>,
        metadata: HashMap<String, String>,
        group_rows: usize,
        level: i32,
        threads: usize,
    ) -> PyResult<Self> {
        let schema = arrow::import_schema(schema)?;
        let mut metadata: Vec<_> = metadata.into_iter().collect();
        metadata.sort();
        let settings = Settings { group_rows: group_rows.max(1), level, threads, metadata };
        let out = BufWriter::with_capacity(BUFFER, Sink(sink));
        let encoding =
            |name: &str| encodings.get(name).map_or(Encoding::Plain, |word| of_word(word));
        let open = FileWriter::new(out, &schema, encoding, settings).map_err(CoreError::from)?;
        Ok(Self { open: Mutex::new(Some(open.map_err(CoreError::from)?)) })
    }

    /// Appends the rows of a batch with the schema of the file.
    fn write(&self, py: Python<'_>, batch: &Bound<'_, PyAny>) -> PyResult<()> {
        let batch = arrow::import_batch(batch)?;
        let written = py.detach(|| lock(&self.open).as_mut().map(|open| open.write(&batch)));
        written.ok_or(CoreError::Closed)?.map_err(CoreError::from)?;
        Ok(())
    }

    /// Completes the file; its rows, bytes and row groups.
    fn close(&self, py: Python<'_>) -> PyResult<(u64, u64, usize)> {
        let open = lock(&self.open).take().ok_or(CoreError::Closed)?;
        let (_, written) = py.detach(|| open.finish()).map_err(CoreError::from)?;
        let Written { rows, bytes, row_groups } = written;
        Ok((rows, bytes, row_groups))
    }
}

/// The encoding that a column of the lake names.
fn of_word(word: &str) -> Encoding {
    match word {
        "dictionary" => Encoding::Dictionary,
        "delta" => Encoding::Delta,
        "byte_stream_split" => Encoding::Split,
        _ => Encoding::Plain,
    }
}

/// A Python object with `write(bytes)`; what it raises comes out where it was caused.
struct Sink(Py<PyAny>);

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        Python::attach(|py| self.0.call_method1(py, "write", (PyBytes::new(py, data),)))?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
