//! The columns of a table of vehicles: what each can mean, the names by which it is recognised, and where on a car it goes.

use forecourt_record::{
    Error, FieldError, Result,
    listing::{self, Form, Member},
    shape::nearest,
    text,
};
use serde_json::{Number, Value, json};

/// What a column means.
#[derive(Clone, Copy, Debug)]
pub enum Field {
    Column(&'static Column),
    /// A member of a listing, by its own name.
    Listing(&'static Member),
}

/// A column that a car has a member for.
#[derive(Debug)]
pub struct Column {
    name: &'static str,
    /// Further names that it goes by, in the languages of our users and of the mobile.de interface.
    also: &'static [&'static str],
    means: Means,
}

/// What its cells are, and where they go.
#[derive(Clone, Copy, Debug)]
enum Means {
    Text(&'static str),
    Number(&'static str),
    Whole(&'static str),
    /// In miles; a car has kilometres.
    Miles,
    /// In metric horsepower; a car has kilowatts.
    Horsepower,
    /// Month and year, in any order that tells them apart.
    Registration,
    /// The price of a line of `prices`.
    Price(&'static str),
    /// Whether the VAT of the retail price can be reclaimed.
    Vat,
    /// Texts with `|` or line ends between them.
    Images,
    Equipment,
    Status,
    /// A text, or the number the mobile.de interface has for it.
    Coded(&'static str, &'static [(&'static str, &'static str)]),
    /// Of the listing, the same.
    CodedListing(&'static str, &'static [(&'static str, &'static str)]),
    /// The type of a car, where the cell says yes.
    Type(&'static str),
    /// A word of the listing, where the cell says yes.
    Word(&'static str, &'static str),
}

const fn column(name: &'static str, also: &'static [&'static str], means: Means) -> Column {
    Column { name, also, means }
}

const FUELS: &[(&str, &str)] = &[
    ("1", "gasoline"),
    ("2", "diesel"),
    ("3", "lpg"),
    ("4", "cng"),
    ("6", "electric"),
    ("7", "hybrid gasoline"),
    ("8", "hydrogen"),
    ("9", "ethanol"),
    ("10", "hybrid diesel"),
];
const GEARBOXES: &[(&str, &str)] = &[("1", "manual"), ("2", "semi-automatic"), ("3", "automatic")];
const CLIMATE: &[(&str, &str)] = &[("0", "none"), ("1", "airConditioning"), ("2", "automaticClimateControl")];

const COLUMNS: &[Column] = &[
    column(
        "stock_number",
        &["stock", "stock no", "internal id", "internal number", "interne nummer", "bestandsnummer", "numero de stock"],
        Means::Text("stock_number"),
    ),
    column("vin", &["fin", "fahrgestellnummer", "bastidor", "chassis number"], Means::Text("vin")),
    column("make", &["brand", "marke", "hersteller", "marca"], Means::Text("make")),
    column("model", &["modell", "modelo"], Means::Text("model")),
    column("version", &["trim", "variant", "ausfuhrung", "modellbeschreibung"], Means::Text("version")),
    column("body_style", &["body", "karosserie", "kategorie", "carroceria"], Means::Text("body_style")),
    column("type", &["condition", "zustand", "estado"], Means::Text("type")),
    column(
        "first_registration",
        &["first registration date", "erstzulassung", "ez", "matriculacion"],
        Means::Registration,
    ),
    column("year", &["baujahr", "ano"], Means::Whole("year")),
    column("month", &["monat", "mes"], Means::Whole("month")),
    column("mileage", &["kilometers", "kilometer", "km", "kilometerstand", "kilometros"], Means::Number("mileage")),
    column("miles", &["odometer miles", "millas"], Means::Miles),
    column("price", &["retail price", "preis", "verkaufspreis", "precio"], Means::Price("retail")),
    column(
        "dealer_price",
        &["wholesale price", "trade price", "handlerpreis", "haendlerpreis"],
        Means::Price("wholesale"),
    ),
    column("export_price", &["exportpreis"], Means::Price("export")),
    column("new_price", &["msrp", "list price", "neupreis", "uvp"], Means::Price("new")),
    column("vat_deductible", &["mwst", "mwst ausweisbar", "vat reclaimable", "iva deducible"], Means::Vat),
    column("power", &["kw", "power kw", "leistung", "potencia"], Means::Number("power")),
    column("horsepower", &["hp", "ps", "cv", "bhp"], Means::Horsepower),
    column(
        "engine_size",
        &["ccm", "hubraum", "displacement", "cubic capacity", "cilindrada"],
        Means::Number("engine_size"),
    ),
    column("doors", &["tueren", "turen", "puertas"], Means::Whole("doors")),
    column("seats", &["sitze", "plazas"], Means::Whole("seats")),
    column("color", &["colour", "exterior color", "farbe"], Means::Text("color")),
    column("fuel", &["fuel type", "kraftstoff", "kraftstoffart", "combustible"], Means::Coded("fuel", FUELS)),
    column("transmission", &["gearbox", "getriebe", "getriebeart", "cambio"], Means::Coded("transmission", GEARBOXES)),
    column("location", &["branch", "store", "standort", "filiale", "sede", "ubicacion"], Means::Text("location")),
    column("status", &["state"], Means::Status),
    column("license_plate", &["plate", "registration", "kennzeichen", "matricula"], Means::Text("license_plate")),
    column("description", &["comments", "bemerkung", "beschreibung", "descripcion"], Means::Text("description")),
    column("images", &["photos", "image urls", "bilder", "fotos"], Means::Images),
    column("equipment", &["options", "features", "ausstattung", "equipamiento"], Means::Equipment),
    column("ad_url", &["link", "url", "inserat"], Means::Text("dealer_ad_url")),
    column("air_conditioning", &["klima", "klimaanlage"], Means::CodedListing("climatisationType", CLIMATE)),
    column("all_wheel_drive", &["allradantrieb", "awd", "4wd"], Means::Word("driveType", "all")),
    column("is_new", &["neufahrzeug"], Means::Type("new")),
    column("is_demo", &["vorfuhrfahrzeug", "vorfuehrfahrzeug"], Means::Type("demo")),
    column("is_classic", &["oldtimer"], Means::Type("classic")),
];

/// Further names of members of a listing.
const LISTED: &[(&str, &[&str])] = &[
    ("isMetallicColor", &["metallic"]),
    ("isDamaged", &["beschaedigtes fahrzeug", "damaged"]),
    ("hadAccidentDamage", &["unfallfahrzeug"]),
    ("isDrivable", &["fahrtauglich"]),
    ("nextInspection", &["hu", "hauptuntersuchung"]),
    ("previousOwnerCount", &["vorbesitzer", "previous owners", "owners"]),
    ("hasFullServiceHistory", &["scheckheftgepflegt", "full service history"]),
    ("isNonSmoker", &["nichtraucherfahrzeug"]),
    ("particulateFilter", &["partikelfilter"]),
    ("consumptionFuelCity", &["verbrauch innerorts"]),
    ("consumptionFuelSuburban", &["verbrauch ausserorts"]),
    ("consumptionFuelCombined", &["verbrauch kombiniert"]),
    ("consumptionPowerCombined", &["kombinierter stromverbrauch"]),
    ("co2EmissionCombined", &["emission", "co2"]),
];

/// Columns of the mobile.de interface, which has no headings, by their place from 0; and how many there are.
pub const MOBILE_DE: &[(usize, &str)] = &[
    (1, "interne nummer"),
    (2, "kategorie"),
    (3, "marke"),
    (4, "modell"),
    (5, "leistung"),
    (6, "hu"),
    (8, "ez"),
    (9, "kilometer"),
    (10, "preis"),
    (11, "mwst"),
    (13, "oldtimer"),
    (14, "fin"),
    (15, "beschaedigtes fahrzeug"),
    (16, "farbe"),
    (17, "klima"),
    (21, "neufahrzeug"),
    (23, "haendlerpreis"),
    (25, "bemerkung"),
    (27, "metallic"),
    (41, "allradantrieb"),
    (42, "tueren"),
    (46, "scheckheftgepflegt"),
    (50, "vorfuehrfahrzeug"),
    (52, "ccm"),
    (60, "sitze"),
    (96, "verbrauch innerorts"),
    (97, "verbrauch ausserorts"),
    (98, "verbrauch kombiniert"),
    (99, "emission"),
    (102, "partikelfilter"),
    (109, "kraftstoffart"),
    (110, "getriebeart"),
    (196, "unfallfahrzeug"),
    (197, "fahrtauglich"),
];
pub const MOBILE_DE_WIDTH: usize = 198;

impl Field {
    /// Every field: the columns, then the members of a listing that no column goes by the name of.
    pub fn all() -> impl Iterator<Item = Self> {
        let is_column = |name: &str| {
            let named = |column: &Column| column.name == name || column.also.contains(&name);
            COLUMNS.iter().any(named)
        };
        let listed = listing::names().filter(move |name| !is_column(name)).filter_map(listing::given);
        COLUMNS.iter().map(Self::Column).chain(listed.map(Self::Listing))
    }

    /// The fields that together say all that can be said of a car, each thing once.
    pub fn exported() -> impl Iterator<Item = Self> {
        let again = |means: Means| matches!(means, Means::Miles | Means::Horsepower | Means::Type(_) | Means::Word(..));
        Self::all().filter(move |field| !matches!(field, Self::Column(column) if again(column.means)))
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Column(column) => column.name,
            Self::Listing(member) => member.name,
        }
    }

    /// The field of this name. Errors: `Invalid` with the nearest known name.
    pub fn parse(name: &str) -> Result<Self> {
        Self::all().find(|field| field.name() == name).ok_or_else(|| {
            let hint = match nearest(name, Self::all().map(Self::name)) {
                Some(near) => format!("did you mean {near}?"),
                None => "`forecourt stock fields` lists those there are.".to_owned(),
            };
            Error::field("map", "not_allowed", format!("There is no field {name}; {hint}"))
        })
    }

    /// The field that a column with this heading most likely means.
    pub fn guess(heading: &str) -> Option<Self> {
        let heading = text::folded(&heading.replace('_', " "));
        let is_it = |name: &str| text::folded(&name.replace('_', " ")) == heading;
        let listed =
            |member: &str| LISTED.iter().any(|(name, also)| *name == member && also.iter().any(|one| is_it(one)));
        Self::all().find(|field| {
            is_it(field.name())
                || match field {
                    Self::Column(column) => column.also.iter().any(|one| is_it(one)),
                    Self::Listing(member) => listed(member.name),
                }
        })
    }
}

/// The members of a car that a row says something of. Empty cells say nothing.
///
/// Errors: `Invalid` with every cell that cannot be what its column says.
pub fn car(cells: &[(Field, String)]) -> Result<Value> {
    let mut car = json!({});
    let mut wrong = Vec::new();
    for (field, cell) in cells {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        let put = match field {
            Field::Column(column) => put(&mut car, column.means, cell),
            Field::Listing(member) => listed(member, cell).map(|value| car["custom"]["listing"][member.name] = value),
        };
        if let Err(reason) = put {
            wrong.push(FieldError::new(field.name(), "bad_format", reason));
        }
    }
    if wrong.is_empty() { Ok(car) } else { Err(Error::invalid(wrong)) }
}

fn put(car: &mut Value, means: Means, cell: &str) -> Result<(), String> {
    let coded = |codes: &[(&str, &str)]| {
        codes.iter().find(|(code, _)| *code == cell).map_or(cell, |(_, word)| *word).to_owned()
    };
    match means {
        Means::Text(name) => car[name] = cell.into(),
        Means::Number(name) => car[name] = number(cell)?.into(),
        Means::Whole(name) => car[name] = whole(cell)?.into(),
        Means::Miles => car["mileage"] = ((decimal(cell)? * 1.609_344).round() as i64).into(),
        Means::Horsepower => car["power"] = ((decimal(cell)? * 0.735_498_75).round() as i64).into(),
        Means::Registration => {
            let (year, month) = registration(cell).ok_or("expected month and year, such as 03/2021")?;
            car["year"] = year.into();
            if let Some(month) = month {
                car["month"] = month.into();
            }
        }
        Means::Price(line) => car["prices"][line]["current_price"]["price"] = number(cell)?.into(),
        Means::Vat => car["prices"]["retail"]["current_price"]["vat_substractable"] = flag(cell)?.into(),
        Means::Images => car["images"] = parts(cell).into(),
        Means::Equipment => {
            car["equipment"] = parts(cell).into_iter().map(|one| json!({ "description": one })).collect();
        }
        Means::Status => car["status"]["status"] = cell.to_lowercase().into(),
        Means::Coded(name, codes) => car[name] = coded(codes).into(),
        Means::CodedListing(name, codes) => car["custom"]["listing"][name] = coded(codes).into(),
        Means::Type(word) => {
            if flag(cell)? {
                car["type"] = word.into();
            }
        }
        Means::Word(name, word) => {
            if flag(cell)? {
                car["custom"]["listing"][name] = word.into();
            }
        }
    }
    Ok(())
}

/// A member of a listing as a cell says it.
fn listed(member: &Member, cell: &str) -> Result<Value, String> {
    let value = match member.form {
        Form::Number => number(cell)?.into(),
        Form::Code(_) => whole(cell)?.into(),
        Form::Flag => flag(cell)?.into(),
        Form::List => parts(cell).into(),
        Form::Text | Form::Date | Form::Word(_) | Form::OneOf(_) => cell.into(),
    };
    if member.form.holds(&value) { Ok(value) } else { Err(format!("expected {}", member.form.says())) }
}

fn parts(cell: &str) -> Vec<String> {
    cell.split(['|', '\n']).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn flag(cell: &str) -> Result<bool, String> {
    match text::folded(cell).as_str() {
        "1" | "yes" | "y" | "true" | "ja" | "j" | "si" | "x" => Ok(true),
        "0" | "no" | "n" | "false" | "nein" => Ok(false),
        _ => Err("expected yes or no, or 1 or 0".to_owned()),
    }
}

fn whole(cell: &str) -> Result<i64, String> {
    cell.parse().map_err(|_| "expected a whole number".to_owned())
}

fn decimal(cell: &str) -> Result<f64, String> {
    number(cell)?.as_f64().ok_or_else(|| "expected a number".to_owned())
}

/// A number with or without separators of thousands, as it is written on either side of the Atlantic, and with or without
/// a unit. One separator with three digits behind it is one of thousands.
fn number(cell: &str) -> Result<Number, String> {
    let wrong = || "expected a number".to_owned();
    let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let start = cell.find(|c: char| c.is_ascii_digit()).ok_or_else(wrong)?;
    let is_negative = cell[..start].trim_end().ends_with('-');
    let kept: String =
        cell[start..].chars().filter(|c| !c.is_whitespace() && *c != '\'').take_while(|c| digits(*c)).collect();
    let kept = kept.trim_end_matches(['.', ',']);
    let last = kept.rfind(['.', ',']);
    let fraction = last.filter(|at| {
        let mark = &kept[*at..=*at];
        let alone = kept.matches(mark).count() == 1;
        let other = if mark == "." { "," } else { "." };
        alone && (kept.contains(other) || kept.len() - at != 4)
    });
    let (whole, fraction) = fraction.map_or((kept, ""), |at| (&kept[..at], &kept[at + 1..]));
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let sign = if is_negative { "-" } else { "" };
    let written = if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
    serde_json::from_str(&written)
        .or_else(|_| serde_json::from_str(written.trim_start_matches('0')))
        .map_err(|_| wrong())
}

/// Year and month of a first registration.
fn registration(cell: &str) -> Option<(i64, Option<i64>)> {
    let parts: Vec<i64> =
        cell.split(['.', '/', '-', ' ']).map(str::parse).collect::<std::result::Result<_, _>>().ok()?;
    let (year, month) = match *parts.as_slice() {
        [year] => (year, None),
        [year, month] | [year, month, _] if year > 31 => (year, Some(month)),
        [month, year] | [_, month, year] => (year, Some(month)),
        _ => return None,
    };
    let good = (1880..2200).contains(&year) && month.is_none_or(|month| (1..=12).contains(&month));
    good.then_some((year, month))
}

/// The cell of a field for a car, the published document of which this is: what reading it again makes the same of.
pub fn cell(field: Field, car: &Value) -> String {
    let written = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(flag) => if *flag { "1" } else { "0" }.to_owned(),
        other => other.to_string(),
    };
    let list = |value: &Value, name: Option<&str>| {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let shown = |item: &Value| written(name.map_or(item, |name| &item[name]));
        items.iter().map(shown).collect::<Vec<_>>().join("|")
    };
    let own = &car["custom"]["listing"];
    let column = match field {
        Field::Listing(member) if matches!(member.form, Form::List) => return list(&own[member.name], None),
        Field::Listing(member) => return written(&own[member.name]),
        Field::Column(column) => column,
    };
    match column.means {
        Means::Text(name) | Means::Number(name) | Means::Whole(name) | Means::Coded(name, _) => written(&car[name]),
        Means::Price(line) => written(&car["prices"][line]["current_price"]["price"]),
        Means::Vat => written(&car["prices"]["retail"]["current_price"]["vat_substractable"]),
        Means::Images => list(&car["images"], None),
        Means::Equipment => list(&car["equipment"], Some("description")),
        Means::Status => written(&car["status"]["status"]),
        Means::Registration => match (car["year"].as_i64(), car["month"].as_i64()) {
            (Some(year), Some(month)) => format!("{month:02}.{year}"),
            _ => String::new(),
        },
        // Said in the column that the car has a member for.
        Means::Miles | Means::Horsepower => String::new(),
        Means::CodedListing(name, _) => written(&own[name]),
        Means::Type(word) => if car["type"] == word { "1" } else { "" }.to_owned(),
        Means::Word(name, word) => if own[name] == word { "1" } else { "" }.to_owned(),
    }
}

/// The same as the mobile.de interface writes it: numbers for words.
pub fn mobile_cell(field: Field, car: &Value) -> String {
    let said = cell(field, car);
    let codes = match field {
        Field::Column(Column { means: Means::Coded(_, codes) | Means::CodedListing(_, codes), .. }) => *codes,
        _ => return said,
    };
    let listed = listing_word(field, &said);
    let wanted = listed.as_deref().unwrap_or(&said);
    let code = codes.iter().find(|(_, word)| listing_word(field, word).as_deref().unwrap_or(word) == wanted);
    code.map_or(String::new(), |(code, _)| (*code).to_owned())
}

/// The key that a listing has for what is written of a fuel or gearbox.
fn listing_word(field: Field, said: &str) -> Option<String> {
    let name = match field.name() {
        "fuel" => "fuelType",
        "transmission" => "transmissionType",
        _ => return None,
    };
    let car = serde_json::from_value(json!({ field.name(): said })).ok()?;
    listing::of(&car).get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn headings_are_recognised_in_any_writing_and_nothing_means_two() {
        for (heading, name) in [
            ("Stock No.", Some("stock_number")),
            ("interne_nummer", Some("stock_number")),
            ("Händlerpreis", Some("dealer_price")),
            ("EZ", Some("first_registration")),
            ("Kilometerstand", Some("mileage")),
            ("driveType", Some("driveType")),
            ("beschaedigtes_fahrzeug", Some("isDamaged")),
            ("Precio", Some("price")),
            ("Shoe size", None),
            ("", None),
        ] {
            assert_eq!(Field::guess(heading).map(Field::name), name, "{heading}");
        }
        let also = COLUMNS.iter().flat_map(|column| column.also).chain(LISTED.iter().flat_map(|(_, also)| *also));
        let mut names: Vec<String> = Field::all().map(Field::name).chain(also.copied()).map(text::folded).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        for field in Field::all() {
            assert_eq!(Field::parse(field.name()).unwrap().name(), field.name());
        }
        for (_, heading) in MOBILE_DE {
            assert!(Field::guess(heading).is_some(), "{heading}");
        }
    }

    #[test]
    fn numbers_are_read_as_either_side_of_the_atlantic_writes_them() {
        for (cell, expected) in [
            ("24990", "24990"),
            ("24.990,50 €", "24990.50"),
            ("$ 24,990.50", "24990.50"),
            ("24.990", "24990"),
            ("1.234.567", "1234567"),
            ("6,1 l/100 km", "6.1"),
            ("5.25", "5.25"),
            ("12 500 km", "12500"),
            ("12'500", "12500"),
            ("-3", "-3"),
            ("007", "7"),
        ] {
            assert_eq!(number(cell).map(|number| number.as_f64()), Ok(expected.parse().ok()), "{cell}");
        }
        for cell in ["", "km", "€", "n/a"] {
            assert!(number(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn registrations_are_read_in_any_order() {
        for (cell, expected) in [
            ("03.2021", Some((2021, Some(3)))),
            ("03/2021", Some((2021, Some(3)))),
            ("2021-03", Some((2021, Some(3)))),
            ("2021-03-15", Some((2021, Some(3)))),
            ("15.03.2021", Some((2021, Some(3)))),
            ("2021", Some((2021, None))),
            ("13.2021", None),
            ("03.21", None),
            ("new", None),
        ] {
            assert_eq!(registration(cell), expected, "{cell}");
        }
    }

    #[test]
    fn a_row_becomes_a_car_and_says_everything_that_is_wrong() {
        let row = |cells: &[(&str, &str)]| {
            let cells: Vec<_> =
                cells.iter().map(|(name, cell)| (Field::guess(name).unwrap(), (*cell).to_owned())).collect();
            car(&cells)
        };
        let read = row(&[
            ("Marke", "Audi"),
            ("EZ", "05.2019"),
            ("Preis", "19.990,00"),
            ("mwst", "1"),
            ("Kraftstoffart", "2"),
            ("Klima", "2"),
            ("Neufahrzeug", "0"),
            ("PS", "150"),
            ("Ausstattung", "Navi | AHK"),
            ("driveType", "all"),
            ("Bemerkung", " "),
        ]);
        assert_eq!(
            read.unwrap(),
            json!({
                "make": "Audi", "year": 2019, "month": 5, "fuel": "diesel", "power": 110,
                "prices": {"retail": {"current_price": {"price": 19990.00, "vat_substractable": true}}},
                "equipment": [{"description": "Navi"}, {"description": "AHK"}],
                "custom": {"listing": {"climatisationType": "automaticClimateControl", "driveType": "all"}},
            })
        );
        let wrong = row(&[("EZ", "soon"), ("Preis", "cheap"), ("driveType", "both"), ("mwst", "maybe")]).unwrap_err();
        let fields: Vec<&str> = wrong.fields.iter().map(|field| field.pointer.as_str()).collect();
        assert_eq!(fields, ["first_registration", "price", "driveType", "vat_deductible"]);
    }
}
