//! One run: prepares both sides, drives them in turn (A B A B) at each size, and reports.

mod outreach;
mod stock;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use tempfile::TempDir;
use tokio::process::Command;

use crate::child::{Server, finish};
use crate::database::{self, Database};
use crate::load::{Call, drive};
use crate::metrics::{COMMANDS, COMPUTED, Counted};
use crate::options::{self, Options};
use crate::report::{Check, Report, Row};
use crate::stats::median;
use crate::subject::{Facts, Store, Subject};
use crate::table::size;
use crate::work::{self, Backend, Target, Work};
use crate::{Result, bulk, client, clock, gate, walcu};

/// Runs the bench and prints the tables. False when a row could not be measured.
pub async fn run(mut options: Options) -> Result<bool> {
    if options.quick {
        (options.sizes, options.seconds, options.rounds) = (vec![10_000], 1.0, 1);
        options.vehicles = options.vehicles.min(10_000);
        (options.due, options.waiting) = (options.due.min(2_000), options.waiting.min(10_000));
    }
    options.sizes.sort_unstable();
    options.rounds = options.rounds.max(1);
    let binary = if options.reference_only { None } else { Some(options::binary(options.binary.clone())?) };
    let scratch = match &options.scratch {
        Some(folder) => TempDir::with_prefix_in("forecourt-bench-", folder)?,
        None => TempDir::with_prefix("forecourt-bench-")?,
    };
    let mut bench = Bench {
        options,
        binary,
        scratch,
        people: Arc::default(),
        patches: Arc::default(),
        rows: Vec::new(),
        checks: Vec::new(),
        broken: Vec::new(),
    };
    bench.floor().await?;
    if bench.wanted(gate::NAME) {
        bench.rows.extend(gate::rows(Duration::from_secs_f64(bench.options.seconds / 3.0)));
    }
    for backend in bench.options.backends.clone() {
        // What was measured before is worth showing, whatever became of the rest.
        if bench.wants_leads()
            && let Err(error) = bench.backend(backend).await
        {
            bench.broken.push(format!("{}: {}", backend.name(), crate::whole(error.as_ref())));
        }
        if let Err(error) = bench.stock(backend).await {
            bench.broken.push(format!("{}, stock: {}", backend.name(), crate::whole(error.as_ref())));
        }
        if let Err(error) = bench.outreach(backend).await {
            bench.broken.push(format!("{}, outreach: {}", backend.name(), crate::whole(error.as_ref())));
        }
    }
    let report = Report::new(machine(), bench.settings(), bench.rows, bench.checks, bench.broken);
    crate::answer(&report.markdown());
    if let Some(file) = &bench.options.json {
        write(&report, file)?;
    }
    bench.scratch.close()?;
    Ok(report.is_whole())
}

struct Bench {
    options: Options,
    binary: Option<PathBuf>,
    scratch: TempDir,
    /// Numbers the persons created over the whole run: each is new.
    people: Arc<AtomicU64>,
    /// Numbers the values patched into leads: each is new.
    patches: Arc<AtomicU64>,
    rows: Vec<Row>,
    checks: Vec<Check>,
    /// Stores whose measurement ended before its end, and why.
    broken: Vec<String>,
}

/// Where works have a store of their own.
struct Own {
    folder: PathBuf,
    database: Option<Database>,
}

impl Own {
    fn store(&self) -> Store {
        let folder = || Store::Folder(self.folder.clone());
        self.database.as_ref().map_or_else(folder, |database| Store::Database(database.url.clone()))
    }

    async fn close(self) -> Result<()> {
        // Not there when the store is elsewhere.
        drop(std::fs::remove_dir_all(&self.folder));
        match self.database {
            Some(database) => database.drop_now().await,
            None => Ok(()),
        }
    }
}

impl Bench {
    /// A place for a store beside that of the leads; none where there is no server for it.
    async fn own(&self, backend: Backend, folder: &str, database: &'static str) -> Result<Option<Own>> {
        let database = match (backend, self.options.postgres.as_deref()) {
            (Backend::Sqlite, _) => None,
            (Backend::Postgres, Some(url)) => Some(Database::create(url, database).await?),
            (Backend::Postgres, None) => return Ok(None),
        };
        Ok(Some(Own { folder: self.scratch.path().join(folder), database }))
    }

    fn settings(&self) -> String {
        let Options { seconds, rounds, connections, .. } = &self.options;
        format!(
            "{connections} connections, medians of {rounds} rounds on each side, in turn: of {seconds} s at a million, half \
             of it at 100k, a third below"
        )
    }

