//! Vehicles of clients: what they own and drive, and what has been done to it.

use super::{At, ClientId, ContactId, Flag, Gdpr, Int, Num, PartId, RepairOrderId, Text};
use crate::{
    document::Kind,
    spec::{KindSpec, KindTypes, Part::Doc, Type, hot, mentions, multi, tally},
};

tree! {
    /// Who owned or drove a vehicle, and when.
    Keeper {
        client_id: Option<ClientId>,
        contact_id: Option<ContactId>,
        from_date: At,
        to_date: At,
        _id: PartId,
    }

    DeclaredMileage {
        date: At,
        /// In kilometres.
        mileage: Num,
        _id: PartId,
    }

    /// The published tree of a client's vehicle.
    ClientVehicle {
        owner_history: Vec<Keeper>,
        driver_history: Vec<Keeper>,
        declared_mileage_history: Vec<DeclaredMileage>,
    } + vehicle + imported + kept

    /// A repair order of the vehicle.
    VehicleOrder {
        repair_order_id: Option<RepairOrderId>,
        r#type: Text,
        date: At,
        mileage: Num,
        latest_of_type: Flag,
        location: Text,
    }

    ClientVehicleComputed {
        average_yearly_mileage: Num,
        driver_gdpr: Option<Gdpr>,
        location: Text,
        number_of_orders: Int,
        orders: Vec<VehicleOrder>,
        owner_gdpr: Option<Gdpr>,
        _id: PartId,
    }
}

impl Kind for ClientVehicle {
    type Extra = ();
    type Computed = ClientVehicleComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "clientvehicles",
        singular: "client's vehicle",
        hot: &[
            hot("vin", Doc, "vin", Type::Text),
            hot("plate", Doc, "license_plate", Type::Text),
            hot("location", Doc, "location", Type::Text),
            hot("year", Doc, "year", Type::Int),
        ],
        text: &[(Doc, "make"), (Doc, "model"), (Doc, "version"), (Doc, "vin"), (Doc, "license_plate"), (Doc, "color")],
        tallies: &[tally(&[]), tally(&["location"])],
        measures: &[],
        references: &[
            mentions("owner_history.client_id", "clients"),
            mentions("owner_history.contact_id", "contacts"),
            mentions("driver_history.client_id", "clients"),
            mentions("driver_history.contact_id", "contacts"),
        ],
        multi: &[
            multi("owner_client", Doc, "owner_history.client_id"),
            multi("owner_contact", Doc, "owner_history.contact_id"),
            multi("driver_client", Doc, "driver_history.client_id"),
            multi("driver_contact", Doc, "driver_history.contact_id"),
            multi("foreign_ids", Doc, "foreign_ids"),
        ],
        types: KindTypes::of::<Self>(),
    };
}
