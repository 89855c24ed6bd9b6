//! Pages and column chunks: headers, compression, the account of a chunk.

use std::io;

use zstd::zstd_safe::compress_bound;

use crate::column::Workbench;
use crate::statistics::Statistics;
use crate::thrift::Writer;

pub const PLAIN: i32 = 0;
pub const RLE: i32 = 3;
pub const DELTA_BINARY_PACKED: i32 = 5;
pub const RLE_DICTIONARY: i32 = 8;
pub const BYTE_STREAM_SPLIT: i32 = 9;

const UNCOMPRESSED: i32 = 0;
const ZSTD: i32 = 6;
const DATA_PAGE: i32 = 0;
const DICTIONARY_PAGE: i32 = 2;

/// Finished pages of one column in one row group.
#[derive(Default)]
pub struct Chunk {
    pages: Vec<u8>,
    encodings: Vec<i32>,
    values: i64,
    /// Size of all pages with their headers before compression.
    expanded: i64,
    /// Whether pages are compressed, once the first of them has shown if it pays.
    compressed: Option<bool>,
    /// Whether pages are compressed with more effort.
    pub deeper: bool,
    pub statistics: Statistics,
}

impl Chunk {
    /// Adds the data page on the bench, of `values` values (nulls counted).
    pub fn add_page(
        &mut self,
        values: usize,
        encoding: i32,
        bench: &mut Workbench,
    ) -> io::Result<()> {
        self.squeeze(encoding, bench)?;
        let body = self.stored(bench);
        let mut header = Writer::default();
        header.structure(|page| {
            page.field_i32(1, DATA_PAGE);
            page.field_i32(2, bench.page.len() as i32);
            page.field_i32(3, body.len() as i32);
            page.field_structure(5, |data| {
                data.field_i32(1, values as i32);
                data.field_i32(2, encoding);
                data.field_i32(3, RLE);
                data.field_i32(4, RLE);
            });
        });
        self.values += values as i64;
        self.expanded += (header.bytes.len() + bench.page.len()) as i64;
        self.pages.extend_from_slice(&header.bytes);
        self.pages.extend_from_slice(body);
        self.note(RLE);
        self.note(encoding);
        Ok(())
    }

    pub fn uses_dictionary(&self) -> bool {
        self.encodings.contains(&RLE_DICTIONARY)
    }

    fn note(&mut self, encoding: i32) {
        if !self.encodings.contains(&encoding) {
            self.encodings.push(encoding);
        }
    }

    /// Compresses the page on the bench, unless that gained less than a hundredth on the
    /// first page of the chunk. Indices gain nothing as a rule, but their dictionary does.
    fn squeeze(&mut self, encoding: i32, bench: &mut Workbench) -> io::Result<()> {
        if self.compressed == Some(false) {
            return Ok(());
        }
        bench.squeezed.clear();
        bench.squeezed.reserve(compress_bound(bench.page.len()));
        let compressor = if self.deeper { &mut bench.deeper } else { &mut bench.compressor };
        compressor.compress_to_buffer(&bench.page, &mut bench.squeezed)?;
        let pays = encoding == RLE_DICTIONARY
            || bench.squeezed.len() < bench.page.len() - bench.page.len() / 100;
        self.compressed.get_or_insert(pays);
        Ok(())
    }

    fn stored<'a>(&self, bench: &'a Workbench) -> &'a [u8] {
        if self.compressed == Some(true) { &bench.squeezed } else { &bench.page }
    }

    /// The chunk and its metadata; on the bench is the dictionary page, if it has one, of
    /// so many entries.
    pub fn finish(
        mut self,
        entries: Option<usize>,
        bench: &mut Workbench,
    ) -> io::Result<FinishedChunk> {
        let mut head = Vec::new();
        if let Some(entries) = entries {
            self.squeeze(PLAIN, bench)?;
            let body = self.stored(bench);
            let mut header = Writer::default();
            header.structure(|page| {
                page.field_i32(1, DICTIONARY_PAGE);
                page.field_i32(2, bench.page.len() as i32);
                page.field_i32(3, body.len() as i32);
                page.field_structure(7, |data| {
                    data.field_i32(1, entries as i32);
                    data.field_i32(2, PLAIN);
                });
            });
            self.expanded += (header.bytes.len() + bench.page.len()) as i64;
            head = header.bytes;
            head.extend_from_slice(body);
            self.note(PLAIN);
        }
        Ok(FinishedChunk { head, chunk: self, has_dictionary: entries.is_some() })
    }
}

/// A column chunk that can be written.
pub struct FinishedChunk {
    /// The dictionary page.
    pub head: Vec<u8>,
    chunk: Chunk,
    has_dictionary: bool,
}

impl FinishedChunk {
    pub fn pages(&self) -> &[u8] {
        &self.chunk.pages
    }

    pub fn compressed_size(&self) -> i64 {
        (self.head.len() + self.chunk.pages.len()) as i64
    }

    pub fn expanded_size(&self) -> i64 {
        self.chunk.expanded
    }

    /// The `ColumnChunk` structure of a chunk that begins at `offset` of the file.
    pub fn describe(
        &self,
        offset: i64,
        path: &[String],
        physical: i32,
        width: usize,
        out: &mut Writer,
    ) {
        let chunk = &self.chunk;
        out.structure(|column| {
            column.field_i64(2, 0);
            column.field_structure(3, |meta| {
                meta.field_i32(1, physical);
                meta.field_list(2, crate::thrift::Kind::I32, &chunk.encodings, |list, one| {
                    list.i32(*one);
                });
                meta.field_list(3, crate::thrift::Kind::Binary, path, |list, one| {
                    list.binary(one.as_bytes());
                });
                meta.field_i32(4, if chunk.compressed == Some(true) { ZSTD } else { UNCOMPRESSED });
                meta.field_i64(5, chunk.values);
                meta.field_i64(6, chunk.expanded);
                meta.field_i64(7, self.compressed_size());
                meta.field_i64(9, offset + self.head.len() as i64);
                if self.has_dictionary {
                    meta.field_i64(11, offset);
                }
                meta.field_structure(12, |statistics| chunk.statistics.write(width, statistics));
            });
        });
    }
}
