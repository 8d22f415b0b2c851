//! The gate: one function that every outbound contact passes, whoever wants it and whenever.
//!
//! It is asked when a contact is planned, so that nothing hopeless is queued, and again in the transaction that marks it
//! as being sent, since people change their minds in between. What it does not know, it refuses.

use std::time::Duration;

use forecourt_crm::{Config, access, computed, consent};
use forecourt_query::{Filter, Find};
use forecourt_record::{
    AftersaleLead, AppraisalLead, Client, ClientId, Code, Document, Error, Held, Instant, Kind, Phone, Result,
    SaleLead, Whereabouts,
    consent::Standing,
    gate::{Asked, Channel, Contacted, Purpose, Rules, Timing, WITHDRAWN, timing},
    whereabouts::Clues,
};
use forecourt_store::Tx;

/// What may be done with a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allow,
    /// Not now: at this instant it may be asked again.
    Hold {
        until: Instant,
        rule: Rule,
    },
    Refuse {
        rule: Rule,
    },
}

/// Why a contact is held or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Nobody may contact this client, or the client is not known any more.
    Blocked,
    /// The address is suppressed on this channel.
    Suppressed {
        reason: String,
    },
    /// The person has taken the consent to it back.
    Withdrawn,
    /// The contact needs a consent that the person has not given: the rule's name, and the law or custom behind it.
    NoConsent {
        rule: String,
        source: String,
    },
    NoPhone,
    NoEmail,
    /// The dealer has no number, or address, to send from.
    NoSender,
    /// WhatsApp carries free text only within 24 hours of the person's last message.
    WindowClosed,
    /// A rule of when, or how often, people may be contacted: its name, and the law or custom behind it.
    Timing {
        rule: String,
        source: String,
    },
}

impl Rule {
    /// Stable, for a caller that shows or counts it.
    pub fn name(&self) -> &str {
        match self {
            Self::Timing { rule, .. } | Self::NoConsent { rule, .. } => rule,
            Self::Withdrawn => WITHDRAWN,
            Self::Blocked => "blocked",
            Self::Suppressed { .. } => "suppressed",
            Self::NoPhone => "no_phone",
            Self::NoEmail => "no_email",
            Self::NoSender => "no_sender",
            Self::WindowClosed => "whatsapp_window_closed",
        }
    }

    /// The rule in words that hold nothing personal: fit for the log and for a timeline.
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::Timing { .. } => "a rule of when and how often people may be contacted forbids it",
            Self::Blocked => "nobody may contact this person",
            Self::Suppressed { .. } => "the person must not be contacted on this channel",
            Self::Withdrawn => "the person has withdrawn the consent to it",
            Self::NoConsent { .. } => "the person has not consented to it",
            Self::NoPhone => "the person has no phone number",
            Self::NoEmail => "the person has no e-mail address",
            Self::NoSender => "no number or address to send from is set up",
            Self::WindowClosed => "the person has not written in the last 24 hours, so only a template may be sent",
        }
    }

    pub const fn code(&self) -> Code {
        match self {
            Self::Blocked | Self::Suppressed { .. } | Self::Withdrawn | Self::NoConsent { .. } => Code::Suppressed,
            Self::NoPhone => Code::NoPhone,
            Self::NoEmail | Self::NoSender | Self::Timing { .. } => Code::Conflict,
            Self::WindowClosed => Code::WhatsappWindowClosed,
        }
    }

    /// The rule as a message that waits for it remembers it.
    pub(crate) fn held(&self) -> Held {
        let reason = match self {
            Self::Timing { source, .. } | Self::NoConsent { source, .. } if !source.is_empty() => source,
            _ => self.sentence(),
        };
        Held { rule: self.name().to_owned(), reason: reason.to_owned() }
    }

    /// The refusal as it is told to whoever wanted the contact.
    pub fn error(&self) -> Error {
        let why = match self {
            Self::Suppressed { reason } => format!("{} ({reason})", self.sentence()),
            Self::Timing { rule, source } | Self::NoConsent { rule, source } => {
                format!("{} ({rule}: {source})", self.sentence())
            }
            _ => self.sentence().to_owned(),
        };
        Error::new(self.code(), format!("Not sent: {why}."))
    }
}

/// The contact somebody wants, with what the rules of its channel depend on. A channel to come is a variant to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    WhatsappText {
        window_expires_at: Option<Instant>,
    },
    WhatsappTemplate,
    Sms,
    /// A mail.
    Email,
    /// A chat of another provider.
    Chat,
    /// A phone call.
    Call,
}

