//! Several messages in lock-step, a lane each, in place.
//!
//! As far as all of them reach, whole steps are taken without a question; then those that are
//! longer go on while the others keep their state.

use core::array::from_fn;

use crate::rocca::{STEP, State};
use crate::word::{Block, MOST, Word};

/// A message: its key, nonce, associated data, and its text, which is changed in place.
pub struct Lane<'a> {
    pub key: &'a [u8; 32],
    pub nonce: &'a Block,
    pub data: &'a [u8],
    pub text: &'a mut [u8],
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Seal,
    Open,
}

/// Encrypt or decrypt `lanes` (`W::LANES` of them) in place; gives their tags.
#[inline(always)]
pub fn run<W: Word>(lanes: &mut [Lane<'_>], way: Way) -> [[u8; 32]; MOST] {
    assert!(lanes.len() == W::LANES, "as many messages as lanes");
    let keys: [[u8; 32]; MOST] = from_fn(|i| lanes.get(i).map_or([0; 32], |lane| *lane.key));
    let nonces: [Block; MOST] = from_fn(|i| lanes.get(i).map_or([0; 16], |lane| *lane.nonce));
    let mut state = State::<W>::begin(&keys[..W::LANES], &nonces[..W::LANES]);
    let mut lengths = [[0; MOST]; 2];
    for (i, lane) in lanes.iter().enumerate() {
        lengths[0][i] = lane.data.len();
        lengths[1][i] = lane.text.len();
    }
    absorb(&mut state, lanes);
    let common = together(&mut state, lanes, way);
    apart(&mut state, lanes, common, way);
    state.finish(&lengths[0][..W::LANES], &lengths[1][..W::LANES])
}

/// Take in the associated data of all lanes.
#[inline(always)]
fn absorb<W: Word>(state: &mut State<W>, lanes: &[Lane<'_>]) {
    let most = lanes.iter().map(|lane| lane.data.len()).max().unwrap_or(0);
    for from in (0..most).step_by(STEP) {
        let mut step = Step::new();
        for (i, lane) in lanes.iter().enumerate() {
            step.take(i, lane.data, from);
        }
        let mut next = *state;
        next.update(step.first::<W>(), step.second::<W>());
        *state = next.only(step.mask::<W>(), *state);
    }
}

/// The whole steps that every message has; gives the bytes that were done.
#[inline(always)]
fn together<W: Word>(state: &mut State<W>, lanes: &mut [Lane<'_>], way: Way) -> usize {
    let steps = lanes.iter().map(|lane| lane.text.len() / STEP).min().unwrap_or(0);
    let mut nothing: [[Block; 2]; MOST] = [[[0; 16]; 2]; MOST];
    if steps == 0 {
        return 0;
    }
    let mut spare = nothing.each_mut().map(|pair| Some(&mut pair[..]));
    // Lanes beyond those of `W` are given blocks that nobody looks at.
    let mut texts = lanes.iter_mut();
    let mut blocks: [&mut [Block]; MOST] = from_fn(|i| match texts.next() {
        Some(lane) => &mut lane.text.as_chunks_mut().0[..2 * steps],
        None => spare[i].take().unwrap_or_default(),
    });
    for step in 0..steps {
        let (low, high) = (2 * step, 2 * step + 1);
        let at = |i: usize, of: usize| if i < W::LANES { of } else { of & 1 };
        let first = W::gather(from_fn(|i| &blocks[i][at(i, low)]));
        let second = W::gather(from_fn(|i| &blocks[i][at(i, high)]));
        let (first, second) = match way {
            Way::Seal => state.encrypt(first, second),
            Way::Open => state.decrypt(first, second, None),
        };
        let mut i = 0;
        first.scatter(blocks.each_mut().map(|lane| {
            i += 1;
            &mut lane[at(i - 1, low)]
        }));
        let mut i = 0;
        second.scatter(blocks.each_mut().map(|lane| {
            i += 1;
            &mut lane[at(i - 1, high)]
        }));
    }
    steps * STEP
}

/// What is left of each message from `common` on.
#[inline(always)]
fn apart<W: Word>(state: &mut State<W>, lanes: &mut [Lane<'_>], common: usize, way: Way) {
    let most = lanes.iter().map(|lane| lane.text.len()).max().unwrap_or(0);
    for from in (common..most).step_by(STEP) {
        let mut step = Step::new();
        for (i, lane) in lanes.iter().enumerate() {
            step.take(i, lane.text, from);
        }
        let mut next = *state;
        let (first, second) = (step.first::<W>(), step.second::<W>());
        let (first, second) = match way {
            Way::Seal => next.encrypt(first, second),
            Way::Open => next.decrypt(first, second, Some(step.keep::<W>())),
        };
        *state = next.only(step.mask::<W>(), *state);
        step.give(first, second, lanes, from);
    }
}

/// The blocks of one step of every lane, filled up with zeros.
struct Step {
    blocks: [[Block; MOST]; 2],
    kept: [[Block; MOST]; 2],
    busy: [Block; MOST],
}

impl Step {
    #[inline(always)]
    fn new() -> Self {
        let none = [[[0; 16]; MOST]; 2];
        Self { blocks: none, kept: none, busy: [[0; 16]; MOST] }
    }

    /// The bytes of lane `i` in the step that begins at `from`, if it has any.
    #[inline(always)]
    fn take(&mut self, i: usize, bytes: &[u8], from: usize) {
        let Some(rest) = bytes.get(from..).filter(|rest| !rest.is_empty()) else { return };
        self.busy[i] = [0xff; 16];
        let rest = &rest[..rest.len().min(STEP)];
        for (half, part) in rest.chunks(16).enumerate() {
            self.blocks[half][i][..part.len()].copy_from_slice(part);
            self.kept[half][i][..part.len()].fill(0xff);
        }
    }

    #[inline(always)]
    fn first<W: Word>(&self) -> W {
        W::load(&self.blocks[0][..W::LANES])
    }

    #[inline(always)]
    fn second<W: Word>(&self) -> W {
        W::load(&self.blocks[1][..W::LANES])
    }

    #[inline(always)]
    fn keep<W: Word>(&self) -> (W, W) {
        (W::load(&self.kept[0][..W::LANES]), W::load(&self.kept[1][..W::LANES]))
    }

    #[inline(always)]
    fn mask<W: Word>(&self) -> W {
        W::load(&self.busy[..W::LANES])
    }

    /// Put what came of it back into the texts.
    #[inline(always)]
    fn give<W: Word>(mut self, first: W, second: W, lanes: &mut [Lane<'_>], from: usize) {
        first.store(&mut self.blocks[0][..W::LANES]);
        second.store(&mut self.blocks[1][..W::LANES]);
        for (i, lane) in lanes.iter_mut().enumerate() {
            let Some(rest) = lane.text.get_mut(from..) else { continue };
            let rest_len = rest.len().min(STEP);
            for (half, part) in rest[..rest_len].chunks_mut(16).enumerate() {
                part.copy_from_slice(&self.blocks[half][i][..part.len()]);
            }
        }
    }
}
