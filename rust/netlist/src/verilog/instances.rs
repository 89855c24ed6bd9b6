//! Instances of cells, modules and gates of the language.

use super::{Fault, PINS, Parser, Read, Waiting};
use crate::design::NONE;
use crate::lexer::{Span, Token, span};
use crate::wires::{Named, Texts};

/// So many pins are looked through one by one.
const FEW: usize = 16;

/// Instances from which on a module is thought to be a whole design.
const LARGE: usize = 1 << 16;

impl Parser<'_, '_> {
    pub(super) fn delay(&mut self) -> Read<()> {
        self.want(b'#')?;
        if self.peek() == b'(' {
            return self.skip_round();
        }
        self.token();
        Ok(())
    }

    pub(super) fn instances(&mut self, word: usize, cell: Span, primitive: bool) -> Read<()> {
        let mut valued = (self.peek() == b'#' && !primitive).then_some(self.lexer.at as u32);
        while self.peek() == b'#' {
            self.delay()?;
        }
        if primitive && self.peek() == b'(' {
            self.strength()?;
            while self.peek() == b'#' {
                self.delay()?;
            }
        }
        loop {
            let c = self.peek();
            let name = if c == b'(' && primitive { None } else { Some(self.name()?) };
            if self.peek() == b'[' {
                return self.fault("array");
            }
            self.want(b'(')?;
            self.instance(word, cell, name)?;
            if let (Some(at), Some(&used)) = (valued.take(), self.module.uses.last()) {
                self.module.overrides.push((used, at));
            }
            if self.take(b';') {
                return Ok(());
            }
            self.want(b',')?;
        }
    }

    /// Skip `(strong0, weak1)`.
    pub(super) fn strength(&mut self) -> Read<()> {
        let at = self.lexer.at;
        self.lexer.at += 1;
        if let Token::Name(span) = self.token()
            && [
                b"strong".as_slice(),
                b"weak",
                b"pull",
                b"supply",
                b"highz",
                b"small",
                b"medium",
                b"large",
            ]
            .iter()
            .any(|word| self.slice(span).starts_with(word))
            && matches!(self.peek(), b',' | b')')
        {
            self.lexer.at = at;
            return self.skip_round();
        }
        self.lexer.at = at;
        Ok(())
    }

    pub(super) fn instance(&mut self, word: usize, cell: Span, name: Option<Span>) -> Read<()> {
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        let positional = self.peek() != b'.';
        let used = self.used(word, cell, positional);
        let read = if self.take(b')') {
            Ok(())
        } else if positional {
            self.by_place(&mut row)
        } else {
            self.by_name(used, &mut row)
        };
        if read.is_ok() {
            let name = name.unwrap_or_else(|| self.made_name());
            self.push(used, name, &row);
        }
        self.row = row;
        read
    }

    pub(super) fn push(&mut self, used: u32, name: Span, row: &[u32]) {
        let module = &mut self.module;
        if module.uses.len() == LARGE {
            // A flat design: room for what the text can still hold.
            let more = (self.lexer.text.len() - self.lexer.at) / 64;
            module.uses.reserve(more);
            module.names.reserve(more);
            module.pin_start.reserve(more);
            module.pins.reserve(3 * more);
            module.wires.reserve(more);
            module.of.reserve(more);
        }
        module.uses.push(used);
        module.names.push(name);
        module.pins.extend_from_slice(row);
        module.pin_start.push(module.pins.len() as u32);
    }

    /// A name for what the text gives none.
    pub(super) fn made_name(&mut self) -> Span {
        let name = format!("$gate{}", self.module.uses.len());
        let at = self.lexer.text.len() + self.source.made.len();
        self.source.made.extend_from_slice(name.as_bytes());
        Span { at: at as u32, len: name.len() as u32 }
    }

    pub(super) fn by_place(&mut self, row: &mut Vec<u32>) -> Read<()> {
        loop {
            let net = if matches!(self.peek(), b',' | b')') { NONE } else { self.pin_net()? };
            row.push(net);
            if row.len() > PINS {
                return self.fault("pins");
            }
            if self.take(b')') {
                return Ok(());
            }
            self.want(b',')?;
        }
    }

    pub(super) fn by_name(&mut self, used: u32, row: &mut Vec<u32>) -> Read<()> {
        self.waiting.clear();
        let mut hint = 0;
        loop {
            let before = self.lexer.at;
            if let Some((pin, net)) = self.quick() {
                let slot = self.slot(used, pin, hint)?;
                hint = slot + 1;
                let hash = self.wires.hash(self.slice(net));
                self.waiting.push(Waiting { slot, pin, net, hash });
                match self.peek() {
                    b',' => self.lexer.at += 1,
                    b')' => {
                        self.lexer.at += 1;
                        return self.settle(row);
                    }
                    _ => return self.fault("syntax"),
                }
                continue;
            }
            self.lexer.at = before;
            self.settle(row)?;
            self.want(b'.')?;
            if self.peek() == b'*' {
                return self.fault("star");
            }
            let pin = self.name()?;
            let slot = self.slot(used, pin, hint)?;
            hint = slot + 1;
            if self.take(b'(') {
                let net = if self.take(b')') {
                    NONE
                } else {
                    let net = self.pin_net()?;
                    self.want(b')')?;
                    net
                };
                set(row, slot, net, pin)?;
            } else {
                // `.name` alone is `.name(name)`.
                let hash = self.wires.hash(self.slice(pin));
                let wire = self.met(hash, pin)?;
                let bits = self.all_bits(wire);
                set(row, slot, self.module.bundle(bits), pin)?;
            }
            if self.take(b')') {
                return Ok(());
            }
            self.want(b',')?;
        }
    }

