//! Those who are on schedules, read: one of them, or a page of them, the newest first.

use std::{collections::HashMap, sync::Arc};

use forecourt_crm::{Caller, Config, Ref, Sight, lead::require_visible, schedule::plan_of};
use forecourt_query::{Direction, Filter, Find, Op};
use forecourt_record::{
    Code, Document, Enrolment, EnrolmentStatus, Error, LeadId, Result, SaleLead, ScheduleId, schedule::Plan,
};
use forecourt_store::{Command, Lane, Tx};

use crate::Outreach;

/// Which enrolments are asked for.
#[derive(Clone, Debug, Default)]
pub struct EnrolmentQuery {
    /// The name of a schedule.
    pub schedule: Option<String>,
    pub status: Option<EnrolmentStatus>,
    pub lead: Option<Ref<SaleLead>>,
    /// E.164.
    pub caller_id: Option<String>,
    /// Those with a lower number than this.
    pub before: Option<i64>,
    pub limit: i64,
}

/// An enrolment with what it names.
#[derive(Clone, Debug)]
pub struct EnrolmentView {
    pub enrolment: Document<Enrolment>,
    pub schedule: String,
    /// The lead's number.
    pub lead: i64,
    /// The action that is next, in words; none once every action is done.
    pub action: Option<String>,
}

/// A page of enrolments.
#[derive(Clone, Debug)]
pub struct EnrolmentPage {
    pub items: Vec<EnrolmentView>,
    pub total: i64,
    /// Where the next page begins, if there is one.
    pub next: Option<i64>,
}

impl Outreach {
    /// The enrolments that a caller sees, newest first. `total` is exact.
    ///
    /// Errors: `NotFound` for a lead; `Invalid` in `schedule`.
    pub async fn enrolment_list(&self, caller: &Caller, query: EnrolmentQuery) -> Result<EnrolmentPage> {
        let config = self.crm.config(caller.dealer).await?;
        // Where a person or a lead is given, an index answers.
        let lane = if query.lead.is_some() || query.caller_id.is_some() { Lane::Quick } else { Lane::Scan };
        let command = List { config, sight: caller.sight.clone(), query };
        self.crm.store.read(self.crm.scope(caller), lane, command).await
    }

    /// An enrolment. Errors: `NotFound`.
    pub async fn enrolment_read(&self, caller: &Caller, enrolment: Ref<Enrolment>) -> Result<EnrolmentView> {
        let config = self.crm.config(caller.dealer).await?;
        let command = Read { config, sight: caller.sight.clone(), enrolment };
        self.crm.store.read(self.crm.scope(caller), Lane::Quick, command).await
    }
}

/// The enrolment, if the caller sees its lead; another dealer's, another location's and none at all look the same.
pub(super) async fn visible(tx: &mut Tx, sight: &Sight, enrolment: Ref<Enrolment>) -> Result<Document<Enrolment>> {
    let found = match enrolment {
        Ref::Id(id) => tx.get(id).await?,
        Ref::Number(number) => tx.find_one::<Enrolment>(Filter::eq("number", number)).await?,
    };
    let found = found.ok_or_else(none)?;
    require_visible(tx, sight, Ref::Id(found.doc.lead_id))
        .await
        .map_err(|error| if error.code == Code::NotFound { none() } else { error })?;
    Ok(found)
}

fn none() -> Error {
    Error::not_found("enrolment")
}

struct Read {
    config: Arc<Config>,
    sight: Sight,
    enrolment: Ref<Enrolment>,
}

impl Command for Read {
    type Output = EnrolmentView;

    async fn run(&self, tx: &mut Tx) -> Result<EnrolmentView> {
        let enrolment = visible(tx, &self.sight, self.enrolment).await?;
        let lead = tx.require::<SaleLead>(enrolment.doc.lead_id).await?;
        Names::default().view(tx, &self.config, enrolment, lead.extra.number).await
    }
}

struct List {
    config: Arc<Config>,
    sight: Sight,
    query: EnrolmentQuery,
}

