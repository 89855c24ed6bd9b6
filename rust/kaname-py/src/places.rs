//! Tables of country and origin AS for Python.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Int16Array, Int32Array, RecordBatch};
use arrow_schema::ArrowError;
use kaname_places::distinct;
use kaname_places::file::{Contents, Refused};
use kaname_places::pieces::{Piece, Range, flatten};
use kaname_places::table::{Found, Table, address};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arrow::{ArrowColumn, import_array, import_batch};
use crate::columns::int64;
use crate::errors::CoreError;

/// First and last address, value, length of the announced prefix.
type PyFound = (u128, u128, u32, u8);

/// Tables out of the bytes of a file.
#[pyclass(frozen, module = "kaname._native")]
pub struct NetworkTables {
    about: String,
    countries: Vec<[u8; 2]>,
    names: Vec<(u32, String)>,
    country: Table,
    origin: Table,
}

#[pymethods]
impl NetworkTables {
    #[new]
    fn new(py: Python<'_>, data: &Bound<'_, PyBytes>) -> PyResult<Self> {
        let bytes = data.as_bytes();
        Ok(py.detach(|| Self::open(bytes)).map_err(CoreError::Networks)?)
    }

    /// What the tables were made from.
    #[getter]
    fn about(&self) -> &str {
        &self.about
    }

    /// Codes of the countries; the values of `countries` are places in it, from 1.
    #[getter]
    fn codes(&self) -> Vec<String> {
        self.countries.iter().map(|code| code.iter().map(|c| char::from(*c)).collect()).collect()
    }

    /// Pieces of which something is known: (country, origin), each in (IPv4, IPv6).
    #[getter]
    fn rows(&self) -> ((usize, usize), (usize, usize)) {
        (self.country.known(), self.origin.known())
    }

    /// The place of the country of each address, 0 where none is known.
    fn countries(
        &self,
        py: Python<'_>,
        hi: &Bound<'_, PyAny>,
        lo: &Bound<'_, PyAny>,
    ) -> PyResult<ArrowColumn> {
        looked_up(py, hi, lo, |hi, lo| {
            Arc::new(Int16Array::from(self.country.values(hi, lo, |value| value as i16)))
        })
    }

    /// The number of the origin AS of each address, 0 where none is known.
    fn asns(
        &self,
        py: Python<'_>,
        hi: &Bound<'_, PyAny>,
        lo: &Bound<'_, PyAny>,
    ) -> PyResult<ArrowColumn> {
        looked_up(py, hi, lo, |hi, lo| {
            Arc::new(Int32Array::from(self.origin.values(hi, lo, |value| value as i32)))
        })
    }

    /// The pieces of one address: of its country and of its origin.
    fn find(&self, hi: i64, lo: i64) -> (PyFound, PyFound) {
        let address = address(hi, lo);
        (told(self.country.find(address)), told(self.origin.find(address)))
    }

    /// The name of an AS, empty where none is known.
    fn name(&self, asn: u32) -> &str {
        let place = self.names.binary_search_by_key(&asn, |(number, _)| *number);
        place.map_or("", |place| &self.names[place].1)
    }
}

impl NetworkTables {
    fn open(bytes: &[u8]) -> Result<Self, Refused> {
        let read = Contents::decode(bytes)?;
        Ok(Self {
            about: read.about,
            countries: read.countries,
            names: read.names,
            country: Table::new(read.country),
            origin: Table::new(read.origin),
        })
    }
}

fn told(found: Found) -> PyFound {
    (found.first, found.last, found.value, found.length)
}

fn looked_up(
    py: Python<'_>,
    hi: &Bound<'_, PyAny>,
    lo: &Bound<'_, PyAny>,
    find: impl Fn(&[i64], &[i64]) -> ArrayRef + Send + Sync,
) -> PyResult<ArrowColumn> {
    let (hi, lo) = (import_array(hi)?, import_array(lo)?);
    let (hi, lo) = (words(&hi)?, words(&lo)?);
    Ok(ArrowColumn::new(py.detach(|| find(hi, lo))))
}

/// Whether each row is the first with its address, and with its group where these are given.
#[pyfunction]
#[pyo3(signature = (hi, lo, groups=None))]
pub fn first_seen(
    py: Python<'_>,
    hi: &Bound<'_, PyAny>,
    lo: &Bound<'_, PyAny>,
    groups: Option<&Bound<'_, PyAny>>,
) -> PyResult<ArrowColumn> {
    let (hi, lo) = (import_array(hi)?, import_array(lo)?);
    let (hi, lo) = (words(&hi)?, words(&lo)?);
    let groups = groups.map(import_array).transpose()?;
    let groups: &[i32] = match &groups {
        None => &[],
        Some(array) => match array.as_primitive_opt::<Int32Type>() {
            Some(values) if values.null_count() == 0 && values.len() == lo.len() => values.values(),
            _ => return Err(unfit("int32 without nulls, one a row, expected").into()),
        },
    };
    let seen = py.detach(|| BooleanArray::from(distinct::first_seen(hi, lo, groups)));
    Ok(ArrowColumn::new(Arc::new(seen)))
}

fn unfit(expected: &str) -> CoreError {
    ArrowError::SchemaError(expected.to_owned()).into()
}

fn words(array: &ArrayRef) -> Result<&[i64], CoreError> {
    match array.as_primitive_opt::<Int64Type>() {
        Some(values) if values.null_count() == 0 => Ok(values.values()),
        _ => Err(unfit("int64 without nulls expected")),
    }
}

/// The bytes of a file of the tables that ranges make.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
pub fn network_file<'py>(
    py: Python<'py>,
    about: String,
    codes: Vec<String>,
    names: Vec<(u32, String)>,
    country: &Bound<'py, PyAny>,
    origin: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (country, origin) = (import_batch(country)?, import_batch(origin)?);
    let countries = codes.iter().filter_map(|code| code.as_bytes().try_into().ok()).collect();
    let made = py.detach(|| {
        let mut names = names;
        names.sort_by_key(|(number, _)| *number);
        names.dedup_by_key(|(number, _)| *number);
        let (country, origin) = (pieces(&country)?, pieces(&origin)?);
        Ok::<_, CoreError>(Contents { about, countries, names, country, origin }.encode())
    })?;
    Ok(PyBytes::new(py, &made))
}

fn pieces(batch: &RecordBatch) -> Result<Vec<Piece>, CoreError> {
    let column = |name| int64(batch, name);
    let (first_hi, first_lo) = (column("first_hi")?, column("first_lo")?);
    let (last_hi, last_lo) = (column("last_hi")?, column("last_lo")?);
    let (value, length) = (column("value")?, column("length")?);
    let range = |at: usize| Range {
        first: address(first_hi[at], first_lo[at]),
        last: address(last_hi[at], last_lo[at]),
        value: value[at] as u32,
        length: length[at] as u8,
    };
    Ok(flatten(&(0..batch.num_rows()).map(range).collect::<Vec<Range>>()))
}
