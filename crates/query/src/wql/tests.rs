//! What searches mean, where they are wrong, and that nothing typed can do more than that.

#![allow(clippy::unwrap_used)]

use forecourt_record::{Car, Client, Dealer, Instant, Kind, SaleLead, calendar::Zone, spec::KindSpec};
use proptest::prelude::*;

use super::{WqlContext, parse, print};
use crate::{Node, print as printed, q};

fn with_context<T>(act: impl FnOnce(&WqlContext<'_>) -> T) -> T {
    let zone = Zone::parse("America/Chicago").unwrap();
    let now: Instant = "2026-11-21T16:30:00Z".parse().unwrap();
    act(&WqlContext { now, zone: &zone, me: Some("5f0000000000000000000001"), region: Some("US") })
}

fn read(spec: &'static KindSpec, text: &str) -> Result<Node, String> {
    with_context(|context| {
        parse(spec, text, context).map_err(|error| {
            assert!(error.fields.iter().all(|field| field.pointer == "query:search"), "{error}");
            error.fields.iter().map(|field| field.detail.as_str()).collect::<Vec<_>>().join(" ")
        })
    })
}

/// A node as one line: as `q` where that can say it.
fn shown(node: &Node) -> String {
    match node {
        Node::Text(words) => format!("text({})", words.join(" ")),
        Node::Phrase(words) => format!("phrase({})", words.join(" ")),
        Node::And(parts) if printed::q(node).is_none() => parts.iter().map(shown).collect::<Vec<_>>().join(" & "),
        Node::Or(ways) if printed::q(node).is_none() => {
            format!("({})", ways.iter().map(shown).collect::<Vec<_>>().join(" | "))
        }
        Node::Not(inner) if printed::q(node).is_none() => format!("!({})", shown(inner)),
        node => printed::q(node).unwrap().to_string().replace('"', "'"),
    }
}

#[track_caller]
fn means(spec: &'static KindSpec, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(read(spec, text).map(|node| shown(&node)).as_deref(), Ok(*expected), "{text}");
    }
}

#[track_caller]
fn refuses(spec: &'static KindSpec, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(read(spec, text).map(|node| shown(&node)), Err((*expected).to_owned()), "{text}");
    }
}

#[test]
fn words_are_asked_of_the_index_together() {
    means(
        SaleLead::SPEC,
        &[
            ("", "{}"),
            ("  ", "{}"),
            ("García", "text(garcia*)"),
            ("jose GARCÍA", "text(jose* garcia*)"),
            ("jose and garcia", "text(jose* garcia*)"),
            ("gar*", "text(gar*)"),
            ("F-150", "text(f 150*)"),
            ("Smith & Sons", "text(smith* sons*)"),
            ("\"García\"", "text(garcia)"),
            ("\"jose garcia\"", "phrase(jose garcia)"),
            ("“jose garcia” ford", "text(ford*) & phrase(jose garcia)"),
            ("\"say \\\"hi\\\" now\"", "phrase(say hi now)"),
            ("ford -seat", "text(ford*) & !(text(seat*))"),
            ("ford OR \"or\"", "(text(ford*) | text(or))"),
            ("not (ford or seat)", "!((text(ford*) | text(seat*)))"),
            ("a b OR c d", "(text(a* b*) | text(c* d*))"),
            ("713 555 0100", "text(17135550100*)"),
            ("(713) 555-0100 ford", "text(17135550100* ford*)"),
            ("+1 713 555", "text(1713555*)"),
            ("\"713-555-0100\"", "text(17135550100)"),
            ("1999 150000", "text(1999* 150000*)"),
            ("10:30", "text(10 30*)"),
            ("jane@example.com", "text(jane example com*)"),
        ],
    );
}

