//! Repair orders: what the workshop did to a vehicle, and what it cost.

use super::{At, ClientId, ContactId, Flag, Int, Num, PartId, Text};
use crate::{
    document::Kind,
    spec::{KindSpec, KindTypes, Part::Doc, Type, hot, mentions, multi, tally},
};

tree! {
    RepairPart {
        part_id: Text,
        part_description: Text,
        price: Num,
        _id: PartId,
    }

    Labor {
        labor_id: Text,
        description: Text,
        price: Num,
        _id: PartId,
    }

    RepairJob {
        description: Text,
        category: Text,
        parts: Vec<RepairPart>,
        labors: Vec<Labor>,
        _id: PartId,
    }

    RepairInvoice {
        invoice_number: Text,
        price: Num,
        jobs: Vec<RepairJob>,
        _id: PartId,
    }

    /// What the vehicle is known by.
    RepairedCar {
        vin: Text,
        license_plate: Text,
        _id: PartId,
    }

    /// The published tree of a repair order.
    RepairOrder {
        repair_order_number: Text,
        date: At,
        /// In kilometres.
        mileage: Num,
        invoices: Vec<RepairInvoice>,
        client_id: Option<ClientId>,
        contact_id: Option<ContactId>,
        r#type: Text,
        finished: Flag,
        vehicle_handed_back: Flag,
        car_info: Option<RepairedCar>,
        location: Text,
    } + kept

    /// The client's vehicle with this VIN or plate.
    RepairedVehicle {
        model_year: Int,
        year: Int,
        month: Int,
        make: Text,
        model: Text,
        _id: PartId,
    }

    RepairOrderComputed {
        vehicle: Vec<RepairedVehicle>,
        _id: PartId,
    }
}

impl Kind for RepairOrder {
    type Extra = ();
    type Computed = RepairOrderComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "repairorders",
        singular: "repair order",
        hot: &[
            hot("number", Doc, "repair_order_number", Type::Text),
            hot("date", Doc, "date", Type::Instant),
            hot("client_id", Doc, "client_id", Type::Text),
            hot("contact_id", Doc, "contact_id", Type::Text),
            hot("vin", Doc, "car_info.vin", Type::Text),
            hot("plate", Doc, "car_info.license_plate", Type::Text),
            hot("type", Doc, "type", Type::Text),
            hot("finished", Doc, "finished", Type::Flag),
            hot("location", Doc, "location", Type::Text),
        ],
        text: &[
            (Doc, "repair_order_number"),
            (Doc, "car_info.vin"),
            (Doc, "car_info.license_plate"),
            (Doc, "invoices.invoice_number"),
            (Doc, "invoices.jobs.description"),
        ],
        tallies: &[tally(&[]), tally(&["location"])],
        measures: &[],
        references: &[mentions("client_id", "clients"), mentions("contact_id", "contacts")],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };
}
