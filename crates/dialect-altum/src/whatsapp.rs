//! `/v1/whatsapp/*`.

use axum::{
    Json,
    extract::{Request, State},
    response::IntoResponse,
};
use forecourt_api::{
    App, Who,
    body::{Received, bytes},
    idempotency::IdempotencyKey,
    operation::{Operation, Route},
    path::Path,
    problem::{ApiResult, Problem},
    query::Query,
    webhook,
};
use forecourt_crm::intake::RequestKey;
use forecourt_outreach::NewMessage as Outgoing;
use forecourt_record::{Error, FieldError, Right, error::Code};
use http::StatusCode;
use serde_json::json;

use crate::{
    convert, error,
    wire::{NewMessage, QueuedMessage, Thread, ThreadQuery, WebhookTaken},
};

/// Messages of a thread in one answer, where the caller does not say.
const THREAD: u32 = 100;

pub fn send() -> Route<App> {
    Operation::post("/v1/whatsapp/messages")
        .name("message_send")
        .right(Right::MessageSend)
        .summary("Send a WhatsApp message to a lead via 360dialog.")
        .describes(
            "Free text is taken while the person's 24-hour window is open, a template at any time. What may not be sent \
             is refused with the reason, and nothing is queued. Delivery follows: see the thread.",
        )
        .header("Idempotency-Key", "Repeating a request with the same key within 24 hours sends nothing again.")
        .body::<NewMessage>()
        .example(json!({"leadId": "L-1000", "body": "Hola Jose..."}))
        .answers::<QueuedMessage>(202, "The message is queued.")
        .example(json!({"id": "msg_x1", "status": "queued"}))
        .problems(&[Code::WhatsappWindowClosed, Code::Suppressed, Code::NoPhone, Code::NotFound, Code::IdempotencyKeyReused])
        .handler(
            async |State(app): State<App>, who: Who, key: IdempotencyKey, received: Received<NewMessage>| -> ApiResult<_> {
                let request = key.0.map(|key| RequestKey {
                    key: format!("message_send:{}:{key}", who.caller.actor.label()),
                    fingerprint: forecourt_crm::access::hash(&String::from_utf8_lossy(&received.raw)),
                });
                let NewMessage { lead_id, body, template } = received.value;
                let outgoing = match (body, template) {
                    (Some(body), None) => Outgoing::Text(body),
                    (None, Some(template)) => Outgoing::Template {
                        name: template.name,
                        language: template.language,
                        parameters: template.parameters,
                    },
                    _ => {
                        let detail = "Give either body or template.";
                        return Err(Problem(Error::invalid(vec![FieldError::new("/body", "required", detail)])));
                    }
                };
                let lead = convert::lead_ref(&lead_id)?;
                let sent = app.outreach.message_send(&who.caller, lead, outgoing, request).await;
                let message = sent.map_err(error::in_body)?;
                let status = convert::message_status(&message).unwrap_or_default();
                let queued = QueuedMessage { id: convert::message_id(&message), status };
                Ok((StatusCode::ACCEPTED, Json(queued)).into_response())
            },
        )
}

pub fn thread() -> Route<App> {
    Operation::get("/v1/whatsapp/threads/{leadId}")
        .name("message_thread")
        .right(Right::MessageRead)
        .summary("Get the message thread for a lead.")
        .path("leadId", "`L-1000`")
        .query::<ThreadQuery>()
        .answers::<Thread>(200, "The newest messages, oldest first.")
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Path(id): Path<String>,
                   Query(query): Query<ThreadQuery>|
                   -> ApiResult<Json<Thread>> {
                let lead = convert::lead_ref(&id)?;
                let before = query.before.as_deref().map(message).transpose()?;
                let limit = i64::from(query.limit.unwrap_or(THREAD));
                let thread = app.outreach.thread(&who.caller, lead, before, limit).await.map_err(error::in_query)?;
                Ok(Json(Thread {
                    lead_id: convert::lead_id(thread.lead.extra.number),
                    window_expires_at: thread.window_expires_at,
                    messages: thread.messages.iter().map(convert::thread_message).collect(),
                    before: thread.before.map(|id| format!("msg_{id}")),
                }))
            },
        )
}

fn message(id: &str) -> Result<forecourt_record::MessageId, Problem> {
    let parsed = id.strip_prefix("msg_").and_then(|hex| hex.parse().ok());
    parsed.ok_or_else(|| {
        let detail = "Expected the id of a message, such as msg_0123456789abcdef01234567.";
        Problem(forecourt_api::query::malformed(vec![FieldError::new("query:before", "bad_format", detail)]))
    })
}

pub fn webhook() -> Route<App> {
    Operation::post("/v1/whatsapp/webhook")
        .name("whatsapp_webhook")
        .signed()
        .summary("Inbound webhook from 360dialog. Configured at platform setup.")
        .describes(
            "Takes messages, statuses and errors in the Cloud API envelope. Register it with the header \
             `x-forecourt-webhook-secret` (or `Authorization: Bearer`) and the dealer's secret, or have the platform sign \
             with `x-360dialog-signature`. Answered once the body is durably stored; processed afterwards. A delivery that \
             is repeated or out of order changes nothing twice.",
        )
        .answers::<WebhookTaken>(200, "The body is stored.")
        .example(json!({"ok": true}))
        .problems(&[Code::Unauthenticated, Code::BadSignature, Code::TooLarge])
        .handler(async |State(app): State<App>, request: Request| -> ApiResult<Json<WebhookTaken>> {
            let headers = request.headers().clone();
            let raw = bytes(request, &app).await?;
            let dealer = webhook::whatsapp_dealer(&app, &headers, &raw).await?;
            app.outreach.webhook_receive(dealer, &raw).await?;
            Ok(Json(WebhookTaken { ok: true }))
        })
}
