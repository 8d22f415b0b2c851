//! Where a person may be, from the little that is known: a zone, an address, a phone number.
//!
//! A number says less than people think: area codes have several zones, and mobiles move. So the answer is all the zones
//! that are possible, and whoever asks for the time of day has to mind every one of them.

mod place;
mod tables;
#[cfg(test)]
mod tests;

pub use place::Place;

use self::tables::tables;
use crate::{Phone, calendar::Zone};

/// States whose law takes whoever has a number of theirs for a resident, wherever the person lives.
///
/// Source: Fla. Stat. 501.059(8)(d); Oklahoma Telephone Solicitation Act of 2022, Okla. Stat. tit. 15, 775C.1 and following.
const PRESUMING: [&str; 2] = ["US-FL", "US-OK"];

/// What is known about where somebody is; all of it may be missing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clues<'a> {
    pub phone: Option<&'a Phone>,
    /// The zone somebody has set or said.
    pub zone: Option<&'a Zone>,
    /// Of the address: ISO 3166 alpha-2, in any case. What is no country is taken as missing.
    pub country: Option<&'a str>,
    /// Of the address, in the United States and Canada: its two letters, its ISO 3166-2 code or its English name, in any
    /// case. What is no state of the country is taken as missing.
    pub state: Option<&'a str>,
}

/// Where somebody may be. It holds whatever is possible, not what is likely.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The candidates, each once; empty only if nothing is known.
    pub zones: Vec<Zone>,
    /// The country of the address, else of the number.
    pub country: Option<Place>,
    /// The states whose law may hold: that of the address, else those of the area code; and the area code's in any case
    /// where that state presumes its residents by it. Each once.
    pub states: Vec<Place>,
    /// The state of the area code, wherever the address is; none for an area code of several.
    pub presumed: Option<Place>,
}

impl Whereabouts {
    /// Where somebody of whom this is known may be.
    ///
    /// An explicit zone is the only candidate. Else those of the address are: of its state, or, abroad from the number,
    /// of its country. Else those of the number's prefix, or of its whole country where the prefix is not known or, such as
    /// a toll-free one, of no region. A number of a state that presumes its residents by it adds its zones to those of
    /// the address.
    pub fn of(clues: &Clues<'_>) -> Self {
        let tables = tables();
        let digits = clues.phone.map_or("", Phone::digits);
        let area = tables.states_of_number(digits);
        let presumed = if let [state] = area { Some(*state) } else { None };
        // The table is quicker than the numbering plans, and says the same.
        let of_number = area.first().map(|state| state.country());
        let of_number = of_number.or_else(|| Place::parse(clues.phone?.country()?).ok());
        let of_address = clues.country.and_then(|country| Place::parse(country.trim()).ok());

        let home = of_address.or(of_number);
        let state = clues.state.map(str::trim).and_then(|text| {
            let coded = Place::written(text).filter(|place| !place.is_country()).and_then(|place| tables.known(place));
            let agrees = |place: &Place| of_address.is_none_or(|country| country.covers(*place));
            coded.filter(agrees).or_else(|| tables.state(home?.country(), text))
        });
        let state = state.or_else(|| of_address.filter(|place| !place.is_country()));
        let country = state.or(home).map(Place::country);

        let mut states: Vec<Place> = state.into_iter().collect();
        let at_home = of_number.is_some_and(|number| country == Some(number.country()));
        if states.is_empty() && at_home {
            states.extend(area);
        }
        let resident = presumed.filter(|state| PRESUMING.contains(&state.as_str()));
        add(&mut states, resident);

        let number = || {
            let zones = tables.zones_of_number(digits);
            if zones.is_empty() { of_number.map_or(zones, |place| tables.zones_of(place)) } else { zones }
        };
        let zones = match (clues.zone, state) {
            (Some(zone), _) => vec![zone.clone()],
            (None, None) if at_home => number(),
            (None, state) => {
                let mut zones = state.or(country).map_or_else(number, |place| tables.zones_of(place));
                add(&mut zones, resident.into_iter().flat_map(|_| number()));
                zones
            }
        };
        Self { zones, country, states, presumed }
    }

    /// Whether the person may be in a country or state.
    pub fn may_be_in(&self, place: Place) -> bool {
        self.country.is_some_and(|country| place.covers(country))
            || self.states.iter().any(|state| place.covers(*state))
    }
}

/// Adds what is not there yet.
fn add<T: PartialEq>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}
