//! Rows of numbers that lie in one block or in several beside each other.

/// A table of numbers as it lies in memory.
#[derive(Clone, Copy, Debug)]
pub enum Block<'a> {
    /// One row behind the other.
    Rows(&'a [f32]),
    /// One column behind the other.
    Columns(&'a [f32]),
}

impl<'a> Block<'a> {
    fn numbers(self) -> &'a [f32] {
        match self {
            Self::Rows(numbers) | Self::Columns(numbers) => numbers,
        }
    }
}

/// Rows whose columns come from several blocks, so that a few columns can be set beside many
/// without copying the many.
#[derive(Clone, Debug)]
pub struct Rows<'a> {
    count: usize,
    columns: usize,
    /// Each with the number of its columns.
    blocks: Vec<(Block<'a>, usize)>,
}

impl<'a> Rows<'a> {
    /// `count` rows out of blocks of whole rows; none where a block does not divide.
    pub fn new(count: usize, blocks: &[Block<'a>]) -> Option<Self> {
        let mut taken = Vec::with_capacity(blocks.len());
        for &block in blocks {
            let length = block.numbers().len();
            if length > 0 && (count == 0 || !length.is_multiple_of(count)) {
                return None;
            }
            taken.push((block, length.checked_div(count).unwrap_or(0)));
        }
        let columns = taken.iter().map(|(_, width)| width).sum();
        Some(Self { count, columns, blocks: taken })
    }

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Set the rows from `first` on behind each other into `tile`, as many as it holds.
    pub fn fill(&self, first: usize, tile: &mut [f32]) {
        let mut before = 0;
        for &(block, width) in self.blocks.iter().filter(|(_, width)| *width > 0) {
            let lines = tile.chunks_exact_mut(self.columns).map(|row| &mut row[before..][..width]);
            match block {
                Block::Rows(numbers) => {
                    for (line, row) in lines.zip(numbers[first * width..].chunks_exact(width)) {
                        line.copy_from_slice(row);
                    }
                }
                Block::Columns(numbers) => {
                    for (at, line) in lines.enumerate() {
                        for (column, slot) in line.iter_mut().enumerate() {
                            *slot = numbers[column * self.count + first + at];
                        }
                    }
                }
            }
            before += width;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_joins_its_pieces() {
        let rows = [Block::Rows(&[1.0, 2.0, 3.0, 4.0]), Block::Columns(&[5.0, 6.0, 7.0, 8.0])];
        let rows = Rows::new(2, &rows).unwrap();
        let mut tile = [0.0; 4];
        rows.fill(1, &mut tile);
        assert_eq!((rows.len(), rows.columns()), (2, 4));
        assert_eq!(tile, [3.0, 4.0, 6.0, 8.0]);
        let mut tile = [0.0; 8];
        rows.fill(0, &mut tile);
        assert_eq!(tile, [1.0, 2.0, 5.0, 7.0, 3.0, 4.0, 6.0, 8.0]);
    }

    #[test]
    fn blocks_are_whole_rows() {
        assert!(Rows::new(2, &[Block::Rows(&[1.0, 2.0, 3.0])]).is_none());
        assert!(Rows::new(0, &[Block::Columns(&[1.0])]).is_none());
        assert!(Rows::new(0, &[Block::Rows(&[])]).unwrap().is_empty());
    }
}
