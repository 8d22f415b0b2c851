//! What a message says: free text as it is, a template in our own rendering, for the record and the stand-in.

use forecourt_crm::Config;
use forecourt_record::{
    Document, Error, PersonName, Result, SaleLead, TemplateUse,
    schedule::{LONGEST_TEXT as LONGEST, Texts, Tokens},
    templates::{Language, Template, Vars},
};

use crate::message::NewMessage;

/// A message ready to be queued.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Composed {
    pub body: String,
    pub template: Option<TemplateUse>,
}

/// What a dealer's texts may say about a lead.
struct Known {
    first_name: Option<String>,
    dealer: String,
    location: Option<String>,
    vehicle: Option<String>,
}

impl Known {
    fn of(config: &Config, lead: &Document<SaleLead>) -> Self {
        let location = lead.doc.location.as_deref();
        Self {
            first_name: first_name(lead),
            dealer: config.dealer.doc.name.clone(),
            location: location.and_then(|code| config.location(code)).map(|one| one.name.clone()),
            vehicle: vehicle(lead),
        }
    }

    fn vars(&self) -> Vars<'_> {
        Vars {
            first_name: self.first_name.as_deref(),
            dealer: Some(&self.dealer),
            location: self.location.as_deref(),
            vehicle: self.vehicle.as_deref(),
        }
    }

    /// The values in the order our templates are registered with at a provider; one that is not known is empty.
    fn parameters(&self) -> Vec<String> {
        let known = |value: &Option<String>| value.clone().unwrap_or_default();
        vec![known(&self.first_name), self.dealer.clone(), known(&self.vehicle)]
    }
}

/// The name to address somebody by; a lead known only by its number or address has none.
fn first_name(lead: &Document<SaleLead>) -> Option<String> {
    let name = lead.extra.name.as_str();
    let is_address = [&lead.extra.phone, &lead.extra.email].into_iter().flatten().any(|address| address == name);
    if is_address || !name.chars().any(char::is_alphabetic) {
        return None;
    }
    PersonName::from_raw(name).first_name
}

fn vehicle(lead: &Document<SaleLead>) -> Option<String> {
    let car = lead.doc.car_list.first()?.car.as_ref()?;
    let words: Vec<&str> = [&car.make, &car.model].into_iter().flatten().map(String::as_str).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The language a lead is written to in.
fn language(config: &Config, lead: &Document<SaleLead>) -> Language {
    let tags = [lead.extra.language.as_deref(), Some(config.language(lead.doc.location.as_deref()))];
    tags.into_iter().flatten().find_map(Language::of_tag).unwrap_or_default()
}

/// A message that somebody wrote or chose. Errors: `Invalid` in `body` or `template`.
pub(crate) fn compose(config: &Config, lead: &Document<SaleLead>, message: &NewMessage) -> Result<Composed> {
    match message {
        NewMessage::Text(text) if text.trim().is_empty() => {
            Err(Error::field("body", "required", "A message needs a text."))
        }
        NewMessage::Text(text) if text.chars().count() > LONGEST => {
            let detail = format!("WhatsApp carries at most {LONGEST} characters.");
            Err(Error::field("body", "too_long", detail))
        }
        NewMessage::Text(text) => Ok(Composed { body: text.clone(), template: None }),
        NewMessage::Template { name, .. } if name.trim().is_empty() => {
            Err(Error::field("template", "required", "A template needs its name."))
        }
        NewMessage::Template { name, language: tag, parameters } => {
            let template = TemplateUse { name: name.clone(), language: tag.clone(), parameters: parameters.clone() };
            Ok(Composed { body: chosen(config, lead, &template), template: Some(template) })
        }
    }
}

/// A template as the person reads it, as far as we know its text.
fn chosen(config: &Config, lead: &Document<SaleLead>, template: &TemplateUse) -> String {
    let Ok(ours) = template.name.parse::<Template>() else {
        return if template.parameters.is_empty() {
            template.name.clone()
        } else {
            format!("{}: {}", template.name, template.parameters.join(", "))
        };
    };
    let known = Known::of(config, lead);
    let given = |at: usize| template.parameters.get(at).map(String::as_str);
    let vars = known.vars();
    let vars = Vars {
        first_name: given(0).or(vars.first_name),
        dealer: given(1).or(vars.dealer),
        vehicle: given(2).or(vars.vehicle),
        location: vars.location,
    };
    let language = Language::of_tag(&template.language).unwrap_or_else(|| language(config, lead));
    config.dealer.doc.templates.render(ours, language, &vars)
}

/// A text of a schedule: in the lead's language where there is one, with tokens and what is known of the lead put in. No
/// more than `longest` characters of it.
pub(crate) fn scheduled(
    config: &Config,
    lead: &Document<SaleLead>,
    tokens: &Tokens,
    texts: &Texts,
    longest: usize,
) -> String {
    let language = language(config, lead);
    let Some(text) = texts.get(&language).or_else(|| texts.values().next()) else { return String::new() };
    let known = Known::of(config, lead);
    let filled = tokens.fill(text, |name| match name {
        "first_name" => known.first_name.clone(),
        "dealer" => Some(known.dealer.clone()),
        "location" => known.location.clone(),
        "vehicle" => known.vehicle.clone(),
        _ => None,
    });
    filled.chars().take(longest).collect()
}

/// A template that is registered at the provider under this name, with the values ours have.
pub(crate) fn registered(config: &Config, lead: &Document<SaleLead>, name: &str) -> TemplateUse {
    let parameters = Known::of(config, lead).parameters();
    TemplateUse { name: name.to_owned(), language: language(config, lead).as_str().to_owned(), parameters }
}

/// A message the house sends by itself: plain text while the person's window is open, else as a provider's template.
pub(crate) fn automatic(
    config: &Config,
    lead: &Document<SaleLead>,
    template: Template,
    window_is_open: bool,
) -> Composed {
    let known = Known::of(config, lead);
    let language = language(config, lead);
    let body = config.dealer.doc.templates.render(template, language, &known.vars());
    let template = (!window_is_open).then(|| TemplateUse {
        name: template.as_str().to_owned(),
        language: language.as_str().to_owned(),
        parameters: known.parameters(),
    });
    Composed { body, template }
}
