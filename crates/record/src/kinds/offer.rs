//! Offers: what was put on paper for a client, and whether it was signed.

use super::{Flag, Members, OfLeadComputed, PartId, Text};
use crate::{
    document::Kind,
    spec::{KindSpec, KindTypes, Part::Doc, Type, belongs, belongs_to_lead, hot, multi, tally},
};

words! {
    OfferStatus {
        Draft = "draft",
        Sent = "sent",
        Viewed = "viewed",
        Signed = "signed",
        Rejected = "rejected",
        Expired = "expired",
    }

    SignatureProvider {
        Signaturit = "signaturit",
        None = "none",
    }
}

tree! {
    OfferOptions {
        locale: Text,
        timezone: Text,
        auto_finalize: Flag,
        signature_provider: Option<SignatureProvider>,
        _id: PartId,
    }

    Signer {
        name: Text,
        email: Text,
        _id: PartId,
    }

    SignatureData {
        signaturit: Option<Signer>,
        _id: PartId,
    }

    /// A value that took a place in the template.
    ReplacedValue {
        key: Text,
        value: Option<Members>,
        source_field: Option<Members>,
        manually_edited: Flag,
        model_name: Text,
        _id: PartId,
    }

    /// The published tree of an offer.
    Offer {
        file_id: Text,
        status: Option<OfferStatus>,
        options: Option<OfferOptions>,
        signature_data: Option<SignatureData>,
        signature_url: Text,
        signature_file_id: Text,
        signature_audit_file_id: Text,
        template_id: Text,
        replacement_ids: Option<Members>,
        replaced_values: Vec<ReplacedValue>,
    } + of_lead + kept
}

impl Kind for Offer {
    type Extra = ();
    type Computed = OfLeadComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "offers",
        singular: "offer",
        hot: &[
            hot("lead_id", Doc, "lead_id", Type::Text),
            hot("client_id", Doc, "client_id", Type::Text),
            hot("status", Doc, "status", Type::Text),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
        ],
        text: &[(Doc, "signature_data.signaturit.name"), (Doc, "signature_data.signaturit.email")],
        tallies: &[tally(&[]), tally(&["status"])],
        measures: &[],
        references: &[belongs_to_lead(), belongs("client_id", "clients")],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };
}
