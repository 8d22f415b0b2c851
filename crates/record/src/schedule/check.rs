//! Whether a definition makes sense.

use super::{
    Action, Condition, Definition, Entry, Texts, Wait,
    plan::{DEEPEST, MOST_ACTIONS, Spelt},
    token_name,
    tokens::{LONGEST_TOKEN, named},
};
use crate::{FieldError, pipeline::Pipeline, shape::code};

/// The longest text of a message, in characters: WhatsApp carries no more.
pub const LONGEST_TEXT: usize = 4_096;
/// The longest text of a mail, and its longest subject.
pub const LONGEST_MAIL: usize = 20_000;
pub const LONGEST_SUBJECT: usize = 200;

/// What a definition is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub pipeline: &'a Pipeline,
    /// The names of the dealer's other schedules.
    pub schedules: &'a [&'a str],
    /// The codes of its locations.
    pub locations: &'a [&'a str],
    /// Whom leads are handed to: names, and ids.
    pub agents: &'a [&'a str],
}

/// Errors and where they are.
struct Found<'a> {
    known: &'a Known<'a>,
    errors: Vec<FieldError>,
}

impl Found<'_> {
    fn refuse(&mut self, pointer: String, code: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError::new(pointer, code, detail));
    }
}

impl Definition {
    /// Everything that is wrong with the definition, with pointers into it. An empty answer is one that can be run.
    pub fn check(&self, known: &Known<'_>) -> Vec<FieldError> {
        let mut found = Found { known, errors: Vec::new() };
        self.actions_at("/actions", &self.actions, &mut found);
        for (name, actions) in &self.groups {
            self.actions_at(&format!("/groups/{}", escaped(name)), actions, &mut found);
        }
        self.actions_at("/at_end", &self.at_end, &mut found);
        for (at, action) in self.at_end.iter().enumerate() {
            if !action.is_final() {
                let detail = "What is done at the end neither waits nor contacts anybody, and decides nothing.";
                found.refuse(format!("/at_end/{at}/do"), code::NOT_ALLOWED, detail);
            }
        }
        for (name, rules) in &self.wait_rules {
            for (at, rule) in rules.iter().enumerate() {
                conditions(&format!("/wait_rules/{}/{at}/when", escaped(name)), &rule.when, &mut found);
            }
        }
        conditions("/until", &self.until, &mut found);
        for (at, entry) in self.enter.iter().enumerate() {
            entered(&format!("/enter/{at}"), entry, &mut found);
        }
        if let Some(name) = self.groups.keys().find(|name| self.reaches(name, name, &mut Vec::new())) {
            let detail = format!("The group \"{name}\" holds itself.");
            found.refuse(format!("/groups/{}", escaped(name)), code::NOT_ALLOWED, detail);
        } else {
            let spelt = Spelt::of(self);
            if spelt.is_too_deep {
                let detail = format!("Groups are in groups more than {DEEPEST} deep.");
                found.refuse("/groups".to_owned(), code::NOT_ALLOWED, detail);
            } else if spelt.is_too_long {
                let detail = format!("With its groups spelt out it has more than {MOST_ACTIONS} actions.");
                found.refuse("/actions".to_owned(), code::NOT_ALLOWED, detail);
            }
        }
        found.errors
    }

    fn actions_at(&self, place: &str, actions: &[Action], found: &mut Found<'_>) {
        for (at, action) in actions.iter().enumerate() {
            self.action(&format!("{place}/{at}"), action, found);
        }
    }

