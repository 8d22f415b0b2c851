//! A conversation: the pair of numbers a dealer and a person write from, and the session that keeps its 24-hour window.

use std::cmp::max;

use forecourt_connect::whatsapp::window_expires;
use forecourt_crm::Config;
use forecourt_query::{Direction as Order, Filter, Find};
use forecourt_record::{
    ClientId, Direction, Document, Email, Instant, Kind as _, Phone, Result, SaleLead, SessionExtra, SessionId,
    WhatsappSession,
};
use forecourt_store::Tx;

/// Where a message to a lead would go, and from where.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub client_number: Option<String>,
    pub dealer_number: Option<String>,
    /// When the window closes, or closed, in which free text may be sent.
    pub window_expires_at: Option<Instant>,
}

/// Which number a message may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// That of an open conversation before our own.
    Any,
    /// The one that was named.
    Named,
}

/// A number in the one form it is compared by; one we cannot read stays as it is.
pub(crate) fn normal(number: &str) -> String {
    Phone::parse(number, None).map_or_else(|_| number.to_owned(), |phone| phone.as_str().to_owned())
}

/// The number a location writes from, else the dealer's.
pub(crate) fn own_number(config: &Config, location: Option<&str>) -> Option<String> {
    let number = config.whatsapp_number(location)?;
    let phone = Phone::parse(number, Some(config.country(location)));
    Some(phone.map_or_else(|_| number.to_owned(), |phone| phone.as_str().to_owned()))
}

/// The number a location calls from: its telephone's, else the one it writes from.
pub(crate) fn calling_number(config: &Config, location: Option<&str>) -> Option<String> {
    let telephone = location.and_then(|code| config.location(code)).and_then(|location| location.phone.as_deref());
    let phone = telephone.and_then(|number| Phone::parse(number, Some(config.country(location))).ok());
    phone.map(|phone| phone.as_str().to_owned()).or_else(|| own_number(config, location))
}

/// The number a lead is reached at.
pub(crate) fn reached_at(lead: &Document<SaleLead>) -> Option<&str> {
    lead.extra.phone.as_deref().or_else(|| lead.computed.client_phones.first().map(String::as_str))
}

/// The address a lead is written to by mail.
pub(crate) fn mailed_at(lead: &Document<SaleLead>) -> Option<&str> {
    lead.extra.email.as_deref().or_else(|| lead.computed.client_emails.first().map(String::as_str))
}

/// The address mails come from: the one a schedule names, else the dealer's.
pub(crate) fn own_address(config: &Config, named: Option<&Email>) -> Option<String> {
    named.or(config.dealer.doc.email.as_ref()).map(|address| address.as_str().to_owned())
}

impl Line {
    /// The line to a lead: a conversation whose window is open goes on from the number it runs on; otherwise the
    /// lead's location writes.
    pub async fn to(tx: &mut Tx, config: &Config, lead: &Document<SaleLead>) -> Result<Self> {
        let own = own_number(config, lead.doc.location.as_deref());
        Self::reaching(tx, own, reached_at(lead).map(str::to_owned), Sender::Any).await
    }

    /// The line to a number: from `own`, or from the number of a conversation that is open, where any will do.
    pub async fn reaching(
        tx: &mut Tx,
        own: Option<String>,
        client_number: Option<String>,
        sender: Sender,
    ) -> Result<Self> {
        let Some(client_number) = client_number else {
            return Ok(Self { client_number: None, dealer_number: own, window_expires_at: None });
        };
        let newest = Find {
            filter: Filter::eq("client_number", client_number.as_str()),
            sort: vec![("last_message_date", Order::Descending)],
            skip: 0,
            limit: 20,
        };
        let sessions = tx.find::<WhatsappSession>(&newest).await?;
        let now = tx.scope().now;
        let is_open = |session: &&Document<WhatsappSession>| session.doc.expires_at.is_some_and(|end| end > now);
        let from_own = |session: &&Document<WhatsappSession>| session.doc.dealer_number == own;
        let is_open = |session: &&Document<WhatsappSession>| sender == Sender::Any && is_open(session);
        let session = sessions.iter().find(is_open).or_else(|| sessions.iter().find(from_own));
        Ok(Self {
            client_number: Some(client_number),
            dealer_number: session.and_then(|session| session.doc.dealer_number.clone()).or(own),
            window_expires_at: session.and_then(|session| session.doc.expires_at),
        })
    }

