//! The names vehicles are offered under: each is given to one vehicle of the server, and never to another one.

use forecourt_record::{CarId, Error, Result, selling::candidate};

use crate::Tx;

/// Names tried for a vehicle. That so many are taken does not happen by chance.
const ATTEMPTS: u32 = 100;

impl Tx {
    /// Gives a vehicle a name of its own.
    pub async fn selling_id(&mut self, car: CarId) -> Result<String> {
        const CLAIM: &str = "INSERT INTO selling_ids (selling_id, dealer_id, id) VALUES (?1, ?2, ?3) \
             ON CONFLICT (selling_id) DO NOTHING RETURNING selling_id";
        for attempt in 0..ATTEMPTS {
            let name = candidate(car, attempt);
            let params = [name.as_str().into(), self.dealer_param(), car.into()];
            if !self.write_rows(CLAIM, &params).await?.is_empty() {
                return Ok(name);
            }
        }
        Err(Error::internal(format!("no name is left to offer vehicle {car} under")))
    }
}
