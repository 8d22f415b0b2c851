//! After-sale leads: somebody wants something done to a vehicle.

use super::{CarCategory, ClientVehicleId, Custom, Int, Num, Text, Texts};
use crate::{
    document::Kind,
    spec::{
        KindSpec, KindTypes,
        Part::{Computed, Doc},
        Type, belongs, hot, mentions, multi, tally,
    },
};

tree! {
    /// The published tree of an after-sale lead.
    AftersaleLead {
        vehicle_id: Option<ClientVehicleId>,
    } + lead

    /// The vehicle of the lead, as it is now.
    LeadVehicle {
        body_style: Text,
        category: Option<CarCategory>,
        doors: Int,
        fuel: Text,
        images: Texts,
        license_plate: Text,
        make: Text,
        mileage: Num,
        model: Text,
        power: Num,
        seats: Int,
        transmission: Text,
        version: Text,
        vin: Text,
        year: Int,
        vehicle_customs: Custom,
    }

    /// What follows from the lead's vehicle, client and communications.
    AftersaleLeadComputed {
        total_price_of_lead: Num,
        vehicle: Vec<LeadVehicle>,
    } + worked
}

impl Kind for AftersaleLead {
    type Extra = ();
    type Computed = AftersaleLeadComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "aftersaleleads",
        singular: "after-sale lead",
        hot: &[
            hot("client_id", Doc, "client_id", Type::Text),
            hot("status", Doc, "status.status", Type::Text),
            hot("location", Doc, "location", Type::Text),
            hot("source", Doc, "origin.source", Type::Text),
            hot("owner", Doc, "current_assigned.to", Type::Text),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
            hot("vehicle_id", Doc, "vehicle_id", Type::Text),
        ],
        text: &[
            (Computed, "client_contacts_names"),
            (Computed, "client_phones"),
            (Computed, "client_emails"),
            (Computed, "notes"),
            (Computed, "vehicle.make"),
            (Computed, "vehicle.model"),
            (Computed, "vehicle.version"),
            (Computed, "vehicle.license_plate"),
            (Computed, "vehicle.vin"),
            (Doc, "inquiry"),
        ],
        tallies: &[tally(&[]), tally(&["status"]), tally(&["location", "status"]), tally(&["owner", "status"])],
        measures: &[],
        references: &[belongs("client_id", "clients"), mentions("vehicle_id", "clientvehicles")],
        multi: &[
            multi("foreign_ids", Doc, "foreign_ids"),
            multi("bulk_import_ids", Doc, "bulk_import_ids"),
            multi("lead_import_ids", Doc, "lead_import_ids"),
        ],
        types: KindTypes::of::<Self>(),
    };
}
