//! Columns of texts: names of which there are few, and JSON that few rows have.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, StringArray, new_null_array};
use arrow_schema::DataType;

/// Distinct names of a batch; more are not kept apart, for they are no names then.
const MOST_NAMES: usize = 1 << 16;

/// A column of names, null where there is none.
#[derive(Debug, Default)]
pub struct Names {
    rows: usize,
    known: HashMap<String, i32>,
    distinct: Vec<String>,
    /// Row and name.
    given: Vec<(usize, i32)>,
}

impl Names {
    /// Takes `rows` rows without a name.
    pub fn skip(&mut self, rows: usize) {
        self.rows += rows;
    }

    /// Takes a row with a name.
    pub fn push(&mut self, name: &str) {
        if let Some(index) = self.index(name) {
            self.given.push((self.rows, index));
        }
        self.rows += 1;
    }

    fn index(&mut self, name: &str) -> Option<i32> {
        if let Some(index) = self.known.get(name) {
            return Some(*index);
        }
        if name.is_empty() || self.distinct.len() == MOST_NAMES {
            return None;
        }
        let index = self.distinct.len() as i32;
        self.known.insert(name.to_owned(), index);
        self.distinct.push(name.to_owned());
        Some(index)
    }

    pub fn into_array(self) -> ArrayRef {
        if self.given.is_empty() {
            return new_null_array(&name_type(), self.rows);
        }
        let mut keys = vec![None; self.rows];
        for (row, index) in self.given {
            keys[row] = Some(index);
        }
        let names = Arc::new(StringArray::from(self.distinct));
        Arc::new(DictionaryArray::<Int32Type>::new(keys.into(), names))
    }
}

pub fn name_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// A column of texts that is null for nearly all rows.
#[derive(Debug, Default)]
pub struct Texts(Vec<(usize, String)>);

impl Texts {
    /// Sets the text of a row behind those that have one.
    pub fn push(&mut self, row: usize, text: String) {
        self.0.push((row, text));
    }

    pub fn into_array(self, rows: usize) -> ArrayRef {
        if self.0.is_empty() {
            return new_null_array(&DataType::Utf8, rows);
        }
        let mut texts = vec![None; rows];
        for (row, text) in self.0 {
            texts[row] = Some(text);
        }
        Arc::new(StringArray::from(texts))
    }
}
