//! The facets of a lead of any kind: its client, its work, and how soon somebody answered.

use serde::Deserialize;
use serde_json::Value;

use super::{Facet, MOST, Paper, Talk, count, distinct, is, newest, object, value};
use crate::{Assignment, Direction::Outbound, Instant, Notification, Result};

/// Members that a lead copies from its client's computed part under the same name.
const SHARED: [&str; 30] = [
    "client_call_durations",
    "client_call_notes",
    "client_last_call_date",
    "client_last_communication_date",
    "client_last_communication_direction",
    "client_last_communication_user",
    "client_last_email_date",
    "client_last_inbound_call_date",
    "client_last_inbound_communication_date",
    "client_last_inbound_email_date",
    "client_last_inbound_sms_date",
    "client_last_outbound_call_date",
    "client_last_outbound_communication_date",
    "client_last_outbound_email_date",
    "client_last_outbound_sms_date",
    "client_last_read_email_date",
    "client_last_sms_date",
    "client_number_of_aftersale_leads",
    "client_number_of_appraisal_leads",
    "client_number_of_calls",
    "client_number_of_communications",
    "client_number_of_exchanged_emails",
    "client_number_of_inbound_calls",
    "client_number_of_inbound_communications",
    "client_number_of_leads",
    "client_number_of_outbound_calls",
    "client_number_of_outbound_communications",
    "client_number_of_sale_leads",
    "client_number_of_whatsapp_sessions",
    "client_oldest_undone_notification",
];

/// Members that a lead copies from its client's published tree, under another name.
const OWN: [(&str, &str); 8] = [
    ("client_address", "address"),
    ("client_business_details", "business_details"),
    ("client_contacts", "contacts"),
    ("client_contacts_names", "contacts_names"),
    ("client_customs", "custom"),
    ("client_emails", "contacts_emails"),
    ("client_phones", "contacts_phones"),
    ("client_primary_contact", "primary_contact"),
];

/// What a lead shows of its client, given with its computed part; a lead without a client shows nothing.
pub fn copied(client: Option<(&Paper, &Value)>) -> Facet {
    let (doc, computed, created_at) = match client {
        Some((client, computed)) => (&*client.doc, computed, Some(client.created_at)),
        None => (&Value::Null, &Value::Null, None),
    };
    let length = |name: &str| created_at.map(|_| count(doc[name].as_array().map_or(0, Vec::len)));
    let mut facet = vec![
        ("client_created_at", value(created_at)),
        ("client_number_of_email_addresses", value(length("contacts_emails"))),
        ("client_number_of_phone_numbers", value(length("contacts_phones"))),
    ];
    facet.extend(OWN.map(|(name, from)| (name, doc[from].clone())));
    facet.extend(SHARED.map(|name| (name, computed[name].clone())));
    facet
}

/// Who had the lead before, the newest first, without the one who has it now.
pub fn assigned(lead: &Paper) -> Result<Facet> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Part {
        assigned: Vec<Assignment>,
        current_assigned: Option<Assignment>,
    }
    let part: Part = lead.read()?;
    let current = part.current_assigned.and_then(|current| current.to);
    let earlier = part.assigned.into_iter().rev().filter_map(|one| one.to).filter(|to| Some(to) != current.as_ref());
    Ok(vec![("previous_assigned_to", value(distinct(earlier)))])
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Work {
    description: Option<String>,
    start_date: Option<Instant>,
    end_date: Option<Instant>,
    showed_up: Option<bool>,
    notification: Option<Notification>,
    custom: Value,
}