impl Command for List {
    type Output = EnrolmentPage;

    async fn run(&self, tx: &mut Tx) -> Result<EnrolmentPage> {
        let query = &self.query;
        let mut parts = Vec::new();
        if let Some(name) = &query.schedule {
            let on = self
                .config
                .schedule_named(name)
                .ok_or_else(|| Error::field("schedule", "not_allowed", format!("There is no schedule \"{name}\".")))?;
            parts.push(Filter::eq("schedule_id", on.schedule.id.to_string()));
        }
        if let Some(status) = query.status {
            parts.push(Filter::eq("status", status.as_str()));
        }
        match query.lead {
            // A lead that is seen shows all of its enrolments, wherever they began.
            Some(lead) => {
                let lead = require_visible(tx, &self.sight, lead).await?;
                parts.push(Filter::eq("lead_id", lead.id.to_string()));
            }
            None => parts.push(self.sight.filter()),
        }
        if let Some(number) = &query.caller_id {
            parts.push(Filter::eq("caller_id", number.as_str()));
        }
        let total = tx.count::<Enrolment>(&Filter::And(parts.clone())).await?;
        if let Some(before) = query.before {
            parts.push(Filter::compare("number", Op::Lt, before));
        }
        let find = Find {
            filter: Filter::And(parts),
            sort: vec![("number", Direction::Descending)],
            skip: 0,
            limit: query.limit.saturating_add(1),
        };
        let mut found = tx.find::<Enrolment>(&find).await?;
        let shown = usize::try_from(query.limit).unwrap_or(0);
        let has_more = found.len() > shown;
        found.truncate(shown);
        let next = found.last().filter(|_| has_more).map(|last| last.extra.number);
        let leads = numbers(tx, &self.sight, &found).await?;
        let (mut names, mut items) = (Names::default(), Vec::new());
        for enrolment in found {
            // A lead that went to another location since is shown to those who see it now.
            if let Some(number) = leads.get(&enrolment.doc.lead_id) {
                items.push(names.view(tx, &self.config, enrolment, *number).await?);
            }
        }
        Ok(EnrolmentPage { items, total, next })
    }
}

/// The numbers of the leads that these are of, as far as they are seen.
async fn numbers(tx: &mut Tx, sight: &Sight, found: &[Document<Enrolment>]) -> Result<HashMap<LeadId, i64>> {
    let ids = found.iter().map(|one| one.doc.lead_id.to_string().into()).collect();
    let filter = Filter::And(vec![Filter::In("id", ids), sight.filter()]);
    let leads = tx.find::<SaleLead>(&Find::newest(filter, found.len() as i64)).await?;
    Ok(leads.into_iter().map(|lead| (lead.id, lead.extra.number)).collect())
}

/// The plans that were asked for.
#[derive(Default)]
pub(super) struct Names(HashMap<(ScheduleId, i64), Arc<Plan>>);

impl Names {
    /// The plan an enrolment is on.
    pub async fn plan(&mut self, tx: &mut Tx, config: &Config, doc: &Enrolment) -> Result<Arc<Plan>> {
        let key = (doc.schedule_id, doc.version);
        if let Some(known) = self.0.get(&key) {
            return Ok(known.clone());
        }
        let plan = plan_of(tx, config, doc.schedule_id, doc.version).await?;
        self.0.insert(key, plan.clone());
        Ok(plan)
    }

    pub async fn view(
        &mut self,
        tx: &mut Tx,
        config: &Config,
        enrolment: Document<Enrolment>,
        lead: i64,
    ) -> Result<EnrolmentView> {
        let plan = self.plan(tx, config, &enrolment.doc).await?;
        let position = usize::try_from(enrolment.doc.position).unwrap_or(usize::MAX);
        let schedule = config.schedule(enrolment.doc.schedule_id).map(|on| on.schedule.doc.name.clone());
        Ok(EnrolmentView {
            schedule: schedule.unwrap_or_default(),
            lead,
            action: plan.actions().get(position).map(ToString::to_string),
            enrolment,
        })
    }
}
