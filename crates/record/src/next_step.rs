//! What the house will do next about a lead by itself, and when: a pure function of the lead and the settings.

use std::time::Duration;

use crate::{
    Bot, Document, IdleAlert, Instant, SaleLead,
    calendar::BusinessCalendar,
    gate::Purpose,
    pipeline::{Phase, Pipeline},
    templates::Template,
};

/// Something the house does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send the template for something that has happened.
    Template(Template),
    /// Write again, the person not having answered: which time, from 0.
    Reengage(usize),
    /// Tell the managers that nobody works the lead: which time, from 0.
    IdleAlert(i64),
}

/// The next step and the instant it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextStep {
    pub at: Instant,
    pub step: Step,
}

impl Step {
    /// Whether somebody is written to, so that the gate has a say in it.
    pub const fn contacts(self) -> bool {
        match self {
            Self::Template(_) | Self::Reengage(_) => true,
            Self::IdleAlert(_) => false,
        }
    }

    /// What it is for, by the rules of when people may be contacted.
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::Template(template) => template.purpose(),
            Self::Reengage(_) => Template::Reengagement.purpose(),
            Self::IdleAlert(_) => Purpose::Answer,
        }
    }

    /// The step in a few words.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Template(Template::Created) => "send the greeting",
            Self::Template(Template::Rejected) => "send the polite decline",
            Self::Template(_) => "send the message for the new status",
            Self::Reengage(_) => "write again",
            Self::IdleAlert(_) => "alert the managers that the lead is idle",
        }
    }
}

/// The settings the next step depends on.
#[derive(Clone, Debug)]
pub struct Rules<'a> {
    pub pipeline: &'a Pipeline,
    pub bot: &'a Bot,
    pub idle_alert: &'a IdleAlert,
    pub calendar: &'a BusinessCalendar,
}

/// The next step of a lead; none when the house has nothing left to do for it.
pub fn next_step(lead: &Document<SaleLead>, rules: &Rules<'_>) -> Option<NextStep> {
    if let Some(template) = lead.extra.templates_due.first().filter(|_| rules.bot.enabled) {
        return Some(NextStep { at: lead.updated_at, step: Step::Template(*template) });
    }
    if rules.pipeline.phase(lead.doc.status_name()) != Some(Phase::Open) {
        return None;
    }
    let steps = [reengagement(lead, rules), idle_alert(lead, rules)];
    steps.into_iter().flatten().min_by_key(|next| next.at)
}

/// Unanswered people are written to again, until they answer.
fn reengagement(lead: &Document<SaleLead>, rules: &Rules<'_>) -> Option<NextStep> {
    if !rules.bot.enabled || lead.extra.answered_at.is_some() {
        return None;
    }
    let at = usize::try_from(lead.extra.reengagements).ok()?;
    let minutes = *rules.bot.reengage_after_minutes.get(at)?;
    Some(NextStep { at: lead.created_at + minutes_of(minutes), step: Step::Reengage(at) })
}

/// A lead nobody has worked for so much business time raises an alert, then again.
fn idle_alert(lead: &Document<SaleLead>, rules: &Rules<'_>) -> Option<NextStep> {
    let alert = rules.idle_alert;
    let raised = lead.extra.idle_alerts;
    if alert.after_minutes == 0 || raised >= i64::from(alert.at_most) || (raised > 0 && alert.repeat_minutes == 0) {
        return None;
    }
    let since = lead.extra.worked_at.unwrap_or(lead.created_at);
    let repeats = u32::try_from(raised).unwrap_or(u32::MAX);
    let wait = minutes_of(alert.after_minutes.saturating_add(alert.repeat_minutes.saturating_mul(repeats)));
    Some(NextStep { at: rules.calendar.add_business(since, wait), step: Step::IdleAlert(raised) })
}

fn minutes_of(minutes: u32) -> Duration {
    Duration::from_secs(u64::from(minutes) * 60)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Id, SaleLeadExtra, Status, calendar::Zone};

    fn lead(status: &str, change: impl FnOnce(&mut SaleLeadExtra)) -> Document<SaleLead> {
        let doc = SaleLead {
            status: Some(Status { status: Some(status.to_owned()), ..Status::default() }),
            ..SaleLead::default()
        };
        let mut extra = SaleLeadExtra::default();
        change(&mut extra);
        Document::new(Id::from_bytes([1; 12]), Instant::from_millis(0), doc, extra)
    }

    fn check(lead: &Document<SaleLead>, expected: Option<(i64, Step)>) {
        let rules = Rules {
            pipeline: &Pipeline::default(),
            bot: &Bot::default(),
            idle_alert: &IdleAlert::default(),
            calendar: &BusinessCalendar::always(Zone::utc()),
        };
        let next = next_step(lead, &rules).map(|next| (next.at.millis() / 60_000, next.step));
        assert_eq!(next, expected);
    }

    #[test]
    fn templates_come_first_then_alerts_and_reengagement_by_time() {
        check(
            &lead("new", |extra| extra.templates_due = vec![Template::Created]),
            Some((0, Step::Template(Template::Created))),
        );
        check(&lead("new", |_| {}), Some((120, Step::IdleAlert(0))));
        check(&lead("new", |extra| extra.idle_alerts = 1), Some((360, Step::IdleAlert(1))));
        check(&lead("new", |extra| extra.idle_alerts = 3), Some((1440, Step::Reengage(0))));
        check(&lead("new", |extra| (extra.idle_alerts, extra.reengagements) = (3, 1)), Some((4320, Step::Reengage(1))));
        check(&lead("new", |extra| (extra.idle_alerts, extra.reengagements) = (3, 2)), None);
    }

    #[test]
    fn an_answer_ends_reengagement_and_work_puts_the_alert_off() {
        let answered = |extra: &mut SaleLeadExtra| {
            extra.answered_at = Some(Instant::from_millis(0));
            extra.worked_at = Some(Instant::from_millis(600_000));
        };
        check(&lead("contacted", answered), Some((130, Step::IdleAlert(0))));
    }

    #[test]
    fn nothing_is_done_for_a_lead_that_is_closed() {
        for status in ["sold", "lost", "archived"] {
            check(&lead(status, |_| {}), None);
        }
        check(
            &lead("archived", |extra| extra.templates_due = vec![Template::Rejected]),
            Some((0, Step::Template(Template::Rejected))),
        );
    }
}
