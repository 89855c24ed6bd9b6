//! Artifacts for Python: canonical forms, and what a value is.

use kaname_artifacts::canonical::canonical;
use kaname_artifacts::extract::{Found, extract};
use kaname_artifacts::guess::guess;
use kaname_artifacts::kind::Kind;
use kaname_artifacts::refang::refang;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyList, PyTuple};

/// The stored spelling of a value of a kind; None when it is none.
#[pyfunction]
pub fn canonical_artifact(kind: &str, text: &str) -> Option<String> {
    canonical(Kind::of_name(kind)?, text)
}

/// The same for many values, a kind each.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
pub fn canonical_artifacts(
    py: Python<'_>,
    kinds: Vec<PyBackedStr>,
    texts: Vec<PyBackedStr>,
) -> Vec<Option<String>> {
    py.detach(|| {
        let pairs = kinds.iter().zip(&texts);
        pairs.map(|(kind, text)| canonical(Kind::of_name(kind)?, text)).collect()
    })
}

/// What each text is: (an element of `kinds`, its spelling), or None. `kinds` are what
/// Python calls the kinds, in their order.
#[pyfunction]
pub fn guess_artifacts<'py>(
    py: Python<'py>,
    kinds: &Bound<'py, PyTuple>,
    texts: &Bound<'py, PyList>,
) -> PyResult<Bound<'py, PyList>> {
    let names: Vec<Bound<'py, PyAny>> = kinds.iter().collect();
    let found = PyList::empty(py);
    for text in texts.iter() {
        let text: &str = text.extract()?;
        match guess(text).and_then(|(kind, value)| Some((names.get(kind as usize)?, value))) {
            Some(pair) => found.append(pair)?,
            None => found.append(py.None())?,
        }
    }
    Ok(found)
}

/// A text without its defanging.
#[pyfunction]
pub fn refanged(text: &str) -> String {
    refang(text).into_owned()
}

/// (kind, value, start, end, role, port), places in characters.
type Row = (&'static str, String, usize, usize, &'static str, Option<u16>);

/// Artifacts in a text, in the order of their places.
#[pyfunction]
pub fn extract_artifacts(py: Python<'_>, text: &str) -> Vec<Row> {
    py.detach(|| rows(text, extract(text)))
}

/// Places as Python counts them. Each lies behind the last one or in the same word, so that
/// counting goes on from where it was.
fn rows(text: &str, found: Vec<Found>) -> Vec<Row> {
    let (mut bytes, mut characters) = (0, 0);
    let mut all = Vec::with_capacity(found.len());
    for each in found {
        if each.start < bytes {
            characters -= count(&text.as_bytes()[each.start..bytes]);
        } else {
            characters += count(&text.as_bytes()[bytes..each.start]);
        }
        bytes = each.start;
        let end = characters + count(&text.as_bytes()[each.start..each.end]);
        all.push((each.kind.name(), each.value, characters, end, each.role.name(), each.port));
    }
    all
}

/// Characters that begin among bytes.
fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
}
