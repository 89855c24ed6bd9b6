//! Ports, wires, parameters and ranges.

use std::collections::HashMap;

use super::{DEPTH, Fault, HeaderPort, Keyword, Parser, Read, WIDE, keyword, spanned};
use crate::design::NONE;
use crate::lexer::{Span, Token, number};
use crate::module::{Direction, Port, Wire};
use crate::wires::{Named, Texts};

impl Parser<'_, '_> {
    pub(super) fn body_parameters(&mut self) -> Read<()> {
        if self.peek() == b'[' {
            self.range()?;
        }
        loop {
            let name = self.name()?;
            if self.take(b'=') {
                let Ok(value) = self.constant() else {
                    // Texts and delays: nothing that a netlist's shape depends on.
                    self.skip();
                    return Ok(());
                };
                self.parameters.insert(self.slice(name), value);
            }
            match self.peek() {
                b',' => self.lexer.at += 1,
                b';' => return self.want(b';'),
                _ => {
                    // A kind before the name (`parameter integer W = 8`), or more than we read.
                    if self.peek().is_ascii_alphabetic() {
                        continue;
                    }
                    self.skip();
                    return Ok(());
                }
            }
        }
    }

    pub(super) fn declaration(
        &mut self,
        direction: Option<Direction>,
        constant: Option<u32>,
    ) -> Read<()> {
        let mut range = None;
        loop {
            let c = self.peek();
            if c == b'[' {
                range = Some(self.range()?);
            } else if c == b'#' {
                self.delay()?;
            } else if c == b'(' {
                self.skip_round()?;
            } else {
                let at = self.lexer.at;
                let name = self.name()?;
                match keyword(self.slice(name)).filter(|_| !self.escaped(name)) {
                    None => {
                        self.lexer.at = at;
                        break;
                    }
                    Some(Keyword::Net | Keyword::Variable | Keyword::Stray) => {}
                    Some(_) => return Err(Fault { at, code: "syntax" }),
                }
            }
        }
        loop {
            let name = self.name()?;
            let wire = self.declare(name, range)?;
            if let Some(direction) = direction {
                self.directions.push((wire, direction));
            }
            if let Some(value) = constant {
                for bit in self.all_bits(wire) {
                    self.module.aliases.push((bit, value));
                }
            }
            if self.peek() == b'[' {
                // A memory: only behaviour has those.
                self.behaviour(name.at as usize);
                while self.peek() == b'[' {
                    self.range()?;
                }
            }
            if self.take(b'=') {
                let value = self.expression()?;
                let target = self.all_bits(wire);
                self.join(&target, &value);
            }
            if self.take(b';') {
                return Ok(());
            }
            self.want(b',')?;
        }
    }

    pub(super) fn range(&mut self) -> Read<(i32, i32)> {
        self.want(b'[')?;
        let msb = self.constant()?;
        let lsb = if self.take(b':') { self.constant()? } else { 0 };
        self.want(b']')?;
        let (Ok(msb), Ok(lsb)) = (i32::try_from(msb), i32::try_from(lsb)) else {
            return self.fault("wide");
        };
        if msb.abs_diff(lsb) as usize >= WIDE {
            return self.fault("wide");
        }
        Ok((msb, lsb))
    }

    /// A constant: numbers, parameters, `+ - *` and brackets.
    pub(super) fn constant(&mut self) -> Read<i64> {
        self.depth += 1;
        if self.depth > DEPTH {
            return self.fault("deep");
        }
        let mut sum = self.product()?;
        loop {
            let add = match self.peek() {
                b'+' => true,
                b'-' => false,
                _ => break,
            };
            self.lexer.at += 1;
            let next = self.product()?;
            let done = if add { sum.checked_add(next) } else { sum.checked_sub(next) };
            let Some(done) = done else { return self.fault("wide") };
            sum = done;
        }
        self.depth -= 1;
        Ok(sum)
    }

    pub(super) fn product(&mut self) -> Read<i64> {
        let mut whole = self.factor()?;
        while self.take(b'*') {
            let next = self.factor()?;
            let Some(done) = whole.checked_mul(next) else { return self.fault("wide") };
            whole = done;
        }
        Ok(whole)
    }

    pub(super) fn factor(&mut self) -> Read<i64> {
        if self.take(b'-') {
            self.depth += 1;
            if self.depth > DEPTH {
                return self.fault("deep");
            }
            let value = self.factor()?.checked_neg();
            self.depth -= 1;
            return value.map_or_else(|| self.fault("wide"), Ok);
        }
        if self.take(b'(') {
            let value = self.constant()?;
            self.want(b')')?;
            return Ok(value);
        }
        self.peek();
        let at = self.lexer.at;
        let found = match self.lexer.token() {
            Token::Number(span) => number(self.slice(span)),
            Token::Name(span) => self.parameters.get(self.slice(span)).copied(),
            _ => None,
        };
        found.ok_or(Fault { at, code: "constant" })
    }

