//! Which rules an entry belongs to.
//!
//! An entry of several rules points to a chain of cells. Equal chains are one chain, so that
//! a million entries of one list share a single cell, and entries that two lists share add
//! one more.

use hashbrown::HashMap;

/// The end of every chain.
pub const NOBODY: u32 = u32::MAX;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Cell {
    rule: u32,
    next: u32,
}

/// Chains under construction; rules come in ascending order.
#[derive(Default)]
pub struct OwnersBuilder {
    cells: Vec<Cell>,
    known: HashMap<Cell, u32>,
}

impl OwnersBuilder {
    /// The chain at `head` with `rule` before it.
    pub fn join(&mut self, head: u32, rule: u32) -> u32 {
        if self.cells.get(head as usize).is_some_and(|cell| cell.rule == rule) {
            return head;
        }
        let cell = Cell { rule, next: head };
        *self.known.entry(cell).or_insert_with(|| {
            self.cells.push(cell);
            (self.cells.len() - 1) as u32
        })
    }

    pub fn build(self) -> Owners {
        Owners { cells: self.cells.into_boxed_slice() }
    }
}

/// All chains.
pub struct Owners {
    cells: Box<[Cell]>,
}

impl Owners {
    /// The rules of the chain at `head`, greatest first.
    pub fn of(&self, head: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = head;
        std::iter::from_fn(move || {
            let cell = self.cells.get(at as usize)?;
            at = cell.next;
            Some(cell.rule)
        })
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_chains_are_one() {
        let mut owners = OwnersBuilder::default();
        let first = owners.join(NOBODY, 1);
        assert_eq!(owners.join(NOBODY, 1), first);
        assert_eq!(owners.join(first, 1), first);
        let both = owners.join(first, 4);
        assert_eq!(owners.join(first, 4), both);
        let owners = owners.build();
        assert_eq!(owners.of(both).collect::<Vec<_>>(), [4, 1]);
        assert_eq!(owners.of(NOBODY).count(), 0);
        assert_eq!(owners.cells.len(), 2);
    }
}
