//! Netlists: files in, designs out, held here and asked from Python.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Int32Array, LargeStringArray, RecordBatch, StringArray, UInt8Array,
};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use flate2::read::MultiGzDecoder;
use kaname_netlist::cell::{CellType, FAMILIES, Function, ROLES, Role};
use kaname_netlist::describe;
use kaname_netlist::design::{Design, NONE, Names};
use kaname_netlist::library::Library;
use kaname_netlist::problem::Problem;
use kaname_netlist::reading::{self, Reading, Refused};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use sha2::{Digest as _, Sha256};

use crate::arrow::{ArrowBatch, ArrowColumn};
use crate::errors::{CoreError, NativeError};

/// The most bytes that a compressed netlist may unfold to.
const MOST: u64 = u32::MAX as u64 / 2;

/// A flat design, and what was not understood of its text.
#[pyclass(frozen, module = "kaname._native")]
pub struct Netlist {
    pub design: Arc<Design>,
    digest: String,
    format: &'static str,
    problems: Vec<Problem>,
    problem_count: u64,
    undriven: u64,
    contested: u64,
    unknown: u64,
}

#[pymethods]
impl Netlist {
    /// Read a file; cells are looked up in ``cells`` (texts with their names) first.
    #[staticmethod]
    #[pyo3(signature = (path, top=None, cells=Vec::new()))]
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn open(
        py: Python<'_>,
        path: PathBuf,
        top: Option<&str>,
        cells: Vec<(String, Vec<u8>)>,
    ) -> PyResult<Self> {
        py.detach(|| {
            let mut bytes = Vec::new();
            let mut file = File::open(&path).map_err(CoreError::Io)?;
            let size = file.metadata().map_or(0, |about| about.len());
            bytes.reserve(size.min(MOST) as usize + 1);
            file.by_ref().take(MOST + 1).read_to_end(&mut bytes).map_err(CoreError::Io)?;
            Self::of(&bytes, top, &cells)
        })
    }

    /// Read bytes, as they are or compressed by gzip.
    #[staticmethod]
    #[pyo3(signature = (data, top=None, cells=Vec::new()))]
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn read(
        py: Python<'_>,
        data: &Bound<'_, PyBytes>,
        top: Option<&str>,
        cells: Vec<(String, Vec<u8>)>,
    ) -> PyResult<Self> {
        let bytes = data.as_bytes();
        py.detach(|| Self::of(bytes, top, &cells))
    }

    #[getter]
    fn name(&self) -> &str {
        &self.design.name
    }

    /// SHA-256 of the text, unpacked.
    #[getter]
    fn digest(&self) -> &str {
        &self.digest
    }

    #[getter]
    fn format(&self) -> &'static str {
        self.format
    }

    #[getter]
    fn cells(&self) -> usize {
        self.design.len()
    }

    #[getter]
    fn nets(&self) -> u32 {
        self.design.nets
    }

    #[getter]
    fn undriven(&self) -> u64 {
        self.undriven
    }

    #[getter]
    fn contested(&self) -> u64 {
        self.contested
    }

    /// Instances of cells that no table has.
    #[getter]
    fn unknown(&self) -> u64 {
        self.unknown
    }

    #[getter]
    fn problem_count(&self) -> u64 {
        self.problem_count
    }

    /// Line, column, code and text of each problem; line 0 is about the whole design.
    #[getter]
    fn problems(&self) -> Vec<(u32, u32, &'static str, &str)> {
        let told = |one: &Problem| (one.line, one.column, one.code);
        let each = self.problems.iter();
        each.map(|one| {
            let (line, column, code) = told(one);
            (line, column, code, one.text.as_str())
        })
        .collect()
    }

    /// Nets of primary inputs.
    #[getter]
    fn inputs(&self) -> Vec<u32> {
        self.design.inputs.clone()
    }

    /// Nets of primary outputs.
    #[getter]
    fn outputs(&self) -> Vec<u32> {
        self.design.outputs.clone()
    }

    /// Nets that are constant: 0, 1.
    #[getter]
    fn constants(&self) -> (Option<u32>, Option<u32>) {
        (self.design.zero, self.design.one)
    }

    fn cell_names(&self) -> PyResult<ArrowColumn> {
        Ok(ArrowColumn::new(strings(&self.design.instance_names)?))
    }

    fn net_names(&self) -> PyResult<ArrowColumn> {
        Ok(ArrowColumn::new(strings(&self.design.net_names)?))
    }

    /// The cells of the library that the design uses, a dictionary each.
    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let made: PyResult<Vec<_>> =
            self.design.types.iter().map(|one| described(py, one)).collect();
        PyList::new(py, made?)
    }

    /// A row for every instance: its place, name, type, family and first output's net.
    fn table(&self, py: Python<'_>) -> PyResult<ArrowBatch> {
        Ok(ArrowBatch::new(py.detach(|| table(&self.design))?))
    }

    /// Driver and load instances of every connection to a data or enable pin.
    fn edges(&self, py: Python<'_>) -> PyResult<ArrowBatch> {
        Ok(ArrowBatch::new(py.detach(|| edges(&self.design))?))
    }

    /// Instance, place of the pin, its role and its net, for every connected pin.
    fn pins(&self, py: Python<'_>) -> PyResult<ArrowBatch> {
        Ok(ArrowBatch::new(py.detach(|| pins(&self.design))?))
    }

    /// The instance that drives each net, or -1.
    fn drivers(&self, py: Python<'_>) -> ArrowColumn {
        let found = py.detach(|| self.design.drivers());
        ArrowColumn::new(Arc::new(signed(found.into_iter())))
    }

    fn __len__(&self) -> usize {
        self.design.len()
    }
}

