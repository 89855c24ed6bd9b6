//! The fusion store for Python.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::thread;

use kaname_artifacts::guess::guess;
use kaname_artifacts::kind::Kind;
use kaname_fusion::pivot::{Near, Reach};
use kaname_fusion::{Brief, Eye, Facts, State, Store, StoreError, layout, log, pairs};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyBytes;

use crate::errors::{CoreError, NativeError};

/// First and last seen, observations, sources.
type PyBrief = (i64, i64, u32, u32);
/// Kind and value.
type PyName = (String, String);
/// Time and number.
type PyPlace = (i64, u32);

fn refuse(error: StoreError) -> PyErr {
    match error {
        StoreError::Io(error) => CoreError::Io(error).into(),
        StoreError::Wire(error) => NativeError::new_err(("observation", format!("{error:?}"))),
        StoreError::Unfit => NativeError::new_err(("unfit", "")),
        StoreError::Locked => NativeError::new_err(("locked", "")),
        StoreError::ReadOnly => NativeError::new_err(("read_only", "")),
        StoreError::Damaged { file, offset } => {
            NativeError::new_err(("damaged", format!("{file:08}.log:{offset}")))
        }
    }
}

/// Little-endian bytes of a column.
fn column<T: Copy, const N: usize>(values: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(|value| bytes(*value)).collect()
}

fn column_u32(values: &[u32]) -> Vec<u8> {
    column(values, u32::to_le_bytes)
}

/// An open store: who asks is a rank of markings and the groups they belong to.
#[pyclass(frozen, module = "kaname._native")]
pub struct FusionCore {
    store: Store,
}

fn near(
    state: &State,
    seeds: &[PyName],
    reach: Reach,
    (rank, groups): (u8, Option<&[String]>),
) -> Near {
    let eye = Eye::new(&state.stamps, rank, groups);
    let known = seeds.iter().filter_map(|(kind, value)| state.find(kind, value));
    state.near(&eye, &known.collect::<Vec<_>>(), reach)
}

impl FusionCore {
    fn ask<T: Send>(
        &self,
        py: Python<'_>,
        (kind, value): (&str, &str),
        (rank, groups): (u8, Option<&[String]>),
        question: impl Fn(&State, u32, &Eye) -> Option<T> + Send + Sync,
    ) -> Option<T> {
        py.detach(|| {
            let state = self.store.state();
            let artifact = state.find(kind, value)?;
            question(&state, artifact, &Eye::new(&state.stamps, rank, groups))
        })
    }
}

#[pymethods]
#[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
impl FusionCore {
    #[new]
    fn new(
        py: Python<'_>,
        folder: PathBuf,
        markings: Vec<String>,
        read_only: bool,
    ) -> PyResult<Self> {
        let store = py.detach(|| Store::open(&folder, &markings, read_only)).map_err(refuse)?;
        Ok(Self { store })
    }

    fn close(&self) {
        self.store.close();
    }

    /// Read on in the log; the number of records that were new.
    fn refresh(&self, py: Python<'_>) -> PyResult<usize> {
        py.detach(|| self.store.replay()).map_err(refuse)
    }

    /// File and offset that the log was read to, and bytes behind it that are no record.
    #[getter]
    fn end(&self) -> (u32, u64, u64) {
        let end = self.store.end();
        (end.file, end.offset, end.torn)
    }

    /// Artifacts and standing observations.
    #[getter]
    fn counts(&self) -> (usize, usize) {
        self.store.state().counts()
    }

    /// Bytes of memory that it takes.
    #[getter]
    fn bytes(&self) -> usize {
        self.store.state().bytes()
    }

    /// New, duplicates, conflicts, artifacts of the new ones, and those never met before.
    #[expect(clippy::type_complexity, reason = "a tuple that Python takes apart at once")]
    fn add(
        &self,
        py: Python<'_>,
        batch: &[u8],
    ) -> PyResult<(usize, usize, usize, Vec<u32>, Vec<u32>)> {
        let added = py.detach(|| self.store.add(batch)).map_err(refuse)?;
        let touched = added.touched.iter().map(|(number, _)| *number).collect();
        let new = added.touched.iter().filter(|(_, new)| *new).map(|(number, _)| *number).collect();
        Ok((added.new, added.duplicates, added.conflicts, touched, new))
    }

    /// Numbers of the log files that change no more; the one in use becomes one of them.
    fn seal(&self, py: Python<'_>) -> PyResult<Vec<u32>> {
        py.detach(|| self.store.seal()).map_err(refuse)
    }

