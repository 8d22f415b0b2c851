//! A file of leads, row by row: each taken in once, however often the work is broken off; shown, and taken back.
//!
//! What becomes of a row is said in the transaction that takes it in, so a row is in with its word, or neither is.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use forecourt_query::{Filter, Find};
use forecourt_record::{
    Client, Document, Email, Error, Import, ImportId, Kind as _, LeadId, Phone, Result, SaleLead, WorkStatus,
    error::{Code, Kind},
};
use forecourt_store::{Command, ImportRow, Lane, Tx};
use serde::Serialize;

use crate::{
    Caller, Config, Crm, Ref, Sight,
    crash::{MID_IMPORT, crash_point},
    intake::{NewLead, Receive, Received},
};

/// What a row came to.
pub mod outcome {
    /// A lead of a client that was made for it.
    pub const CREATED: &str = "created";
    /// A lead of a client that was known.
    pub const ADDED: &str = "added";
    /// The same enquiry was open already.
    pub const REPEATED: &str = "repeated";
    /// It cannot be taken in.
    pub const FAILED: &str = "failed";
    /// It was taken in and taken back.
    pub const UNDONE: &str = "undone";
}

/// From this line on a test may let the process die.
const CRASH_AFTER: i64 = 150;
/// Imports in one answer.
const LISTED: i64 = 200;
/// Rows looked at in one go.
const ROWS: i64 = 500;

/// A file about to be taken in.
#[derive(Clone, Debug)]
pub struct NewImport {
    pub file: String,
    /// The same for the same import, and for no other.
    pub fingerprint: String,
    /// Whether the house follows up on its leads.
    pub follow: bool,
    /// Take in again what has been taken in already.
    pub again: bool,
}

/// An import under way.
#[derive(Clone, Debug)]
pub struct Begun {
    pub import: Document<Import>,
    /// Lines that are done, of an earlier attempt.
    pub done: HashSet<i64>,
}

/// What became, or would become, of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowReport {
    pub line: i64,
    pub outcome: String,
    /// The lead's number, such as `L-1042`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    /// Why it failed, or what would change of a known client: a line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// An import, and how many rows came to what.
#[derive(Clone, Debug, Serialize)]
pub struct ImportView {
    pub id: ImportId,
    pub at: forecourt_record::Instant,
    #[serde(flatten)]
    pub import: Import,
    pub undone: i64,
}

/// What taking an import back came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Undone {
    pub taken_back: i64,
    /// Leads that somebody has worked on since.
    pub kept: i64,
}

impl Crm {
    /// Begins an import, or goes on with the same one that was broken off.
    ///
    /// Errors: `Conflict` when it was finished already, and `again` does not say otherwise.
    pub async fn import_begin(&self, caller: &Caller, new: NewImport) -> Result<Begun> {
        let import = Import {
            file: new.file,
            fingerprint: new.fingerprint,
            status: WorkStatus::Running,
            follow: new.follow,
            ..Import::default()
        };
        let import = Document::new(self.context.id(), self.now(), import, ());
        self.write(self.scope(caller), Begin { import, again: new.again }).await
    }

    /// Takes a row in, unless that was done before; says what became of it. `row` is what was made of its cells.
    ///
    /// Errors: `Unavailable` and the like; what is wrong with the row itself is no error but its outcome.
    pub async fn import_row(
        &self,
        caller: &Caller,
        config: &Arc<Config>,
        import: &Document<Import>,
        line: i64,
        row: Result<NewLead>,
    ) -> Result<RowReport> {
        let prepared = row.and_then(|new| self.import_prepare(caller, config, import, new));
        let error = match prepared {
            Ok(receive) => {
                let take = TakeIn { import: import.id, line, receive };
                match self.write(self.scope(caller), take).await {
                    Err(error) if is_of_row(&error) => error,
                    taken => {
                        if line >= CRASH_AFTER {
                            crash_point(MID_IMPORT);
                        }
                        return taken;
                    }
                }
            }
            Err(error) => error,
        };
        self.write(self.scope(caller), Refuse { import: import.id, line, why: reasons(&error) }).await
    }

