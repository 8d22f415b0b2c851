//! Regular expressions with one meaning on both databases and in memory.
//!
//! The syntax is that of the `regex` crate, which answers in linear time. For PostgreSQL the pattern is taken apart and
//! written again in its own syntax, with nothing left to that database's rules of case, classes and lines.

use std::fmt::Write as _;

use regex::{Regex, RegexBuilder};
use regex_syntax::{
    ParserBuilder,
    hir::{Class, ClassUnicode, Hir, HirKind, Look, Repetition},
};
use serde::{Deserialize, Serialize};

/// Characters a pattern may have.
const LONGEST: usize = 1000;
/// Bytes of the compiled pattern.
const LARGEST: usize = 1 << 20;
/// Characters of the pattern as PostgreSQL reads it.
const LONGEST_WRITTEN: usize = 64 << 10;
/// How often a part may be repeated: PostgreSQL counts no further.
const MOST: u32 = 255;

/// A pattern that has been checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    source: String,
    options: String,
}

impl Pattern {
    /// Checks a pattern and its options: `i`, `m`, `s`, `x`, and `u`, which is always on.
    ///
    /// Errors: a sentence that says what cannot be answered, and where in the pattern.
    pub fn new(source: &str, options: &str) -> Result<Self, String> {
        if source.chars().count() > LONGEST {
            return Err(format!("A pattern may have {LONGEST} characters."));
        }
        if let Some(option) = options.chars().find(|option| !"imsxu".contains(*option)) {
            return Err(format!("\"{option}\" is not an option of a pattern: expected i, m, s, x or u."));
        }
        let pattern = Self { source: source.to_owned(), options: options.to_owned() };
        pattern.compile().map_err(|error| format!("The pattern cannot be read: {}", one_line(&error.to_string())))?;
        pattern.postgres()?;
        Ok(pattern)
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The letters of its options.
    pub fn options(&self) -> &str {
        &self.options
    }

    fn has(&self, option: char) -> bool {
        self.options.contains(option)
    }

    /// The pattern, to be matched anywhere in a text.
    pub fn compile(&self) -> Result<Regex, regex::Error> {
        RegexBuilder::new(&self.source)
            .case_insensitive(self.has('i'))
            .multi_line(self.has('m'))
            .dot_matches_new_line(self.has('s'))
            .ignore_whitespace(self.has('x'))
            .size_limit(LARGEST)
            .build()
    }

    /// The pattern as an advanced regular expression of PostgreSQL.
    pub fn postgres(&self) -> Result<String, String> {
        let parsed = ParserBuilder::new()
            .case_insensitive(self.has('i'))
            .multi_line(self.has('m'))
            .dot_matches_new_line(self.has('s'))
            .ignore_whitespace(self.has('x'))
            .build()
            .parse(&self.source);
        let hir = parsed.map_err(|error| one_line(&error.to_string()))?;
        // Line ends are where ^ and $ stand, and nothing else.
        let mut written = "(?w)".to_owned();
        write(&hir, &mut written)?;
        Ok(written)
    }
}

/// The last line of an error, which is the one that says what is wrong.
fn one_line(error: &str) -> String {
    let line = error.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or(error);
    line.trim().trim_start_matches("error: ").to_owned()
}

fn write(hir: &Hir, out: &mut String) -> Result<(), String> {
    if out.len() > LONGEST_WRITTEN {
        return Err("The pattern is too large.".into());
    }
    match hir.kind() {
        HirKind::Empty => out.push_str("(?:)"),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).map_err(|_| "The pattern asks for bytes that are no text.")?;
            if text.contains('\0') {
                return Err("A pattern cannot ask for the character NUL.".into());
            }
            text.chars().for_each(|c| character(c, out));
        }
        HirKind::Class(Class::Unicode(class)) => bracket(class, out),
        HirKind::Class(Class::Bytes(class)) => match class.to_unicode_class() {
            Some(class) => bracket(&class, out),
            None => return Err("The pattern asks for bytes that are no text.".into()),
        },
        HirKind::Look(look) => out.push_str(&boundary(*look)?),
        HirKind::Repetition(repetition) => repeated(repetition, out)?,
        HirKind::Capture(capture) => grouped(&capture.sub, out)?,
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| grouped(part, out))?,
        HirKind::Alternation(ways) => {
            out.push_str("(?:");
            for (at, way) in ways.iter().enumerate() {
                if at > 0 {
                    out.push('|');
                }
                write(way, out)?;
            }
            out.push(')');
        }
    }
    Ok(())
}

