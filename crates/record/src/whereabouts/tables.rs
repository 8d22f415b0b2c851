//! The shipped tables, read at the first question: prefixes, area codes, states and countries, with their zones.
//!
//! What is kept of them is small: numbers in sorted arrays, each name of a zone once, its clock only once it is asked for.

use std::{
    collections::{BTreeSet, HashMap},
    str::FromStr,
    sync::{LazyLock, OnceLock},
};

use super::Place;
use crate::calendar::Zone;

const PREFIXES: &str = include_str!("prefixes.txt");
const AREA_CODES: &str = include_str!("area-codes.txt");
const STATES: &str = include_str!("states.txt");
const COUNTRIES: &str = include_str!("countries.txt");

/// No prefix is longer; as a number, such a one fits 32 bits.
const LONGEST_PREFIX: usize = 9;

/// Countries whose states are known, with the calling code that both have.
const BY_STATE: [&str; 2] = ["US", "CA"];
const NORTH_AMERICA: u32 = 1;

/// Territories of the United States that are countries of ISO 3166 too. An unknown number is not taken to be there.
const TERRITORIES: [&str; 5] = ["AS", "GU", "MP", "PR", "VI"];

pub(super) struct Tables {
    /// Prefixes as numbers, ascending: none begins with a zero, so its digits and its value tell the same.
    prefixes: Box<[u32]>,
    /// Of each prefix, which of `sets` has its zones.
    zones_of: Box<[u16]>,
    /// Area codes of +1 and which of `shared` has their states, ascending.
    area_codes: Box<[(u16, u16)]>,
    /// The states of area codes; most are of one.
    shared: Box<[Box<[Place]>]>,
    /// Countries and states, ascending.
    places: Box<[Known]>,
    /// Zones, by their place in `zones`.
    sets: Box<[Box<[u16]>]>,
    zones: Box<[Named]>,
}

/// A zone by its name; none inside where its clock is not known to this system.
type Named = (&'static str, OnceLock<Option<Zone>>);

struct Known {
    place: Place,
    /// Of states; empty for countries.
    name: &'static str,
    zones: u16,
}

pub(super) fn tables() -> &'static Tables {
    static TABLES: LazyLock<Tables> = LazyLock::new(Tables::read);
    &TABLES
}

impl Tables {
    /// The place, if there is one; a territory of the United States as a state of it.
    pub fn known(&self, place: Place) -> Option<Place> {
        let of_the_states = TERRITORIES.contains(&place.as_str()).then(|| Place::written("US")).flatten();
        let place = of_the_states.map_or(Some(place), |country| Place::state_of(country, place.as_str()))?;
        self.find(place).map(|known| known.place)
    }

    /// The state of a country with this code or English name.
    pub fn state(&self, country: Place, text: &str) -> Option<Place> {
        let coded = Place::state_of(country, text).and_then(|place| self.known(place));
        coded.or_else(|| {
            let named = |known: &&Known| known.place.country() == country && known.name.eq_ignore_ascii_case(text);
            self.places.iter().find(|known| !known.place.is_country() && named(known)).map(|known| known.place)
        })
    }

    /// All zones of a country or state; none when a zone's clock is not known to this system.
    pub fn zones_of(&self, place: Place) -> Vec<Zone> {
        self.find(place).map_or_else(Vec::new, |known| self.set(known.zones))
    }

    /// All zones that the longest known prefix of a number may mean, from its E.164 digits. None for numbers of +1 that have
    /// no known area code: that prefix alone would mean half the globe.
    pub fn zones_of_number(&self, digits: &str) -> Vec<Zone> {
        let longest = (1..=digits.len().min(LONGEST_PREFIX)).rev().find_map(|length| {
            let prefix = digits.get(..length)?.parse().ok()?;
            self.prefixes.binary_search(&prefix).ok()
        });
        match longest {
            Some(at) if self.prefixes[at] != NORTH_AMERICA => self.set(self.zones_of[at]),
            _ => Vec::new(),
        }
    }

    /// The states of a number's area code, from its E.164 digits; none outside of the United States and Canada.
    pub fn states_of_number(&self, digits: &str) -> &[Place] {
        let code = digits.strip_prefix('1').and_then(|rest| rest.get(..3)?.parse::<u16>().ok());
        let at = code.and_then(|code| self.area_codes.binary_search_by_key(&code, |(code, _)| *code).ok());
        at.map_or(&[], |at| &self.shared[usize::from(self.area_codes[at].1)])
    }

    fn find(&self, place: Place) -> Option<&Known> {
        self.places.binary_search_by_key(&place, |known| known.place).ok().map(|at| &self.places[at])
    }

    /// A candidate that cannot be told the time of makes the others worthless.
    fn set(&self, at: u16) -> Vec<Zone> {
        let zone = |at: &u16| {
            let (name, zone) = &self.zones[usize::from(*at)];
            zone.get_or_init(|| Zone::parse(name).ok()).clone()
        };
        self.sets[usize::from(at)].iter().map(zone).collect::<Option<_>>().unwrap_or_default()
    }

