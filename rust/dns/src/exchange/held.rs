//! Rows that may still change, in blocks.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{PATIENCE_US, Seen, Tally};
use crate::rows::Block;

/// So long after its last row a block is given out: fragments and TCP segments that were
/// waited for may bring a message late.
const HORIZON_US: i64 = PATIENCE_US + 3_000_000;
/// Rows of a full block.
const BLOCK_ROWS: usize = 1 << 16;
/// Blocks held; beyond them the oldest is given out though responses may come.
const MOST_BLOCKS: usize = 16;

/// Blocks in the order of their rows, which are numbered through.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Held {
    blocks: VecDeque<Block>,
    /// Number of the next row.
    next: u64,
    /// Latest time seen.
    clock_us: i64,
    open_us: Option<i64>,
}

impl Held {
    pub fn new(open_us: Option<i64>) -> Self {
        Self { open_us, ..Self::default() }
    }

    /// The clock never goes back.
    #[inline]
    pub fn advance(&mut self, now_us: i64) {
        self.clock_us = self.clock_us.max(now_us);
    }

    /// Opens a row for `seen` and returns its number.
    #[inline]
    pub fn open(&mut self, seen: &Seen) -> u64 {
        if self.blocks.back().is_none_or(|block| self.is_closed(block)) {
            self.blocks.push_back(Block::new(self.next));
        }
        if let Some(block) = self.blocks.back_mut() {
            block.push(seen);
        }
        self.next += 1;
        self.next - 1
    }

    /// Nothing is added to the block any more.
    fn is_closed(&self, block: &Block) -> bool {
        let aged = self.open_us.is_some_and(|open| self.clock_us - block.first_us() >= open);
        block.rows.len() >= BLOCK_ROWS || aged
    }

    /// The block of a row that is held, and its place there.
    ///
    /// # Panics
    ///
    /// The row was given out: whoever holds its number forgets it before.
    #[inline]
    pub fn find(&mut self, number: u64) -> (&mut Block, usize) {
        let block = self.blocks.iter_mut().rfind(|block| block.first <= number);
        let block = block.expect("a row that is held");
        let at = (number - block.first) as usize;
        (block, at)
    }

    /// The oldest block, when it is settled or too many are held.
    pub fn take(&mut self, tally: &mut Tally) -> Option<Block> {
        let settled = self.is_settled(self.blocks.front()?);
        let early = !settled && self.blocks.len() > MOST_BLOCKS;
        tally.early += u64::from(early);
        if settled || early { self.blocks.pop_front() } else { None }
    }

    /// Rows that `take` would give.
    pub fn settled_rows(&self) -> usize {
        let over = self.blocks.len().saturating_sub(MOST_BLOCKS);
        let blocks = self.blocks.iter().enumerate();
        let settled = blocks.take_while(|(at, block)| *at < over || self.is_settled(block));
        settled.map(|(_, block)| block.rows.len()).sum()
    }

    /// Nothing can change the block any more.
    fn is_settled(&self, block: &Block) -> bool {
        self.is_closed(block) && self.clock_us - block.last_us() > HORIZON_US
    }

    /// All that is left.
    pub fn finish(&mut self) -> impl Iterator<Item = Block> + use<> {
        std::mem::take(&mut self.blocks).into_iter()
    }

    /// Numbers of the rows that wait for a response, oldest first.
    pub fn waiting(&self) -> Vec<u64> {
        let rows = self.blocks.iter().flat_map(|block| (block.first..).zip(&block.rows));
        rows.filter(|(_, row)| row.is_open).map(|(number, _)| number).collect()
    }
}
