//! The facets of a client, and those that a client and a lead have alike.

use serde::Deserialize;
use serde_json::Value;

use super::{
    Facet, MOST, Paper, count, distinct, is, newest,
    talk::{Channel, Talk},
    value,
};
use crate::{
    Direction::{Inbound, Outbound},
    Id, Instant, Notification, Result,
};

/// What the client's communications come to: how many, when the last of each sort was, and who spoke in the very last.
pub fn talked(talks: &[Talk]) -> Facet {
    let all = |_: &Talk| true;
    let of = |channel| move |talk: &Talk| talk.channel == channel;
    let number = |which: &dyn Fn(&Talk) -> bool| count(talks.iter().filter(|talk| which(talk)).count());
    let begun = |which: &dyn Fn(&Talk) -> bool, by| {
        count(talks.iter().filter(|talk| which(talk) && is(talk.direction, by)).count())
    };
    let last = |which: &dyn Fn(&Talk) -> bool| value(talks.iter().filter(|talk| which(talk)).map(|talk| talk.at).max());
    let heard = |which: &dyn Fn(&Talk) -> bool| {
        value(talks.iter().filter(|talk| which(talk)).filter_map(|talk| talk.inbound_at).max())
    };
    let spoke = |which: &dyn Fn(&Talk) -> bool| {
        value(talks.iter().filter(|talk| which(talk)).filter_map(|talk| talk.outbound_at).max())
    };
    let undone =
        |channel| value(talks.iter().filter(|talk| talk.channel == channel).filter_map(|talk| talk.undone).min());
    let latest = talks.iter().max_by_key(|talk| (talk.at, talk.id));
    let mut calls: Vec<&Talk> = talks.iter().filter(|talk| talk.channel == Channel::Call).collect();
    calls.sort_by_key(|call| std::cmp::Reverse((call.at, call.id)));
    calls.truncate(MOST);
    let (call, mail, sms, whatsapp) = (of(Channel::Call), of(Channel::Mail), of(Channel::Sms), of(Channel::Whatsapp));
    let read = talks.iter().filter_map(|talk| talk.read_at).max();
    vec![
        ("client_call_durations", value(calls.iter().filter_map(|call| call.duration.clone()).collect::<Vec<_>>())),
        ("client_call_notes", value(calls.iter().filter_map(|call| call.note.clone()).collect::<Vec<_>>())),
        ("client_last_call_date", last(&call)),
        ("client_last_inbound_call_date", heard(&call)),
        ("client_last_outbound_call_date", spoke(&call)),
        ("client_last_sms_date", last(&sms)),
        ("client_last_inbound_sms_date", heard(&sms)),
        ("client_last_outbound_sms_date", spoke(&sms)),
        ("client_last_inbound_whatsapp_date", heard(&whatsapp)),
        ("client_last_outbound_whatsapp_date", spoke(&whatsapp)),
        ("client_last_communication_date", last(&all)),
        ("client_last_communication_direction", value(latest.and_then(|talk| talk.last_direction))),
        ("client_last_communication_user", value(latest.and_then(|talk| talk.user.clone()))),
        ("client_last_inbound_communication_date", heard(&all)),
        ("client_last_outbound_communication_date", spoke(&all)),
        ("client_number_of_calls", number(&call)),
        ("client_number_of_inbound_calls", begun(&call, Inbound)),
        ("client_number_of_outbound_calls", begun(&call, Outbound)),
        ("client_number_of_sms", number(&sms)),
        ("client_number_of_inbound_sms", begun(&sms, Inbound)),
        ("client_number_of_outbound_sms", begun(&sms, Outbound)),
        ("client_number_of_whatsapp_sessions", number(&whatsapp)),
        ("client_number_of_inbound_whatsapp_sessions", begun(&whatsapp, Inbound)),
        ("client_number_of_outbound_whatsapp_sessions", begun(&whatsapp, Outbound)),
        ("client_number_of_communications", number(&all)),
        ("client_number_of_inbound_communications", begun(&all, Inbound)),
        ("client_number_of_outbound_communications", begun(&all, Outbound)),
        ("client_last_email_date", last(&mail)),
        ("client_last_inbound_email_date", heard(&mail)),
        ("client_last_outbound_email_date", spoke(&mail)),
        ("client_last_read_email_date", value(read)),
        ("client_number_of_exchanged_emails", number(&mail)),
        ("client_number_of_inbound_emails", begun(&mail, Inbound)),
        ("client_number_of_outbound_emails", begun(&mail, Outbound)),
        ("client_oldest_undone_email_notification", undone(Channel::Mail)),
        ("client_oldest_undone_conference_notification", undone(Channel::Call)),
        ("client_oldest_undone_sms_notification", undone(Channel::Sms)),
        ("client_oldest_undone_whatsappsession_notification", undone(Channel::Whatsapp)),
    ]
}