    fn read() -> Self {
        let mut zones = Zones::default();
        let mut prefixes: Vec<(u32, u16)> = Vec::new();
        let mut set = 0;
        for line in lines(PREFIXES) {
            match line.strip_prefix('\t') {
                None => set = zones.set(line.split(' ')),
                Some(below) => prefixes.extend(numbers(below).map(|prefix| (prefix, set))),
            }
        }
        prefixes.sort_unstable();

        let mut shared: Vec<Box<[Place]>> = Vec::new();
        let mut area_codes: Vec<(u16, u16)> = Vec::new();
        for line in lines(AREA_CODES) {
            match line.strip_prefix('\t') {
                None => shared.push(line.split(' ').filter_map(Place::written).collect()),
                Some(below) => area_codes.extend(numbers(below).map(|code| (code, shared.len() as u16 - 1))),
            }
        }
        area_codes.sort_unstable();

        let mut places: Vec<Known> = Vec::new();
        let mut all: [BTreeSet<&'static str>; 2] = Default::default();
        for line in lines(STATES) {
            let mut parts = line.splitn(3, ' ');
            let (Some(code), Some(names), Some(name)) = (parts.next(), parts.next(), parts.next()) else { continue };
            let Some(place) = Place::written(code) else { continue };
            places.push(Known { place, name, zones: zones.set(names.split(',')) });
            if let Some(country) = BY_STATE.iter().position(|country| place.country().as_str() == *country)
                && !TERRITORIES.contains(&&code[3..])
            {
                all[country].extend(names.split(','));
            }
        }
        for (country, names) in BY_STATE.iter().zip(all) {
            let zones = zones.set(names.into_iter());
            places.extend(Place::written(country).map(|place| Known { place, name: "", zones }));
        }
        for line in lines(COUNTRIES) {
            let Some((code, names)) = line.split_once(' ') else { continue };
            let zones = zones.set(names.split(' '));
            places.extend(Place::written(code).map(|place| Known { place, name: "", zones }));
        }
        places.sort_unstable_by_key(|known| known.place);

        let (prefixes, zones_of): (Vec<u32>, Vec<u16>) = prefixes.into_iter().unzip();
        Self {
            prefixes: prefixes.into(),
            zones_of: zones_of.into(),
            area_codes: area_codes.into(),
            shared: shared.into(),
            places: places.into(),
            sets: zones.sets.into(),
            zones: zones.names.into_iter().map(|name| (name, OnceLock::new())).collect(),
        }
    }
}

/// Zones and sets of zones, each name once.
#[derive(Default)]
struct Zones {
    names: Vec<&'static str>,
    at: HashMap<&'static str, u16>,
    sets: Vec<Box<[u16]>>,
}

impl Zones {
    fn set(&mut self, names: impl Iterator<Item = &'static str>) -> u16 {
        let set = names.map(|name| {
            *self.at.entry(name).or_insert_with(|| {
                self.names.push(name);
                self.names.len() as u16 - 1
            })
        });
        let set = set.collect();
        self.sets.push(set);
        self.sets.len() as u16 - 1
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

/// The numbers of a line.
fn numbers<N: FromStr>(line: &'static str) -> impl Iterator<Item = N> {
    line.split(' ').filter_map(|number| number.parse().ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_line_of_every_table_is_read() {
        let tables = tables();
        let words = |text| lines(text).filter(|line| line.starts_with('\t')).flat_map(str::split_ascii_whitespace);
        assert_eq!(tables.prefixes.len(), words(PREFIXES).count());
        assert_eq!(tables.area_codes.len(), words(AREA_CODES).count());
        assert_eq!(tables.places.len(), lines(STATES).count() + lines(COUNTRIES).count() + BY_STATE.len());
        assert!(tables.prefixes.len() > 3200, "{}", tables.prefixes.len());
        assert!(tables.prefixes.is_sorted_by(|one, next| one < next), "a prefix is listed twice");
        assert!(tables.area_codes.is_sorted_by(|one, next| one.0 < next.0), "an area code is listed twice");
        assert!(tables.places.is_sorted_by(|one, next| one.place < next.place), "a place is listed twice");
    }

    #[test]
    fn every_zone_has_a_clock_and_every_state_is_one() {
        let tables = tables();
        for (name, _) in &tables.zones {
            assert_eq!(Zone::parse(name).unwrap().as_str(), *name);
        }
        assert!(tables.sets.iter().all(|set| !set.is_empty()));
        for state in tables.shared.iter().flatten() {
            assert!(tables.find(*state).is_some_and(|known| !known.name.is_empty()), "{state}");
        }
    }

    #[test]
    fn the_states_of_an_area_code_know_its_zones() {
        // Every zone of an area code keeps the clock of one of its state's, at noon in winter and in summer. Three have one
        // more, for places whose clock was another once: one too many only makes for less time.
        let tables = tables();
        let clocks = |zones: &[Zone]| -> BTreeSet<String> {
            let days = ["2026-01-15T12:00:00Z", "2026-07-15T12:00:00Z"];
            let show = |zone: &Zone| days.map(|day| zone.local(day.parse().unwrap()).to_string()).join(" ");
            zones.iter().map(show).collect()
        };
        for (code, _) in &tables.area_codes {
            let digits = format!("1{code}5550100");
            let states = tables.states_of_number(&digits).iter().flat_map(|state| tables.zones_of(*state));
            let (number, states) = (clocks(&tables.zones_of_number(&digits)), clocks(&states.collect::<Vec<_>>()));
            let more = usize::from([867, 879, 907].contains(code));
            assert!(!number.is_empty(), "{code}");
            assert_eq!(number.difference(&states).count(), more, "{code}: {number:?} are not all of {states:?}");
        }
    }
}
