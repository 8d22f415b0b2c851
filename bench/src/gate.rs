//! The gate's verdict on when a contact may be made, as the pure function it is: random people of the United States, by the
//! rules that are shipped for them, on one core.

use std::hint::black_box;
use std::time::Duration;

use forecourt_record::gate::{Asked, Channel, Contacted, Purpose, Rules, timing};
use forecourt_record::whereabouts::Clues;
use forecourt_record::{Instant, Phone, Whereabouts};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::report::Row;
use crate::stats::Summary;
use crate::work::Backend;
use crate::{clock, person};

pub const NAME: &str = "gate";

/// So many people, asked about again and again.
const PEOPLE: u64 = 2_000;
/// Within the years that holidays are known of.
const FIRST: i64 = 1_770_000_000_000;
const SPAN: i64 = 2 * 365 * 86_400_000;
/// As far back as contacts lie, and how many there are at most.
const RECENT: i64 = 2 * 86_400_000;
const MOST: usize = 4;

/// A contact somebody would like to make.
struct Wanted {
    address: String,
    whereabouts: Whereabouts,
    channel: Channel,
    purpose: Purpose,
    now: Instant,
    recent: Vec<Contacted>,
}

fn wanted(n: u64) -> Wanted {
    let mut chance = SmallRng::seed_from_u64(n);
    let address = person::phone(n);
    let now = FIRST + chance.random_range(0..SPAN);
    let channel = Channel::BY_PHONE[chance.random_range(0..Channel::BY_PHONE.len())];
    let recent = (0..chance.random_range(0..=MOST))
        .map(|_| Contacted { at: Instant::from_millis(now - chance.random_range(0..RECENT)), channel })
        .collect();
    Wanted {
        whereabouts: place(&address),
        address,
        channel,
        purpose: if chance.random_bool(0.5) { Purpose::Marketing } else { Purpose::Service },
        now: Instant::from_millis(now),
        recent,
    }
}

fn place(address: &str) -> Whereabouts {
    let phone = Phone::parse(address, None).ok();
    Whereabouts::of(&Clues { phone: phone.as_ref(), ..Clues::default() })
}

fn verdict(wanted: &Wanted, whereabouts: &Whereabouts) {
    let Wanted { channel, purpose, now, recent, .. } = wanted;
    let asked = Asked { channel: *channel, purpose: *purpose, whereabouts, now: *now, recent };
    black_box(timing(Rules::us(), &asked));
}

/// The rows: the verdict alone, and with what has to be known of the number first.
pub fn rows(length: Duration) -> Vec<Row> {
    let people: Vec<Wanted> = (0..PEOPLE).map(wanted).collect();
    let measured = |title, one: fn(&Wanted)| {
        // Everybody once first, which reads the rules and the table of areas.
        people.iter().for_each(one);
        let (begun, mut asked) = (clock::now(), 0);
        while asked == 0 || begun.elapsed() < length {
            people.iter().for_each(one);
            asked += PEOPLE;
        }
        let summary = Summary::together(asked, begun.elapsed());
        let row = Row { backend: None, work: NAME, title, subject: Some(summary), ..Row::new(Backend::Sqlite, 0) };
        row.tell();
        row
    };
    vec![
        measured("gate: when, pure, one core", |wanted| verdict(wanted, &wanted.whereabouts)),
        measured("gate: number read, where, when", |wanted| verdict(wanted, &place(&wanted.address))),
    ]
}
