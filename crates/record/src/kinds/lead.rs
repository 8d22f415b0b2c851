//! Sale leads: somebody wants a car.

use serde::{Deserialize, Serialize};

use super::{
    At, CarCategory, CarId, CarType, Custom, Finance, Int, NoteId, Num, Text, Texts, UserId, WantedCarEntry,
    tree::is_empty,
};
use crate::{
    Instant,
    document::Kind,
    scoring::Answers,
    spec::{
        KindSpec, KindTypes,
        Part::{Computed, Doc, Extra},
        Type, belongs, hot, mentions, multi, tally,
    },
    templates::Template,
};

tree! {
    /// The published tree of a sale lead.
    SaleLead {
        car_list: Vec<WantedCarEntry>,
        finance: Option<Finance>,
    } + lead

    /// A car of the lead's `car_list`, as it is in the stock now.
    LeadCar {
        car_id: Option<CarId>,
        ad_urls: Texts,
        dealer_ad_url: Text,
        body_style: Text,
        category: Option<CarCategory>,
        price: Num,
        doors: Int,
        fuel: Text,
        images: Texts,
        license_plate: Text,
        make: Text,
        mileage: Num,
        model: Text,
        power: Num,
        seats: Int,
        stock_number: Text,
        r#type: Option<CarType>,
        transmission: Text,
        version: Text,
        vin: Text,
        year: Int,
        car_customs: Custom,
        status: Text,
    }

    /// What follows from the lead's cars, client and communications. The `car_*` members are those of its first car.
    SaleLeadComputed {
        car_ad_urls: Texts,
        car_body_style: Text,
        car_category: Option<CarCategory>,
        car_current_price: Num,
        car_customs: Custom,
        car_dealer_ad_url: Text,
        car_doors: Int,
        car_fuel: Text,
        car_id: Option<CarId>,
        car_images: Texts,
        car_license_plate: Text,
        car_list: Vec<LeadCar>,
        car_make: Text,
        car_mileage: Num,
        car_model: Text,
        car_number_of_photos: Int,
        car_power: Num,
        car_seats: Int,
        car_stock_number: Text,
        car_transmission: Text,
        car_type: Option<CarType>,
        car_version: Text,
        car_vin: Text,
        car_year: Int,
        number_of_cars: Int,
        total_price_of_lead: Num,
    } + worked
}

/// The answers of a person to the qualification questions, and what they were worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Qualification {
    pub answers: Answers,
    pub score: i64,
    /// The band's name: `A`, `B`, `Reject` on the standard scorecard.
    pub filter: String,
    /// The scorecard version it was scored with.
    pub scorecard: i64,
}

/// Why a lead went to whom it went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Routing {
    pub at: Option<Instant>,
    /// Who could have had it, in the order of preference.
    pub candidates: Vec<RoutingCandidate>,
    pub chosen: Option<UserId>,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutingCandidate {
    pub user: UserId,
    pub open_leads: i64,
    pub last_assigned_at: Option<Instant>,
}

/// How far an appointment came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Appointment {
    Set,
    Shown,
    Missed,
}

/// What we alone know of a sale lead.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SaleLeadExtra {
    /// The dealer's own small number: L-1042.
    pub number: i64,
    #[serde(skip_serializing_if = "is_empty")]
    pub language: Text,
    pub qualification: Qualification,
    /// Who asks, as this enquiry said it: one of the client's contacts.
    pub name: String,
    #[serde(skip_serializing_if = "is_empty")]
    pub phone: Text,
    #[serde(skip_serializing_if = "is_empty")]
    pub email: Text,
    #[serde(skip_serializing_if = "is_empty")]
    pub routing: Option<Routing>,
    /// The note a dialect with a single `notes` member reads and writes.
    #[serde(skip_serializing_if = "is_empty")]
    pub note_id: Option<NoteId>,
    #[serde(skip_serializing_if = "is_empty")]
    pub last_activity_at: At,
    /// The day it was created on, in the dealer's zone.
    pub day: String,
    /// The name without case and accents, for sorting.
    pub sort_name: String,
    #[serde(skip_serializing_if = "is_empty")]
    pub appointment: Option<Appointment>,
    /// `computed.response_time` to two significant digits: the column the histogram counts by.
    #[serde(skip_serializing_if = "is_empty")]
    pub response_bucket: Int,
    /// Set when the person answered: the bot keeps still from then on.
    #[serde(skip_serializing_if = "is_empty")]
    pub answered_at: At,
    /// Templates to be sent for what has happened to the lead, oldest first.
    #[serde(skip_serializing_if = "is_empty")]
    pub templates_due: Vec<Template>,
    /// How many re-engagements have been sent.
    #[serde(skip_serializing_if = "is_empty")]
    pub reengagements: i64,
    /// When somebody last worked it; idleness counts from here.
    #[serde(skip_serializing_if = "is_empty")]
    pub worked_at: At,
    /// How many alerts this stretch of idleness has raised.
    #[serde(skip_serializing_if = "is_empty")]
    pub idle_alerts: i64,
    /// Which door it came in by.
    pub dialect: String,
}

