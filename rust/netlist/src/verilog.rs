//! Structural Verilog (IEEE 1364-2005): text to modules of instances, nets and aliases.
//!
//! One pass. What is not structure is told by its place and skipped to the next `;`.
//! Expressions in assignments and on pins become gates; clocked and procedural blocks mark a
//! module as behaviour, which needs synthesis first.

use std::collections::{HashMap, HashSet};

use crate::design::NONE;
use crate::lexer::{Lexer, Span, Token, bits};
use crate::module::{Direction, Module, ONE, Port, Source, Use, Wire, ZERO};
use crate::names::NameTable;
use crate::problem::Problems;

/// The most bits one expression or one declared vector may have.
const WIDE: usize = 1 << 20;
/// How deep expressions may nest.
const DEPTH: u32 = 64;
/// The most pins of one instance.
const PINS: usize = 4_096;

/// Why a statement was left out, and where.
struct Fault {
    at: usize,
    code: &'static str,
}

type Read<T> = Result<T, Fault>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyword {
    Port(Direction),
    Net,
    Supply(u32),
    Variable,
    Assign,
    Parameter,
    Skipped,
    Process,
    Block(&'static str),
    Silent(&'static str),
    EndModule,
    Module,
    Stray,
}

fn keyword(word: &[u8]) -> Option<Keyword> {
    Some(match word {
        b"input" => Keyword::Port(Direction::Input),
        b"output" => Keyword::Port(Direction::Output),
        b"inout" => Keyword::Port(Direction::Both),
        b"wire" | b"tri" | b"wand" | b"wor" | b"triand" | b"trior" | b"tri0" | b"tri1"
        | b"trireg" | b"uwire" => Keyword::Net,
        b"supply0" => Keyword::Supply(ZERO),
        b"supply1" => Keyword::Supply(ONE),
        b"reg" | b"logic" | b"bit" | b"integer" | b"real" | b"realtime" | b"time" | b"event" => {
            Keyword::Variable
        }
        b"assign" => Keyword::Assign,
        b"parameter" | b"localparam" => Keyword::Parameter,
        b"defparam" | b"specparam" | b"genvar" | b"timeunit" | b"timeprecision" | b"import"
        | b"typedef" => Keyword::Skipped,
        b"always" | b"always_ff" | b"always_comb" | b"always_latch" | b"for" | b"if" | b"case" => {
            Keyword::Process
        }
        b"initial" | b"final" => Keyword::Silent(""),
        b"function" => Keyword::Block("endfunction"),
        b"task" => Keyword::Block("endtask"),
        b"generate" => Keyword::Block("endgenerate"),
        b"specify" => Keyword::Silent("endspecify"),
        b"endmodule" => Keyword::EndModule,
        b"module" | b"macromodule" => Keyword::Module,
        b"end" | b"begin" | b"else" | b"endspecify" | b"endfunction" | b"endtask"
        | b"endgenerate" | b"endcase" | b"endprimitive" | b"signed" | b"unsigned" => Keyword::Stray,
        _ => return None,
    })
}

/// Gates that are part of the language: positional pins, perhaps no name.
pub fn is_primitive(name: &str) -> bool {
    matches!(
        name,
        "and"
            | "nand"
            | "or"
            | "nor"
            | "xor"
            | "xnor"
            | "buf"
            | "not"
            | "bufif0"
            | "bufif1"
            | "notif0"
            | "notif1"
            | "pullup"
            | "pulldown"
            | "nmos"
            | "pmos"
            | "rnmos"
            | "rpmos"
            | "cmos"
            | "rcmos"
            | "tran"
            | "rtran"
            | "tranif0"
            | "tranif1"
            | "rtranif0"
            | "rtranif1"
    )
}

/// A first word of a statement.
#[derive(Clone, Copy)]
enum Word {
    Keyword(Keyword),
    /// Uses of a cell with named and with positional pins.
    Cell {
        named: u32,
        positional: u32,
        primitive: bool,
    },
}

struct HeaderPort {
    name: Span,
    /// Where the expression of `.name(expression)` begins.
    inner: Option<usize>,
}

/// Read Verilog text.
pub fn read(text: &[u8], problems: &mut Problems) -> Source {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        source: Source::default(),
        problems,
        module: Module::default(),
        wires: NameTable::default(),
        words: HashMap::new(),
        directions: Vec::new(),
        parameters: HashMap::new(),
        defined: HashSet::new(),
        row: Vec::new(),
        depth: 0,
        budget: text.len().saturating_add(1 << 23),
    };
    parser.file();
    parser.source
}

struct Parser<'a, 'p> {
    lexer: Lexer<'a>,
    source: Source,
    problems: &'p mut Problems,
    module: Module,
    /// Wires of the module by name.
    wires: NameTable,
    words: HashMap<&'a [u8], Word>,
    directions: Vec<(u32, Direction)>,
    parameters: HashMap<&'a [u8], i64>,
    defined: HashSet<&'a [u8]>,
    row: Vec<u32>,
    depth: u32,
    /// Nets that may still be made: hostile text must not ask for more than it is long.
    budget: usize,
}

impl<'a> Parser<'a, '_> {
    fn slice(&self, span: Span) -> &'a [u8] {
        let text: &'a [u8] = self.lexer.text;
        &text[span.at as usize..(span.at + span.len) as usize]
    }

    fn string(&self, span: Span) -> String {
        String::from_utf8_lossy(self.slice(span)).into_owned()
    }

    #[inline]
    fn peek(&mut self) -> u8 {
        loop {
            let c = self.lexer.peek();
            if c != b'`' {
                return c;
            }
            self.directive();
        }
    }

    #[inline]
    fn token(&mut self) -> Token {
        self.peek();
        self.lexer.token()
    }

    fn take(&mut self, sign: u8) -> bool {
        self.peek();
        self.lexer.take(sign)
    }

    fn fault<T>(&mut self, code: &'static str) -> Read<T> {
        self.peek();
        Err(Fault { at: self.lexer.at, code })
    }

    #[inline]
    fn want(&mut self, sign: u8) -> Read<()> {
        if self.take(sign) { Ok(()) } else { self.fault("syntax") }
    }

    fn name(&mut self) -> Read<Span> {
        self.peek();
        let at = self.lexer.at;
        match self.lexer.token() {
            Token::Name(span) => Ok(span),
            _ => Err(Fault { at, code: "syntax" }),
        }
    }

    /// Tell a fault and go on behind the next `;`.
    fn tell(&mut self, fault: &Fault) {
        let text = &self.lexer.text[fault.at.min(self.lexer.text.len())..];
        self.problems.add(fault.at, fault.code, &text[..text.len().min(240)]);
        self.skip();
    }

    /// Skip to behind the next `;`, but not over the end of the module.
    fn skip(&mut self) {
        loop {
            self.peek();
            let at = self.lexer.at;
            match self.lexer.token() {
                Token::End | Token::Sign(b';') => return,
                Token::Name(span) if matches!(self.slice(span), b"endmodule" | b"module") => {
                    self.lexer.at = at;
                    return;
                }
                _ => {}
            }
        }
    }

    fn skip_until(&mut self, end: &str) {
        loop {
            match self.token() {
                Token::End => return,
                Token::Name(span) if self.slice(span) == end.as_bytes() => return,
                _ => {}
            }
        }
    }

    fn skip_round(&mut self) -> Read<()> {
        self.want(b'(')?;
        let mut depth = 1;
        while depth > 0 {
            match self.token() {
                Token::Sign(b'(') => depth += 1,
                Token::Sign(b')') => depth -= 1,
                Token::End => return self.fault("syntax"),
                _ => {}
            }
        }
        Ok(())
    }

    // Directives ---------------------------------------------------------------------------

    fn directive(&mut self) {
        let at = self.lexer.at;
        self.lexer.at += 1;
        let Token::Name(span) = self.lexer.token() else { return };
        match self.slice(span) {
            b"ifdef" | b"ifndef" | b"elsif" => self.condition(span),
            b"else" => self.skip_branch(false),
            b"endif" | b"celldefine" | b"endcelldefine" | b"resetall" | b"nounconnected_drive" => {}
            b"define" => {
                if let Token::Name(name) = self.lexer.token() {
                    self.defined.insert(self.slice(name));
                }
                self.lexer.skip_line();
            }
            b"undef" => {
                if let Token::Name(name) = self.lexer.token() {
                    self.defined.remove(self.slice(name));
                }
            }
            b"timescale"
            | b"default_nettype"
            | b"line"
            | b"pragma"
            | b"unconnected_drive"
            | b"default_decay_time"
            | b"default_trireg_strength"
            | b"delay_mode_path"
            | b"delay_mode_distributed"
            | b"delay_mode_unit"
            | b"delay_mode_zero"
            | b"protect"
            | b"endprotect"
            | b"suppress_faults"
            | b"nosuppress_faults"
            | b"enable_portfaults"
            | b"disable_portfaults"
            | b"begin_keywords"
            | b"end_keywords" => self.lexer.skip_line(),
            b"include" => {
                let line = self.line(at);
                self.problems.add(at, "include", line);
                self.lexer.skip_line();
            }
            _ => {
                let line = self.line(at);
                self.problems.add(at, "macro", line);
            }
        }
    }

    fn line(&self, at: usize) -> &'a [u8] {
        let text: &'a [u8] = self.lexer.text;
        &text[at..text.len().min(at + 240)]
    }

    fn condition(&mut self, span: Span) {
        let kind = self.slice(span);
        if kind == b"elsif" {
            // The branch before was the one to take.
            return self.skip_branch(false);
        }
        let Token::Name(name) = self.lexer.token() else { return };
        let holds = self.defined.contains(self.slice(name)) == (kind == b"ifdef");
        if !holds {
            self.skip_branch(true);
        }
    }

    /// Skip to the end of the condition, or (`or_else`) to a branch of it that holds.
    fn skip_branch(&mut self, or_else: bool) {
        let mut depth = 0_u32;
        while let Some(at) = memchr::memchr(b'`', &self.lexer.text[self.lexer.at..]) {
            self.lexer.at += at + 1;
            let Token::Name(span) = self.lexer.token() else { continue };
            match self.slice(span) {
                b"ifdef" | b"ifndef" => depth += 1,
                b"endif" if depth == 0 => return,
                b"endif" => depth -= 1,
                b"else" if depth == 0 && or_else => return,
                b"elsif" if depth == 0 && or_else => {
                    if let Token::Name(name) = self.lexer.token()
                        && self.defined.contains(self.slice(name))
                    {
                        return;
                    }
                }
                _ => {}
            }
        }
        self.lexer.at = self.lexer.text.len();
    }

    // Files and modules --------------------------------------------------------------------

    fn file(&mut self) {
        loop {
            self.peek();
            let at = self.lexer.at;
            match self.lexer.token() {
                Token::End => return,
                Token::Sign(b';') => {}
                Token::Name(span) => match self.slice(span) {
                    b"module" | b"macromodule" => self.module(at),
                    b"primitive" => self.skip_until("endprimitive"),
                    b"config" => self.skip_until("endconfig"),
                    b"package" => self.skip_until("endpackage"),
                    _ => self.tell(&Fault { at, code: "syntax" }),
                },
                _ => self.tell(&Fault { at, code: "syntax" }),
            }
        }
    }

    fn module(&mut self, at: usize) {
        let name = match self.name() {
            Ok(span) => self.string(span),
            Err(fault) => return self.tell(&fault),
        };
        self.module = Module::new(name, at as u32);
        self.wires.clear();
        self.directions.clear();
        self.parameters.clear();
        let mut header = Vec::new();
        if let Err(fault) = self.header(&mut header) {
            self.tell(&fault);
        }
        self.body();
        self.ports(&header);
        self.source.modules.push(std::mem::take(&mut self.module));
    }

    fn header(&mut self, ports: &mut Vec<HeaderPort>) -> Read<()> {
        if self.take(b'#') {
            let at = self.lexer.at;
            self.skip_round()?;
            let end = self.lexer.at;
            self.lexer.at = at + 1;
            self.header_parameters(end);
            self.lexer.at = end;
        }
        if self.take(b'(') && !self.take(b')') {
            self.header_ports(ports)?;
        }
        self.want(b';')
    }

    fn header_parameters(&mut self, end: usize) {
        while self.lexer.at < end {
            let Token::Name(span) = self.token() else { continue };
            if self.take(b'=') {
                let value = self.constant();
                if let Ok(value) = value {
                    self.parameters.insert(self.slice(span), value);
                }
            }
        }
    }

    fn header_ports(&mut self, ports: &mut Vec<HeaderPort>) -> Read<()> {
        let mut current = None;
        loop {
            if self.take(b'.') {
                let name = self.name()?;
                let inner = self.lexer.at;
                self.skip_round()?;
                ports.push(HeaderPort { name, inner: Some(inner) });
            } else if self.peek() != b')' {
                self.header_port(ports, &mut current)?;
            }
            if self.take(b')') {
                return Ok(());
            }
            self.want(b',')?;
        }
    }

    fn header_port(
        &mut self,
        ports: &mut Vec<HeaderPort>,
        current: &mut Option<(Direction, Option<(i32, i32)>)>,
    ) -> Read<()> {
        let mut name = self.name()?;
        let mut spoken = false;
        while let Some(word) = keyword(self.slice(name)).filter(|_| !self.escaped(name)) {
            match word {
                Keyword::Port(direction) => *current = Some((direction, None)),
                Keyword::Net | Keyword::Variable | Keyword::Stray => {}
                _ => return self.fault("syntax"),
            }
            spoken = true;
            if self.peek() == b'[' {
                let range = self.range()?;
                if let Some((_, known)) = current {
                    *known = Some(range);
                }
            }
            name = self.name()?;
        }
        ports.push(HeaderPort { name, inner: None });
        if let Some((direction, range)) = *current {
            let wire = self.declare(name, range)?;
            self.directions.push((wire, direction));
        } else if spoken {
            return self.fault("syntax");
        }
        Ok(())
    }

    fn escaped(&self, span: Span) -> bool {
        span.at > 0 && self.lexer.text[span.at as usize - 1] == b'\\'
    }

    fn body(&mut self) {
        loop {
            self.peek();
            let at = self.lexer.at;
            match self.lexer.token() {
                Token::End => {
                    return self.problems.add(at, "end", self.module.name.as_bytes());
                }
                Token::Sign(b';') => {}
                Token::Name(span) => {
                    let before = self.marks();
                    match self.statement(span) {
                        Ok(true) => {}
                        Ok(false) => return,
                        Err(fault) => {
                            self.back_to(before);
                            self.tell(&fault);
                        }
                    }
                }
                _ => self.tell(&Fault { at, code: "syntax" }),
            }
        }
    }

    fn marks(&self) -> (usize, usize, usize) {
        let module = &self.module;
        (module.uses.len(), module.pins.len(), module.aliases.len())
    }

    /// Take back what a statement did before it failed.
    fn back_to(&mut self, (uses, pins, aliases): (usize, usize, usize)) {
        let module = &mut self.module;
        module.uses.truncate(uses);
        module.names.truncate(uses);
        module.pin_start.truncate(uses + 1);
        module.pins.truncate(pins);
        module.aliases.truncate(aliases);
        self.depth = 0;
    }

    #[inline]
    fn word(&mut self, span: Span) -> Word {
        let text = self.slice(span);
        if let Some(word) = self.words.get(text)
            && (matches!(word, Word::Cell { .. }) || !self.escaped(span))
        {
            return *word;
        }
        if let Some(found) = keyword(text).filter(|_| !self.escaped(span)) {
            self.words.insert(text, Word::Keyword(found));
            return Word::Keyword(found);
        }
        let name = self.string(span);
        let primitive = is_primitive(&name) && !self.escaped(span);
        let word = Word::Cell { named: NONE, positional: NONE, primitive };
        self.words.insert(text, word);
        word
    }

    /// A use of a cell, made when it is first met.
    fn used(&mut self, span: Span, positional: bool) -> u32 {
        let text = self.slice(span);
        let Word::Cell { named, positional: by_place, primitive } = self.word(span) else {
            return NONE;
        };
        let known = if positional { by_place } else { named };
        if known != NONE {
            return known;
        }
        let name = String::from_utf8_lossy(text).into_owned();
        let made = self.new_use(name, positional);
        let word = if positional {
            Word::Cell { named, positional: made, primitive }
        } else {
            Word::Cell { named: made, positional: by_place, primitive }
        };
        self.words.insert(text, word);
        made
    }

    fn new_use(&mut self, name: String, positional: bool) -> u32 {
        self.source.uses.push(Use { name, positional, pins: Vec::new() });
        self.source.uses.len() as u32 - 1
    }

    /// One statement of a module; false at the module's end.
    fn statement(&mut self, span: Span) -> Read<bool> {
        let word = match self.word(span) {
            Word::Cell { primitive, .. } => {
                self.instances(span, primitive)?;
                return Ok(true);
            }
            Word::Keyword(word) => word,
        };
        match word {
            Keyword::Port(direction) => self.declaration(Some(direction), None)?,
            Keyword::Net | Keyword::Variable => self.declaration(None, None)?,
            Keyword::Supply(value) => self.declaration(None, Some(value))?,
            Keyword::Assign => self.assignments()?,
            Keyword::Parameter => self.body_parameters()?,
            Keyword::Skipped => self.skip(),
            Keyword::Process => {
                self.behaviour(span.at as usize);
                self.skip_process();
            }
            Keyword::Block(end) => {
                self.behaviour(span.at as usize);
                self.skip_until(end);
            }
            Keyword::Silent("") => self.skip_process(),
            Keyword::Silent(end) => self.skip_until(end),
            Keyword::EndModule => return Ok(false),
            Keyword::Module => {
                self.lexer.at = span.at as usize;
                self.problems.add(span.at as usize, "end", self.module.name.as_bytes());
                return Ok(false);
            }
            Keyword::Stray => return Err(Fault { at: span.at as usize, code: "syntax" }),
        }
        Ok(true)
    }

    fn behaviour(&mut self, at: usize) {
        self.module.behaviour.get_or_insert(at as u32);
    }

    /// Skip a procedural statement with its blocks and branches.
    fn skip_process(&mut self) {
        let (mut blocks, mut round) = (0_i64, 0_i64);
        loop {
            self.peek();
            let at = self.lexer.at;
            match self.lexer.token() {
                Token::End => return,
                Token::Sign(b'(') => round += 1,
                Token::Sign(b')') => round -= 1,
                Token::Sign(b';') if blocks <= 0 && round <= 0 => {
                    if !self.branches() {
                        return;
                    }
                }
                Token::Name(span) => match self.slice(span) {
                    b"begin" | b"case" | b"casex" | b"casez" | b"fork" => blocks += 1,
                    b"end" | b"endcase" | b"join" => {
                        blocks -= 1;
                        if blocks <= 0 && !self.branches() {
                            return;
                        }
                    }
                    b"endmodule" | b"module" => {
                        self.lexer.at = at;
                        return;
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// Whether `else` comes next; takes it.
    fn branches(&mut self) -> bool {
        self.peek();
        let at = self.lexer.at;
        if let Token::Name(span) = self.lexer.token()
            && self.slice(span) == b"else"
        {
            return true;
        }
        self.lexer.at = at;
        false
    }

    // Declarations -------------------------------------------------------------------------

    fn body_parameters(&mut self) -> Read<()> {
        if self.peek() == b'[' {
            self.range()?;
        }
        loop {
            let name = self.name()?;
            if self.take(b'=') {
                match self.constant() {
                    Ok(value) => {
                        self.parameters.insert(self.slice(name), value);
                    }
                    // Texts and delays: nothing that a netlist's shape depends on.
                    Err(_) => {
                        self.skip();
                        return Ok(());
                    }
                }
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

    fn declaration(&mut self, direction: Option<Direction>, constant: Option<u32>) -> Read<()> {
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

    fn range(&mut self) -> Read<(i32, i32)> {
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
    fn constant(&mut self) -> Read<i64> {
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

    fn product(&mut self) -> Read<i64> {
        let mut whole = self.factor()?;
        while self.take(b'*') {
            let next = self.factor()?;
            let Some(done) = whole.checked_mul(next) else { return self.fault("wide") };
            whole = done;
        }
        Ok(whole)
    }

    fn factor(&mut self) -> Read<i64> {
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
    fn declare(&mut self, name: Span, range: Option<(i32, i32)>) -> Read<u32> {
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

    fn make(&mut self, hash: u32, name: Span, (msb, lsb, vector): (i32, i32, bool)) -> Read<u32> {
        let number = self.module.wires.len() as u32;
        let wire = Wire { name, base: self.module.nets(), msb, lsb, vector };
        self.grow(wire.width(), number)?;
        self.module.wires.push(wire);
        self.wires.insert(hash, number);
        Ok(number)
    }

    fn grow(&mut self, width: u32, wire: u32) -> Read<()> {
        let Some(left) = self.budget.checked_sub(width as usize) else {
            return self.fault("wide");
        };
        self.budget = left;
        self.module.of.extend(std::iter::repeat_n(wire, width as usize));
        Ok(())
    }

    /// Give a wire that was met before its range.
    fn widen(&mut self, wire: u32, msb: i32, lsb: i32) -> Read<()> {
        let old = self.module.wires[wire as usize];
        if old.vector && (old.msb, old.lsb) == (msb, lsb) {
            return Ok(());
        }
        let new = Wire { base: self.module.nets(), msb, lsb, vector: true, ..old };
        self.grow(new.width(), wire)?;
        self.module.wires[wire as usize] = new;
        for place in 0..old.width().min(new.width()) {
            self.module.of[(old.base + place) as usize] = NONE;
            self.module.aliases.push((new.base + place, old.base + place));
        }
        Ok(())
    }

    #[inline]
    fn lookup(&self, hash: u32, name: Span) -> Option<u32> {
        let (text, made) = (self.lexer.text, &self.source.made);
        let name = self.slice(name);
        let wires = &self.module.wires;
        self.wires.find(hash, |wire| spanned(text, made, wires[wire as usize].name) == name)
    }

    fn all_bits(&self, wire: u32) -> Vec<u32> {
        let wire = self.module.wires[wire as usize];
        (wire.base..wire.base + wire.width()).collect()
    }

    /// Ports in the order of the header, or of their declarations where it has none.
    fn ports(&mut self, header: &[HeaderPort]) {
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

    fn inner_port(&mut self) -> Read<Vec<u32>> {
        self.want(b'(')?;
        if self.take(b')') {
            return Ok(Vec::new());
        }
        self.primary()
    }

    // Instances ----------------------------------------------------------------------------

    fn delay(&mut self) -> Read<()> {
        self.want(b'#')?;
        if self.peek() == b'(' {
            return self.skip_round();
        }
        self.token();
        Ok(())
    }

    fn instances(&mut self, cell: Span, primitive: bool) -> Read<()> {
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
    fn strength(&mut self) -> Read<()> {
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

    fn instance(&mut self, cell: Span, name: Option<Span>) -> Read<()> {
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

    fn push(&mut self, used: u32, name: Span, row: &[u32]) {
        let module = &mut self.module;
        module.uses.push(used);
        module.names.push(name);
        module.pins.extend_from_slice(row);
        module.pin_start.push(module.pins.len() as u32);
    }

    /// A name for what the text gives none.
    fn made_name(&mut self) -> Span {
        let name = format!("$gate{}", self.module.uses.len());
        let at = self.lexer.text.len() + self.source.made.len();
        self.source.made.extend_from_slice(name.as_bytes());
        Span { at: at as u32, len: name.len() as u32 }
    }

    fn by_place(&mut self, row: &mut Vec<u32>) -> Read<()> {
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

    fn by_name(&mut self, used: u32, row: &mut Vec<u32>) -> Read<()> {
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
    fn slot(&mut self, used: u32, pin: Span, hint: usize) -> Read<usize> {
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
    fn pin_net(&mut self) -> Read<u32> {
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
    fn met(&mut self, hash: u32, name: Span) -> Read<u32> {
        match self.lookup(hash, name) {
            Some(wire) => Ok(wire),
            None => self.make(hash, name, (0, 0, false)),
        }
    }

    // Assignments and expressions ----------------------------------------------------------

    fn assignments(&mut self) -> Read<()> {
        loop {
            match self.peek() {
                b'#' => self.delay()?,
                b'(' => self.strength()?,
                _ => break,
            }
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

    fn join(&mut self, target: &[u32], value: &[u32]) {
        for (at, &bit) in target.iter().enumerate() {
            let value = value.get(at).copied().unwrap_or(ZERO);
            if value != NONE && bit != NONE {
                self.module.aliases.push((bit, value));
            }
        }
    }

    /// Bits of an expression, lowest first; x and z are `NONE`.
    fn expression(&mut self) -> Read<Vec<u32>> {
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
    fn binary(&mut self, level: u8) -> Read<Vec<u32>> {
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

    fn operator(&mut self, level: u8) -> Read<Option<(&'static str, usize)>> {
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
            (b'=', b'=') | (b'!', b'=') => {
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

    fn unary(&mut self) -> Read<Vec<u32>> {
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

    fn truth(&mut self, bits: &[u32]) -> Read<u32> {
        self.reduced("$_OR_", bits)
    }

    fn reduced(&mut self, cell: &'static str, bits: &[u32]) -> Read<u32> {
        let Some((&first, rest)) = bits.split_first() else { return self.fault("syntax") };
        rest.iter().try_fold(first, |so_far, &bit| self.gate(cell, &[("A", so_far), ("B", bit)]))
    }

    fn each(&mut self, cell: &'static str, left: &[u32], right: &[u32]) -> Read<Vec<u32>> {
        let width = left.len().max(right.len());
        let pairs = (0..width).map(|at| (bit(left, at), bit(right, at)));
        pairs.map(|(a, b)| self.gate(cell, &[("A", a), ("B", b)])).collect()
    }

    /// Make a gate and say which net it drives.
    fn gate(&mut self, cell: &'static str, pins: &[(&'static str, u32)]) -> Read<u32> {
        self.grow(1, NONE)?;
        let output = self.module.nets() - 1;
        let word = self.words.get(cell.as_bytes()).copied();
        let used = match word {
            Some(Word::Cell { named, .. }) if named != NONE => named,
            _ => {
                let positional = match word {
                    Some(Word::Cell { positional, .. }) => positional,
                    _ => NONE,
                };
                let named = self.new_use(cell.to_owned(), false);
                let word = Word::Cell { named, positional, primitive: false };
                self.words.insert(cell.as_bytes(), word);
                named
            }
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

    fn primary(&mut self) -> Read<Vec<u32>> {
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

    fn selected(&mut self, name: Span) -> Read<Vec<u32>> {
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

    fn is_vector(&self, wire: u32) -> bool {
        self.module.wires[wire as usize].vector
    }

    /// `a[3]` where no vector `a` is known: a net of that name.
    fn undeclared(&mut self, name: Span, first: i64, last: i64) -> Read<Vec<u32>> {
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

    fn named_bit(&mut self, full: &[u8], name: Span) -> Read<u32> {
        let hash = self.wires.hash(full);
        let made = &self.source.made;
        let (text, wires) = (self.lexer.text, &self.module.wires);
        let known =
            self.wires.find(hash, |wire| spanned(text, made, wires[wire as usize].name) == full);
        if let Some(wire) = known {
            return Ok(self.module.wires[wire as usize].base);
        }
        self.problems.add(name.at as usize, "undeclared", full);
        let at = (text.len() + made.len()) as u32;
        self.source.made.extend_from_slice(full);
        let span = Span { at, len: full.len() as u32 };
        let wire = self.make(hash, span, (0, 0, false))?;
        Ok(self.module.wires[wire as usize].base)
    }

    fn braces(&mut self) -> Read<Vec<u32>> {
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

/// The bytes of a name, in the text or among those that the reader made.
pub fn spanned<'t>(text: &'t [u8], made: &'t [u8], span: Span) -> &'t [u8] {
    let (at, len) = (span.at as usize, span.len as usize);
    if at < text.len() || len == 0 {
        return text.get(at..at + len).unwrap_or_default();
    }
    made.get(at - text.len()..at - text.len() + len).unwrap_or_default()
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

fn number(text: &[u8]) -> Option<i64> {
    let found = bits(text)?;
    let used = found.iter().rposition(|bit| *bit == Some(true)).map_or(0, |at| at + 1);
    (used < 63 && found.iter().all(Option::is_some))
        .then(|| (0..used).fold(0, |sum, at| sum | i64::from(found[at] == Some(true)) << at))
}
