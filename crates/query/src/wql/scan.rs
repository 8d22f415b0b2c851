//! The characters of a search: where words, names and phones end, and the error that points at one of them.

use forecourt_record::{Error, FieldError};

/// The longest search, in bytes.
pub const LONGEST: usize = 16 << 10;

/// How many errors one search is answered with.
pub const MOST_FAULTS: usize = 20;

/// The codes a search fails with.
pub mod code {
    pub const SYNTAX: &str = "bad_syntax";
    pub const TOO_LONG: &str = "too_long";
    pub const TOO_DEEP: &str = "too_deep";
    pub const UNKNOWN_PATH: &str = "unknown_path";
    pub const WRONG_TYPE: &str = "wrong_type";
    pub const NOT_ALLOWED: &str = "not_allowed";
    pub const NOT_SEARCHED: &str = "not_searched";
}

/// Something wrong at a byte of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub at: usize,
    pub code: &'static str,
    pub says: String,
}

impl Fault {
    pub fn new(at: usize, code: &'static str, says: impl Into<String>) -> Self {
        Self { at, code, says: says.into() }
    }

    /// The field error: the column is counted in characters, from 1.
    pub fn field_error(&self, text: &str) -> FieldError {
        let column = text[..text.floor_char_boundary(self.at)].chars().count() + 1;
        FieldError::new("query:search", self.code, format!("Column {column}: {}", self.says))
    }
}

/// The error of a search with everything that is wrong in it.
pub fn error(faults: &[Fault], text: &str) -> Error {
    Error::invalid(faults.iter().take(MOST_FAULTS).map(|fault| fault.field_error(text)).collect())
}

/// A text and a place in it.
#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    pub text: &'a str,
    pub at: usize,
}

impl<'a> Cursor<'a> {
    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn skip_spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes `what` if it stands here.
    pub fn eat(&mut self, what: &str) -> bool {
        let stands = self.rest().starts_with(what);
        if stands {
            self.at += what.len();
        }
        stands
    }

    /// Takes a keyword in any case, if it stands here as a word of its own.
    pub fn eat_word(&mut self, word: &str) -> bool {
        let found = self.rest().get(..word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word));
        let ends = || self.rest()[word.len()..].chars().next().is_none_or(ends_word);
        let stands = found && ends();
        if stands {
            self.at += word.len();
        }
        stands
    }

    /// Takes what lies before the first character that `ends`.
    pub fn take_until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }
}

/// Whether a word of full text is over before this character.
pub fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')') || is_quote(c)
}

/// Whether a value of a field is over before this character.
pub fn ends_value(c: char) -> bool {
    ends_word(c) || c == ','
}

/// A mark that opens a quoted text. Phones and word processors make curly ones by themselves.
pub fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„')
}

/// The length of the field name at the beginning of a text; 0 when there is none.
pub fn name_length(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return 0;
    }
    text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(text.len())
}

/// The length of the phone number at the beginning of a text, in whatever groups it is written; 0 when there is none.
///
/// Without a `+` it needs the digits of a whole number, so that years, prices and house numbers stay words.
pub fn phone_length(text: &str) -> usize {
    let (mut end, mut digits, mut open, mut gap) = (0, 0_usize, false, 0);
    for (at, c) in text.char_indices() {
        match c {
            '+' if at == 0 => {}
            '(' if !open => open = true,
            ')' if open => {
                open = false;
                end = at + 1;
                gap = 0;
            }
            '0'..='9' => {
                digits += 1;
                gap = 0;
                if !open {
                    end = at + 1;
                }
            }
            ' ' | '\u{a0}' | '-' | '.' | '/' if at > 0 => {
                gap += 1;
                if gap > 3 {
                    break;
                }
            }
            _ => break,
        }
    }
    // A group that is never closed belongs to the search, not to the number.
    let digits = if open { text[..end].bytes().filter(u8::is_ascii_digit).count() } else { digits };
    let enough = if text.starts_with('+') { 3 } else { 9 };
    let glued = text[end..].chars().next().is_some_and(|c| c.is_alphanumeric() || c == ':');
    if (enough..=17).contains(&digits) && !glued { end } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_ends_with_its_last_digit() {
        for (text, phone) in [
            ("713 555 0100", "713 555 0100"),
            ("(713) 555-0100 ford", "(713) 555-0100"),
            ("+1 (713) 555-0100) OR x", "+1 (713) 555-0100"),
            ("+1 713", "+1 713"),
            ("713 555 0100 -status:lost", "713 555 0100"),
            ("713 555 0100 (2019 OR 2020)", "713 555 0100"),
            ("030/123 456 78", "030/123 456 78"),
            ("2019 2020", ""),
            ("(ford)", ""),
            ("+2h", ""),
            ("7135550100a", ""),
            ("123456789012345678", ""),
            ("555-0100", ""),
            ("", ""),
        ] {
            assert_eq!(&text[..phone_length(text)], phone, "{text:?}");
        }
    }

    #[test]
    fn a_column_counts_characters() {
        let fault = Fault::new("é東".len(), code::SYNTAX, "Expected a value.");
        assert_eq!(fault.field_error("é東x").detail, "Column 3: Expected a value.");
    }
}