    async fn floor(&mut self) -> Result<()> {
        let works: Vec<Work> = work::floor().into_iter().filter(|work| self.wanted(work.name)).collect();
        if works.is_empty() {
            return Ok(());
        }
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["reference", "echo"]);
        let server = Server::start(command, &self.log("echo")).await?;
        for work in works {
            let row = self.measure(None, 0, &work, None, server.address).await;
            self.rows.push(row);
        }
        server.stop().await
    }

    /// Both sides over one kind of store, from the smallest size to the largest.
    async fn backend(&mut self, backend: Backend) -> Result<()> {
        let (ours, bare) = match backend {
            Backend::Sqlite => (None, None),
            Backend::Postgres => {
                let Some(url) = self.options.postgres.clone() else {
                    eprintln!("postgres: left out, FORECOURT_TEST_POSTGRES is not set");
                    return Ok(());
                };
                (
                    Some(Database::create(&url, "forecourt_bench_subject").await?),
                    Some(Database::create(&url, "forecourt_bench_reference").await?),
                )
            }
        };
        let outcome = self.sizes(backend, ours.as_ref(), bare.as_ref()).await;
        for database in [ours, bare].into_iter().flatten() {
            database.drop_now().await?;
        }
        for folder in ["subject", "reference"] {
            // Not there when the store is elsewhere.
            drop(std::fs::remove_dir_all(self.scratch.path().join(folder)));
        }
        outcome
    }

    async fn sizes(&mut self, backend: Backend, ours: Option<&Database>, bare: Option<&Database>) -> Result<()> {
        let subject = match self.binary.clone() {
            None => None,
            Some(binary) => {
                let store = match ours {
                    Some(database) => Store::Database(database.url.clone()),
                    None => Store::Folder(self.scratch.path().join("subject")),
                };
                Some(Subject::prepare(&binary, store, &self.log("subject")).await?)
            }
        };
        if let Some(subject) = &subject {
            let server = self.start(backend, 0, subject, Some(0.2)).await?;
            self.check(backend, 0, "memory, idle and empty", server.memory()?.resident_mb, "MB", Some(40.0));
            server.stop().await?;
        }
        let mut there = 0;
        for leads in self.options.sizes.clone() {
            there = self.size(backend, leads, there, subject.as_ref(), (ours, bare)).await?;
        }
        Ok(())
    }

    /// Both sides at one size. `there` leads are in the subject already; gives how many are in the end.
    async fn size(
        &mut self,
        backend: Backend,
        leads: u64,
        there: u64,
        subject: Option<&Subject>,
        (ours, bare): (Option<&Database>, Option<&Database>),
    ) -> Result<u64> {
        eprintln!("{} at {} leads", backend.name(), size(leads));
        let (server, facts) = match subject {
            None => (None, Facts::invented(leads)),
            Some(subject) => {
                if leads > there {
                    let begun = clock::now();
                    subject.fill(leads - there).await?;
                    let rate = (leads - there) as f64 / begun.elapsed().as_secs_f64();
                    self.check(backend, leads, "leads per second seeded through intake", rate, "per s", None);
                }
                if let Some(database) = ours {
                    database::settle(&database::connect(&database.url).await?).await?;
                }
                let server = self.start(backend, leads, subject, (leads >= 1_000_000).then_some(2.0)).await?;
                let facts = Facts::learn(server.address, &subject.access).await?;
                (Some(server), facts)
            }
        };
        let facts = Arc::new(facts);
        let reference = self.reference(backend, &facts, bare).await?;
        // Gigabytes just written must not be on their way to the disk while somebody waits for it.
        finish(Command::new("sync")).await?;
        let access = subject.map(|subject| subject.access.clone()).unwrap_or_default();
        // Those that read first, those that change what is there next; creating ends it, for the store grows.
        let mut works = work::altum(backend, &access.altum, &facts, &self.people);
        let create = works.pop();
        works.extend(walcu::walcu(backend, &access, &facts, &self.patches));
        works.extend(create);
        works.extend(crate::outreach::enrol(backend, &access, &self.people));
        works.retain(|work| self.wanted(work.name));
        if let Some((server, subject)) = server.as_ref().zip(subject) {
            self.export(backend, leads, facts.leads, subject, server).await?;
        }
        for work in works {
            let address = server.as_ref().map(|server| server.address);
            let before = match address.filter(|_| work.writes) {
                Some(address) => Some((address, Counted::of(address).await?)),
                None => None,
            };
            let row = self.measure(Some(backend), leads, &work, address, reference.address).await;
            self.rows.push(row);
            if let Some((address, before)) = before
                && let Some(share) = Counted::of(address).await?.share_since(&before, COMPUTED, COMMANDS)
            {
                self.check(backend, leads, &format!("{}: share of computed members", work.title), share, "%", None);
            }
        }
        reference.stop().await?;
        let Some((server, subject)) = server.zip(subject) else {
            return Ok(leads);
        };
        let memory = server.memory()?;
        let bound = self.options.cache_mb.map(|cache| cache + 150.0);
        self.check(backend, leads, "memory, after the load", memory.resident_mb, "MB", None);
        self.check(backend, leads, "memory, most under load", memory.peak_mb, "MB", bound);
        let there = Facts::count(server.address, &subject.access).await?;
        server.stop().await?;
        Ok(there + self.import(backend, leads, subject).await?)
    }

    /// An export of everything beside a bare SELECT, and what it takes of memory.
    async fn export(
        &mut self,
        backend: Backend,
        leads: u64,
        there: u64,
        subject: &Subject,
        server: &Server,
    ) -> Result<()> {
        if !self.wanted("walcu-export") {
            return Ok(());
        }
        // One of a million documents is long enough to be a median of its own.
        let rounds = if leads >= work::MILLION { 1 } else { self.options.rounds };
        let outcome = bulk::export(subject, server, there, self.scratch.path(), rounds).await;
        let mut row = Row {
            work: "walcu-export",
            title: "Walcu: export all, MB",
            reference_title: Some("SELECT doc, computed to disk"),
            target: Some(Target { ratio: 0.5, from_leads: 0 }),
            ..Row::new(backend, leads)
        };
        match outcome {
            Ok((sides, above)) => {
                row.fill(&sides.ours, &sides.bare);
                self.check(backend, leads, "memory, export above before", above, "MB", Some(200.0));
            }
            Err(error) => row.failures.push(crate::whole(error.as_ref())),
        }
        row.tell();
        self.rows.push(row);
        Ok(())
    }

    /// An import of a file beside creating without HTTP. Says how many leads came in.
    async fn import(&mut self, backend: Backend, leads: u64, subject: &Subject) -> Result<u64> {
        if !self.wanted("import") {
            return Ok(0);
        }
        let rounds = self.options.rounds;
        let outcome = bulk::import(subject, self.scratch.path(), rounds, &self.people).await;
        let mut row = Row {
            work: "import",
            title: "import a file, rows",
            reference_title: Some("seed: create without HTTP"),
            target: Some(Target { ratio: 0.5, from_leads: 0 }),
            ..Row::new(backend, leads)
        };
        match outcome {
            Ok(sides) => row.fill(&sides.ours, &sides.bare),
            Err(error) => row.failures.push(crate::whole(error.as_ref())),
        }
        row.tell();
        self.rows.push(row);
        Ok(rounds as u64 * 2 * bulk::ROWS)
    }

    /// Starts the subject as often as there are rounds, for the median time to ready, and leaves it running.
    async fn start(&mut self, backend: Backend, leads: u64, subject: &Subject, at_most: Option<f64>) -> Result<Server> {
        let mut times = Vec::new();
        let mut server = subject.start().await?;
        times.push(server.ready_in.as_secs_f64());
        for _ in 1..self.options.rounds {
            server.stop().await?;
            server = subject.start().await?;
            times.push(server.ready_in.as_secs_f64());
        }
        self.check(backend, leads, "start to ready", median(&times), "s", at_most);
        Ok(server)
    }

    /// Starts the bare server over as many documents as the subject has leads, with names as common.
    async fn reference(&self, backend: Backend, facts: &Facts, bare: Option<&Database>) -> Result<Server> {
        let names = self.scratch.path().join("names");
        std::fs::write(&names, facts.names.join("\n"))?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["reference", backend.name(), "--documents", &facts.leads.to_string(), "--names"]).arg(&names);
        match bare {
            Some(database) => command.args(["--database", &database.url]),
            None => command.arg("--data").arg(self.scratch.path().join("reference")),
        };
        Server::start(command, &self.log("reference")).await
    }

    /// Drives both sides in turn, after a short warm-up of each.
    async fn measure(
        &self,
        backend: Option<Backend>,
        leads: u64,
        work: &Work,
        ours: Option<SocketAddr>,
        bare: SocketAddr,
    ) -> Row {
        let ours = work.subject.as_ref().zip(ours);
        let length = self.length(leads);
        let few = |given: Option<usize>| given.unwrap_or(self.options.connections).min(self.options.connections);
        let connections = few(work.connections);
        let fewer = few(work.reference.as_ref().and_then(|reference| reference.connections));
        let mut row = Row {
            backend,
            work: work.name,
            title: work.title,
            reference_title: work.reference.as_ref().map(|reference| reference.title),
            target: work.target,
            ..Row::new(Backend::Sqlite, leads)
        };
        if let Some((call, address)) = ours
            && let Err(error) = probe(work, call, address).await
        {
            row.failures.push(format!("probe: {error}"));
            eprintln!("  {}: FAILED {error}", work.title);
            return row;
        }
        if let Some((_, address)) = ours
            && let Err(error) = work::compare(work, address, bare).await
        {
            row.failures.push(format!("not the same: {error}"));
            eprintln!("  {}: FAILED {error}", work.title);
            return row;
        }
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        // Round 0 warms caches and connections up and is not counted.
        for round in 0..=self.options.rounds {
            let length = if round == 0 { length.mul_f64(0.2) } else { length };
            let sides = [
                ours.map(|(call, address)| (call, address, connections, &mut mine)),
                work.reference.as_ref().map(|reference| (&reference.call, bare, fewer, &mut theirs)),
            ];
            for (call, address, connections, figures) in sides.into_iter().flatten() {
                let outcome = drive(address, call, connections, length, round as u64).await;
                if outcome.unexpected > 0 {
                    row.failures.push(format!(
                        "{} unexpected, such as {}",
                        outcome.unexpected,
                        outcome.example.unwrap_or_default()
                    ));
                }
                if round > 0 {
                    figures.push(outcome.summary);
                }
            }
            if !row.failures.is_empty() {
                break;
            }
        }
        row.fill(&mine, &theirs);
        row.tell();
        row
    }

    /// A drive at this size: what many leads do to a figure shows at many.
    fn length(&self, leads: u64) -> Duration {
        let share = match leads {
            work::MILLION.. => 1.0,
            100_000.. => 0.5,
            _ => 1.0 / 3.0,
        };
        Duration::from_secs_f64(self.options.seconds * share)
    }

    /// Whether any of the works is wanted that need leads: making them takes longest.
    fn wants_leads(&self) -> bool {
        let only = &self.options.only;
        let elsewhere = [crate::stock::NAMES.as_slice(), &crate::outreach::NAMES, &[gate::NAME]].concat();
        only.is_empty() || only.iter().any(|name| !elsewhere.contains(&name.as_str()))
    }

    fn wanted(&self, work: &str) -> bool {
        self.options.only.is_empty() || self.options.only.iter().any(|name| name == work)
    }

    fn check(
        &mut self,
        backend: Backend,
        leads: u64,
        what: &str,
        value: f64,
        unit: &'static str,
        at_most: Option<f64>,
    ) {
        self.checks.push(Check { backend, size: leads, what: what.to_owned(), value, unit, at_most });
    }

    fn log(&self, name: &str) -> PathBuf {
        self.scratch.path().join(format!("{name}.log"))
    }
}

/// One question and a look at its answer, so that nothing empty is measured.
async fn probe(work: &Work, asked: &Call, address: SocketAddr) -> Result<()> {
    let answer = client::whole(address, (asked.factory)(&mut SmallRng::seed_from_u64(0))).await?;
    let (status, body) = (answer.status(), answer.body());
    if status != asked.expect {
        return Err(format!("{status} instead of {}: {body}", asked.expect).into());
    }
    if let Some(header) = work.header.filter(|header| !answer.headers().contains_key(*header)) {
        return Err(format!("no header {header}").into());
    }
    Ok((work.probe)(body)?)
}

/// Cores, memory and kernel: the figures mean nothing without.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let kibibytes: f64 =
        read("/proc/meminfo").split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0.0);
    format!(
        "{cores} cores, {:.0} GiB, Linux {}",
        kibibytes / f64::from(1 << 20),
        read("/proc/sys/kernel/osrelease").trim()
    )
}

fn write(report: &Report, file: &Path) -> Result<()> {
    let file = options::history(file);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&file, serde_json::to_string_pretty(report)? + "\n")?;
    eprintln!("written to {}", file.display());
    Ok(())
}
