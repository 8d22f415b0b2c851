//! Between the published shapes and the core's values. Core values are taken apart whole: a new field has to be
//! shown or left out by name.

use forecourt_crm::{
    Config, Ref,
    analytics::{Count, Summary},
    intake::HashedAnswers,
    lead::{LeadItem, LeadView},
};
use forecourt_record::{
    Car, DistanceUnit, Document, Error, SaleLead, UserId, WhatsappMessage,
    event::{EventName, StoredEvent},
    scoring::{self, Answers},
    values::{decimal, number},
};
use serde_json::Number;

use crate::wire;

/// A statute mile, in kilometres (International Yard and Pound Agreement, 1959).
const KM_PER_MILE: f64 = 1.609_344;

pub fn lead_id(number: i64) -> String {
    format!("L-{number}")
}

pub fn vehicle_id(number: i64) -> String {
    format!("V-{number}")
}

pub fn user_id(config: &Config, user: UserId) -> Option<String> {
    config.user(user).map(|user| format!("u_{}", user.extra.number))
}

/// The lead an id names; what cannot be an id names nothing.
pub fn lead_ref(id: &str) -> Result<Ref<SaleLead>, Error> {
    numbered(id, "L-").map(Ref::Number).ok_or_else(|| Error::not_found("lead"))
}

/// The vehicle an id names.
pub fn vehicle_ref(id: &str) -> Result<Ref<Car>, Error> {
    numbered(id, "V-").map(Ref::Number).ok_or_else(|| Error::not_found("vehicle"))
}

/// The number in an id of ours; ids that differ only in writing (`L-007`) are not ids.
pub fn numbered(id: &str, prefix: &str) -> Option<i64> {
    let digits = id.strip_prefix(prefix)?;
    let number: i64 = digits.parse().ok().filter(|number| *number >= 0)?;
    (number.to_string() == digits).then_some(number)
}

/// The same for a member of a body; `-1` is nobody's number, so that the core names the field.
pub fn numbered_member(id: &str, prefix: &str) -> i64 {
    numbered(id, prefix).unwrap_or(-1)
}

pub fn answers(
    credit_score: Option<wire::CreditScore>,
    down_payment: Option<&Number>,
    has_bank: Option<bool>,
    id_type: Option<wire::IdType>,
    trade_in: Option<bool>,
) -> Answers {
    Answers {
        credit_score: credit_score.map(|word| match word {
            wire::CreditScore::Excellent => scoring::CreditScore::Excellent,
            wire::CreditScore::Good => scoring::CreditScore::Good,
            wire::CreditScore::Fair => scoring::CreditScore::Fair,
            wire::CreditScore::Poor => scoring::CreditScore::Poor,
            wire::CreditScore::None => scoring::CreditScore::None,
        }),
        down_payment: down_payment.and_then(decimal),
        has_bank,
        id_type: id_type.map(|word| match word {
            wire::IdType::License => scoring::IdType::License,
            wire::IdType::Matricula => scoring::IdType::Matricula,
            wire::IdType::Passport => scoring::IdType::Passport,
            wire::IdType::None => scoring::IdType::None,
        }),
        trade_in,
    }
}

fn credit_score(word: scoring::CreditScore) -> wire::CreditScore {
    match word {
        scoring::CreditScore::Excellent => wire::CreditScore::Excellent,
        scoring::CreditScore::Good => wire::CreditScore::Good,
        scoring::CreditScore::Fair => wire::CreditScore::Fair,
        scoring::CreditScore::Poor => wire::CreditScore::Poor,
        scoring::CreditScore::None => wire::CreditScore::None,
    }
}

fn id_type(word: scoring::IdType) -> wire::IdType {
    match word {
        scoring::IdType::License => wire::IdType::License,
        scoring::IdType::Matricula => wire::IdType::Matricula,
        scoring::IdType::Passport => wire::IdType::Passport,
        scoring::IdType::None => wire::IdType::None,
    }
}

fn language(language: wire::Language) -> String {
    match language {
        wire::Language::De => "de",
        wire::Language::En => "en",
        wire::Language::Es => "es",
    }
    .to_owned()
}

pub fn new_lead(new: wire::NewLead) -> forecourt_crm::intake::NewLead {
    let wire::NewLead {
        name,
        phone,
        email,
        credit_score,
        down_payment,
        has_bank,
        id_type,
        trade_in,
        location,
        source,
        notes,
        vehicle_id,
        assigned_to,
        language: spoken,
    } = new;
    forecourt_crm::intake::NewLead {
        name: Some(name),
        phone: Some(phone),
        email,
        location,
        source,
        inquiry: None,
        notes,
        vehicle: vehicle_id.map(|id| numbered_member(&id, "V-")),
        assigned_to: assigned_to.map(|id| numbered_member(&id, "u_")),
        language: spoken.map(language),
        answers: HashedAnswers(answers(credit_score, down_payment.as_ref(), has_bank, id_type, trade_in)),
        ..Default::default()
    }
}

