//! The columns of a table of leads: what each can mean, and the names by which it is recognised.

use forecourt_record::{Error, Origin, Result, WantedCar, shape::nearest, text};
use serde_json::Number;

use crate::intake::{Brought, NewLead};

macro_rules! fields {
    ($($field:ident = $name:literal, $also:expr;)*) => {
        /// What a column means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Field { $($field),* }

        impl Field {
            pub const ALL: &[Self] = &[$(Self::$field),*];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$field => $name),* }
            }

            /// Further names that a column of this meaning goes by, in the languages of our users.
            const fn also(self) -> &'static [&'static str] {
                match self { $(Self::$field => &$also),* }
            }
        }
    };
}

fields! {
    Name = "name", ["full name", "customer", "customer name", "client", "contact", "nombre completo", "cliente", "kunde"];
    FirstName = "first_name", ["firstname", "given name", "vorname", "nombre"];
    LastName = "last_name", ["lastname", "surname", "family name", "nachname", "apellido", "apellidos"];
    Phone = "phone", ["telephone", "mobile", "mobile phone", "cell", "phone number", "tel", "telefon", "telefono", "movil", "handy"];
    Email = "email", ["e mail", "mail", "email address", "correo", "correo electronico"];
    Location = "location", ["branch", "store", "site", "standort", "filiale", "sede", "ubicacion"];
    Source = "source", ["lead source", "origin", "quelle", "origen", "fuente"];
    Medium = "medium", ["utm medium", "medio"];
    Campaign = "campaign", ["utm campaign", "kampagne", "campana"];
    Inquiry = "inquiry", ["enquiry", "message", "comments", "question", "anfrage", "nachricht", "consulta", "mensaje"];
    Notes = "notes", ["note", "notiz", "notizen", "notas", "nota"];
    Vehicle = "vehicle", ["stock number", "stock", "stock no", "bestandsnummer"];
    Vin = "vin", ["fin", "bastidor", "chassis number"];
    Make = "make", ["brand", "marke", "marca"];
    Model = "model", ["modell", "modelo"];
    Year = "year", ["model year", "baujahr", "ano"];
    Plate = "license_plate", ["plate", "registration", "kennzeichen", "matricula"];
    Mileage = "mileage", ["km", "kilometers", "kilometerstand", "kilometros"];
    Price = "price", ["preis", "precio"];
    AssignedTo = "assigned_to", ["owner", "agent", "salesperson"];
    Language = "language", ["sprache", "idioma"];
    ForeignId = "foreign_id", ["id", "external id", "lead id", "reference"];
}

impl Field {
    /// The field of this name. Errors: `Invalid` with the nearest known name.
    pub fn parse(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|field| field.name() == name);
        found.copied().ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|field| field.name()).collect();
            let hint = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("known: {}.", names.join(", ")),
            };
            Error::field("map", "not_allowed", format!("There is no field {name}; {hint}"))
        })
    }

    /// The field that a column with this heading most likely means.
    pub fn guess(heading: &str) -> Option<Self> {
        let heading = text::folded(heading);
        let is_it = |name: &str| text::folded(&name.replace('_', " ")) == heading;
        Self::ALL.iter().copied().find(|field| is_it(field.name()) || field.also().iter().any(|name| is_it(name)))
    }
}

