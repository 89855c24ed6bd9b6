//! One conversion of the core's errors: `NativeError(code, detail)`.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kaname_dns::dnstap::NotDnstap;
use kaname_packets::container::NotACapture;
use kaname_packets::feed::SourceError;
use kaname_parquet::Unsupported;
use kaname_places::file::Refused;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

pyo3::create_exception!(
    kaname._native,
    NativeError,
    pyo3::exceptions::PyException,
    "Input that the native core cannot read: a code, and what was found."
);

/// Every error of the native core.
pub enum CoreError {
    Source(SourceError),
    Arrow(arrow_schema::ArrowError),
    /// A column of a type that the lake does not have.
    Column(Unsupported),
    Io(std::io::Error),
    /// The writer was closed before.
    Closed,
    /// A stream of something else.
    NotDnstap,
    /// A file of network tables that is none, or not whole.
    Networks(Refused),
}

impl CoreError {
    /// A column that should have held strings.
    pub fn not_strings(found: &arrow_schema::DataType) -> Self {
        Self::Column(Unsupported { column: "strings".to_owned(), kind: found.clone() })
    }
}

impl From<NotDnstap> for CoreError {
    fn from(_: NotDnstap) -> Self {
        Self::NotDnstap
    }
}

impl From<SourceError> for CoreError {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<arrow_schema::ArrowError> for CoreError {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::Arrow(error)
    }
}

impl From<Unsupported> for CoreError {
    fn from(error: Unsupported) -> Self {
        Self::Column(error)
    }
}

impl From<std::io::Error> for CoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<CoreError> for PyErr {
    fn from(error: CoreError) -> Self {
        match error {
            CoreError::Source(SourceError::Io(error)) | CoreError::Io(error) => from_io(error),
            CoreError::Source(SourceError::NotACapture(found)) => not_a_capture(&found),
            CoreError::Source(SourceError::Snapshot) => NativeError::new_err(("snapshot", "")),
            CoreError::Source(SourceError::Compressed) => NativeError::new_err(("compressed", "")),
            CoreError::Column(Unsupported { column, kind }) => {
                NativeError::new_err(("column", format!("{column}: {kind}")))
            }
            CoreError::Closed => NativeError::new_err(("closed", "")),
            CoreError::NotDnstap => NativeError::new_err(("dnstap", "")),
            CoreError::Networks(why) => NativeError::new_err(("networks", format!("{why:?}"))),
            CoreError::Arrow(error) => NativeError::new_err(("arrow", error.to_string())),
        }
    }
}

/// What a Python object raised as it was; else an `OSError` with its number, so that
/// Python chooses the subclass.
fn from_io(error: std::io::Error) -> PyErr {
    match error.raw_os_error() {
        Some(number) => PyOSError::new_err((number, error.to_string())),
        None => error.into(),
    }
}

fn not_a_capture(found: &NotACapture) -> PyErr {
    match found {
        NotACapture::Empty => NativeError::new_err(("empty", "")),
        NotACapture::ShortHeader => NativeError::new_err(("short_header", "")),
        NotACapture::Magic(head) => {
            let digits: Vec<String> = head.iter().map(|byte| format!("{byte:02x}")).collect();
            NativeError::new_err(("magic", digits.concat()))
        }
    }
}

/// A lock is poisoned only when a call panicked; the state is then as it was left.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
