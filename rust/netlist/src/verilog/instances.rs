//! Instances of cells, modules and gates of the language.

use super::{Fault, PINS, Parser, Read};
use crate::design::NONE;
use crate::lexer::{Span, Token};

impl Parser<'_, '_> {
    pub(super) fn delay(&mut self) -> Read<()> {
        self.want(b'#')?;
        if self.peek() == b'(' {
            return self.skip_round();
        }
        self.token();
        Ok(())
    }

    pub(super) fn instances(&mut self, cell: Span, primitive: bool) -> Read<()> {
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
            self.instance(cell, name)?;
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

    pub(super) fn instance(&mut self, cell: Span, name: Option<Span>) -> Read<()> {
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        let positional = self.peek() != b'.';
        let used = self.used(cell, positional);
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
        let mut hint = 0;
        loop {
            self.want(b'.')?;
            if self.peek() == b'*' {
                return self.fault("star");
            }
            let at = self.lexer.at;
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
                if row.len() <= slot {
                    row.resize(slot + 1, NONE);
                }
                if row[slot] != NONE {
                    return Err(Fault { at, code: "twice" });
                }
                row[slot] = net;
            } else {
                // `.name` alone is `.name(name)`.
                let hash = self.wires.hash(self.slice(pin));
                let wire = self.met(hash, pin)?;
                let bits = self.all_bits(wire);
                row.resize(row.len().max(slot + 1), NONE);
                row[slot] = self.module.bundle(bits);
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
        if let Some(at) = pins.iter().position(|known| known.as_bytes() == name) {
            return Ok(at);
        }
        if pins.len() >= PINS {
            return self.fault("pins");
        }
        let name = self.string(pin);
        // Bytes that are no UTF-8 were replaced: look again.
        let pins = &mut self.source.uses[used as usize].pins;
        if let Some(at) = pins.iter().position(|known| *known == name) {
            return Ok(at);
        }
        pins.push(name);
        Ok(pins.len() - 1)
    }

    /// The net on a pin: mostly a name, perhaps with an index.
    #[inline]
    pub(super) fn pin_net(&mut self) -> Read<u32> {
        let c = self.peek();
        let from = self.lexer.at;
        if !c.is_ascii_digit()
            && let Token::Name(name) = self.lexer.token()
        {
            let hash = self.wires.hash(self.slice(name));
            if let Some(wire) = self.lookup(hash, name)
                && matches!(self.lexer.peek(), b')' | b',')
            {
                let wire = self.module.wires[wire as usize];
                if wire.width() == 1 {
                    return Ok(wire.base);
                }
                let bits = (wire.base..wire.base + wire.width()).collect();
                return Ok(self.module.bundle(bits));
            }
        }
        self.lexer.at = from;
        let bits = self.expression()?;
        Ok(self.module.bundle(bits))
    }

    /// The wire of a name; one that was not declared is a single net.
    pub(super) fn met(&mut self, hash: u32, name: Span) -> Read<u32> {
        match self.lookup(hash, name) {
            Some(wire) => Ok(wire),
            None => self.make(hash, name, (0, 0, false)),
        }
    }
}
