//! Search text: what is indexed and what is asked go through here, so that both databases answer alike.
//!
//! Only letters and digits come out, in lower case and without accents: nothing a database's own tokenizer could see
//! differently.

use std::collections::HashMap;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::values::Phone;

/// The longest token, in characters; the rest of a longer one is left out on both sides.
const LONGEST: usize = 64;

/// The words of a text: lower case, accents off, split at everything that is not a letter or a digit.
pub fn tokens(text: &str) -> Vec<String> {
    let mut words = Words::default();
    if text.is_ascii() {
        // There is nothing to take apart, and most texts are plain.
        text.chars().for_each(|c| words.push(c));
    } else {
        text.nfkd().filter(|c| !is_combining_mark(*c)).for_each(|c| words.push(c));
    }
    words.finish()
}

/// The words as one line: equal for texts that differ only in case, accents and punctuation, and in dictionary order.
pub fn folded(text: &str) -> String {
    tokens(text).join(" ")
}

/// The phones in a text, one token of digits each, however they are written; leading zeros (trunk, `00`) are off.
pub fn phone_tokens(text: &str) -> Vec<String> {
    pieces(text).filter_map(|piece| matches!(piece, Piece::Phone(_)).then(|| phone_digits(piece.text()))).collect()
}

/// Words of one document that can be found, and how often one and the same of them; more is what a database's index can
/// hold. A document with more text is found by what comes first.
const MOST_WORDS: usize = 16_000;
const MOST_OF_ONE: usize = 255;
/// Bytes of those words.
const MOST_BYTES: usize = 64 << 10;

/// What a document is found by: the words of its texts in their order, with an empty word between those that do not follow
/// one another. Each phone is a word by itself too; one in E.164 is found by its national number as well.
pub fn words<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut index = Index::default();
    for text in texts {
        index.add(tokens(text));
        for piece in pieces(text) {
            if let Piece::Phone(phone) = piece {
                index.add(vec![phone_digits(phone)]);
                index.add(phone.parse().ok().map(|phone: Phone| phone.national().to_owned()).into_iter().collect());
            }
        }
    }
    index.words
}

#[derive(Default)]
struct Index {
    words: Vec<String>,
    bytes: usize,
    counts: HashMap<String, usize>,
}

impl Index {
    /// Adds words that follow one another. A single one that is there already adds nothing.
    fn add(&mut self, line: Vec<String>) {
        if line.len() == 1 && self.counts.contains_key(&line[0]) {
            return;
        }
        let mut apart = !self.words.is_empty();
        for word in line {
            let count = self.counts.get(&word).copied().unwrap_or(0);
            if count == MOST_OF_ONE {
                apart = true;
                continue;
            }
            self.bytes += word.len();
            if self.bytes > MOST_BYTES || self.words.len() + 2 > MOST_WORDS {
                return;
            }
            if std::mem::take(&mut apart) {
                self.words.push(String::new());
            }
            self.counts.insert(word.clone(), count + 1);
            self.words.push(word);
        }
    }
}

/// What a person's search words stand for. A phone becomes one token, the stored one when it can be read in `region`
/// (ISO 3166 alpha-2).
pub fn query(text: &str, region: Option<&str>) -> Vec<String> {
    let mut asked = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Words(words) => asked.extend(tokens(words)),
            Piece::Phone(phone) => asked.push(match Phone::parse(phone, region) {
                Ok(phone) => phone.digits().to_owned(),
                Err(_) => phone_digits(phone),
            }),
        }
    }
    asked
}

fn phone_digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0');
    significant.chars().take(LONGEST).collect()
}

/// Collects characters into words.
#[derive(Default)]
struct Words {
    done: Vec<String>,
    word: String,
    length: usize,
}

impl Words {
    fn push(&mut self, c: char) {
        if !c.is_alphanumeric() {
            self.end();
        } else if c.is_ascii() {
            self.put(c.to_ascii_lowercase());
        } else {
            for c in c.to_lowercase().filter(|c| !is_combining_mark(*c)) {
                match plain(c) {
                    Some(letters) => letters.chars().for_each(|c| self.put(c)),
                    None => self.put(c),
                }
            }
        }
    }

    fn put(&mut self, c: char) {
        if self.length < LONGEST {
            self.word.push(c);
            self.length += 1;
        }
    }

    fn end(&mut self) {
        self.length = 0;
        if !self.word.is_empty() {
            self.done.push(std::mem::take(&mut self.word));
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.end();
        self.done
    }
}

/// Letters that Unicode does not take apart, as people type them without the key.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ŧ' => "t",
        'ŋ' => "n",
        'ı' => "i",
        'ς' => "σ",
        _ => return None,
    })
}

/// A stretch of text: a phone, or anything else.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Words(&'a str),
    Phone(&'a str),
}

impl<'a> Piece<'a> {
    fn text(&self) -> &'a str {
        match self {
            Self::Words(text) | Self::Phone(text) => text,
        }
    }
}

