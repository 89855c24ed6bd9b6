//! Definition and repetition levels of a column.

use arrow_array::{Array, ListArray};
use arrow_buffer::NullBuffer;

use crate::hybrid::LevelEncoder;

/// Appends the definition levels of a flat nullable column of `rows` rows.
pub fn put_flat(page: &mut Vec<u8>, nulls: Option<&NullBuffer>, rows: usize) {
    let mut levels = LevelEncoder::new(1);
    match nulls {
        None => levels.push_run(1, rows),
        Some(nulls) => {
            let mut done = 0;
            for (start, end) in nulls.valid_slices() {
                levels.push_run(0, start - done);
                levels.push_run(1, end - start);
                done = end;
            }
            levels.push_run(0, rows - done);
        }
    }
    levels.finish_into(page);
}

/// Appends the levels of a column of lists; returns the number of level pairs.
///
/// The list itself is optional when `nullable`, its elements always are.
pub fn put_lists(page: &mut Vec<u8>, lists: &ListArray, nullable: bool) -> usize {
    let base = u8::from(nullable);
    let mut repetition = LevelEncoder::new(1);
    let mut definition = LevelEncoder::new(base + 2);
    let (mut count, mut empty) = (0, (0u8, 0usize));
    for row in 0..lists.len() {
        let length = if lists.is_null(row) { 0 } else { lists.value_length(row) as usize };
        if length == 0 {
            // Rows without elements come in long runs.
            let level = if lists.is_null(row) { 0 } else { base };
            if empty.0 != level {
                give_empty(&mut repetition, &mut definition, &mut empty);
            }
            empty = (level, empty.1 + 1);
            count += 1;
            continue;
        }
        give_empty(&mut repetition, &mut definition, &mut empty);
        repetition.push_run(0, 1);
        repetition.push_run(1, length - 1);
        give_elements(&mut definition, lists, row, length, base);
        count += length;
    }
    give_empty(&mut repetition, &mut definition, &mut empty);
    repetition.finish_into(page);
    definition.finish_into(page);
    count
}

fn give_empty(repetition: &mut LevelEncoder, definition: &mut LevelEncoder, run: &mut (u8, usize)) {
    repetition.push_run(0, run.1);
    definition.push_run(run.0, run.1);
    run.1 = 0;
}

fn give_elements(
    levels: &mut LevelEncoder,
    lists: &ListArray,
    row: usize,
    length: usize,
    base: u8,
) {
    let start = lists.value_offsets()[row] as usize;
    match lists.values().nulls() {
        None => levels.push_run(base + 2, length),
        Some(nulls) => {
            for at in start..start + length {
                levels.push_run(base + 1 + u8::from(nulls.is_valid(at)), 1);
            }
        }
    }
}
