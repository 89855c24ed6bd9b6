//! The matcher for Python: rules go in list by list, values are asked one by one or in bulk.

use std::sync::Mutex;

use kaname_matching::{Builder, EVERY_KIND, Matcher as Rules, Sets, Shape, Subject};
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::errors::{CoreError, lock};

/// Rule, entry and why it was left out.
type PyFault = (u32, String, &'static str);

/// Takes rules; `build` makes the matcher of them.
#[pyclass(frozen, module = "kaname._native")]
pub struct MatcherBuilder {
    open: Mutex<Option<Builder>>,
}

#[pymethods]
impl MatcherBuilder {
    #[new]
    fn new() -> Self {
        Self { open: Mutex::new(Some(Builder::default())) }
    }

    /// Begins the next rule for the kinds in the mask; its number.
    fn rule(&self, kinds: u32) -> PyResult<u32> {
        let mut open = lock(&self.open);
        let builder = open.as_mut().ok_or(CoreError::Closed)?;
        builder.rule(kinds).ok_or_else(|| PyOverflowError::new_err("too many rules"))
    }

    /// Adds entries to the rule begun last.
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn add(&self, sort: &str, entries: Vec<Bound<'_, PyString>>) -> PyResult<()> {
        let mut open = lock(&self.open);
        let builder = open.as_mut().ok_or(CoreError::Closed)?;
        let add = match sort {
            "exact" => Builder::exact,
            "domain" => Builder::domain,
            "network" => Builder::network,
            "phrase" => Builder::phrase,
            "expression" => Builder::expression,
            other => return Err(PyValueError::new_err(format!("no sort of entries: {other}"))),
        };
        for entry in &entries {
            add(builder, &entry.to_string_lossy());
        }
        Ok(())
    }

    /// The matcher and what was left out of it.
    fn build(&self, py: Python<'_>) -> PyResult<(Matcher, Vec<PyFault>)> {
        let builder = lock(&self.open).take().ok_or(CoreError::Closed)?;
        let (rules, faults) = py.detach(|| builder.build());
        let faults = faults.into_iter().map(|f| (f.rule, f.entry, f.reason.word())).collect();
        Ok((Matcher { rules }, faults))
    }
}

/// Many rules, compiled; it never changes.
#[pyclass(frozen, module = "kaname._native")]
pub struct Matcher {
    rules: Rules,
}

#[pymethods]
impl Matcher {
    #[getter]
    fn rules(&self) -> usize {
        self.rules.rules()
    }

    #[getter]
    fn entries(&self) -> usize {
        self.rules.entries()
    }

    /// Bytes that it holds.
    #[getter]
    fn size(&self) -> usize {
        self.rules.bytes()
    }

    /// Rules that the value meets, each with the entry by which it does.
    #[pyo3(signature = (value, subject=None))]
    fn find(&self, value: &Bound<'_, PyString>, subject: Option<u8>) -> Vec<(u32, String)> {
        let text = value.to_string_lossy();
        let hits = self.rules.find(&of(&text, subject));
        hits.into_iter().map(|hit| (hit.rule, hit.entry)).collect()
    }

    /// For each value the number of a set of rules, and the sets.
    #[pyo3(signature = (values, subjects=None))]
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn find_many(
        &self,
        py: Python<'_>,
        values: Vec<Bound<'_, PyString>>,
        subjects: Option<&[u8]>,
    ) -> PyResult<(Vec<u32>, Vec<Vec<u32>>)> {
        if subjects.is_some_and(|subjects| subjects.len() != values.len()) {
            return Err(PyValueError::new_err("a subject for each value expected"));
        }
        let texts: Vec<_> = values.iter().map(|value| value.to_string_lossy()).collect();
        Ok(py.detach(|| {
            let mut sets = Sets::default();
            let subject = |place: usize| subjects.map(|subjects| subjects[place]);
            let each = texts.iter().enumerate();
            let numbers =
                each.map(|(place, text)| sets.of(&self.rules, &of(text, subject(place)))).collect();
            (numbers, sets.all())
        }))
    }
}

/// A value and its kind: bits 0 to 4 number the kind, bits 5 and 6 are the shape.
fn of(text: &str, subject: Option<u8>) -> Subject<'_> {
    let Some(subject) = subject else { return Subject::plain(text) };
    let shape = match subject >> 5 {
        1 => Shape::Url,
        2 => Shape::Mail,
        _ => Shape::Plain,
    };
    let kinds = if subject & 31 == 31 { EVERY_KIND } else { 1 << (subject & 31) };
    Subject { text, kinds, shape }
}
