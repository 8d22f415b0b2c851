//! Where people may be, by what is known of them.
#![allow(clippy::unwrap_used)]

use super::*;

/// What is known is written as words: a number, `zone:`, `country:`, `state:`; the rest says where that may be: zones,
/// without their continent where it is America, then country, states and the presumed state.
#[track_caller]
fn check(known: &[&str], zones: &str, country: &str, states: &str, presumed: &str) {
    let after = |word: &str| known.iter().find_map(|known| known.strip_prefix(word));
    let phone = known.iter().find(|known| known.starts_with('+')).map(|text| text.parse::<Phone>().unwrap());
    let zone = after("zone:").map(|name| Zone::parse(name).unwrap());
    let clues =
        Clues { phone: phone.as_ref(), zone: zone.as_ref(), country: after("country:"), state: after("state:") };
    let found = Whereabouts::of(&clues);
    let places = |places: &[Place]| places.iter().map(Place::as_str).collect::<Vec<_>>().join(" ");
    let names: Vec<&str> =
        found.zones.iter().map(Zone::as_str).map(|name| name.strip_prefix("America/").unwrap_or(name)).collect();
    assert_eq!(names.join(" "), zones, "zones of {known:?}");
    assert_eq!(found.country.map_or(String::new(), |country| country.to_string()), country, "country of {known:?}");
    assert_eq!(places(&found.states), states, "states of {known:?}");
    assert_eq!(found.presumed.map_or(String::new(), |state| state.to_string()), presumed, "presumed of {known:?}");
}

const ALL_US: &str = "Adak Anchorage Chicago Denver Los_Angeles New_York Phoenix Pacific/Honolulu";

#[test]
fn a_number_alone_may_be_in_all_zones_of_its_prefix() {
    check(&["+17135550100"], "Chicago", "US", "US-TX", "US-TX");
    check(&["+19155550100"], "Denver", "US", "US-TX", "US-TX");
    check(&["+18085550100"], "Pacific/Honolulu", "US", "US-HI", "US-HI");
    check(&["+16025550100"], "Phoenix", "US", "US-AZ", "US-AZ");
    // A listed exchange is of one zone; what is not listed may be of any that the area code has.
    check(&["+18504320100"], "Chicago", "US", "US-FL", "US-FL");
    check(&["+18505550100"], "Chicago New_York", "US", "US-FL", "US-FL");
    check(&["+15418890100"], "Denver", "US", "US-OR", "US-OR");
    check(&["+12085550100"], "Boise Los_Angeles", "US", "US-ID", "US-ID");
    check(&["+12705550100"], "Chicago New_York", "US", "US-KY", "US-KY");
    check(&["+14165550100"], "Toronto", "CA", "CA-ON", "CA-ON");
    check(&["+19025550100"], "Halifax", "CA", "CA-NS CA-PE", "");
    check(&["+17875550100"], "Puerto_Rico", "US", "US-PR", "US-PR");
    check(&["+12423651234"], "Nassau", "BS", "", "");
    check(&["+4930123456"], "Europe/Berlin", "DE", "", "");
    check(&["+34612345678"], "Atlantic/Canary Europe/Madrid", "ES", "", "");
    check(&["+61740123456"], "Australia/Brisbane Australia/Sydney", "AU", "", "");
    let mobile = "Australia/Adelaide Australia/Brisbane Australia/Eucla Australia/Lord_Howe Australia/Perth \
                  Australia/Sydney Indian/Christmas Indian/Cocos";
    check(&["+61412345678"], mobile, "AU", "", "");
}

#[test]
fn a_number_of_no_region_may_be_anywhere_in_its_country() {
    check(&["+18005550100"], ALL_US, "US", "", "");
    check(&["+18885550100", "country:us"], ALL_US, "US", "", "");
    let canada =
        "Atikokan Edmonton Fort_Nelson Halifax Puerto_Rico Regina St_Johns Toronto Vancouver Whitehorse Winnipeg";
    check(&["+18885550100", "country:CA"], canada, "CA", "", "");
    check(&["+80012345678"], "", "", "", "");
    check(&[], "", "", "", "");
}