#[test]
fn clauses_ask_fields_by_their_types() {
    means(
        SaleLead::SPEC,
        &[
            ("status:new", "{'status.status':{'$eq':'new'}}"),
            ("STATUS:new,contacted", "{'status.status':{'$in':['new','contacted']}}"),
            ("status: new, contacted", "{'status.status':{'$in':['new','contacted']}}"),
            ("status!=lost", "{'$nor':[{'status.status':{'$eq':'lost'}}]}"),
            ("score>=70", "{'score':{'$gte':70}}"),
            ("score >= 70.5", "{'score':{'$gte':70.5}}"),
            ("score:40..70", "{'score':{'$gte':40,'$lte':70}}"),
            ("filter:A", "{'filter':{'$eq':'A'}}"),
            ("-owner:*", "{'$nor':[{'current_assigned.to':{'$gt':''}}]}"),
            ("owner:empty", "{'$nor':[{'current_assigned.to':{'$gt':''}}]}"),
            ("owner:ME", "{'current_assigned.to':{'$eq':'5f0000000000000000000001'}}"),
            ("owner:\"me\"", "{'current_assigned.to':{'$eq':'me'}}"),
            ("location:hous*", "{'location':{'$regex':'^hous'}}"),
            ("inquiry:Ford", "{'inquiry':{'$regex':'^Ford$','$options':'i'}}"),
            ("inquiry:\"Ford\"", "{'inquiry':{'$eq':'Ford'}}"),
            ("inquiry:a.b*", "{'inquiry':{'$regex':'^a\\\\.b','$options':'i'}}"),
            ("name:García", "{'sort_name':{'$regex':'(?:^| )garcia(?: |$)'}}"),
            ("name:gar*", "{'sort_name':{'$regex':'(?:^| )gar'}}"),
            ("created>2026-11", "{'created_at':{'$gte':'2026-12-01T06:00:00.000Z'}}"),
            ("created<=today", "{'created_at':{'$lt':'2026-11-22T06:00:00.000Z'}}"),
            ("created<2026-11-21", "{'created_at':{'$lt':'2026-11-21T06:00:00.000Z'}}"),
            ("created>=-2h", "{'created_at':{'$gte':'2026-11-21T14:30:00.000Z'}}"),
            (
                "created:2026-11-20",
                "{'created_at':{'$gte':'2026-11-20T06:00:00.000Z','$lt':'2026-11-21T06:00:00.000Z'}}",
            ),
            (
                "created:-7d..today",
                "{'created_at':{'$gte':'2026-11-14T16:30:00.000Z','$lt':'2026-11-22T06:00:00.000Z'}}",
            ),
            ("created:-2h", "{'created_at':{'$gte':'2026-11-21T14:30:00.000Z','$lte':'2026-11-21T16:30:00.000Z'}}"),
            ("created:2026-11-21T08:30:00+01:00", "{'created_at':{'$eq':'2026-11-21T07:30:00.000Z'}}"),
            ("notification.done:true", "{'notification.done':{'$eq':true}}"),
            ("custom.tier:3", "{'custom.tier':{'$in':['3',3]}}"),
            ("custom.tier>3", "{'custom.tier':{'$gt':3}}"),
            ("custom.vip:true", "{'custom.vip':{'$in':['true',true]}}"),
            ("status_history:*", "{'status_history':{'$exists':true}}"),
            (
                "status_history.assigned_at:2026-11-20",
                "{'status_history':{'$elemMatch':{'assigned_at':{'$gte':'2026-11-20T06:00:00.000Z','$lt':'2026-11-21T06:00:00.000Z'}}}}",
            ),
            ("car_list.0.car.year:2020", "{'car_list.0.car.year':{'$eq':2020}}"),
        ],
    );
    means(
        Client::SPEC,
        &[
            (
                "phone:713-555-0100",
                "{'$or':[{'contacts_phones':{'$in':['+17135550100','17135550100','713-555-0100']}},\
                 {'business_details.phones':{'$in':['+17135550100','17135550100','713-555-0100']}}]}",
            ),
            ("contacts_phones:+1713*", "{'contacts_phones':{'$regex':'^\\\\+1713'}}"),
            ("contacts_emails:Jane@Example.com", "{'contacts_emails':{'$in':['jane@example.com','Jane@Example.com']}}"),
        ],
    );
    means(
        Car::SPEC,
        &[
            ("vin:1hgcm82633a004352", "{'vin':{'$in':['1HGCM82633A004352','1hgcm82633a004352']}}"),
            (
                "make:ford,seat",
                "{'$or':[{'make':{'$regex':'^ford$','$options':'i'}},{'make':{'$regex':'^seat$','$options':'i'}}]}",
            ),
        ],
    );
}

#[test]
fn errors_say_the_column_and_what_was_expected_there() {
    refuses(
        SaleLead::SPEC,
        &[
            ("ford (seat", "Column 11: Expected \")\" or another word."),
            ("ford)", "Column 5: Expected no \")\", since no \"(\" is open."),
            ("()", "Column 2: Expected a word, a quoted text, a field or \"(\"."),
            ("é \"jose", "Column 3: Expected a second quotation mark; this one is never closed."),
            ("ford OR", "Column 8: Expected a word, a quoted text, a field or \"(\"."),
            ("status:", "Column 8: Expected a value; one with spaces, commas or parentheses goes in quotes."),
            ("status:new,", "Column 12: Expected a value; one with spaces, commas or parentheses goes in quotes."),
            (
                "status:a*b",
                "Column 9: Expected \"*\" at the end of the word only; a text with a \"*\" in it goes in quotes.",
            ),
            ("status:new,*", "Column 12: Expected a value; \"*\" stands alone, or at the end of a word."),
            ("status:new,empty", "Column 12: Expected a value; \"empty\" stands alone, and in quotes it is a word."),
            ("score>7*", "Column 7: Expected a whole value; \"*\" goes with \":\" only."),
            ("- ford", "Column 2: Expected what to exclude, directly behind the \"-\"."),
            ("onwer:me", "Column 1: Unknown field \"onwer\". Did you mean \"owner\"?"),
            (
                "statu:new zzz:1",
                "Column 1: Unknown field \"statu\". Did you mean \"status\"? Column 11: Unknown field \"zzz\". A word with a \":\" in it goes in quotes.",
            ),
            ("status.statsu:new", "Column 1: Unknown field \"status.statsu\". Did you mean \"status.status\"?"),
            ("score:high", "Column 7: Expected a number."),
            ("notification.done:maybe", "Column 19: Expected true or false."),
            ("notification.done>true", "Column 19: Expected \":true\" or \":false\"; there is no order among them."),
            ("score:70..40", "Column 11: Expected a range that ends where it begins, or behind it."),
            ("&", "Column 1: Expected a word with a letter or a digit."),
            (
                "origin:web",
                "Column 1: \"origin\" has members; ask for one of them, such as origin.campaign, or for origin:*.",
            ),
        ],
    );
    let date = read(SaleLead::SPEC, "ford created:lately").unwrap_err();
    assert!(date.starts_with("Column 14: Expected a date (2026-11-21, "), "{date}");
    refuses(Dealer::SPEC, &[("ford", "Column 1: dealers have no full text; ask for a field, as in created:today.")]);
}