/// The enquiry a row stands for. Empty cells say nothing.
///
/// Errors: `Invalid` with every cell that cannot be what its column says.
pub fn enquiry(cells: &[(Field, String)]) -> Result<NewLead> {
    let mut new = NewLead::default();
    let mut brought = Brought::default();
    let (mut origin, mut car) = (Origin::default(), WantedCar::default());
    let (mut first, mut last) = (None, None);
    let mut wrong = Vec::new();
    for (field, cell) in cells {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        let text = || Some(cell.to_owned());
        let mut number = |what: &str| {
            let kept: String = cell.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
            let number = kept.parse::<i64>().map(Number::from).ok().or_else(|| Number::from_f64(kept.parse().ok()?));
            if number.is_none() {
                wrong.push(forecourt_record::FieldError::new(what, "wrong_type", "This is not a number."));
            }
            number
        };
        match field {
            Field::Name => new.name = text(),
            Field::FirstName => first = text(),
            Field::LastName => last = text(),
            Field::Phone => new.phone = text(),
            Field::Email => new.email = text(),
            Field::Location => new.location = text(),
            Field::Source => new.source = text(),
            Field::Medium => origin.medium = text(),
            Field::Campaign => origin.campaign = text(),
            Field::Inquiry => new.inquiry = text(),
            Field::Notes => new.notes = text(),
            Field::Vehicle => car.stock_number = text(),
            Field::Vin => car.vin = text(),
            Field::Make => car.make = text(),
            Field::Model => car.model = text(),
            Field::Year => car.year = number("year").and_then(|year| year.as_i64()),
            Field::Plate => car.license_plate = text(),
            Field::Mileage => car.mileage = number("mileage"),
            Field::Price => car.price = number("price"),
            Field::AssignedTo => match cell.trim_start_matches("u_").parse() {
                Ok(user) => new.assigned_to = Some(user),
                Err(_) => wrong.push(forecourt_record::FieldError::new(
                    "assigned_to",
                    "bad_format",
                    "A user is named by a number, such as u_7.",
                )),
            },
            Field::Language => new.language = Some(cell.to_lowercase()),
            Field::ForeignId => brought.foreign_ids.push(cell.to_owned()),
        }
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    if new.name.is_none() {
        let parts: Vec<String> = [first, last].into_iter().flatten().collect();
        new.name = (!parts.is_empty()).then(|| parts.join(" "));
    }
    brought.car = Some(car).filter(|car| *car != WantedCar::default());
    brought.origin = Some(origin).filter(|origin| *origin != Origin::default());
    new.brought = brought;
    Ok(new)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn headings_are_recognised_in_any_writing() {
        for (heading, field) in [
            ("Name", Some(Field::Name)),
            ("FIRST NAME", Some(Field::FirstName)),
            ("first_name", Some(Field::FirstName)),
            ("E-Mail", Some(Field::Email)),
            ("Teléfono", Some(Field::Phone)),
            ("Stock No.", Some(Field::Vehicle)),
            ("Matrícula", Some(Field::Plate)),
            ("Shoe size", None),
            ("", None),
        ] {
            assert_eq!(Field::guess(heading), field, "{heading}");
        }
    }

    #[test]
    fn every_field_is_found_by_its_name_and_nothing_means_two() {
        let mut names = Vec::new();
        for field in Field::ALL {
            assert_eq!(Field::parse(field.name()).unwrap(), *field);
            assert_eq!(Field::guess(field.name()), Some(*field), "{field:?}");
            names.extend(field.also().iter().map(|name| text::folded(name)));
        }
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(Field::parse("phon").unwrap_err().detail.contains("phone"));
    }

    #[test]
    fn a_row_becomes_an_enquiry() {
        let row = |cells: &[(Field, &str)]| {
            enquiry(&cells.iter().map(|(field, cell)| (*field, (*cell).to_owned())).collect::<Vec<_>>())
        };
        let new = row(&[
            (Field::FirstName, "Ana"),
            (Field::LastName, " Ruiz "),
            (Field::Phone, "713 555 0100"),
            (Field::Make, "Ford"),
            (Field::Year, "2023"),
            (Field::Price, "$ 23,500.50"),
            (Field::Notes, " "),
            (Field::AssignedTo, "u_7"),
        ])
        .unwrap();
        assert_eq!((new.name.as_deref(), new.notes, new.assigned_to), (Some("Ana Ruiz"), None, Some(7)));
        let car = new.brought.car.unwrap();
        assert_eq!((car.year, car.price), (Some(2023), Number::from_f64(23500.5)));
        assert!(row(&[(Field::Year, "old"), (Field::AssignedTo, "Ana")]).is_err_and(|error| error.fields.len() == 2));
        assert_eq!(row(&[]).unwrap().brought.car, None);
    }
}
