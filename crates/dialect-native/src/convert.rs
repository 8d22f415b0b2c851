//! Between the published shapes and the core's values. Core values are taken apart whole: a new field has to be
//! shown or left out by name.

use forecourt_crm::{Ref, schedule::InForce};
use forecourt_outreach::{
    rehearsal as core,
    schedule::{self as outreach, Enrolling, EnrolmentView},
};
use forecourt_record::{self as record, Document, Error, SaleLead, schedule::Tokens};

use crate::wire;

/// The lead an id names, by its number or by the id it has in the record; what cannot be an id names nothing.
pub fn lead_ref(id: &str) -> Result<Ref<SaleLead>, Error> {
    named(id, "L-").ok_or_else(|| Error::not_found("lead"))
}

/// The enrolment an id names.
pub fn enrolment_ref(id: &str) -> Result<Ref<record::Enrolment>, Error> {
    named(id, "E-").ok_or_else(|| Error::not_found("enrolment"))
}

fn named<T: ?Sized>(id: &str, prefix: &str) -> Option<Ref<T>> {
    numbered(id, prefix).map(Ref::Number).or_else(|| id.parse().ok().map(Ref::Id))
}

/// The number in an id of ours; ids that differ only in writing (`L-007`) are not ids.
pub fn numbered(id: &str, prefix: &str) -> Option<i64> {
    let digits = id.strip_prefix(prefix)?;
    let number: i64 = digits.parse().ok().filter(|number| *number >= 0)?;
    (number.to_string() == digits).then_some(number)
}

pub fn enrolment_id(number: i64) -> String {
    format!("E-{number}")
}

pub fn lead_id(number: i64) -> String {
    format!("L-{number}")
}

pub fn schedule_item(on: &InForce) -> wire::ScheduleItem {
    let InForce { schedule: Document { doc, version: _, created_at, updated_at, id: _, extra, computed: () }, plan } =
        on;
    let record::Schedule { name, description, active, version } = doc;
    let record::ScheduleExtra { number: _ } = extra;
    wire::ScheduleItem {
        name: name.clone(),
        description: description.clone(),
        active: *active,
        version: *version,
        purpose: plan.definition.purpose,
        steps: plan.actions().len(),
        created_at: *created_at,
        updated_at: *updated_at,
    }
}

pub fn schedule(on: &InForce) -> wire::Schedule {
    wire::Schedule { item: schedule_item(on), definition: on.plan.definition.clone() }
}

pub fn version(name: String, stored: Document<record::ScheduleVersion>) -> wire::ScheduleVersion {
    let record::ScheduleVersion { schedule_id: _, version, definition } = stored.doc;
    wire::ScheduleVersion { name, version, created_at: stored.created_at, definition }
}

pub fn enrolling(new: wire::NewEnrolment) -> Enrolling {
    let wire::NewEnrolment { lead: _, schedule: _, tokens, priority, not_before, expires_at, max_contact_attempts } =
        new;
    Enrolling {
        tokens: Tokens(tokens),
        lead_priority: priority,
        not_before,
        expires_at,
        max_contact_attempts,
        ..Enrolling::default()
    }
}

pub fn enrolment(view: EnrolmentView) -> wire::Enrolment {
    let EnrolmentView { enrolment, schedule, lead, action } = view;
    let record::EnrolmentExtra { number, by_offer: _, contact_field_type: _ } = enrolment.extra;
    let record::Enrolment {
        schedule_id: _,
        version,
        lead_id: _,
        client_id: _,
        lead_type: _,
        call_group: _,
        caller_id,
        email,
        location,
        status,
        position,
        restarts,
        next_action_at,
        lead_priority,
        expires_at,
        contact_attempts,
        max_contact_attempts,
        tokens: Tokens(tokens),
        begun_at,
        replied_at,
        connected_at,
        call_number: _,
        sms_number: _,
        captured: _,
        dispositions,
        rank: _,
        agent_id: _,
        callback_id: _,
        callback_at,
        resume_at: _,
        under_way,
        standstill,
        ended_at,
        ended_because,
    } = enrolment.doc;
    wire::Enrolment {
        id: enrolment_id(number),
        lead: lead_id(lead),
        schedule,
        version,
        status,
        position,
        action: action.filter(|_| status.is_live()),
        next_action_at,
        standstill: standstill.map(|record::Standstill { rule, reason, since }| wire::Standstill {
            rule,
            reason,
            since,
        }),
        under_way: under_way.map(|record::UnderWay { channel, id: _ }| channel),
        priority: lead_priority,
        caller_id,
        email,
        location,
        expires_at,
        contact_attempts,
        max_contact_attempts,
        restarts,
        tokens,
        begun_at,
        replied_at,
        connected_at,
        dispositions,
        callback_at,
        ended_at,
        ended_because,
    }
}

