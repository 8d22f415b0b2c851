//! `forecourt schedule rehearse` and `monitor`: what a schedule would come to, and how it does.

use clap::Args;
use forecourt_connect::Behaviour;
use forecourt_outreach::{
    rehearsal::{Cast, Rehearsal, Report, Script, log},
    schedule::Monitor,
};
use forecourt_record::Instant;
use serde_json::{Value, json};

use super::{At, outreach};
use crate::{
    failure::Result,
    output::{Output, table},
};

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  forecourt schedule rehearse bdc-14-days\n  forecourt schedule rehearse bdc-14-days --leads 10000 --seed 7\n  \
    forecourt schedule rehearse bdc-14-days --days 30 --json\n  forecourt schedule rehearse bdc-14-days --from 2026-12-01 --log > log.txt\n\n\
    Nobody is contacted and nothing is stored. The same seed and beginning on the same leads and rules are the same run, to the byte."
)]
pub struct Rehearse {
    /// Its name
    name: String,
    /// So many leads that are made up, coming in over a day
    #[arg(long, default_value_t = 1_000, conflicts_with = "days")]
    leads: usize,
    /// The leads of so many last days, as they came in
    #[arg(long)]
    days: Option<u32>,
    /// When it begins: a date or an instant [default: with today, by the dealer's clock]
    #[arg(long, value_name = "WHEN")]
    from: Option<Instant>,
    /// Chance: who answers, and when
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Only this location, by its code
    #[arg(long)]
    location: Option<String>,
    /// Nobody ever writes back
    #[arg(long)]
    silent: bool,
    /// Minutes that a call keeps an agent busy in which somebody answers
    #[arg(long, value_name = "MINUTES", default_value_t = 5)]
    minutes_answered: u32,
    /// The same of one in which nobody does
    #[arg(long, value_name = "MINUTES", default_value_t = 1)]
    minutes_unanswered: u32,
    /// Print the log, a line for whatever happens, in the place of what it comes to
    #[arg(long)]
    log: bool,
}

pub async fn rehearse(at: &At, asked: Rehearse, output: Output) -> Result<()> {
    let minutes = [asked.minutes_answered, asked.minutes_unanswered];
    let rehearsal = Rehearsal {
        script: Script::Named(asked.name),
        cast: asked.days.map_or(Cast::Generated(asked.leads), Cast::Recent),
        location: asked.location,
        from: asked.from,
        seed: asked.seed,
        behaviour: if asked.silent { Behaviour::Silent } else { Behaviour::People },
        call_seconds: minutes.map(|minutes| minutes.saturating_mul(60)),
    };
    let (report, acts) = outreach(at).rehearse(&at.caller, rehearsal).await?;
    if asked.log {
        let log = log(&acts);
        return output.give(&json!({"digest": report.digest, "log": log}), || log.trim_end().to_owned());
    }
    output.give(&as_json(&report), || in_words(&report))
}

pub async fn monitor(at: &At, name: &str, output: Output) -> Result<()> {
    let monitor = outreach(at).schedule_monitor(&at.caller, name).await?;
    output.give(&watched(&monitor), || {
        let statuses = monitor.statuses.iter().map(|(status, count)| [status.as_str().to_owned(), count.to_string()]);
        let steps = monitor.steps.iter().map(|step| {
            [step.version.to_string(), step.position.to_string(), step.live.to_string(), step.action.clone()]
        });
        let rules = monitor
            .rules
            .iter()
            .map(|one| [one.rule.clone(), one.count.to_string(), one.since.to_string(), format!("E-{}", one.example)]);
        let due = monitor.next_due.map_or_else(|| "nothing".to_owned(), |at| at.to_string());
        format!(
            "{}\n\n{}\n\n{}\n\nNext due: {due}. Overdue: {}.",
            table(["STATUS", "COUNT"], &statuses.collect::<Vec<_>>()),
            table(["VERSION", "STEP", "COUNT", "NEXT ACTION"], &steps.collect::<Vec<_>>()),
            table(["HELD BY", "COUNT", "SINCE", "EXAMPLE"], &rules.collect::<Vec<_>>()),
            monitor.overdue
        )
    })
}