impl Netlist {
    /// Around a design that was made of another (a rewriting).
    pub fn made(design: Design, digest: String) -> Self {
        Self {
            design: Arc::new(design),
            digest,
            format: "made",
            problems: Vec::new(),
            problem_count: 0,
            undriven: 0,
            contested: 0,
            unknown: 0,
        }
    }

    fn of(bytes: &[u8], top: Option<&str>, cells: &[(String, Vec<u8>)]) -> PyResult<Self> {
        let unpacked;
        let text = if is_gzip(bytes) {
            unpacked = unpack(bytes)?;
            &unpacked[..]
        } else {
            bytes
        };
        let (library, mut problems) = library(cells)?;
        let read = reading::read(text, &library, top).map_err(refused)?;
        let Reading { design, format, undriven, contested, unknown, .. } = read;
        let problem_count = read.problem_count + problems.len() as u64;
        problems.extend(read.problems);
        Ok(Self {
            design: Arc::new(design),
            digest: hex(&Sha256::digest(text)),
            format,
            problems,
            problem_count,
            undriven,
            contested,
            unknown,
        })
    }
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1F, 0x8B])
}

fn unpack(bytes: &[u8]) -> PyResult<Vec<u8>> {
    let mut text = Vec::new();
    let mut reader = MultiGzDecoder::new(bytes).take(MOST + 1);
    let read = reader.read_to_end(&mut text);
    read.map_err(|error| NativeError::new_err(("netlist_gzip", error.to_string())))?;
    if text.len() as u64 > MOST {
        return Err(too_large("text", text.len() as u64, MOST));
    }
    Ok(text)
}

fn library(cells: &[(String, Vec<u8>)]) -> PyResult<(Library, Vec<Problem>)> {
    let mut library = Library::default();
    let mut problems = Vec::new();
    for (name, bytes) in cells.iter().rev() {
        let unpacked;
        let text = if is_gzip(bytes) {
            unpacked = unpack(bytes)?;
            &unpacked[..]
        } else {
            bytes
        };
        let (set, unread) = describe::read(text, &library);
        if set.cells.is_empty() {
            return Err(NativeError::new_err(("netlist_cells", name.clone())));
        }
        problems.extend(unread.into_iter().map(|(line, text)| Problem {
            line: 0,
            column: 0,
            code: "table_line",
            text: format!("{name}:{line}: {text}"),
        }));
        library.prefer(set);
    }
    Ok((library, problems))
}

fn too_large(what: &str, found: u64, most: u64) -> PyErr {
    NativeError::new_err((format!("netlist_large_{what}"), format!("{found}/{most}")))
}

fn refused(why: Refused) -> PyErr {
    match why {
        Refused::NoModule => NativeError::new_err(("netlist_empty", "")),
        Refused::NoSuchTop(name, known) => {
            NativeError::new_err(("netlist_top", format!("{name}\n{}", known.join(", "))))
        }
        Refused::Json(at) => NativeError::new_err(("netlist_json", at.to_string())),
        Refused::Recursion(name) => NativeError::new_err(("netlist_recursion", name)),
        Refused::TooLarge { what, found, most } => too_large(what, found, most),
        Refused::Behaviour { line, text } => {
            NativeError::new_err(("netlist_behaviour", format!("{line}\n{text}")))
        }
    }
}

pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn strings(names: &Names) -> Result<ArrayRef, CoreError> {
    let starts: Vec<i64> = if names.start.is_empty() {
        vec![0]
    } else {
        names.start.iter().map(|start| i64::from(*start)).collect()
    };
    let offsets = OffsetBuffer::new(ScalarBuffer::from(starts));
    let values = arrow_buffer::Buffer::from(names.text.as_bytes());
    Ok(Arc::new(LargeStringArray::try_new(offsets, values, None)?))
}

fn signed(values: impl Iterator<Item = u32>) -> Int32Array {
    values.map(|value| if value == NONE { -1 } else { value as i32 }).collect::<Vec<_>>().into()
}

