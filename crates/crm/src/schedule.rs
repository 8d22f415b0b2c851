//! Schedules and lead types as settings: put, listed, and their versions kept for those who are under way on them.

use std::sync::Arc;

use forecourt_query::{Filter, Find};
use forecourt_record::{
    DiallerType, Document, Error, FieldError, Id, Kind, Result, SaleLead, Schedule, ScheduleExtra, ScheduleId,
    ScheduleVersion, User,
    error::Code,
    event::EventName,
    schedule::{Definition, Known, Plan},
};
use forecourt_store::{Command, Lane, NewJob, Tx};
use serde_json::json;

use crate::{Caller, Config, Crm, access::happened, config};

/// The longest name of a schedule, lead type or call group.
const LONGEST: usize = 64;

/// A schedule as it is to be.
#[derive(Clone, Debug)]
pub struct NewSchedule {
    pub name: String,
    /// As before, where nothing is said.
    pub description: Option<String>,
    /// The same; a new one is.
    pub active: Option<bool>,
    pub definition: Definition,
}

/// A schedule with the version in force, ready to be run.
#[derive(Clone, Debug)]
pub struct InForce {
    pub schedule: Document<Schedule>,
    pub plan: Arc<Plan>,
}

impl Config {
    pub fn schedule(&self, id: ScheduleId) -> Option<&InForce> {
        self.schedules.iter().find(|one| one.schedule.id == id)
    }

    pub fn schedule_named(&self, name: &str) -> Option<&InForce> {
        self.schedules.iter().find(|one| one.schedule.doc.name == name)
    }

    /// Whom leads may be handed to.
    fn agents(&self) -> impl Iterator<Item = &Document<User>> {
        self.users.iter().filter(|user| user.doc.active && user.doc.role.takes_leads())
    }

    /// One of them, by name or id.
    pub fn agent(&self, known_as: &str) -> Option<&Document<User>> {
        self.agents().find(|user| user.doc.name == known_as || user.id.to_string() == known_as)
    }

    pub fn lead_type(&self, name: &str) -> Option<&Document<DiallerType>> {
        self.lead_types.iter().find(|one| one.doc.name == name)
    }
}

impl Config {
    /// Everything that is wrong with a definition, with pointers that begin with `definition`.
    pub fn definition_check(&self, definition: &Definition) -> Vec<FieldError> {
        let names: Vec<&str> = self.schedules.iter().map(|one| one.schedule.doc.name.as_str()).collect();
        let locations: Vec<&str> = self.locations.iter().map(|location| location.doc.code.as_str()).collect();
        let ids: Vec<String> = self.agents().map(|user| user.id.to_string()).collect();
        let agents = self.agents().map(|user| user.doc.name.as_str()).chain(ids.iter().map(String::as_str));
        let known = Known {
            pipeline: &self.dealer.doc.pipeline,
            schedules: &names,
            locations: &locations,
            agents: &agents.collect::<Vec<_>>(),
        };
        let inside = definition.check(&known).into_iter();
        inside.map(|error| FieldError { pointer: format!("definition{}", error.pointer), ..error }).collect()
    }
}

impl Crm {
    /// Makes a schedule, or changes the one of this name. A definition that is another than before is a new version:
    /// whoever is on the schedule finishes the one that was begun.
    ///
    /// Errors: `Invalid` in `name` or with pointers into `definition`.
    pub async fn schedule_put(&self, caller: &Caller, new: NewSchedule) -> Result<Document<Schedule>> {
        self.schedule_put_at(caller, new, None).await
    }

    /// The same, if the schedule is at this version of its document, where one is given.
    ///
    /// Errors: also `PreconditionFailed`.
    pub async fn schedule_put_at(
        &self,
        caller: &Caller,
        new: NewSchedule,
        expected: Option<i64>,
    ) -> Result<Document<Schedule>> {
        let config = self.config(caller.dealer).await?;
        let mut wrong = Vec::new();
        name_of("name", &new.name, &mut wrong);
        wrong.extend(config.definition_check(&new.definition));
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        let command = PutSchedule { new, expected, schedule_id: self.context.id(), version_id: self.context.id() };
        self.write(self.scope(caller), command).await
    }

    /// Lets a schedule go on, or stops it: then nobody is put on it any more, and those who are on it wait.
    ///
    /// Errors: `NotFound`.
    pub async fn schedule_activate(&self, caller: &Caller, name: &str, active: bool) -> Result<Document<Schedule>> {
        let config = self.config(caller.dealer).await?;
        let id = config.schedule_named(name).ok_or_else(|| Error::not_found("schedule"))?.schedule.id;
        self.write(self.scope(caller), Activate { id, active }).await
    }