    /// Write the arrays down for a faster start.
    fn snapshot(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.store.snapshot()).map_err(refuse)
    }

    /// (offset, observation) of the whole records at the beginning of a log's bytes.
    #[staticmethod]
    fn observations<'py>(py: Python<'py>, bytes: &[u8]) -> Vec<(usize, Bound<'py, PyBytes>)> {
        let (mut at, mut found) = (0, Vec::new());
        while let Some(record) = log::record(bytes, at) {
            if record.kind == log::OBSERVATION {
                found.push((at, PyBytes::new(py, record.payload)));
            }
            at = record.end;
        }
        found
    }

    /// How many stood, and their artifacts.
    fn retract(&self, py: Python<'_>, ids: Vec<String>) -> PyResult<(usize, Vec<u32>)> {
        py.detach(|| self.store.retract(&ids)).map_err(refuse)
    }

    /// Kind and value of artifacts.
    fn names(&self, numbers: Vec<u32>) -> Vec<PyName> {
        let state = self.store.state();
        let known = numbers.into_iter().filter(|number| (*number as usize) < state.counts().0);
        known
            .map(|number| state.name(number))
            .map(|(kind, value)| (kind.to_owned(), value))
            .collect()
    }

    /// The number of an artifact.
    fn find(&self, kind: &str, value: &str) -> Option<u32> {
        self.store.state().find(kind, value)
    }

    #[pyo3(signature = (kind, value, rank, groups=None))]
    fn lookup(
        &self,
        kind: &str,
        value: &str,
        rank: u8,
        groups: Option<Vec<String>>,
    ) -> Option<PyBrief> {
        let state = self.store.state();
        let artifact = state.find(kind, value)?;
        let eye = Eye::new(&state.stamps, rank, groups.as_deref());
        let brief = state.brief(artifact, &eye)?;
        Some((brief.first, brief.last, brief.observations, brief.sources))
    }

    /// First, last, observations, sources of many; zeroes where nothing is known.
    #[pyo3(signature = (kinds, values, rank, groups=None))]
    fn lookup_many(
        &self,
        py: Python<'_>,
        kinds: Vec<PyBackedStr>,
        values: Vec<PyBackedStr>,
        rank: u8,
        groups: Option<Vec<String>>,
    ) -> PyColumns {
        py.detach(|| {
            let state = self.store.state();
            let eye = Eye::new(&state.stamps, rank, groups.as_deref());
            let pairs = kinds.iter().zip(&values);
            columns(pairs.map(|(kind, value)| brief(&state, &eye, kind, value)))
        })
    }

    /// What texts are, by whatever spelling: kinds (positions in `kinds`, 255: nobody can
    /// say), values, and the columns of `lookup_many`. Uses all processors.
    #[pyo3(signature = (kinds, texts, rank, groups=None))]
    fn lookup_texts(
        &self,
        py: Python<'_>,
        kinds: Vec<String>,
        texts: Vec<PyBackedStr>,
        rank: u8,
        groups: Option<Vec<String>>,
    ) -> (Vec<u8>, Vec<String>, PyColumns) {
        py.detach(|| {
            let state = self.store.state();
            let eye = Eye::new(&state.stamps, rank, groups.as_deref());
            let each = texts.len().div_ceil(thread::available_parallelism().map_or(1, usize::from));
            let found: Vec<Told> = thread::scope(|scope| {
                let (state, eye, kinds) = (&*state, &eye, &kinds);
                let part = |part| scope.spawn(move || tell(state, eye, kinds, part));
                let parts: Vec<_> = texts.chunks(each.max(1)).map(part).collect();
                parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
            });
            let told = found.iter().map(|told| told.kind).collect();
            let briefs = columns(found.iter().map(|told| told.brief));
            (told, found.into_iter().map(|told| told.value).collect(), briefs)
        })
    }

    /// (number, role, observations, degree, mentions) of what is beside an artifact.
    #[pyo3(signature = (kind, value, scan, limit, rank, groups=None))]
    #[expect(clippy::too_many_arguments, reason = "how much of what, for whom")]
    fn relations(
        &self,
        py: Python<'_>,
        kind: &str,
        value: &str,
        scan: usize,
        limit: usize,
        rank: u8,
        groups: Option<Vec<String>>,
    ) -> Vec<(u32, String, u32, u64, u32)> {
        let found = self.ask(py, (kind, value), (rank, groups.as_deref()), |state, number, eye| {
            let of = |r: kaname_fusion::Relation| {
                let role = state.stamps.words.word(r.role).to_owned();
                (r.artifact, role, r.observations, r.degree, r.mentions)
            };
            Some(state.relations(number, eye, scan, limit).into_iter().map(of).collect())
        });
        found.unwrap_or_default()
    }

    /// The most observed artifacts and what joins them, and how many there are in all.
    #[pyo3(signature = (cap, most, rank, groups=None))]
    fn overview(
        &self,
        py: Python<'_>,
        cap: usize,
        most: usize,
        rank: u8,
        groups: Option<Vec<String>>,
    ) -> (FusionNear, usize) {
        py.detach(|| {
            let state = self.store.state();
            let eye = Eye::new(&state.stamps, rank, groups.as_deref());
            let (near, total) = state.overview(&eye, cap, most);
            (FusionNear::new(&state, near), total)
        })
    }

    /// ((first, last, observations, sources), degree, rank, sources, roles, days).
    #[pyo3(signature = (kind, value, rank, groups=None))]
    #[expect(clippy::type_complexity, reason = "a tuple that Python takes apart at once")]
    fn facts(
        &self,
        py: Python<'_>,
        kind: &str,
        value: &str,
        rank: u8,
        groups: Option<Vec<String>>,
    ) -> Option<(PyBrief, u64, u8, Vec<(String, u32, i64, i64)>, Vec<(String, u32)>, Vec<(i64, u32)>)>
    {
        let found: Facts = self.ask(py, (kind, value), (rank, groups.as_deref()), State::facts)?;
        let brief = found.brief;
        let sources = found.sources.into_iter().map(|s| (s.source, s.count, s.first, s.last));
        Some((
            (brief.first, brief.last, brief.observations, brief.sources),
            found.degree,
            found.rank,
            sources.collect(),
            found.roles,
            found.days,
        ))
    }

    /// Evidence about an artifact, a MessagePack array.
    #[pyo3(signature = (kind, value, limit, rank, groups=None))]
    fn items<'py>(
        &self,
        py: Python<'py>,
        kind: &str,
        value: &str,
        limit: usize,
        rank: u8,
        groups: Option<Vec<String>>,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let found = self.ask(py, (kind, value), (rank, groups.as_deref()), |_, artifact, eye| {
            Some(self.store.items(artifact, eye, limit))
        });
        found.map(|items| Ok(PyBytes::new(py, &items.map_err(CoreError::from)?))).transpose()
    }

    /// (time and number, observation) of those that mention an artifact, the latest first.
    #[pyo3(signature = (kind, value, before, limit, rank, groups=None))]
    #[expect(clippy::too_many_arguments, reason = "a page of what, for whom")]
    fn records<'py>(
        &self,
        py: Python<'py>,
        kind: &str,
        value: &str,
        before: Option<PyPlace>,
        limit: usize,
        rank: u8,
        groups: Option<Vec<String>>,
    ) -> PyResult<Vec<(PyPlace, Bound<'py, PyBytes>)>> {
        let found = self.ask(py, (kind, value), (rank, groups.as_deref()), |_, artifact, eye| {
            Some(self.store.records(artifact, eye, before, limit))
        });
        let found = found.transpose().map_err(CoreError::from)?.unwrap_or_default();
        let of = |(place, payload): (PyPlace, Vec<u8>)| (place, PyBytes::new(py, &payload));
        Ok(found.into_iter().map(of).collect())
    }

    /// The standing observation with an identifier.
    fn record<'py>(&self, py: Python<'py>, id: &str) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let found = py.detach(|| self.store.payload(id)).map_err(refuse)?;
        Ok(found.map(|payload| PyBytes::new(py, &payload)))
    }

    /// What is near artifacts.
    #[pyo3(signature = (seeds, hops, gate, cap, rank, groups=None))]
    #[expect(clippy::too_many_arguments, reason = "from where, how far, for whom")]
    fn pivot(
        &self,
        py: Python<'_>,
        seeds: Vec<PyName>,
        hops: u8,
        gate: u64,
        cap: usize,
        rank: u8,
        groups: Option<Vec<String>>,
    ) -> FusionNear {
        py.detach(|| {
            let state = self.store.state();
            let near = near(&state, &seeds, Reach { hops, gate, cap }, (rank, groups.as_deref()));
            FusionNear::new(&state, near)
        })
    }

    /// What is near artifacts, as JSON: nodes, edges, gated, total, truncated.
    #[pyo3(signature = (seeds, hops, gate, cap, rank, groups=None))]
    #[expect(clippy::too_many_arguments, reason = "from where, how far, for whom")]
    fn pivot_json<'py>(
        &self,
        py: Python<'py>,
        seeds: Vec<PyName>,
        hops: u8,
        gate: u64,
        cap: usize,
        rank: u8,
        groups: Option<Vec<String>>,
    ) -> Bound<'py, PyBytes> {
        let text = py.detach(|| {
            let state = self.store.state();
            let near = near(&state, &seeds, Reach { hops, gate, cap }, (rank, groups.as_deref()));
            near_json(&state, &near)
        });
        PyBytes::new(py, &text)
    }

    /// Columns of `Pairs` as little-endian bytes, with all words.
    #[pyo3(signature = (most, rank, groups=None))]
    fn pairs(
        &self,
        py: Python<'_>,
        most: usize,
        rank: u8,
        groups: Option<Vec<String>>,
    ) -> (Vec<Vec<u8>>, Vec<String>) {
        py.detach(|| {
            let state = self.store.state();
            let found: pairs::Pairs =
                state.pairs(&Eye::new(&state.stamps, rank, groups.as_deref()), most);
            let mut columns: Vec<Vec<u8>> = [
                &found.a,
                &found.b,
                &found.role_a,
                &found.role_b,
                &found.kind,
                &found.observations,
            ]
            .map(|values| column_u32(values))
            .into();
            columns.push(column(&found.first, i64::to_le_bytes));
            columns.push(column(&found.last, i64::to_le_bytes));
            (columns, words(&state))
        })
    }

    /// Columns of `Mentions` as little-endian bytes, with all words.
    #[pyo3(signature = (rank, groups=None))]
    fn mentions(
        &self,
        py: Python<'_>,
        rank: u8,
        groups: Option<Vec<String>>,
    ) -> (Vec<Vec<u8>>, Vec<String>) {
        py.detach(|| {
            let state = self.store.state();
            let found = state.mention_counts(&Eye::new(&state.stamps, rank, groups.as_deref()));
            let columns =
                [&found.artifact, &found.role, &found.kind, &found.source, &found.observations];
            (columns.map(|values| column_u32(values)).into(), words(&state))
        })
    }
}

