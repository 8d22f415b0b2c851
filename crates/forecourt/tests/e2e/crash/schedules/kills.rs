//! kill -9 while thousands are on a schedule, at random instants and at each named place: no step is lost, none is doubled.
//!
//! The instants are random by a seed, told by how many messages the provider was handed since the start: with none the
//! server dies while it begins. The provider writes down what it is given before it answers and can always be asked, so
//! no message may be left unknown; where it cannot be asked, those may that a server was about to hand over when it died.

use std::{cell::Cell, collections::BTreeSet, fs::File, io::Read as _, ops::RangeInclusive, time::Duration};

use forecourt_outreach::crash::{
    AFTER_INBOUND_STORED, AFTER_PROVIDER_ANSWERED, AFTER_SENDING_COMMITTED, POINTS, SCHEDULE_POINTS,
};
use forecourt_testkit::Backend;
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng};
use tokio::time::{MissedTickBehavior, interval};

use super::{people, proof};
use crate::{
    crash::{self, DYING},
    support::{Server, Site, within},
};

/// So many messages are handed over between two kills.
const HANDED: RangeInclusive<usize> = 0..=8;
/// Whoever works needs to answer nobody, and begins sooner so.
const WORKER: &[&str] = &["serve", "--roles", "worker"];
/// Longer than the lease of a job: so far the clock of a server is ahead of the one before, which cannot have lived so long.
const AHEAD: Duration = Duration::from_secs(61);

/// What the provider writes down of the messages it is handed, one line each.
struct Recording {
    file: File,
    lines: usize,
}

impl Recording {
    fn of(site: &Site) -> Self {
        let file = File::options().create(true).append(true).read(true).open(site.recording());
        Self { file: file.expect("the provider's file"), lines: 0 }
    }

    /// How many messages it was handed by now.
    fn handed(&mut self) -> usize {
        let mut fresh = String::new();
        self.file.read_to_string(&mut fresh).expect("the provider's file can be read");
        self.lines += fresh.matches('\n').count();
        self.lines
    }

    /// Waits until it was handed so many messages more.
    #[expect(clippy::disallowed_methods, reason = "another process tells its state only when it is asked")]
    async fn until_handed(&mut self, more: usize) {
        let enough = self.handed() + more;
        let mut turn = interval(Duration::from_millis(2));
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let looking = async {
            while self.handed() < enough {
                turn.tick().await;
            }
        };
        within("messages to be handed over", looking).await;
    }
}

