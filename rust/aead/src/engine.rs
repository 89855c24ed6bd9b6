//! Several messages in lock-step, in place; and one message by pieces.
//!
//! As far as all messages reach, whole steps are taken without a question; then those that are
//! longer go on while the others keep their state.

use crate::cipher::{Cipher, Step, Tag};
use crate::word::rows::{Rows, TextStrip, Texts};
use crate::word::{Block, MOST, Word};

/// Messages that go at a time: their keys, nonces, associated data, and their texts, which are
/// changed in place.
pub struct Group<'a> {
    pub count: usize,
    pub keys: Rows<'a>,
    pub nonces: Rows<'a>,
    pub data: Rows<'a>,
    pub texts: Texts<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Seal,
    Open,
}

/// Encrypt or decrypt some messages, at least one and as many as there are lanes at most.
///
/// Lanes that are left do what the last message does.
#[inline(always)]
pub fn run<W: Word, C: Cipher<W>>(group: &mut Group<'_>, way: Way, tags: &mut [Tag; MOST]) {
    assert!((1..=W::LANES / C::DEGREE).contains(&group.count), "as many messages as lanes");
    for rows in [&group.keys, &group.nonces, &group.data, group.texts.rows()] {
        assert!(rows.count() >= W::LANES / C::DEGREE, "a row for each message of a word");
    }
    let mut state = C::begin(&group.keys, &group.nonces);
    absorb(&mut state, &group.data);
    let common = together(&mut state, &mut group.texts, way);
    apart(&mut state, &mut group.texts, common, way);
    let bytes = |lengths: &[usize; MOST]| {
        let mut bytes = [0; MOST];
        for row in 0..W::LANES / C::DEGREE {
            bytes[row] = lengths[row] as u64;
        }
        bytes
    };
    state.tags(&bytes(group.data.lengths()), &bytes(group.texts.rows().lengths()), tags);
}

/// Take in the associated data of all messages.
#[inline(always)]
fn absorb<W: Word, C: Cipher<W>>(state: &mut C, data: &Rows<'_>) {
    let whole = data.shortest() / C::STEP * C::STEP;
    let mut from = 0;
    while from < whole {
        state.absorb(C::Step::load(&data.strip(from, C::STEP), 0, C::DEGREE));
        from += C::STEP;
    }
    while from < data.longest() {
        let before = *state;
        state.absorb(C::Step::load_part(data, from, C::DEGREE));
        *state = held(*state, before, data, from);
        from += C::STEP;
    }
}

/// The whole steps that every message has; gives the bytes that were done.
#[inline(always)]
fn together<W: Word, C: Cipher<W>>(state: &mut C, texts: &mut Texts<'_>, way: Way) -> usize {
    let whole = texts.rows().shortest() / C::STEP * C::STEP;
    let mut from = 0;
    // Two steps between two branches: the second's words take the registers of the first's.
    while whole - from >= 2 * C::STEP {
        let mut strip = texts.strip(from, 2 * C::STEP);
        one(state, &mut strip, 0, way);
        one(state, &mut strip, C::STEP, way);
        from += 2 * C::STEP;
    }
    if from < whole {
        one(state, &mut texts.strip(from, C::STEP), 0, way);
    }
    whole
}

/// A step that every message has, at some byte of a strip.
#[inline(always)]
fn one<W: Word, C: Cipher<W>>(state: &mut C, strip: &mut TextStrip<'_>, at: usize, way: Way) {
    let step = C::Step::load(strip.read(), at, C::DEGREE);
    let step = match way {
        Way::Seal => state.encrypt(step),
        Way::Open => state.decrypt(step, None),
    };
    step.store(strip, at, C::DEGREE);
}

/// What is left of each message from `from` on.
#[inline(always)]
fn apart<W: Word, C: Cipher<W>>(state: &mut C, texts: &mut Texts<'_>, mut from: usize, way: Way) {
    while from < texts.rows().longest() {
        let before = *state;
        let step = C::Step::load_part(texts.rows(), from, C::DEGREE);
        let step = match way {
            Way::Seal => state.encrypt(step),
            Way::Open => {
                let keep = C::Step::kept(texts.rows(), from, C::DEGREE);
                state.decrypt(step, Some(keep))
            }
        };
        *state = held(*state, before, texts.rows(), from);
        step.store_part(texts, from, C::DEGREE);
        from += C::STEP;
    }
}

/// `state` of the messages that had bytes left at `from`, and `before` of those that had none.
#[inline(always)]
fn held<W: Word, C: Cipher<W>>(state: C, before: C, rows: &Rows<'_>, from: usize) -> C {
    if from < rows.shortest() {
        return state;
    }
    let busy = rows.left(from).map(|bytes| if bytes == 0 { [0; 16] } else { [0xff; 16] });
    state.only(W::spread(&busy, C::DEGREE), before)
}

/// The state of one message between its pieces: as many blocks as it has, in lanes by words.
pub type Kept = [Block; 24];

/// What is done with one message.
pub enum Work<'a> {
    Begin {
        key: &'a [u8; 32],
        nonce: &'a [u8],
        data: &'a [u8],
    },
    /// Whole steps of it.
    Advance {
        text: &'a mut [u8],
        way: Way,
    },
    /// Bytes of data and of text that there were.
    Finish {
        data: u64,
        text: u64,
        tag: &'a mut Tag,
    },
}

/// Go on with a message whose words have the lanes of one.
#[inline(always)]
pub fn work<W: Word, C: Cipher<W>>(kept: &mut Kept, work: Work<'_>) {
    assert!(W::LANES == C::DEGREE, "one message");
    let mut state = C::blank();
    for (word, blocks) in state.state_mut().iter_mut().zip(kept.chunks_exact(W::LANES)) {
        *word = W::load(blocks);
    }
    match work {
        Work::Begin { key, nonce, data } => {
            let key = Rows::new(&key[..]);
            state = C::begin(&key, &Rows::new(nonce));
            absorb(&mut state, &Rows::new(data));
        }
        Work::Advance { text, way } => {
            assert!(text.len().is_multiple_of(C::STEP), "whole steps");
            together(&mut state, &mut Texts::new(text), way);
        }
        Work::Finish { data, text, tag } => {
            let mut tags = [[0; 32]; MOST];
            state.tags(&[data; MOST], &[text; MOST], &mut tags);
            *tag = tags[0];
        }
    }
    for (word, blocks) in state.state().iter().zip(kept.chunks_exact_mut(W::LANES)) {
        word.store(blocks);
    }
}
