//! Makes and models by stable numbers: those of the shipped catalogue, and for any other name a number made of it.
//!
//! A number means the same on every server and for every dealer. Names are known in any case and with or without accents.

mod hsn;
mod vin;

use std::{collections::HashMap, sync::LazyLock};

use crate::text::folded;

pub use hsn::hsn_make;
pub use vin::{Origin, vin_origin};

const TEXT: &str = include_str!("catalogue/catalogue.txt");

/// Numbers made of a name begin here, far above those of the catalogue, and end before 2^31.
const MADE: i64 = 1_000_000_000;

/// Other names that makes go by, folded, and how the catalogue calls them.
const ALSO: &[(&str, &str)] = &[
    ("alfa", "Alfa Romeo"),
    ("chevy", "Chevrolet"),
    ("ds", "DS Automobiles"),
    ("landrover", "Land Rover"),
    ("mercedes", "Mercedes-Benz"),
    ("mercedes amg", "Mercedes-Benz"),
    ("vauxhall", "Opel"),
    ("vw", "Volkswagen"),
];

#[derive(Debug)]
pub struct Make {
    pub id: i64,
    pub name: &'static str,
    pub models: Vec<Model>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    pub id: i64,
    pub name: &'static str,
}

struct Catalogue {
    makes: Vec<Make>,
    by_name: HashMap<String, usize>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut makes: Vec<Make> = Vec::new();
    for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
        let Some((id, name)) = line.trim_start().split_once(' ') else { continue };
        let Ok(id) = id.parse() else { continue };
        match makes.last_mut().filter(|_| line.starts_with('\t')) {
            Some(make) => make.models.push(Model { id, name }),
            None => makes.push(Make { id, name, models: Vec::new() }),
        }
    }
    let mut by_name: HashMap<String, usize> =
        makes.iter().enumerate().map(|(at, make)| (folded(make.name), at)).collect();
    for (name, known) in ALSO {
        if let Some(at) = by_name.get(&folded(known)).copied() {
            by_name.entry((*name).to_owned()).or_insert(at);
        }
    }
    Catalogue { makes, by_name }
});

/// All makes, in the order of their names.
pub fn makes() -> &'static [Make] {
    &CATALOGUE.makes
}

/// The make of this name, or of one it goes by too.
pub fn make(name: &str) -> Option<&'static Make> {
    CATALOGUE.by_name.get(&folded(name)).map(|at| &CATALOGUE.makes[*at])
}

/// The make with this number, if it is one of the catalogue.
pub fn make_by_id(id: i64) -> Option<&'static Make> {
    CATALOGUE.makes.iter().find(|make| make.id == id)
}

/// The number of a make.
pub fn make_id(name: &str) -> i64 {
    make(name).map_or_else(|| made(&folded(name)), |make| make.id)
}

/// The number of a model of a make.
pub fn model_id(make_name: &str, name: &str) -> i64 {
    let known = make(make_name).and_then(|make| make.model(name));
    known.map_or_else(|| made(&format!("{} / {}", folded(make_name), plain(name))), |model| model.id)
}

impl Make {
    /// The model of this name.
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| plain(model.name) == plain(name))
    }
}

/// A model's name as it is compared: a sign is part of it, as in Ka and Ka+.
fn plain(name: &str) -> String {
    let sign = if name.trim_end().ends_with('+') { "+" } else { "" };
    format!("{}{sign}", folded(name))
}

/// A number made of a name (FNV-1a).
fn made(name: &str) -> i64 {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    MADE + (hash % MADE as u64) as i64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_number_and_every_name_is_given_once() {
        let makes = makes();
        let models: Vec<&Model> = makes.iter().flat_map(|make| &make.models).collect();
        assert!(makes.len() >= 60 && models.len() >= 900, "{} makes, {} models", makes.len(), models.len());
        assert_eq!(makes.iter().map(|make| make.id).collect::<HashSet<_>>().len(), makes.len());
        assert_eq!(models.iter().map(|model| model.id).collect::<HashSet<_>>().len(), models.len());
        assert!(makes.iter().all(|make| make.id < MADE) && models.iter().all(|model| model.id < MADE));
        assert_eq!(makes.iter().map(|make| folded(make.name)).collect::<HashSet<_>>().len(), makes.len());
        for make in makes {
            let names: HashSet<String> = make.models.iter().map(|model| plain(model.name)).collect();
            assert_eq!(names.len(), make.models.len(), "{}", make.name);
            assert!(!make.models.is_empty(), "{}", make.name);
        }
    }

    #[test]
    fn numbers_do_not_change() {
        for (make, model, expected) in [
            ("Audi", "A4", (190, 3813)),
            ("AUDI", "a4", (190, 3813)),
            ("VW", "Golf", (make_id("Volkswagen"), model_id("Volkswagen", "Golf"))),
            ("Skoda", "Octavia", (make_id("Škoda"), model_id("Škoda", "Octavia"))),
            ("Veilmobile", "X", (1_716_149_427, 1_474_669_706)),
        ] {
            assert_eq!((make_id(make), model_id(make, model)), expected, "{make} {model}");
        }
        assert_ne!(model_id("Ford", "Ka"), model_id("Ford", "Ka+"));
        assert_ne!(model_id("Veilmobile", "Y"), model_id("Veilmobile", "X"));
    }
}
