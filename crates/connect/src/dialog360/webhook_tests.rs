//! Webhook bodies as data: `fixtures/*.json` in the published shapes, each with the `.txt` it must read as.
//! `BLESS=1 cargo test -p forecourt-connect` writes the expectations anew; read the difference before keeping it.
#![allow(clippy::unwrap_used)]

use std::{fmt::Write as _, fs, path::Path};

use proptest::prelude::*;

use super::*;
use crate::{
    Private,
    received::{DeliveryStatus, Media},
};

/// Everything in plain sight, private parts too: one line each.
fn show(received: &Received) -> String {
    let open = |value: &Option<Private>| value.as_ref().map_or("-".to_owned(), |value| value.to_string());
    let text = |value: &Option<String>| value.clone().unwrap_or("-".to_owned());
    match received {
        Received::Message(message) => {
            let media =
                |media: &Media| format!(" media {} {:?} {}", media.id, media.content_type, open(&media.caption));
            format!(
                "message {} from {} user {} ({}) to {} via {} at {} reply to {}: {}{}",
                message.provider_id,
                open(&message.from),
                open(&message.user_id),
                open(&message.profile_name),
                text(&message.to_number),
                text(&message.phone_number_id),
                message.at,
                text(&message.reply_to),
                *message.body,
                message.media.iter().map(media).collect::<String>(),
            )
        }
        Received::Status(status) => format!(
            "status {} reference {} {} to {} via {} at {} error {:?}",
            status.provider_id,
            text(&status.reference),
            match &status.status {
                DeliveryStatus::Known(known) => format!("{known:?}"),
                DeliveryStatus::Unknown(name) => format!("unknown:{name}"),
            },
            open(&status.recipient),
            text(&status.phone_number_id),
            status.at,
            status.error,
        ),
        Received::Notice(notice) => format!(
            "notice {} {} about {} new {} via {} at {}: {}",
            notice.provider_id,
            notice.kind,
            open(&notice.from),
            open(&notice.new_number),
            text(&notice.phone_number_id),
            notice.at,
            *notice.body,
        ),
        Received::Problem(problem) => format!("problem {} {:?}: {}", problem.code, problem.title, problem.detail),
        Received::Mail(_) | Received::Bounce(_) => unreachable!("no mail comes by WhatsApp"),
        Received::Call(call) => panic!("{call:?} in a webhook of messages"),
        Received::Other { field } => format!("other {field}"),
    }
}

#[test]
fn reads_every_published_shape() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dialog360/fixtures");
    let mut bodies: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    bodies.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    bodies.sort();
    assert!(bodies.len() >= 14, "the fixtures are not where they should be: {}", folder.display());
    for path in bodies {
        let body = fs::read(&path).unwrap();
        let mut shown = format!("numbers {:?}\n", phone_number_ids(&body));
        for received in parse(&body).unwrap() {
            writeln!(shown, "{}", show(&received)).unwrap();
        }
        let expected = path.with_extension("txt");
        if option_env!("BLESS").is_some() {
            fs::write(&expected, &shown).unwrap();
        }
        assert_eq!(fs::read_to_string(&expected).unwrap_or_default(), shown, "{}", path.display());
    }
}

#[test]
fn refuses_only_what_is_no_envelope_at_all() {
    for body in ["", "{", "null", "7", "\"x\"", "[]", "{\"entry\":", "nul\u{0}"] {
        assert_eq!(parse(body.as_bytes()).unwrap_err().code, Code::MalformedJson, "{body}");
        assert!(phone_number_ids(body.as_bytes()).is_empty());
    }
    assert_eq!(parse(b"{\"entry\":\"\xff\"}").unwrap_err().code, Code::MalformedJson);
    assert_eq!(parse(b"{}").unwrap(), []);
}

#[test]
fn deep_nesting_costs_only_the_part_it_is_in() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let message =
        |text: &str| format!(r#"{{"from":"17135550142","id":"m","timestamp":"1","type":"text","text":{text}}}"#);
    let body = format!(
        r#"{{"entry":[{{"changes":[{{"field":"messages","value":{{"x":{deep},"messages":[{},{}]}}}}]}}]}}"#,
        message(&deep),
        message(r#"{"body":"still here"}"#),
    );
    let received = parse(body.as_bytes()).unwrap();
    assert!(
        matches!(&received[..], [Received::Problem(_), Received::Message(message)] if *message.body == "still here")
    );
}

#[test]
fn nothing_personal_is_printed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dialog360/fixtures");
    for name in ["text", "choices", "media", "contacts", "system", "statuses", "username", "hostile"] {
        let body = fs::read(folder.join(name).with_extension("json")).unwrap();
        let printed = format!("{:?}", parse(&body).unwrap());
        for secret in
            ["555014", "Herrera", "Silverado", "Sábado", "Cuánto", "Vargas", "Riley", "hybrid", "US.13", "still here"]
        {
            assert!(!printed.contains(secret), "{name}: {secret} in {printed}");
        }
    }
}

/// JSON that looks like a webhook until it does not: the documented names over arbitrary values.
fn hostile() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value as Json;
    let names = prop::sample::select(vec![
        "entry",
        "changes",
        "value",
        "field",
        "metadata",
        "phone_number_id",
        "contacts",
        "messages",
        "statuses",
        "errors",
        "id",
        "from",
        "timestamp",
        "type",
        "text",
        "body",
        "image",
        "interactive",
        "button_reply",
        "title",
        "location",
        "order",
        "product_items",
        "system",
        "wa_id",
        "status",
        "code",
        "error_data",
        "context",
        "profile",
        "name",
        "phones",
    ]);
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        prop::sample::select(vec![
            "messages",
            "text",
            "image",
            "location",
            "order",
            "system",
            "interactive",
            "17135550142",
            "1",
            ""
        ])
        .prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ];
    leaf.prop_recursive(10, 200, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::vec((names.clone(), inner), 0..6)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn never_panics(entry in hostile(), value in hostile(), message in hostile(), noise in any::<Vec<u8>>()) {
        let _ = parse(&noise);
        let body = serde_json::json!({"entry": [entry.clone(), {"changes": [entry, {"field": "messages", "value": value},
            {"field": "messages", "value": {"messages": [message.clone()], "statuses": [message.clone()], "contacts": [message]}}]}]});
        let text = body.to_string();
        prop_assert!(parse(text.as_bytes()).is_ok());
        phone_number_ids(text.as_bytes());
    }
}
