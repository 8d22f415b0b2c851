//! Calls: who rang whom, who was asked to take it, who talked, and what it cost.

use super::{At, Direction, Flag, Int, Notification, Num, Origin, PartId, Text, Texts};
use crate::{
    document::Kind,
    spec::{
        KindSpec, KindTypes,
        Part::{Doc, Extra},
        Type, hot, multi, tally,
    },
};

words! {
    /// How a call stands, or ended.
    CallStatus {
        Queued = "queued",
        Ringing = "ringing",
        InProgress = "in-progress",
        Completed = "completed",
        Busy = "busy",
        NoAnswer = "no-answer",
        Failed = "failed",
        Canceled = "canceled",
        Voicemail = "voicemail",
    }

    /// What carried a call.
    CallType {
        WalcuPhone = "walcu_phone",
        Gsm = "gsm",
        External = "external",
    }
}

tree! {
    CallCost {
        r#type: Text,
        /// A decimal number, written as a text.
        cost: Text,
        _id: PartId,
    }

    FlowEvent {
        start_date: At,
        end_date: At,
        path: Text,
        r#type: Text,
        _id: PartId,
    }

    IgnoreReason {
        r#type: Text,
        cause: Text,
        _id: PartId,
    }

    CallInvite {
        call_sid: Text,
        to: Text,
        user_id: Text,
        notification_sid: Text,
        notification_tag: Text,
        status: Text,
        ignore_reason: Option<IgnoreReason>,
        _id: PartId,
    }

    DialStep {
        started_at: At,
        finished_at: At,
        call_invites: Vec<CallInvite>,
        _id: PartId,
    }

    /// Who was rung, in which order.
    CallInvitation {
        reason: Text,
        number: Text,
        started_at: At,
        finished_at: At,
        target: Text,
        used: Flag,
        dial_steps: Vec<DialStep>,
        _id: PartId,
    }

    CallTransfer {
        from_user: Text,
        from_sid: Text,
        to_user: Text,
        to_sid: Text,
        to_group: Text,
        made_at: At,
        status: Text,
        ignore_reason: Text,
        invitation_index: Int,
        _id: PartId,
    }

    CallParticipant {
        r#type: Text,
        invitation_index: Int,
        step_index: Int,
        call_invite_index: Int,
        call_sid: Text,
        user_id: Text,
        entered_at: At,
        left_at: At,
        user_state: Text,
        status: Text,
        ignore_reason: Text,
        platform_name: Text,
        platform_version: Text,
        _id: PartId,
    }

    /// The published tree of a call.
    Conference {
        origin: Option<Origin>,
        location: Text,
        twilio_account_sid: Text,
        /// In seconds, as the times below.
        duration: Num,
        queue_time: Num,
        ringing_time: Num,
        processing_time: Num,
        campaign: Text,
        price: Num,
        price_unit: Text,
        costs: Vec<CallCost>,
        note: Text,
        notification: Option<Notification>,
        friendly_name: Text,
        extensions: Texts,
        conference_sid: Text,
        gsm_uuid: Text,
        uuid: Text,
        flow_events: Vec<FlowEvent>,
        call_type: Option<CallType>,
        recording_url: Text,
        voicemail: Flag,
        direction: Option<Direction>,
        client_number: Text,
        dealer_number: Text,
        status: Option<CallStatus>,
        made_at: At,
        client_attended: Flag,
        users: Texts,
        ringed_users: Texts,
        unavailable_users: Texts,
        participant_users: Texts,
        invitations: Vec<CallInvitation>,
        transfers: Vec<CallTransfer>,
        #[serde(rename = "sipResponseCode")]
        sip_response_code: Int,
        participants: Vec<CallParticipant>,
        cost: Num,
    } + kept

    ConferenceComputed {
        client_name: Text,
        first_user_participant: Text,
        first_user_platform: Text,
        first_user_version: Text,
        longest_user_platform: Text,
        phone_customs: super::Custom,
        phone_friendly_name: Text,
        _id: PartId,
    }
}

impl Kind for Conference {
    type Extra = super::MessageExtra;
    type Computed = ConferenceComputed;

    const SPEC: &'static KindSpec = &KindSpec {
        name: "conferences",
        singular: "call",
        hot: &[
            hot("client_number", Doc, "client_number", Type::Text),
            hot("dealer_number", Doc, "dealer_number", Type::Text),
            hot("direction", Doc, "direction", Type::Text),
            hot("status", Doc, "status", Type::Text),
            hot("made_at", Doc, "made_at", Type::Instant),
            hot("location", Doc, "location", Type::Text),
            hot("notify_at", Doc, "notification.notify_at", Type::Instant),
            hot("done", Doc, "notification.done", Type::Flag),
            hot("lead_id", Extra, "lead_id", Type::Text),
        ],
        text: &[(Doc, "note"), (Doc, "friendly_name"), (Doc, "client_number"), (Doc, "dealer_number")],
        tallies: &[tally(&[]), tally(&["status"]), tally(&["location", "status"])],
        measures: &[],
        references: &[],
        multi: &[
            multi("users", Doc, "users"),
            multi("participant_users", Doc, "participant_users"),
            multi("foreign_ids", Doc, "foreign_ids"),
        ],
        types: KindTypes::of::<Self>(),
    };
}
