//! How a schedule does: who stands where, what holds them back, and what is due. All of it from tallies and indexes.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use forecourt_crm::{
    Caller, Config, Sight,
    schedule::{InForce, plan_of},
};
use forecourt_query::{Direction, Filter, Find, Op};
use forecourt_record::{Document, Enrolment, EnrolmentStatus, Error, Instant, Kind as _, Result, schedule::Plan};
use forecourt_store::{Command, Lane, Tx};

use super::why_not::remedy;
use crate::Outreach;

/// How a schedule does.
#[derive(Clone, Debug, Default)]
pub struct Monitor {
    pub schedule: String,
    pub version: i64,
    pub active: bool,
    /// How many are under way.
    pub live: i64,
    /// How many there are in each status, those that are over included.
    pub statuses: Vec<(EnrolmentStatus, i64)>,
    /// Where those under way stand, by version and position.
    pub steps: Vec<MonitorStep>,
    /// What makes those wait who stand still, the most frequent first.
    pub rules: Vec<Blocked>,
    /// When the next action is due that waits for its time.
    pub next_due: Option<Instant>,
    /// How many actions were due and are not carried out yet.
    pub overdue: i64,
}

#[derive(Clone, Debug)]
pub struct MonitorStep {
    pub version: i64,
    pub position: i64,
    /// The action that is next, in words.
    pub action: String,
    pub live: i64,
}

/// Those who stand still for one reason.
#[derive(Clone, Debug)]
pub struct Blocked {
    pub rule: String,
    /// The rule in words.
    pub reason: String,
    pub count: i64,
    /// Since when the one who waits the longest does.
    pub since: Instant,
    /// Its number.
    pub example: i64,
    /// What would change it, in a sentence.
    pub change: &'static str,
}

impl Outreach {
    /// How a schedule does, as far as the caller sees those who are on it.
    ///
    /// Errors: `NotFound`.
    pub async fn schedule_monitor(&self, caller: &Caller, name: &str) -> Result<Monitor> {
        let config = self.crm.config(caller.dealer).await?;
        let on = config.schedule_named(name).ok_or_else(|| Error::not_found("schedule"))?.clone();
        let command = Watch { config, sight: caller.sight.clone(), on };
        self.crm.store.read(self.crm.scope(caller), Lane::Quick, command).await
    }
}

struct Watch {
    config: Arc<Config>,
    sight: Sight,
    on: InForce,
}

/// What is counted, in the order of the tally's columns.
const DIMENSION: &str = "schedule_id,status,schedule_version,position,standstill_rule,location";
/// Those whose next action is due at a time; whoever is in the queue waits for somebody.
const TIMED: [EnrolmentStatus; 3] = [EnrolmentStatus::Scheduled, EnrolmentStatus::Waiting, EnrolmentStatus::Running];

impl Command for Watch {
    type Output = Monitor;

    async fn run(&self, tx: &mut Tx) -> Result<Monitor> {
        let schedule = &self.on.schedule;
        let seen = match &self.sight {
            Sight::All => None,
            Sight::Locations(codes) => Some(codes.clone()),
        };
        let wanted = [Some(vec![schedule.id.to_string()]), None, None, None, None, seen];
        let (mut statuses, mut steps, mut rules) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for row in tx.tallies(Enrolment::SPEC, DIMENSION, &wanted).await? {
            let [_, status, version, position, rule, _] = row.values.as_slice() else { continue };
            let status =
                status.as_deref().and_then(|status| EnrolmentStatus::ALL.iter().find(|one| one.as_str() == status));
            let Some(status) = status else { continue };
            *statuses.entry(status.as_str()).or_insert(0) += row.n;
            if status.is_live() {
                let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok()).unwrap_or(0);
                *steps.entry((number(version), number(position))).or_insert(0) += row.n;
                if let Some(rule) = rule {
                    *rules.entry(rule.clone()).or_insert(0) += row.n;
                }
            }
        }
        let live = |(_, count): &(EnrolmentStatus, i64)| *count;
        let of_status = |status: &EnrolmentStatus| Some((*status, *statuses.get(status.as_str())?));
        let statuses: Vec<_> = EnrolmentStatus::ALL.iter().filter_map(of_status).collect();
        Ok(Monitor {
            schedule: schedule.doc.name.clone(),
            version: schedule.doc.version,
            active: schedule.doc.active,
            live: statuses.iter().filter(|(status, _)| status.is_live()).map(live).sum(),
            statuses,
            steps: self.steps(tx, steps).await?,
            rules: self.rules(tx, rules).await?,
            next_due: self.next_due(tx).await?,
            overdue: self.overdue(tx).await?,
        })
    }
}

impl Watch {
    async fn steps(&self, tx: &mut Tx, counts: BTreeMap<(i64, i64), i64>) -> Result<Vec<MonitorStep>> {
        let (mut steps, mut plans) = (Vec::new(), BTreeMap::new());
        for ((version, position), live) in counts {
            let plan: &mut Arc<Plan> = match plans.entry(version) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(plan_of(tx, &self.config, self.on.schedule.id, version).await?),
            };
            let action = usize::try_from(position).ok().and_then(|at| plan.actions().get(at)).map(ToString::to_string);
            steps.push(MonitorStep { version, position, action: action.unwrap_or_else(|| "the end".to_owned()), live });
        }
        Ok(steps)
    }

    async fn rules(&self, tx: &mut Tx, counts: BTreeMap<String, i64>) -> Result<Vec<Blocked>> {
        let mut rules = Vec::new();
        for (rule, count) in counts {
            let oldest = self.first(tx, vec![Filter::eq("standstill_rule", rule.as_str())], "standstill_since").await?;
            let Some(Document { doc: Enrolment { standstill: Some(standstill), .. }, extra, .. }) = oldest else {
                continue;
            };
            let change = remedy(&rule);
            let (reason, since) = (standstill.reason, standstill.since);
            rules.push(Blocked { rule, reason, count, since, example: extra.number, change });
        }
        rules.sort_by_key(|blocked| std::cmp::Reverse(blocked.count));
        Ok(rules)
    }

    async fn next_due(&self, tx: &mut Tx) -> Result<Option<Instant>> {
        let mut next = None;
        for status in TIMED {
            let filter = vec![Filter::eq("status", status.as_str()), Filter::Exists("next_action_at")];
            let due = self.first(tx, filter, "next_action_at").await?.and_then(|first| first.doc.next_action_at);
            next = due.into_iter().chain(next).min();
        }
        Ok(next)
    }

    async fn overdue(&self, tx: &mut Tx) -> Result<i64> {
        let mut overdue = 0;
        for status in TIMED {
            overdue += tx
                .count::<Enrolment>(&self.of_schedule(vec![
                    Filter::eq("status", status.as_str()),
                    Filter::compare("next_action_at", Op::Lt, tx.scope().now.millis()),
                ]))
                .await?;
        }
        Ok(overdue)
    }

    /// The first of the schedule's by a column.
    async fn first(&self, tx: &mut Tx, filter: Vec<Filter>, by: &'static str) -> Result<Option<Document<Enrolment>>> {
        let find = Find { filter: self.of_schedule(filter), sort: vec![(by, Direction::Ascending)], skip: 0, limit: 1 };
        Ok(tx.find::<Enrolment>(&find).await?.pop())
    }

    fn of_schedule(&self, filter: Vec<Filter>) -> Filter {
        let id = Filter::eq("schedule_id", self.on.schedule.id.to_string());
        Filter::And([id, self.sight.filter()].into_iter().chain(filter).collect())
    }
}
