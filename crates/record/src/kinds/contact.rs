//! Contacts: the persons of a client, each a document of its own.

use super::{ClientId, Gdpr, PartId, PersonName, Text, Texts};
use crate::{
    document::Kind,
    spec::{KindSpec, KindTypes, Part::Doc, Type, belongs, hot, multi, tally},
};

tree! {
    /// The published tree of a contact: a [`super::Contact`] of its client, with what every document has.
    ClientContact {
        name: Option<PersonName>,
        phones: Texts,
        emails: Texts,
        government_id: Text,
        client_id: Option<ClientId>,
    } + imported + kept

    ClientContactComputed {
        gdpr: Vec<Gdpr>,
        _id: PartId,
    }
}

impl Kind for ClientContact {
    type Extra = ();
    type Computed = ClientContactComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "contacts",
        singular: "contact",
        hot: &[hot("client_id", Doc, "client_id", Type::Text), hot("government_id", Doc, "government_id", Type::Text)],
        text: &[
            (Doc, "name.raw_name"),
            (Doc, "name.first_name"),
            (Doc, "name.last_name"),
            (Doc, "phones"),
            (Doc, "emails"),
            (Doc, "government_id"),
        ],
        tallies: &[tally(&[])],
        measures: &[],
        references: &[belongs("client_id", "clients")],
        multi: &[
            multi("phones", Doc, "phones"),
            multi("emails", Doc, "emails"),
            multi("foreign_ids", Doc, "foreign_ids"),
        ],
        types: KindTypes::of::<Self>(),
    };
}
