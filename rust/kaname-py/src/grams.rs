//! Hashed n-grams and linear models for Python.

use kaname_grams::{BUCKETS, Linear, Shape, count, features};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

fn unfit(shape: &Shape) -> PyErr {
    PyValueError::new_err(shape.0)
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}

/// In how many of `texts` each bucket occurs: u32, little endian.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
pub fn gram_documents(py: Python<'_>, texts: Vec<String>) -> Bound<'_, PyBytes> {
    let found = py.detach(|| {
        let mut found = vec![0_u32; 2 * BUCKETS];
        for text in &texts {
            for bucket in count(text).into_keys() {
                found[bucket as usize] += 1;
            }
        }
        found.iter().flat_map(|times| times.to_le_bytes()).collect::<Vec<_>>()
    });
    PyBytes::new(py, &found)
}

/// Features of `texts` as a sparse matrix by rows: (starts u32, buckets u32, values f32).
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
pub fn gram_features<'py>(
    py: Python<'py>,
    texts: Vec<String>,
    rarity: &[u8],
) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
    let rarity = floats(rarity);
    if rarity.len() != 2 * BUCKETS {
        return Err(unfit(&Shape("buckets")));
    }
    let (starts, buckets, values) = py.detach(|| {
        let (mut starts, mut buckets, mut values) =
            (0_u32.to_le_bytes().to_vec(), Vec::new(), Vec::new());
        for text in &texts {
            for (bucket, value) in features(text, &rarity) {
                buckets.extend(bucket.to_le_bytes());
                values.extend(value.to_le_bytes());
            }
            starts.extend(((buckets.len() / 4) as u32).to_le_bytes());
        }
        (starts, buckets, values)
    });
    Ok((PyBytes::new(py, &starts), PyBytes::new(py, &buckets), PyBytes::new(py, &values)))
}

/// A linear model of many classes over hashed grams.
#[pyclass(frozen, module = "kaname._native")]
pub struct GramModel(Linear);

#[pymethods]
impl GramModel {
    /// Little-endian arrays: rarity f32, starts u32, classes u16, weights i8, scales and biases f32.
    #[new]
    fn new(
        rarity: &[u8],
        starts: &[u8],
        classes: &[u8],
        weights: &[u8],
        scales: &[u8],
        biases: &[u8],
    ) -> PyResult<Self> {
        let starts =
            starts.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)).collect();
        let classes =
            classes.as_chunks::<2>().0.iter().map(|two| u16::from_le_bytes(*two)).collect();
        let weights = weights.iter().map(|&one| one as i8).collect();
        Linear::new(floats(rarity), starts, classes, weights, floats(scales), floats(biases))
            .map(Self)
            .map_err(|shape| unfit(&shape))
    }

    /// The value of each class for each text: f32, little endian, row by row.
    #[expect(clippy::needless_pass_by_value, reason = "extracted from Python objects")]
    fn score<'py>(&self, py: Python<'py>, texts: Vec<String>) -> Bound<'py, PyBytes> {
        let found = py.detach(|| {
            let mut row = vec![0.0; self.0.classes()];
            let mut found = Vec::with_capacity(texts.len() * row.len() * 4);
            for text in &texts {
                self.0.score(text, &mut row);
                found.extend(row.iter().flat_map(|value| value.to_le_bytes()));
            }
            found
        });
        PyBytes::new(py, &found)
    }

    /// What each gram of `text` adds to the class, the most first.
    fn reasons(&self, text: &str, class_: usize) -> Vec<(String, f32)> {
        self.0.reasons(text, class_)
    }
}