/// First, last, observations, sources by column.
type PyColumns = (Vec<i64>, Vec<i64>, Vec<u32>, Vec<u32>);

/// What a text is and what is known of it.
struct Told {
    kind: u8,
    value: String,
    brief: Option<Brief>,
}

const NOBODY: u8 = u8::MAX;

fn tell(state: &State, eye: &Eye, kinds: &[String], texts: &[PyBackedStr]) -> Vec<Told> {
    let one = |text: &PyBackedStr| match guess(text) {
        Some((kind, value)) => {
            let kind: Kind = kind;
            let name = kinds.get(kind as usize).map_or("", String::as_str);
            let brief = brief(state, eye, name, &value);
            Told { kind: kind as u8, value, brief }
        }
        None => Told { kind: NOBODY, value: text.to_string(), brief: None },
    };
    texts.iter().map(one).collect()
}

fn brief(state: &State, eye: &Eye, kind: &str, value: &str) -> Option<Brief> {
    state.brief(state.find(kind, value)?, eye)
}

fn columns(briefs: impl Iterator<Item = Option<Brief>>) -> PyColumns {
    let mut found = PyColumns::default();
    for brief in briefs {
        found.0.push(brief.map_or(0, |brief| brief.first));
        found.1.push(brief.map_or(0, |brief| brief.last));
        found.2.push(brief.map_or(0, |brief| brief.observations));
        found.3.push(brief.map_or(0, |brief| brief.sources));
    }
    found
}

