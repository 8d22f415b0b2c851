//! Programs of partners that post leads, change them and write to people, one request after the other on each connection.

use std::{net::SocketAddr, sync::Arc};

use forecourt_connect::sandbox::{Envelope, Said, Sandbox};
use forecourt_record::Instant;
use rand::{RngExt as _, rngs::SmallRng};
use serde_json::json;

use super::ledger::{Ledger, Stranger};
use crate::support::{Connection, Request, patch};

/// The number that strangers write to: the Houston one of the demo.
const OWN_NUMBER: &str = "+17135550100";

/// No answer came, or none that helps: the server is gone, or its database is.
pub struct Gone;

/// One partner's connection.
pub struct Load {
    ledger: Arc<Ledger>,
    address: SocketAddr,
    chance: SmallRng,
    /// The leads this connection has got acknowledged: only it changes them.
    mine: Vec<usize>,
}

impl Load {
    pub fn new(ledger: Arc<Ledger>, address: SocketAddr, chance: SmallRng) -> Self {
        Self { ledger, address, chance, mine: Vec::new() }
    }

    /// Goes on until nobody can answer any more.
    pub async fn run(mut self) {
        let Ok(mut connection) = Connection::open(self.address).await else { return };
        while self.step(&mut connection).await.is_ok() {
            self.ledger.acknowledge();
        }
    }

    async fn step(&mut self, connection: &mut Connection) -> Result<(), Gone> {
        let mine = (!self.mine.is_empty()).then(|| self.mine[self.chance.random_range(0..self.mine.len())]);
        match (self.chance.random_range(0..100), mine) {
            (0..15, Some(lead)) => self.change(connection, lead).await,
            (15..30, Some(lead)) => self.write(connection, lead).await,
            _ => {
                let lead = ask_for_lead(&self.ledger, connection).await?;
                self.mine.push(lead);
                Ok(())
            }
        }
    }

    async fn change(&mut self, connection: &mut Connection, lead: usize) -> Result<(), Gone> {
        let notes = format!("note {}", self.chance.random::<u32>());
        let id = {
            let lead = &mut self.ledger.entries().leads[lead];
            lead.notes_under_way = Some(notes.clone());
            lead.id.clone().expect("it is acknowledged")
        };
        let request = self.ledger.signed(patch(&format!("/v1/leads/{id}"), &json!({"notes": notes})));
        send(connection, &request, 200).await?;
        let lead = &mut self.ledger.entries().leads[lead];
        (lead.notes, lead.notes_under_way) = (lead.notes_under_way.take(), None);
        Ok(())
    }

    async fn write(&mut self, connection: &mut Connection, lead: usize) -> Result<(), Gone> {
        let id = self.ledger.entries().leads[lead].id.clone().expect("it is acknowledged");
        let sending = self.ledger.next_sending(&id);
        let answer = send(connection, &self.ledger.sending_request(sending), 202).await?;
        self.ledger.sending_queued(sending, &answer);
        Ok(())
    }
}

/// Posts a lead of somebody new, and gives its place in the ledger.
pub async fn ask_for_lead(ledger: &Ledger, connection: &mut Connection) -> Result<usize, Gone> {
    let lead = ledger.next_lead();
    let answer = send(connection, &ledger.lead_request(lead), 201).await?;
    ledger.lead_created(lead, &answer);
    Ok(lead)
}

/// Posts the webhook of a message from somebody new.
pub async fn hear_from_stranger(ledger: &Ledger, connection: &mut Connection) -> Result<(), Gone> {
    let at = ledger.entries().strangers.len();
    let phone = format!("+49160{at:08}");
    let id = format!("wamid.stranger.{at}");
    let said = Said {
        id: &id,
        from: &phone,
        name: "A stranger",
        body: "Is it still available?",
        at: Instant::EPOCH,
        reply_to: None,
    };
    let phone_number_id = Sandbox::phone_number_id(OWN_NUMBER);
    let body = Envelope { number: OWN_NUMBER, phone_number_id: &phone_number_id }.text(&said);
    let request = ledger.webhook(body);
    ledger.entries().strangers.push(Stranger { phone, request: request.clone(), answered: false });
    send(connection, &request, 200).await?;
    ledger.entries().strangers[at].answered = true;
    Ok(())
}

/// Sends; whatever is answered has to be what a server that is well answers.
async fn send(connection: &mut Connection, request: &Request, status: u16) -> Result<serde_json::Value, Gone> {
    match connection.send(request).await {
        Ok(answer) if answer.status != 503 => Ok(answer.expect(status)),
        Ok(_) | Err(_) => Err(Gone),
    }
}