    /// A version of a schedule, in force or not.
    ///
    /// Errors: `NotFound`.
    pub async fn schedule_version(
        &self,
        caller: &Caller,
        name: &str,
        version: i64,
    ) -> Result<Document<ScheduleVersion>> {
        let config = self.config(caller.dealer).await?;
        let id = config.schedule_named(name).ok_or_else(|| Error::not_found("schedule"))?.schedule.id;
        self.store.read(self.scope(caller), Lane::Quick, ReadVersion { id, version }).await
    }

    /// Makes a lead type, or changes the one of this name.
    ///
    /// Errors: `Invalid` (`name`, `schedule`, `call_group`, `origin`, `location`).
    pub async fn lead_type_put(&self, caller: &Caller, kind: DiallerType) -> Result<Document<DiallerType>> {
        let config = self.config(caller.dealer).await?;
        let mut wrong = Vec::new();
        name_of("name", &kind.name, &mut wrong);
        if !kind.call_group.is_empty() {
            name_of("call_group", &kind.call_group, &mut wrong);
        }
        name_of("origin", &kind.origin, &mut wrong);
        if config.schedule_named(&kind.schedule).is_none() {
            let detail = format!("There is no schedule \"{}\".", kind.schedule);
            wrong.push(FieldError::new("schedule", "not_allowed", detail));
        }
        if let Some(code) = kind.location.as_deref().filter(|code| config.location(code).is_none()) {
            wrong.push(FieldError::new("location", "not_allowed", format!("There is no location \"{code}\".")));
        }
        if !wrong.is_empty() {
            return Err(Error::invalid(wrong));
        }
        self.write(self.scope(caller), PutLeadType { kind, id: self.context.id() }).await
    }
}

/// The version of a schedule that an enrolment began, whether or not it is in force still.
///
/// Errors: `NotFound`.
pub async fn plan_of(tx: &mut Tx, config: &Config, id: ScheduleId, version: i64) -> Result<Arc<Plan>> {
    if let Some(known) = config.schedule(id).filter(|known| known.schedule.doc.version == version) {
        return Ok(known.plan.clone());
    }
    let stored = version_of(tx, id, version).await?.ok_or_else(|| Error::not_found("version of the schedule"))?;
    Ok(Arc::new(Plan::new(stored.doc.definition)))
}

/// A version as it is stored.
pub(crate) async fn version_of(tx: &mut Tx, id: ScheduleId, version: i64) -> Result<Option<Document<ScheduleVersion>>> {
    let filter = Filter::And(vec![Filter::eq("schedule_id", id.to_string()), Filter::eq("version_number", version)]);
    tx.find_one::<ScheduleVersion>(filter).await
}

pub(crate) fn name_of(field: &'static str, name: &str, wrong: &mut Vec<FieldError>) {
    let length = name.chars().count();
    if name.trim() != name || length == 0 || length > LONGEST || name.chars().any(char::is_control) {
        let detail = format!("Must be 1 to {LONGEST} characters without blanks around them.");
        wrong.push(FieldError::new(field, "bad_format", detail));
    }
}

struct PutSchedule {
    new: NewSchedule,
    /// The version that the change is based on.
    expected: Option<i64>,
    schedule_id: ScheduleId,
    version_id: Id<ScheduleVersion>,
}

impl Command for PutSchedule {
    type Output = Document<Schedule>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<Schedule>> {
        let NewSchedule { name, description, active, definition } = self.new.clone();
        let now = tx.scope().now;
        let holder = tx.key_claim(Schedule::SPEC.name, "name", &name, self.schedule_id).await?;
        let is_new = holder == self.schedule_id;
        if is_new && self.expected.is_some() {
            return Err(Error::new(Code::PreconditionFailed, "There is no such schedule yet."));
        }
        let mut schedule = if is_new {
            let extra = ScheduleExtra { number: tx.number("schedules", 1).await? };
            Document::new(self.schedule_id, now, Schedule { name, ..Schedule::default() }, extra)
        } else {
            tx.require_for_update(holder).await?
        };
        if self.expected.is_some_and(|version| version != schedule.version) {
            let detail = format!("The schedule is at version {}.", schedule.version);
            return Err(Error::new(Code::PreconditionFailed, detail));
        }
        let before = version_of(tx, schedule.id, schedule.doc.version).await?;
        if before.is_none_or(|before| before.doc.definition != definition) {
            schedule.doc.version += 1;
            let version = ScheduleVersion { schedule_id: schedule.id, version: schedule.doc.version, definition };
            tx.insert(&Document::new(self.version_id, now, version, ())).await?;
        }
        schedule.doc.active = active.unwrap_or(is_new || schedule.doc.active);
        schedule.doc.description = description.or(schedule.doc.description.take());
        if is_new {
            tx.insert(&schedule).await?;
        } else {
            tx.update(&mut schedule).await?;
        }
        config::changed(tx).await?;
        happened(tx, EventName::ScheduleChanged, Schedule::SPEC.name, schedule.id.cast()).await?;
        Ok(schedule)
    }
}

