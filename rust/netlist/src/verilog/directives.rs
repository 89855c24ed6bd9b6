//! Compiler directives (IEEE 1364-2005, clause 19): conditions are followed, the rest is skipped.

use crate::lexer::{Span, Token};

use super::Parser;

impl<'a> Parser<'a, '_> {
    pub(super) fn directive(&mut self) {
        let at = self.lexer.at;
        self.lexer.at += 1;
        let Token::Name(span) = self.lexer.token() else { return };
        match self.slice(span) {
            b"ifdef" | b"ifndef" | b"elsif" => self.condition(span),
            b"else" => self.skip_branch(false),
            b"celldefine" => self.cells = true,
            b"endcelldefine" | b"resetall" => self.cells = false,
            b"endif" | b"nounconnected_drive" => {}
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

    pub(super) fn line(&self, at: usize) -> &'a [u8] {
        let text: &'a [u8] = self.lexer.text;
        &text[at..text.len().min(at + 240)]
    }

    pub(super) fn condition(&mut self, span: Span) {
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
    pub(super) fn skip_branch(&mut self, or_else: bool) {
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
}
