//! How the people of the stand-in take a mail, and the webhooks that tell it.
//!
//! A body is `{"mails": [{"id", "from", "to", "subject", "text", "at", "in_reply_to"}], "bounces": [{"reference", "code",
//! "detail"}]}`: the `Message-ID` of a mail and of the one it answers, instants in epoch milliseconds, our reference of one
//! that came back, and the code of the mail server.

use std::time::Duration;

use forecourt_record::{Code, Error, Instant, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::people::{Person, words};
use crate::{
    Private,
    chat::{Content, Echo, Outgoing},
    hex,
    received::{Bounce, Mail, Problem, Received},
};

/// How long a mail to nobody takes to come back.
const RETURNS: Duration = Duration::from_secs(2);

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Body {
    mails: Vec<serde_json::Value>,
    bounces: Vec<serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct Letter {
    id: String,
    from: String,
    to: String,
    subject: String,
    text: String,
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Returned {
    reference: String,
    code: String,
    detail: String,
}

/// Everything a body tells, in its order. A part that is not of this shape becomes a problem that says where.
///
/// Errors: [`Code::MalformedJson`] when the body as a whole is none of these.
pub fn parse(body: &[u8]) -> Result<Vec<Received>> {
    let body: Body = serde_json::from_slice(body)
        .map_err(|_| Error::new(Code::MalformedJson, "The body is not a webhook of the stand-in's mails."))?;
    let unreadable = |list, at| Received::Problem(Problem::unreadable(format!("{list}[{at}]")));
    let mails = body.mails.into_iter().enumerate().map(|(at, mail)| match serde_json::from_value(mail) {
        Ok(Letter { id, from, to, subject, text, at, in_reply_to }) => Received::Mail(Mail {
            provider_id: id,
            from: from.into(),
            to,
            subject: subject.into(),
            body: text.into(),
            at: Instant::from_millis(at),
            reply_to: in_reply_to,
        }),
        Err(_) => unreadable("mails", at),
    });
    let bounces = body.bounces.into_iter().enumerate().map(|(at, bounce)| match serde_json::from_value(bounce) {
        Ok(Returned { reference, code, detail }) => Received::Bounce(Bounce { reference, code, detail }),
        Err(_) => unreadable("bounces", at),
    });
    Ok(mails.chain(bounces).collect())
}

/// A body with one mail. Also for tests, which play whoever writes.
pub fn mail(mail: &Mail) -> Vec<u8> {
    let letter = Letter {
        id: mail.provider_id.clone(),
        from: mail.from.to_string(),
        to: mail.to.clone(),
        subject: mail.subject.to_string(),
        text: mail.body.to_string(),
        at: mail.at.millis(),
        in_reply_to: mail.reply_to.clone(),
    };
    serde_json::json!({"mails": [letter]}).to_string().into_bytes()
}

/// After how long a mail to somebody comes back, if it does.
pub fn returns(person: Person) -> Option<Duration> {
    (person == Person::Unreachable).then_some(RETURNS)
}

/// What the provider will call back with.
pub fn echoes(seed: u64, person: Person, message: &Outgoing, provider_id: &str, now: Instant) -> Vec<Echo> {
    let Content::Mail { subject, body, message_id } = &message.content else { return Vec::new() };
    if let Some(after) = returns(person) {
        let returned = Returned {
            reference: message.reference.clone(),
            code: "550".to_owned(),
            detail: "5.1.1 no such user".to_owned(),
        };
        let body = serde_json::json!({"bounces": [returned]}).to_string().into_bytes();
        return vec![Echo { after, body: Private::new(body) }];
    }
    let Some((after, said)) = words(seed, person, &message.to, now) else { return Vec::new() };
    let quoted: String = body.lines().flat_map(|line| ["\n> ", line]).collect();
    let id = hex::encode(&Sha256::digest(provider_id)[16..]);
    let reply = Mail {
        provider_id: format!("<{id}@sandbox.example>"),
        from: message.to.clone(),
        to: message.from.clone(),
        subject: format!("Re: {}", **subject).into(),
        body: format!("{said}\n\n{}:{quoted}", message.from).into(),
        at: now + after,
        reply_to: Some(message_id.clone()),
    };
    vec![Echo { after, body: Private::new(mail(&reply)) }]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::optout::is_opt_out;

    const NOW: Instant = Instant::from_millis(1_000);

    fn letter() -> Outgoing {
        Outgoing {
            reference: "mail_1".into(),
            from: "sales@demo.example".into(),
            to: "ana@example.com".into(),
            content: Content::Mail {
                subject: "Your car".into(),
                body: "Hi Ana,\nis it red?".into(),
                message_id: "<1@demo.example>".into(),
            },
        }
    }

    /// What comes back of a mail to somebody, in a line each.
    fn back(person: Person) -> Vec<String> {
        let echoes = echoes(7, person, &letter(), "id", NOW);
        assert!(!format!("{echoes:?}").contains("ana"), "nothing personal is printed");
        let told = echoes.iter().flat_map(|echo| parse(&echo.body).unwrap());
        told.map(|one| match one {
            Received::Mail(mail) => {
                assert_eq!((mail.from.as_str(), mail.to.as_str()), ("ana@example.com", "sales@demo.example"));
                assert_eq!(mail.reply_to.as_deref(), Some("<1@demo.example>"));
                assert!(mail.at > NOW && mail.body.ends_with(":\n> Hi Ana,\n> is it red?"));
                let said = mail.body.lines().next().unwrap_or_default();
                if is_opt_out(said) { "stop".to_owned() } else { "reply".to_owned() }
            }
            Received::Bounce(bounce) => format!("{} {}", bounce.reference, bounce.code),
            other => panic!("{other:?}"),
        })
        .collect()
    }

    #[test]
    fn people_take_mails_as_they_are() {
        for (person, expected) in [
            (Person::Answers, &["reply"][..]),
            (Person::Stops, &["stop"]),
            (Person::Reads, &[]),
            (Person::Ignores, &[]),
            (Person::Unreachable, &["mail_1 550"]),
        ] {
            assert_eq!(back(person), expected, "{person:?}");
        }
    }

    #[test]
    fn what_is_of_another_shape_is_said_to_be() {
        let read = parse(br#"{"mails": [{"id": 1}], "bounces": [{}], "more": 1}"#).unwrap();
        let problems: Vec<String> = read
            .into_iter()
            .map(|one| match one {
                Received::Problem(problem) => problem.detail,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(problems, ["mails[0]", "bounces[0]"]);
        assert!(parse(b"no JSON").is_err());
    }
}
