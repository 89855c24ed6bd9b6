//! Assignments, and expressions as gates.

use super::{DEPTH, Fault, Parser, Read, WIDE, Word};
use crate::design::NONE;
use crate::lexer::{Span, Token, bits};
use crate::module::{ONE, ZERO};
use crate::wires::Named;

impl Parser<'_, '_> {
    pub(super) fn assignments(&mut self) -> Read<()> {
        if self.peek() == b'(' {
            self.strength()?;
        }
        while self.peek() == b'#' {
            self.delay()?;
        }
        loop {
            let target = self.primary()?;
            self.want(b'=')?;
            let value = self.expression()?;
            self.join(&target, &value);
            if self.take(b';') {
                return Ok(());
            }
            self.want(b',')?;
        }
    }

    pub(super) fn join(&mut self, target: &[u32], value: &[u32]) {
        for (at, &bit) in target.iter().enumerate() {
            let value = value.get(at).copied().unwrap_or(ZERO);
            if value != NONE && bit != NONE {
                self.module.aliases.push((bit, value));
            }
        }
    }

    /// Bits of an expression, lowest first; x and z are `NONE`.
    pub(super) fn expression(&mut self) -> Read<Vec<u32>> {
        self.depth += 1;
        if self.depth > DEPTH {
            return self.fault("deep");
        }
        let first = self.binary(0)?;
        let whole = if self.take(b'?') {
            let then = self.expression()?;
            self.want(b':')?;
            let other = self.expression()?;
            let select = self.truth(&first)?;
            let width = then.len().max(other.len());
            let mut bits = Vec::with_capacity(width);
            for at in 0..width {
                let (yes, no) = (bit(&then, at), bit(&other, at));
                bits.push(self.gate("$_MUX_", &[("A", no), ("B", yes), ("S", select)])?);
            }
            bits
        } else {
            first
        };
        self.depth -= 1;
        Ok(whole)
    }

    /// Operators of two operands; higher levels bind tighter.
    pub(super) fn binary(&mut self, level: u8) -> Read<Vec<u32>> {
        if level > 5 {
            return self.unary();
        }
        let mut left = self.binary(level + 1)?;
        while let Some((cell, size)) = self.operator(level)? {
            self.lexer.at += size;
            let right = self.binary(level + 1)?;
            left = match level {
                0 | 1 => {
                    let (a, b) = (self.truth(&left)?, self.truth(&right)?);
                    vec![self.gate(cell, &[("A", a), ("B", b)])?]
                }
                5 => {
                    let same = self.each("$_XNOR_", &left, &right)?;
                    let equal = self.reduced("$_AND_", &same)?;
                    vec![if cell == "==" { equal } else { self.gate("$_NOT_", &[("A", equal)])? }]
                }
                _ => self.each(cell, &left, &right)?,
            };
        }
        Ok(left)
    }

    pub(super) fn operator(&mut self, level: u8) -> Read<Option<(&'static str, usize)>> {
        let c = self.peek();
        let at = self.lexer.at;
        let text = self.lexer.text;
        let next = text.get(at + 1).copied().unwrap_or(0);
        let found = match (c, next) {
            (b'|', b'|') => (0, "$_OR_", 2),
            (b'&', b'&') => (1, "$_AND_", 2),
            (b'|', _) => (2, "$_OR_", 1),
            (b'^', b'~') | (b'~', b'^') => (3, "$_XNOR_", 2),
            (b'^', _) => (3, "$_XOR_", 1),
            (b'&', _) => (4, "$_AND_", 1),
            (b'=' | b'!', b'=') => {
                let size = 2 + usize::from(text.get(at + 2) == Some(&b'='));
                (5, if c == b'=' { "==" } else { "!=" }, size)
            }
            (b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>', _) => {
                self.behaviour(at);
                return self.fault("behaviour");
            }
            _ => return Ok(None),
        };
        Ok((found.0 == level).then_some((found.1, found.2)))
    }