/// The places where a server dies by its own work; the one that a webhook has to arrive for is another story's.
fn points() -> BTreeSet<&'static str> {
    POINTS.iter().chain(SCHEDULE_POINTS).copied().filter(|point| *point != AFTER_INBOUND_STORED).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_step_is_lost_or_doubled_however_often_the_server_is_killed() {
    const KILLS: usize = 200;
    /// So many become due between one kill and the next.
    const FOR_A_KILL: usize = 10;
    /// After so many kills the server dies at a place; each has its turn three times at least.
    const AT_A_PLACE: usize = 10;
    /// After so many kills a server lives until it has caught up. A job that is claimed eight times in a row without a word of
    /// how it ended is carried out with nothing beside it, and given up if the server is killed just then, too.
    const TO_CATCH_UP: usize = 5;

    let site = Site::on(Backend::Sqlite, "kills").await.expect("SQLite is always there");
    let seed = crash::seed();
    let mut chance = SmallRng::seed_from_u64(seed.0);
    // A run may be made shorter, or longer, than it is by itself.
    let kills = std::env::var("FORECOURT_TEST_KILLS").map_or(KILLS, |text| text.parse().expect("a number"));
    let people = kills * FOR_A_KILL;
    // With each server some more become due, so that there is always something at every step; the last of them only with
    // the last server, since time passes by itself as well.
    let servers = u32::try_from(kills + kills / AT_A_PLACE + kills / TO_CATCH_UP).expect("a small number");
    let spread = servers * AHEAD * 5 / 4;
    let greeting = people::enrolled(&site, people, spread).await;
    let ahead = Cell::new(Duration::ZERO);
    let start = async |point: Option<&str>| {
        ahead.set(ahead.get() + AHEAD);
        let ahead = ahead.get().as_secs().to_string();
        let variables = [("FORECOURT_CRASH_AHEAD", ahead.as_str()), ("FORECOURT_CRASH_AT", point.unwrap_or_default())];
        site.start(WORKER, &variables).await
    };

    let (mut recording, points) = (Recording::of(&site), points());
    let mut places = points.iter().cycle();
    for kill in 1..=kills {
        let server = start(None).await;
        recording.until_handed(chance.random_range(HANDED)).await;
        server.kill().await;
        if kill % AT_A_PLACE == 0 {
            let point = places.next().expect("it goes round");
            let mut server = start(Some(point)).await;
            let status = server.ended().await;
            crash::died(&server, status, point);
        }
        if kill % TO_CATCH_UP == 0 {
            let server = start(None).await;
            proof::caught_up(&site, &greeting, ahead.get()).await;
            server.kill().await;
        }
    }
    ahead.set(ahead.get().max(spread));
    let server = start(None).await;
    proof::settled(&site, &greeting, people).await;
    server.stop().await;
    proof::check(&site, &greeting, people, 0).await;
    site.finish(&[DYING]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_provider_cannot_tell_is_left_unknown_and_never_sent_again() {
    const PEOPLE: usize = 200;
    /// As many jobs a server has in hand.
    const IN_HAND: usize = 64;
    const MUTE: (&str, &str) = ("FORECOURT_CRASH_MUTE", "1");
    let site = Site::on(Backend::Sqlite, "mute").await.expect("SQLite is always there");
    let greeting = people::enrolled(&site, PEOPLE, Duration::from_secs(10)).await;
    // Died before the provider was told, and after it had answered: nobody can tell one from the other.
    let mut deaths = 0;
    for (turn, point) in [AFTER_SENDING_COMMITTED, AFTER_PROVIDER_ANSWERED].iter().cycle().take(4).enumerate() {
        let ahead = (AHEAD.as_secs() * (turn as u64 + 1)).to_string();
        let variables = [("FORECOURT_CRASH_AHEAD", ahead.as_str()), ("FORECOURT_CRASH_AT", *point), MUTE];
        let mut server = site.start(WORKER, &variables).await;
        let status = server.ended().await;
        crash::died(&server, status, point);
        deaths += 1;
    }
    let ahead = (AHEAD.as_secs() * (deaths as u64 + 1)).to_string();
    let server = site.start(WORKER, &[("FORECOURT_CRASH_AHEAD", ahead.as_str()), MUTE]).await;
    proof::settled(&site, &greeting, PEOPLE).await;
    server.stop().await;
    // Each person has two messages: nobody can tell of those that were in hand, and of all others everybody can.
    let unknown = proof::check(&site, &greeting, PEOPLE, deaths * IN_HAND).await;
    assert!(unknown >= deaths, "{unknown} messages are unknown after {deaths} deaths");
    site.finish(&[DYING]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_step_is_lost_or_doubled_when_one_of_two_workers_is_killed() {
    const PEOPLE: usize = 1_000;
    const KILLS: usize = 40;
    let Some(site) = Site::on(Backend::Postgres, "kills").await else { return };
    let seed = crash::seed();
    let mut chance = SmallRng::seed_from_u64(seed.0);
    let greeting = people::enrolled(&site, PEOPLE, Duration::from_secs(30)).await;
    let mut workers: Vec<Server> = vec![site.start(WORKER, &[]).await, site.start(WORKER, &[]).await];
    let mut recording = Recording::of(&site);
    for _ in 0..KILLS {
        recording.until_handed(chance.random_range(HANDED)).await;
        let victim = chance.random_range(0..workers.len());
        workers.swap_remove(victim).kill().await;
        workers.push(site.start(WORKER, &[]).await);
    }
    // What the dead had claimed is due again when their leases run out, by the same clock for both.
    proof::settled(&site, &greeting, PEOPLE).await;
    for worker in workers {
        worker.stop().await;
    }
    proof::check(&site, &greeting, PEOPLE, 0).await;
    site.finish(&[]);
}
