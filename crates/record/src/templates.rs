//! The messages the house sends by itself, in the lead's language; a dealer may replace any text.

mod texts;

use std::{borrow::Cow, collections::BTreeMap, fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::Purpose;

/// What happened that a message goes out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// The lead arrived: greeting.
    Created,
    /// Nobody has answered yet.
    Reengagement,
    Qualified,
    Appointment,
    NoShow,
    /// A polite decline.
    Rejected,
}

impl Template {
    pub const ALL: &[Self] =
        &[Self::Created, Self::Reengagement, Self::Qualified, Self::Appointment, Self::NoShow, Self::Rejected];

    /// The name a provider's registered template and the dealer's data know it by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Reengagement => "reengagement",
            Self::Qualified => "qualified",
            Self::Appointment => "appointment",
            Self::NoShow => "no_show",
            Self::Rejected => "rejected",
        }
    }
}

impl Template {
    /// What it is for, by the rules of when people may be contacted.
    pub const fn purpose(self) -> Purpose {
        match self {
            // The person has asked just now.
            Self::Created | Self::Rejected => Purpose::Answer,
            Self::Qualified | Self::Appointment | Self::NoShow => Purpose::Service,
            Self::Reengagement => Purpose::Marketing,
        }
    }
}

impl FromStr for Template {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.iter().find(|template| template.as_str() == name);
        known.copied().ok_or("expected one of created, reengagement, qualified, appointment, no_show, rejected")
    }
}

/// A language the house writes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Es,
    #[default]
    En,
    De,
}

impl Language {
    pub const ALL: &[Self] = &[Self::Es, Self::En, Self::De];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language of a tag such as `es`, `es-MX` or `de_AT`; None of one we do not write.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.iter().find(|language| language.as_str().eq_ignore_ascii_case(primary)).copied()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a text may speak of. What is not known is left out, with the words around it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vars<'a> {
    pub first_name: Option<&'a str>,
    pub dealer: Option<&'a str>,
    pub location: Option<&'a str>,
    pub vehicle: Option<&'a str>,
}

impl Vars<'_> {
    pub const NAMES: [&'static str; 4] = ["first_name", "dealer", "location", "vehicle"];

    fn get(&self, name: &str) -> Option<&str> {
        let value = match name {
            "first_name" => self.first_name,
            "dealer" => self.dealer,
            "location" => self.location,
            "vehicle" => self.vehicle,
            _ => None,
        };
        value.map(str::trim).filter(|value| !value.is_empty())
    }
}

/// A dealer's own texts, by template and language. `{first_name}` stands for a value; `[about {vehicle}]` goes out only
/// when all values in it are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Templates(pub BTreeMap<Template, BTreeMap<Language, String>>);

impl Templates {
    /// The text that goes out: the dealer's own where there is one, else the shipped one.
    pub fn render(&self, template: Template, language: Language, vars: &Vars<'_>) -> String {
        let own = self.0.get(&template).and_then(|texts| texts.get(&language)).map(String::as_str);
        fill(own.unwrap_or_else(|| texts::shipped(template, language)), vars)
    }
}

/// The shipped text of a template.
pub fn render(template: Template, language: Language, vars: &Vars<'_>) -> String {
    fill(texts::shipped(template, language), vars)
}

/// What is wrong with a text: an unknown value, or a bracket without its pair.
pub fn check(text: &str) -> Result<(), String> {
    let mut rest = text;
    let mut optional = false;
    while let Some(at) = rest.find(['{', '}', '[', ']']) {
        let (sign, after) = rest[at..].split_at(1);
        rest = after;
        match sign {
            "{" => {
                let (name, after) = rest.split_once('}').ok_or("A { has no }.")?;
                if !Vars::NAMES.contains(&name) {
                    return Err(format!("Unknown value {{{name}}}. Known are {}.", Vars::NAMES.join(", ")));
                }
                rest = after;
            }
            "[" if !optional => optional = true,
            "]" if optional => optional = false,
            _ => return Err(format!("A {sign} has no pair.")),
        }
    }
    if optional { Err("A [ has no ].".to_owned()) } else { Ok(()) }
}

