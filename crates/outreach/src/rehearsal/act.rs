//! What happens in a rehearsal, and how a line of its log says it.

use std::{fmt, sync::Arc};

use forecourt_record::{EnrolmentStatus, Instant, gate::Channel};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    pub at: Instant,
    /// The lead's number.
    pub lead: i64,
    /// The schedule's name.
    pub schedule: Arc<str>,
    /// The action, counted from 0 with the groups spelt out.
    pub step: usize,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The lead came in and was put on the schedule.
    Begun,
    /// The person is on the schedule already.
    BegunBefore,
    Sent(Channel),
    /// A call that kept somebody busy for so many seconds.
    Called {
        answered: bool,
        seconds: u32,
    },
    /// A rule holds the contact back until then.
    Held {
        channel: Channel,
        rule: Arc<str>,
        until: Instant,
    },
    /// What was held back goes on, or is over, after so many seconds.
    Released {
        rule: Arc<str>,
        seconds: u64,
    },
    /// A rule forbids the contact, and the schedule goes on without it.
    Refused {
        channel: Channel,
        rule: Arc<str>,
    },
    /// An action that contacts nobody.
    Done(&'static str),
    /// The person has written back.
    Answered,
    OptedOut,
    Ended(EnrolmentStatus),
}

impl What {
    /// The channel of a contact that was made.
    pub const fn contact(&self) -> Option<Channel> {
        match self {
            Self::Sent(channel) => Some(*channel),
            Self::Called { .. } => Some(Channel::Call),
            Self::Begun
            | Self::BegunBefore
            | Self::Held { .. }
            | Self::Released { .. }
            | Self::Refused { .. }
            | Self::Done(_)
            | Self::Answered
            | Self::OptedOut
            | Self::Ended(_) => None,
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, lead, schedule, step, what } = self;
        write!(f, "{at} {lead} {schedule} {step} {what}")
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begun => f.write_str("begun"),
            Self::BegunBefore => f.write_str("begun before"),
            Self::Sent(channel) => write!(f, "{} sent", channel.as_str()),
            Self::Called { answered: true, seconds } => write!(f, "call answered {seconds} s"),
            Self::Called { answered: false, seconds } => write!(f, "call not answered {seconds} s"),
            Self::Held { channel, rule, until } => write!(f, "{} held by {rule} until {until}", channel.as_str()),
            Self::Released { rule, seconds } => write!(f, "released by {rule} after {seconds} s"),
            Self::Refused { channel, rule } => write!(f, "{} refused by {rule}", channel.as_str()),
            Self::Done(action) => f.write_str(action),
            Self::Answered => f.write_str("answered"),
            Self::OptedOut => f.write_str("opted out"),
            Self::Ended(status) => write!(f, "ended {}", status.as_str()),
        }
    }
}