struct Activate {
    id: ScheduleId,
    active: bool,
}

impl Command for Activate {
    type Output = Document<Schedule>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<Schedule>> {
        let mut schedule: Document<Schedule> = tx.require_for_update(self.id).await?;
        if schedule.doc.active != self.active {
            schedule.doc.active = self.active;
            tx.update(&mut schedule).await?;
            config::changed(tx).await?;
            happened(tx, EventName::ScheduleChanged, Schedule::SPEC.name, schedule.id.cast()).await?;
        }
        Ok(schedule)
    }
}

struct ReadVersion {
    id: ScheduleId,
    version: i64,
}

impl Command for ReadVersion {
    type Output = Document<ScheduleVersion>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<ScheduleVersion>> {
        version_of(tx, self.id, self.version).await?.ok_or_else(|| Error::not_found("version of the schedule"))
    }
}

struct PutLeadType {
    kind: DiallerType,
    id: Id<DiallerType>,
}

impl Command for PutLeadType {
    type Output = Document<DiallerType>;

    async fn run(&self, tx: &mut Tx) -> Result<Document<DiallerType>> {
        let holder = tx.key_claim(DiallerType::SPEC.name, "name", &self.kind.name, self.id).await?;
        let stored = if holder == self.id {
            let document = Document::new(self.id, tx.scope().now, self.kind.clone(), ());
            tx.insert(&document).await?;
            document
        } else {
            let mut document: Document<DiallerType> = tx.require_for_update(holder).await?;
            document.doc = self.kind.clone();
            tx.update(&mut document).await?;
            document
        };
        config::changed(tx).await?;
        happened(tx, EventName::LeadTypeChanged, DiallerType::SPEC.name, stored.id.cast()).await?;
        Ok(stored)
    }
}

/// The schedules in force, by name.
pub(crate) async fn in_force(tx: &mut Tx, all: &Find) -> Result<Vec<InForce>> {
    let mut schedules = Vec::new();
    for schedule in tx.find::<Schedule>(all).await? {
        let version = version_of(tx, schedule.id, schedule.doc.version).await?;
        let version = version.ok_or_else(|| Error::internal("a schedule without the version it is in"))?;
        schedules.push(InForce { schedule, plan: Arc::new(Plan::new(version.doc.definition)) });
    }
    Ok(schedules)
}

/// The job that puts a lead on a schedule which it enters by itself: `{"lead", "schedule", "new", "status",
/// "by_schedule"}`, what has happened to it.
pub const ENTER: &str = "lead.enter@1";

/// What has happened to a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It has come in.
    New,
    /// It has come into its status.
    Moved,
    /// The same, by what a schedule does: it enters none by that which it has been on before, so that schedules never lead
    /// to each other without end.
    MovedBySchedule,
}

/// Puts down a job for each schedule that a lead enters by what has just happened to it, in the transaction in which that
/// does. The lead's status is the one it is in now.
pub(crate) async fn arrives(tx: &mut Tx, config: &Config, lead: &Document<SaleLead>, how: Arrival) -> Result<()> {
    let (is_new, status) = (how == Arrival::New, lead.doc.status_name());
    for InForce { schedule, plan } in config.schedules.iter().filter(|on| on.schedule.doc.active) {
        if !plan.definition.enter.iter().any(|entry| entry.is_about(is_new, status)) {
            continue;
        }
        let by_schedule = how == Arrival::MovedBySchedule;
        let what = json!({
            "lead": lead.id, "schedule": schedule.id, "new": is_new, "status": status, "by_schedule": by_schedule,
        });
        // Behind what the house does first, before the steps of schedules.
        let job = NewJob { name: ENTER, payload: what, due_at: tx.scope().now, priority: 15, dedupe: None };
        tx.enqueue(job).await?;
    }
    Ok(())
}

/// A schedule that leads may be put on.
///
/// Errors: `Conflict` for one that is not active.
pub fn active(found: &InForce) -> Result<&InForce> {
    if found.schedule.doc.active {
        return Ok(found);
    }
    let detail = format!("The schedule \"{}\" is not active.", found.schedule.doc.name);
    Err(Error::new(Code::Conflict, detail))
}
