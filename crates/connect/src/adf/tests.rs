//! What real producers write, and what is made of it.
#![allow(clippy::unwrap_used)]

use super::*;

const CLEAN: &str = include_str!("fixtures/clean.xml");
const SLOPPY: &str = include_str!("fixtures/sloppy.txt");

#[test]
fn a_clean_text_is_read_whole_and_without_a_warning() {
    let Reading { prospects, warnings } = read(CLEAN).unwrap();
    assert_eq!(warnings, Vec::<String>::new());
    let [prospect] = prospects.as_slice() else { panic!("one prospect") };
    assert_eq!(prospect.ids, [(Some("Car Pages".to_owned()), "cp-77812".to_owned())]);
    let [wanted, own] = prospect.vehicles.as_slice() else { panic!("two vehicles") };
    assert!(!wanted.is_trade_in() && own.is_trade_in());
    assert_eq!(
        (wanted.make.as_deref(), wanted.model.as_deref(), wanted.year),
        (Some("Ford"), Some("Mustang"), Some(2023))
    );
    assert_eq!((wanted.odometer_km, own.odometer_km), (Some(16_093), Some(120_000)));
    assert_eq!((wanted.price.as_deref(), wanted.currency.as_deref()), (Some("38500.00"), Some("USD")));
    assert_eq!((wanted.stock.as_deref(), wanted.color.as_deref()), (Some("V-17"), Some("Race Red")));
    let Customer { person, comments, timeframe } = &prospect.customer;
    assert_eq!(person.name.as_deref(), Some("Jane Fictive"));
    assert_eq!(person.phones, ["713-555-0101", "713-555-0100"]);
    assert_eq!(person.street.as_deref(), Some("1 Example Street, Unit 4"));
    assert_eq!(comments.as_deref(), Some("Is it still there?\nCan I see it on Saturday?"));
    assert_eq!(timeframe.as_deref(), Some("within a week 2026-11-22"));
    assert_eq!(prospect.vendor.name.as_deref(), Some("Demo Motors"));
    assert_eq!(prospect.provider.email.as_deref(), Some("support@carpages.example"));
}

#[test]
fn a_sloppy_text_is_understood_and_its_faults_are_said() {
    let Reading { prospects, warnings } = read(SLOPPY).unwrap();
    let [prospect] = prospects.as_slice() else { panic!("one prospect") };
    let person = &prospect.customer.person;
    assert_eq!(person.name.as_deref(), Some("José O'Fiction & Co"));
    assert_eq!(person.phones, ["(713) 555-0102"]);
    assert_eq!(prospect.customer.comments.as_deref(), Some("Price < 20000 & soon?"));
    assert_eq!(prospect.vendor.name.as_deref(), Some("Smith & Sons"));
    let [vehicle] = prospect.vehicles.as_slice() else { panic!("one vehicle") };
    assert_eq!((vehicle.interest.as_str(), vehicle.model.as_deref(), vehicle.year), ("buy", Some("León"), None));
    assert_eq!(vehicle.odometer_km, Some(19_867));
    assert_eq!(
        warnings,
        [
            "An element inside prospect was not closed.",
            "Characters that have to be escaped were not.",
            "The end tag of adf is missing.",
            "The vendor stood outside of the prospect.",
        ]
    );
}

#[test]
fn a_mail_that_shows_its_markup_is_read_too() {
    let shown = CLEAN.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let reading = read(&format!("<html><body><pre>{shown}</pre></body></html>")).unwrap();
    assert_eq!(reading.prospects, read(CLEAN).unwrap().prospects);
    assert_eq!(reading.warnings, ["The markup was escaped."]);
}

#[test]
fn what_is_no_adf_is_refused() {
    let deep = format!("<adf>{}</adf>", "<a>".repeat(100));
    let many = format!("<adf>{}</adf>", "<a></a>".repeat(30_000));
    let long = format!("<adf>{}</adf>", " ".repeat(LONGEST));
    for text in [
        "",
        "Hello",
        "<adf></adf>",
        "<adf><prospects/></adf>",
        "<adf><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><prospect/></adf>",
        &deep,
        &many,
        &long,
    ] {
        assert!(read(text).is_err(), "{}", &text[..text.len().min(60)]);
    }
}

#[test]
fn entities_of_its_own_stay_words() {
    let reading = read(
        "<adf><prospect><customer><contact><name>&who; &#65;&#x42;&#0;</name></contact></customer></prospect></adf>",
    );
    assert_eq!(reading.unwrap().prospects[0].customer.person.name.as_deref(), Some("&who; AB"));
}

proptest::proptest! {
    #[test]
    fn nothing_makes_it_panic(text in "(<adf>|<prospect>|<vehicle|year>|</|&|;|<!\\[CDATA\\[|\\]\\]>|é|=|\"|'|<!|<\\?|[ -~]){0,80}") {
        let _ = read(&text);
        let _ = read(&format!("<adf><prospect>{text}</prospect></adf>"));
    }
}