fn words(state: &State) -> Vec<String> {
    state.stamps.words.all().iter().map(ToString::to_string).collect()
}

/// A part of the graph, named.
#[pyclass(frozen, get_all, module = "kaname._native")]
pub struct FusionNear {
    kinds: Vec<String>,
    values: Vec<String>,
    distances: Vec<u32>,
    observed: Vec<u32>,
    edges: Vec<(u32, u32, u32)>,
    gated: Vec<(u32, u64)>,
    truncated: bool,
}

impl FusionNear {
    fn new(state: &State, near: Near) -> Self {
        let (mut kinds, mut values) = (Vec::new(), Vec::new());
        for &artifact in &near.artifacts {
            let (kind, value) = state.name(artifact);
            kinds.push(kind.to_owned());
            values.push(value);
        }
        Self {
            kinds,
            values,
            distances: near.distances.into_iter().map(u32::from).collect(),
            observed: near.observed,
            edges: near.edges,
            gated: near.gated,
            truncated: near.truncated,
        }
    }
}

#[pymethods]
impl FusionNear {
    /// How many nodes there are.
    #[getter]
    fn count(&self) -> usize {
        self.values.len()
    }

    /// f32 x, f32 y of the nodes, as little-endian bytes.
    fn positions<'py>(&self, py: Python<'py>) -> (Bound<'py, PyBytes>, Bound<'py, PyBytes>) {
        let (x, y) = py.detach(|| {
            let edges: Vec<(u32, u32)> = self.edges.iter().map(|(a, b, _)| (*a, *b)).collect();
            layout::layout(self.values.len(), &edges)
        });
        let bytes = |values: &[f32]| PyBytes::new(py, &column(values, f32::to_le_bytes));
        (bytes(&x), bytes(&y))
    }

    /// u32 a, u32 b of the edges, as little-endian bytes.
    fn ends<'py>(&self, py: Python<'py>) -> (Bound<'py, PyBytes>, Bound<'py, PyBytes>) {
        let bytes = |of: fn(&(u32, u32, u32)) -> u32| {
            let values: Vec<u32> = self.edges.iter().map(of).collect();
            PyBytes::new(py, &column_u32(&values))
        };
        (bytes(|edge| edge.0), bytes(|edge| edge.1))
    }
}