fn table(design: &Design) -> Result<RecordBatch, CoreError> {
    let kinds = &design.cells;
    let of_kind = |cell: fn(&CellType) -> &str| -> ArrayRef {
        let types: Vec<&str> = design.types.iter().map(cell).collect();
        Arc::new(StringArray::from_iter_values(kinds.iter().map(|kind| types[*kind as usize])))
    };
    let inverting = kinds.iter().map(|kind| Some(design.types[*kind as usize].inverting));
    let first: Vec<Option<usize>> = design
        .types
        .iter()
        .map(|cell| cell.pins.iter().position(|pin| pin.role == Role::Output))
        .collect();
    let output = (0..design.len()).map(|at| {
        let pins = design.pins(at as u32);
        // The first output that is connected: a flip-flop may only use its inverted one.
        let cell = design.cell(at as u32);
        let used = |from: usize| {
            (from..pins.len()).find(|at| cell.pins[*at].role == Role::Output && pins[*at] != NONE)
        };
        first[kinds[at] as usize].and_then(used).map_or(NONE, |at| pins[at])
    });
    Ok(RecordBatch::try_from_iter([
        ("instance", Arc::new(Int32Array::from_iter_values(0..design.len() as i32)) as ArrayRef),
        ("name", strings(&design.instance_names)?),
        ("kind", Arc::new(signed(kinds.iter().copied()))),
        ("type", of_kind(|cell| &cell.name)),
        ("family", of_kind(|cell| FAMILIES[cell.family as usize])),
        ("inverting", Arc::new(inverting.collect::<BooleanArray>())),
        ("net", Arc::new(signed(output))),
    ])?)
}

fn edges(design: &Design) -> Result<RecordBatch, CoreError> {
    let drivers = design.drivers();
    let (mut from, mut to) = (Vec::new(), Vec::new());
    for load in 0..design.len() as u32 {
        for (pin, &net) in design.cell(load).pins.iter().zip(design.pins(load)) {
            let carries = matches!(pin.role, Role::Data | Role::Enable) && net != NONE;
            if carries && drivers[net as usize] != NONE {
                from.push(drivers[net as usize] as i32);
                to.push(load as i32);
            }
        }
    }
    Ok(RecordBatch::try_from_iter([
        ("driver", Arc::new(Int32Array::from(from)) as ArrayRef),
        ("load", Arc::new(Int32Array::from(to))),
    ])?)
}

fn pins(design: &Design) -> Result<RecordBatch, CoreError> {
    let (mut instances, mut places) = (Vec::new(), Vec::new());
    let (mut roles, mut nets) = (Vec::new(), Vec::new());
    for instance in 0..design.len() as u32 {
        let pins = design.cell(instance).pins.iter().zip(design.pins(instance));
        for (at, (pin, &net)) in pins.enumerate().filter(|(_, (_, net))| **net != NONE) {
            instances.push(instance as i32);
            places.push(at as i32);
            roles.push(pin.role as u8);
            nets.push(net as i32);
        }
    }
    Ok(RecordBatch::try_from_iter([
        ("instance", Arc::new(Int32Array::from(instances)) as ArrayRef),
        ("pin", Arc::new(Int32Array::from(places))),
        ("role", Arc::new(UInt8Array::from(roles))),
        ("net", Arc::new(Int32Array::from(nets))),
    ])?)
}

fn described<'py>(py: Python<'py>, cell: &CellType) -> PyResult<Bound<'py, PyDict>> {
    let made = PyDict::new(py);
    made.set_item("name", &cell.name)?;
    made.set_item("family", FAMILIES[cell.family as usize])?;
    made.set_item("inverting", cell.inverting)?;
    let pins: PyResult<Vec<_>> = cell
        .pins
        .iter()
        .map(|pin| {
            let one = PyDict::new(py);
            one.set_item("name", &pin.name)?;
            one.set_item("role", ROLES[pin.role as usize])?;
            one.set_item("function", pin.function.as_ref().map(spoken))?;
            Ok(one)
        })
        .collect();
    made.set_item("pins", pins?)?;
    made.set_item("next", cell.next.as_ref().map(spoken))?;
    Ok(made)
}

/// A function as Python sees it: its kind, the pins it is of, its bits or gate.
fn spoken(function: &Function) -> (&'static str, Vec<u8>, u64) {
    match function {
        Function::Table { inputs, bits } => ("table", inputs.clone(), *bits),
        Function::Wide { inputs, gate, inverted } => {
            ("wide", inputs.clone(), *gate as u64 * 2 + u64::from(*inverted))
        }
        Function::State { inverted } => ("state", Vec::new(), u64::from(*inverted)),
        Function::Unknown => ("unknown", Vec::new(), 0),
    }
}

/// Add what this module has to `_native`.
pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("CELL_FAMILIES", FAMILIES.to_vec())?;
    module.add("PIN_ROLES", ROLES.to_vec())?;
    module.add_class::<Netlist>()
}
