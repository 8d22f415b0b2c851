//! `/forecourt/v1/agents` and `/forecourt/v1/calls`.

use axum::{Json, extract::State, response::IntoResponse as _};
use forecourt_api::{
    App, Who,
    body::Body,
    operation::{Operation, Route},
    path::Path,
    problem::ApiResult,
};
use forecourt_crm::Config;
use forecourt_outreach::calls::{CallNow, Choice, Disposed, Whom};
use forecourt_record::{
    self as record, CallAgent, CallId, Code, Conference, Document, Error, Right, UserId, schedule::Tokens,
};
use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    convert, error,
    wire::{Agent, AgentChoice, AgentList, Call, Enrolment, HandOver, NewCall, Said},
};

const ID: &str = "The call's id in the record.";

fn agent_example() -> Value {
    json!({
        "user": "u_3", "name": "Kim", "state": "ready", "pause_code": null, "since": "2026-11-21T18:00:00.000Z",
        "then": null, "call_groups": ["sales"], "call": null, "enrolment": null,
    })
}

fn call_example() -> Value {
    json!({
        "id": "692efb5079a5a74af4b3a5d2", "direction": "outbound", "status": "completed",
        "lead": "692efb5079a5a74af4b3a5d1", "enrolment": "692efb5079a5a74af4b3a5d0", "agent": "u_3",
        "client_number": "+17135550100", "dealer_number": "+17135550111", "made_at": "2026-11-21T18:00:00.000Z",
        "answered_at": "2026-11-21T18:00:09.000Z", "duration": 93.0, "voicemail": false, "dropped": false,
        "disposition": "interested", "note": null, "tokens": {"make": "Ford"},
    })
}

/// The user who asks. A key is nobody who could take a call.
fn me(who: &Who) -> Result<UserId, Error> {
    let user = who.caller.actor.user();
    user.ok_or_else(|| Error::new(Code::Conflict, "Only a user is an agent: log in rather than sending a key."))
}

fn shown(config: &Config, agent: Document<CallAgent>) -> Agent {
    let CallAgent { user_id, state, pause_code, since, then, call_groups, locations: _, call_id, enrolment_id } =
        agent.doc;
    let user = config.user(user_id);
    Agent {
        user: user_id_of(config, user_id),
        name: user.map(|user| user.doc.name.clone()).unwrap_or_default(),
        state,
        pause_code,
        since,
        then,
        call_groups,
        call: call_id.map(|id| id.to_string()),
        enrolment: enrolment_id.map(|id| id.to_string()),
    }
}

fn user_id_of(config: &Config, id: UserId) -> String {
    config.user(id).map_or_else(|| id.to_string(), |user| format!("u_{}", user.extra.number))
}

fn user_ref(config: &Config, name: &str) -> Option<UserId> {
    convert::numbered(name, "u_").and_then(|number| config.user_by_number(number)).map(|user| user.id)
}

fn call_shown(config: &Config, call: Document<Conference>) -> Call {
    let record::CallFacts {
        agent_id,
        mode: _,
        tokens,
        disposition,
        answered_at,
        closed_at: _,
        dropped,
        callback_id: _,
    } = call.extra.call.map(|facts| *facts).unwrap_or_default();
    Call {
        id: call.id.to_string(),
        direction: call.doc.direction,
        status: call.doc.status,
        lead: call.extra.lead_id.map(|id| id.to_string()),
        enrolment: call.extra.enrolment_id.map(|id| id.to_string()),
        agent: agent_id.map(|id| user_id_of(config, id)),
        client_number: call.doc.client_number,
        dealer_number: call.doc.dealer_number,
        made_at: call.doc.made_at,
        answered_at,
        duration: call.doc.duration.and_then(|seconds| seconds.as_f64()),
        voicemail: call.doc.voicemail.unwrap_or_default(),
        dropped,
        disposition,
        note: call.doc.note,
        tokens: tokens.0,
    }
}

async fn agent_answer(app: &App, who: &Who, agent: Document<CallAgent>) -> ApiResult<Json<Agent>> {
    Ok(Json(shown(&*app.crm.config(who.caller.dealer).await?, agent)))
}

async fn call_answer(app: &App, who: &Who, call: Document<Conference>) -> ApiResult<Json<Call>> {
    Ok(Json(call_shown(&*app.crm.config(who.caller.dealer).await?, call)))
}

fn call_id(id: &str) -> Result<CallId, Error> {
    id.parse().map_err(|_| Error::not_found("call"))
}

