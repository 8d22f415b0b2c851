//! What may be done, one right each: on keys as granted, on users by their role.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::Role;

macro_rules! rights {
    (
        single { $($(#[$doc:meta])* $name:ident = $text:literal,)* }
        collections { $($collection:ident = $word:literal,)* }
    ) => {
        /// A published collection that a key may be let into by itself.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Collection { $($collection),* }

        impl Collection {
            pub const ALL: &[Self] = &[$(Self::$collection),*];

            /// The collection's name, as in a path.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$collection => $word),* }
            }
        }

        /// One thing that may be done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Right {
            $($(#[$doc])* $name,)*
            /// Read the documents of a collection, list and export them.
            Read(Collection),
            /// Create and change them.
            Write(Collection),
            Delete(Collection),
        }

        impl Right {
            /// Everything there is to be granted, [`Right::History`] included.
            pub const ALL: &[Self] = &[
                $(Self::$name,)*
                $(Self::Read(Collection::$collection), Self::Write(Collection::$collection), Self::Delete(Collection::$collection),)*
            ];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    $(
                        Self::Read(Collection::$collection) => concat!($word, ":read"),
                        Self::Write(Collection::$collection) => concat!($word, ":write"),
                        Self::Delete(Collection::$collection) => concat!($word, ":delete"),
                    )*
                }
            }
        }
    };
}

rights! {
    single {
        LeadRead = "lead:read",
        LeadWrite = "lead:write",
        LeadDelete = "lead:delete",
        MessageRead = "message:read",
        MessageSend = "message:send",
        VehicleRead = "vehicle:read",
        VehicleWrite = "vehicle:write",
        AnalyticsRead = "analytics:read",
        /// Read schedules and rules of contact, and how they do.
        OutreachRead = "outreach:read",
        /// Change them, and rehearse them.
        OutreachWrite = "outreach:write",
        Administer = "admin",
        /// Outbound messages are only recorded, not sent: for taking over what another system has already done. Less a
        /// right than a mode, so nobody has it who was not given it by name.
        History = "history",
    }
    collections {
        Aftersaleleads = "aftersaleleads",
        Appraisalleads = "appraisalleads",
        Cars = "cars",
        Chatmessages = "chatmessages",
        Chatproviders = "chatproviders",
        Chatsessions = "chatsessions",
        Clients = "clients",
        Clientvehicles = "clientvehicles",
        Conferences = "conferences",
        Contacts = "contacts",
        Dates = "dates",
        Leadimporttasks = "leadimporttasks",
        Notes = "notes",
        Offers = "offers",
        Repairorders = "repairorders",
        Saleleads = "saleleads",
        Sms = "sms",
        Tasks = "tasks",
        Whatsappmessages = "whatsappmessages",
        Whatsappsessions = "whatsappsessions",
    }
}

impl Right {
    /// What a key is given that nobody named rights for: everything but to administer, and nothing that changes what
    /// other rights do.
    pub fn usual() -> Vec<Self> {
        Self::ALL.iter().copied().filter(|right| !matches!(right, Self::Administer | Self::History)).collect()
    }

    /// Whether the role carries it, on the rows that the role sees.
    pub const fn is_of(self, role: Role) -> bool {
        use Collection::{
            Aftersaleleads, Appraisalleads, Cars, Chatmessages, Chatproviders, Chatsessions, Clients, Clientvehicles,
            Conferences, Contacts, Dates, Leadimporttasks, Notes, Offers, Repairorders, Saleleads, Sms, Tasks,
            Whatsappmessages, Whatsappsessions,
        };
        use Role::{Admin, Bdc, Manager, Readonly, Sales, Service};
        match self {
            Self::History => false,
            Self::Administer => matches!(role, Admin),
            Self::LeadRead | Self::MessageRead | Self::VehicleRead | Self::OutreachRead | Self::Read(_) => true,
            Self::AnalyticsRead => !matches!(role, Service),
            Self::LeadWrite | Self::MessageSend => matches!(role, Admin | Manager | Bdc | Sales),
            Self::VehicleWrite => matches!(role, Admin | Manager | Sales),
            Self::LeadDelete | Self::OutreachWrite => matches!(role, Admin | Manager),
            Self::Write(collection) => match collection {
                // Which providers the house talks through is a setting; imports come from its own programs.
                Chatproviders | Leadimporttasks => matches!(role, Admin | Manager),
                Cars | Offers => matches!(role, Admin | Manager | Sales),
                // The workshop keeps its own appointments, tasks and notes, too.
                Aftersaleleads | Clientvehicles | Dates | Notes | Repairorders | Tasks => !matches!(role, Readonly),
                Appraisalleads | Chatmessages | Chatsessions | Clients | Conferences | Contacts | Saleleads | Sms
                | Whatsappmessages | Whatsappsessions => matches!(role, Admin | Manager | Bdc | Sales),
            },
            Self::Delete(collection) => match collection {
                Dates | Notes | Tasks => !matches!(role, Readonly),
                Aftersaleleads | Appraisalleads | Cars | Chatmessages | Chatproviders | Chatsessions | Clients
                | Clientvehicles | Conferences | Contacts | Leadimporttasks | Offers | Repairorders | Saleleads
                | Sms | Whatsappmessages | Whatsappsessions => matches!(role, Admin | Manager),
            },
        }
    }
}

impl FromStr for Right {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().find(|right| right.as_str() == text).copied().ok_or_else(|| {
            let names = Self::ALL.iter().map(|right| right.as_str());
            match crate::shape::nearest(text, names) {
                Some(near) => format!("there is no right \"{text}\"; did you mean \"{near}\"?"),
                None => format!("there is no right \"{text}\"; `forecourt key rights` lists them"),
            }
        })
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Right {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Right {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'_, str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Right {
    fn schema_name() -> Cow<'static, str> {
        "Right".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Self::ALL.iter().map(|right| right.as_str()).collect();
        json_schema!({"type": "string", "enum": names})
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_right_is_read_as_it_is_written() {
        for right in Right::ALL {
            assert_eq!(right.as_str().parse::<Right>().unwrap(), *right);
            assert_eq!(serde_json::to_value(right).unwrap(), right.as_str());
        }
        assert_eq!(Right::ALL.len(), 12 + 3 * Collection::ALL.len());
        assert!("saleleads:raed".parse::<Right>().unwrap_err().contains("\"saleleads:read\""));
    }

    #[test]
    fn roles_have_what_their_work_needs() {
        for (role, may, may_not) in [
            (Role::Admin, "admin cars:delete chatproviders:write", "history"),
            (Role::Manager, "saleleads:delete clients:delete leadimporttasks:write outreach:write", "admin history"),
            (
                Role::Bdc,
                "saleleads:write sms:write tasks:delete outreach:read",
                "saleleads:delete cars:write outreach:write",
            ),
            (Role::Sales, "offers:write cars:write saleleads:write", "cars:delete clients:delete"),
            (Role::Service, "repairorders:write dates:delete saleleads:read", "saleleads:write sms:write"),
            (Role::Readonly, "saleleads:read cars:read", "notes:write notes:delete history"),
        ] {
            let has = |text: &str| text.parse::<Right>().unwrap().is_of(role);
            assert!(may.split(' ').all(has), "{role:?}");
            assert!(!may_not.split(' ').any(has), "{role:?}");
        }
    }
}
