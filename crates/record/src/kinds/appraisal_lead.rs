//! Appraisal leads: somebody wants to know what a car is worth.

use super::{Num, OfferedCar};
use crate::{
    document::Kind,
    spec::{KindSpec, KindTypes, Part::Computed, Part::Doc, Type, belongs, hot, multi, tally},
};

tree! {
    /// The published tree of an appraisal lead.
    AppraisalLead {
        car: Option<OfferedCar>,
        appraisal_value: Num,
    } + lead

    /// What follows from the lead's client and communications.
    AppraisalLeadComputed {
    } + worked
}

impl Kind for AppraisalLead {
    type Extra = ();
    type Computed = AppraisalLeadComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "appraisalleads",
        singular: "appraisal lead",
        hot: &[
            hot("client_id", Doc, "client_id", Type::Text),
            hot("status", Doc, "status.status", Type::Text),
            hot("location", Doc, "location", Type::Text),
            hot("source", Doc, "origin.source", Type::Text),
            hot("owner", Doc, "current_assigned.to", Type::Text),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
            hot("vin", Doc, "car.vin", Type::Text),
            hot("plate", Doc, "car.license_plate", Type::Text),
        ],
        text: &[
            (Computed, "client_contacts_names"),
            (Computed, "client_phones"),
            (Computed, "client_emails"),
            (Computed, "notes"),
            (Doc, "inquiry"),
            (Doc, "car.make"),
            (Doc, "car.model"),
            (Doc, "car.version"),
            (Doc, "car.license_plate"),
            (Doc, "car.plate"),
            (Doc, "car.vin"),
            (Doc, "car.VIN"),
        ],
        tallies: &[tally(&[]), tally(&["status"]), tally(&["location", "status"]), tally(&["owner", "status"])],
        measures: &[],
        references: &[belongs("client_id", "clients")],
        multi: &[
            multi("foreign_ids", Doc, "foreign_ids"),
            multi("bulk_import_ids", Doc, "bulk_import_ids"),
            multi("lead_import_ids", Doc, "lead_import_ids"),
        ],
        types: KindTypes::of::<Self>(),
    };
}
