//! The gate: one function that every outbound contact passes, whoever wants it and whenever.
//!
//! It is asked when a contact is planned, so that nothing hopeless is queued, and again in the transaction that marks it
//! as being sent, since people change their minds in between. What it does not know, it refuses.

use forecourt_record::{Client, ClientId, Code, Error, Instant, Result};
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
    NoPhone,
    /// The dealer has no number to send from.
    NoSender,
    /// WhatsApp carries free text only within 24 hours of the person's last message.
    WindowClosed,
}

impl Rule {
    /// Stable, for a caller that shows or counts it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Suppressed { .. } => "suppressed",
            Self::NoPhone => "no_phone",
            Self::NoSender => "no_sender",
            Self::WindowClosed => "whatsapp_window_closed",
        }
    }

    /// The rule in words that hold nothing personal: fit for the log and for a timeline.
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::Blocked => "nobody may contact this person",
            Self::Suppressed { .. } => "the person must not be contacted on this channel",
            Self::NoPhone => "the person has no phone number",
            Self::NoSender => "no number to send from is set up for this location",
            Self::WindowClosed => "the person has not written in the last 24 hours, so only a template may be sent",
        }
    }

    pub const fn code(&self) -> Code {
        match self {
            Self::Blocked | Self::Suppressed { .. } => Code::Suppressed,
            Self::NoPhone => Code::NoPhone,
            Self::NoSender => Code::Conflict,
            Self::WindowClosed => Code::WhatsappWindowClosed,
        }
    }

    /// The refusal as it is told to whoever wanted the contact.
    pub fn error(&self) -> Error {
        let why = match self {
            Self::Suppressed { reason } => format!("{} ({reason})", self.sentence()),
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
    /// A chat of another provider.
    Chat,
}

impl Contact {
    /// The channel, as suppressions name it.
    pub const fn channel(self) -> &'static str {
        match self {
            Self::WhatsappText { .. } | Self::WhatsappTemplate => WHATSAPP,
            Self::Sms => "sms",
            Self::Chat => "chat",
        }
    }
}

/// The channel's name in suppressions.
pub const WHATSAPP: &str = "whatsapp";

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
    pub now: Instant,
}

impl Facts {
    /// Looks up what the verdict depends on. A number that is nobody's may be written to; a client that is not known
    /// any more has been erased, and may not.
    pub async fn load(
        tx: &mut Tx,
        contact: Contact,
        client: Option<ClientId>,
        address: Option<&str>,
        sender: Option<&str>,
    ) -> Result<Self> {
        let suppressed = match address {
            Some(address) => tx.suppressed(contact.channel(), address).await?,
            None => None,
        };
        let blocked = match client {
            Some(id) => tx.get::<Client>(id).await?.is_none_or(|client| client.extra.blocked),
            None => false,
        };
        Ok(Self {
            contact,
            address: address.map(str::to_owned),
            sender: sender.map(str::to_owned),
            blocked,
            suppressed,
            now: tx.scope().now,
        })
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
        if self.address.is_none() {
            return refuse(Rule::NoPhone);
        }
        if self.sender.is_none() {
            return refuse(Rule::NoSender);
        }
        match self.contact {
            // At the very instant it expires the window is closed.
            Contact::WhatsappText { window_expires_at } if window_expires_at.is_none_or(|end| end <= self.now) => {
                refuse(Rule::WindowClosed)
            }
            Contact::WhatsappText { .. } | Contact::WhatsappTemplate | Contact::Sms | Contact::Chat => Verdict::Allow,
        }
    }
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
            now: NOW,
        };
        change(&mut facts);
        let refused = match facts.verdict() {
            Verdict::Refuse { rule } => Some(rule.name()),
            Verdict::Allow => None,
            Verdict::Hold { .. } => panic!("no rule holds yet"),
        };
        assert_eq!(refused, expected, "{facts:?}");
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
            check(contact, |facts| facts.address = None, Some("no_phone"));
            check(contact, |facts| facts.sender = None, Some("no_sender"));
        }
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