    fn action(&self, place: &str, action: &Action, found: &mut Found<'_>) {
        match action {
            Action::Sms { text } | Action::Whatsapp { text, template: _ } => {
                texts(&format!("{place}/text"), text, LONGEST_TEXT, found);
            }
            Action::Email { subject, text, from: _ } => {
                texts(&format!("{place}/subject"), subject, LONGEST_SUBJECT, found);
                texts(&format!("{place}/text"), text, LONGEST_MAIL, found);
            }
            Action::Wait(wait) => self.wait(place, wait, found),
            Action::ModifyLead { status, tokens } => {
                if let Some(status) = status {
                    known_status(format!("{place}/status"), status, found);
                }
                for (name, value) in tokens {
                    let pointer = || format!("{place}/tokens/{}", escaped(name));
                    if token_name(name).as_deref() != Some(name) {
                        let detail = "A token's name has lowercase letters, digits and underscores only.";
                        found.refuse(pointer(), code::BAD_FORMAT, detail);
                    }
                    if value.len() > LONGEST_TOKEN {
                        found.refuse(pointer(), code::TOO_LONG, format!("At most {LONGEST_TOKEN} bytes."));
                    }
                }
            }
            Action::AddToSchedule { schedule } if !found.known.schedules.contains(&schedule.as_str()) => {
                let detail = format!("There is no schedule \"{schedule}\".");
                found.refuse(format!("{place}/schedule"), code::NOT_ALLOWED, detail);
            }
            Action::Assign { to: Some(to) } => {
                let known = found.known.agents.iter().filter(|one| *one == to).count();
                if known != 1 {
                    let detail = if known == 0 {
                        format!("There is no agent \"{to}\".")
                    } else {
                        format!("Several agents are called \"{to}\": give the id of one.")
                    };
                    found.refuse(format!("{place}/to"), code::NOT_ALLOWED, detail);
                }
            }
            Action::Webhook { url, with: _ } => {
                let host = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
                let host = host.and_then(|behind| behind.split(['/', '?', '#']).next()).unwrap_or_default();
                let is_address = !host.is_empty() && !host.contains('@');
                if !is_address || url.contains(|c: char| c.is_whitespace() || c.is_control()) {
                    let detail = "An address is needed, such as https://example.com/hook.";
                    found.refuse(format!("{place}/url"), code::BAD_FORMAT, detail);
                }
            }
            Action::Exit { when } => conditions(&format!("{place}/when"), when, found),
            Action::Group { name } if !self.groups.contains_key(name) => {
                found.refuse(format!("{place}/name"), code::NOT_ALLOWED, format!("There is no group \"{name}\"."));
            }
            Action::Dial { .. }
            | Action::Callback { .. }
            | Action::AddTask { .. }
            | Action::Assign { to: None }
            | Action::AddToSchedule { .. }
            | Action::Restart { .. }
            | Action::OptOut { .. }
            | Action::Block {}
            | Action::Group { .. }
            | Action::AwaitCall {} => {}
        }
    }

    fn wait(&self, place: &str, wait: &Wait, found: &mut Found<'_>) {
        if let Some(name) = wait.rules.as_ref().filter(|name| !self.wait_rules.contains_key(*name)) {
            found.refuse(format!("{place}/rules"), code::NOT_ALLOWED, format!("There are no wait rules \"{name}\"."));
        }
        if !wait.on.is_empty() && wait.until.is_none() {
            let detail = "On which days it ends can be said of a wait that ends at a time of the day.";
            found.refuse(format!("{place}/on"), code::NOT_ALLOWED, detail);
        }
        if *wait == Wait::default() {
            found.refuse(place.to_owned(), code::REQUIRED, "A wait needs a duration, a time or rules.");
        }
    }

    /// Whether carrying out the group `from` comes to the group `to`.
    fn reaches<'a>(&'a self, from: &'a str, to: &str, seen: &mut Vec<&'a str>) -> bool {
        let held = self.groups.get(from).into_iter().flatten().filter_map(|action| match action {
            Action::Group { name } => Some(name.as_str()),
            _ => None,
        });
        for name in held {
            if name == to {
                return true;
            }
            if !seen.contains(&name) {
                seen.push(name);
                if self.reaches(name, to, seen) {
                    return true;
                }
            }
        }
        false
    }
}

