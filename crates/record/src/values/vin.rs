//! Vehicle identification numbers.

use std::{fmt, str::FromStr};

/// Seventeen characters by ISO 3779, in capitals, without I, O and Q.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vin([u8; 17]);

impl Vin {
    const LENGTH: &'static str = "expected 17 characters";
    const CHARACTER: &'static str = "expected digits and letters other than I, O and Q";
    const CHECK_DIGIT: &'static str = "the check digit (9th character) does not match the others";

    /// Reads a VIN in either case, with spaces or dashes around its parts.
    ///
    /// The check digit is enforced only where it is the law (49 CFR 565.15, North America: the number starts with
    /// 1 to 5); European makers use that place freely.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut vin = [0; 17];
        let mut length = 0;
        for c in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let c = c.to_ascii_uppercase();
            if value(c).is_none() {
                return Err(Self::CHARACTER);
            }
            *vin.get_mut(length).ok_or(Self::LENGTH)? = c as u8;
            length += 1;
        }
        if length != vin.len() {
            return Err(Self::LENGTH);
        }
        let vin = Self(vin);
        if vin.is_north_american() && !vin.has_check_digit() {
            return Err(Self::CHECK_DIGIT);
        }
        Ok(vin)
    }

    pub fn as_str(&self) -> &str {
        // Only ASCII digits and letters are ever stored.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// World manufacturer identifier: the maker.
    pub fn wmi(&self) -> &str {
        &self.as_str()[..3]
    }

    pub fn is_north_american(&self) -> bool {
        matches!(self.0[0], b'1'..=b'5')
    }

    /// Whether the ninth character is the check digit of the others.
    pub fn has_check_digit(&self) -> bool {
        self.0[8] == self.check_digit()
    }

    fn check_digit(&self) -> u8 {
        const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
        let sum: u32 = self.0.iter().zip(WEIGHTS).map(|(c, weight)| value(char::from(*c)).unwrap_or(0) * weight).sum();
        match sum % 11 {
            10 => b'X',
            digit => b'0' + digit as u8,
        }
    }
}

/// The number a character stands for in the check sum.
fn value(c: char) -> Option<u32> {
    Some(match c {
        '0'..='9' => u32::from(c) - u32::from('0'),
        'A'..='H' => u32::from(c) - u32::from('A') + 1,
        'J'..='N' => u32::from(c) - u32::from('J') + 1,
        'P' => 7,
        'R' => 9,
        'S'..='Z' => u32::from(c) - u32::from('S') + 2,
        _ => return None,
    })
}

impl FromStr for Vin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Debug for Vin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}***", self.wmi())
    }
}

super::text_value!(
    Vin,
    "vin",
    "17 characters without I, O and Q; the check digit must be right on a North American car."
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vins_are_checked_by_length_alphabet_and_where_due_check_digit() {
        for (text, expected) in [
            ("1HGCM82633A004352", Ok("1HGCM82633A004352")),
            ("1hgcm82633a004352", Ok("1HGCM82633A004352")),
            (" 1HGCM-82633-A004352 ", Ok("1HGCM82633A004352")),
            ("1M8GDM9AXKP042788", Ok("1M8GDM9AXKP042788")),
            ("11111111111111111", Ok("11111111111111111")),
            ("1HGCM82643A004352", Err(Vin::CHECK_DIGIT)),
            ("5GZCZ43D13S812716", Err(Vin::CHECK_DIGIT)),
            ("WVWZZZ1JZ3W386752", Ok("WVWZZZ1JZ3W386752")),
            ("ZFA22300005556777", Ok("ZFA22300005556777")),
            ("1HGCM82633A00435", Err(Vin::LENGTH)),
            ("1HGCM82633A0043521", Err(Vin::LENGTH)),
            ("", Err(Vin::LENGTH)),
            ("WVWZZZ1JZ3W38675O", Err(Vin::CHARACTER)),
            ("IVWZZZ1JZ3W386752", Err(Vin::CHARACTER)),
            ("WVWZZZ1JZ3W38675\0", Err(Vin::CHARACTER)),
            ("WVWZZZ1JZ3W38675é", Err(Vin::CHARACTER)),
        ] {
            assert_eq!(Vin::parse(text).as_ref().map(Vin::as_str).map_err(|reason| *reason), expected, "{text:?}");
        }
    }
}