fn grouped(hir: &Hir, out: &mut String) -> Result<(), String> {
    out.push_str("(?:");
    write(hir, out)?;
    out.push(')');
    Ok(())
}

fn repeated(repetition: &Repetition, out: &mut String) -> Result<(), String> {
    let (min, max) = (repetition.min, repetition.max);
    if min > MOST || max.is_some_and(|max| max > MOST) {
        return Err(format!("A part of a pattern may be repeated {MOST} times."));
    }
    // What matches nothing but the empty text at a place may be repeated at will, which PostgreSQL will not read.
    if repetition.sub.properties().maximum_len() == Some(0) {
        return if min == 0 { write(&Hir::empty(), out) } else { grouped(&repetition.sub, out) };
    }
    grouped(&repetition.sub, out)?;
    match (min, max) {
        (0, None) => out.push('*'),
        (1, None) => out.push('+'),
        (0, Some(1)) => out.push('?'),
        (min, None) => drop(write!(out, "{{{min},}}")),
        (min, Some(max)) => drop(write!(out, "{{{min},{max}}}")),
    }
    Ok(())
}

fn boundary(look: Look) -> Result<String, String> {
    // A boundary is a character of a word on one side only.
    let at_word = |word: &str, is: bool| {
        let (one, other) = if is { ("(?!", "(?=") } else { ("(?=", "(?!") };
        format!("(?:(?<={word}){one}{word})|(?<!{word}){other}{word}))")
    };
    Ok(match look {
        Look::Start => "\\A".into(),
        Look::End => "\\Z".into(),
        Look::StartLF => "^".into(),
        Look::EndLF => "$".into(),
        Look::WordUnicode => at_word(&word(), true),
        Look::WordUnicodeNegate => at_word(&word(), false),
        Look::WordAscii => at_word("[0-9A-Z_a-z]", true),
        Look::WordAsciiNegate => at_word("[0-9A-Z_a-z]", false),
        _ => return Err("The pattern asks for a kind of boundary that is not supported.".into()),
    })
}

/// The characters of words, as a bracket.
fn word() -> String {
    let mut written = String::new();
    if let Ok(hir) = regex_syntax::parse(r"\w")
        && let HirKind::Class(Class::Unicode(class)) = hir.kind()
    {
        bracket(class, &mut written);
    }
    written
}

fn bracket(class: &ClassUnicode, out: &mut String) {
    let ranges = class.ranges();
    if ranges.is_empty() {
        // Matches nowhere: what follows the end cannot come before it.
        out.push_str("(?:(?=a)(?!a))");
        return;
    }
    out.push('[');
    for range in ranges {
        // No text holds NUL, and PostgreSQL will not hear of it.
        let start = range.start().max('\u{1}');
        if start > range.end() {
            continue;
        }
        character(start, out);
        if start < range.end() {
            out.push('-');
            character(range.end(), out);
        }
    }
    out.push(']');
}

/// A character that stands for itself, in a bracket and outside.
fn character(c: char, out: &mut String) {
    if c.is_ascii_alphanumeric() || !c.is_ascii() && !c.is_control() {
        out.push(c);
    } else {
        let _ = write!(out, "\\U{:08X}", u32::from(c));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_cannot_be_answered_everywhere() {
        for (source, options, says) in [
            ("a", "g", "\"g\" is not an option"),
            ("(", "", "unclosed group"),
            ("(?=a)", "", "look-around"),
            (r"(a)\1", "", "backreferences are not supported"),
            ("a{300}", "", "255 times"),
            (&"a".repeat(1001), "", "1000 characters"),
            (r"(?:\w{100}){100}", "", "too large"),
        ] {
            let refused = Pattern::new(source, options).err().unwrap_or_default();
            assert!(refused.contains(says) || says == "too large" && !refused.is_empty(), "{source}: {refused}");
        }
    }

    #[test]
    fn is_written_for_postgresql_without_its_rules_of_case() {
        for (source, options, written) in [
            ("ab", "", "(?w)ab"),
            ("^a$", "", r"(?w)(?:\A)(?:a)(?:\Z)"),
            ("^a$", "m", "(?w)(?:^)(?:a)(?:$)"),
            ("a", "i", "(?w)[Aa]"),
            ("a|b.", "s", "(?w)(?:a|(?:b)(?:[\\U00000001-\u{10ffff}]))"),
            (r"\.x*", "", r"(?w)(?:\U0000002E)(?:(?:x)*)"),
        ] {
            assert_eq!(Pattern::new(source, options).and_then(|it| it.postgres()).as_deref(), Ok(written), "{source}");
        }
    }
}
