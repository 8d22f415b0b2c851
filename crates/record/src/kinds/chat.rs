//! Chats by other providers than WhatsApp: the providers, the sessions, and the messages in them.

use super::{
    At, Bare, ChatProviderId, ChatSessionId, ClientId, Delivery, Direction, Flag, Media, MessageExtra, Notification,
    PartId, Text, Texts,
};
use crate::{
    document::Kind,
    spec::{
        KindSpec, KindTypes,
        Part::{Doc, Extra},
        Type, belongs, hot, mentions, multi, tally,
    },
};

words! {
    /// What a provider knows somebody by.
    ChatParticipantType {
        Email = "email",
        Phone = "phone",
        User = "user",
        Client = "client",
    }
}

tree! {
    /// Somebody who chats: known by an address, and to us as a client or a user.
    ChatParticipant {
        email: Text,
        phone: Text,
        client_id: Option<ClientId>,
        user_id: Text,
        _id: PartId,
    }

    /// Who hears of what comes in.
    ChatAudience {
        groups: Texts,
        users: Texts,
        _id: PartId,
    }

    ChatAccount {
        chat_participant: Option<ChatParticipant>,
        notify_to: Option<ChatAudience>,
        _id: PartId,
    }

    ChatColors {
        inbound_message_color: Text,
        outbound_message_color: Text,
        _id: PartId,
    }

    ChatTheme {
        cocacola: Option<ChatColors>,
        solarized: Option<ChatColors>,
        icon: Text,
        icon_name: Text,
        main_color: Text,
        _id: PartId,
    }

    /// The published tree of a chat provider.
    ChatProvider {
        name: Text,
        client_chat_participant_type: Option<ChatParticipantType>,
        dealer_chat_participant_type: Option<ChatParticipantType>,
        outbound_message_url: Text,
        oauth_link_url: Text,
        oauth_unlink_url: Text,
        enabled: Flag,
        dealer_can_message_first: Flag,
        supported_outbound_types: Texts,
        supported_inbound_types: Texts,
        accounts: Vec<ChatAccount>,
        theme: Option<ChatTheme>,
        application_id: Text,
        application_editable: Flag,
    } + kept

    LastMessage {
        date: At,
        direction: Option<Direction>,
        _id: PartId,
    }

    /// The published tree of a chat session.
    ChatSession {
        provider_id: Option<ChatProviderId>,
        dealer_info: Option<ChatParticipant>,
        client_info: Option<ChatParticipant>,
        direction: Option<Direction>,
        users: Texts,
        made_at: At,
        expires_at: At,
        last_message: Option<LastMessage>,
        notification: Option<Notification>,
    } + kept

    /// The published tree of a chat message.
    ChatMessage {
        from: Option<ChatParticipant>,
        to: Option<ChatParticipant>,
        direction: Option<Direction>,
        provider_id: Option<ChatProviderId>,
        delivery_status: Option<Delivery>,
        delivery_error: Text,
        body: Text,
        session_id: Option<ChatSessionId>,
        provider_session_id: Text,
        provider_message_id: Text,
        sent_at: At,
        media: Vec<Media>,
        user_id: Text,
    } + kept
}

impl Kind for ChatProvider {
    type Extra = ();
    type Computed = Bare;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "chatproviders",
        singular: "chat provider",
        hot: &[hot("name", Doc, "name", Type::Text), hot("enabled", Doc, "enabled", Type::Flag)],
        text: &[(Doc, "name")],
        tallies: &[tally(&[])],
        measures: &[],
        references: &[mentions("accounts.chat_participant.client_id", "clients")],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };
}

impl Kind for ChatSession {
    type Extra = ();
    type Computed = Bare;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "chatsessions",
        singular: "chat session",
        hot: &[
            hot("provider_id", Doc, "provider_id", Type::Text),
            hot("client_id", Doc, "client_info.client_id", Type::Text),
            hot("client_phone", Doc, "client_info.phone", Type::Text),
            hot("client_email", Doc, "client_info.email", Type::Text),
            hot("direction", Doc, "direction", Type::Text),
            hot("made_at", Doc, "made_at", Type::Instant),
            hot("last_message_date", Doc, "last_message.date", Type::Instant),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
        ],
        text: &[(Doc, "client_info.phone"), (Doc, "client_info.email")],
        tallies: &[tally(&[])],
        measures: &[],
        references: &[
            mentions("provider_id", "chatproviders"),
            belongs("client_info.client_id", "clients"),
            mentions("dealer_info.client_id", "clients"),
        ],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };
}

impl Kind for ChatMessage {
    type Extra = MessageExtra;
    type Computed = Bare;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "chatmessages",
        singular: "chat message",
        hot: &[
            hot("lead_id", Extra, "lead_id", Type::Text),
            hot("client_id", Extra, "client_id", Type::Text),
            hot("session_id", Doc, "session_id", Type::Text),
            hot("provider_message_id", Doc, "provider_message_id", Type::Text),
            hot("direction", Doc, "direction", Type::Text),
            hot("delivery_status", Doc, "delivery_status", Type::Text),
            hot("sent_at", Doc, "sent_at", Type::Instant),
        ],
        text: &[(Doc, "body"), (Doc, "from.phone"), (Doc, "from.email"), (Doc, "to.phone"), (Doc, "to.email")],
        tallies: &[tally(&[])],
        measures: &[],
        references: &[
            belongs("lead_id", "saleleads").in_extra(),
            belongs("client_id", "clients").in_extra(),
            belongs("session_id", "chatsessions"),
            mentions("provider_id", "chatproviders"),
            mentions("from.client_id", "clients"),
            mentions("to.client_id", "clients"),
        ],
        multi: &[multi("foreign_ids", Doc, "foreign_ids")],
        types: KindTypes::of::<Self>(),
    };
}