fn watched(monitor: &Monitor) -> Value {
    let statuses = monitor.statuses.iter().map(|(status, count)| (status.as_str().to_owned(), json!(count)));
    let steps = monitor.steps.iter().map(
        |step| json!({"version": step.version, "position": step.position, "action": step.action, "live": step.live}),
    );
    let rules = monitor.rules.iter().map(|one| {
        json!({"rule": one.rule, "reason": one.reason, "count": one.count, "since": one.since,
            "example": format!("E-{}", one.example)})
    });
    json!({
        "schedule": monitor.schedule, "version": monitor.version, "active": monitor.active, "live": monitor.live,
        "statuses": statuses.collect::<serde_json::Map<_, _>>(), "steps": steps.collect::<Vec<_>>(),
        "rules": rules.collect::<Vec<_>>(), "next_due": monitor.next_due, "overdue": monitor.overdue,
    })
}

fn as_json(report: &Report) -> Value {
    let steps = report.steps.iter().map(|step| {
        json!({"schedule": step.schedule, "position": step.position, "action": step.action, "done": step.done,
            "held": step.held, "refused": step.refused})
    });
    let rules = report.rules.iter().map(|(name, rule)| {
        json!({"rule": name, "held": rule.held, "refused": rule.refused, "held_seconds": rule.held_seconds})
    });
    let hours = report.hours.iter().map(|(hour, contacts)| json!({"hour": hour, "contacts": contacts}));
    let calls = report.calls;
    json!({
        "leads": report.leads, "from": report.from, "to": report.to, "contacts": report.contacts,
        "hours": hours.collect::<Vec<_>>(), "steps": steps.collect::<Vec<_>>(), "rules": rules.collect::<Vec<_>>(),
        "ends": report.ends, "answered": report.answered, "opted_out": report.opted_out,
        "agents": {"calls": calls.made, "answered": calls.answered, "seconds": calls.seconds,
            "busiest_hour": calls.busiest_hour, "busiest_hour_seconds": calls.busiest_hour_seconds},
        "digest": report.digest,
    })
}

fn in_words(report: &Report) -> String {
    let steps = report.steps.iter().map(|step| {
        let [done, held, refused] = [step.done, step.held, step.refused].map(|count| count.to_string());
        [step.position.to_string(), done, held, refused, step.action.clone()]
    });
    let rules = report.rules.iter().map(|(name, rule)| {
        let hours = format!("{:.0}", rule.held_seconds as f64 / 3_600.0);
        [name.clone(), rule.held.to_string(), rule.refused.to_string(), hours]
    });
    let ends = report.ends.iter().map(|(status, count)| [(*status).to_owned(), count.to_string()]);
    let contacts: Vec<String> =
        report.contacts.iter().map(|(channel, count)| format!("{count} by {}", channel.as_str())).collect();
    let calls = report.calls;
    let busiest = calls.busiest_hour.map_or_else(String::new, |hour| {
        let agents = calls.busiest_hour_seconds as f64 / 3_600.0;
        format!(", at most {agents:.1} agents at a time, in the hour from {hour}")
    });
    format!(
        "{} leads. Contacts: {}. {} wrote back, {} opted out.\n\n{}\n\n{}\n\n{}\n\n\
         Calls: {}, of which {} were answered: {:.1} hours of agents{busiest}.\nDigest of the log: {}",
        report.leads,
        if contacts.is_empty() { "none".to_owned() } else { contacts.join(", ") },
        report.answered,
        report.opted_out,
        table(["STEP", "DONE", "HELD", "REFUSED", "ACTION"], &steps.collect::<Vec<_>>()),
        table(["RULE", "HELD", "REFUSED", "HOURS HELD"], &rules.collect::<Vec<_>>()),
        table(["ENDED", "COUNT"], &ends.collect::<Vec<_>>()),
        calls.made,
        calls.answered,
        calls.seconds as f64 / 3_600.0,
        report.digest
    )
}
