//! A file: row groups and the footer.

use std::io::{self, Write};
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use arrow_array::{Array, RecordBatch};
use arrow_schema::Schema;
use arrow_select::concat::concat;

use crate::column::{ColumnWriter, Encoding, Workbench};
use crate::page::FinishedChunk;
use crate::schema::{self, Unsupported};
use crate::thrift::{Kind, Writer};

const MAGIC: &[u8; 4] = b"PAR1";
const CREATED_BY: &str = concat!("kaname version ", env!("CARGO_PKG_VERSION"));

/// Rows of a page.
const PAGE_ROWS: usize = 1 << 16;

/// How a file is written.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Rows of a row group.
    pub group_rows: usize,
    /// Zstandard level.
    pub level: i32,
    /// Threads that encode columns; the file does not depend on it.
    pub threads: usize,
    /// Key-value metadata of the footer.
    pub metadata: Vec<(String, String)>,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    pub rows: u64,
    pub bytes: u64,
    pub row_groups: usize,
}

/// Writes one file.
pub struct FileWriter<W> {
    out: W,
    settings: Settings,
    columns: Vec<ColumnWriter>,
    benches: Vec<Workbench>,
    /// Rows that do not fill a page yet.
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    /// Rows in the row group that is open, those that wait left out.
    open_rows: usize,
    offset: u64,
    rows: u64,
    groups: Vec<Writer>,
}