    fn import_prepare(
        &self,
        caller: &Caller,
        config: &Arc<Config>,
        import: &Document<Import>,
        mut new: NewLead,
    ) -> Result<Receive> {
        new.quiet = !import.doc.follow;
        new.brought.bulk_import_id = Some(import.id.to_string());
        new.brought.imported_from.get_or_insert_with(|| "file".to_owned());
        self.lead_prepare(caller, config.clone(), new, None)
    }

    /// What taking a row in would come to. Nothing is kept of it: it is taken in, looked at and rolled back.
    pub async fn import_rehearse(
        &self,
        caller: &Caller,
        config: &Arc<Config>,
        line: i64,
        row: Result<NewLead>,
    ) -> Result<RowReport> {
        let country = config.dealer.doc.country.clone();
        let prepared = row.and_then(|mut new| {
            new.quiet = true;
            let phone = new.phone.as_deref().and_then(|phone| Phone::parse(phone, Some(&country)).ok());
            let email = new.email.as_deref().and_then(|email| email.parse::<Email>().ok());
            Ok((self.lead_prepare(caller, config.clone(), new, None)?, phone, email))
        });
        let failed = |error: &Error| RowReport {
            line,
            outcome: outcome::FAILED.to_owned(),
            details: reasons(error),
            ..RowReport::default()
        };
        let (receive, phone, email) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Ok(failed(&error)),
        };
        let seen = Arc::new(Mutex::new(None));
        let rehearse = Rehearse { line, receive, phone, email, seen: seen.clone() };
        match self.write(self.scope(caller), rehearse).await {
            Err(error) if error.code == Code::Conflict => {
                let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
                seen.ok_or_else(|| Error::internal("a rehearsal said nothing"))
            }
            Err(error) if is_of_row(&error) => Ok(failed(&error)),
            Err(error) => Err(error),
            Ok(()) => Err(Error::internal("a rehearsal was kept")),
        }
    }

    /// Ends an import whose file has been read to its end.
    pub async fn import_end(&self, caller: &Caller, import: ImportId, rows: i64) -> Result<ImportView> {
        self.write(self.scope(caller), End { import, rows }).await
    }

    /// The dealer's latest imports, newest first.
    pub async fn import_list(&self, caller: &Caller) -> Result<Vec<ImportView>> {
        self.store.read(self.scope(caller), Lane::Scan, List).await
    }

    /// An import, and the rows of it that failed, behind a line. Errors: `NotFound`.
    pub async fn import_view(
        &self,
        caller: &Caller,
        import: ImportId,
        after: i64,
    ) -> Result<(ImportView, Vec<ImportRow>)> {
        self.store.read(self.scope(caller), Lane::Scan, View { import, after }).await
    }

    /// Takes an import back: erases the leads it made, and the clients made for them. A lead that has changed since is
    /// kept, unless `force`. What was added to known clients stays with them. May be repeated after it was broken off.
    ///
    /// Errors: `NotFound`.
    pub async fn import_undo(&self, caller: &Caller, import: ImportId, force: bool) -> Result<Undone> {
        self.import_view(caller, import, 0).await?;
        let mut undone = Undone::default();
        for outcome in [outcome::CREATED, outcome::ADDED] {
            let mut after = 0;
            loop {
                let rows = Rows { import, outcome, after };
                let rows = self.store.read(self.scope(caller), Lane::Scan, rows).await?;
                let Some(last) = rows.last() else { break };
                after = last.line;
                for row in rows {
                    let keep_client = outcome == outcome::ADDED;
                    let take_back =
                        TakeBack { import, row, force, keep_client, config: self.config(caller.dealer).await? };
                    if self.write(self.scope(caller), take_back).await? {
                        undone.taken_back += 1;
                    } else {
                        undone.kept += 1;
                    }
                }
            }
        }
        self.write(self.scope(caller), MarkUndone(import)).await?;
        Ok(undone)
    }
}