impl Contact {
    pub const fn channel(self) -> Channel {
        match self {
            Self::WhatsappText { .. } | Self::WhatsappTemplate => Channel::Whatsapp,
            Self::Sms => Channel::Sms,
            Self::Email => Channel::Email,
            Self::Chat => Channel::Chat,
            Self::Call => Channel::Call,
        }
    }
}

/// The channel's name in suppressions.
pub const WHATSAPP: &str = Channel::Whatsapp.as_str();

/// A contact somebody would like to make.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    pub contact: Contact,
    pub purpose: Purpose,
    pub client: Option<ClientId>,
    /// Whom it would reach: E.164, or the address of a mail.
    pub address: Option<&'a str>,
    /// Whom it would come from, the same.
    pub sender: Option<&'a str>,
    /// Whose rules hold, by its code.
    pub location: Option<&'a str>,
    /// The message itself, once there is one: it is not in its own way.
    pub reference: Option<&'a str>,
}

/// Everything the verdict depends on.
#[derive(Clone, Debug)]
pub struct Facts {
    pub contact: Contact,
    /// Whom it would reach, E.164.
    pub address: Option<String>,
    /// Whom it would come from, E.164.
    pub sender: Option<String>,
    pub blocked: bool,
    /// Why the address must not be contacted on the channel.
    pub suppressed: Option<String>,
    /// The consent that is missing, or was taken back.
    pub unconsented: Option<Rule>,
    /// What the rules of when and how often say: until when, where that is ever over, and which rule.
    pub timing: Option<(Option<Instant>, Rule)>,
    pub now: Instant,
}

impl Facts {
    /// Looks up what the verdict depends on. A number that is nobody's may be written to; a client that is not known
    /// any more has been erased, and may not.
    pub async fn load(tx: &mut Tx, config: &Config, wish: Wish<'_>) -> Result<Self> {
        let now = tx.scope().now;
        Self::load_at(tx, config, wish, now).await
    }

    /// The same, as if it were that instant and nobody had been contacted meanwhile.
    pub async fn load_at(tx: &mut Tx, config: &Config, wish: Wish<'_>, now: Instant) -> Result<Self> {
        let _measured = computed::Measured::begin("gate_verdict_duration_seconds");
        let Wish { contact, client, address, sender, .. } = wish;
        let suppressed = match address {
            Some(address) => tx.suppressed(contact.channel().as_str(), address).await?,
            None => None,
        };
        let client = match client {
            Some(id) => Some(tx.get::<Client>(id).await?),
            None => None,
        };
        let blocked = client.as_ref().is_some_and(|client| client.as_ref().is_none_or(|client| client.extra.blocked));
        let known = client.flatten();
        let whereabouts = address.map(|address| whereabouts(address, known.as_ref()));
        let (mut unconsented, mut timing) = (None, None);
        if let Some((address, whereabouts)) = address.zip(whereabouts.as_ref()) {
            let rules = config.contact_rules(wish.location);
            let recent = recent(tx, rules, &wish, address, now).await?;
            let (channel, purpose) = (contact.channel(), wish.purpose);
            let asked = Asked { channel, purpose, whereabouts, now, recent: &recent };
            unconsented = consented(tx, rules, &asked, address, known.as_ref()).await?;
            timing = held_by(rules, &asked);
            // A consent that ends before the contact may be made is none for it.
            if let (None, Some((Some(until), _))) = (&unconsented, &timing) {
                let then = Asked { now: *until, ..asked };
                unconsented = consented(tx, rules, &then, address, known.as_ref()).await?;
            }
        }
        let (address, sender) = (address.map(str::to_owned), sender.map(str::to_owned));
        Ok(Self { contact, address, sender, blocked, suppressed, unconsented, timing, now })
    }

    /// The verdict. What a person does not want comes before what a channel cannot do.
    pub fn verdict(&self) -> Verdict {
        let refuse = |rule| Verdict::Refuse { rule };
        if self.blocked {
            return refuse(Rule::Blocked);
        }
        if let Some(reason) = &self.suppressed {
            return refuse(Rule::Suppressed { reason: reason.clone() });
        }
        if let Some(rule) = &self.unconsented {
            return refuse(rule.clone());
        }
        if self.address.is_none() {
            return refuse(if self.contact == Contact::Email { Rule::NoEmail } else { Rule::NoPhone });
        }
        if self.sender.is_none() {
            return refuse(Rule::NoSender);
        }
        let earliest = match &self.timing {
            Some((Some(until), _)) => *until,
            Some((None, _)) | None => self.now,
        };
        match self.contact {
            // At the very instant it expires the window is closed; and it does not wait for what is held.
            Contact::WhatsappText { window_expires_at } if window_expires_at.is_none_or(|end| end <= earliest) => {
                refuse(Rule::WindowClosed)
            }
            Contact::WhatsappText { .. }
            | Contact::WhatsappTemplate
            | Contact::Sms
            | Contact::Email
            | Contact::Chat
            | Contact::Call => match &self.timing {
                None => Verdict::Allow,
                Some((Some(until), rule)) => Verdict::Hold { until: *until, rule: rule.clone() },
                Some((None, rule)) => refuse(rule.clone()),
            },
        }
    }
}

