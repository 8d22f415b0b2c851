//! What an enquiry from a feed or a file brings along, beyond what a form asks.

use std::hash::{Hash, Hasher};

use forecourt_record::{
    Address, Car, Client, Document, Kind as _, Origin, Provider, Result, SaleLead, Vin, WantedCar, WantedCarEntry,
};
use forecourt_store::Tx;
use serde::Serialize;

use crate::{Ref, vehicle};

/// Everything is optional, and goes onto what the enquiry makes as it is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Brought {
    /// The wanted car in the sender's words: an entry of the lead's list when it is not one of the stock.
    pub car: Option<WantedCar>,
    /// The medium and campaign beside the source.
    pub origin: Option<Origin>,
    pub provider: Option<Provider>,
    pub email_id: Option<String>,
    /// Where the person lives: kept where the client is new.
    pub address: Option<Address>,
    pub imported_from: Option<String>,
    pub foreign_ids: Vec<String>,
    /// The import as a whole, and the task of it: stamped on everything that is made.
    pub bulk_import_id: Option<String>,
    pub lead_import_id: Option<String>,
}

impl Hash for Brought {
    fn hash<H: Hasher>(&self, state: &mut H) {
        serde_json::to_string(self).unwrap_or_default().hash(state);
    }
}

impl Brought {
    /// The car of the stock that is meant: by its VIN, else by its number. None when the sender means one that is not
    /// there, which is no mistake of whoever asks.
    pub(super) async fn stock_car(&self, tx: &mut Tx) -> Result<Option<Document<Car>>> {
        let Some(car) = &self.car else { return Ok(None) };
        if let Some(vin) = car.vin.as_deref().and_then(|vin| Vin::parse(vin).ok()) {
            let known = tx.keys_find::<Car>(Car::SPEC.name, &[("vin", vin.as_str())]).await?;
            if let Some((_, _, id)) = known.first() {
                return vehicle::find(tx, Ref::Id(*id)).await;
            }
        }
        let number =
            car.stock_number.as_deref().and_then(|number| number.trim_start_matches(['V', 'v', '-']).parse().ok());
        match number {
            Some(number) => vehicle::find(tx, Ref::Number(number)).await,
            None => Ok(None),
        }
    }

    /// Puts what was brought onto the lead.
    pub(super) fn onto_lead(&self, lead: &mut SaleLead) {
        if let Some(car) = self.car.clone().filter(|_| lead.car_list.is_empty()) {
            lead.car_list.push(WantedCarEntry { car: Some(car), ..WantedCarEntry::default() });
        }
        if let Some(origin) = &self.origin {
            let known = lead.origin.get_or_insert_default();
            known.medium = known.medium.take().or_else(|| origin.medium.clone());
            known.campaign = known.campaign.take().or_else(|| origin.campaign.clone());
        }
        lead.provider.clone_from(&self.provider);
        lead.email_id.clone_from(&self.email_id);
        lead.imported_from.clone_from(&self.imported_from);
        lead.foreign_ids.clone_from(&self.foreign_ids);
        self.stamp(&mut lead.bulk_import_ids, &mut lead.lead_import_ids);
    }

    /// Stamps a client that was made, and the contacts it was made with.
    pub(super) fn onto_client(&self, client: &mut Client) {
        client.address.clone_from(&self.address);
        self.stamp(&mut client.bulk_import_ids, &mut client.lead_import_ids);
    }

    pub(super) fn stamp(&self, bulk: &mut Vec<String>, task: &mut Vec<String>) {
        bulk.extend(self.bulk_import_id.clone());
        task.extend(self.lead_import_id.clone());
    }
}
