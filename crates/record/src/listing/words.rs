//! What dealers write of a car, in English, German and Spanish, and the keys a listing has for it.

use serde_json::Value;

use crate::text::tokens;

/// A key of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Word(&'static str),
    Code(i64),
}

impl Key {
    pub fn value(self) -> Value {
        match self {
            Self::Word(word) => word.into(),
            Self::Code(code) => code.into(),
        }
    }
}

/// A key, and what is written for it: the beginnings of words, blanks between those that all must be there.
pub type Known = (Key, &'static [&'static str]);

/// The first key of which something is written in the text.
pub fn known(known: &'static [Known], text: &str) -> Option<Key> {
    let words = tokens(text);
    let written = |phrase: &&str| phrase.split(' ').all(|part| words.iter().any(|word| word.starts_with(part)));
    known.iter().find(|(_, phrases)| phrases.iter().any(&written)).map(|(key, _)| *key)
}

use Key::{Code, Word};

/// Mixtures before what they are made of.
pub const FUELS: &[Known] = &[
    (
        Word("electricDiesel"),
        &["hybrid diesel", "electricdiesel", "electric diesel", "hibrido diesel", "elektro diesel"],
    ),
    (
        Word("electricGasoline"),
        &[
            "hybrid",
            "hibrid",
            "phev",
            "hev",
            "plug",
            "enchufable",
            "electricgasoline",
            "electric gasoline",
            "elektro benzin",
        ],
    ),
    (Word("cng"), &["cng", "erdgas", "gnc", "natural gas", "gas natural"]),
    (Word("lpg"), &["lpg", "autogas", "glp", "propane", "flussiggas"]),
    (Word("hydrogen"), &["hydrogen", "wasserstoff", "hidrogeno", "fuel cell"]),
    (Word("ethanol"), &["ethanol", "etanol", "e85", "flex"]),
    (Word("electric"), &["electric", "elektr", "bev", "ev"]),
    (Word("diesel"), &["diesel", "gasoleo", "gasoil", "tdi"]),
    (Word("gasoline"), &["gasoline", "benzin", "petrol", "gasolina", "gas", "super", "nafta"]),
];

/// The half before its whole.
pub const TRANSMISSIONS: &[Known] = &[
    (Word("semiAutomatic"), &["semi", "halbautomat"]),
    (Word("automatic"), &["auto", "cvt", "dct", "dsg", "tiptronic"]),
    (Word("manual"), &["manual", "schalt", "handschalt", "stick"]),
];

pub const BODIES: &[Known] = &[
    (Code(1), &["cabrio", "convertible", "roadster", "descapotable", "spider"]),
    (Code(9), &["pickup", "pick", "truck", "crew"]),
    (Code(5), &["suv", "crossover", "gelandewagen", "todoterreno", "off", "4x4"]),
    (Code(3), &["kombi", "wagon", "estate", "familiar", "touring", "variant", "avant", "combi"]),
    (Code(4), &["coupe", "sportwagen", "sport"]),
    (Code(7), &["van", "minivan", "monovolumen", "mpv", "kleinbus", "people"]),
    (Code(8), &["transporter", "furgon", "cargo", "kastenwagen", "panel"]),
    (Code(2), &["kleinwagen", "hatchback", "compact", "kompakt", "city", "supermini", "utilitario", "compacto"]),
    (Code(6), &["limousine", "sedan", "saloon", "berlina", "stufenheck"]),
    (Code(10), &["other", "andere", "sonstige", "otro"]),
];

/// Shades before what they are shades of; compound names by the colour they end in, see [`known`].
pub const COLORS: &[Known] = &[
    (Code(3), &["beige", "sand", "cream", "creme", "ivory", "champagne", "champagner"]),
    (Code(1), &["black", "schwarz", "negro", "negra", "anthra", "ebony"]),
    (Code(9), &["white", "weiss", "wei\u{df}", "blanc", "pearl"]),
    (Code(10), &["silver", "silber", "plata", "platead"]),
    (Code(2), &["grey", "gray", "grau", "gris", "graphit"]),
    (Code(7), &["blue", "blau", "azul", "navy", "navarrablau"]),
    (Code(5), &["red", "rot", "rojo", "roja", "burgundy", "bordeaux", "granate"]),
    (Code(6), &["green", "grun", "verde"]),
    (Code(4), &["brown", "braun", "marron", "bronze", "copper", "kupfer"]),
    (Code(11), &["yellow", "gelb", "amarill"]),
    (Code(12), &["orange", "naranja"]),
    (Code(13), &["gold", "dorado"]),
    (Code(8), &["purple", "violet", "lila", "morado"]),
    (Code(14), &["other", "andere", "otro"]),
];

pub fn is_metallic(color: &str) -> bool {
    tokens(color).iter().any(|word| word.starts_with("metal") || word == "met")
}

pub fn is_plugin(fuel: &str) -> bool {
    tokens(fuel).iter().any(|word| word.starts_with("plug") || word == "phev" || word == "enchufable")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dealers_write_is_understood() {
        for (list, text, expected) in [
            (FUELS, "Gasoline", Some(Word("gasoline"))),
            (FUELS, "Benzin", Some(Word("gasoline"))),
            (FUELS, "gas", Some(Word("gasoline"))),
            (FUELS, "Di\u{e9}sel", Some(Word("diesel"))),
            (FUELS, "Plug-in Hybrid", Some(Word("electricGasoline"))),
            (FUELS, "Diesel/Hybrid", Some(Word("electricDiesel"))),
            (FUELS, "El\u{e9}ctrico", Some(Word("electric"))),
            (FUELS, "Elektro", Some(Word("electric"))),
            (FUELS, "coal", None),
            (TRANSMISSIONS, "Automatik", Some(Word("automatic"))),
            (TRANSMISSIONS, "semi-automatic", Some(Word("semiAutomatic"))),
            (TRANSMISSIONS, "Schaltgetriebe", Some(Word("manual"))),
            (COLORS, "Blau", Some(Code(7))),
            (COLORS, "dark blue", Some(Code(7))),
            (COLORS, "Wei\u{df}", Some(Code(9))),
            (BODIES, "Limousine", Some(Code(6))),
            (BODIES, "Station Wagon", Some(Code(3))),
            (BODIES, "", None),
        ] {
            assert_eq!(known(list, text), expected, "{text}");
        }
    }
}
