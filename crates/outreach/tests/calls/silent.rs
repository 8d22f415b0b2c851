//! Calls of which the provider tells nothing more.

use forecourt_connect::Person;
use forecourt_outreach::calls::{CallNow, Whom};
use forecourt_record::{AgentState, CallStatus, Role, pacing::Mode};
use serde_json::json;

use super::{MINUTE, choose, house, on, put, stands, state, until, user};

#[tokio::test]
async fn a_call_that_nothing_is_heard_of_for_hours_is_over_and_the_schedule_goes_on() {
    let house = house(Person::Answers, Mode::Progressive).await;
    put(&house, "calls", json!({"actions": [{"do": "dial"}, {"do": "wait", "days": 1}]})).await;
    let kim = user(&house, Role::Sales).await;
    choose(&house, kim, AgentState::Ready).await;
    let with_an_agent = on(&house, 1, "calls").await;
    let begun = until(&house, CallStatus::Ringing).await;
    let by_hand = {
        let whom = Whom::Enrolment(on(&house, 2, "calls").await);
        house.outreach.call_now(&house.caller, CallNow { whom, agent: None }).await.unwrap()
    };
    house.drain().await;
    house.hears_nothing_more().await;
    house.pass(239 * MINUTE).await;
    assert_eq!(house.get(begun.id).await.doc.status, Some(CallStatus::Ringing));
    house.pass(61 * MINUTE).await;
    // Whom somebody called by hand is called by the schedule after that.
    for (call, enrolment, stand) in [
        (begun.id, with_an_agent, "waiting 2 1 wait"),
        (by_hand.id, by_hand.extra.enrolment_id.unwrap(), "waiting 2 2 wait"),
    ] {
        assert_eq!(house.get(call).await.doc.status, Some(CallStatus::Failed));
        assert_eq!(stands(&house, enrolment).await, stand);
    }
    assert_eq!(state(&house, kim).await, "ready");
    house.is_healthy().await;
}
