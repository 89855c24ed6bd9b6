//! Sidecars of lake files for Python.

use std::path::PathBuf;
use std::sync::Mutex;

use kaname_index as index;
use kaname_index::{Kind, Mention, Range, Rows, Section};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arrow::{self, ArrowBatch};
use crate::errors::{CoreError, lock};

/// Section, first and last key.
type PyRange = (u8, u128, u128);
/// Kind and columns.
type PyMention = (String, Vec<String>);

fn mentions(given: Vec<PyMention>) -> Vec<Mention> {
    let of = |(kind, columns): PyMention| Mention { kind: Kind::of_word(&kind), columns };
    given.into_iter().map(of).collect()
}

fn ranges(given: &[PyRange]) -> Vec<Range> {
    let of = |(section, first, last): &PyRange| {
        Some(Range { section: Section::of(*section)?, first: *first, last: *last })
    };
    given.iter().filter_map(of).collect()
}

/// Makes the sidecar of a file from its rows.
#[pyclass(frozen, module = "kaname._native")]
pub struct SidecarBuilder {
    open: Mutex<Option<index::Builder>>,
}

#[pymethods]
impl SidecarBuilder {
    #[new]
    fn new(mentioned: Vec<PyMention>) -> Self {
        Self { open: Mutex::new(Some(index::Builder::new(mentions(mentioned)))) }
    }

    /// Takes the next rows of the file.
    fn add(&self, py: Python<'_>, batch: &Bound<'_, PyAny>) -> PyResult<()> {
        let batch = arrow::import_batch(batch)?;
        let added = py.detach(|| lock(&self.open).as_mut().map(|open| open.add(&batch)));
        Ok(added.ok_or(CoreError::Closed)?)
    }

    /// The bytes of the sidecar of a file with that SHA-256.
    fn finish<'py>(&self, py: Python<'py>, digest: [u8; 32]) -> PyResult<Bound<'py, PyBytes>> {
        let open = lock(&self.open).take().ok_or(CoreError::Closed)?;
        Ok(PyBytes::new(py, &py.detach(|| open.finish(digest))))
    }
}

/// An open sidecar.
#[pyclass(frozen, module = "kaname._native")]
pub struct Sidecar {
    open: index::Sidecar,
}

#[pymethods]
impl Sidecar {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn new(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let open = py.detach(|| index::Sidecar::open(&path)).map_err(CoreError::from)?;
        Ok(Self { open })
    }

    /// SHA-256 of the file that it is of.
    #[getter]
    fn digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.open.footer.digest)
    }

    #[getter]
    fn rows(&self) -> u64 {
        self.open.footer.rows
    }

    #[getter]
    fn block_rows(&self) -> u32 {
        self.open.footer.block_rows
    }

    /// Least and greatest time of each block.
    #[getter]
    fn times(&self) -> Vec<(i64, i64)> {
        self.open.footer.times.clone()
    }

    /// (block, rows) of the blocks that hold a key of a range.
    fn find(
        &self,
        py: Python<'_>,
        section: u8,
        first: u128,
        last: u128,
    ) -> PyResult<Vec<(u32, u32)>> {
        let Some(section) = Section::of(section) else { return Ok(Vec::new()) };
        let found = py.detach(|| self.open.find(Range { section, first, last }));
        let found = found.map_err(CoreError::from)?;
        Ok(found.into_iter().map(|posting| (posting.block, posting.rows)).collect())
    }
}

/// A Parquet file from which rows are read that mention something.
#[pyclass(frozen, module = "kaname._native")]
pub struct MentionedRows {
    rows: Rows,
    mentions: Vec<Mention>,
    ranges: Vec<Range>,
}

#[pymethods]
impl MentionedRows {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        mentioned: Vec<PyMention>,
        wanted: Vec<PyRange>,
    ) -> PyResult<Self> {
        let rows = py.detach(|| Rows::open(&path)).map_err(CoreError::from)?;
        Ok(Self { rows, mentions: mentions(mentioned), ranges: ranges(&wanted) })
    }

    fn __len__(&self) -> usize {
        self.rows.len()
    }

    /// Times of the rows between the rows of `spans` that mention it.
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn times(&self, py: Python<'_>, spans: Vec<(usize, usize)>) -> PyResult<Vec<i64>> {
        let met = py.detach(|| self.rows.places(&spans, &self.mentions, &self.ranges));
        Ok(met.map_err(CoreError::from)?.times)
    }

    /// The rows, with `role` and `file_row` behind the columns of the file.
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn find(&self, py: Python<'_>, spans: Vec<(usize, usize)>) -> PyResult<ArrowBatch> {
        let found = py.detach(|| self.rows.find(&spans, &self.mentions, &self.ranges));
        Ok(ArrowBatch::new(found.map_err(CoreError::from)?))
    }
}

/// The key of a text in a sidecar.
#[pyfunction]
pub fn text_key(text: &str) -> u128 {
    index::text_key(text)
}

/// A URL with scheme and host in lower case.
#[pyfunction]
pub fn canonical_url(text: &str) -> String {
    index::canonical_url(text)
}
