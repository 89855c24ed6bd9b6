//! Several messages in lock-step, in place; and one message by pieces.
//!
//! As far as all messages reach, whole steps are taken without a question; then those that are
//! longer go on while the others keep their state.

use crate::cipher::{Cipher, Step, Tag};
use crate::word::rows::{Rows, Texts};
use crate::word::{Block, MOST, Word};

/// A message: its key, nonce, associated data, and its text, which is changed in place.
pub struct Message<'a> {
    /// Which one of a batch it is.
    pub number: usize,
    pub key: &'a [u8; 32],
    pub nonce: &'a [u8],
    pub data: &'a [u8],
    pub text: &'a mut [u8],
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
pub fn run<W: Word, C: Cipher<W>>(group: &mut [Message<'_>], way: Way) -> [Tag; MOST] {
    assert!((1..=W::LANES / C::DEGREE).contains(&group.len()), "as many messages as lanes");
    let last = group.len() - 1;
    let (mut keys, mut nonces) = ([group[0].key; MOST], [group[0].nonce; MOST]);
    for (at, (key, nonce)) in keys.iter_mut().zip(&mut nonces).enumerate() {
        (*key, *nonce) = (group[at.min(last)].key, group[at.min(last)].nonce);
    }
    let mut state = C::begin(&keys, &nonces);
    let data = Rows::new(group.iter().map(|message| message.data));
    absorb(&mut state, &data);
    let mut texts = Texts::new(group.iter_mut().map(|message| &mut *message.text));
    let common = together(&mut state, &mut texts, way);
    apart(&mut state, &mut texts, common, way);
    let bytes = |rows: &Rows<'_>| rows.lengths().map(|length| length as u64);
    state.tags(&bytes(&data), &bytes(texts.rows()))
}

/// Take in the associated data of all messages.
#[inline(always)]
fn absorb<W: Word, C: Cipher<W>>(state: &mut C, data: &Rows<'_>) {
    let whole = data.shortest() / C::STEP * C::STEP;
    let mut from = 0;
    while from < whole {
        state.absorb(load::<W, C>(data, from));
        from += C::STEP;
    }
    while from < data.longest() {
        let before = *state;
        state.absorb(part::<W, C>(data, from));
        *state = held(*state, before, data, from);
        from += C::STEP;
    }
}

/// The whole steps that every message has; gives the bytes that were done.
#[inline(always)]
fn together<W: Word, C: Cipher<W>>(state: &mut C, texts: &mut Texts<'_>, way: Way) -> usize {
    let whole = texts.rows().shortest() / C::STEP * C::STEP;
    let mut from = 0;
    while from < whole {
        let step = load::<W, C>(texts.rows(), from);
        let step = match way {
            Way::Seal => state.encrypt(step),
            Way::Open => state.decrypt(step, None),
        };
        for (at, word) in step.words().iter().enumerate() {
            texts.store(*word, from + at * C::DEGREE * 16, C::DEGREE);
        }
        from += C::STEP;
    }
    whole
}

/// What is left of each message from `from` on.
#[inline(always)]
fn apart<W: Word, C: Cipher<W>>(state: &mut C, texts: &mut Texts<'_>, mut from: usize, way: Way) {
    while from < texts.rows().longest() {
        let before = *state;
        let step = part::<W, C>(texts.rows(), from);
        let step = match way {
            Way::Seal => state.encrypt(step),
            Way::Open => {
                let keep = C::Step::make(|at| {
                    W::kept(&texts.rows().left(from + at * C::DEGREE * 16), C::DEGREE)
                });
                state.decrypt(step, Some(keep))
            }
        };
        *state = held(*state, before, texts.rows(), from);
        for (at, word) in step.words().iter().enumerate() {
            texts.store_part(*word, from + at * C::DEGREE * 16, C::DEGREE);
        }
        from += C::STEP;
    }
}

#[inline(always)]
fn load<W: Word, C: Cipher<W>>(rows: &Rows<'_>, from: usize) -> C::Step {
    C::Step::make(|at| rows.load(from + at * C::DEGREE * 16, C::DEGREE))
}

#[inline(always)]
fn part<W: Word, C: Cipher<W>>(rows: &Rows<'_>, from: usize) -> C::Step {
    C::Step::make(|at| rows.load_part(from + at * C::DEGREE * 16, C::DEGREE))
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
            state = C::begin(&[key; MOST], &[nonce; MOST]);
            absorb(&mut state, &Rows::new(core::iter::once(data)));
        }
        Work::Advance { text, way } => {
            assert!(text.len().is_multiple_of(C::STEP), "whole steps");
            together(&mut state, &mut Texts::new(core::iter::once(text)), way);
        }
        Work::Finish { data, text, tag } => {
            *tag = state.tags(&[data; MOST], &[text; MOST])[0];
        }
    }
    for (word, blocks) in state.state().iter().zip(kept.chunks_exact_mut(W::LANES)) {
        word.store(blocks);
    }
}
