//! What the elements of a prospect mean.

use super::Element;

/// Somebody who asks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prospect {
    /// Who gave it which id: source and id.
    pub ids: Vec<(Option<String>, String)>,
    /// As it was written.
    pub requested: Option<String>,
    pub vehicles: Vec<Vehicle>,
    pub customer: Customer,
    pub vendor: Party,
    pub provider: Party,
}

/// A car that is asked for, or offered in part exchange.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vehicle {
    /// `buy` where nothing is said.
    pub interest: String,
    /// `new` or `used`, where it is said.
    pub status: Option<String>,
    pub year: Option<i64>,
    pub make: Option<String>,
    pub model: Option<String>,
    pub trim: Option<String>,
    pub vin: Option<String>,
    pub stock: Option<String>,
    pub doors: Option<i64>,
    pub body_style: Option<String>,
    pub transmission: Option<String>,
    /// The distance it has gone, in km.
    pub odometer_km: Option<i64>,
    pub color: Option<String>,
    /// A decimal number, in `currency` where that is said.
    pub price: Option<String>,
    pub currency: Option<String>,
    pub comments: Option<String>,
}

impl Vehicle {
    /// Whether it is the customer's own car, and not a wanted one.
    pub fn is_trade_in(&self) -> bool {
        matches!(self.interest.as_str(), "trade-in" | "tradein" | "trade in" | "sell")
    }
}

/// Who asks, and what he says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Customer {
    pub person: Person,
    pub comments: Option<String>,
    /// When, in words: the description, and the dates as they were written.
    pub timeframe: Option<String>,
}

/// A contact.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    pub name: Option<String>,
    /// The preferred one first.
    pub phones: Vec<String>,
    pub emails: Vec<String>,
    pub street: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
}

/// The dealer it is for, or the provider it is from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Party {
    pub name: Option<String>,
    pub service: Option<String>,
    pub url: Option<String>,
    pub email: Option<String>,
}

impl Prospect {
    /// Takes what stands beside the prospect and belongs into it.
    pub(super) fn adopt(&mut self, root: &Element, warnings: &mut Vec<String>) {
        for (name, place) in [("vendor", &mut self.vendor), ("provider", &mut self.provider)] {
            if let Some(element) = root.first(name).filter(|_| *place == Party::default()) {
                warnings.push(format!("The {name} stood outside of the prospect."));
                *place = party(element);
            }
        }
        if let Some(element) = root.first("customer").filter(|_| self.customer == Customer::default()) {
            warnings.push("The customer stood outside of the prospect.".to_owned());
            self.customer = customer(element);
        }
    }
}

pub(super) fn read(element: &Element, warnings: &mut Vec<String>) -> Prospect {
    let ids = element.all("id").filter_map(|id| Some((id.attribute_as_is("source"), id.text()?))).collect();
    let vehicles: Vec<Vehicle> = element.all("vehicle").map(|vehicle| self::vehicle(vehicle, warnings)).collect();
    let customer = element.first("customer").map(customer).unwrap_or_default();
    for (missing, what) in [
        (vehicles.is_empty(), "vehicle"),
        (element.first("customer").is_none(), "customer"),
        (element.text_of("requestdate").is_none(), "requestdate"),
    ] {
        if missing {
            warnings.push(format!("The prospect has no {what}."));
        }
    }
    Prospect {
        ids,
        requested: element.text_of("requestdate"),
        vehicles,
        customer,
        vendor: element.first("vendor").map(party).unwrap_or_default(),
        provider: element.first("provider").map(party).unwrap_or_default(),
    }
}

fn vehicle(element: &Element, warnings: &mut Vec<String>) -> Vehicle {
    let mut number = |name: &str| {
        let text = element.text_of(name)?;
        let digits: String = text.chars().take_while(|c| !matches!(c, '.')).filter(char::is_ascii_digit).collect();
        let number = digits.parse().ok();
        if number.is_none() {
            warnings.push(format!("The {name} of a vehicle is not a number."));
        }
        number
    };
    let color = element.first("colorcombination").and_then(|colors| colors.text_of("exteriorcolor"));
    let price = element.first("price");
    Vehicle {
        interest: element.attribute("interest").unwrap_or_else(|| "buy".to_owned()),
        status: element.attribute("status"),
        year: number("year").filter(|year| (1885..=2200).contains(year)),
        make: element.text_of("make"),
        model: element.text_of("model"),
        trim: element.text_of("trim"),
        vin: element.text_of("vin"),
        stock: element.text_of("stock"),
        doors: number("doors"),
        body_style: element.text_of("bodystyle"),
        transmission: element.text_of("transmission"),
        odometer_km: element.first("odometer").and_then(odometer),
        color,
        price: price.and_then(Element::text).and_then(|text| decimal(&text)),
        currency: price.and_then(|price| price.attribute_as_is("currency")),
        comments: element.first("comments").and_then(Element::lines),
    }
}