    pub fn is_open(&self, now: Instant) -> bool {
        self.window_expires_at.is_some_and(|end| end > now)
    }
}

/// What a new session is made with.
#[derive(Clone, Debug)]
pub(crate) struct Opening<'a> {
    pub id: SessionId,
    pub dealer_number: &'a str,
    pub client_number: &'a str,
    pub client: Option<ClientId>,
    pub location: Option<&'a str>,
    pub phone_id: Option<&'a str>,
    pub direction: Direction,
}

/// The session of a pair of numbers, held against other writers; made when there is none. A pair has one, however many
/// ask at once.
pub(crate) async fn open(tx: &mut Tx, opening: &Opening<'_>) -> Result<Document<WhatsappSession>> {
    let pair = format!("{}|{}", opening.dealer_number, opening.client_number);
    let holder = tx.key_claim(WhatsappSession::SPEC.name, "number", &pair, opening.id).await?;
    if holder != opening.id {
        return tx.require_for_update(holder).await;
    }
    let now = tx.scope().now;
    let doc = WhatsappSession {
        client_number: Some(opening.client_number.to_owned()),
        dealer_number: Some(opening.dealer_number.to_owned()),
        phone_id: opening.phone_id.map(str::to_owned),
        location: opening.location.map(str::to_owned),
        made_at: Some(now),
        direction: Some(opening.direction),
        ..WhatsappSession::default()
    };
    let extra = SessionExtra { client_id: opening.client, ..SessionExtra::default() };
    let session = Document::new(opening.id, now, doc, extra);
    tx.insert(&session).await?;
    Ok(session)
}

/// A message went out at `at`. What a person wrote answers the client; what the house sends by itself does not.
pub(crate) fn wrote(session: &mut Document<WhatsappSession>, at: Instant, user: Option<String>, automatic: bool) {
    let doc = &mut session.doc;
    if doc.last_message_date.is_none_or(|last| last <= at) {
        doc.last_message_date = Some(at);
        doc.last_message_direction = Some(Direction::Outbound);
        if !automatic {
            doc.waiting_client = Some(false);
        }
    }
    doc.users.extend(user.filter(|user| !doc.users.contains(user)));
    session.extra.last_outbound_at = max(session.extra.last_outbound_at, Some(at));
}

/// The person wrote at `at`: the window is open for another day. Messages arrive in any order; the newest counts.
pub(crate) fn heard(session: &mut Document<WhatsappSession>, at: Instant) {
    let doc = &mut session.doc;
    if doc.last_message_date.is_none_or(|last| last <= at) {
        doc.last_message_date = Some(at);
        doc.last_message_direction = Some(Direction::Inbound);
        doc.waiting_client = Some(true);
    }
    session.extra.last_inbound_at = max(session.extra.last_inbound_at, Some(at));
    doc.expires_at = window_expires(session.extra.last_inbound_at);
}

#[cfg(test)]
mod tests {
    use forecourt_record::Id;

    use super::*;

    const DAY: i64 = 24 * 3_600_000;

    fn session() -> Document<WhatsappSession> {
        let now = Instant::EPOCH;
        Document::new(Id::from_bytes([1; 12]), now, WhatsappSession::default(), SessionExtra::default())
    }

    #[test]
    fn the_newest_message_of_the_person_opens_the_window_whatever_the_order() {
        for order in [[100, 200], [200, 100], [200, 200]] {
            let mut session = session();
            for at in order {
                heard(&mut session, Instant::from_millis(at));
            }
            assert_eq!(session.doc.expires_at, Some(Instant::from_millis(DAY + 200)), "{order:?}");
            assert_eq!(session.doc.last_message_date, Some(Instant::from_millis(200)));
        }
    }

    #[test]
    fn a_late_message_does_not_undo_an_answer() {
        let mut session = session();
        wrote(&mut session, Instant::from_millis(300), Some("u".into()), false);
        heard(&mut session, Instant::from_millis(200));
        assert_eq!(session.doc.waiting_client, Some(false));
        assert_eq!(session.doc.last_message_direction, Some(Direction::Outbound));
        heard(&mut session, Instant::from_millis(400));
        assert_eq!(session.doc.waiting_client, Some(true));
        wrote(&mut session, Instant::from_millis(500), None, true);
        assert_eq!(session.doc.waiting_client, Some(true));
        assert_eq!(session.doc.users, ["u"]);
    }
}
