//! A transaction of one dealer: the one thing a command may await.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};

use forecourt_query::Backend;
use forecourt_record::{Code, Error, Id, Result, spec::KindSpec};
use tracing::{debug, error};

use crate::{
    Scope, Signals,
    kept::Kept,
    postgres_tx::PostgresTx,
    sql::{self, Param, Row},
    sqlite::SqliteTx,
    tallies::Deltas,
    text_scope,
    texts::Texts,
};

/// What a document looked like when this transaction last read or wrote it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub version: i64,
    /// Whether this transaction has written it: a version rises once in a transaction, however often it writes.
    pub written: bool,
    /// Whether other writers wait for this transaction, so that it still is what was read.
    pub held: bool,
    /// Shared: what was read is often what was there before a write.
    pub kept: Arc<Kept>,
}

impl Seen {
    /// The version that writing the document now gives it.
    pub fn next_version(&self) -> i64 {
        self.version + i64::from(!self.written)
    }

    /// The document as it is, to be written over. What is computed of it changes without a new version, so whoever
    /// writes over it has to hold it from the reading on.
    pub fn held(&self, spec: &KindSpec) -> Result<Self> {
        if self.held {
            return Ok(self.clone());
        }
        Err(Error::internal(format!("a {} was changed without being held", spec.singular)))
    }
}

/// Whether what is read is held against other writers until the transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    Yes,
    No,
}