/// Kilometres. Miles where nothing is said: the format is American.
fn odometer(element: &Element) -> Option<i64> {
    let child = ["value", "miles", "kilometers"].iter().find_map(|name| element.first(name));
    let text = element.text().or_else(|| child?.text())?;
    let digits: String = text.chars().take_while(|c| *c != '.').filter(char::is_ascii_digit).collect();
    let distance: i64 = digits.parse().ok().filter(|distance| *distance < 10_000_000)?;
    let is_km = element.attribute("units").is_some_and(|units| units.starts_with('k'))
        || child.is_some_and(|child| child.name == "kilometers");
    Some(if is_km { distance } else { (distance as f64 * 1.609_344).round() as i64 })
}

/// The number in a price as people write it: `$23,500.00`.
fn decimal(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let number = kept.trim_matches('.');
    (!number.is_empty() && number.matches('.').count() <= 1).then(|| number.to_owned())
}

fn customer(element: &Element) -> Customer {
    let contact = element.first("contact");
    let own = element.first("comments").and_then(Element::lines);
    let timeframe = element.first("timeframe").and_then(|timeframe| {
        let parts = ["description", "earliestdate", "latestdate"].iter().filter_map(|name| timeframe.text_of(name));
        Some(parts.collect::<Vec<_>>().join(" ")).filter(|words| !words.is_empty())
    });
    Customer {
        // A comment that stands inside the contact is the customer's all the same.
        comments: own.or_else(|| contact?.first("comments")?.lines()),
        person: contact.map_or_else(|| person(element), person),
        timeframe,
    }
}

fn person(contact: &Element) -> Person {
    let address = contact.first("address");
    let of_address = |name: &str| address.and_then(|address| address.text_of(name));
    let street = address.map(|address| {
        let mut lines: Vec<(Option<String>, String)> =
            address.all("street").filter_map(|street| Some((street.attribute("line"), street.text()?))).collect();
        lines.sort_by(|(a, _), (b, _)| a.cmp(b));
        let apartment = address.text_of("apartment");
        lines.into_iter().map(|(_, text)| text).chain(apartment).collect::<Vec<_>>().join(", ")
    });
    Person {
        name: name(contact),
        phones: preferred(contact, "phone"),
        emails: preferred(contact, "email"),
        street: street.filter(|street| !street.is_empty()),
        city: of_address("city"),
        region: of_address("regioncode"),
        postal_code: of_address("postalcode"),
        country: of_address("country"),
    }
}

/// The full name, else its parts in the order people say them.
fn name(contact: &Element) -> Option<String> {
    let part = |part: &str| {
        contact.all("name").filter(|name| name.attribute("part").as_deref() == Some(part)).find_map(Element::text)
    };
    part("full")
        .or_else(|| {
            let parts: Vec<String> = ["first", "middle", "last", "suffix"].into_iter().filter_map(part).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        })
        .or_else(|| contact.text_of("name"))
}

/// The texts of these children, the preferred ones first. Faxes are nothing to call or write to.
fn preferred(contact: &Element, name: &str) -> Vec<String> {
    let is_fax = |element: &&Element| element.attribute("type").as_deref() != Some("fax");
    let mut found: Vec<(bool, String)> = contact
        .all(name)
        .filter(is_fax)
        .filter_map(|element| Some((element.attribute("preferredcontact").as_deref() != Some("1"), element.text()?)))
        .collect();
    found.sort_by_key(|(last, _)| *last);
    let mut texts = Vec::new();
    for (_, text) in found {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

fn party(element: &Element) -> Party {
    let contact = element.first("contact");
    let named = |name: &str| element.text_of(name).or_else(|| contact?.text_of(name));
    Party {
        name: element.text_of("vendorname").or_else(|| element.text_of("name")).or_else(|| name(contact?)),
        service: element.text_of("service"),
        url: element.text_of("url"),
        email: named("email"),
    }
}
