//! What a company is known by to banks and to the tax office.

use iban::Iban;

/// Whether this is an IBAN (ISO 13616): the length and form of its country, and the check digits modulo 97. Spaces and the
/// case of letters do not matter.
pub fn iban(text: &str) -> Result<(), &'static str> {
    const EXPECTED: &str = "expected an IBAN whose check digits are right, such as DE89 3704 0044 0532 0130 00";
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    plain.parse::<Iban>().map(drop).map_err(|_| EXPECTED)
}

/// Whether this is a BIC (ISO 9362): four letters or digits of the party, two letters of the country, two of the place, and perhaps three
/// of the branch.
pub fn bic(text: &str) -> Result<(), &'static str> {
    const EXPECTED: &str = "expected a BIC of 8 or 11 characters, such as COBADEFFXXX";
    let plain = text.trim().to_ascii_uppercase();
    if fits(&plain, "XXXXAAXX") || fits(&plain, "XXXXAAXXXXX") { Ok(()) } else { Err(EXPECTED) }
}

/// Whether this is a VAT identification number with the letters of its country before it, as Council Directive 2006/112/EC, article 215,
/// and the member states write it. Of countries whose form is not known here, two letters and up to 13 letters and
/// digits. Spaces, dots and dashes do not matter.
pub fn vat_id(text: &str) -> Result<(), &'static str> {
    const EXPECTED: &str = "expected a VAT identification number with its country, such as DE123456789";
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-'))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let (country, rest) = plain.split_at_checked(2).ok_or(EXPECTED)?;
    let known = VAT_IDS.iter().find(|(code, _)| *code == country);
    let is_right = match known {
        Some((_, forms)) => forms.split(' ').any(|form| fits(rest, form)),
        None => {
            fits(country, "AA") && (2..=13).contains(&rest.len()) && rest.bytes().all(|c| c.is_ascii_alphanumeric())
        }
    };
    if is_right { Ok(()) } else { Err(EXPECTED) }
}

/// What follows the country: `9` is a digit, `A` a letter, `X` either, anything in lower case its own capital.
const VAT_IDS: &[(&str, &str)] = &[
    ("AT", "u99999999"),
    ("BE", "9999999999"),
    ("BG", "999999999 9999999999"),
    ("CH", "e999999999 e999999999mwst e999999999tva e999999999iva"),
    ("CY", "99999999A"),
    ("CZ", "99999999 999999999 9999999999"),
    ("DE", "999999999"),
    ("DK", "99999999"),
    ("EE", "999999999"),
    ("EL", "999999999"),
    ("ES", "X9999999X"),
    ("FI", "99999999"),
    ("FR", "XX999999999"),
    ("GB", "999999999 999999999999 gd999 ha999"),
    ("HR", "99999999999"),
    ("HU", "99999999"),
    ("IE", "9X99999A 9X99999AA"),
    ("IT", "99999999999"),
    ("LT", "999999999 999999999999"),
    ("LU", "99999999"),
    ("LV", "99999999999"),
    ("MT", "99999999"),
    ("NL", "XXXXXXXXXb99"),
    ("NO", "999999999 999999999mva"),
    ("PL", "9999999999"),
    ("PT", "999999999"),
    ("RO", "99 999 9999 99999 999999 9999999 99999999 999999999 9999999999"),
    ("SE", "999999999999"),
    ("SI", "99999999"),
    ("SK", "9999999999"),
    ("XI", "999999999 999999999999 gd999 ha999"),
];

fn fits(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(c, wanted)| match wanted {
            b'9' => c.is_ascii_digit(),
            b'A' => c.is_ascii_uppercase(),
            b'X' => c.is_ascii_uppercase() || c.is_ascii_digit(),
            other => c == other.to_ascii_uppercase(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibans_are_checked_by_country_and_modulo_97() {
        for (text, good) in [
            ("DE89370400440532013000", true),
            (" de89 3704 0044 0532 0130 00 ", true),
            ("GB82 WEST 1234 5698 7654 32", true),
            ("FR1420041010050500013M02606", true),
            ("DE88370400440532013000", false),
            ("DE8937040044053201300", false),
            ("ZZ89370400440532013000", false),
            ("", false),
            ("DE89 3704 0044 0532 0130 0ü", false),
        ] {
            assert_eq!(iban(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn bics_have_8_or_11_characters() {
        for (text, good) in [
            ("COBADEFFXXX", true),
            ("cobadeff", true),
            ("DEUTDEDBBER", true),
            ("COBADEFFXX", false),
            ("COBA1EFF", false),
            ("COBADEF", false),
            ("CÖBADEFF", false),
        ] {
            assert_eq!(bic(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn vat_ids_have_the_form_of_their_country() {
        for (text, good) in [
            ("DE123456789", true),
            ("de 123 456 789", true),
            ("DE12345678", false),
            ("ATU12345678", true),
            ("AT12345678", false),
            ("NL123456789B01", true),
            ("NL123456789C01", false),
            ("CHE-123.456.788 MWST", true),
            ("FRXX123456789", true),
            ("ESB1234567C", true),
            ("US123456789", true),
            ("123456789", false),
            ("D", false),
            ("Ü1", false),
            ("", false),
        ] {
            assert_eq!(vat_id(text).is_ok(), good, "{text}");
        }
    }
}
