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

    /// Room for some of the rows, column by column.
    pub(crate) fn tile(&self) -> Tile<'a> {
        Tile { columns: vec![Piece::Own(0); self.columns], own: Vec::new(), count: 0 }
    }

    /// The `count` rows from `first` on. Columns that lie one behind the other are not copied.
    pub(crate) fn fill(&self, tile: &mut Tile<'a>, first: usize, count: usize) {
        tile.columns.clear();
        tile.own.clear();
        tile.count = count;
        for &(block, width) in self.blocks.iter().filter(|(_, width)| *width > 0) {
            match block {
                Block::Rows(numbers) => {
                    let rows = &numbers[first * width..(first + count) * width];
                    for column in 0..width {
                        tile.columns.push(Piece::Own(tile.own.len()));
                        tile.own.extend(rows[column..].iter().step_by(width));
                    }
                }
                Block::Columns(numbers) => {
                    let columns = numbers.chunks_exact(self.count);
                    tile.columns.extend(columns.map(|one| Piece::Lent(&one[first..first + count])));
                }
            }
        }
    }
}

/// Some rows, column by column.
pub(crate) struct Tile<'a> {
    columns: Vec<Piece<'a>>,
    own: Vec<f32>,
    count: usize,
}

#[derive(Clone, Copy)]
enum Piece<'a> {
    Lent(&'a [f32]),
    /// From here on in what the tile holds itself.
    Own(usize),
}

impl Tile<'_> {
    #[inline]
    pub(crate) fn column(&self, at: usize) -> &[f32] {
        match self.columns[at] {
            Piece::Lent(piece) => piece,
            Piece::Own(from) => &self.own[from..from + self.count],
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
        assert_eq!((rows.len(), rows.columns()), (2, 4));
        let mut tile = rows.tile();
        let mut told = |first, count| {
            rows.fill(&mut tile, first, count);
            (0..4).map(|at| tile.column(at).to_vec()).collect::<Vec<_>>()
        };
        assert_eq!(told(1, 1), [[3.0], [4.0], [6.0], [8.0]]);
        assert_eq!(told(0, 2), [[1.0, 3.0], [2.0, 4.0], [5.0, 6.0], [7.0, 8.0]]);
    }

    #[test]
    fn blocks_are_whole_rows() {
        assert!(Rows::new(2, &[Block::Rows(&[1.0, 2.0, 3.0])]).is_none());
        assert!(Rows::new(0, &[Block::Columns(&[1.0])]).is_none());
        assert!(Rows::new(0, &[Block::Rows(&[])]).unwrap().is_empty());
    }
}
