//! The stock as files: brought up to date, gone and back, and written out the same.

use serde_json::{Value, json};

use crate::support::{Site, get};

/// Writes a file beside the store, and says where.
fn file(site: &Site, name: &str, text: &str) -> String {
    let path = site.folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// How many rows were added, changed, the same, failed; and which vehicles were taken to be sold.
fn counts(report: &Value) -> (Value, Value) {
    let counts = ["created", "changed", "same", "failed"].map(|name| report[name].clone());
    (json!(counts), sold(report))
}

/// The stock numbers of the vehicles that were taken to be sold.
fn sold(report: &Value) -> Value {
    report["sold"].as_array().unwrap().iter().map(|car| car["stock_number"].clone()).collect()
}

/// The stock as it is listed, by its stock numbers.
async fn listed(site: &Site) -> Vec<Value> {
    let mut stock = site.json(&["stock", "list"]).await.as_array().unwrap().clone();
    stock.sort_by_key(|car| car["stock_number"].to_string());
    stock
}

const FIRST: &str = "\
Stock No;VIN;Marke;Modell;EZ;Kilometer;Preis;Kraftstoff;Ausstattung;driveType;Standort;Shoe size
A1;WAUZZZF45HA000001;Audi;A4;05.2019;48.000;24.990,50;Diesel;Navi|AHK;all;berlin;43
A2;;Ford;Focus;2021;25000;15.000;Benzin;;;houston;
A3;;Ford;Ka;03/2020;9.000;8.490;Benzin;;;houston;
A4;;Ford;Ka;soon;many;cheap;Benzin;;both;paris;
;;Ford;Ka;;;;;;;;
";

both! {
    async fn a_file_brings_the_stock_up_to_date(site) {
        let greeting = site.dealership().await;
        let path = file(site, "stock.csv", FIRST);
        let report = site.json(&["stock", "import", &path, "--dry-run"]).await;
        assert_eq!(counts(&report), (json!([3, 0, 0, 2]), json!([])), "{report}");
        assert_eq!(site.json(&["stock", "list"]).await, json!([]), "nothing is kept of a rehearsal");

        let report = site.json(&["stock", "import", &path]).await;
        assert_eq!(counts(&report), (json!([3, 0, 0, 2]), json!([])), "{report}");
        let said = std::fs::read_to_string(format!("{path}.errors.csv")).unwrap();
        let wrong: Vec<&str> = said.lines().skip(1).collect();
        for part in ["5,", "first_registration:", "mileage:", "price:", "driveType:"] {
            assert!(wrong[0].contains(part), "{part}: {said}");
        }
        assert!(wrong[1].starts_with("6,stock_number: A vehicle is known by"), "{said}");
        let stock = listed(site).await;
        let numbers: Vec<&Value> = stock.iter().map(|car| &car["stock_number"]).collect();
        assert_eq!(numbers, ["A1", "A2", "A3"]);
        assert_eq!((&stock[0]["price"], &stock[0]["days_in_stock"]), (&json!(24990.5), &json!(0)));

        let server = site.serve(&[]).await;
        let key = greeting["keys"]["autengo"].as_str().unwrap();
        let ask = get("/v3/vehicle?and[makeName]=Audi").header("x-api-key", key);
        let listing = server.send(&ask).await.expect(200)["list"][0].clone();
        for (member, expected) in [
            ("internalId", json!("A1")),
            ("firstRegistration", json!("2019-05-01")),
            ("kilometers", json!(48000)),
            ("priceYard", json!(24990.5)),
            ("equipment", json!(["Navi", "AHK"])),
            ("driveType", json!({"key": "all", "text": "Allradantrieb"})),
        ] {
            assert_eq!(listing[member], expected, "{member}");
        }
        server.stop().await;

        // What no index holds is the row's fault.
        let long = file(site, "long.csv", &format!("stock_number,make\n{},Ford\n", "x".repeat(9000)));
        let report = site.json(&["stock", "import", &long]).await;
        assert_eq!(report["report"][0]["details"], json!(["stock_number: A number has at most 100 characters."]));

        // The same again changes nothing; another price is another one, and the one before is kept.
        let report = site.json(&["stock", "import", &path]).await;
        assert_eq!(counts(&report), (json!([0, 0, 3, 2]), json!([])), "{report}");
        let path = file(site, "next.csv", "number,vin,price\nA1,,23990\n,wauzzzf45ha000001,\nA9,,100\n");
        let report = site.json(&["stock", "import", &path, "--map", "number=stock_number"]).await;
        assert_eq!(counts(&report), (json!([1, 1, 1, 0]), json!([])), "{report}");
        let stock = listed(site).await;
        assert_eq!((&stock[0]["price"], &stock[0]["earlier_prices"]), (&json!(23990), &json!(1)));
        assert!(site.json(&["verify"]).await["consistent"].as_bool().unwrap());
        site.finish(&[]);
    }

    async fn what_a_feed_has_no_more_is_sold_and_back_when_it_is_back(site) {
        site.dealership().await;
        let whole = "stock_number,make,model\nA1,Audi,A4\nA2,Ford,Ka\nA3,Ford,Focus\n";
        let path = file(site, "stock.csv", whole);
        let import = async |options: &[&str]| {
            site.json(&[&["stock", "import", &path, "--feed", "dms"], options].concat()).await
        };
        import(&[]).await;
        site.json(&["stock", "import", &file(site, "hand.csv", "stock_number,make\nB1,Opel\n"), "--feed", "hand"]).await;

        file(site, "stock.csv", "stock_number,make,model\nA1,Audi,A4\nA3,Ford,Focus\n");
        assert_eq!(sold(&import(&[]).await), json!([]));
        let report = import(&["--sold-when-gone", "--dry-run"]).await;
        assert_eq!(sold(&report), json!(["A2"]));
        let there = async || {
            let stock = listed(site).await;
            stock.iter().map(|car| car["stock_number"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(there().await, "A1 A2 A3 B1");
        assert_eq!(sold(&import(&["--sold-when-gone"]).await), json!(["A2"]));
        assert_eq!(there().await, "A1 A3 B1");
        file(site, "stock.csv", whole);
        assert_eq!(counts(&import(&["--sold-when-gone"]).await), (json!([0, 1, 2, 0]), json!([])));
        assert_eq!(there().await, "A1 A2 A3 B1");

        // A file that is cut short sells nothing, and neither does one with rows that failed.
        file(site, "stock.csv", "stock_number,make\nA1,Audi\n");
        let refused = site.run(&["stock", "import", &path, "--feed", "dms", "--sold-when-gone"]).await.failure(1);
        assert!(refused.contains("2 of 3 vehicles"), "{refused}");
        file(site, "stock.csv", "stock_number,make,seats\nA1,Audi,x\nA2,Ford,4\n");
        let refused = site.run(&["stock", "import", &path, "--feed", "dms", "--sold-when-gone"]).await.failure(1);
        assert!(refused.contains("1 rows failed"), "{refused}");
        let said = std::fs::read_to_string(format!("{path}.errors.csv")).unwrap();
        assert!(said.contains("2,seats: "), "{said}");
        assert_eq!(there().await, "A1 A2 A3 B1");
        file(site, "stock.csv", "stock_number,make\nA1,Audi\n");
        let report = import(&["--sold-when-gone", "--force"]).await;
        assert_eq!(report["sold"].as_array().unwrap().len(), 2);
        site.finish(&[]);
    }

    async fn what_is_written_out_is_read_again_without_a_change(site) {
        site.dealership().await;
        let path = file(site, "stock.csv", FIRST);
        site.json(&["stock", "import", &path]).await;
        for (name, format) in [("out.csv", "csv"), ("out.ndjson", "ndjson")] {
            let out = site.folder.path().join(name);
            let out = out.to_str().unwrap();
            let written = site.json(&["stock", "export", "--format", format, "--out", out]).await;
            assert_eq!(written["vehicles"], 3);
            let report = site.json(&["stock", "import", out]).await;
            assert_eq!(counts(&report), (json!([0, 0, 3, 0]), json!([])), "{report}");
        }
        let out = site.folder.path().join("mobile.csv");
        let out = out.to_str().unwrap();
        site.json(&["stock", "export", "--format", "mobile-de", "--out", out]).await;
        let written = std::fs::read_to_string(out).unwrap();
        let line = written.lines().find(|line| line.contains(";A1;")).unwrap();
        let cells: Vec<&str> = line.split(';').collect();
        assert_eq!(cells.len(), 198);
        assert_eq!([cells[1], cells[3], cells[8], cells[9], cells[109]], ["A1", "Audi", "05.2019", "48000", "2"]);
        let report = site.json(&["stock", "import", out, "--format", "mobile-de"]).await;
        assert_eq!((&report["rows"], &report["failed"], &report["created"]), (&json!(3), &json!(0), &json!(0)), "{report}");
        site.finish(&[]);
    }
}
