//! A partner's lead as it is shown: the person on the schedule, and what is known of the person.

use forecourt_record::{
    Client, Document, Enrolment, EnrolmentId, Phone, Result, SaleLead, ScheduledCallback, Whereabouts, gate::Channel,
    whereabouts::Clues,
};
use forecourt_store::Tx;

/// What a repeated lead came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dedupe {
    /// Nobody was there.
    None,
    /// The lead that was there was changed.
    Updated,
    /// The one that was there has ended, and another one taken its place.
    Replaced,
    /// Another one stands beside it.
    Allowed,
}

/// A lead on a schedule.
#[derive(Clone, Debug)]
pub struct PartnerView {
    pub enrolment: Document<Enrolment>,
    pub lead: Document<SaleLead>,
    /// The small number of the schedule it is on.
    pub schedule: i64,
    /// The small number of the call that was promised.
    pub callback: Option<i64>,
    /// Nobody contacts the person.
    pub blocked: bool,
    /// The person does not want to be called or written to.
    pub opted_out: bool,
    pub whereabouts: Whereabouts,
    pub dedupe: Dedupe,
}

impl PartnerView {
    pub(super) async fn load(tx: &mut Tx, id: EnrolmentId, dedupe: Dedupe) -> Result<Self> {
        let enrolment: Document<Enrolment> = tx.require(id).await?;
        let lead: Document<SaleLead> = tx.require(enrolment.doc.lead_id).await?;
        let schedule = tx.require(enrolment.doc.schedule_id).await?.extra.number;
        let callback = match enrolment.doc.callback_id {
            Some(id) => tx.get::<ScheduledCallback>(id).await?.map(|callback| callback.extra.number),
            None => None,
        };
        let client = match lead.doc.client_id {
            Some(id) => tx.get::<Client>(id).await?,
            None => None,
        };
        let mut opted_out = false;
        for (channel, address) in addresses(enrolment.doc.caller_id.as_deref(), enrolment.doc.email.as_deref()) {
            opted_out |= tx.suppressed(channel.as_str(), address).await?.is_some();
        }
        let home = client.as_ref().and_then(|client| client.doc.address.as_ref());
        let phone = enrolment.doc.caller_id.as_deref().and_then(|number| Phone::parse(number, None).ok());
        let whereabouts = Whereabouts::of(&Clues {
            phone: phone.as_ref(),
            zone: None,
            country: home.and_then(|home| home.country.as_deref()),
            state: home.and_then(|home| home.area_level_1.as_deref()),
        });
        let blocked = client.is_some_and(|client| client.extra.blocked);
        Ok(Self { enrolment, lead, schedule, callback, blocked, opted_out, whereabouts, dedupe })
    }
}

/// Where somebody is reached by which means: the number, or the address of somebody without one.
pub(super) fn addresses<'a>(number: Option<&'a str>, email: Option<&'a str>) -> Vec<(Channel, &'a str)> {
    let by_number = [Channel::Call, Channel::Sms, Channel::Whatsapp];
    match number {
        Some(number) => by_number.into_iter().map(|channel| (channel, number)).collect(),
        None => email.into_iter().map(|email| (Channel::Email, email)).collect(),
    }
}
