//! Which observations mention an artifact: numbers in rising order.
//!
//! Two lie in the artifact itself. More are in blocks of a power of two in one pool; a
//! block that got too small is used again for another artifact. Numbers of one artifact
//! are far apart (a mean of a million at ten million artifacts), so that varints of their
//! differences would take three to four bytes, too, and could not be searched.

/// What an artifact keeps: how many, and the first two or the block.
#[derive(Clone, Copy, Default)]
pub struct Head {
    /// How many in the low 28 bits; above them who sees all of them, see `Head::open_to`.
    word: u32,
    first: u32,
    second: u32,
}

const COUNT: u32 = (1 << 28) - 1;
/// Some of them are for certain groups, or were taken back.
const MIXED: u32 = 15;

impl Head {
    /// Its three words, for a snapshot.
    pub fn words(&self) -> [u32; 3] {
        [self.word, self.first, self.second]
    }

    /// The head of three words, if they point at something there is.
    pub fn of(&[word, first, second]: &[u32; 3], pool: &Pool, observations: u32) -> Option<Self> {
        let head = Self { word, first, second };
        let end = u64::from(first) + u64::from(head.count());
        if head.count() > INLINE && end > pool.numbers.len() as u64 {
            return None;
        }
        // Rising: so none is beyond the last one.
        let last = head.count().checked_sub(1).map(|at| pool.of(&head).get(at));
        let numbers = pool.of(&head);
        let rising = numbers.clone().zip(numbers.skip(1)).all(|(one, next)| one < next);
        (rising && last.is_none_or(|last| last < observations)).then_some(head)
    }

    /// How many there are.
    #[inline]
    pub fn count(&self) -> u32 {
        self.word & COUNT
    }

    /// Whether whoever sees markings up to `rank` sees all of them.
    #[inline]
    pub fn open_to(&self, rank: u8) -> bool {
        let class = self.word >> COUNT.count_ones();
        class < MIXED && class <= u32::from(rank) + 1
    }

    /// Note that one of them has this marking; none: it is not seen by all of a marking.
    pub fn close_to(&mut self, rank: Option<u8>) {
        let class = rank.map_or(MIXED, |rank| (u32::from(rank) + 1).min(MIXED));
        let class = class.max(self.word >> COUNT.count_ones());
        self.word = self.count() | class << COUNT.count_ones();
    }
}

const INLINE: u32 = 2;
const SMALLEST: u32 = 4;

/// Blocks of all artifacts.
pub struct Pool {
    numbers: Vec<u32>,
    free: [Vec<u32>; 32],
}

impl Default for Pool {
    fn default() -> Self {
        Self { numbers: Vec::new(), free: std::array::from_fn(|_| Vec::new()) }
    }
}

impl Pool {
    /// Put a number behind those of ``head``.
    pub fn push(&mut self, head: &mut Head, number: u32) {
        match head.count() {
            0 => head.first = number,
            1 => head.second = number,
            INLINE => {
                let block = self.block(SMALLEST);
                self.numbers[block..block + 3].copy_from_slice(&[head.first, head.second, number]);
                head.first = block as u32;
            }
            count => self.push_block(head, count, number),
        }
        head.word += 1;
    }

    /// The numbers of ``head``.
    #[inline]
    pub fn of<'a>(&'a self, head: &'a Head) -> Numbers<'a> {
        let block = match head.count() {
            0..=INLINE => &[][..],
            count => &self.numbers[head.first as usize..(head.first + count) as usize],
        };
        Numbers { head, block, at: 0 }
    }

    /// A pool of numbers that a snapshot held; blocks that were free then stay unused.
    pub fn with(mut numbers: Vec<u32>) -> Self {
        numbers.shrink_to_fit();
        Self { numbers, ..Self::default() }
    }

    /// All numbers, for a snapshot.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.numbers.len() * 4
    }

    fn push_block(&mut self, head: &mut Head, count: u32, number: u32) {
        let room = count.next_power_of_two().max(SMALLEST);
        let from = head.first as usize;
        if count < room {
            self.numbers[from + count as usize] = number;
            return;
        }
        let to = self.block(room * 2);
        self.numbers.copy_within(from..from + count as usize, to);
        self.numbers[to + count as usize] = number;
        self.free[room.trailing_zeros() as usize].push(head.first);
        head.first = to as u32;
    }

    /// A block of ``room`` numbers.
    fn block(&mut self, room: u32) -> usize {
        if let Some(free) = self.free[room.trailing_zeros() as usize].pop() {
            return free as usize;
        }
        let at = self.numbers.len();
        self.numbers.resize(at + room as usize, 0);
        at
    }
}

/// Observations of one artifact.
#[derive(Clone)]
pub struct Numbers<'a> {
    head: &'a Head,
    block: &'a [u32],
    at: u32,
}

impl Numbers<'_> {
    /// The ``at``-th.
    #[inline]
    pub fn get(&self, at: u32) -> u32 {
        match (self.head.count(), at) {
            (0..=INLINE, 0) => self.head.first,
            (0..=INLINE, _) => self.head.second,
            _ => self.block[at as usize],
        }
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.head.count()
    }
}

impl Iterator for Numbers<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        if self.at == self.head.count() {
            return None;
        }
        self.at += 1;
        Some(self.get(self.at - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_many_artifacts_keep_apart_and_in_order() {
        let mut pool = Pool::default();
        let mut heads = [Head::default(); 7];
        for number in 0..5_000_u32 {
            pool.push(&mut heads[(number % 7) as usize], number);
        }
        for (rest, head) in heads.iter().enumerate() {
            let expected: Vec<u32> = (0..5_000).filter(|n| *n as usize % 7 == rest).collect();
            assert_eq!(pool.of(head).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_block_that_got_too_small_is_used_again() {
        let mut pool = Pool::default();
        let (mut one, mut other) = (Head::default(), Head::default());
        (0..5).for_each(|number| pool.push(&mut one, number));
        (0..3).for_each(|number| pool.push(&mut other, number));
        assert_eq!(pool.bytes(), (4 + 8) * 4);
    }
}
