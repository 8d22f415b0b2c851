//! Our own API: what no published document has. Schedules and how they do, rehearsals, who is on which schedule and why
//! nobody is contacted, rules of contact, consents, agents and their calls.
//!
//! A translation at the edge: requests in, the same core calls as every dialect, answers and errors out.

mod calls;
mod consents;
mod convert;
mod enrolments;
mod error;
mod rehearsals;
mod rules;
mod schedules;
mod watch;
mod wire;

use forecourt_api::{App, operation::Operations};

/// The operations there are.
pub fn operations() -> Operations<App> {
    Operations::new("native", "Forecourt API", "0.1")
        .describes(ABOUT)
        .base("/forecourt/v1")
        .route(schedules::list())
        .route(schedules::read())
        .route(schedules::put())
        .route(schedules::stop())
        .route(schedules::start())
        .route(schedules::version())
        .route(watch::monitor())
        .route(watch::of_schedule())
        .route(enrolments::list())
        .route(enrolments::create())
        .route(enrolments::read())
        .route(enrolments::end())
        .route(watch::of_enrolment())
        .route(watch::of_lead())
        .route(rules::read())
        .route(rules::put())
        .route(rules::delete())
        .route(consents::list())
        .route(consents::create())
        .route(consents::evidence())
        .route(consents::verification())
        .route(rehearsals::create())
        .route(calls::agents())
        .route(calls::choose())
        .route(calls::next())
        .route(calls::skip())
        .route(calls::create())
        .route(calls::read())
        .route(calls::hang_up())
        .route(calls::hand_over())
        .route(calls::dispose())
}

const ABOUT: &str = "JSON in, JSON out. Authenticate with `Authorization: Bearer <token>`: an API key or the token of a login. \
     Leads are named by their numbers (`L-1042`), enrolments by theirs (`E-17`), schedules by their names. Errors are RFC 9457 \
     problems with a stable `code`; invalid input names every failing field at once. Instants are UTC, RFC 3339.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_described() {
        let operations = operations();
        assert_eq!(operations.describe().len(), 31);
        assert_eq!(operations.flaws(), Vec::<String>::new());
    }
}
