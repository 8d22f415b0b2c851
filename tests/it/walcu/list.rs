//! `GET /{resource}`: pages, totals, cursors, questions, groups.

use forecourt_record::Role;
use forecourt_testkit::{As, TestApp, both};
use http::Method;
use serde_json::{Value, json};

use super::{at, created, each, encoded, list};

/// Cars that differ in what is asked for: `(make, year, price)`.
const CARS: [(&str, i64, i64); 6] = [
    ("Ford", 2020, 20_000),
    ("Ford", 2022, 31_000),
    ("Seat", 2019, 9_500),
    ("Audi", 2024, 52_000),
    ("Seat", 2024, 21_000),
    ("Ford", 2018, 7_000),
];

async fn cars(app: &TestApp) {
    for (make, year, price) in CARS {
        let car = json!({
            "make": make, "model": "X", "year": year, "extras": ["abs", make.to_lowercase()],
            "prices": {"retail": {"current_price": {"price": price, "currency": "EUR"}}},
        });
        created(app, "cars", car).await;
        app.clock.advance(std::time::Duration::from_mins(1));
    }
}

/// The years found, in order.
async fn years(app: &TestApp, query: &str) -> String {
    each(&list(app, "cars", query).await, "/year").join(" ")
}

both! {
    async fn pages_say_whether_there_is_more(app) {
        cars(app).await;
        for (query, expected, more) in [
            ("", "2020 2022 2019 2024 2024 2018", false),
            ("limit=2", "2020 2022", true),
            ("limit=2&skip=2", "2019 2024", true),
            ("limit=2&skip=4", "2024 2018", false),
            ("limit=2&skip=5", "2018", false),
            ("skip=6", "", false),
            ("limit=6", "2020 2022 2019 2024 2024 2018", false),
            ("limit=5", "2020 2022 2019 2024 2024", true),
            ("sort=-year&limit=3", "2024 2024 2022", true),
            ("sort=make,-year", "2024 2022 2020 2018 2024 2019", false),
            (&format!("sort={}", encoded(r#"{"year":1}"#)), "2018 2019 2020 2022 2024 2024", false),
        ] {
            let answer = app.get(&at(app, &format!("cars?{query}"))).send().await;
            let found = each(answer.expect(200).as_array().unwrap(), "/year").join(" ");
            assert_eq!(found, expected, "{query}");
            assert_eq!(answer.header("mapp-has-more").unwrap(), more.to_string(), "{query}");
            assert_eq!(answer.header("mapp-next").is_some(), more, "{query}");
            assert_eq!(answer.header("mapp-total"), None, "{query}");
        }
    }

    async fn the_total_is_exact_when_it_is_asked_for(app) {
        cars(app).await;
        for (query, total) in [("", "6"), ("limit=1", "6"), ("skip=5", "6"), ("q[make]=Ford", "3"), ("q[make]=None", "0")] {
            let answer = app.get(&at(app, &format!("cars?count=true&{query}"))).send().await;
            answer.expect(200);
            assert_eq!(answer.header("mapp-total"), Some(total), "{query}");
        }
    }

    async fn a_cursor_walks_the_whole_list_once(app) {
        cars(app).await;
        for sort in ["", "sort=-created_at", "sort=make", "sort=-make,year", "sort=-year"] {
            let whole = each(&list(app, "cars", sort).await, "/_id");
            let (mut walked, mut next) = (Vec::new(), None::<String>);
            loop {
                let after = next.map(|next| format!("&after={next}")).unwrap_or_default();
                let answer = app.get(&at(app, &format!("cars?limit=2&{sort}{after}"))).send().await;
                walked.extend(each(answer.expect(200).as_array().unwrap(), "/_id"));
                next = answer.header("mapp-next").map(str::to_owned);
                if next.is_none() {
                    break;
                }
                // What comes after has its place all the same.
                if walked.len() == 2 && sort.is_empty() {
                    created(app, "notes", json!({})).await;
                }
            }
            assert_eq!(walked, whole, "{sort}");
        }
        let first = app.get(&at(app, "cars?limit=2&sort=make")).send().await;
        let next = first.header("mapp-next").unwrap().to_owned();
        for query in [format!("after={next}"), format!("sort=year&after={next}"), "after=nonsense".to_owned(), "after=e30".to_owned()] {
            let answer = app.get(&at(app, &format!("cars?{query}"))).send().await;
            assert_eq!(answer.problem(422), "invalid", "{query}");
            assert_eq!(answer.pointers(), ["query:after"], "{query}");
        }
    }

    async fn questions_are_asked_in_either_language(app) {
        cars(app).await;
        for (question, expected) in [
            (r#"q={"make":"Seat"}"#, "2019 2024"),
            (r#"q={"year":{"$gte":2022}}"#, "2022 2024 2024"),
            (r#"q={"$or":[{"make":"Audi"},{"year":2018}]}"#, "2024 2018"),
            (r#"q={"extras":"audi"}"#, "2024"),
            (r#"q={"prices.retail.current_price.price":{"$lt":10000}}"#, "2019 2018"),
            (r#"q={"created_at":{"$gte":"2026-11-21T18:04:00Z"}}"#, "2024 2018"),
            (r#"q={"make":{"$in":["Audi","Seat"]},"year":{"$ne":2019}}"#, "2024 2024"),
            ("q[make]=Seat", "2019 2024"),
            ("q[year][$gte]=2022&q[make]=Ford", "2022"),
            ("q[make][$in][]=Audi&q[make][$in][]=Seat", "2019 2024 2024"),
            ("search=make:seat", "2019 2024"),
            ("search=make:ford year>=2020", "2020 2022"),
            (r#"q={"year":2024}&search=make:seat"#, "2024"),
        ] {
            let query = question
                .split('&')
                .map(|pair| pair.split_once('=').map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).unwrap())
                .collect::<Vec<_>>()
                .join("&");
            assert_eq!(years(app, &query).await, expected, "{question}");
        }
    }

    async fn what_is_wrong_with_a_question_is_said_all_at_once(app) {
        let before = app.snapshot().await;
        for (query, status, pointers) in [
            (format!("q={}", encoded(r#"{"mak":"Seat"}"#)), 422, vec!["query:q"]),
            (format!("q={}", encoded(r#"{"make":{"$where":"1"}}"#)), 422, vec!["query:q"]),
            (format!("q={}&sort=mak&project=yer", encoded(r#"{"mak":"Seat"}"#)), 422, vec!["query:q", "query:sort", "query:project"]),
            ("search=mak:ford".to_owned(), 422, vec!["query:search"]),
            ("limit=0&skip=x".to_owned(), 400, vec!["query:skip", "query:limit"]),
            ("lmit=1".to_owned(), 400, vec!["query:lmit"]),
            ("p[make]=1".to_owned(), 400, vec!["query:p[make]"]),
            ("q[make]=%zz".to_owned(), 400, vec!["query:q"]),
        ] {
            let answer = app.get(&at(app, &format!("cars?{query}"))).send().await;
            answer.expect(status);
            let found: Vec<String> = answer.pointers();
            let begins = |pointer: &str| found.iter().any(|one| one.starts_with(pointer));
            assert!(pointers.iter().all(|pointer| begins(pointer)), "{query}: {found:?}");
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn members_can_be_chosen(app) {
        cars(app).await;
        let found = list(app, "cars", "project=make,prices.retail.current_price.price&limit=1").await;
        let expected = json!({"_id": found[0]["_id"], "make": "Ford", "prices": {"retail": {"current_price": {"price": 20_000}}}});
        assert_eq!(found[0], expected);
    }

    async fn how_it_is_found_is_explained_to_administrators(app) {
        cars(app).await;
        let query = at(app, "cars?q[make]=Ford&explain=true");
        let explained = app.get(&query).send().await.expect(200);
        assert_eq!(explained[0]["explain"]["rows"], 3, "{explained}");
        assert!(explained[0]["explain"]["plan"].is_array(), "{explained}");
        for role in [Role::Manager, Role::Readonly] {
            let answer = app.ask(As::Role(role), Method::GET, &query).await.send().await;
            assert_eq!(answer.problem(403), "forbidden", "{role:?}");
        }
    }

    async fn documents_are_grouped(app) {
        cars(app).await;
        let groups = async |group: Value, rest: &str| -> Vec<Value> {
            list(app, "cars", &format!("group_by={}{rest}", encoded(&group.to_string()))).await
        };
        let by_make = groups(json!({"make": "make"}), "").await;
        assert_eq!(each(&by_make, "/_id/make"), ["Ford", "Seat", "Audi"]);
        assert_eq!(each(&by_make, "/count"), ["3", "2", "1"]);
        assert_eq!(each(by_make[0]["elements"].as_array().unwrap(), "/year"), ["2018", "2022", "2020"]);

        let priced = groups(
            json!({"make": "make", "_aggregate": {"dearest": {"max": "prices.retail.current_price.price"}, "years": {"count_distinct": "year"}}}),
            "&q[make][$ne]=Audi",
        ).await;
        assert_eq!(each(&priced, "/dearest"), ["31000", "21000"]);
        assert_eq!(each(&priced, "/years"), ["3", "2"]);

        let by_extra = groups(json!({"extra": "extras"}), "&limit=2").await;
        assert_eq!(each(&by_extra, "/_id/extra"), ["abs", "ford"]);
        assert_eq!(each(&by_extra, "/count"), ["6", "3"]);

        let by_day = groups(json!({"day": {"$date": "created_at", "unit": "day", "timezone": "Europe/Madrid"}}), "").await;
        assert_eq!((by_day.len(), &by_day[0]["_id"]["day"]), (1, &json!("2026-11-21")));
        let wrong = app.get(&at(app, &format!("cars?group_by={}", encoded(r#"{"x":"mak"}"#)))).send().await;
        assert_eq!(wrong.problem(422), "invalid");
        assert_eq!(wrong.pointers(), ["query:group_by"]);
    }
}
