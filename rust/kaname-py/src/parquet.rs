//! Parquet files for Python.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;
use std::sync::Mutex;

use kaname_parquet::{Encoding, FileWriter, Settings, Written};
use pyo3::prelude::*;

use crate::arrow;
use crate::errors::{CoreError, lock};

type Open = FileWriter<BufWriter<File>>;

/// Writes one Parquet file from record batches.
#[pyclass(frozen, module = "kaname._native")]
pub struct ParquetWriter {
    open: Mutex<Option<Open>>,
}

#[pymethods]
impl ParquetWriter {
    #[new]
    #[pyo3(signature = (path, schema, encodings, *, metadata, group_rows, level, threads))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        path: PathBuf,
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
        let out = BufWriter::new(File::create_new(path).map_err(CoreError::from)?);
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