/// What is near as JSON: nodes, edges, gated, total, truncated.
fn near_json(state: &State, near: &Near) -> Vec<u8> {
    let mut text = String::with_capacity(near.artifacts.len() * 96 + near.edges.len() * 16);
    let mut value = String::new();
    text.push_str("{\"nodes\":[");
    for (at, &artifact) in near.artifacts.iter().enumerate() {
        open_node(&mut text, &mut value, at > 0, state, artifact);
        text.push_str(",\"distance\":");
        put_number(&mut text, u64::from(near.distances[at]));
        text.push_str(",\"degree\":");
        put_number(&mut text, u64::from(near.observed[at]));
        text.push('}');
    }
    text.push_str("],\"edges\":[");
    for (at, (a, b, count)) in near.edges.iter().enumerate() {
        text.push_str(if at > 0 { ",[" } else { "[" });
        put_number(&mut text, u64::from(*a));
        text.push(',');
        put_number(&mut text, u64::from(*b));
        text.push(',');
        put_number(&mut text, u64::from(*count));
        text.push(']');
    }
    text.push_str("],\"gated\":[");
    for (at, (position, neighbours)) in near.gated.iter().enumerate() {
        let artifact = near.artifacts[*position as usize];
        open_node(&mut text, &mut value, at > 0, state, artifact);
        text.push_str(",\"neighbours\":");
        put_number(&mut text, *neighbours);
        text.push('}');
    }
    text.push_str("],\"total\":");
    put_number(&mut text, near.artifacts.len() as u64);
    text.push_str(if near.truncated { ",\"truncated\":true}" } else { ",\"truncated\":false}" });
    text.into_bytes()
}

/// The beginning of an object about an artifact.
fn open_node(text: &mut String, value: &mut String, more: bool, state: &State, artifact: u32) {
    value.clear();
    let kind = state.write_name(artifact, value);
    text.push_str(if more { ",{\"kind\":" } else { "{\"kind\":" });
    quote(text, kind);
    text.push_str(",\"value\":");
    quote(text, value);
}

fn put_number(text: &mut String, number: u64) {
    let mut digits = [0_u8; 20];
    let (mut rest, mut from) = (number, digits.len());
    loop {
        from -= 1;
        digits[from] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    text.extend(digits[from..].iter().map(|digit| char::from(*digit)));
}

/// A JSON string (RFC 8259, 7).
fn quote(into: &mut String, text: &str) {
    into.push('"');
    if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        into.push_str(text);
    } else {
        text.chars().for_each(|symbol| quote_symbol(into, symbol));
    }
    into.push('"');
}

fn quote_symbol(into: &mut String, symbol: char) {
    match symbol {
        '"' => into.push_str("\\\""),
        '\\' => into.push_str("\\\\"),
        '\0'..='\x1f' => {
            let _ = write!(into, "\\u{:04x}", symbol as u32); // to a string: cannot fail
        }
        _ => into.push(symbol),
    }
}