/// Cuts a text into phones and the rest.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let run = |text: &str| text.find(|c| !is_phone_writing(c)).unwrap_or(text.len());
        let (start, length) = starts(rest)
            .map(|start| (start, run(&rest[start..])))
            .find(|(start, length)| is_phone(rest, *start, *length))
            .unwrap_or((rest.len(), 0));
        let (piece, after) =
            if start > 0 { (Piece::Words(&rest[..start]), start) } else { (Piece::Phone(&rest[..length]), length) };
        rest = &rest[after..];
        Some(piece)
    })
}

/// Where a phone may begin: at the first character of each run of phone writing.
fn starts(text: &str) -> impl Iterator<Item = usize> {
    let mut inside = false;
    text.char_indices().filter_map(move |(at, c)| {
        let begins = !inside && (c == '+' || c == '(' || c.is_ascii_digit());
        inside = is_phone_writing(c) && (inside || begins);
        begins.then_some(at)
    })
}

fn is_phone_writing(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | ' ' | '-' | '.' | '/' | '\u{a0}')
}

/// A run is a phone when it says so (`+`), or has the digits of one: 9 to 15, and not glued to a word. Fewer are
/// years, prices and house numbers as often.
fn is_phone(text: &str, start: usize, length: usize) -> bool {
    let run = &text[start..start + length];
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    let before = text[..start].chars().next_back();
    let after = text[start + length..].chars().next().filter(|_| run.ends_with(|c: char| c.is_ascii_digit()));
    if before.into_iter().chain(after).any(char::is_alphanumeric) {
        return false;
    }
    let enough = if run.starts_with('+') { 3 } else { 9 };
    (enough..=17).contains(&digits) && !run[1..].contains('+')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(function: impl Fn(&str) -> Vec<String>, cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(function(text).join(" "), *expected, "{text:?}");
        }
    }

    #[test]
    fn words_lose_case_accents_and_punctuation() {
        check(
            tokens,
            &[
                ("José García-López", "jose garcia lopez"),
                ("Jose\u{301}", "jose"),
                ("Müller Straße 12", "muller strasse 12"),
                ("GROẞE", "grosse"),
                ("Łukasz Ørsted Æsir đorđe", "lukasz orsted aesir dorde"),
                ("İstanbul ılık", "istanbul ilik"),
                ("O'Brien & Sons, Inc.", "o brien sons inc"),
                ("jane.doe+cars@example.com", "jane doe cars example com"),
                ("F-150 XLT 3.5L", "f 150 xlt 3 5l"),
                ("Ｆｕｌｌ ﬁne ½", "full fine 1 2"),
                ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
                ("東京 Москва", "東京 москва"),
                ("\0%_'\"; DROP TABLE--", "drop table"),
                ("", ""),
                ("  --  ", ""),
            ],
        );
    }

    #[test]
    fn long_words_are_cut_and_folding_ignores_spacing() {
        assert_eq!(tokens(&"ß".repeat(50)), ["s".repeat(64)]);
        assert_eq!(folded("  De  la CRUZ,José "), "de la cruz jose");
    }

    #[test]
    fn a_phone_in_any_writing_is_one_token() {
        check(
            phone_tokens,
            &[
                ("+1 (713) 555-0100", "17135550100"),
                ("(713) 555-0100", "7135550100"),
                ("0049 30 123456", "4930123456"),
                ("030/123456789", "30123456789"),
                ("call +1 713 555 0100, or 713.555.0101 after 5", "17135550100 7135550101"),
                ("2019-2020", ""),
                ("1HGCM82633A004352", ""),
                ("abc123456789", ""),
                ("123456789abc", ""),
                ("19,999.99 USD", ""),
                ("12345678901234567890", ""),
                ("", ""),
            ],
        );
    }

    #[test]
    fn a_stored_phone_is_found_by_every_writing() {
        let found = |text: &str| words([text]);
        check(found, &[("+17135550100", "17135550100  7135550100"), ("Ana +4930123456", "ana 4930123456  30123456")]);
        let us = |text: &str| query(text, Some("US"));
        check(
            us,
            &[
                ("713 555 0100", "17135550100"),
                ("(713) 555-0100 García", "17135550100 garcia"),
                ("jose +1 713-555-0100", "jose 17135550100"),
                ("+1 713 55", "171355"),
                ("0049 30 123456", "4930123456"),
                ("ford 2019", "ford 2019"),
            ],
        );
        check(|text| query(text, None), &[("(713) 555-0100", "7135550100"), ("030 123 456 78", "3012345678")]);
    }

    #[test]
    fn words_keep_their_order_within_a_text() {
        assert_eq!(words(["Jose Garcia", "jose", "de la de la"]), ["jose", "garcia", "", "de", "la", "de", "la"]);
        // What an index cannot hold is left out, without bringing together what stood apart.
        let often = "a ".repeat(MOST_OF_ONE) + "b a c";
        assert_eq!(words([often.as_str()])[MOST_OF_ONE..], ["b", "", "c"]);
        let long: String = (0..20_000).flat_map(|n| [format!("{n:03}"), " ".to_owned()]).collect();
        assert!((15_000..=MOST_WORDS).contains(&words([long.as_str()]).len()));
        let bytes: usize = words([long.replace(' ', "aaaa ").as_str()]).iter().map(String::len).sum();
        assert!((MOST_BYTES - 10..=MOST_BYTES).contains(&bytes));
    }
}
