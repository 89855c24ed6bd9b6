//! The nets of a module by name: a hash table that is asked three times for every gate.
//!
//! What limits it is waiting for memory, so that a slot holds all that most questions need
//! (place and length of the name, and the net of a single wire), and slots can be touched
//! for all pins of an instance before any is needed.

use crate::lexer::Span;
use crate::names::NameTable;
use crate::verilog::spanned;

/// Set in a number that is a net and not the place of a wire.
const SINGLE: u32 = 1 << 31;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A wire of one net, by that.
    Net(u32),
    /// A vector, by the place of its wire.
    Vector(u32),
}

impl Named {
    fn packed(self) -> u32 {
        match self {
            Self::Net(net) => net | SINGLE,
            Self::Vector(wire) => wire,
        }
    }

    fn of(packed: u32) -> Self {
        if packed & SINGLE == 0 { Self::Vector(packed) } else { Self::Net(packed & !SINGLE) }
    }
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    name: Span,
    packed: u32,
}

/// No wire has this place: a text is not that long.
const EMPTY: u32 = u32::MAX >> 1;
const NOTHING: Slot = Slot { hash: 0, name: Span { at: 0, len: 0 }, packed: EMPTY };

const RECENT: usize = 1 << 13;

/// Names from which on the table no longer fits into that cache itself.
const MANY: usize = 1 << 14;

#[derive(Debug)]
pub struct WireTable {
    slots: Vec<Slot>,
    /// Names that were asked for lately: netlists speak of the same nets again soon, and this
    /// fits into the cache of a core.
    recent: Vec<Slot>,
    held: usize,
    seed: NameTable,
}

impl Default for WireTable {
    fn default() -> Self {
        Self {
            slots: vec![NOTHING; 64],
            recent: vec![NOTHING; RECENT],
            held: 0,
            seed: NameTable::default(),
        }
    }
}

/// The bytes that names are kept in: the text, and those the reader made.
#[derive(Clone, Copy)]
pub struct Texts<'t>(pub &'t [u8], pub &'t [u8]);

impl WireTable {
    pub fn clear(&mut self) {
        self.slots.clear();
        self.slots.resize(64, NOTHING);
        if self.held >= MANY {
            self.recent.fill(NOTHING);
        }
        self.held = 0;
    }

    #[inline]
    pub fn hash(&self, name: &[u8]) -> u32 {
        self.seed.hash(name)
    }

    /// The place in the text of a name with this hash, or one behind every text: asked for
    /// several hashes at once, the processor fetches their slots at once.
    #[inline]
    pub fn touch(&self, hash: u32) -> u32 {
        let recent = &self.recent[hash as usize % RECENT];
        if self.held >= MANY && recent.hash == hash {
            return recent.name.at;
        }
        let slot = &self.slots[hash as usize & (self.slots.len() - 1)];
        if slot.hash == hash { slot.name.at } else { u32::MAX }
    }

    #[inline]
    pub fn find(&self, hash: u32, name: &[u8], texts: Texts<'_>) -> Option<Named> {
        self.place(hash, name, texts).map(|at| Named::of(self.slots[at].packed))
    }

    /// As `find`, and remembers.
    #[inline]
    pub fn find_again(&mut self, hash: u32, name: &[u8], texts: Texts<'_>) -> Option<Named> {
        if self.held < MANY {
            return self.find(hash, name, texts);
        }
        let recent = self.recent[hash as usize % RECENT];
        if recent.packed != EMPTY && is(&recent, hash, name, texts) {
            return Some(Named::of(recent.packed));
        }
        let slot = self.slots[self.place(hash, name, texts)?];
        self.recent[hash as usize % RECENT] = slot;
        Some(Named::of(slot.packed))
    }

    #[inline]
    fn place(&self, hash: u32, name: &[u8], texts: Texts<'_>) -> Option<usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = &self.slots[at];
            if slot.packed == EMPTY {
                return None;
            }
            if is(slot, hash, name, texts) {
                return Some(at);
            }
            at = (at + 1) & mask;
        }
    }

    /// Add a name that is not there.
    pub fn insert(&mut self, hash: u32, name: Span, named: Named) {
        self.held += 1;
        if self.held * 4 > self.slots.len() * 3 {
            let grown = vec![NOTHING; self.slots.len() * 2];
            for slot in std::mem::replace(&mut self.slots, grown) {
                if slot.packed != EMPTY {
                    self.put(slot);
                }
            }
        }
        let slot = Slot { hash, name, packed: named.packed() };
        if self.held >= MANY {
            self.recent[hash as usize % RECENT] = slot;
        }
        self.put(slot);
    }

    /// Say anew what a known name stands for.
    pub fn change(&mut self, hash: u32, name: &[u8], texts: Texts<'_>, named: Named) {
        if let Some(at) = self.place(hash, name, texts) {
            self.slots[at].packed = named.packed();
            self.recent[hash as usize % RECENT] = NOTHING;
        }
    }

    fn put(&mut self, slot: Slot) {
        let mask = self.slots.len() - 1;
        let mut at = slot.hash as usize & mask;
        while self.slots[at].packed != EMPTY {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }
}

#[inline]
fn is(slot: &Slot, hash: u32, name: &[u8], Texts(text, made): Texts<'_>) -> bool {
    slot.hash == hash
        && slot.name.len as usize == name.len()
        && spanned(text, made, slot.name) == name
}
