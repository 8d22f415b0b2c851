//! Schedules at work: a crowd whose next action is due, more who wait, and a worker that begins.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use futures::future::try_join_all;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::process::Command;

use super::Bench;
use crate::child::{Server, finish};
use crate::client::{call, post};
use crate::crowd::{self, Crowd, People};
use crate::load::{Outcome, drive};
use crate::metrics::{COMMANDS, Counted, GATE, LATENESS};
use crate::outreach;
use crate::report::Row;
use crate::stats::Summary;
use crate::subject::{Store, Subject};
use crate::table::size;
use crate::work::{Backend, Target};
use crate::{Result, clock, reference};

/// What is not done by then is told, and measured as far as it came.
const LIMIT: Duration = Duration::from_mins(4);
/// How often a worker is asked how far it is.
const LOOK: Duration = Duration::from_millis(200);
/// A text message takes four transactions: one of so many people gets one.
const SMS_SHARE: u64 = 5;
/// Of the crowd, so many at most are carried out by the bare side.
const BARE: u64 = 20_000;
/// A steady load is this share of what one worker carried out in the same run; without such a row, so many a second.
const STEADY: f64 = 0.25;
const STEADY_RATE: f64 = 200.0;
/// Its first action is due when everybody is there.
const HEAD_START: Duration = Duration::from_secs(2);
/// The API's load beside it.
const CREATING: usize = 16;
/// Who waits is due in the year 2040.
const FAR: &str = "2040-01-01T00:00:00Z";

/// A store with crowds in it.
struct Scene {
    subject: Subject,
    people: People,
    /// Tells crowds apart.
    sets: u64,
}

/// What became of a crowd.
struct Drained {
    /// By name: how many events, and the instants of the first and the last.
    events: HashMap<String, (u64, f64, f64)>,
    /// The most memory one worker had, in MB.
    peak_mb: f64,
    /// What each worker counted.
    counted: Vec<Counted>,
}

impl Drained {
    /// From the first to the last of some events.
    fn pace(&self, name: &str) -> Result<Summary> {
        let (many, first, last) = self.events.get(name).ok_or_else(|| format!("no {name}"))?;
        Ok(Summary::together(*many, Duration::from_secs_f64(last - first)))
    }

    /// From the first of all events to the last of this name.
    fn whole(&self, name: &str) -> Result<Summary> {
        let first = self.events.values().map(|(_, first, _)| *first).fold(f64::INFINITY, f64::min);
        let (many, _, last) = self.events.get(name).ok_or_else(|| format!("no {name}"))?;
        Ok(Summary::together(*many, Duration::from_secs_f64(last - first)))
    }
}

impl Bench {
    /// The works over schedules on one kind of store, where any of them is wanted.
    pub async fn outreach(&mut self, backend: Backend) -> Result<()> {
        let wanted = self.options.due > 0 && outreach::NAMES.iter().any(|name| self.wanted(name));
        let Some(binary) = self.binary.clone().filter(|_| wanted) else { return Ok(()) };
        let Some(own) = self.own(backend, "outreach", "forecourt_bench_outreach").await? else { return Ok(()) };
        let outcome = self.outreach_in(backend, &binary, own.store()).await;
        own.close().await?;
        outcome
    }

    async fn outreach_in(&mut self, backend: Backend, binary: &Path, store: Store) -> Result<()> {
        let (due, waiting) = (self.options.due, self.options.waiting);
        eprintln!("{} with {} due, {} waiting", backend.name(), size(due), size(waiting));
        let subject = Subject::prepare(binary, store, &self.log("outreach")).await?;
        subject.fill(due).await?;
        self.open_rules(&subject).await?;
        let under = subject.under().await?;
        let people = People::of(&under, &subject.access.dealer).await?;
        drop(under);
        let mut scene = Scene { subject, people, sets: 0 };
        if waiting > 0 {
            self.put(&scene.subject, "waiting", &outreach::waiting()).await?;
            scene.crowd("waiting", (waiting, 1_000.0), Some(FAR)).await?;
        }
        // More than there are people would be somebody twice.
        let due = due.min(scene.people.many);
        let workers: &[usize] = if backend == Backend::Postgres { &[1, 2] } else { &[1] };
        let mut rate = STEADY_RATE;
        if self.wanted(outreach::TASK) {
            for workers in workers {
                let row = self.task(backend, &mut scene, due, *workers).await?;
                if let (1, Some(subject)) = (*workers, row.subject) {
                    rate = (subject.per_second * STEADY).max(1.0);
                }
                self.rows.push(row);
            }
        }
        if self.wanted(outreach::SMS) {
            for workers in workers {
                self.sms(backend, &mut scene, due.div_ceil(SMS_SHARE), *workers).await?;
            }
        }
        if self.wanted(outreach::LATENESS) {
            self.lateness(backend, &mut scene, due, rate).await?;
        }
        if self.wanted(outreach::TASK) {
            // At the end: what it writes is not what the subject could read.
            let bare = self.bare(&mut scene, due.min(BARE)).await?;
            let tasks = |row: &&mut Row| row.backend == Some(backend) && row.work.starts_with(outreach::TASK);
            for row in self.rows.iter_mut().filter(tasks) {
                let ours: Vec<Summary> = row.subject.into_iter().collect();
                row.fill(&ours, &[bare]);
                row.tell();
            }
        }
        Ok(())
    }

