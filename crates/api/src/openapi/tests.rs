//! The document of a small dialect that holds every difficulty.

#![allow(clippy::unwrap_used)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{definitions::walk_refs, *};
use crate::{
    operation::{Declared, Operation, Operations, Right},
    page::Page,
};

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Blue,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct List {
    #[serde(flatten)]
    page: Page,
    /// Only this colour.
    colour: Option<Colour>,
    location: String,
}

/// Read and written alike.
#[derive(Deserialize, Serialize, JsonSchema)]
struct Same {
    colour: Colour,
}

/// The default makes the two differ.
#[derive(Deserialize, Serialize, JsonSchema)]
struct Part {
    #[serde(default)]
    doors: u8,
}

/// Differs only by what it holds, which may be itself.
#[derive(Deserialize, Serialize, JsonSchema)]
struct Car {
    part: Part,
    same: Same,
    #[serde(skip_serializing_if = "Option::is_none")]
    towed: Option<Box<Car>>,
}

mod another {
    /// The same name as [`super::Same`], from elsewhere.
    #[derive(schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    pub struct Same {
        size: u32,
    }
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Problem {
    trouble: String,
}

fn operations() -> Operations<()> {
    Operations::new("cars", "Cars", "1.0")
        .base("/dealers/{dealer_id}")
        .route(
            Operation::get("/dealers/{dealer_id}/cars")
                .name("car_list")
                .right(Right::VehicleRead)
                .summary("Cars")
                .path("dealer_id", "The dealer's id.")
                .query::<List>()
                .answers::<Vec<Car>>(200, "Cars.")
                .handler(async || ()),
        )
        .route(
            Operation::put("/dealers/{dealer_id}/cars/{id}")
                .name("car_put")
                .right(Right::VehicleWrite)
                .summary("Puts a car")
                .path("dealer_id", "The dealer's id.")
                .path("id", "The car's id.")
                .header("Idempotency-Key", "Makes a repetition harmless.")
                .body::<Car>()
                .example(json!({ "part": {}, "same": { "colour": "red" } }))
                .answers::<Car>(201, "The car.")
                .answer_header("Location", "Where it is.")
                .answers::<another::Same>(200, "The size of the car that was there.")
                .problems(&[Code::DuplicateVin, Code::Conflict])
                .handler(async || ()),
        )
        .route(
            Operation::post("/dealers/{dealer_id}/hook")
                .name("hook")
                .signed()
                .summary("From outside")
                .path("dealer_id", "The dealer's id.")
                .body::<Problem>()
                .answers_empty(204, "Taken.")
                .handler(async || ()),
        )
}

#[test]
fn every_reference_resolves() {
    let document = operations().openapi();
    let mut count = 0;
    walk_refs(&mut document.clone(), &mut |target| {
        count += 1;
        assert!(document.pointer(target.strip_prefix('#').unwrap()).is_some(), "{target}");
    });
    assert!(count > 30, "{count}");
}

#[test]
fn every_path_parameter_is_documented_and_every_name_unique() {
    let document = operations().openapi();
    let mut names = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            names.push(operation["operationId"].as_str().unwrap().to_owned());
            let parameters = operation["parameters"].as_array().unwrap();
            for name in path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
                let found = parameters.iter().find(|parameter| parameter["in"] == "path" && parameter["name"] == name);
                assert!(!found.unwrap()["description"].as_str().unwrap().is_empty());
            }
        }
    }
    names.sort();
    assert_eq!(names, ["car_list", "car_put", "hook"]);
    assert_eq!(operations().flaws(), Vec::<String>::new());
}

