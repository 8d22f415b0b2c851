//! What a demo says once it is ready: to programs in one object, to people with something to try.

use std::path::Path;

use forecourt_api::webhook::SECRET_HEADER;
use forecourt_record::Role;
use serde::Serialize;

use super::{
    dealership::{DEALER_ALZURA, Dealership, alzura},
    schedules::LEAD_TYPES,
    state::Login,
};
use crate::output::table;

/// The demo handle. What is not built yet is null.
#[derive(Clone, Debug, Serialize)]
pub struct Greeting {
    url: String,
    dealer_id: String,
    users: Vec<Login>,
    keys: Keys,
    whatsapp_webhook: Webhook,
    lead_types: Vec<String>,
}

/// One credential for each dialect.
#[derive(Clone, Debug, Serialize)]
struct Keys {
    altum: String,
    walcu: String,
    autengo: Option<String>,
    autengo_dealer_alzura_id: Option<i64>,
    autengo_user_alzura_id: Option<i64>,
    dialler: Option<String>,
    trackdrive_schedule_token: Option<String>,
    trackdrive_offer_token: Option<String>,
    admin: String,
}

#[derive(Clone, Debug, Serialize)]
struct Webhook {
    header: String,
    value: String,
}

impl Greeting {
    pub fn new(dealership: &Dealership, url: String) -> Self {
        Self {
            url,
            dealer_id: dealership.dealer.to_string(),
            users: dealership.users.clone(),
            keys: Keys {
                altum: dealership.altum_key.clone(),
                walcu: dealership.walcu_key.clone(),
                autengo: Some(dealership.autengo_key.clone()),
                autengo_dealer_alzura_id: Some(DEALER_ALZURA),
                autengo_user_alzura_id: alzura(Role::Manager),
                dialler: Some(dealership.dialler_key.clone()),
                trackdrive_schedule_token: Some(dealership.trackdrive_schedule_token.clone()),
                trackdrive_offer_token: Some(dealership.trackdrive_offer_token.clone()),
                admin: dealership.admin_key.clone(),
            },
            whatsapp_webhook: Webhook { header: SECRET_HEADER.to_owned(), value: dealership.webhook_secret.clone() },
            lead_types: LEAD_TYPES.map(|(name, _)| name.to_owned()).to_vec(),
        }
    }

    /// The same for people.
    pub fn text(&self, folder: &Path) -> String {
        let Self { url, dealer_id, users, keys, whatsapp_webhook, lead_types: _ } = self;
        let row = |login: &Login| [login.email.clone(), login.password.clone(), login.role.as_str().to_owned()];
        let users = table(["E-MAIL", "PASSWORD", "ROLE"], &users.iter().map(row).collect::<Vec<_>>());
        let credentials = table(
            ["CREDENTIAL", "VALUE"],
            &[
                ["API key".to_owned(), keys.altum.clone()],
                ["API key, Walcu".to_owned(), keys.walcu.clone()],
                ["API key, Autengo".to_owned(), keys.autengo.clone().unwrap_or_default()],
                ["API key, dialler".to_owned(), keys.dialler.clone().unwrap_or_default()],
                ["Lead token, schedule".to_owned(), keys.trackdrive_schedule_token.clone().unwrap_or_default()],
                ["Lead token, offer".to_owned(), keys.trackdrive_offer_token.clone().unwrap_or_default()],
                ["API key, administrator".to_owned(), keys.admin.clone()],
                ["WhatsApp webhook".to_owned(), format!("{}: {}", whatsapp_webhook.header, whatsapp_webhook.value)],
            ],
        );
        let (altum, walcu) = (&keys.altum, &keys.walcu);
        let folder = folder.display();
        format!(
            "Demo Motors (dealer {dealer_id}) is at {url}\n\
             \n\
             API documentation  {url}/docs\n\
             Health             {url}/health/ready\n\
             \n\
             {users}\n\
             \n\
             {credentials}\n\
             \n\
             Try:\n  \
               curl -s '{url}/v1/leads?limit=3' -H 'Authorization: Bearer {altum}'\n  \
               curl -s {url}/v1/leads -H 'Authorization: Bearer {altum}' -H 'Content-Type: application/json' \\\n    \
                 -d '{{\"name\":\"Ana Ruiz\",\"phone\":\"(713) 234-5678\",\"location\":\"houston\",\"creditScore\":\"good\",\"downPayment\":2000}}'\n  \
               curl -s '{url}/v1/analytics/summary?period=90d' -H 'Authorization: Bearer {altum}'\n  \
               curl -s '{url}/dealers/{dealer_id}/saleleads?search=status:new&sort=-created_at&limit=3' -H 'Authorization: Bearer {walcu}'\n\
             \n\
             What is needed to find all this again is in {folder}. Ctrl-C ends the demo."
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_record::Id;

    use super::*;
    use crate::system;

    #[test]
    fn the_handle_has_every_documented_member() {
        let dealer = Id::from_bytes([1; 12]);
        let login = Login { email: "a@b.example".to_owned(), password: "p".to_owned(), role: Role::Bdc };
        let dealership = Dealership {
            dealer,
            caller: system::caller(dealer),
            users: vec![login],
            altum_key: "k".to_owned(),
            walcu_key: "w".to_owned(),
            autengo_key: "t".to_owned(),
            dialler_key: "d".to_owned(),
            trackdrive_schedule_token: "s".to_owned(),
            trackdrive_offer_token: "o".to_owned(),
            admin_key: "a".to_owned(),
            webhook_secret: "s".to_owned(),
        };
        let greeting = Greeting::new(&dealership, "http://127.0.0.1:1".to_owned());
        let shown = serde_json::to_value(&greeting).unwrap();
        let names = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&shown), ["url", "dealer_id", "users", "keys", "whatsapp_webhook", "lead_types"]);
        assert_eq!(
            names(&shown["keys"]),
            [
                "altum",
                "walcu",
                "autengo",
                "autengo_dealer_alzura_id",
                "autengo_user_alzura_id",
                "dialler",
                "trackdrive_schedule_token",
                "trackdrive_offer_token",
                "admin",
            ]
        );
        assert_eq!(shown["users"][0], serde_json::json!({"email": "a@b.example", "password": "p", "role": "bdc"}));
        assert_eq!(names(&shown["whatsapp_webhook"]), ["header", "value"]);
        assert!(greeting.text(Path::new("demo-data")).contains("\"phone\":\"(713) 234-5678\""));
    }
}
