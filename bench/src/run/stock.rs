//! The stock: a store of its own, and a bare server that reads the very same tables.

use std::path::Path;
use std::sync::Arc;

use tokio::process::Command;

use super::Bench;
use crate::child::{Server, finish};
use crate::database;
use crate::stock::{self, Stock};
use crate::subject::{Store, Subject};
use crate::table::size;
use crate::work::Backend;
use crate::{Result, clock};

impl Bench {
    /// The works over the stock on one kind of store, where any of them is wanted.
    pub async fn stock(&mut self, backend: Backend) -> Result<()> {
        let wanted = self.options.vehicles > 0 && stock::NAMES.iter().any(|name| self.wanted(name));
        let Some(binary) = self.binary.clone().filter(|_| wanted) else { return Ok(()) };
        let Some(own) = self.own(backend, "stock", "forecourt_bench_stock").await? else { return Ok(()) };
        let outcome = self.stock_in(backend, &binary, own.store()).await;
        own.close().await?;
        outcome
    }

    async fn stock_in(&mut self, backend: Backend, binary: &Path, store: Store) -> Result<()> {
        let vehicles = self.options.vehicles;
        eprintln!("{} at {} vehicles", backend.name(), size(vehicles));
        let subject = Subject::prepare(binary, store, &self.log("stock")).await?;
        let begun = clock::now();
        subject.stock_up(vehicles).await?;
        let rate = vehicles as f64 / begun.elapsed().as_secs_f64();
        self.check(backend, vehicles, "vehicles per second seeded", rate, "per s", None);
        if let Store::Database(url) = &subject.store {
            database::settle(&database::connect(url).await?).await?;
        }
        let server = subject.start().await?;
        let facts = Arc::new(Stock::learn(server.address, &subject.access.autengo).await?);
        let reference = self.bare_stock(&subject).await?;
        finish(Command::new("sync")).await?;
        let mut works = stock::works(&facts);
        works.retain(|work| self.wanted(work.name));
        for work in works {
            let row = self.measure(Some(backend), vehicles, &work, Some(server.address), reference.address).await;
            self.rows.push(row);
        }
        let memory = server.memory()?;
        self.check(backend, vehicles, "memory, most over the stock", memory.peak_mb, "MB", None);
        reference.stop().await?;
        server.stop().await
    }

    /// Starts the bare server over the subject's own store.
    async fn bare_stock(&self, subject: &Subject) -> Result<Server> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("reference");
        match &subject.store {
            Store::Folder(folder) => command.arg("stock-sqlite").arg("--data").arg(folder),
            Store::Database(url) => command.args(["stock-postgres", "--database", url]),
        };
        command.args(["--dealer", &subject.access.dealer]);
        Server::start(command, &self.log("reference")).await
    }
}