    /// The shipped rules, opened, so that what is measured does not hang on the time of day.
    async fn open_rules(&self, subject: &Subject) -> Result<()> {
        subject.tell(&["dealer", "set", "--bot", "off"]).await?;
        let rules = outreach::opened(subject.tell(&["dealer", "rules"]).await?);
        let file = self.scratch.path().join("rules.json");
        std::fs::write(&file, rules.to_string())?;
        subject.tell(&["dealer", "rules", "--set", &file.display().to_string()]).await.map(drop)
    }

    async fn put(&self, subject: &Subject, name: &str, definition: &Value) -> Result<()> {
        let file = self.scratch.path().join("schedule.json");
        std::fs::write(&file, definition.to_string())?;
        subject.tell(&["schedule", "put", name, &file.display().to_string()]).await.map(drop)
    }

    /// What the same rows cost whoever only writes them.
    async fn bare(&self, scene: &mut Scene, many: u64) -> Result<Summary> {
        self.put(&scene.subject, "bare", &outreach::definition(outreach::TASK)).await?;
        scene.crowd("bare", (many, 0.0), None).await?;
        scene.settled().await?;
        let Subject { store, access, .. } = &scene.subject;
        let (many, took) = reference::due::carry_out(store, &access.dealer, "bare").await?;
        Ok(Summary::together(many, took))
    }

    /// An action that reaches nobody, for everybody who is due.
    async fn task(&mut self, backend: Backend, scene: &mut Scene, due: u64, workers: usize) -> Result<Row> {
        let (name, title) = match workers {
            1 => (outreach::TASK, "due: add_task, decided and recorded"),
            _ => ("due-task-2", "the same, two workers"),
        };
        let drained = self.drained(scene, outreach::TASK, name, (due, 1), workers).await?;
        let mut row = Row {
            work: name,
            title,
            reference_title: Some("the same rows, written"),
            target: Some(Target { ratio: 0.5, from_leads: 0 }),
            ..Row::new(backend, due)
        };
        row.fill(&[drained.whole(ENDED)?], &[]);
        row.failures.extend(missing(&drained, ENDED, due));
        row.tell();
        self.check(backend, due, &format!("{title}: memory, most of one"), drained.peak_mb, "MB", None);
        Ok(row)
    }

    /// A text message for everybody who is due: decided by the gate, handed over by the outbox after asking the gate again,
    /// and the schedule gone on with.
    async fn sms(&mut self, backend: Backend, scene: &mut Scene, due: u64, workers: usize) -> Result<()> {
        let (names, titles) = match workers {
            1 => (
                [outreach::SMS, "due-sms-queued", "due-sms-sent"],
                ["due: sms, whole way to its end", "of it: gated, queued", "of it: gated again, sent"],
            ),
            _ => (
                ["due-sms-2", "due-sms-queued-2", "due-sms-sent-2"],
                ["sms, two workers", "of it: gated, queued, two", "of it: gated again, sent, two"],
            ),
        };
        let drained = self.drained(scene, outreach::SMS, names[0], (due, 2), workers).await?;
        let paces = [drained.whole(ENDED), drained.pace("message.queued"), drained.pace("message.sent")];
        for ((work, title), pace) in names.into_iter().zip(titles).zip(paces) {
            let mut row = Row { work, title, ..Row::new(backend, due) };
            row.fill(&[pace?], &[]);
            row.failures.extend(missing(&drained, ENDED, due));
            row.tell();
            self.rows.push(row);
        }
        let check = |bench: &mut Self, what: &str, value, unit| {
            bench.check(backend, due, &format!("{}: {what}", titles[0]), value, unit, None);
        };
        check(self, "memory, most of one", drained.peak_mb, "MB");
        let sums = |name| {
            drained
                .counted
                .iter()
                .map(|counted| counted.histogram(name))
                .fold((0.0, 0.0), |(count, sum), one| (count + one.count, sum + one.sum))
        };
        let ((verdicts, gate), (_, commands)) = (sums(GATE), sums(COMMANDS));
        check(self, "share of the gate in transactions", 100.0 * gate / commands.max(1e-9), "%");
        check(self, "one verdict, what it asks included", 1e6 * gate / verdicts.max(1.0), "us");
        Ok(())
    }

