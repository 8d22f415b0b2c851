//! Phone numbers: any writing of a line becomes one value.

use std::{fmt, str::FromStr};

use super::numbering;

/// A phone line in E.164, `+` and up to 15 digits, in the one form that stands for all its national variants:
/// Brazilian mobiles with their ninth digit, Mexican numbers without the old 1, Argentine mobiles with the 9.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(Box<str>);

const EXPECTED: &str = "expected a phone number, such as +1 713 555 0100";
const COUNTRY: &str = "expected the country code too, such as +1 713 555 0100";

impl Phone {
    /// Reads a number in any writing: spaces, dashes, dots, brackets, `00` or the region's own international prefix,
    /// the national trunk digit (also as `+44 (0)20`), an extension (dropped).
    ///
    /// `region` is ISO 3166 alpha-2 and says how to read a number without a country code. A number must have the
    /// shape of its country's plan, not belong to a known range of it: ranges open faster than any table, and a lead
    /// refused for that is a lead lost.
    pub fn parse(text: &str, region: Option<&str>) -> Result<Self, &'static str> {
        let written = Written::read(text).ok_or(EXPECTED)?;
        let (code, national) =
            numbering::line(&written.digits, written.plus, region).map_err(|failure| match failure {
                numbering::Failure::NoCountry => COUNTRY,
                numbering::Failure::UnknownCountry => "the country code is not in use",
                numbering::Failure::NoSuchNumber => "no number of that country looks like this",
            })?;
        Ok(Self(format!("+{code}{national}").into()))
    }

    /// E.164 with its `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// E.164 without the `+`: the form of WhatsApp ids and of search.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }

    /// The number without its country code.
    pub fn national(&self) -> &str {
        numbering::national(self.digits())
    }

    /// ISO 3166 alpha-2, where the numbering plan tells; None for shared codes such as +800.
    pub fn country(&self) -> Option<&'static str> {
        numbering::country(self.digits())
    }
}

/// What was written, cleaned of its punctuation.
struct Written {
    plus: bool,
    digits: String,
}

impl Written {
    fn read(text: &str) -> Option<Self> {
        const LONGEST: usize = 64;
        let text = text.trim();
        if text.len() > LONGEST {
            return None;
        }
        let text = text.strip_prefix("tel:").unwrap_or(text);
        let mut written = Self { plus: false, digits: String::with_capacity(16) };
        for (at, c) in text.char_indices() {
            match c {
                '+' | '\u{ff0b}' if written.digits.is_empty() && !written.plus => {
                    written.plus = true;
                }
                _ if is_punctuation(c) => {}
                _ if is_extension(&text[at..]) && written.digits.len() > 4 => break,
                _ => written.digits.push(digit(c)?),
            }
        }
        (!written.digits.is_empty()).then_some(written)
    }
}