/// Whether the row is to blame, and not the weather.
pub(crate) fn is_of_row(error: &Error) -> bool {
    matches!(error.code.kind(), Kind::Invalid | Kind::NotFound | Kind::Conflict) && error.code != Code::VersionBehind
}

/// Why a row is refused, a line for each field.
pub fn reasons(error: &Error) -> Vec<String> {
    if error.fields.is_empty() {
        return vec![error.detail.clone()];
    }
    error.fields.iter().map(|field| format!("{}: {}", field.pointer.trim_start_matches('/'), field.detail)).collect()
}

fn number(received: &Received) -> String {
    format!("L-{}", received.number)
}

fn word(received: &Received) -> &'static str {
    match (received.duplicate, received.new_client) {
        (true, _) => outcome::REPEATED,
        (false, Some(_)) => outcome::CREATED,
        (false, None) => outcome::ADDED,
    }
}

struct Begin {
    import: Document<Import>,
    again: bool,
}

impl Command for Begin {
    type Output = Begun;

    async fn run(&self, tx: &mut Tx) -> Result<Begun> {
        let same = Filter::eq("fingerprint", self.import.doc.fingerprint.as_str());
        let known = tx.find_one::<Import>(same).await?.filter(|known| known.doc.undone_at.is_none());
        match known {
            Some(known) if known.doc.status == WorkStatus::Running => {
                let done = tx.import_lines(known.id).await?.into_iter().collect();
                Ok(Begun { import: known, done })
            }
            Some(known) if !self.again => {
                let detail = format!("This file was imported already, as {}.", known.id);
                Err(Error::new(Code::Conflict, detail))
            }
            _ => {
                tx.insert(&self.import).await?;
                Ok(Begun { import: self.import.clone(), done: HashSet::new() })
            }
        }
    }
}

/// Takes a row in.
struct TakeIn {
    import: ImportId,
    line: i64,
    receive: Receive,
}

impl Command for TakeIn {
    type Output = RowReport;

    async fn run(&self, tx: &mut Tx) -> Result<RowReport> {
        if let Some(known) = tx.import_row_at(self.import, self.line).await? {
            return Ok(RowReport { line: self.line, outcome: known.outcome, ..RowReport::default() });
        }
        let received = self.receive.receive(tx).await?;
        let outcome = word(&received).to_owned();
        let row = ImportRow { line: self.line, outcome, id: Some(received.lead.cast()), detail: None };
        tx.import_row(self.import, &row).await?;
        Ok(RowReport { line: self.line, outcome: row.outcome, lead: Some(number(&received)), details: Vec::new() })
    }
}

/// Says that a row cannot be taken in.
struct Refuse {
    import: ImportId,
    line: i64,
    why: Vec<String>,
}

impl Command for Refuse {
    type Output = RowReport;

    async fn run(&self, tx: &mut Tx) -> Result<RowReport> {
        let outcome = outcome::FAILED.to_owned();
        if tx.import_row_at(self.import, self.line).await?.is_none() {
            let row =
                ImportRow { line: self.line, outcome: outcome.clone(), id: None, detail: Some(self.why.join("\n")) };
            tx.import_row(self.import, &row).await?;
        }
        Ok(RowReport { line: self.line, outcome, lead: None, details: self.why.clone() })
    }
}

/// Takes a row in, sees what came of it, and fails, so that nothing of it stays.
struct Rehearse {
    line: i64,
    receive: Receive,
    phone: Option<Phone>,
    email: Option<Email>,
    seen: Arc<Mutex<Option<RowReport>>>,
}

impl Command for Rehearse {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let phone = self.phone.as_ref().map(|phone| ("phone", phone.as_str()));
        let email = self.email.as_ref().map(|email| ("email", email.as_str()));
        let keys: Vec<(&str, &str)> = phone.into_iter().chain(email).collect();
        let known = tx.keys_find::<Client>(Client::SPEC.name, &keys).await?;
        let before = match known.first() {
            Some((_, _, id)) => tx.get(*id).await?,
            None => None,
        };
        let received = self.receive.receive(tx).await?;
        let mut details = Vec::new();
        if let Some(before) = before {
            let after = tx.require(before.id).await?;
            details = differences(&before.doc, &after.doc);
        }
        let lead = received.duplicate.then(|| number(&received));
        let report = RowReport { line: self.line, outcome: word(&received).to_owned(), lead, details };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
        Err(Error::new(Code::Conflict, "This was a rehearsal."))
    }
}