    /// People who are due one after the other, beside an API that takes leads in.
    async fn lateness(&mut self, backend: Backend, scene: &mut Scene, due: u64, rate: f64) -> Result<()> {
        let seconds = if self.options.quick { 4.0 } else { 20.0 };
        let many = ((rate * seconds) as u64).clamp(1, due);
        self.put(&scene.subject, outreach::LATENESS, &outreach::definition(outreach::TASK)).await?;
        let crowd = scene.crowd(outreach::LATENESS, (many, 1_000.0 / rate), None).await?;
        scene.settled().await?;
        // Before anybody holds one of them.
        crowd.due_in(&scene.subject.under().await?, HEAD_START.as_millis() as u64).await?;
        let server = scene.subject.serve(&["--roles", "api,worker"]).await?;
        let create = crate::work::create(&scene.subject.access.altum, &self.people);
        let spread = Duration::from_secs_f64(many as f64 / rate);
        let length = HEAD_START + spread;
        let Outcome { summary, unexpected, example } = drive(server.address, &create, CREATING, length, 0).await;
        if unexpected > 0 {
            return Err(format!("{unexpected} unexpected, such as {}", example.unwrap_or_default()).into());
        }
        let counted = until(std::slice::from_ref(&server), many).await?;
        let histogram = counted.first().map(|counted| counted.histogram(LATENESS)).unwrap_or_default();
        server.stop().await?;
        if histogram.count < many as f64 {
            return Err(format!("{} of {many} were carried out", histogram.count).into());
        }
        let what = format!(
            "lateness at {:.0} due per s, {:.0} leads created per s",
            many as f64 / spread.as_secs_f64(),
            summary.per_second
        );
        self.check(backend, many, &format!("{what}: p50"), histogram.quantile(0.5), "s", None);
        self.check(backend, many, &format!("{what}: p99"), histogram.quantile(0.99), "s", Some(1.0));
        Ok(())
    }

    /// Puts a crowd on a schedule of its own, all of them due, and lets so many workers carry out all of it: `steps` for each.
    async fn drained(
        &self,
        scene: &mut Scene,
        what: &str,
        name: &str,
        (due, steps): (u64, u64),
        workers: usize,
    ) -> Result<Drained> {
        self.put(&scene.subject, name, &outreach::definition(what)).await?;
        scene.crowd(name, (due, 0.0), None).await?;
        scene.settled().await?;
        let under = scene.subject.under().await?;
        let mark = under.number("SELECT coalesce(max(sequence), 0) FROM events").await?;
        let workers = try_join_all((0..workers).map(|_| scene.subject.serve(&["--roles", "worker"]))).await?;
        let counted = until(&workers, due * steps).await?;
        let mut peak_mb = 0.0_f64;
        for worker in workers {
            peak_mb = peak_mb.max(worker.memory()?.peak_mb);
            worker.stop().await?;
        }
        crowd::put_off(&under).await?;
        let mut events = HashMap::new();
        let recorded =
            format!("SELECT name, count(*), min(at), max(at) FROM events WHERE sequence > {mark} GROUP BY name");
        for row in under.rows(&recorded).await? {
            let [name, many, first, last] = <[String; 4]>::try_from(row).map_err(|_| "not four values")?;
            let seconds = |milliseconds: String| milliseconds.parse::<f64>().map(|at| at / 1e3);
            events.insert(name, (many.parse()?, seconds(first)?, seconds(last)?));
        }
        Ok(Drained { events, peak_mb, counted })
    }
}

/// The event that ends an enrolment.
const ENDED: &str = "enrolment.ended";

/// What is wrong where not everybody was carried out.
fn missing(drained: &Drained, name: &str, due: u64) -> Option<String> {
    let many = drained.events.get(name).map_or(0, |(many, _, _)| *many);
    (many != due).then(|| format!("{many} of {due} within {} min: {:?}", LIMIT.as_secs() / 60, drained.events))
}

/// Waits until so many steps were recorded, or until nobody waits any longer. Gives what each worker has counted.
async fn until(workers: &[Server], steps: u64) -> Result<Vec<Counted>> {
    let begun = clock::now();
    loop {
        let counted = try_join_all(workers.iter().map(|worker| Counted::of(worker.address))).await?;
        let done: f64 = counted.iter().map(|counted| counted.histogram(LATENESS).count).sum();
        if done >= steps as f64 || begun.elapsed() > LIMIT {
            return Ok(counted);
        }
        clock::rest(LOOK).await;
    }
}

impl Scene {
    /// So many people on a schedule, each due so many milliseconds after the one before; the first by the API, and due then.
    async fn crowd(&mut self, schedule: &str, size: (u64, f64), not_before: Option<&str>) -> Result<Crowd> {
        let under = self.subject.under().await?;
        let lead = format!("L-{}", self.people.first(&under).await?);
        let server = self.subject.start().await?;
        let mut asked = json!({"lead": lead, "schedule": schedule});
        if let Some(at) = not_before {
            asked["not_before"] = json!(at);
        }
        let answer =
            call(server.address, post("/forecourt/v1/enrolments", Some(&self.subject.access.altum), asked.to_string()))
                .await;
        server.stop().await?;
        match answer? {
            (StatusCode::CREATED, _) => {}
            (status, body) => return Err(format!("POST /forecourt/v1/enrolments answers {status}: {body}").into()),
        }
        self.sets += 1;
        Crowd::of(&under, &self.people, schedule, self.sets, size).await
    }

    /// What was written in bulk is on the disk, and nobody pays for it later.
    async fn settled(&self) -> Result<()> {
        self.subject.under().await?.settle().await?;
        finish(Command::new("sync")).await.map(drop)
    }
}
