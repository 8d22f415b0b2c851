//! Rules of WhatsApp itself, whoever carries it: in which order statuses count, and how long a window is open.

use std::time::Duration;

use forecourt_record::{Delivery, Instant};

/// Does learning of `to` move a message on from `from`?
///
/// Statuses arrive in any order, twice, or not at all (`read` may come without `delivered`), so they form one ladder and
/// only a step up counts: the end is then the same whatever the order of arrival. A failure stands above `sent`, since
/// the `sent` that arrives after it is merely late, and below `delivered`, since a message that failed on one device can
/// still reach another ("a later status can follow failed") and what was delivered cannot fail any more.
/// Source: Meta, *Status messages webhook reference*, and 360dialog, *Receiving messages via webhook*.
pub const fn advances(from: Delivery, to: Delivery) -> bool {
    rung(to) > rung(from)
}

const fn rung(status: Delivery) -> u8 {
    match status {
        Delivery::Accepted => 0,
        Delivery::Queued => 1,
        Delivery::Sending => 2,
        Delivery::Sent => 3,
        Delivery::Undelivered => 4,
        Delivery::Failed => 5,
        Delivery::Delivered => 6,
        Delivery::Read => 7,
    }
}

/// How long the customer service window stays open after a person's last message.
pub const WINDOW: Duration = Duration::from_hours(24);

/// When the window closes in which free text may be sent; `None` when it never opened. At that instant it is closed.
///
/// Only a message of the person opens it; the delivery of a template does not, whatever a partner's guide says.
/// Source: Meta, *Cloud API, customer service windows*.
pub fn window_expires(last_inbound: Option<Instant>) -> Option<Instant> {
    last_inbound.map(|at| at + WINDOW)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use Delivery::{Accepted, Delivered, Failed, Queued, Read, Sending, Sent, Undelivered};

    use super::*;

    const ALL: [Delivery; 8] = [Accepted, Queued, Sending, Sent, Undelivered, Failed, Delivered, Read];

    #[test]
    fn only_steps_up_the_ladder_count() {
        for (from, to, expected) in [
            (Queued, Sent, true),
            (Sending, Read, true),
            (Sent, Read, true),
            (Read, Delivered, false),
            (Delivered, Delivered, false),
            (Sent, Failed, true),
            (Sent, Undelivered, true),
            (Delivered, Failed, false),
            (Read, Failed, false),
            (Failed, Sent, false),
            (Failed, Delivered, true),
            (Failed, Read, true),
            (Failed, Failed, false),
        ] {
            assert_eq!(advances(from, to), expected, "{from:?} -> {to:?}");
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let settle = |arrivals: [Delivery; 3]| {
            arrivals.into_iter().fold(Queued, |now, next| if advances(now, next) { next } else { now })
        };
        for a in ALL {
            for b in ALL {
                for c in ALL {
                    let settled = settle([a, b, c]);
                    for other in [[a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]] {
                        assert_eq!(settle(other), settled, "{other:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_window_closes_a_day_after_the_last_message_of_the_person() {
        assert_eq!(window_expires(None), None);
        let at = |text: &str| text.parse::<Instant>().unwrap();
        assert_eq!(window_expires(Some(at("2026-03-07T18:00:00-06:00"))), Some(at("2026-03-09T00:00:00Z")));
    }
}
