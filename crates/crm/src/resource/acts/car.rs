//! A car of the stock that is stored as a document: numbered, its VIN held while it is unsold, its price remembered.

use forecourt_record::{Car, CarExtra, Document, Error, Result, Vin, listing};
use forecourt_store::{Raw, Tx};

use crate::vehicle;

pub async fn put(tx: &mut Tx, before: Option<Raw>, after: &Raw) -> Result<()> {
    let mut car: Document<Car> = after.read()?;
    let wrong = listing::wrong(&car.doc);
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    // In its one writing, as it is compared. One that is no VIN is kept as it is, and belongs to nobody.
    if let Some(vin) = car.doc.vin.as_deref().and_then(|vin| vin.parse::<Vin>().ok()) {
        car.doc.vin = Some(vin.as_str().to_owned());
    }
    match &before {
        None => {
            car.extra = CarExtra { number: tx.number("cars", 1).await?, ..CarExtra::default() };
            vehicle::store(tx, None, &mut car).await?;
        }
        Some(before) => vehicle::store(tx, Some(&before.read()?), &mut car).await?,
    }
    Ok(())
}