/// What a document was before a transaction wrote it; nothing where it was new.
pub(crate) type Before = (&'static KindSpec, Option<Seen>);

pub(crate) type AfterCommit = Box<dyn FnOnce(&Signals) + Send>;

/// A transaction. Everything it reads and writes belongs to the dealer of its scope.
pub struct Tx {
    pub(crate) engine: TxEngine,
    scope: Scope,
    text_scope: String,
    writable: bool,
    pub(crate) seen: HashMap<(&'static str, Id<()>), Seen>,
    /// How each document was that this transaction has written, before it did so for the first time.
    pub(crate) written: BTreeMap<(&'static str, Id<()>), Before>,
    pub(crate) deltas: Deltas,
    /// What this transaction does to the text indexes, on SQLite.
    pub(crate) texts: Texts,
    /// The same of the commands before it that share its commit.
    pub(crate) group_texts: Texts,
    /// Words whose hits this transaction has counted: a list asks for its page and for the number of all.
    pub(crate) text_counted: Option<(String, i64)>,
    /// Behind a mutex that is never locked, for the same reason as the connection.
    after_commit: Mutex<Vec<AfterCommit>>,
    failed: Option<Error>,
}

pub(crate) enum TxEngine {
    Sqlite(SqliteTx),
    Postgres(Box<PostgresTx>),
}

impl Tx {
    pub(crate) fn new(engine: TxEngine, scope: Scope, writable: bool) -> Self {
        Self {
            engine,
            scope,
            text_scope: text_scope(scope.dealer),
            writable,
            seen: HashMap::new(),
            written: BTreeMap::new(),
            deltas: Deltas::default(),
            texts: Texts::default(),
            group_texts: Texts::default(),
            text_counted: None,
            after_commit: Mutex::default(),
            failed: None,
        }
    }

    /// Makes the transaction ready for another command on the same connection.
    pub(crate) fn reset(&mut self, scope: Scope) {
        if self.scope.dealer != scope.dealer {
            self.text_scope = text_scope(scope.dealer);
        }
        self.scope = scope;
        self.seen.clear();
        self.written.clear();
        self.deltas.clear();
        self.texts.clear();
        self.text_counted = None;
        self.acts().clear();
        self.failed = None;
    }

    /// Whose data this is, who asks, and when.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// What is done once the transaction is durable: signals, caches, the stream. Not done when it is rolled back.
    pub fn after_commit(&mut self, act: impl FnOnce(&Signals) + Send + 'static) {
        self.acts().push(Box::new(act));
    }

    fn acts(&mut self) -> &mut Vec<AfterCommit> {
        self.after_commit.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn take_after_commit(&mut self) -> Vec<AfterCommit> {
        std::mem::take(self.acts())
    }

    /// What the command came to: an output counts only if no statement failed on the way to it.
    pub(crate) fn outcome<T>(&mut self, result: Result<T>) -> Result<T> {
        match self.failed.take() {
            Some(error) => result.and(Err(error)),
            None => result,
        }
    }

    pub(crate) fn backend(&self) -> Backend {
        match self.engine {
            TxEngine::Sqlite(_) => Backend::Sqlite,
            TxEngine::Postgres(_) => Backend::Postgres,
        }
    }

    pub(crate) fn text_scope(&self) -> &str {
        &self.text_scope
    }

    pub(crate) fn dealer_param(&self) -> Param {
        self.scope.dealer.into()
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.writable
    }

    pub(crate) fn may_write(&self) -> Result<()> {
        if self.writable { Ok(()) } else { Err(Error::internal("a write in a transaction that only reads")) }
    }

    /// Brings SQLite's text indexes to what this transaction and its group have written, where words are asked for.
    pub(crate) fn settle_words(&mut self, asks: bool) -> Result<()> {
        let result = match &mut self.engine {
            TxEngine::Sqlite(tx) if asks && self.writable => {
                self.group_texts.settle(tx).and_then(|()| self.texts.settle(tx))
            }
            _ => Ok(()),
        };
        result.inspect_err(|error| self.failed = Some(error.clone()))
    }

    /// A transaction is over once a statement of it has failed, on both databases: PostgreSQL takes no further one.
    fn may_go_on(&self, params: &[Param]) -> Result<()> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None => sql::check(params),
        }
    }

    /// Rows of a question. Statements put off so far are carried out first.
    pub(crate) async fn rows(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        self.may_go_on(params)?;
        let result = match &mut self.engine {
            TxEngine::Sqlite(tx) => tx.rows(sql, params),
            TxEngine::Postgres(tx) => tx.rows(sql, params).await,
        };
        result.inspect_err(|error| self.failed = Some(error.clone()))
    }

    /// Begins to note questions instead of asking them, where asking several at once is cheaper: on PostgreSQL, in a
    /// transaction that only reads, before its first question. A noted question answers nothing for now.
    pub fn note(&mut self) -> bool {
        match &mut self.engine {
            TxEngine::Sqlite(_) => false,
            TxEngine::Postgres(tx) => tx.note(),
        }
    }

    /// Asks what was noted, all in one go. The same questions asked again are answered from that; any other one makes
    /// the whole command run again, one question after another, in a transaction that keeps to one instant.
    pub async fn ask_noted(&mut self) -> Result<()> {
        match &mut self.engine {
            TxEngine::Sqlite(_) => Ok(()),
            TxEngine::Postgres(tx) => tx.ask_noted().await,
        }
    }

    /// The only row, if there is one.
    pub(crate) async fn row(&mut self, sql: &str, params: &[Param]) -> Result<Option<Row>> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// A write whose result the command needs: the rows it returns.
    pub(crate) async fn write_rows(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        self.may_write()?;
        self.rows(sql, params).await
    }

    /// A write that may wait until the next question or the commit: on PostgreSQL such writes share a round trip.
    /// `must_touch` is the number of rows it has to touch, where another writer may have been faster.
    #[expect(clippy::unused_async, reason = "what a command calls is awaited, whichever database is behind it")]
    pub(crate) async fn later(
        &mut self,
        sql: impl Into<Cow<'static, str>>,
        params: Vec<Param>,
        must_touch: Option<u64>,
    ) -> Result<()> {
        self.may_write()?;
        self.may_go_on(&params)?;
        let sql = sql.into();
        let result = match &mut self.engine {
            TxEngine::Sqlite(tx) => tx.execute(&sql, &params).and_then(|rows| touched(rows, must_touch)),
            TxEngine::Postgres(tx) => {
                tx.put_off(sql, params, must_touch);
                Ok(())
            }
        };
        result.inspect_err(|error| self.failed = Some(error.clone()))
    }

    /// Lets the transaction take as long as it needs: for work that no caller waits for.
    pub async fn without_limit(&mut self) -> Result<()> {
        match &mut self.engine {
            TxEngine::Sqlite(tx) => tx.without_limit(),
            TxEngine::Postgres(tx) => tx.rows("SET LOCAL statement_timeout = 0", &[]).await.map(drop),
        }
    }
}

/// Does what was to be done after the commit. What stands, stands: a panic here must not take its thread along.
pub(crate) fn after_commit(acts: Vec<AfterCommit>, signals: &Signals) {
    for act in acts {
        if catch_unwind(AssertUnwindSafe(|| act(signals))).is_err() {
            error!("what was to be done after a commit panicked");
        }
    }
}

/// Another writer was faster when a statement did not touch what it had to.
pub(crate) fn touched(rows: u64, must_touch: Option<u64>) -> Result<()> {
    if must_touch.is_none_or(|expected| expected == rows) {
        return Ok(());
    }
    debug!(rows, "a document changed under a transaction");
    Err(version_behind())
}

pub(crate) fn version_behind() -> Error {
    Error::new(Code::VersionBehind, "The document has changed since it was read. Read it again and repeat the change.")
}

impl Scope {
    /// The scope of the few statements that belong to no dealer: claiming jobs, finding credentials, listing dealers.
    pub fn system(now: forecourt_record::Instant) -> Self {
        let nobody = Id::from_bytes([0; 12]);
        Self { dealer: nobody, actor: forecourt_record::Actor::System, dialect: "system", now }
    }
}