/// The lead's tasks, the newest first, for whom they are and when they are due.
pub fn lead_tasks(tasks: &[&Paper]) -> Result<Facet> {
    let mut read = newest(tasks, |task| Ok((task.created_at, task.read::<Work>()?)))?;
    read.truncate(MOST);
    let reminders: Vec<Notification> =
        read.iter().map(|(_, work)| work.notification.clone().unwrap_or_default()).collect();
    let shown = read.into_iter().zip(&reminders).map(|((task, work), reminder)| {
        object([
            ("description", value(work.description)),
            ("assigned_to", value(&reminder.notify_to)),
            ("task_id", value(task.id)),
            ("done", value(reminder.done)),
            ("due_date", value(reminder.notify_at)),
            ("task_customs", work.custom),
        ])
    });
    Ok(vec![
        ("tasks", shown.collect()),
        ("tasks_assigned_to", value(distinct(reminders.iter().flat_map(|one| one.notify_to.clone())))),
        ("tasks_date", value(reminders.iter().filter_map(|one| one.notify_at).collect::<Vec<_>>())),
    ])
}

/// The lead's appointments, the latest first.
pub fn lead_dates(dates: &[&Paper]) -> Result<Facet> {
    let mut read = newest(dates, |date| {
        let work: Work = date.read()?;
        Ok((work.start_date.unwrap_or(date.created_at), work))
    })?;
    read.truncate(MOST);
    let shown = read.into_iter().map(|(date, work)| {
        object([
            ("date", value(work.start_date)),
            ("start_date", value(work.start_date)),
            ("end_date", value(work.end_date)),
            ("showed_up", value(work.showed_up)),
            ("assigned_to", value(work.notification.unwrap_or_default().notify_to)),
            ("appointment_id", value(date.id)),
            ("appointment_customs", work.custom),
        ])
    });
    Ok(vec![("appointments", shown.collect())])
}

/// When the lead's first and last offers were made.
pub fn lead_offers(offers: &[&Paper]) -> Facet {
    let made = || offers.iter().map(|offer| offer.created_at);
    vec![("first_offer_date", value(made().min())), ("last_offer_date", value(made().max()))]
}

/// When a person first spoke to the client since an instant: in a call, an SMS or a chat that a user began, or in a
/// WhatsApp message of this very lead that a user wrote. What the house sends by itself is no answer.
pub fn first_answer(since: Instant, talks: &[Talk], messages: &[&Paper]) -> Result<Option<Instant>> {
    let written = messages.iter().map(|message| written_by_person(message)).collect::<Result<Vec<_>>>()?;
    let begun = talks.iter().map(|talk| talk.begun_by_person);
    Ok(begun.chain(written).flatten().filter(|at| *at >= since).min())
}

/// When a person of the dealer's wrote a WhatsApp message; none when the client did, or the house by itself.
pub fn written_by_person(message: &Paper) -> Result<Option<Instant>> {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Part {
        direction: Option<crate::Direction>,
        made_at: Option<Instant>,
        user_id: Option<String>,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Own {
        automatic: bool,
    }
    let (part, own): (Part, Own) = (message.read()?, message.own()?);
    let at = part.made_at.unwrap_or(message.created_at);
    Ok(Some(at).filter(|_| is(part.direction, Outbound) && part.user_id.is_some() && !own.automatic))
}

/// Whole seconds from a lead's creation to its first answer.
pub fn response(created_at: Instant, answered_at: Option<Instant>) -> Facet {
    let seconds = answered_at.map(|at| at.since(created_at).as_secs());
    vec![("response_time", value(seconds))]
}

/// A number of seconds to two significant digits, rounded down: what the histogram of response times counts by.
pub fn bucket(seconds: i64) -> i64 {
    let mut unit = 1;
    while seconds / unit >= 100 {
        unit *= 10;
    }
    seconds / unit * unit
}

/// What a document of a lead shows of it.
pub fn location_of(lead: Option<&Paper>) -> Facet {
    vec![("lead_location", value(lead.and_then(|lead| lead.text("location"))))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_times_are_counted_to_two_digits() {
        for (seconds, expected) in
            [(0, 0), (7, 7), (99, 99), (100, 100), (109, 100), (1_239, 1_200), (86_400, 86_000), (1_234_567, 1_200_000)]
        {
            assert_eq!(bucket(seconds), expected, "{seconds}");
        }
    }
}
