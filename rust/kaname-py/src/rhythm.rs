//! Regular series of contacts: times in, one row a series out.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
use kaname_rhythm::rita::{self, Score};
use kaname_rhythm::runs::{self, Run};
use pyo3::prelude::*;

use crate::arrow::{ArrowBatch, import_batch};
use crate::columns::int64;
use crate::errors::CoreError;

const SECOND: i64 = 1_000_000;

/// The best run and RITA's score of every series in ``batch``.
#[pyfunction]
pub fn rhythm(
    py: Python<'_>,
    batch: &Bound<'_, PyAny>,
    first: i64,
    last: i64,
) -> PyResult<ArrowBatch> {
    let batch = import_batch(batch)?;
    let rows = py.detach(|| judged(&batch, (first, last)))?;
    Ok(ArrowBatch::new(rows))
}

struct Judged {
    series: i64,
    run: Run,
    score: Score,
}

fn judged(batch: &RecordBatch, dataset: (i64, i64)) -> Result<RecordBatch, CoreError> {
    let (series, us, octets) =
        (int64(batch, "series")?, int64(batch, "us")?, int64(batch, "octets")?);
    let dataset = (dataset.0.div_euclid(SECOND), dataset.1.div_euclid(SECOND));
    let (mut found, mut from) = (Vec::new(), 0);
    for same in series.chunk_by(|a, b| a == b) {
        let to = from + same.len();
        let times: Vec<i64> = us[from..to].iter().map(|at| at.div_euclid(SECOND)).collect();
        #[expect(clippy::cast_precision_loss, reason = "octets of a flow")]
        let sizes: Vec<f64> = octets[from..to].iter().map(|size| *size as f64).collect();
        found.push(Judged {
            series: same[0],
            run: runs::best(&us[from..to]),
            score: rita::score(&times, &sizes, dataset).unwrap_or_default(),
        });
        from = to;
    }
    rows(&found)
}

fn rows(found: &[Judged]) -> Result<RecordBatch, CoreError> {
    let whole =
        |of: fn(&Judged) -> i64| Arc::new(found.iter().map(of).collect::<Int64Array>()) as ArrayRef;
    let real = |of: fn(&Judged) -> f64| {
        Arc::new(found.iter().map(of).collect::<Float64Array>()) as ArrayRef
    };
    Ok(RecordBatch::try_from_iter([
        ("series", whole(|one| one.series)),
        ("contacts", whole(|one| one.run.contacts as i64)),
        ("gaps", whole(|one| one.run.gaps as i64)),
        ("first", whole(|one| one.run.first)),
        ("last", whole(|one| one.run.last)),
        ("evidence", real(|one| one.run.evidence)),
        ("period", real(|one| one.run.period)),
        ("jitter", real(|one| one.run.jitter)),
        ("rita", real(|one| one.score.total)),
        ("rita_gaps", real(|one| one.score.gaps)),
        ("rita_sizes", real(|one| one.score.sizes)),
        ("rita_duration", real(|one| one.score.duration)),
        ("rita_histogram", real(|one| one.score.histogram)),
    ])?)
}