    pub(super) fn unary(&mut self) -> Read<Vec<u32>> {
        let c = self.peek();
        let next = self.lexer.text.get(self.lexer.at + 1).copied().unwrap_or(0);
        let (cell, size, inverted) = match (c, next) {
            (b'~', b'&') => ("$_AND_", 2, true),
            (b'~', b'|') => ("$_OR_", 2, true),
            (b'~', b'^') | (b'^', b'~') => ("$_XOR_", 2, true),
            (b'&', _) => ("$_AND_", 1, false),
            (b'|', _) => ("$_OR_", 1, false),
            (b'^', _) => ("$_XOR_", 1, false),
            (b'!', _) => ("$_OR_", 1, true),
            (b'~', _) => ("", 1, true),
            _ => return self.primary(),
        };
        self.lexer.at += size;
        self.depth += 1;
        if self.depth > DEPTH {
            return self.fault("deep");
        }
        let inner = self.unary()?;
        self.depth -= 1;
        let bits = if cell.is_empty() { inner } else { vec![self.reduced(cell, &inner)?] };
        if !inverted {
            return Ok(bits);
        }
        bits.iter().map(|&bit| self.gate("$_NOT_", &[("A", bit)])).collect()
    }

    pub(super) fn truth(&mut self, bits: &[u32]) -> Read<u32> {
        self.reduced("$_OR_", bits)
    }

    pub(super) fn reduced(&mut self, cell: &'static str, bits: &[u32]) -> Read<u32> {
        let Some((&first, rest)) = bits.split_first() else { return self.fault("syntax") };
        rest.iter().try_fold(first, |so_far, &bit| self.gate(cell, &[("A", so_far), ("B", bit)]))
    }

    pub(super) fn each(
        &mut self,
        cell: &'static str,
        left: &[u32],
        right: &[u32],
    ) -> Read<Vec<u32>> {
        let width = left.len().max(right.len());
        let pairs = (0..width).map(|at| (bit(left, at), bit(right, at)));
        pairs.map(|(a, b)| self.gate(cell, &[("A", a), ("B", b)])).collect()
    }

