//! Short names for what people ask for most, and where each kind has it.

use forecourt_record::{shape::Leaf, spec::KindSpec};

use super::writing::Writing;
use crate::FieldPath;

pub struct Alias {
    pub name: &'static str,
    pub writing: Writing,
    /// The first of these lists of which the kind has a field is meant; any of its fields may hold the value.
    fields: &'static [&'static [&'static str]],
}

const fn alias(name: &'static str, writing: Writing, fields: &'static [&'static [&'static str]]) -> Alias {
    Alias { name, writing, fields }
}

pub const ALIASES: &[Alias] = &[
    alias("status", Writing::Exact, &[&["status.status"], &["status"], &["delivery_status"]]),
    alias(
        "owner",
        Writing::Exact,
        &[&["current_assigned.to"], &["users"], &["user_id"], &["notification.notify_to"], &["created_by"]],
    ),
    alias(
        "phone",
        Writing::Phone,
        &[
            &["computed.client_phones"],
            &["contacts_phones", "business_details.phones"],
            &["phones"],
            &["client_number"],
            &["client_info.phone"],
            &["from.phone", "to.phone"],
            &["accounts.chat_participant.phone"],
            &["from", "to"],
        ],
    ),
    alias(
        "email",
        Writing::Email,
        &[
            &["computed.client_emails"],
            &["contacts_emails", "business_details.emails"],
            &["emails"],
            &["client_info.email"],
            &["from.email", "to.email"],
            &["accounts.chat_participant.email"],
            &["signature_data.signaturit.email"],
        ],
    ),
    alias(
        "plate",
        Writing::Capitals,
        &[
            &["license_plate"],
            &["car_list.car.license_plate", "computed.car_list.license_plate"],
            &["car.license_plate", "car.plate"],
            &["computed.vehicle.license_plate"],
            &["car_info.license_plate"],
        ],
    ),
    alias(
        "vin",
        Writing::Capitals,
        &[
            &["vin"],
            &["car_list.car.vin", "computed.car_list.vin"],
            &["car.vin", "car.VIN"],
            &["computed.vehicle.vin"],
            &["car_info.vin"],
        ],
    ),
    alias(
        "make",
        Writing::Free,
        &[&["make"], &["car_list.car.make", "computed.car_list.make"], &["car.make"], &["computed.vehicle.make"]],
    ),
    alias("source", Writing::Exact, &[&["origin.source"], &["source"]]),
    alias("created", Writing::Exact, &[&["created_at"]]),
    alias("updated", Writing::Exact, &[&["updated_at"]]),
    alias("score", Writing::Exact, &[&["score"]]),
    alias("filter", Writing::Exact, &[&["filter"]]),
    alias("location", Writing::Exact, &[&["location"], &["computed.lead_location"]]),
    alias(
        "name",
        Writing::Words,
        &[
            &["sort_name"],
            &["contacts_names", "business_details.name"],
            &["computed.client_contacts_names"],
            &["name.raw_name", "name.first_name", "name.last_name"],
            &["name"],
            &["title"],
            &["signature_data.signaturit.name"],
        ],
    ),
];

/// The fields a kind has under a short name; none when it has no such thing.
pub fn find(spec: &KindSpec, name: &str) -> Option<(&'static Alias, Vec<FieldPath>)> {
    let alias = ALIASES.iter().find(|alias| alias.name.eq_ignore_ascii_case(name))?;
    Some((alias, alias.paths(spec)?))
}

/// The short names that mean something to a kind.
pub fn names(spec: &KindSpec) -> impl Iterator<Item = &'static str> {
    ALIASES.iter().filter(|alias| alias.paths(spec).is_some()).map(|alias| alias.name)
}

impl Alias {
    fn paths(&self, spec: &KindSpec) -> Option<Vec<FieldPath>> {
        let found = |fields: &&[&str]| {
            let paths: Vec<_> = fields.iter().filter_map(|field| FieldPath::resolve(spec, field).ok()).collect();
            let values = paths.iter().all(|path| path.leaf != Leaf::Object);
            (values && !paths.is_empty()).then_some(paths)
        };
        self.fields.iter().find_map(found)
    }
}