#[test]
fn an_address_beats_the_number() {
    check(&["+17135550100", "country:US", "state:CA"], "Los_Angeles", "US", "US-CA", "US-TX");
    check(&["+17135550100", "state:ca"], "Los_Angeles", "US", "US-CA", "US-TX");
    check(&["+17135550100", "state: new york "], "New_York", "US", "US-NY", "US-TX");
    check(&["+17135550100", "state:US-TN"], "Chicago New_York", "US", "US-TN", "US-TX");
    check(&["state:US-TN"], "Chicago New_York", "US", "US-TN", "");
    check(&["country:PR"], "Puerto_Rico", "US", "US-PR", "");
    check(&["+4930123456", "state:CA-ON"], "Toronto Winnipeg Atikokan", "CA", "CA-ON", "");
    // Abroad from the number, without a state that is known.
    check(&["+17135550100", "country:DE", "state:Bayern"], "Europe/Berlin Europe/Busingen", "DE", "", "US-TX");
    check(&["+4930123456", "country:US"], ALL_US, "US", "", "");
    // What says nothing is as if it were missing.
    check(&["+17135550100", "country:US", "state:ZZ"], "Chicago", "US", "US-TX", "US-TX");
    check(&["+17135550100", "country:Germany", "state:DE-BY"], "Chicago", "US", "US-TX", "US-TX");
    check(&["+17135550100", "country:US", "state:CA-ON"], "Chicago", "US", "US-TX", "US-TX");
    check(&["state:TX"], "", "", "", "");
}

#[test]
fn florida_and_oklahoma_presume_residents_by_their_numbers() {
    check(&["+13055550100", "state:CA"], "Los_Angeles New_York", "US", "US-CA US-FL", "US-FL");
    check(&["+14055550100", "country:US", "state:TX"], "Chicago Denver", "US", "US-TX US-OK", "US-OK");
    check(&["+13055550100", "country:DE"], "Europe/Berlin Europe/Busingen New_York", "DE", "US-FL", "US-FL");
    check(&["+13055550100", "state:FL"], "New_York Chicago", "US", "US-FL", "US-FL");
    check(&["+13055550100"], "New_York", "US", "US-FL", "US-FL");
}

#[test]
fn an_explicit_zone_is_the_only_candidate() {
    check(&["+18005550100", "zone:America/Denver"], "Denver", "US", "", "");
    check(&["+13055550100", "zone:America/Denver", "state:CO"], "Denver", "US", "US-CO US-FL", "US-FL");
    check(&["zone:Europe/Madrid"], "Europe/Madrid", "", "", "");
}

#[test]
fn a_place_is_one_that_exists() {
    for (text, read) in [
        ("DE", "DE"),
        ("us", "US"),
        ("us-fl", "US-FL"),
        ("CA-ON", "CA-ON"),
        ("PR", "US-PR"),
        ("FL", ""),
        ("US-ZZ", ""),
        ("DE-BY", ""),
        ("USA", ""),
        ("US-F", ""),
        ("U1", ""),
        ("", ""),
        ("ÄÖ", ""),
    ] {
        assert_eq!(Place::parse(text).as_ref().map_or("", Place::as_str), read, "{text}");
    }
    let place = |text| Place::parse(text).unwrap();
    assert!(place("US").covers(place("US")) && place("US").covers(place("US-FL")));
    assert!(!place("US-FL").covers(place("US")) && !place("US-FL").covers(place("US-GA")));
    assert_eq!(serde_json::to_string(&place("us-fl")).unwrap(), "\"US-FL\"");
    assert!(serde_json::from_str::<Place>("\"Florida\"").is_err());
}

#[test]
fn somebody_may_be_in_every_candidate() {
    let phone: Phone = "+13055550100".parse().unwrap();
    let found = Whereabouts::of(&Clues { phone: Some(&phone), country: Some("DE"), ..Clues::default() });
    let may = |text| found.may_be_in(Place::parse(text).unwrap());
    assert!(may("DE") && may("US-FL") && may("US"));
    assert!(!may("US-GA") && !may("FR"));
}
