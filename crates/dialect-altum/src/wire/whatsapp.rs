//! WhatsApp messages and threads.

use forecourt_record::Instant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Either `body` or `template`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMessage {
    /// `L-1000`.
    #[schemars(length(min = 1, max = 40))]
    pub lead_id: String,
    #[schemars(length(min = 1, max = 4096))]
    pub body: Option<String>,
    pub template: Option<MessageTemplate>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageTemplate {
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// `es`, `en_US`.
    #[schemars(length(min = 2, max = 20))]
    pub language: String,
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub parameters: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct QueuedMessage {
    pub id: String,
    pub status: String,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ThreadQuery {
    /// The id of a message: only older ones are answered.
    pub before: Option<String>,
    #[schemars(range(min = 1, max = 500))]
    pub limit: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Thread {
    pub lead_id: String,
    /// Until when free text may be, or could be, sent; null when the person never wrote. After it only a template may.
    pub window_expires_at: Option<Instant>,
    /// Oldest first.
    pub messages: Vec<ThreadMessage>,
    /// The `before` of the page of older messages; null when there are none.
    pub before: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ThreadMessage {
    pub id: String,
    pub direction: String,
    pub from: Option<String>,
    pub to: Option<String>,
    pub body: Option<String>,
    pub media: Vec<ThreadMedia>,
    pub at: Option<Instant>,
    pub status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ThreadMedia {
    pub url: Option<String>,
    pub content_type: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct WebhookTaken {
    pub ok: bool,
}