pub fn lead_change(change: wire::LeadChange, version: Option<i64>) -> forecourt_crm::lead::LeadChange {
    let wire::LeadChange {
        name,
        phone,
        email,
        credit_score,
        down_payment,
        has_bank,
        id_type,
        trade_in,
        location,
        source,
        notes,
        status,
        vehicle_id,
        assigned_to,
        language: spoken,
    } = change;
    forecourt_crm::lead::LeadChange {
        name,
        phone,
        email,
        location,
        source,
        notes,
        status,
        assigned_to: assigned_to.map(|id| id.map(|id| numbered_member(&id, "u_"))),
        vehicle: vehicle_id.map(|id| id.map(|id| numbered_member(&id, "V-"))),
        language: spoken.map(language),
        answers: answers(credit_score, down_payment.as_ref(), has_bank, id_type, trade_in),
        version,
    }
}

pub fn lead_item(lead: LeadItem, config: &Config) -> wire::LeadItem {
    let LeadItem {
        number,
        name,
        score,
        filter,
        status,
        phone,
        email,
        location,
        source,
        owner,
        created_at,
        updated_at,
        last_activity_at,
    } = lead;
    wire::LeadItem {
        id: lead_id(number),
        name,
        score,
        filter,
        status,
        phone,
        email,
        location,
        source,
        assigned_to: owner.and_then(|user| user_id(config, user)),
        created_at,
        updated_at,
        last_activity_at,
    }
}

pub fn lead(view: &LeadView, blocked_by: Option<String>) -> wire::Lead {
    let LeadView { lead, config, car, messages, events, scored, next } = view;
    let Answers { credit_score: credit, down_payment, has_bank, id_type: id, trade_in } =
        &lead.extra.qualification.answers;
    wire::Lead {
        item: lead_item(LeadItem::from(lead), config),
        credit_score: credit.map(credit_score),
        down_payment: down_payment.map(number),
        has_bank: *has_bank,
        id_type: id.map(id_type),
        trade_in: *trade_in,
        notes: lead.computed.notes.first().cloned(),
        vehicle_id: car.as_ref().map(|car| vehicle_id(car.extra.number)),
        language: lead.extra.language.clone(),
        score_breakdown: scored.breakdown.iter().map(score_line).collect(),
        would_change: scored.what_would_change.iter().map(would_change).collect(),
        messages: messages.iter().map(lead_message).collect(),
        activities: events.iter().map(|event| activity(event, config)).collect(),
        next_action: next.map(|next| wire::NextAction { at: next.at, what: next.step.what().to_owned(), blocked_by }),
    }
}

/// The members of this dialect that the questions are.
fn question(question: scoring::Question) -> &'static str {
    match question {
        scoring::Question::CreditScore => "creditScore",
        scoring::Question::DownPayment => "downPayment",
        scoring::Question::HasBank => "hasBank",
        scoring::Question::IdType => "idType",
        scoring::Question::TradeIn => "tradeIn",
    }
}

fn score_line(line: &scoring::Line) -> wire::ScoreLine {
    let scoring::Line { input, value, points, max, missing } = line;
    wire::ScoreLine {
        input: question(*input).to_owned(),
        value: value.clone(),
        points: number(*points),
        max: *max,
        missing: *missing,
    }
}

fn would_change(change: &scoring::Change) -> wire::WouldChange {
    let scoring::Change { input, answer, gain: _, score, band } = change;
    wire::WouldChange {
        input: question(*input).to_owned(),
        answer: answer.value(),
        score: *score,
        filter: band.clone(),
    }
}

fn activity(event: &StoredEvent, config: &Config) -> wire::Activity {
    let StoredEvent { sequence, at, name, kind: _, id: _, actor, dialect: _, data } = event;
    wire::Activity {
        id: format!("act_{sequence}"),
        r#type: activity_type(*name).to_owned(),
        text: name.sentence(data),
        at: *at,
        by: actor.user().and_then(|user| user_id(config, user)).unwrap_or_else(|| actor.label()),
    }
}

/// `lead.status_changed` is `status_changed` here: the thing is always a lead or its message.
fn activity_type(name: EventName) -> &'static str {
    let name = name.as_str();
    name.strip_prefix("lead.").unwrap_or(name)
}

pub fn message_id(message: &Document<WhatsappMessage>) -> String {
    format!("msg_{}", message.id)
}

pub fn direction(message: &Document<WhatsappMessage>) -> String {
    match message.doc.direction {
        Some(forecourt_record::Direction::Inbound) => "inbound",
        Some(forecourt_record::Direction::Outbound) | None => "outbound",
    }
    .to_owned()
}

