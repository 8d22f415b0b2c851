//! Clients: a person or company, with its contacts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Address, At, BusinessDetails, Contact, ContactGdpr, Int, Members, NoteId, PersonName, Text, Texts, tree::is_empty,
};
use crate::{
    document::Kind,
    spec::{
        KindSpec, KindTypes,
        Part::{Doc, Extra},
        Type, hot, mentions, multi, tally,
    },
};

tree! {
    /// The published tree of a client.
    Client {
        address: Option<Address>,
        contacts: Vec<Contact>,
        primary_contact: Option<Contact>,
        business_details: Option<BusinessDetails>,
        contacts_emails: Texts,
        contacts_phones: Texts,
        contacts_names: Texts,
        contacts_government_ids: Texts,
        created_by: Text,
        pinned_note_id: Option<NoteId>,
    } + imported + kept

    ClientComputed {
        client_last_aftersale_lead_date: At,
        client_last_appraisal_lead_date: At,
        client_last_inbound_whatsapp_date: At,
        client_last_outbound_whatsapp_date: At,
        client_last_sale_lead_date: At,
        client_number_of_inbound_emails: Int,
        client_number_of_inbound_sms: Int,
        client_number_of_inbound_whatsapp_sessions: Int,
        client_number_of_outbound_emails: Int,
        client_number_of_outbound_sms: Int,
        client_number_of_outbound_whatsapp_sessions: Int,
        client_number_of_sms: Int,
        client_oldest_undone_aftersalelead_notification: At,
        client_oldest_undone_appraisallead_notification: At,
        client_oldest_undone_conference_notification: At,
        client_oldest_undone_date_notification: At,
        client_oldest_undone_email_notification: At,
        client_oldest_undone_note_notification: At,
        client_oldest_undone_salelead_notification: At,
        client_oldest_undone_sms_notification: At,
        client_oldest_undone_task_notification: At,
        client_oldest_undone_whatsappsession_notification: At,
        primary_contact_gdpr: Vec<ContactGdpr>,
    } + dealings
}

/// Another client that may be the same person: suggested, never merged silently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergeSuggestion {
    pub client: super::ClientId,
    pub reason: String,
}

/// What a partner's portal keeps of a client beyond what everybody knows of one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerCard {
    /// The dealer's own small number of the card.
    pub number: i64,
    /// The number in the dealer's books.
    #[serde(skip_serializing_if = "is_empty")]
    pub tecfactura_id: Text,
    /// The addresses that were given for a place of the card.
    #[serde(skip_serializing_if = "is_empty")]
    pub written: BTreeMap<String, Written>,
    /// Members that only such portals have, by their names there.
    #[serde(skip_serializing_if = "is_empty")]
    pub members: Members,
}

/// A phone number or e-mail address as it was written, and as the client has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Written {
    pub text: String,
    pub stored: String,
}

/// What we alone know of a client.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientExtra {
    #[serde(skip_serializing_if = "is_empty")]
    pub language: Text,
    #[serde(skip_serializing_if = "is_empty")]
    pub merge_suggestions: Vec<MergeSuggestion>,
    /// Nobody may contact this person, and nothing may be sent to it.
    #[serde(skip_serializing_if = "is_empty")]
    pub blocked: bool,
    /// The name without case and accents, for sorting.
    pub sort_name: String,
    /// None until a portal brings or reads the client.
    #[serde(skip_serializing_if = "is_empty")]
    pub card: Option<Box<CustomerCard>>,
}

impl Kind for Client {
    type Extra = ClientExtra;
    type Computed = ClientComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "clients",
        singular: "client",
        hot: &[hot("sort_name", Extra, "sort_name", Type::Text)],
        text: &[
            (Doc, "contacts_names"),
            (Doc, "contacts_phones"),
            (Doc, "contacts_emails"),
            (Doc, "business_details.name"),
        ],
        tallies: &[tally(&[])],
        measures: &[],
        references: &[mentions("pinned_note_id", "notes")],
        multi: &[
            multi("phones", Doc, "contacts_phones"),
            multi("emails", Doc, "contacts_emails"),
            multi("government_ids", Doc, "contacts_government_ids"),
            multi("foreign_ids", Doc, "foreign_ids"),
            multi("bulk_import_ids", Doc, "bulk_import_ids"),
            multi("lead_import_ids", Doc, "lead_import_ids"),
        ],
        types: KindTypes::of::<Self>(),
    };
}

impl Client {
    /// Brings the members that follow `contacts` in line with it.
    pub fn follow_contacts(&mut self) {
        fn distinct(values: impl Iterator<Item = String>) -> Texts {
            let mut seen = Vec::new();
            for value in values {
                if !seen.contains(&value) {
                    seen.push(value);
                }
            }
            seen
        }
        let contacts = &self.contacts;
        self.contacts_phones = distinct(contacts.iter().flat_map(|contact| contact.phones.clone()));
        self.contacts_emails = distinct(contacts.iter().flat_map(|contact| contact.emails.clone()));
        self.contacts_names = distinct(contacts.iter().filter_map(|contact| contact.name.as_ref()?.shown()));
        self.contacts_government_ids = distinct(contacts.iter().filter_map(|contact| contact.government_id.clone()));
        let primary = self.primary_contact.as_ref().and_then(|primary| primary._id);
        let chosen = contacts.iter().find(|contact| primary.is_some() && contact._id == primary);
        self.primary_contact = chosen.or(contacts.first()).cloned();
    }

    /// Makes a primary contact that was set one of the contacts; `before` is who it was. One that was only sent back
    /// says nothing.
    pub fn choose_primary(&mut self, before: Option<&Contact>) {
        // The server gives ids to the parts of what is written, which says nothing either.
        let said = |contact: &Contact| {
            let name = contact.name.clone().map(|name| PersonName { _id: None, ..name });
            Contact { name, ..contact.clone() }
        };
        let before = before.map(said);
        let Some(primary) = self.primary_contact.as_mut().filter(|primary| Some(said(primary)) != before) else {
            return;
        };
        let alike = |contact: &&Contact| Contact { _id: primary._id, ..said(contact) } == said(primary);
        if let Some(same) = self.contacts.iter().find(alike) {
            primary._id = same._id;
        } else if let Some(same) = self.contacts.iter_mut().find(|contact| contact._id == primary._id) {
            *same = primary.clone();
        } else {
            self.contacts.push(primary.clone());
        }
    }

    /// The name shown for this client.
    pub fn name(&self) -> &str {
        self.contacts_names.first().map(String::as_str).unwrap_or_default()
    }

    /// The number it is reached at.
    pub fn phone(&self) -> Option<&str> {
        self.contacts_phones.first().map(String::as_str)
    }

    pub fn email(&self) -> Option<&str> {
        self.contacts_emails.first().map(String::as_str)
    }
}