#[test]
fn read_and_written_types_share_a_name_only_when_alike() {
    let document = operations().openapi();
    let schemas = &document["components"]["schemas"];
    let names: Vec<_> = schemas.as_object().unwrap().keys().map(String::as_str).collect();
    for name in ["Car", "CarInput", "Part", "PartInput", "Same", "Same2", "Colour", "Problem", "ProblemInput"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    assert!(!names.contains(&"SameInput") && !names.contains(&"ColourInput"), "{names:?}");
    let body = &document["paths"]["/dealers/{dealer_id}/cars/{id}"]["put"]["requestBody"];
    assert_eq!(body["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/CarInput");
    assert_eq!(schemas["CarInput"]["properties"]["part"]["$ref"], "#/components/schemas/PartInput");
    assert_eq!(schemas["Car"]["properties"]["part"]["$ref"], "#/components/schemas/Part");
}

#[test]
fn parameters_come_from_the_schema() {
    let document = operations().openapi();
    let list = &document["paths"]["/dealers/{dealer_id}/cars"]["get"];
    let find = |name: &str| list["parameters"].as_array().unwrap().iter().find(|found| found["name"] == name).unwrap();
    assert_eq!(find("limit")["schema"]["maximum"], 100);
    assert_eq!(find("limit")["schema"]["default"], 25);
    assert_eq!(find("limit")["required"], false);
    assert_eq!(find("location")["required"], true);
    assert_eq!(find("colour")["description"], "Only this colour.");
    assert_eq!(find("colour")["schema"]["$ref"], "#/components/schemas/Colour");
    assert_eq!(list["tags"], json!(["cars"]));
    assert_eq!(list["security"], json!([{ "bearer": ["vehicle:read"] }]));
}

#[test]
fn errors_are_documented_by_status() {
    let document = operations().openapi();
    let statuses = |method: &str, path: &str| -> Vec<String> {
        let mut found: Vec<_> =
            document["paths"][path][method]["responses"].as_object().unwrap().keys().cloned().collect();
        found.sort();
        found
    };
    assert_eq!(
        statuses("put", "/dealers/{dealer_id}/cars/{id}"),
        ["200", "201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"]
    );
    assert_eq!(
        statuses("post", "/dealers/{dealer_id}/hook"),
        ["204", "400", "401", "404", "413", "415", "422", "500", "503"]
    );
    let conflict = &document["paths"]["/dealers/{dealer_id}/cars/{id}"]["put"]["responses"]["409"];
    let codes = &conflict["content"]["application/problem+json"]["schema"]["properties"]["code"]["enum"];
    assert_eq!(codes, &json!(["conflict", "duplicate_vin"]));
}

#[test]
fn a_tag_is_the_first_word_that_says_something() {
    for (path, base, expected) in [
        ("/v1/leads/{id}", "", "leads"),
        ("/api/v1/leads", "", "leads"),
        ("/dealers/{dealer_id}/saleleads", "/dealers/{dealer_id}", "saleleads"),
        ("/v1/auth/login", "/v1", "auth"),
        ("/lead", "", "lead"),
        ("/{id}", "", "root"),
    ] {
        assert_eq!(tag(path, base), expected, "{path}");
    }
}

#[test]
fn data_is_defined_once_and_parts_of_one_name_are_told_apart() {
    let shape = |kind: &str| {
        let part = json!({"type": "object", "properties": {"size": {"type": kind}}});
        let held = json!({"type": "object", "properties": {"part": {"$ref": "#/$defs/Part"}}});
        Box::leak(Box::new(forecourt_record::Shape::from_schema(json!({
            "type": "object",
            "properties": {"held": {"$ref": "#/$defs/Held"}},
            "$defs": {"Part": part, "Held": held},
        }))))
    };
    let (text, number, again) = (shape("string"), shape("number"), shape("string"));
    let answers = |path, name: &'static str, shape: &'static forecourt_record::Shape| {
        let declared = Declared::data(move |generator| {
            let one = define(generator, name, shape);
            schemars::json_schema!({ "type": "array", "items": one })
        });
        Operation::get(path)
            .name(name)
            .public()
            .answers_with(200, "", "application/json", declared)
            .handler(async || ())
    };
    let document = Operations::<()>::new("data", "Data", "1")
        .route(answers("/texts", "text", text))
        .route(answers("/numbers", "number", number))
        .route(answers("/more", "more", again))
        .openapi();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let names: Vec<&str> = schemas.keys().map(String::as_str).filter(|name| !name.starts_with("Problem")).collect();
    assert_eq!(names, ["Part", "Held", "text", "numberPart", "numberHeld", "number", "more"]);
    assert_eq!(schemas["numberHeld"]["properties"]["part"]["$ref"], "#/components/schemas/numberPart");
    assert_eq!(schemas["more"]["properties"]["held"]["$ref"], "#/components/schemas/Held");
    let answer = &document["paths"]["/numbers"]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(answer["items"]["$ref"], "#/components/schemas/number");
}
