//! The language of an answer, and what keys mean in it.

use std::{convert::Infallible, sync::LazyLock};

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use serde_json::Value;

/// A language that answers come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    De,
    En,
}

static DE: LazyLock<Value> = LazyLock::new(|| read(include_str!("i18n/de.json")));
static EN: LazyLock<Value> = LazyLock::new(|| read(include_str!("i18n/en.json")));

/// What is broken here is found by the test below, before anybody is answered.
fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

impl Language {
    const ALL: [Self; 2] = [Self::De, Self::En];

    pub const fn tag(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }

    /// What a key of a member means.
    pub fn text(self, member: &str, key: &str) -> Option<&'static str> {
        let texts: &'static Value = match self {
            Self::De => &DE,
            Self::En => &EN,
        };
        texts.get(member)?.get(key)?.as_str()
    }

    /// The language that suits `Accept-Language` best (RFC 9110, 12.5.4); German where none does.
    fn asked(header: &str) -> Self {
        let ranges: Vec<(&str, f64)> = header.split(',').filter_map(range).collect();
        let quality = |language: Self| {
            let of_tag = |(range, _): &&(&str, f64)| {
                range.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case(language.tag()))
            };
            let named = ranges.iter().filter(of_tag).map(|(_, quality)| *quality).reduce(f64::max);
            named.or_else(|| ranges.iter().find(|(range, _)| *range == "*").map(|(_, quality)| *quality)).unwrap_or(0.0)
        };
        // Of two that suit alike the first is the usual one.
        Self::ALL.into_iter().fold(Self::De, |best, one| if quality(one) > quality(best) { one } else { best })
    }

    /// The headers of an answer in this language.
    pub fn headers(self) -> [(HeaderName, HeaderValue); 2] {
        [
            (header::CONTENT_LANGUAGE, HeaderValue::from_static(self.tag())),
            (header::VARY, HeaderValue::from_static("accept-language")),
        ]
    }
}

/// A range with its quality; none for one that cannot be read.
fn range(text: &str) -> Option<(&str, f64)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?;
    let mut quality = 1.0;
    for part in parts {
        let value = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))?;
        quality = value.parse().ok().filter(|quality| (0.0..=1.0).contains(quality))?;
    }
    Some((range, quality))
}

impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(of(&parts.headers))
    }
}

fn of(headers: &HeaderMap) -> Language {
    let all = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    Language::asked(&all.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use forecourt_record::listing::{Form, MEMBERS};

    use super::*;

    #[test]
    fn the_best_language_is_chosen() {
        use Language::{De, En};
        for (header, expected) in [
            ("", De),
            ("en", En),
            ("EN-us", En),
            ("de", De),
            ("fr", De),
            ("fr, en;q=0.1", En),
            ("en;q=0.4, de;q=0.8", De),
            ("de;q=0.4, en;q=0.8", En),
            ("en, de", De),
            ("*", De),
            ("de;q=0, *", En),
            ("en;q=0", De),
            ("en;q=2", De),
            ("en;level=1", De),
            (", ,en", En),
        ] {
            assert_eq!(Language::asked(header), expected, "{header}");
        }
    }

    #[test]
    fn every_key_means_something_in_every_language() {
        for language in Language::ALL {
            let mut known = 0;
            for member in MEMBERS {
                let keys: Vec<String> = match member.form {
                    Form::Word(words) => words.iter().map(|word| (*word).to_owned()).collect(),
                    Form::Code(last) => (1..=last).map(|code| code.to_string()).collect(),
                    Form::Text | Form::Date | Form::Number | Form::Flag | Form::List | Form::OneOf(_) => continue,
                };
                for key in keys {
                    let text = language.text(member.name, &key);
                    assert!(text.is_some_and(|text| !text.trim().is_empty()), "{language:?} {} {key}", member.name);
                    known += 1;
                }
            }
            let texts = if language == Language::De { &*DE } else { &*EN };
            let written: usize = texts
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(_, keys)| keys.as_object())
                .map(serde_json::Map::len)
                .sum();
            assert_eq!(written, known, "{language:?} has a text for a key that there is not");
        }
    }

    #[test]
    fn the_published_texts_are_those_that_are_published() {
        for (member, key, text) in [
            ("vehicleTypeId", "6", "Limousine"),
            ("pollutionBadge", "4", "Gr\u{fc}n"),
            ("emissionClass", "9", "Euro 6d-Temp"),
            ("colorId", "7", "Blau"),
            ("interiorColorId", "3", "Beige"),
            ("climatisationType", "automaticClimateControl", "Auto"),
            ("vehicleState", "inventory", "Im Bestand"),
            ("conditionType", "used", "Gebraucht"),
            ("airbagType", "driverAirbag", "Fahrerairbag"),
            ("interiorType", "fullLeather", "Vollleder"),
            ("fuelType", "gasoline", "Benzin"),
            ("fuelDetailType", "diesel", "Diesel"),
            ("transmissionType", "semiAutomatic", "Halbautomatik"),
            ("tyreType", "allSeasonTyres", "Ganzjahresreifen"),
            ("driveType", "rear", "Heckantrieb"),
            ("slidingDoor", "slidingDoorBoth", "Schiebet\u{fc}ren"),
        ] {
            assert_eq!(Language::De.text(member, key), Some(text), "{member}");
        }
    }
}