/// How far a message has come; `unknown` when nobody can tell whether it was sent.
pub fn message_status(message: &Document<WhatsappMessage>) -> Option<String> {
    use forecourt_record::{Attempt, Delivery};
    if message.extra.attempt == Attempt::Unknown {
        return Some("unknown".to_owned());
    }
    let word = match message.doc.delivery_status? {
        Delivery::Accepted => "accepted",
        Delivery::Queued => "queued",
        Delivery::Sending => "sending",
        Delivery::Sent => "sent",
        Delivery::Delivered => "delivered",
        Delivery::Read => "read",
        Delivery::Undelivered => "undelivered",
        Delivery::Failed => "failed",
    };
    Some(word.to_owned())
}

fn lead_message(message: &Document<WhatsappMessage>) -> wire::LeadMessage {
    wire::LeadMessage {
        id: message_id(message),
        direction: direction(message),
        from: message.doc.from.clone(),
        body: message.doc.body.clone(),
        at: message.doc.made_at,
        status: message_status(message),
    }
}

pub fn thread_message(message: &Document<WhatsappMessage>) -> wire::ThreadMessage {
    let media = message.doc.media.iter();
    wire::ThreadMessage {
        id: message_id(message),
        direction: direction(message),
        from: message.doc.from.clone(),
        to: message.doc.to.clone(),
        body: message.doc.body.clone(),
        media: media
            .map(|one| wire::ThreadMedia { url: one.url.clone(), content_type: one.content_type.clone() })
            .collect(),
        at: message.doc.made_at,
        status: message_status(message),
        error: message.doc.delivery_error.clone(),
    }
}

/// A distance in the dealer's unit, in kilometres.
pub fn to_km(distance: i64, unit: DistanceUnit) -> i64 {
    match unit {
        DistanceUnit::Km => distance,
        DistanceUnit::Mi => (distance as f64 * KM_PER_MILE).round() as i64,
    }
}

fn from_km(km: &Number, unit: DistanceUnit) -> Option<i64> {
    let km = km.as_f64()?;
    Some(match unit {
        DistanceUnit::Km => km.round() as i64,
        DistanceUnit::Mi => (km / KM_PER_MILE).round() as i64,
    })
}

pub fn vehicle_status(status: wire::VehicleStatus) -> String {
    match status {
        wire::VehicleStatus::Available => "available",
        wire::VehicleStatus::Incoming => "incoming",
        wire::VehicleStatus::Reserved => "reserved",
        wire::VehicleStatus::Sold => "sold",
    }
    .to_owned()
}

pub fn vehicle(car: &Document<Car>, config: &Config) -> wire::Vehicle {
    let doc = &car.doc;
    let line = doc.prices.as_ref().and_then(|prices| prices.retail.as_ref());
    wire::Vehicle {
        id: vehicle_id(car.extra.number),
        make: doc.make.clone(),
        model: doc.model.clone(),
        version: doc.version.clone(),
        year: doc.year,
        price: car.computed.price.clone(),
        miles: doc.mileage.as_ref().and_then(|km| from_km(km, config.dealer.doc.distance_unit)),
        location: doc.location.clone(),
        status: doc.status_name().to_owned(),
        vin: doc.vin.clone(),
        fuel: doc.fuel.clone(),
        transmission: doc.transmission.clone(),
        color: doc.color.clone(),
        stock_number: doc.stock_number.clone(),
        license_plate: doc.license_plate.clone(),
        description: doc.description.clone(),
        images: doc.images.clone(),
        price_history: line
            .map(|line| line.previous_prices.iter())
            .into_iter()
            .flatten()
            .map(|earlier| wire::EarlierPrice { price: earlier.price.clone(), since: earlier.created_at })
            .collect(),
        created_at: car.created_at,
        updated_at: car.updated_at,
    }
}

pub fn summary(summary: Summary) -> wire::Summary {
    let Summary {
        total,
        by_status,
        by_filter,
        by_location,
        appointments_set,
        appointments_shown,
        median_first_human_response_seconds,
        series,
    } = summary;
    wire::Summary {
        total_leads: total.leads,
        conv: total.conversion(),
        avg_score: total.average_score(),
        by_status,
        by_filter,
        by_location,
        appointments_set,
        appointments_shown,
        median_first_human_response_seconds,
        series: series
            .into_iter()
            .map(|(date, count)| wire::Day { date, leads: count.leads, sold: count.sold })
            .collect(),
    }
}

pub fn source((source, count): (Option<String>, Count)) -> wire::Source {
    let cost = (count.cost != 0).then_some(count.cost as f64 / 100.0);
    wire::Source {
        source,
        total: count.leads,
        conv: count.conversion(),
        avg_score: count.average_score(),
        cost,
        cost_per_sale: cost.filter(|_| count.sold > 0).map(|cost| (cost / count.sold as f64 * 100.0).round() / 100.0),
    }
}
