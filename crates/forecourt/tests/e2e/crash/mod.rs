//! kill -9 under load, again and again over the same store: what was acknowledged is there, whole and once.
//!
//! Everything follows from one seed, but for what the machine makes of it.

mod ledger;
mod load;
pub mod proof;
mod schedules;

use std::{os::unix::process::ExitStatusExt as _, process::ExitStatus, sync::Arc};

use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use tokio::task::JoinSet;

use self::load::{ask_for_lead, hear_from_stranger};
pub use self::{ledger::Ledger, load::Load};
use crate::support::{Connection, Server, Site, within};

/// Kills under load, on each database.
const KILLS: u32 = 20;
/// Programs of partners that post at the same time.
const CONNECTIONS: u64 = 24;
const SEED: u64 = 0x000f_04ec_0047;
/// What a process that aborts dies of.
const SIGABRT: i32 = 6;
/// Every place on the way of a message where it can be made to die, and the lines the log may hold for it.
const POINTS: &[&str] = forecourt_outreach::crash::POINTS;
pub const DYING: &str = "dying here, as FORECOURT_CRASH_AT asks";

/// Says what a failed run has to be repeated with.
pub struct Seed(pub u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed of this run: FORECOURT_TEST_SEED={}", self.0);
        }
    }
}

pub fn seed() -> Seed {
    Seed(std::env::var("FORECOURT_TEST_SEED").map_or(SEED, |text| text.parse().expect("a number")))
}

both! {
    async fn nothing_acknowledged_is_lost_and_nothing_is_done_twice(site) {
        let seed = seed();
        let mut chance = SmallRng::seed_from_u64(seed.0);
        let greeting = site.dealership().await;
        let ledger = Arc::new(Ledger::new(&greeting));

        for _ in 0..KILLS {
            let server = serve(site).await;
            ledger.recover(&server).await;
            burst(&ledger, server, &mut chance).await;
        }
        for point in POINTS {
            die_at(site, &ledger, point).await;
        }

        let server = serve(site).await;
        ledger.recover(&server).await;
        proof::settled(site, &greeting, &ledger).await;
        server.stop().await;
        proof::check(site, &greeting, &ledger).await;
        site.finish(&[DYING]);
    }
}

async fn serve(site: &Site) -> Server {
    site.serve(&["--rate-limit", "0"]).await
}

/// Posts from many sides until so many requests were acknowledged, and kills the server in the midst of the others.
async fn burst(ledger: &Arc<Ledger>, server: Server, chance: &mut SmallRng) {
    let enough = ledger.acknowledged() + chance.random_range(5..=150);
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let load = Load::new(ledger.clone(), server.address, SmallRng::seed_from_u64(chance.random()));
        connections.spawn(load.run());
    }
    let loaded = async {
        tokio::select! {
            () = ledger.until_acknowledged(enough) => {}
            Some(ended) = connections.join_next() => {
                ended.expect("the load goes on");
                panic!("the server hung up on somebody; its log:\n{}", server.log());
            }
        }
    };
    within("a burst of acknowledged requests", loaded).await;
    server.kill().await;
    while let Some(ended) = connections.join_next().await {
        ended.expect("every connection ends because the server is gone");
    }
}

/// Runs a server into a named point, whatever brings it there.
async fn die_at(site: &Site, ledger: &Ledger, point: &str) {
    let mut server = site.start(&["serve", "--rate-limit", "0"], &[("FORECOURT_CRASH_AT", point)]).await;
    let address = server.address;
    let provoke = async {
        // What was left over may kill it before it can be asked anything; then nothing more is needed.
        Server::ready_at(address).await;
        if let Ok(mut connection) = Connection::open(address).await {
            let _ = ask_for_lead(ledger, &mut connection).await;
            let _ = hear_from_stranger(ledger, &mut connection).await;
        }
        std::future::pending::<()>().await;
    };
    let status = tokio::select! {
        status = server.ended() => status,
        () = provoke => unreachable!("it waits to be ended"),
    };
    died(&server, status, point);
}

/// A server that has ended has died at this place.
///
/// # Panics
/// When it ended otherwise, with its log.
pub fn died(server: &Server, status: ExitStatus, point: &str) {
    let log = server.log();
    assert_eq!(status.signal(), Some(SIGABRT), "at {point}: {status}; the log:\n{log}");
    assert!(log.lines().any(|line| line.contains(DYING) && line.contains(point)), "at {point}; the log:\n{log}");
}
