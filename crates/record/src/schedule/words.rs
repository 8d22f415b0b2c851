//! An action in words, for whoever watches a schedule.

use std::fmt;

use super::{Action, Condition, Texts, Wait};

/// How much of a text is shown, in characters.
const SHOWN: usize = 60;

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dial { .. } => f.write_str("call"),
            Self::Callback { minutes } => write!(f, "promise a call in {minutes} minutes"),
            Self::AwaitCall {} => f.write_str("wait for the person to call"),
            Self::Sms { text } => write!(f, "send a text message: {}", beginning(text)),
            Self::Whatsapp { text, template: None } => write!(f, "write on WhatsApp: {}", beginning(text)),
            Self::Whatsapp { template: Some(template), .. } => {
                write!(f, "write on WhatsApp, or send the template {template}")
            }
            Self::Email { subject, .. } => write!(f, "send a mail: {}", beginning(subject)),
            Self::Wait(wait) => wait.fmt(f),
            Self::ModifyLead { status: Some(status), .. } => write!(f, "set the status {status}"),
            Self::ModifyLead { status: None, tokens } => {
                let names: Vec<&str> = tokens.keys().map(String::as_str).collect();
                write!(f, "set {}", names.join(", "))
            }
            Self::AddTask { description, .. } => write!(f, "add the task: {}", cut(description)),
            Self::Assign { to: Some(to) } => write!(f, "hand the lead over to {to}"),
            Self::Assign { to: None } => f.write_str("hand the lead over to the next agent"),
            Self::Webhook { url, .. } => write!(f, "call {}", host(url)),
            Self::AddToSchedule { schedule } => write!(f, "go on to the schedule {schedule}"),
            Self::Restart { at_most } => write!(f, "begin again, at most {at_most} times"),
            Self::OptOut { channels } if channels.is_empty() => f.write_str("contact the person no more"),
            Self::OptOut { channels } => {
                let names: Vec<&str> = channels.iter().map(|channel| channel.as_str()).collect();
                write!(f, "contact the person no more by {}", names.join(", "))
            }
            Self::Block {} => f.write_str("block the person"),
            Self::Exit { when } if when.is_empty() => f.write_str("end here"),
            Self::Exit { when } => {
                let conditions: Vec<String> = when.iter().map(ToString::to_string).collect();
                write!(f, "end here when {}", conditions.join(" or "))
            }
            Self::Group { name } => write!(f, "carry out the group {name}"),
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wait")?;
        if let Some(rules) = &self.rules {
            return write!(f, " by the rules {rules}");
        }
        let parts = [(self.days, "day"), (self.hours, "hour"), (self.minutes, "minute"), (self.seconds, "second")];
        for (number, unit) in parts.into_iter().filter(|(number, _)| *number > 0) {
            write!(f, " {number} {unit}{}", if number == 1 { "" } else { "s" })?;
        }
        if let Some(until) = &self.until {
            write!(f, " until {until}")?;
        }
        let days: Vec<String> = self.on.iter().map(|day| format!("{day:?}").to_lowercase()).collect();
        if days.is_empty() { Ok(()) } else { write!(f, " on {}", days.join(", ")) }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(question) => write!(f, "{question}"),
            Self::Status(statuses) => write!(f, "the lead is {}", statuses.join(" or ")),
            Self::Origin(sources) => write!(f, "the lead came from {}", sources.join(" or ")),
            Self::Location(codes) => write!(f, "the lead belongs to {}", codes.join(" or ")),
            Self::Replied(wanted) => write!(f, "the person has {}answered", not(*wanted)),
            Self::Connected(wanted) => write!(f, "somebody has {}spoken with the person", not(*wanted)),
            Self::Converted(wanted) => write!(f, "the lead was {}won", not(*wanted)),
            Self::Disposition(any) => write!(f, "the last call came to {}", any.join(" or ")),
            Self::DispositionBefore(any) => write!(f, "the call before the last came to {}", any.join(" or ")),
        }
    }
}

/// The host of an address: what is behind it may be a token of theirs.
fn host(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    behind.split(['/', '?', '#']).next().unwrap_or_default()
}

const fn not(wanted: bool) -> &'static str {
    if wanted { "" } else { "not " }
}

/// The beginning of a text, in the first of its languages.
fn beginning(texts: &Texts) -> String {
    texts.values().next().map(|text| cut(text)).unwrap_or_default()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;

    fn check(action: Value, expected: &str) {
        assert_eq!(serde_json::from_value::<Action>(action).unwrap().to_string(), expected);
    }

    #[test]
    fn actions_are_said_in_words() {
        check(json!({"do": "dial"}), "call");
        check(json!({"do": "callback", "minutes": 5}), "promise a call in 5 minutes");
        check(json!({"do": "await_call"}), "wait for the person to call");
        check(json!({"do": "sms", "text": {"en": "Hello"}}), "send a text message: Hello");
        check(json!({"do": "whatsapp", "text": {"en": "Hello"}}), "write on WhatsApp: Hello");
        check(
            json!({"do": "whatsapp", "template": "created", "text": {"en": "Hello"}}),
            "write on WhatsApp, or send the template created",
        );
        check(json!({"do": "wait", "days": 1, "minutes": 30}), "wait 1 day 30 minutes");
        check(
            json!({"do": "wait", "days": 2, "until": "10:00", "on": ["mon", "sat"]}),
            "wait 2 days until 10:00 on mon, sat",
        );
        check(json!({"do": "wait", "rules": "calm"}), "wait by the rules calm");
        check(json!({"do": "modify_lead", "status": "lost"}), "set the status lost");
        check(json!({"do": "modify_lead", "tokens": {"a": "1", "b": "2"}}), "set a, b");
        check(json!({"do": "email", "subject": {"en": "News"}, "text": {"en": "Hello"}}), "send a mail: News");
        check(json!({"do": "webhook", "url": "https://example.com/hook?token=1"}), "call example.com");
        check(json!({"do": "assign"}), "hand the lead over to the next agent");
        check(json!({"do": "assign", "to": "Kim"}), "hand the lead over to Kim");
        check(json!({"do": "opt_out", "channels": ["sms"]}), "contact the person no more by sms");
        check(
            json!({"do": "exit", "when": [{"replied": true}, {"status": ["lost", "sold"]}, {"token": "make:Ford"}]}),
            "end here when the person has answered or the lead is lost or sold or make:Ford",
        );
        check(json!({"do": "add_task", "description": "x".repeat(70)}), &format!("add the task: {}…", "x".repeat(60)));
    }
}