/// How many leads of one kind the client has, when the last one came, and their oldest reminder.
pub fn lead_counts(kind: &str, leads: &[&Paper]) -> Result<Facet> {
    let [number, last, oldest] = match kind {
        "saleleads" => {
            ["client_number_of_sale_leads", "client_last_sale_lead_date", "client_oldest_undone_salelead_notification"]
        }
        "appraisalleads" => [
            "client_number_of_appraisal_leads",
            "client_last_appraisal_lead_date",
            "client_oldest_undone_appraisallead_notification",
        ],
        _ => [
            "client_number_of_aftersale_leads",
            "client_last_aftersale_lead_date",
            "client_oldest_undone_aftersalelead_notification",
        ],
    };
    let newest = leads.iter().map(|lead| lead.created_at).max();
    Ok(vec![(number, count(leads.len())), (last, value(newest)), (oldest, value(undone(leads)?))])
}

/// The earliest reminder that nobody has done.
pub fn undone(papers: &[&Paper]) -> Result<Option<Instant>> {
    Ok(papers.iter().map(|paper| paper.reminder()).collect::<Result<Vec<_>>>()?.into_iter().flatten().min())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Work {
    content: Option<String>,
    created_by: Option<String>,
    notification: Option<Notification>,
}

/// The texts of notes, the newest first; before them all the one a dialect with a single note reads and writes.
pub fn notes(notes: &[&Paper], own: Option<Id<()>>) -> Result<Facet> {
    let mut read = newest(notes, |note| Ok((note.created_at, note.read::<Work>()?)))?;
    read.sort_by_key(|(note, _)| Some(note.id) != own);
    let texts = read.into_iter().filter_map(|(_, work)| work.content.filter(|text| !text.is_empty()));
    Ok(vec![("notes", value(texts.take(MOST).collect::<Vec<_>>())), ("number_of_notes", count(notes.len()))])
}

/// How many tasks there are, and how many of them are done.
pub fn tasks(tasks: &[&Paper]) -> Result<Facet> {
    let works = tasks.iter().map(|task| task.read::<Work>()).collect::<Result<Vec<_>>>()?;
    let done = works.iter().filter(|work| work.notification.as_ref().is_some_and(|one| one.done == Some(true))).count();
    Ok(vec![
        ("number_of_tasks", count(works.len())),
        ("number_of_completed_tasks", count(done)),
        ("number_of_uncompleted_tasks", count(works.len() - done)),
    ])
}

/// How many appointments there are, and who made them, the latest first.
pub fn dates(dates: &[&Paper]) -> Result<Facet> {
    let read = newest(dates, |date| Ok((date.created_at, date.read::<Work>()?)))?;
    let makers = distinct(read.into_iter().filter_map(|(_, work)| work.created_by));
    Ok(vec![("number_of_appointments", count(dates.len())), ("appointments_created_by", value(makers))])
}

/// How many offers there are.
pub fn offers(offers: &[&Paper]) -> Facet {
    vec![("number_of_offers", count(offers.len()))]
}

/// What sums up other members of the client's computed part, and the reminders of kinds that have no member of their own.
pub fn totals(computed: &Value, others: Option<Instant>) -> Facet {
    const LEADS: [&str; 3] =
        ["client_number_of_sale_leads", "client_number_of_appraisal_leads", "client_number_of_aftersale_leads"];
    const OLDEST: [&str; 10] = [
        "client_oldest_undone_aftersalelead_notification",
        "client_oldest_undone_appraisallead_notification",
        "client_oldest_undone_conference_notification",
        "client_oldest_undone_date_notification",
        "client_oldest_undone_email_notification",
        "client_oldest_undone_note_notification",
        "client_oldest_undone_salelead_notification",
        "client_oldest_undone_sms_notification",
        "client_oldest_undone_task_notification",
        "client_oldest_undone_whatsappsession_notification",
    ];
    let leads: i64 = LEADS.iter().filter_map(|name| computed[*name].as_i64()).sum();
    let oldest = OLDEST.iter().filter_map(|name| computed[*name].as_str()?.parse::<Instant>().ok()).chain(others).min();
    vec![("client_number_of_leads", leads.into()), ("client_oldest_undone_notification", value(oldest))]
}