impl Kind for SaleLead {
    type Extra = SaleLeadExtra;
    type Computed = SaleLeadComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "saleleads",
        singular: "lead",
        hot: &[
            hot("number", Extra, "number", Type::Int),
            hot("client_id", Doc, "client_id", Type::Text),
            hot("status", Doc, "status.status", Type::Text),
            hot("location", Doc, "location", Type::Text),
            hot("source", Doc, "origin.source", Type::Text),
            hot("owner", Doc, "current_assigned.to", Type::Text),
            hot("filter", Extra, "qualification.filter", Type::Text),
            hot("score", Extra, "qualification.score", Type::Int),
            hot("cost", Doc, "cost", Type::Hundredths),
            hot("sort_name", Extra, "sort_name", Type::Text),
            hot("last_activity_at", Extra, "last_activity_at", Type::Instant),
            hot("day", Extra, "day", Type::Text),
            hot("appointment", Extra, "appointment", Type::Text),
            hot("response", Extra, "response_bucket", Type::Int),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
        ],
        text: &[
            (Extra, "name"),
            (Computed, "client_contacts_names"),
            (Computed, "client_phones"),
            (Computed, "client_emails"),
            (Computed, "notes"),
            (Doc, "inquiry"),
        ],
        tallies: &[
            tally(&[]),
            tally(&["status"]),
            tally(&["location", "status"]),
            tally(&["owner", "status"]),
            tally(&["filter", "status"]),
            tally(&["source", "status"]),
            tally(&["location", "status", "filter", "source", "owner"]),
            tally(&["day", "status"]),
            tally(&["day", "filter"]),
            tally(&["day", "source", "status"]),
            tally(&["day", "appointment"]),
            tally(&["day", "response"]),
            tally(&["location", "day", "status"]),
            tally(&["location", "day", "filter"]),
            tally(&["location", "day", "source", "status"]),
            tally(&["location", "day", "appointment"]),
            tally(&["location", "day", "response"]),
        ],
        measures: &["score", "cost"],
        references: &[belongs("client_id", "clients"), mentions("car_list.car_id", "cars")],
        multi: &[
            multi("cars", Doc, "car_list.car_id"),
            multi("foreign_ids", Doc, "foreign_ids"),
            multi("bulk_import_ids", Doc, "bulk_import_ids"),
            multi("lead_import_ids", Doc, "lead_import_ids"),
        ],
        types: KindTypes::of::<Self>(),
    };
}

impl SaleLead {
    /// The pipeline status; empty before it has one.
    pub fn status_name(&self) -> &str {
        self.status.as_ref().and_then(|status| status.status.as_deref()).unwrap_or_default()
    }

    /// The user who works it.
    pub fn owner(&self) -> Option<UserId> {
        self.current_assigned.as_ref()?.to.as_ref()?.parse().ok()
    }

    pub fn source(&self) -> Option<&str> {
        self.origin.as_ref()?.source.as_deref()
    }

    /// The first car asked for, when it is one of the stock.
    pub fn stock_car(&self) -> Option<CarId> {
        self.car_list.iter().find_map(|entry| entry.car_id)
    }
}