impl Action {
    /// Whether it may be done at the end: it is over at once, and decides nothing about what comes next.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::ModifyLead { .. }
            | Self::AddTask { .. }
            | Self::Assign { .. }
            | Self::Webhook { .. }
            | Self::AddToSchedule { .. }
            | Self::OptOut { .. }
            | Self::Block {} => true,
            Self::Dial { .. }
            | Self::Callback { .. }
            | Self::Sms { .. }
            | Self::Whatsapp { .. }
            | Self::Email { .. }
            | Self::Wait(_)
            | Self::Restart { .. }
            | Self::Exit { .. }
            | Self::Group { .. }
            | Self::AwaitCall {} => false,
        }
    }
}

fn texts(place: &str, texts: &Texts, longest: usize, found: &mut Found<'_>) {
    if texts.is_empty() {
        found.refuse(place.to_owned(), code::REQUIRED, "A text in at least one language is needed.");
    }
    for (language, text) in texts {
        let place = || format!("{place}/{language}");
        if text.trim().is_empty() {
            found.refuse(place(), code::TOO_SHORT, "A message needs a text.");
        }
        if text.chars().count() > longest {
            found.refuse(place(), code::TOO_LONG, format!("At most {longest} characters."));
        }
        if let Some(name) = named(text).find(|name| name.len() > 64) {
            found.refuse(place(), code::TOO_LONG, format!("The token's name \"{name}\" is too long."));
        }
    }
}

fn conditions(place: &str, conditions: &[Condition], found: &mut Found<'_>) {
    for (at, condition) in conditions.iter().enumerate() {
        match condition {
            Condition::Status(statuses) => known_statuses(&format!("{place}/{at}/status"), statuses, found),
            Condition::Location(codes) => {
                for (code, name) in codes.iter().enumerate() {
                    if !found.known.locations.contains(&name.as_str()) {
                        let detail = format!("There is no location \"{name}\".");
                        found.refuse(format!("{place}/{at}/location/{code}"), code::NOT_ALLOWED, detail);
                    }
                }
            }
            Condition::Token(_)
            | Condition::Origin(_)
            | Condition::Replied(_)
            | Condition::Connected(_)
            | Condition::Converted(_)
            | Condition::Disposition(_)
            | Condition::DispositionBefore(_) => {}
        }
    }
}

fn entered(place: &str, entry: &Entry, found: &mut Found<'_>) {
    if !entry.new_lead && entry.status.is_empty() {
        let detail = "What happens to a lead that comes onto it: `new_lead`, or a `status`.";
        found.refuse(place.to_owned(), code::REQUIRED, detail);
    }
    known_statuses(&format!("{place}/status"), &entry.status, found);
    conditions(&format!("{place}/when"), &entry.when, found);
    for (at, condition) in entry.when.iter().enumerate() {
        let is_of_lead = matches!(
            condition,
            Condition::Token(_)
                | Condition::Status(_)
                | Condition::Origin(_)
                | Condition::Location(_)
                | Condition::Converted(_)
        );
        if !is_of_lead {
            let detail = "Before somebody is on a schedule, nothing of the kind has happened on it.";
            found.refuse(format!("{place}/when/{at}"), code::NOT_ALLOWED, detail);
        }
    }
}

fn known_statuses(place: &str, statuses: &[String], found: &mut Found<'_>) {
    for (at, name) in statuses.iter().enumerate() {
        known_status(format!("{place}/{at}"), name, found);
    }
}

fn known_status(pointer: String, status: &str, found: &mut Found<'_>) {
    if found.known.pipeline.phase(status).is_none() {
        let known = found.known.pipeline.statuses().collect::<Vec<_>>().join(", ");
        let detail = format!("There is no status \"{status}\". Known: {known}.");
        found.refuse(pointer, code::NOT_ALLOWED, detail);
    }
}

/// A member's name as a pointer writes it.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
