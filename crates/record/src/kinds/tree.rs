//! How a published tree is written: every member optional, absent when empty, each with one type.
//!
//! `tree!` declares the structs of a kind. Members that several trees have alike are written once, in `compose!`, and
//! named after a struct with `+`: a car and the vehicle of a client are both `+ vehicle`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use crate::{Id, Instant};

/// The member types of the published trees.
pub type Text = Option<String>;
pub type Texts = Vec<String>;
/// A JSON number as it was sent: an integer stays one.
pub type Num = Option<Number>;
pub type Nums = Vec<Number>;
pub type Int = Option<i64>;
pub type Flag = Option<bool>;
pub type At = Option<Instant>;
pub type Custom = Option<Free>;
/// A JSON object with any members.
pub type Members = Map<String, Value>;
/// The `_id` of a sub-object.
pub type PartId = Option<Id<()>>;

/// Free data: any JSON object, or a string. That it is one of the two is checked by its schema; what has been stored is
/// read whatever it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Free(pub Value);

impl From<Value> for Free {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl JsonSchema for Free {
    fn schema_name() -> Cow<'static, str> {
        "Free".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["object", "string"], "description": "Free data: any JSON object, or a string."})
    }

    fn inline_schema() -> bool {
        true
    }
}

/// True for what is left out of a written document.
pub fn is_empty<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Declares structs of a published tree: their own members, and after `+` the names of those they share with others.
macro_rules! tree {
    ($($(#[$meta:meta])* $name:ident { $($own:tt)* } $(+ $shared:ident)*)*) => {
        $( compose! { [$($shared)*] $(#[$meta])* $name { $($own)* } } )*
    };
}

/// Puts a struct together: adds the members of each shared list in turn, then declares it.
macro_rules! compose {
    ([] $(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(default)]
        pub struct $name { $(
            $(#[$field_meta])*
            #[serde(skip_serializing_if = "crate::kinds::tree::is_empty")]
            pub $field: $type,
        )* }
    };

    // What every published document ends with.
    ([kept $($more:ident)*] $(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        compose! { [$($more)*] $(#[$meta])* $name { $($own)*
            foreign_ids: super::Texts,
            updated_by: super::Text,
            custom: super::Custom,
        } }
    };

    // What an import stamps on everything it makes.
    ([imported $($more:ident)*] $(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        compose! { [$($more)*] $(#[$meta])* $name { $($own)*
            bulk_import_ids: super::Texts,
            lead_import_ids: super::Texts,
        } }
    };

    // What belongs to a lead and its client: a note, a task, a date, an offer.
    ([of_lead $($more:ident)*] $(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        compose! { [imported $($more)*] $(#[$meta])* $name { $($own)*
            notification: Option<super::Notification>,
            created_by: super::Text,
            client_id: Option<super::ClientId>,
            /// The lead it belongs to, of the kind that `lead_type` says.
            lead_id: Option<crate::Id<()>>,
            lead_type: Option<super::LeadType>,
        } }
    };

    // A lead of any kind.
    ([lead $($more:ident)*] $(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        compose! { [imported kept $($more)*] $(#[$meta])* $name {
            status_history: Vec<super::StatusEntry>,
            status: Option<super::Status>,
            notification: Option<super::Notification>,
            links: super::Texts,
            origin: Option<super::Origin>,
            inquiry: super::Text,
            provider: Option<super::Provider>,
            r#type: super::Text,
            location: super::Text,
            email_id: super::Text,
            imported_from: super::Text,
            assigned: Vec<super::Assignment>,
            current_assigned: Option<super::Assignment>,
            created_by: super::Text,
            client_id: Option<super::ClientId>,
            investments: Vec<super::Investment>,
            cost: super::Num,
            $($own)*
        } }
    };

    // A vehicle, whoever it belongs to.
    ([vehicle $($more:ident)*] $(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        compose! { [$($more)*] $(#[$meta])* $name { $($own)*
            external_ids: Vec<super::ExternalId>,
            provider_codes: Option<super::ProviderCodes>,
            ad_urls: super::Texts,
            make: super::Text,
            model: super::Text,
            model_year: super::Int,
            version: super::Text,
            license_plate: super::Text,
            location: super::Text,
            /// In kilometres.
            mileage: super::Num,
            month: super::Int,
            year: super::Int,
            warranty_months: super::Num,
            vin: super::Text,
            fuel: super::Text,
            transmission: super::Text,
            power: super::Num,
            fiscal_power: super::Num,
            images: super::Texts,
            doors: super::Int,
            seats: super::Int,
            body_style: super::Text,
            color: super::Text,
            engine_size: super::Num,
            engine_serial_number: super::Text,
            extras: super::Texts,
            r#type: Option<super::CarType>,
            category: Option<super::CarCategory>,
            equipment: Vec<super::Equipment>,
            co2_emissions: super::Num,
            data_provider_id: super::Text,
            weights: Option<super::Weights>,
        } }
    };

    // Of a consent to the use of somebody's data, all but its end.
    ([consent $($more:ident)*] $(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        compose! { [$($more)*] $(#[$meta])* $name {
            gdprentry_id: super::Text,
            location: super::Text,
            consents: Option<super::Consents>,
            granted_on: super::At,
            $($own)*
            custom: super::Custom,
            _id: super::PartId,
        } }
    };

    // Computed of a client, and of each of its leads alike.
    ([dealings $($more:ident)*] $(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        compose! { [$($more)*] $(#[$meta])* $name { $($own)*
            appointments_created_by: super::Texts,
            /// In seconds, of the newest calls first.
            client_call_durations: super::Nums,
            client_call_notes: super::Texts,
            client_last_call_date: super::At,
            client_last_communication_date: super::At,
            client_last_communication_direction: Option<super::Direction>,
            client_last_communication_user: super::Text,
            client_last_email_date: super::At,
            client_last_inbound_call_date: super::At,
            client_last_inbound_communication_date: super::At,
            client_last_inbound_email_date: super::At,
            client_last_inbound_sms_date: super::At,
            client_last_outbound_call_date: super::At,
            client_last_outbound_communication_date: super::At,
            client_last_outbound_email_date: super::At,
            client_last_outbound_sms_date: super::At,
            client_last_read_email_date: super::At,
            client_last_sms_date: super::At,
            client_number_of_aftersale_leads: super::Int,
            client_number_of_appraisal_leads: super::Int,
            client_number_of_calls: super::Int,
            client_number_of_communications: super::Int,
            client_number_of_exchanged_emails: super::Int,
            client_number_of_inbound_calls: super::Int,
            client_number_of_inbound_communications: super::Int,
            client_number_of_leads: super::Int,
            client_number_of_outbound_calls: super::Int,
            client_number_of_outbound_communications: super::Int,
            client_number_of_sale_leads: super::Int,
            client_number_of_whatsapp_sessions: super::Int,
            client_oldest_undone_notification: super::At,
            notes: super::Texts,
            number_of_appointments: super::Int,
            number_of_completed_tasks: super::Int,
            number_of_notes: super::Int,
            number_of_offers: super::Int,
            number_of_tasks: super::Int,
            number_of_uncompleted_tasks: super::Int,
            _id: super::PartId,
        } }
    };

    // Computed of a lead of any kind: what its client is like, and what has been done about the lead.
    ([worked $($more:ident)*] $(#[$meta:meta])* $name:ident { $($own:tt)* }) => {
        compose! { [dealings $($more)*] $(#[$meta])* $name { $($own)*
            appointments: Vec<super::LeadAppointment>,
            client_address: Option<super::Address>,
            client_business_details: Option<super::BusinessDetails>,
            client_contacts: Vec<super::Contact>,
            client_contacts_names: super::Texts,
            client_created_at: super::At,
            client_customs: super::Custom,
            client_emails: super::Texts,
            client_gdpr: Option<super::Gdpr>,
            client_number_of_email_addresses: super::Int,
            client_number_of_phone_numbers: super::Int,
            client_phones: super::Texts,
            client_primary_contact: Option<super::Contact>,
            first_offer_date: super::At,
            last_offer_date: super::At,
            previous_assigned_to: super::Texts,
            /// Seconds from creation to the first outbound communication by a person.
            response_time: super::Int,
            tasks: Vec<super::LeadTask>,
            tasks_assigned_to: super::Texts,
            tasks_date: Vec<crate::Instant>,
        } }
    };
}

/// Declares closed enumerations of a published tree, each value with the word it is written as.
macro_rules! words {
    ($($(#[$meta:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $word:literal,)* })*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $name { $(
            $(#[$note])*
            #[serde(rename = $word)]
            $variant,
        )* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word as it is published.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    )* };
}