impl<W: Write> FileWriter<W> {
    /// Begins a file; `encoding` tells how the column of a name is encoded.
    ///
    /// # Errors
    ///
    /// The outer error is that of `out`, the inner one a column that cannot be stored.
    pub fn new(
        mut out: W,
        schema: &Schema,
        encoding: impl Fn(&str) -> Encoding,
        settings: Settings,
    ) -> io::Result<Result<Self, Unsupported>> {
        let leaves = match schema::leaves(schema) {
            Ok(leaves) => leaves,
            Err(unsupported) => return Ok(Err(unsupported)),
        };
        let mut columns = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let encoding = encoding(&leaf.name);
            columns.push(ColumnWriter::new(leaf, encoding));
        }
        let benches = (0..settings.threads.max(1)).map(|_| Workbench::new(settings.level));
        let benches = benches.collect::<io::Result<Vec<_>>>()?;
        out.write_all(MAGIC)?;
        let offset = MAGIC.len() as u64;
        Ok(Ok(Self {
            out,
            settings,
            columns,
            benches,
            waiting: Vec::new(),
            waiting_rows: 0,
            open_rows: 0,
            offset,
            rows: 0,
            groups: Vec::new(),
        }))
    }

    /// Appends rows; the batch has the schema of the file. How rows are cut into batches
    /// does not show in the file.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let mut done = 0;
        while done < batch.num_rows() {
            let count = (self.page_rows() - self.waiting_rows).min(batch.num_rows() - done);
            self.waiting.push(batch.slice(done, count));
            self.waiting_rows += count;
            done += count;
            if self.waiting_rows == self.page_rows() {
                self.write_page()?;
            }
        }
        Ok(())
    }

    /// Rows of the next page, if enough follow.
    fn page_rows(&self) -> usize {
        PAGE_ROWS.min(self.settings.group_rows - self.open_rows)
    }

    /// Encodes what waits as one page of every column.
    fn write_page(&mut self) -> io::Result<()> {
        let parts = mem::take(&mut self.waiting);
        self.open_rows += mem::take(&mut self.waiting_rows);
        each(&mut self.columns, &mut self.benches, |index, column, bench| {
            match parts.as_slice() {
                [part] => column.write(part.column(index), bench),
                parts => {
                    let arrays: Vec<&dyn Array> =
                        parts.iter().map(|part| part.column(index).as_ref()).collect();
                    column.write(&concat(&arrays).map_err(io::Error::other)?, bench)
                }
            }
        })?;
        if self.open_rows == self.settings.group_rows {
            self.finish_group()?;
        }
        Ok(())
    }

    fn finish_group(&mut self) -> io::Result<()> {
        if self.open_rows == 0 {
            return Ok(());
        }
        let chunks =
            each(&mut self.columns, &mut self.benches, |_, column, bench| column.finish(bench))?;
        let start = self.offset;
        let mut places = Vec::with_capacity(chunks.len());
        for chunk in &chunks {
            places.push(self.offset as i64);
            self.out.write_all(&chunk.head)?;
            self.out.write_all(chunk.pages())?;
            self.offset += chunk.compressed_size() as u64;
        }
        let group = self.describe_group(&chunks, &places, start);
        self.groups.push(group);
        self.rows += self.open_rows as u64;
        self.open_rows = 0;
        Ok(())
    }

    fn describe_group(&self, chunks: &[FinishedChunk], places: &[i64], start: u64) -> Writer {
        let described: Vec<_> = self.columns.iter().zip(chunks).zip(places).collect();
        let mut group = Writer::default();
        group.structure(|out| {
            out.field_list(1, Kind::Struct, &described, |list, ((column, chunk), place)| {
                let leaf = &column.leaf;
                chunk.describe(**place, &leaf.path, leaf.physical, leaf.width, list);
            });
            out.field_i64(2, chunks.iter().map(FinishedChunk::expanded_size).sum());
            out.field_i64(3, self.open_rows as i64);
            out.field_i64(5, start as i64);
            out.field_i64(6, chunks.iter().map(FinishedChunk::compressed_size).sum());
            out.field_i16(7, self.groups.len() as i16);
        });
        group
    }

    /// Writes what is open and the footer.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub fn finish(mut self) -> io::Result<(W, Written)> {
        if self.waiting_rows > 0 {
            self.write_page()?;
        }
        self.finish_group()?;
        let footer = self.footer();
        self.out.write_all(&footer)?;
        self.out.write_all(&(footer.len() as u32).to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()?;
        let bytes = self.offset + footer.len() as u64 + 8;
        let written = Written { rows: self.rows, bytes, row_groups: self.groups.len() };
        Ok((self.out, written))
    }

    fn footer(&self) -> Vec<u8> {
        let leaves: Vec<_> = self.columns.iter().map(|column| column.leaf.clone()).collect();
        let mut footer = Writer::default();
        footer.structure(|out| {
            out.field_i32(1, 2);
            schema::write(&leaves, out);
            out.field_i64(3, self.rows as i64);
            out.field_list(4, Kind::Struct, &self.groups, |list, group| {
                list.bytes.extend_from_slice(&group.bytes);
            });
            out.field_list(5, Kind::Struct, &self.settings.metadata, |list, (key, value)| {
                list.structure(|pair| {
                    pair.field_binary(1, key.as_bytes());
                    pair.field_binary(2, value.as_bytes());
                });
            });
            out.field_binary(6, CREATED_BY.as_bytes());
            // All columns sort in the order of their type.
            out.field_list(7, Kind::Struct, &leaves, |list, _| {
                list.structure(|order| order.field_structure(1, |_| {}));
            });
        });
        footer.bytes
    }
}

/// Does `work` on every column, with a thread for every bench; results come in the order
/// of the columns.
fn each<T: Send>(
    columns: &mut [ColumnWriter],
    benches: &mut [Workbench],
    work: impl Fn(usize, &mut ColumnWriter, &mut Workbench) -> io::Result<T> + Sync,
) -> io::Result<Vec<T>> {
    if let [bench] = benches {
        let columns = columns.iter_mut().enumerate();
        return columns.map(|(index, column)| work(index, column, bench)).collect();
    }
    let next = AtomicUsize::new(0);
    let places: Vec<_> = columns.iter_mut().map(|column| Mutex::new((column, None))).collect();
    thread::scope(|scope| {
        for bench in benches {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(place) = places.get(index) else { break };
                    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
                    let result = work(index, place.0, bench);
                    place.1 = Some(result);
                }
            });
        }
    });
    let done =
        places.into_iter().map(|place| place.into_inner().unwrap_or_else(PoisonError::into_inner));
    done.filter_map(|(_, result)| result).collect()
}