    #[inline]
    pub(super) fn slot(&mut self, used: u32, pin: Span, hint: usize) -> Read<usize> {
        let name = self.slice(pin);
        let pins = &self.source.uses[used as usize].pins;
        if pins.get(hint).is_some_and(|known| known.as_bytes() == name) {
            return Ok(hint);
        }
        let known = if pins.len() <= FEW {
            pins.iter().position(|known| known.as_bytes() == name)
        } else {
            self.slots.get(&(used, name)).copied()
        };
        if let Some(at) = known {
            return Ok(at);
        }
        if pins.len() >= PINS {
            return self.fault("pins");
        }
        let text = self.string(pin);
        // Bytes that are no UTF-8 were replaced: look again.
        let pins = &mut self.source.uses[used as usize].pins;
        let at = pins.iter().position(|known| *known == text).unwrap_or(pins.len());
        if at == pins.len() {
            pins.push(text);
        }
        self.slots.insert((used, name), at);
        Ok(at)
    }

    /// `.pin(name)` and nothing more, by far the most of any netlist.
    #[inline]
    fn quick(&mut self) -> Option<(Span, Span)> {
        let text = self.lexer.text;
        let space = |mut at: usize| {
            while text.get(at).is_some_and(|c| *c <= b' ') {
                at += 1;
            }
            at
        };
        let word = |mut at: usize| {
            while text.get(at).is_some_and(|c| c.is_ascii_alphanumeric() || *c == b'_') {
                at += 1;
            }
            at
        };
        let from = space(self.lexer.at);
        if text.get(from) != Some(&b'.') {
            return None;
        }
        let pin = (from + 1, word(from + 1));
        let open = space(pin.1);
        if pin.0 == pin.1 || text.get(open) != Some(&b'(') {
            return None;
        }
        let begin = space(open + 1);
        let end = word(begin);
        let close = space(end);
        if begin == end || text[begin].is_ascii_digit() || text.get(close) != Some(&b')') {
            return None;
        }
        self.lexer.at = close + 1;
        Some((span(pin.0, pin.1), span(begin, end)))
    }

    /// Look the waiting connections up. Slots, then names are touched for all before any is
    /// used, so that the memory is waited for once and not once a pin.
    #[inline]
    fn settle(&mut self, row: &mut Vec<u32>) -> Read<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let text = self.lexer.text;
        let names = waiting.iter().map(|one| self.wires.touch(one.hash) as usize);
        let seen = names.map(|at| u32::from(text.get(at).copied().unwrap_or(0)));
        std::hint::black_box(seen.sum::<u32>());
        let mut done = Ok(());
        for one in &waiting {
            done = self.whole(one.hash, one.net).and_then(|net| set(row, one.slot, net, one.pin));
            if done.is_err() {
                break;
            }
        }
        self.waiting = waiting;
        self.waiting.clear();
        done
    }

    /// The net of a whole wire.
    #[inline]
    fn whole(&mut self, hash: u32, name: Span) -> Read<u32> {
        let texts = Texts(self.lexer.text, &self.source.made);
        let known = &self.lexer.text[name.at as usize..(name.at + name.len) as usize];
        match self.wires.find_again(hash, known, texts) {
            Some(Named::Net(net)) => Ok(net),
            Some(Named::Vector(wire)) => {
                let bits = self.all_bits(wire);
                Ok(self.module.bundle(bits))
            }
            None if self.parameters.contains_key(self.slice(name)) => {
                let bits = self.selected(name)?;
                Ok(self.module.bundle(bits))
            }
            None => {
                let wire = self.make(hash, name, (0, 0, false))?;
                Ok(self.module.wires[wire as usize].base)
            }
        }
    }

    /// The net on a pin: mostly a name, perhaps with an index.
    #[inline]
    pub(super) fn pin_net(&mut self) -> Read<u32> {
        let c = self.peek();
        let from = self.lexer.at;
        if !c.is_ascii_digit()
            && let Token::Name(name) = self.lexer.token()
        {
            match self.lexer.peek() {
                b')' | b',' => {
                    let hash = self.wires.hash(self.slice(name));
                    return self.whole(hash, name);
                }
                b'[' => {
                    if let Some(net) = self.indexed(name) {
                        return Ok(net);
                    }
                }
                _ => {}
            }
        }
        self.lexer.at = from;
        let bits = self.expression()?;
        Ok(self.module.bundle(bits))
    }

    /// `name[12]` of a declared vector, and nothing more.
    fn indexed(&mut self, name: Span) -> Option<u32> {
        let hash = self.wires.hash(self.slice(name));
        let wire = self.module.wires[self.lookup(hash, name)? as usize];
        let digits = &self.lexer.text[self.lexer.at + 1..];
        let size = digits.iter().take(10).take_while(|c| c.is_ascii_digit()).count();
        if !wire.vector || size == 0 || digits.get(size) != Some(&b']') {
            return None;
        }
        let index = digits[..size].iter().fold(0, |sum, c| sum * 10 + i64::from(c - b'0'));
        let net = wire.bit(index)?;
        self.lexer.at += size + 2;
        matches!(self.lexer.peek(), b')' | b',').then_some(net)
    }

    /// The wire of a name; one that was not declared is a single net.
    pub(super) fn met(&mut self, hash: u32, name: Span) -> Read<u32> {
        match self.lookup(hash, name) {
            Some(wire) => Ok(wire),
            None => self.make(hash, name, (0, 0, false)),
        }
    }
}

/// Put a net on a pin that has none.
#[inline]
fn set(row: &mut Vec<u32>, slot: usize, net: u32, pin: Span) -> Read<()> {
    if row.len() <= slot {
        row.resize(slot + 1, NONE);
    }
    if row[slot] != NONE {
        return Err(Fault { at: pin.at as usize, code: "twice" });
    }
    row[slot] = net;
    Ok(())
}
