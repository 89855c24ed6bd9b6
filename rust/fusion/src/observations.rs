//! Observations in columns: 24 bytes each, and 4 for every artifact mentioned.

const TAKEN_BACK: u32 = 1 << 31;

/// One observation.
#[derive(Clone, Copy)]
pub struct Row {
    pub at: i64,
    /// Where its record is: number of the log file (high 32 bits) and offset in it.
    pub place: u64,
    stamp: u32,
    mention: u32,
}

impl Row {
    /// Number of its stamp.
    #[inline]
    pub fn stamp(&self) -> u32 {
        self.stamp & !TAKEN_BACK
    }

    /// Its three words, for a snapshot.
    pub fn words(&self) -> [u64; 3] {
        let pair = u64::from(self.stamp) << 32 | u64::from(self.mention);
        [self.at as u64, self.place, pair]
    }

    /// Whether its source still stands by it.
    #[inline]
    pub fn stands(&self) -> bool {
        self.stamp & TAKEN_BACK == 0
    }
}

/// All observations by number.
#[derive(Default)]
pub struct Observations {
    rows: Vec<Row>,
    mentioned: Vec<u32>,
}

impl Observations {
    /// Rows and mentioned artifacts, for a snapshot.
    pub fn parts(&self) -> (&[Row], &[u32]) {
        (&self.rows, &self.mentioned)
    }

    /// Observations of the parts of a snapshot, if every row mentions what there is.
    pub fn of(rows: &[u64], mentioned: Vec<u32>, artifacts: u32, stamps: u32) -> Option<Self> {
        let mut found = Self { rows: Vec::with_capacity(rows.len() / 3), mentioned };
        let mut before = 0;
        for words in rows.chunks_exact(3) {
            let &[at, place, pair] = words else { return None };
            let row =
                Row { at: at as i64, place, stamp: (pair >> 32) as u32, mention: pair as u32 };
            if row.mention < before || row.stamp() >= stamps {
                return None;
            }
            before = row.mention;
            found.rows.push(row);
        }
        let inside = before as usize <= found.mentioned.len();
        let known = found.mentioned.iter().all(|artifact| *artifact < artifacts);
        (inside && known).then_some(found)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Add one that mentions ``artifacts``, in this order; its number.
    pub fn push(&mut self, at: i64, place: u64, stamp: u32, artifacts: &[u32]) -> u32 {
        let number = self.rows.len() as u32;
        let mention = self.mentioned.len() as u32;
        self.rows.push(Row { at, place, stamp, mention });
        self.mentioned.extend_from_slice(artifacts);
        number
    }

    /// One by number.
    #[inline]
    pub fn row(&self, number: u32) -> &Row {
        &self.rows[number as usize]
    }

    /// Where the artifacts it mentions lie.
    #[inline]
    pub fn span(&self, number: u32) -> (u32, u32) {
        let from = self.rows[number as usize].mention;
        let next = self.rows.get(number as usize + 1);
        (from, next.map_or(self.mentioned.len() as u32, |row| row.mention))
    }

    /// The artifacts that lie there.
    #[inline]
    pub fn at(&self, (from, end): (u32, u32)) -> &[u32] {
        &self.mentioned[from as usize..end as usize]
    }

    /// The artifacts it mentions.
    #[inline]
    pub fn mentioned(&self, number: u32) -> &[u32] {
        self.at(self.span(number))
    }

    /// Its source no longer stands by it.
    pub fn take_back(&mut self, number: u32) {
        self.rows[number as usize].stamp |= TAKEN_BACK;
    }

    /// Whether ``more`` mentions fit.
    pub fn has_room(&self, more: usize) -> bool {
        self.mentioned.len() + more < u32::MAX as usize && self.rows.len() < TAKEN_BACK as usize
    }

    /// Bytes that they take.
    pub fn bytes(&self) -> usize {
        self.rows.len() * size_of::<Row>() + self.mentioned.len() * 4
    }
}