/// Whatever people and spreadsheets put between digits, invisible direction marks included.
fn is_punctuation(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '.' | '/' | '(' | ')' | '[' | ']' | '_' | '~' | '·' | '\u{ad}' | '\u{2010}'..='\u{2015}')
        || matches!(c, '\u{2212}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// `x12`, `ext. 12`, `#12`, or the parameters of a `tel:` address.
fn is_extension(rest: &str) -> bool {
    if rest.starts_with(';') {
        return true;
    }
    let rest = rest.to_lowercase();
    let words = ["extension", "extn", "ext", "x", "#", ","];
    words.iter().find_map(|word| rest.strip_prefix(word)).is_some_and(|number| {
        let number = number.trim_start_matches(['.', ':', ' ']);
        !number.is_empty() && number.len() <= 7 && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The ASCII digit of a digit in the scripts phones are typed in: Latin, full-width, Arabic, Persian, Devanagari.
fn digit(c: char) -> Option<char> {
    let zero = match c {
        '0'..='9' => return Some(c),
        '\u{ff10}'..='\u{ff19}' => 0xff10,
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        '\u{966}'..='\u{96f}' => 0x966,
        _ => return None,
    };
    char::from_digit(u32::from(c) - zero, 10)
}

impl FromStr for Phone {
    type Err = &'static str;

    /// Reads a number that carries its country code behind a `+`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim_start().starts_with('+') { Self::parse(text, None) } else { Err(COUNTRY) }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        write!(f, "+{}***{}", &digits[..digits.len().min(4)], &digits[digits.len().saturating_sub(2)..])
    }
}

super::text_value!(Phone, "phone", "A phone number with its country code, in any writing; answered as E.164.");

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[track_caller]
    fn check(region: &str, texts: &[&str], expected: &str) {
        let region = Some(region).filter(|region| !region.is_empty());
        for text in texts {
            let read = Phone::parse(text, region);
            assert_eq!(read.as_ref().map_or_else(|reason| *reason, Phone::as_str), expected, "{text:?} in {region:?}");
        }
    }

    #[test]
    fn every_writing_of_a_line_is_one_value() {
        let houston = [
            "(713) 555-0100",
            "713-555-0100",
            "713.555.0100",
            "7135550100",
            "1 713 555 0100",
            "17135550100",
            "+1 (713) 555-0100",
            "+17135550100",
            "001 713 555 0100",
            "011 1 713 555 0100",
            "tel:+1-713-555-0100",
            "+1 713 555 0100 ext. 42",
            "(713) 555-0100 x42",
            "+1-713-555-0100;ext=42",
            "\u{202a}+1 713 555\u{a0}0100\u{202c}",
            "＋１７１３５５５０１００",
        ];
        check("US", &houston, "+17135550100");
        check("us", &["713 555 0100"], "+17135550100");
        check("DE", &["+1 713 555 0100", "001 713 555 0100", "00 1 713-555-0100"], "+17135550100");
        let berlin = [
            "030 123456",
            "030/123456",
            "(030) 12 34 56",
            "+49 30 123456",
            "+49 (0)30 123456",
            "0049 30 123456",
            "4930123456",
        ];
        check("DE", &berlin, "+4930123456");
        check("DE", &["0151 23456789", "+49 151 23456789", "4915123456789", "49 (0) 151 23456789"], "+4915123456789");
        check("US", &["011 49 30 123456", "0049 30 123456", "+49 30 123456"], "+4930123456");
        check(
            "GB",
            &["020 7946 0018", "+44 20 7946 0018", "+44 (0)20 7946 0018", "00442079460018", "442079460018"],
            "+442079460018",
        );
        check("GB", &["07700 900123", "+44 7700 900123"], "+447700900123");
        check("IT", &["06 1234 5678", "+39 06 1234 5678", "0039 06 12345678"], "+390612345678");
        check("IT", &["333 123 4567", "+39 333 1234567", "393331234567"], "+393331234567");
        check("ES", &["612 345 678", "+34 612345678", "34612345678", "0034 612 345 678"], "+34612345678");
        check("FR", &["06 12 34 56 78", "+33 6 12 34 56 78", "+33 (0) 6 12 34 56 78"], "+33612345678");
        check("AT", &["0664 1234567", "+43 664 1234567", "436641234567"], "+436641234567");
        check("CH", &["079 123 45 67", "+41 79 123 45 67"], "+41791234567");
        check("RU", &["8 800 555 35 35", "+7 800 555 35 35", "78005553535"], "+78005553535");
        check("RU", &["8 912 345-67-89", "+79123456789"], "+79123456789");
        check("HU", &["06 20 123 4567", "+36 20 123 4567", "+36 06 20 123 4567"], "+36201234567");
        check("BS", &["365 1234", "1 242 365 1234", "+1 242 365 1234"], "+12423651234");
        check("JP", &["090-1234-5678", "+81 90 1234 5678"], "+819012345678");
        check("IN", &["098765 43210", "+91 ९८७६५ ४३२१०"], "+919876543210");
    }

    #[test]
    fn national_variants_are_one_value() {
        let brazil = ["(11) 91234-5678", "11 1234-5678", "(11) 8234-5678"];
        check("BR", &brazil[..1], "+5511912345678");
        check(
            "BR",
            &[
                "(11) 98234-5678",
                "(11) 8234-5678",
                "011 8234 5678",
                "0 15 11 8234 5678",
                "+55 11 8234-5678",
                "551182345678",
            ],
            "+5511982345678",
        );
        check("BR", &["(11) 3234-5678", "+55 11 3234 5678"], "+551132345678");
        check("", &["+5521998765432", "+552198765432"], "+5521998765432");
        let mexico = [
            "55 1234 5678",
            "01 55 1234 5678",
            "044 55 1234 5678",
            "045 55 1234 5678",
            "1 55 1234 5678",
            "+52 55 1234 5678",
            "+52 1 55 1234 5678",
            "+52 044 55 1234 5678",
            "5215512345678",
            "0052 1 55 1234 5678",
        ];
        check("MX", &mexico, "+525512345678");
        let argentina = [
            "011 15 2345-6789",
            "11 15 2345 6789",
            "9 11 2345 6789",
            "11 2345 6789",
            "+54 9 11 2345 6789",
            "+54 11 15 2345 6789",
            "+54 11 2345 6789",
            "5491123456789",
            "0054 9 11 2345 6789",
        ];
        check("AR", &argentina, "+5491123456789");
        check("AR", &["0351 15 234 5678", "+54 351 234 5678", "+54 9 351 234 5678"], "+5493512345678");
        // Subscriber numbers that begin with 4 are the historic landlines; with a 9 or 15 said, mobiles all the same.
        check("AR", &["011 4321-5678", "+54 11 4321 5678"], "+541143215678");
        check("AR", &["0351 423 4567", "+54 351 4234567"], "+543514234567");
        check("AR", &["011 15 4321-5678", "+54 9 11 4321 5678"], "+5491143215678");
        check("AR", &["0800 222 1234", "+54 800 222 1234"], "+548002221234");
    }

    #[test]
    fn what_is_no_number_is_refused_with_the_reason() {
        check(
            "US",
            &["", "abc", "call me", "713-555-01oo", "someletters1110@gmail.com", "+", "12\u{0}345678", "1+7135550100"],
            EXPECTED,
        );
        check("US", &["+1 713 555 0100 and more"], EXPECTED);
        check("", &["713 555 0100", "17135550100", "030 123456"], COUNTRY);
        check("XX", &["713 555 0100"], COUNTRY);
        let (unknown, no_such) = ("the country code is not in use", "no number of that country looks like this");
        check("", &["+999 123 456 789", "+0 123 456"], unknown);
        check(
            "US",
            &["555-0100", "713 555 010", "713 555 01000", "0000000000", "+1 000 000 0000", "+1 713", "+17135550100123"],
            no_such,
        );
        check("DE", &["123", "0", "+49 30 0", "+49"], no_such);
        check("", &["+491512345678901234567890"], no_such);
    }

    #[test]
    fn the_country_is_told_by_the_plan() {
        for (text, country) in [
            ("+17135550100", Some("US")),
            ("+14165550100", Some("CA")),
            ("+12423651234", Some("BS")),
            ("+4930123456", Some("DE")),
            ("+390612345678", Some("IT")),
            ("+447700900123", Some("GB")),
            ("+79123456789", Some("RU")),
            ("+77012345678", Some("KZ")),
            ("+525512345678", Some("MX")),
            ("+80012345678", None),
        ] {
            assert_eq!(text.parse::<Phone>().unwrap().country(), country, "{text}");
        }
    }

    #[test]
    fn logs_see_no_number_and_json_needs_the_country() {
        let phone: Phone = serde_json::from_str("\"+1 713-555-0100\"").unwrap();
        assert_eq!(format!("{phone:?}"), "+1713***00");
        assert_eq!(serde_json::to_string(&phone).unwrap(), "\"+17135550100\"");
        assert_eq!(phone.digits(), "17135550100");
        assert!(serde_json::from_str::<Phone>("\"713-555-0100\"").is_err());
    }

    #[test]
    fn a_value_reads_back_as_itself() {
        for text in
            ["+5511982345678", "+525512345678", "+5491123456789", "+541143215678", "+390612345678", "+78005553535"]
        {
            assert_eq!(text.parse::<Phone>().unwrap().as_str(), text);
        }
    }
}