pub fn agents() -> Route<App> {
    Operation::get("/forecourt/v1/agents")
        .name("agent_list")
        .right(Right::OutreachRead)
        .summary("The agents of the call centre, those at work first")
        .answers::<AgentList>(200, "The agents.")
        .example(json!({"data": [agent_example()]}))
        .handler(async |State(app): State<App>, who: Who| -> ApiResult<Json<AgentList>> {
            let config = app.crm.config(who.caller.dealer).await?;
            let agents = app.outreach.agents(&who.caller).await?;
            Ok(Json(AgentList { data: agents.into_iter().map(|agent| shown(&config, agent)).collect() }))
        })
}

pub fn choose() -> Route<App> {
    Operation::put("/forecourt/v1/agents/me")
        .name("agent_choose")
        .right(Right::MessageSend)
        .summary("Come to work, pause, or go")
        .describes("During a call it counts from the end of that on. Only users are agents.")
        .body::<AgentChoice>()
        .example(json!({"state": "paused", "pause_code": "lunch"}))
        .answers::<Agent>(200, "The agent.")
        .example(agent_example())
        .problems(&[Code::Conflict])
        .handler(async |State(app): State<App>, who: Who, Body(choice): Body<AgentChoice>| -> ApiResult<Json<Agent>> {
            let AgentChoice { state, pause_code, call_groups } = choice;
            let choice = Choice { state, pause_code, call_groups };
            let agent = app.outreach.agent_choose(&who.caller, me(&who)?, choice).await.map_err(error::in_body)?;
            agent_answer(&app, &who, agent).await
        })
}

pub fn next() -> Route<App> {
    Operation::post("/forecourt/v1/agents/me/next")
        .name("agent_next")
        .right(Right::MessageSend)
        .summary("Who is next, for an agent who looks before calling")
        .describes("Kept for the agent for ten minutes: call with `POST /forecourt/v1/calls`, or skip.")
        .answers::<Enrolment>(200, "Who is next.")
        .answers_empty(204, "Nobody waits.")
        .problems(&[Code::Conflict])
        .handler(async |State(app): State<App>, who: Who| -> ApiResult<_> {
            let Some(next) = app.outreach.agent_preview(&who.caller, me(&who)?).await? else {
                return Ok(StatusCode::NO_CONTENT.into_response());
            };
            let view = app.outreach.enrolment_read(&who.caller, next.id.into()).await?;
            Ok(Json(convert::enrolment(view)).into_response())
        })
}

pub fn skip() -> Route<App> {
    Operation::post("/forecourt/v1/agents/me/skip")
        .name("agent_skip")
        .right(Right::MessageSend)
        .summary("Let go of whom the agent looks at")
        .answers::<Agent>(200, "The agent, ready again.")
        .problems(&[Code::Conflict])
        .handler(async |State(app): State<App>, who: Who| -> ApiResult<Json<Agent>> {
            let agent = app.outreach.agent_skip(&who.caller, me(&who)?).await?;
            agent_answer(&app, &who, agent).await
        })
}

pub fn create() -> Route<App> {
    Operation::post("/forecourt/v1/calls")
        .name("call_create")
        .right(Right::MessageSend)
        .summary("Call somebody now")
        .describes(
            "Name one: `lead`, `enrolment`, or `schedule` and `to`. A user who is at work as an agent gets the call; with a key \
             it goes to whoever is free when it is answered. Refused, with nothing dialled, when the schedule is not active, \
             as many calls as are allowed were begun within the second, the number is none, the gate forbids it, the number \
             was called within 30 seconds, or the person is being contacted.",
        )
        .body::<NewCall>()
        .example(json!({"lead": "L-1042"}))
        .answers::<Call>(202, "The call is being set up.")
        .example(call_example())
        .problems(&[Code::Conflict, Code::NoPhone, Code::Suppressed, Code::RateLimited])
        .handler(async |State(app): State<App>, who: Who, Body(new): Body<NewCall>| -> ApiResult<_> {
            let agent = who.caller.actor.user();
            let whom = whom(&app, &who, new).await.map_err(error::in_body)?;
            let member = match whom {
                Whom::Lead(_) => "lead",
                Whom::Enrolment(_) => "enrolment",
                Whom::Number { .. } => "schedule",
            };
            let call = app.outreach.call_now(&who.caller, CallNow { whom, agent }).await;
            let call = call.map_err(|error| error::in_body(error::not_there(error, member)))?;
            Ok((StatusCode::ACCEPTED, call_answer(&app, &who, call).await?).into_response())
        })
}

