//! Artifacts for Python: canonical forms, and what a value is.

use kaname_artifacts::canonical::canonical;
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