/// What is added to a known client.
fn differences(before: &Client, after: &Client) -> Vec<String> {
    let lists = [
        ("name", &before.contacts_names, &after.contacts_names),
        ("phone", &before.contacts_phones, &after.contacts_phones),
        ("email", &before.contacts_emails, &after.contacts_emails),
    ];
    let added = lists.into_iter().flat_map(|(what, before, after)| {
        after.iter().filter(|value| !before.contains(value)).map(move |value| format!("client gets {what} {value}"))
    });
    added.collect()
}

async fn viewed(tx: &mut Tx, import: Document<Import>) -> Result<ImportView> {
    let mut view = ImportView { id: import.id, at: import.created_at, import: import.doc, undone: 0 };
    view.import.imported = 0;
    for (outcome, rows) in tx.import_outcomes(view.id).await? {
        match outcome.as_str() {
            outcome::CREATED | outcome::ADDED => view.import.imported += rows,
            outcome::REPEATED => view.import.repeated = rows,
            outcome::FAILED => view.import.failed = rows,
            _ => view.undone += rows,
        }
    }
    Ok(view)
}

struct End {
    import: ImportId,
    rows: i64,
}

impl Command for End {
    type Output = ImportView;

    async fn run(&self, tx: &mut Tx) -> Result<ImportView> {
        let mut import = tx.require_for_update(self.import).await?;
        let view = viewed(tx, import.clone()).await?;
        let Import { imported, repeated, failed, .. } = view.import;
        import.doc = Import {
            status: WorkStatus::Success,
            rows: self.rows,
            imported,
            repeated,
            failed,
            finished_at: Some(tx.scope().now),
            ..import.doc
        };
        tx.update(&mut import).await?;
        Ok(ImportView { import: import.doc, ..view })
    }
}

struct List;

impl Command for List {
    type Output = Vec<ImportView>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let mut views = Vec::new();
        for import in tx.find::<Import>(&Find::newest(Filter::all(), LISTED)).await? {
            views.push(viewed(tx, import).await?);
        }
        Ok(views)
    }
}

struct View {
    import: ImportId,
    after: i64,
}

impl Command for View {
    type Output = (ImportView, Vec<ImportRow>);

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let import = tx.require(self.import).await?;
        let failed = tx.import_rows(self.import, outcome::FAILED, self.after, ROWS).await?;
        Ok((viewed(tx, import).await?, failed))
    }
}

struct Rows {
    import: ImportId,
    outcome: &'static str,
    after: i64,
}

impl Command for Rows {
    type Output = Vec<ImportRow>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        tx.import_rows(self.import, self.outcome, self.after, ROWS).await
    }
}

/// Erases what a row made. Says whether it did.
struct TakeBack {
    import: ImportId,
    row: ImportRow,
    force: bool,
    keep_client: bool,
    config: Arc<Config>,
}

impl Command for TakeBack {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        let Some(id) = self.row.id.map(|id| -> LeadId { id.cast() }) else { return Ok(false) };
        if let Some(lead) = tx.get_for_update::<SaleLead>(id).await? {
            if lead.updated_at != lead.created_at && !self.force {
                return Ok(false);
            }
            let erase = crate::lead::Erase {
                lead: Ref::Id(id),
                sight: Sight::All,
                config: self.config.clone(),
                keep_client: self.keep_client,
            };
            erase.run(tx).await?;
        }
        tx.import_row_change(self.import, self.row.line, outcome::UNDONE).await?;
        Ok(true)
    }
}

struct MarkUndone(ImportId);

impl Command for MarkUndone {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut import = tx.require_for_update(self.0).await?;
        import.doc.undone_at = Some(tx.scope().now);
        tx.update(&mut import).await
    }
}
