//! What a user says of cells, in whichever of three forms: a table, Liberty, or Verilog.

use crate::lexer::{Lexer, Token};
use crate::library::{Library, Set};
use crate::{liberty, models, table};

/// The cells that a text describes, and the lines of a table that were not understood.
pub fn read(text: &[u8], library: &Library) -> (Set, Vec<table::Unread>) {
    if liberty::is_liberty(text) {
        return (liberty::read(text), Vec::new());
    }
    if is_verilog(text) {
        return (models::read(text, library), Vec::new());
    }
    table::read(&String::from_utf8_lossy(text))
}

fn is_verilog(text: &[u8]) -> bool {
    let mut lexer = Lexer::new(text);
    match lexer.token() {
        Token::Sign(c) => c == b'`',
        Token::Name(span) => {
            let word = &text[span.at as usize..(span.at + span.len) as usize];
            matches!(word, b"module" | b"macromodule" | b"primitive")
        }
        _ => false,
    }
}
