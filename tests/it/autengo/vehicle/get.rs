//! `GET /v3/vehicle`.

use forecourt_testkit::both;
use serde_json::json;

use crate::autengo::{add, four, list, shown};

both! {
    async fn filters_narrow(app) {
        four(app).await;
        for (query, expected) in [
            ("", "V C F A"),
            ("and[vehicleState]=inventory", "V F A"),
            ("and[vehicleState]=sold", "C"),
            ("and[makeName]=audi", "A"),
            ("and[makeName]=Citroen", "C"),
            ("and[makeName][]=Audi&and[makeName][]=FORD", "F A"),
            ("and[makeName]=<>|Audi", "V C F"),
            ("and[makeName][]=<>|Audi&and[makeName][]=<>|Ford", "V C"),
            ("and[makeId]=190", "A"),
            ("and[modelId]=3813&and[makeId]=190", "A"),
            ("and[modelVersion]=2.0 tdi quattro", "A"),
            ("and[trimLine]=s-line", "A"),
            ("and[kilometers][]=>=|25000&and[kilometers][]=<=|250000", "F A"),
            ("and[kilometers]=>|25000", "A"),
            ("and[kilometers]=25000", "F"),
            ("and[price]=<|15000.01", "C F"),
            ("and[firstRegistration][0]=>=|2017-01-01&and[firstRegistration][1]=<|2018-01-01", "A"),
            ("and[constructionDate]=2017-03", "A"),
            ("and[colorId][]=7&and[colorId][]=5", "F A"),
            ("or[colorId][]=7&or[colorId][]=5", "F A"),
            ("or[colorId]=7&or[makeName]=Citroen", "C A"),
            ("and[vehicleState]=inventory&or[colorId][]=9&or[driveType]=front", "F"),
            ("and[driveType]=all&and[climatisationType]=automaticClimateControl2&and[interiorType]=fullLeather", "A"),
            ("and[interiorColorId]=3&and[pollutionBadge]=4&and[cylinders]=4&and[previousOwnerCount]=<=|1", "A"),
            ("and[conditionType]=demonstration", "F"),
            ("and[vehicleTypeId]=6", "F"),
            ("and[fuelType]=electric&and[isPluginHybrid]=false", "C"),
            ("and[transmissionType]=automatic&and[powerKw]=140&and[cubicCapacity]=1968", "A"),
            ("and[doorCount]=5&and[seatCount]=5", "A"),
            ("and[isDamaged]=true", "F"),
            ("and[isDamaged]=0", "A"),
            ("and[created]=2026-11-21 18:01:00", "F"),
            ("and[created]=>=|2026-11-21 18:02:00", "V C"),
            ("and[updated]=<|2026-11-21T18:01:00Z", "A"),
            ("search=titanium", "F"),
            ("search=panoramadach gepfl", "A"),
            ("search=s line", "A"),
            ("search=nothing", ""),
            ("search=audi&and[vehicleState]=sold", ""),
        ] {
            let page = list(app, query).await.expect(200);
            assert_eq!(shown(&page), expected, "{query}");
            assert_eq!(page["total"], expected.split_whitespace().count(), "{query}");
        }
    }

    async fn any_column_orders(app) {
        four(app).await;
        for (query, expected) in [
            ("order[field]=created&order[dir]=asc", "A F C V"),
            ("order[field]=created&order[dir]=desc", "V C F A"),
            // What has no value comes before what has one.
            ("order[field]=price&order[dir]=asc", "V C F A"),
            ("order[field]=kilometers&order[dir]=desc", "A F C V"),
            ("order[field]=makeName&order[dir]=asc", "A C F V"),
            ("order[field]=firstRegistration&order[dir]=desc", "C F A V"),
            ("order[field]=isDamaged&order[dir]=desc", "F A V C"),
        ] {
            assert_eq!(shown(&list(app, query).await.expect(200)), expected, "{query}");
        }
        for column in forecourt_record::listing::FILTERED {
            let page = list(app, &format!("order[field]={}&order[dir]=asc", column.name)).await.expect(200);
            assert_eq!(page["total"], 4, "{}", column.name);
        }
    }

    async fn pages_follow_one_another(app) {
        for at in 0..30 {
            add(app, &format!("S{at:02}"), json!({"make": "Ford", "model": "Ka", "mileage": at % 3})).await;
        }
        let first = list(app, "").await.expect(200);
        assert_eq!((&first["total"], &first["limit"], &first["offset"]), (&json!(30), &json!(25), &json!(0)));
        assert_eq!(first["list"].as_array().unwrap().len(), 25);
        let mut seen = Vec::new();
        for offset in (0..40).step_by(10) {
            let page = list(app, &format!("order[field]=kilometers&order[dir]=asc&offset={offset}&limit=10")).await.expect(200);
            assert_eq!((&page["total"], &page["limit"], &page["offset"]), (&json!(30), &json!(10), &json!(offset)));
            seen.extend(page["list"].as_array().unwrap().iter().map(|one| one["internalId"].as_str().unwrap().to_owned()));
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 30);
        assert_eq!(list(app, "limit=250").await.expect(200)["list"].as_array().unwrap().len(), 30);
    }

    async fn mistakes_are_named(app) {
        for (query, expected) in [
            ("and[colour]=3", "query:and[colour]"),
            ("and[colorId]=blue", "query:and[colorId]"),
            ("and[kilometers]=!=|3", "query:and[kilometers]"),
            ("and[kilometers]=many&or[driveType]=both", "query:and[kilometers] query:or[driveType]"),
            ("and=1", "query:and"),
            ("order[field]=created", "query:order[dir]"),
            ("order[dir]=asc", "query:order[field]"),
            ("order[field]=colour&order[dir]=asc", "query:order[field]"),
            ("order[field]=created&order[dir]=down", "query:order[dir]"),
            ("limit=0", "query:limit"),
            ("limit=251", "query:limit"),
            ("limit=ten", "query:limit"),
            ("limit[]=1", "query:limit"),
            ("offset=-1", "query:offset"),
            ("search[a]=b", "query:search"),
            ("filter=x", "query:filter"),
            ("__proto__[a]=b&sort=x", "query:sort"),
        ] {
            let answer = list(app, query).await;
            assert_eq!(answer.problem(400), "malformed_query", "{query}");
            assert_eq!(answer.pointers().join(" "), expected, "{query}");
        }
    }

    async fn a_car_of_altum_is_offered_too(app) {
        let car = json!({"make": "Ford", "model": "F-150", "year": 2022, "price": 38500, "location": "houston", "miles": 1000,
            "stockNumber": "H-1", "fuel": "gasoline"});
        app.post("/v1/vehicles").json(&car).send().await.expect(201);
        let page = list(app, "and[makeName]=Ford&and[price]=38500&and[fuelType]=gasoline").await.expect(200);
        let one = &page["list"][0];
        assert_eq!((&one["internalId"], &one["dealerPrice"], &one["kilometers"]), (&json!("H-1"), &json!(38500), &json!(1609)));
        assert_eq!(one["vehicleState"], json!({"key": "inventory", "text": "Im Bestand"}));
        app.patch("/v1/vehicles/V-1").json(&json!({"status": "sold", "price": 37000})).send().await.expect(200);
        assert_eq!(shown(&list(app, "and[vehicleState]=sold&and[price]=37000").await.expect(200)), "H-1");
    }

    async fn a_listing_that_makes_no_sense_is_refused(app) {
        let car = json!({"make": "Ford", "model": "Ka", "custom": {"listing": {"driveType": "both", "colour": 3}}});
        let answer = app.post(&format!("/dealers/{}/cars", app.dealer)).json(&car).send().await;
        assert_eq!(answer.problem(422), "invalid");
        assert_eq!(answer.pointers(), ["/custom/listing/driveType", "/custom/listing/colour"]);
    }
}