async fn whom(app: &App, who: &Who, new: NewCall) -> Result<Whom, Error> {
    let NewCall { lead, enrolment, schedule, to, tokens } = new;
    match (lead, enrolment, schedule, to) {
        (Some(lead), None, None, None) if tokens.is_empty() => {
            Ok(Whom::Lead(convert::lead_ref(&lead).map_err(|error| error::not_there(error, "lead"))?))
        }
        (None, Some(id), None, None) if tokens.is_empty() => {
            let view = app
                .outreach
                .enrolment_read(
                    &who.caller,
                    convert::enrolment_ref(&id).map_err(|error| error::not_there(error, "enrolment"))?,
                )
                .await;
            let view = view.map_err(|error| error::not_there(error, "enrolment"))?;
            Ok(Whom::Enrolment(view.enrolment.id))
        }
        (None, None, Some(schedule), Some(to)) => Ok(Whom::Number { schedule, to, tokens: Tokens(tokens) }),
        _ => Err(Error::field(
            "",
            "not_allowed",
            "Name one of `lead`, `enrolment`, or `schedule` with `to`; `tokens` go with `to`.",
        )),
    }
}

pub fn read() -> Route<App> {
    Operation::get("/forecourt/v1/calls/{id}")
        .name("call_read")
        .right(Right::OutreachRead)
        .summary("How a call stands, or what came of it")
        .path("id", ID)
        .answers::<Call>(200, "The call.")
        .example(call_example())
        .handler(async |State(app): State<App>, who: Who, Path(id): Path<String>| -> ApiResult<Json<Call>> {
            let call = app.outreach.call_read(&who.caller, call_id(&id)?).await?;
            call_answer(&app, &who, call).await
        })
}

pub fn hang_up() -> Route<App> {
    Operation::post("/forecourt/v1/calls/{id}/hang-up")
        .name("call_hang_up")
        .right(Right::MessageSend)
        .summary("Hang up")
        .path("id", ID)
        .answers::<Call>(200, "The call; that it is over is told by the provider.")
        .problems(&[Code::Conflict])
        .handler(async |State(app): State<App>, who: Who, Path(id): Path<String>| -> ApiResult<Json<Call>> {
            let call = app.outreach.call_hang_up(&who.caller, call_id(&id)?).await?;
            call_answer(&app, &who, call).await
        })
}

pub fn hand_over() -> Route<App> {
    Operation::post("/forecourt/v1/calls/{id}/hand-over")
        .name("call_hand_over")
        .right(Right::MessageSend)
        .summary("Hand a call over to another agent, who has to be ready")
        .path("id", ID)
        .body::<HandOver>()
        .example(json!({"to": "u_4"}))
        .answers::<Call>(200, "The call.")
        .problems(&[Code::Conflict])
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Path(id): Path<String>,
                   Body(HandOver { to }): Body<HandOver>|
                   -> ApiResult<Json<Call>> {
                let config = app.crm.config(who.caller.dealer).await?;
                let other = user_ref(&config, &to).ok_or_else(|| {
                    error::in_body(Error::field("to", "not_found", format!("There is no user {to}.")))
                })?;
                let call = app.outreach.call_hand_over(&who.caller, call_id(&id)?, other).await?;
                Ok(Json(call_shown(&config, call)))
            },
        )
}

pub fn dispose() -> Route<App> {
    Operation::post("/forecourt/v1/calls/{id}/disposition")
        .name("call_dispose")
        .right(Right::MessageSend)
        .summary("Say what came of a call that is over")
        .describes("Its agent is free for the next one; what the disposition means follows from the dealer's settings.")
        .path("id", ID)
        .body::<Said>()
        .example(json!({"disposition": "interested", "note": "Wants to see it on Saturday"}))
        .answers::<Call>(200, "The call.")
        .problems(&[Code::Conflict])
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Path(id): Path<String>,
                   Body(said): Body<Said>|
                   -> ApiResult<Json<Call>> {
                let Said { disposition, note, callback_at } = said;
                let disposed = Disposed { disposition, note, callback_at };
                let call = app.outreach.call_dispose(&who.caller, call_id(&id)?, disposed).await;
                let call = call.map_err(error::in_body)?;
                call_answer(&app, &who, call).await
            },
        )
}