    /// A wire of that name: what it was before, or new.
    pub(super) fn declare(&mut self, name: Span, range: Option<(i32, i32)>) -> Read<u32> {
        let hash = self.wires.hash(self.slice(name));
        if let Some(known) = self.lookup(hash, name) {
            if let Some((msb, lsb)) = range {
                self.widen(known, msb, lsb)?;
            }
            return Ok(known);
        }
        let (msb, lsb) = range.unwrap_or((0, 0));
        self.make(hash, name, (msb, lsb, range.is_some()))
    }

    pub(super) fn make(
        &mut self,
        hash: u32,
        name: Span,
        (msb, lsb, vector): (i32, i32, bool),
    ) -> Read<u32> {
        let number = self.module.wires.len() as u32;
        let wire = Wire { name, base: self.module.nets(), msb, lsb, vector };
        self.grow(wire.width(), number)?;
        self.module.wires.push(wire);
        let named = if vector { Named::Vector(number) } else { Named::Net(wire.base) };
        self.wires.insert(hash, name, named);
        Ok(number)
    }

    pub(super) fn grow(&mut self, width: u32, wire: u32) -> Read<()> {
        let Some(left) = self.budget.checked_sub(width as usize) else {
            return self.fault("wide");
        };
        self.budget = left;
        self.module.of.extend(std::iter::repeat_n(wire, width as usize));
        Ok(())
    }

    /// Give a wire that was met before its range.
    pub(super) fn widen(&mut self, wire: u32, msb: i32, lsb: i32) -> Read<()> {
        let old = self.module.wires[wire as usize];
        if old.vector && (old.msb, old.lsb) == (msb, lsb) {
            return Ok(());
        }
        let new = Wire { base: self.module.nets(), msb, lsb, vector: true, ..old };
        self.grow(new.width(), wire)?;
        self.module.wires[wire as usize] = new;
        let name = spanned(self.lexer.text, &self.source.made, old.name);
        let texts = Texts(self.lexer.text, &self.source.made);
        self.wires.change(self.wires.hash(name), name, texts, Named::Vector(wire));
        for place in 0..old.width().min(new.width()) {
            self.module.of[(old.base + place) as usize] = NONE;
            self.module.aliases.push((new.base + place, old.base + place));
        }
        Ok(())
    }

    pub(super) fn texts(&self) -> Texts<'_> {
        Texts(self.lexer.text, &self.source.made)
    }

    /// The wire of a name, by its place.
    #[inline]
    pub(super) fn lookup(&self, hash: u32, name: Span) -> Option<u32> {
        match self.wires.find(hash, self.slice(name), self.texts())? {
            Named::Net(net) => Some(self.module.of[net as usize]),
            Named::Vector(wire) => Some(wire),
        }
    }

    pub(super) fn all_bits(&self, wire: u32) -> Vec<u32> {
        let wire = self.module.wires[wire as usize];
        (wire.base..wire.base + wire.width()).collect()
    }

    /// Ports in the order of the header, or of their declarations where it has none.
    pub(super) fn ports(&mut self, header: &[HeaderPort]) {
        let directions: HashMap<u32, Direction> = self.directions.iter().copied().collect();
        for port in header {
            let bits = match port.inner {
                None => {
                    let hash = self.wires.hash(self.slice(port.name));
                    let wire = match self.lookup(hash, port.name) {
                        Some(wire) => Ok(wire),
                        None => self.make(hash, port.name, (0, 0, false)),
                    };
                    wire.map(|wire| self.all_bits(wire))
                }
                Some(at) => {
                    let end = std::mem::replace(&mut self.lexer.at, at);
                    let found = self.inner_port();
                    self.lexer.at = end;
                    found
                }
            };
            let bits = match bits {
                Ok(bits) => bits,
                Err(fault) => {
                    self.problems.add(fault.at, fault.code, self.slice(port.name));
                    continue;
                }
            };
            let wire = bits.first().map_or(NONE, |&bit| self.module.of[bit as usize]);
            let direction = directions.get(&wire).copied();
            if direction.is_none() {
                self.problems.add(port.name.at as usize, "direction", self.slice(port.name));
            }
            let nets = self.module.bundle(bits);
            let direction = direction.unwrap_or(Direction::Both);
            self.module.ports.push(Port { name: port.name, nets, direction });
        }
    }

    pub(super) fn inner_port(&mut self) -> Read<Vec<u32>> {
        self.want(b'(')?;
        if self.take(b')') {
            return Ok(Vec::new());
        }
        self.primary()
    }
}