#[test]
fn size_and_depth_are_bounded() {
    let deep = |depth: usize| format!("{}ford{}", "(".repeat(depth), ")".repeat(depth));
    assert!(read(SaleLead::SPEC, &deep(20)).is_ok());
    assert_eq!(
        read(SaleLead::SPEC, &deep(21)).unwrap_err(),
        "Column 21: Parentheses and negations may be nested 20 deep."
    );
    for text in ["(".repeat(16_000), "-".repeat(16_000), "NOT ".repeat(4_000), "a:".repeat(8_000), "\"".repeat(16_000)]
    {
        assert!(read(SaleLead::SPEC, &text).is_err());
    }
    assert!(read(SaleLead::SPEC, &"ford ".repeat(3_276)).is_ok());
    assert_eq!(read(SaleLead::SPEC, &"é".repeat(8_193)).unwrap_err(), "Column 8193: A search may be 16 KiB long.");
}

#[test]
fn a_search_is_written_as_it_reads() {
    for text in [
        "",
        "ford*",
        "jose \"garcia\"",
        "\"jose garcia\" OR seat",
        "status.status:new,contacted",
        "-status.status:lost score>=70",
        "(inquiry:ford OR inquiry:seat) created_at>=2026-11-14T16:30:00.000Z",
        "name:\"jose garcia\"",
        "name:gar*",
        "inquiry:\"50% off, (today)\"",
        "custom.tier:\"gold\"",
        "owner:*",
        "status_history:empty",
    ] {
        let node = read(SaleLead::SPEC, text).unwrap();
        let written = with_context(|context| print(SaleLead::SPEC, &node, context));
        let again = written.as_deref().map(|written| read(SaleLead::SPEC, written).unwrap());
        assert_eq!(again, Some(node), "{text} {written:?}");
    }
}

/// Pieces that searches are made of, put together anyhow.
fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "status", "score", "created", "owner", "phone", "name", "custom.a.b", "inquiry", ":", ">=", "<", "=", "!=", "..",
            ",", "*", "(", ")", "\"", "\\", "-", " ", "OR ", "AND ", "NOT ", "me", "empty", "today", "-7d", "2026-11", "70",
            "new", "García", "+1 713 555 0100", "(713)", "\u{0}", "“", "”",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_is_typed_is_read_or_refused_in_place(text in typed()) {
        match read(SaleLead::SPEC, &text) {
            Err(says) => prop_assert!(says.starts_with("Column "), "{says}"),
            Ok(node) => {
                if let Some(question) = printed::q(&node) {
                    let again = q::parse(SaleLead::SPEC, &question.to_string());
                    prop_assert_eq!(again.ok().as_ref().and_then(printed::q), Some(question));
                }
                if let Some(written) = with_context(|context| print(SaleLead::SPEC, &node, context)) {
                    prop_assert_eq!(read(SaleLead::SPEC, &written), Ok(node));
                }
            }
        }
    }
}

const GUIDE: &str = include_str!("../../../../docs/wql.md");

/// The rows of a table of the guide: the texts in code, two to a row.
fn table(heading: &str) -> Vec<(&'static str, &'static str)> {
    let section = GUIDE.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix("` |")?.split_once("` | `"));
    rows.collect()
}

#[test]
fn every_line_of_the_guide_is_read() {
    let mut lines = 0;
    for block in GUIDE.split("```wql ").skip(1) {
        let (kind, rest) = block.split_once('\n').unwrap();
        assert_eq!(kind, SaleLead::SPEC.name);
        for line in rest.split("```").next().unwrap().lines() {
            let (search, _) = line.split_once(" # ").unwrap();
            read(SaleLead::SPEC, search.trim()).unwrap();
            lines += 1;
        }
    }
    assert!(lines > 20, "{lines}");
}

#[test]
fn the_tables_of_the_guide_are_true() {
    let questions = table("The same in `q`");
    assert_eq!(questions.len(), 4);
    for (search, question) in questions {
        let node = read(SaleLead::SPEC, search).unwrap();
        assert_eq!(printed::q(&node).unwrap().to_string(), question, "{search}");
    }
    let errors = table("Errors");
    assert_eq!(errors.len(), 4);
    refuses(SaleLead::SPEC, &errors);
}