/// What an address is known by in the list of contacts.
fn digest(tx: &Tx, address: &str) -> String {
    access::hash(&format!("{}:{address}", tx.scope().dealer))
}

/// The contacts with an address that limits count, as far back as they look.
async fn recent(tx: &mut Tx, rules: &Rules, wish: &Wish<'_>, address: &str, now: Instant) -> Result<Vec<Contacted>> {
    if wish.purpose == Purpose::Answer {
        return Ok(Vec::new());
    }
    let longest = rules.limits.iter().map(|limit| limit.seconds).max().unwrap_or(0).max(rules.gap.seconds);
    let digest = digest(tx, address);
    let since = now - Duration::from_secs(longest.into());
    let found = tx.contacted_since(&digest, since, wish.reference.unwrap_or_default()).await?;
    let known = |name: &str| Channel::ALL.iter().copied().find(|known| known.as_str() == name);
    Ok(found.into_iter().filter_map(|(at, channel)| Some(Contacted { at, channel: known(&channel)? })).collect())
}

fn whereabouts(address: &str, client: Option<&Document<Client>>) -> Whereabouts {
    let home = client.and_then(|client| client.doc.address.as_ref());
    // Where somebody is who is written to by mail, the number tells as well.
    let number = if address.contains('@') { client.and_then(|client| client.doc.phone()) } else { Some(address) };
    let phone = number.and_then(|number| Phone::parse(number, None).ok());
    Whereabouts::of(&Clues {
        phone: phone.as_ref(),
        zone: None,
        country: home.and_then(|home| home.country.as_deref()),
        state: home.and_then(|home| home.area_level_1.as_deref()),
    })
}

/// The consent that a contact lacks; nothing, where it needs none or has it. What the ledger says comes first, then, where
/// the rule takes it, that the person has enquired lately.
async fn consented(
    tx: &mut Tx,
    rules: &Rules,
    asked: &Asked<'_>,
    address: &str,
    client: Option<&Document<Client>>,
) -> Result<Option<Rule>> {
    match consent::standing(tx, asked.channel, address, Some(asked.purpose), asked.now).await? {
        Standing::Withdrawn { .. } => return Ok(Some(Rule::Withdrawn)),
        Standing::Given { .. } => return Ok(None),
        Standing::Open => {}
    }
    let mut needed = rules.consent_needed(asked).peekable();
    if needed.peek().is_none() {
        return Ok(None);
    }
    let enquired_at = match client {
        Some(client) => enquired_at(tx, client.id).await?,
        None => None,
    };
    Ok(unconsented(rules, asked, enquired_at))
}

/// The rule that neither a consent nor an enquiry of then satisfies.
pub(crate) fn unconsented(rules: &Rules, asked: &Asked<'_>, enquired_at: Option<Instant>) -> Option<Rule> {
    let is_met = |at: Instant, row: &forecourt_record::gate::ConsentNeeded| row.is_met_by(at, asked.now);
    let missing = rules.consent_needed(asked).find(|row| !enquired_at.is_some_and(|at| is_met(at, row)))?;
    Some(Rule::NoConsent { rule: missing.name.clone(), source: missing.source.clone() })
}

/// When the person enquired last, about whatever.
async fn enquired_at(tx: &mut Tx, client: ClientId) -> Result<Option<Instant>> {
    let arrivals = [
        newest::<SaleLead>(tx, client).await?,
        newest::<AftersaleLead>(tx, client).await?,
        newest::<AppraisalLead>(tx, client).await?,
    ];
    Ok(arrivals.into_iter().flatten().max())
}

async fn newest<K: Kind>(tx: &mut Tx, client: ClientId) -> Result<Option<Instant>> {
    let newest = Find::newest(Filter::eq("client_id", client.to_string()), 1);
    Ok(tx.find::<K>(&newest).await?.first().map(|lead| lead.created_at))
}