fn fill(text: &str, vars: &Vars<'_>) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, optional)) = rest.split_once('[') {
        filled.push_str(&values(before, vars).0);
        let (optional, after) = optional.split_once(']').unwrap_or((optional, ""));
        if let (known, true) = values(optional, vars) {
            filled.push_str(&known);
        }
        rest = after;
    }
    filled.push_str(&values(rest, vars).0);
    filled
}

/// The text with its values in, and whether all were known.
fn values<'a>(text: &'a str, vars: &Vars<'_>) -> (Cow<'a, str>, bool) {
    if !text.contains('{') {
        return (text.into(), true);
    }
    let (mut filled, mut rest, mut complete) = (String::new(), text, true);
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        match vars.get(name) {
            Some(value) => filled.push_str(value),
            None => complete = false,
        }
        rest = after;
    }
    filled.push_str(rest);
    (filled.into(), complete)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn everyone() -> impl Iterator<Item = (Template, Language)> {
        Template::ALL.iter().flat_map(|template| Language::ALL.iter().map(|language| (*template, *language)))
    }

    #[test]
    fn every_template_reads_well_with_and_without_its_values() {
        let all = Vars {
            first_name: Some("Ana"),
            dealer: Some("Demo Motors"),
            location: Some("Houston"),
            vehicle: Some("Ford F-150"),
        };
        for known in 0..16 {
            let pick = |bit: u32, value| if known >> bit & 1 == 1 { value } else { None };
            let vars = Vars {
                first_name: pick(0, all.first_name),
                dealer: pick(1, all.dealer),
                location: pick(2, all.location),
                vehicle: pick(3, all.vehicle),
            };
            for (template, language) in everyone() {
                let text = render(template, language, &vars);
                let bad = ["{", "}", "[", "]", "  ", " ,", " .", " !", " ?", "( )", ",,", "undefined", "None"];
                assert!(bad.iter().all(|bad| !text.contains(bad)), "{template:?} {language}: {text}");
                assert!(text.len() > 40 && text == text.trim(), "{template:?} {language}: {text}");
                // A WhatsApp template body ends at 1,024 characters.
                assert!(text.chars().count() < 600, "{template:?} {language}: {text}");
                assert_eq!(text.contains("Ana"), vars.first_name.is_some(), "{template:?} {language}: {text}");
            }
        }
    }

    #[test]
    fn shipped_texts_are_sound_and_differ() {
        let mut seen = std::collections::BTreeSet::new();
        for (template, language) in everyone() {
            assert_eq!(check(texts::shipped(template, language)), Ok(()));
            assert!(seen.insert(texts::shipped(template, language)));
            assert_eq!(template.as_str().parse(), Ok(template));
        }
    }

    #[test]
    fn a_dealers_own_text_goes_first() {
        let own: Templates =
            serde_json::from_str(r#"{"created": {"en": "Hey[ {first_name}]! {dealer} here."}}"#).unwrap();
        let vars = Vars { dealer: Some("Demo"), ..Vars::default() };
        assert_eq!(own.render(Template::Created, Language::En, &vars), "Hey! Demo here.");
        let named = Vars { first_name: Some(" Ana "), ..vars };
        assert_eq!(own.render(Template::Created, Language::En, &named), "Hey Ana! Demo here.");
        assert_eq!(own.render(Template::Created, Language::De, &vars), render(Template::Created, Language::De, &vars));
        // Values are never read as templates.
        let sly = Vars { first_name: Some("{dealer}[x]"), ..vars };
        assert_eq!(own.render(Template::Created, Language::En, &sly), "Hey {dealer}[x]! Demo here.");
    }

    #[test]
    fn faulty_texts_are_told() {
        for (text, sound) in [
            ("Hello[ {first_name}], welcome", true),
            ("", true),
            ("Hello {name}", false),
            ("Hello {first_name", false),
            ("Hello [ {first_name}", false),
            ("Hello ] x", false),
            ("Hello } x", false),
            ("[a [b]]", false),
        ] {
            assert_eq!(check(text).is_ok(), sound, "{text}");
        }
    }

    #[test]
    fn languages_are_known_by_their_tags() {
        for (tag, language) in [
            ("es", Some(Language::Es)),
            ("es-MX", Some(Language::Es)),
            ("DE_at", Some(Language::De)),
            ("fr", None),
            ("", None),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
    }
}
