//! Rows of a Parquet file that mention something, read from some of its blocks only.

use std::error::Error;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{ArrayRef, Int8Array, Int64Array, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use arrow_select::concat::concat_batches;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};
use parquet::errors::Result;

use crate::columns::{Known, Mention, split};
use crate::keys::{Key, Section};
use crate::sidecar::Range;

/// Rows of a batch of the reader.
const BATCH: usize = 1 << 14;

/// Rows that mention what was looked for: their numbers in the file, the numbers of the
/// mentions that were met first, and their times (microseconds).
#[derive(Debug, Default)]
pub struct Met {
    pub places: Vec<usize>,
    pub roles: Vec<i8>,
    pub times: Vec<i64>,
}

/// A Parquet file whose footer was read.
pub struct Rows {
    file: File,
    metadata: ArrowReaderMetadata,
}

impl Rows {
    /// Opens a file of the lake.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is no Parquet file.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::default());
        let metadata = metadata.map_err(damaged)?;
        Ok(Self { file, metadata })
    }

    /// Rows of the file.
    pub fn len(&self) -> usize {
        usize::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows within `spans` (first row and end, in order) that mention what is in `ranges`,
    /// with all columns of the file, then `role` (int8, number of the mention that was met
    /// first) and `file_row` (int64).
    ///
    /// # Errors
    ///
    /// The file is damaged.
    pub fn find(
        &self,
        spans: &[(usize, usize)],
        mentions: &[Mention],
        ranges: &[Range],
    ) -> io::Result<RecordBatch> {
        let met = self.places(spans, mentions, ranges)?;
        let singles: Vec<_> = met.places.iter().map(|place| (*place, *place + 1)).collect();
        let batches = self.read(&singles, ProjectionMask::all()).map_err(damaged)?;
        let rows = concat_batches(self.metadata.schema(), &batches).map_err(damaged)?;
        with_places(&rows, met).map_err(damaged)
    }

    /// What `find` would give, without the rows.
    ///
    /// # Errors
    ///
    /// As `find`.
    pub fn places(
        &self,
        spans: &[(usize, usize)],
        mentions: &[Mention],
        ranges: &[Range],
    ) -> io::Result<Met> {
        let names = mentions.iter().flat_map(|mention| &mention.columns).map(String::as_str);
        let names: Vec<&str> = names.chain(["ts"]).collect();
        let only_addresses = ranges.iter().all(|range| range.section == Section::Address);
        let known = Known::of_addresses(only_addresses);
        let mut hits = Hits { mentions, ranges, known, met: Met::default() };
        let mut numbers = spans.iter().flat_map(|(first, end)| *first..*end);
        for batch in self.read(spans, self.mask(&names)).map_err(damaged)? {
            let places: Vec<usize> = numbers.by_ref().take(batch.num_rows()).collect();
            hits.look(&batch, &places);
        }
        Ok(hits.met)
    }

    fn mask(&self, names: &[&str]) -> ProjectionMask {
        let schema = self.metadata.parquet_schema();
        let fields = schema.root_schema().get_fields().iter().enumerate();
        let wanted = fields.filter(|(_, field)| names.iter().any(|name| *name == field.name()));
        ProjectionMask::roots(schema, wanted.map(|(place, _)| place).collect::<Vec<_>>())
    }

    /// The rows of `spans`, which are in order and do not overlap.
    fn read(&self, spans: &[(usize, usize)], mask: ProjectionMask) -> Result<Vec<RecordBatch>> {
        if spans.is_empty() {
            return Ok(Vec::new());
        }
        let (groups, selection) = self.selection(spans);
        let file = self.file.try_clone()?;
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_projection(mask)
                .with_row_groups(groups)
                .with_row_selection(selection)
                .with_batch_size(BATCH);
        builder.build()?.map(|batch| batch.map_err(Into::into)).collect()
    }

    /// Row groups that hold some of the spans, and where in them they lie.
    fn selection(&self, spans: &[(usize, usize)]) -> (Vec<usize>, RowSelection) {
        let (mut groups, mut selectors) = (Vec::new(), Vec::new());
        let mut start = 0;
        for (number, group) in self.metadata.metadata().row_groups().iter().enumerate() {
            let end = start + usize::try_from(group.num_rows()).unwrap_or(0);
            let inside: Vec<_> = spans
                .iter()
                .map(|(first, last)| ((*first).max(start), (*last).min(end)))
                .filter(|(first, last)| first < last)
                .collect();
            if !inside.is_empty() {
                groups.push(number);
                let mut at = start;
                for (first, last) in inside {
                    selectors.push(RowSelector::skip(first - at));
                    selectors.push(RowSelector::select(last - first));
                    at = last;
                }
                selectors.push(RowSelector::skip(end - at));
            }
            start = end;
        }
        (groups, RowSelection::from(selectors))
    }
}

/// Rows that were met, and by which mention.
struct Hits<'a> {
    mentions: &'a [Mention],
    ranges: &'a [Range],
    known: Known,
    met: Met,
}

impl Hits<'_> {
    fn look(&mut self, batch: &RecordBatch, places: &[usize]) {
        const NONE: i8 = i8::MAX;
        let mut roles = vec![NONE; batch.num_rows()];
        let (addresses, texts) = split(self.mentions, batch);
        for (mention, column) in &addresses {
            for (row, role) in roles.iter_mut().enumerate() {
                let met = column.key(row).is_some_and(|value| {
                    wanted(self.ranges, Key { section: Section::Address, value })
                });
                if met {
                    *role = (*role).min(*mention as i8);
                }
            }
        }
        for (mention, column) in &texts {
            let met = self.known.texts_of(column);
            for (row, text) in met {
                let keys = self.known.keys_of(text);
                if keys.iter().any(|key| wanted(self.ranges, self.known.keys[*key as usize])) {
                    let role = &mut roles[row as usize];
                    *role = (*role).min(*mention as i8);
                }
            }
        }
        let times = batch.column_by_name("ts");
        let times = times.and_then(|ts| ts.as_primitive_opt::<TimestampMicrosecondType>());
        for (row, role) in roles.into_iter().enumerate().filter(|(_, role)| *role != NONE) {
            self.met.places.push(places[row]);
            self.met.roles.push(role);
            self.met.times.push(times.map_or(0, |times| times.value(row)));
        }
    }
}

fn damaged(error: impl Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn wanted(ranges: &[Range], key: Key) -> bool {
    ranges.iter().any(|range| {
        range.section == key.section && (range.first..=range.last).contains(&key.value)
    })
}

fn with_places(rows: &RecordBatch, met: Met) -> std::result::Result<RecordBatch, ArrowError> {
    let mut fields: Vec<_> = rows.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new("role", DataType::Int8, false)));
    fields.push(Arc::new(Field::new("file_row", DataType::Int64, false)));
    let mut columns: Vec<ArrayRef> = rows.columns().to_vec();
    columns.push(Arc::new(Int8Array::from(met.roles)));
    let places: Vec<i64> = met.places.into_iter().map(|place| place as i64).collect();
    columns.push(Arc::new(Int64Array::from(places)));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}