    /// Make a gate and say which net it drives.
    pub(super) fn gate(&mut self, cell: &'static str, pins: &[(&'static str, u32)]) -> Read<u32> {
        self.grow(1, NONE)?;
        let output = self.module.nets() - 1;
        let primitive = false;
        let word = Word::Cell { named: NONE, positional: NONE, primitive };
        let word = self.speak(cell.as_bytes(), word);
        let used = match self.spoken[word].1 {
            Word::Cell { named, .. } if named != NONE => named,
            _ => self.meet(word, cell.to_owned(), false),
        };
        let known = &mut self.source.uses[used as usize].pins;
        let mut row = Vec::with_capacity(4);
        for (name, net) in pins.iter().copied().chain([("Y", output)]) {
            let at = known.iter().position(|pin| pin == name).unwrap_or_else(|| {
                known.push(name.to_owned());
                known.len() - 1
            });
            row.resize(row.len().max(at + 1), NONE);
            row[at] = net;
        }
        let name = self.made_name();
        self.push(used, name, &row);
        Ok(output)
    }

    pub(super) fn primary(&mut self) -> Read<Vec<u32>> {
        match self.peek() {
            b'{' => self.braces(),
            b'(' => {
                self.lexer.at += 1;
                let inner = self.expression()?;
                self.want(b')')?;
                Ok(inner)
            }
            _ => {
                let at = self.lexer.at;
                match self.lexer.token() {
                    Token::Number(span) => match bits(self.slice(span)) {
                        Some(bits) => Ok(bits.into_iter().map(constant).collect()),
                        None => Err(Fault { at, code: "number" }),
                    },
                    Token::Name(span) => self.selected(span),
                    Token::Sign(b'-' | b'+' | b'<' | b'>') => {
                        self.behaviour(at);
                        Err(Fault { at, code: "behaviour" })
                    }
                    _ => Err(Fault { at, code: "syntax" }),
                }
            }
        }
    }

    pub(super) fn selected(&mut self, name: Span) -> Read<Vec<u32>> {
        let hash = self.wires.hash(self.slice(name));
        if self.peek() != b'[' {
            if self.peek() == b'(' {
                // A function is called.
                self.behaviour(name.at as usize);
                return self.fault("behaviour");
            }
            if let Some(&value) = self.parameters.get(self.slice(name)) {
                return Ok((0..32).map(|at| constant(Some(value >> at & 1 == 1))).collect());
            }
            let wire = self.met(hash, name)?;
            return Ok(self.all_bits(wire));
        }
        let at = self.lexer.at;
        self.lexer.at += 1;
        let first = match self.constant() {
            Ok(first) => first,
            Err(fault) => {
                // An index that is a signal chooses at run time.
                self.behaviour(at);
                return Err(Fault { code: "behaviour", ..fault });
            }
        };
        let last = if self.take(b':') { self.constant()? } else { first };
        self.want(b']')?;
        let Some(wire) = self.lookup(hash, name).filter(|&wire| self.is_vector(wire)) else {
            return self.undeclared(name, first, last);
        };
        let wire = self.module.wires[wire as usize];
        let (Some(high), Some(low)) = (wire.bit(first), wire.bit(last)) else {
            return Err(Fault { at, code: "range" });
        };
        Ok(if low <= high { (low..=high).collect() } else { (high..=low).rev().collect() })
    }

    pub(super) fn is_vector(&self, wire: u32) -> bool {
        self.module.wires[wire as usize].vector
    }

    /// `a[3]` where no vector `a` is known: a net of that name.
    pub(super) fn undeclared(&mut self, name: Span, first: i64, last: i64) -> Read<Vec<u32>> {
        if first.abs_diff(last) as usize >= WIDE {
            return self.fault("wide");
        }
        let mut bits = Vec::new();
        let mut index = last;
        loop {
            let full = [self.slice(name), format!("[{index}]").as_bytes()].concat();
            bits.push(self.named_bit(&full, name)?);
            if index == first {
                return Ok(bits);
            }
            index += (first - index).signum();
        }
    }

    pub(super) fn named_bit(&mut self, full: &[u8], name: Span) -> Read<u32> {
        let hash = self.wires.hash(full);
        match self.wires.find(hash, full, self.texts()) {
            Some(Named::Net(net)) => return Ok(net),
            Some(Named::Vector(wire)) => return Ok(self.module.wires[wire as usize].base),
            None => {}
        }
        self.problems.add(name.at as usize, "undeclared", full);
        let at = (self.lexer.text.len() + self.source.made.len()) as u32;
        self.source.made.extend_from_slice(full);
        let span = Span { at, len: full.len() as u32 };
        let wire = self.make(hash, span, (0, 0, false))?;
        Ok(self.module.wires[wire as usize].base)
    }

    pub(super) fn braces(&mut self) -> Read<Vec<u32>> {
        self.depth += 1;
        if self.depth > DEPTH {
            return self.fault("deep");
        }
        self.want(b'{')?;
        let at = self.lexer.at;
        let depth = self.depth;
        let mut parts = Vec::new();
        if let Ok(times) = self.constant()
            && self.peek() == b'{'
        {
            let inner = self.braces()?;
            self.want(b'}')?;
            let size = usize::try_from(times).unwrap_or(WIDE).saturating_mul(inner.len());
            if size > WIDE {
                return self.fault("wide");
            }
            self.depth -= 1;
            return Ok(inner.repeat(times as usize));
        }
        self.lexer.at = at;
        self.depth = depth;
        let mut size = 0;
        loop {
            let part = self.expression()?;
            size += part.len();
            if size > WIDE {
                return self.fault("wide");
            }
            parts.push(part);
            if self.take(b'}') {
                break;
            }
            self.want(b',')?;
        }
        self.depth -= 1;
        Ok(parts.into_iter().rev().flatten().collect())
    }
}

fn bit(bits: &[u32], at: usize) -> u32 {
    bits.get(at).copied().unwrap_or(ZERO)
}

fn constant(bit: Option<bool>) -> u32 {
    match bit {
        Some(false) => ZERO,
        Some(true) => ONE,
        None => NONE,
    }
}
