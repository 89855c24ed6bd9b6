//! Structural Verilog (IEEE 1364-2005): text to modules of instances, nets and aliases.
//!
//! One pass. What is not structure is told by its place and skipped to the next `;`.
//! Expressions in assignments and on pins become gates; clocked and procedural blocks mark a
//! module as behaviour, which needs synthesis first.

mod declarations;
mod directives;
mod expressions;
mod instances;

use std::collections::{HashMap, HashSet};

use crate::design::NONE;
use crate::lexer::{Lexer, Span, Token};
use crate::module::{Direction, Module, ONE, Source, Use, ZERO};
use crate::names::NameTable;
use crate::problem::Problems;
use crate::wires::WireTable;

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

/// A pin's place in its use, its name, the name of its net and the hash of that.
#[derive(Clone, Copy)]
struct Waiting {
    slot: usize,
    pin: Span,
    net: Span,
    hash: u32,
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
        wires: WireTable::default(),
        waiting: Vec::new(),
        words: NameTable::default(),
        spoken: Vec::new(),
        directions: Vec::new(),
        parameters: HashMap::new(),
        defined: HashSet::new(),
        slots: HashMap::new(),
        row: Vec::new(),
        depth: 0,
        cells: false,
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
    wires: WireTable,
    /// Places in `spoken` by word.
    words: NameTable,
    spoken: Vec<(&'a [u8], Word)>,
    directions: Vec<(u32, Direction)>,
    parameters: HashMap<&'a [u8], i64>,
    defined: HashSet<&'a [u8]>,
    /// Places of pins by use and name, for cells of many.
    slots: HashMap<(u32, &'a [u8]), usize>,
    row: Vec<u32>,
    /// Connections of an instance whose nets are not looked up yet.
    waiting: Vec<Waiting>,
    depth: u32,
    /// Between `celldefine` and `endcelldefine`.
    cells: bool,
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

    fn file(&mut self) {
        loop {
            self.peek();
            let at = self.lexer.at;
            match self.lexer.token() {
                Token::End => return,
                Token::Sign(b';') => {}
                Token::Name(span) => match self.slice(span) {
                    b"module" | b"macromodule" => self.module(at),
                    b"primitive" => self.udp(),
                    b"config" => self.skip_until("endconfig"),
                    b"package" => self.skip_until("endpackage"),
                    _ => self.tell(&Fault { at, code: "syntax" }),
                },
                _ => self.tell(&Fault { at, code: "syntax" }),
            }
        }
    }

    /// A user-defined primitive: its table is not read.
    fn udp(&mut self) {
        if let Ok(name) = self.name() {
            let name = self.string(name);
            self.source.udps.insert(name);
        }
        self.skip_until("endprimitive");
    }

    fn module(&mut self, at: usize) {
        let name = match self.name() {
            Ok(span) => self.string(span),
            Err(fault) => return self.tell(&fault),
        };
        self.module = Module::new(name, at as u32);
        self.module.cell = self.cells;
        self.wires.clear();
        self.directions.clear();
        self.parameters.clear();
        let mut header = Vec::new();
        if let Err(fault) = self.header(&mut header) {
            self.tell(&fault);
        }
        self.body();
        self.ports(&header);
        self.module.parameters = !self.parameters.is_empty();
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

    /// The place of a first word among `spoken`.
    #[inline]
    fn word(&mut self, span: Span) -> usize {
        let text = self.slice(span);
        let hash = self.words.hash(text);
        if let Some(at) = self.words.find(hash, |at| self.spoken[at as usize].0 == text)
            && (matches!(self.spoken[at as usize].1, Word::Cell { .. }) || !self.escaped(span))
        {
            return at as usize;
        }
        let found = keyword(text);
        if let Some(found) = found.filter(|_| !self.escaped(span)) {
            return self.speak(text, Word::Keyword(found));
        }
        // An escaped keyword is a name, kept apart from the keyword by its backslash.
        let key = if found.is_some() { &self.lexer.text[span.at as usize - 1..] } else { text };
        let key = &key[..text.len() + usize::from(found.is_some())];
        let primitive = std::str::from_utf8(text).is_ok_and(is_primitive) && !self.escaped(span);
        self.speak(key, Word::Cell { named: NONE, positional: NONE, primitive })
    }

    /// A first word, new unless it is known.
    fn speak(&mut self, key: &'a [u8], word: Word) -> usize {
        let hash = self.words.hash(key);
        if let Some(at) = self.words.find(hash, |at| self.spoken[at as usize].0 == key) {
            return at as usize;
        }
        self.words.insert(hash, self.spoken.len() as u32);
        self.spoken.push((key, word));
        self.spoken.len() - 1
    }

    /// A use of a cell, made when it is first met.
    #[inline]
    fn used(&mut self, word: usize, name: Span, positional: bool) -> u32 {
        let Word::Cell { named, positional: by_place, .. } = self.spoken[word].1 else {
            return NONE;
        };
        let known = if positional { by_place } else { named };
        if known != NONE {
            return known;
        }
        let name = self.string(name);
        self.meet(word, name, positional)
    }

    fn meet(&mut self, word: usize, name: String, by_place: bool) -> u32 {
        let made = self.new_use(name, by_place);
        if let Word::Cell { named, positional, .. } = &mut self.spoken[word].1 {
            *(if by_place { positional } else { named }) = made;
        }
        made
    }

    fn new_use(&mut self, name: String, positional: bool) -> u32 {
        self.source.uses.push(Use { name, positional, pins: Vec::new() });
        self.source.uses.len() as u32 - 1
    }

    /// One statement of a module; false at the module's end.
    fn statement(&mut self, span: Span) -> Read<bool> {
        let at = self.word(span);
        let word = match self.spoken[at].1 {
            Word::Cell { primitive, .. } => {
                self.instances(at, span, primitive)?;
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
                Token::Sign(b';') if blocks <= 0 && round <= 0 && !self.branches() => return,
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
}

/// The bytes of a name, in the text or among those that the reader made.
pub fn spanned<'t>(text: &'t [u8], made: &'t [u8], span: Span) -> &'t [u8] {
    let (at, len) = (span.at as usize, span.len as usize);
    if at < text.len() || len == 0 {
        return text.get(at..at + len).unwrap_or_default();
    }
    made.get(at - text.len()..at - text.len() + len).unwrap_or_default()
}