pub fn monitor(monitor: outreach::Monitor) -> wire::Monitor {
    let outreach::Monitor { schedule, version, active, live, statuses, steps, rules, next_due, overdue } = monitor;
    let status = |(status, count)| wire::StatusCount { status, count };
    let step = |outreach::MonitorStep { version, position, action, live }| wire::MonitorStep {
        version,
        position,
        action,
        live,
    };
    let rule = |outreach::Blocked { rule, reason, count, since, example, change }| wire::BlockedRule {
        rule,
        reason,
        count,
        since,
        example: enrolment_id(example),
        change: change.to_owned(),
    };
    wire::Monitor {
        schedule,
        version,
        active,
        live,
        statuses: statuses.into_iter().map(status).collect(),
        steps: steps.into_iter().map(step).collect(),
        rules: rules.into_iter().map(rule).collect(),
        next_due,
        overdue,
    }
}

fn obstacle(obstacle: outreach::Obstacle) -> wire::Obstacle {
    let outreach::Obstacle { rule, reason, since, until, change } = obstacle;
    wire::Obstacle { rule, reason, since, until, change: change.to_owned() }
}

pub fn next_contact(next: outreach::NextContact) -> wire::NextContact {
    let outreach::NextContact { view, action, channel, possible_at, obstacles } = next;
    let EnrolmentView { enrolment, schedule, lead: _, action: _ } = view;
    wire::NextContact {
        enrolment: enrolment_id(enrolment.extra.number),
        schedule,
        status: enrolment.doc.status,
        action,
        channel,
        possible_at,
        obstacles: obstacles.into_iter().map(obstacle).collect(),
    }
}

pub fn lead_why_not(found: outreach::WhyNot) -> wire::LeadWhyNot {
    let outreach::WhyNot { lead, purpose, channels, enrolments } = found;
    let on_channel = |outreach::OnChannel { channel, obstacle: stopped }| wire::OnChannel {
        channel,
        allowed: stopped.is_none(),
        obstacle: stopped.map(obstacle),
    };
    wire::LeadWhyNot {
        lead: lead_id(lead),
        purpose,
        channels: channels.into_iter().map(on_channel).collect(),
        enrolments: enrolments.into_iter().map(next_contact).collect(),
    }
}

pub fn rehearsal(report: core::Report, log: Option<Vec<String>>) -> wire::Rehearsal {
    let core::Report { leads, from, to, contacts, hours, steps, rules, ends, answered, opted_out, calls, digest } =
        report;
    let step = |core::StepReport { schedule, position, action, done, held, refused }| wire::RehearsedStep {
        schedule,
        position,
        action,
        done,
        held,
        refused,
    };
    let rule = |(rule, core::RuleReport { held, refused, held_seconds })| wire::RehearsedRule {
        rule,
        held,
        refused,
        held_seconds,
    };
    let core::Calls { made, answered: picked_up, seconds, busiest_hour_seconds, busiest_hour } = calls;
    wire::Rehearsal {
        leads,
        from,
        to,
        contacts,
        hours: hours.into_iter().map(|(hour, contacts)| wire::Hour { hour, contacts }).collect(),
        steps: steps.into_iter().map(step).collect(),
        rules: rules.into_iter().map(rule).collect(),
        ends: ends.into_iter().map(|(status, count)| (status.to_owned(), count)).collect(),
        answered,
        opted_out,
        agents: wire::Agents {
            calls: made,
            answered: picked_up,
            hours: in_hours(seconds),
            busiest_hour,
            most: in_hours(busiest_hour_seconds),
        },
        digest,
        log,
    }
}

/// Seconds in hours, to two places.
fn in_hours(seconds: u64) -> f64 {
    (seconds as f64 / 36.0).round() / 100.0
}