/// The rule of when and how often that holds a contact, and until when, where that is ever over.
pub(crate) fn held_by(rules: &Rules, asked: &Asked<'_>) -> Option<(Option<Instant>, Rule)> {
    let rule = |rule: &str, source: &str| Rule::Timing { rule: rule.to_owned(), source: source.to_owned() };
    match timing(rules, asked) {
        Timing::Now => None,
        Timing::Later { until, cause } => Some((Some(until), rule(cause.rule, cause.source))),
        Timing::Never { cause } => Some((None, rule(cause.rule, cause.source))),
    }
}

/// Notes that a contact is about to be made: from now on it counts.
pub(crate) async fn contacting(tx: &mut Tx, contact: Contact, address: Option<&str>, reference: &str) -> Result<()> {
    let Some(address) = address else { return Ok(()) };
    let digest = digest(tx, address);
    tx.contacted(&digest, contact.channel().as_str(), reference).await
}

/// Holds an address: until the transaction ends nobody else decides about it, so that two contacts at once do not both
/// find room.
pub(crate) async fn hold(tx: &mut Tx, address: Option<&str>) -> Result<()> {
    let Some(address) = address else { return Ok(()) };
    let word = format!("contact:{address}");
    tx.hold_words(std::iter::once(word.as_str())).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_000);

    fn text(expires: i64) -> Contact {
        Contact::WhatsappText { window_expires_at: Some(Instant::from_millis(expires)) }
    }

    fn check(contact: Contact, change: impl FnOnce(&mut Facts), expected: Option<&str>) {
        let mut facts = Facts {
            contact,
            address: Some("+17135550100".into()),
            sender: Some("+17135550111".into()),
            blocked: false,
            suppressed: None,
            unconsented: None,
            timing: None,
            now: NOW,
        };
        change(&mut facts);
        let refused = match facts.verdict() {
            Verdict::Refuse { rule } => Some(rule.name().to_owned()),
            Verdict::Allow => None,
            Verdict::Hold { until, rule } => Some(format!("{} until {}", rule.name(), until.millis())),
        };
        assert_eq!(refused.as_deref(), expected, "{facts:?}");
    }

    #[test]
    fn free_text_needs_an_open_window_and_a_template_does_not() {
        let never = Contact::WhatsappText { window_expires_at: None };
        check(text(1_001), |_| {}, None);
        check(text(1_000), |_| {}, Some("whatsapp_window_closed"));
        check(never, |_| {}, Some("whatsapp_window_closed"));
        check(Contact::WhatsappTemplate, |_| {}, None);
    }

    #[test]
    fn what_a_person_does_not_want_comes_first_on_any_form() {
        for contact in [text(2_000), text(0), Contact::WhatsappTemplate] {
            check(contact, |facts| facts.blocked = true, Some("blocked"));
            check(contact, |facts| facts.suppressed = Some("opt-out".into()), Some("suppressed"));
            check(contact, |facts| facts.unconsented = Some(Rule::Withdrawn), Some("consent_withdrawn"));
            check(contact, |facts| facts.address = None, Some("no_phone"));
            check(contact, |facts| facts.sender = None, Some("no_sender"));
        }
        check(Contact::Email, |facts| facts.address = None, Some("no_email"));
    }

    #[test]
    fn what_forbids_a_contact_for_good_comes_before_what_forbids_it_now() {
        let hours = || Rule::Timing { rule: "hours".into(), source: String::new() };
        let held = |until: Option<i64>| {
            move |facts: &mut Facts| facts.timing = Some((until.map(Instant::from_millis), hours()))
        };
        check(Contact::Sms, held(Some(5_000)), Some("hours until 5000"));
        check(Contact::Sms, held(None), Some("hours"));
        check(text(0), held(Some(5_000)), Some("whatsapp_window_closed"));
        check(text(5_000), held(Some(5_000)), Some("whatsapp_window_closed"));
        check(text(5_001), held(Some(5_000)), Some("hours until 5000"));
        let blocked = |facts: &mut Facts| (facts.blocked, facts.timing) = (true, Some((None, hours())));
        check(Contact::Sms, blocked, Some("blocked"));
    }

    #[test]
    fn a_refusal_says_its_reason() {
        let rule = Rule::Suppressed { reason: "opt-out word \"stop\"".into() };
        let error = rule.error();
        assert_eq!(error.code, Code::Suppressed);
        assert!(error.detail.contains("opt-out word"), "{}", error.detail);
        assert!(!rule.sentence().contains("stop"));
    }
}
