//! Tokens: whatever is no parameter, and all of `data`. Nested bodies of other makers are looked through for who it is.

use forecourt_record::{
    schedule::{LONGEST_TOKEN, MOST_TOKENS, Tokens, token_name},
    shape::code,
};
use serde_json::{Map, Value};

use crate::{given::Given, parameters};

/// The longest name of a token, in characters.
const LONGEST_NAME: usize = 64;
/// How deep nested bodies are looked through.
const DEEPEST: usize = 6;

/// Where other makers write a number or an address.
const NUMBERS: [&str; 10] = [
    "caller_id",
    "phone",
    "phone_number",
    "phonenumber",
    "mobile",
    "mobile_phone",
    "cell",
    "cell_phone",
    "primary_phone",
    "telephone",
];
const ADDRESSES: [&str; 4] = ["email", "email_address", "emailaddress", "e_mail"];

/// Reads the tokens of a request about a lead.
pub fn read(given: &mut Given) -> Tokens {
    read_beside(given, &[])
}

/// Reads the tokens of a request that has these parameters, too.
pub fn read_beside(given: &mut Given, others: &[&str]) -> Tokens {
    let mut tokens = Gathered::default();
    for (name, value) in given.members.clone() {
        if !parameters::is_one(&name) && !others.contains(&name.as_str()) {
            tokens.add(given, &name, &name, &value);
        }
    }
    let data = match given.members.get("data").cloned() {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(members)) => members,
        Some(Value::String(text)) if text.trim().is_empty() => Map::new(),
        Some(Value::String(text)) => serde_json::from_str(&text).unwrap_or_else(|_| {
            given.refuse("data", code::BAD_FORMAT, "is not a JSON object");
            Map::new()
        }),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_)) => {
            given.refuse("data", code::WRONG_TYPE, "is not a JSON object");
            Map::new()
        }
    };
    for (name, value) in data {
        tokens.add(given, "data", &name, &value);
    }
    if tokens.0.0.len() > MOST_TOKENS {
        given.refuse("data", code::TOO_LONG, format!("holds more than {MOST_TOKENS} tokens"));
        return Tokens::default();
    }
    tokens.0
}

#[derive(Default)]
struct Gathered(Tokens);

impl Gathered {
    /// What stands under a name that tokens cannot have is left out; so is null.
    fn add(&mut self, given: &mut Given, field: &str, name: &str, value: &Value) {
        let text = match value {
            Value::Null => return,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let field: String = field.chars().take(LONGEST_NAME).collect();
        let Some(name) = token_name(name) else { return };
        if name.len() > LONGEST_NAME {
            given.refuse(&field, code::TOO_LONG, format!("a token's name has at most {LONGEST_NAME} characters"));
        } else if text.len() > LONGEST_TOKEN {
            given.refuse(&field, code::TOO_LONG, format!("a token has at most {LONGEST_TOKEN} bytes"));
        } else if text.contains('\0') {
            given.refuse(&field, code::NUL_CHARACTER, "must not hold the character NUL");
        } else {
            self.0.0.insert(name, text);
        }
    }
}

/// Who it is by the tokens: a full name, or the first and the last one.
pub fn name_in(tokens: &Tokens) -> Option<String> {
    let told = |name: &str| tokens.get(name).map(str::trim).filter(|text| !text.is_empty());
    let whole = ["full_name", "name"].into_iter().find_map(told).map(str::to_owned);
    whole.or_else(|| {
        let parts: Vec<&str> = ["first_name", "last_name"].into_iter().filter_map(told).collect();
        Some(parts.join(" ")).filter(|name| !name.is_empty())
    })
}

/// Lifts what nested objects hold: every leaf becomes a member of its own name, unless there is one, and the number and
/// the address are found under whatever name they have.
pub fn unnest(members: &mut Map<String, Value>) {
    let mut leaves = Map::new();
    let nested: Vec<String> = members
        .iter()
        .filter(|(name, value)| !parameters::is_one(name) && (value.is_object() || value.is_array()))
        .map(|(name, _)| name.clone())
        .collect();
    for name in nested {
        if let Some(value) = members.remove(&name) {
            gather(&name, value, 0, &mut leaves);
        }
    }
    let top = members.iter().map(|(name, value)| (name.clone(), value.clone()));
    let known: Map<String, Value> =
        leaves.clone().into_iter().chain(top).filter(|(_, value)| !is_blank(value)).collect();
    let found = |names: &[&str]| {
        let folded = |name: &str| token_name(name).unwrap_or_default();
        names.iter().find_map(|wanted| known.iter().find(|(name, _)| folded(name) == *wanted).map(|(_, value)| value))
    };
    for (parameter, names) in [("caller_id", &NUMBERS[..]), ("email", &ADDRESSES)] {
        if members.get(parameter).is_none_or(is_blank)
            && let Some(value) = found(names)
        {
            members.insert(parameter.to_owned(), value.clone());
        }
    }
    for (name, value) in leaves {
        // A parameter is never set from somewhere deep inside.
        if !parameters::is_one(&name) {
            members.entry(name).or_insert(value);
        }
    }
}

fn gather(name: &str, value: Value, depth: usize, leaves: &mut Map<String, Value>) {
    match value {
        Value::Object(members) if depth < DEEPEST => {
            for (name, value) in members {
                gather(&name, value, depth + 1, leaves);
            }
        }
        Value::Array(items) if depth < DEEPEST && items.iter().any(Value::is_object) => {
            for item in items {
                gather(name, item, depth + 1, leaves);
            }
        }
        leaf => {
            leaves.entry(name.to_owned()).or_insert(leaf);
        }
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use forecourt_api::sent::Sent;
    use forecourt_record::calendar::Zone;
    use serde_json::json;

    use super::*;

    fn given(value: Value) -> Given {
        let Value::Object(members) = value else { panic!("{value}") };
        Given::of(Sent(members), Zone::utc())
    }

    /// The tokens, or what is wrong and where.
    fn check(value: Value) -> Value {
        let mut given = given(value);
        let tokens = read(&mut given);
        if given.wrong.is_empty() {
            return json!(tokens);
        }
        given.wrong.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect()
    }

    #[test]
    fn what_is_no_parameter_is_a_token_by_its_folded_name() {
        for (value, expected) in [
            (json!({"caller_id": "1", "lead_token": "t", "auth_token": "a", "blocked": 1}), json!({})),
            (json!({"Loan Amount": 501, "Zip-Code": "77002"}), json!({"loan_amount": "501", "zip_code": "77002"})),
            (json!({"data": {"loan_amount": "501", "n": null}}), json!({"loan_amount": "501"})),
            (json!({"data": "{\"a\":true}"}), json!({"a": "true"})),
            (json!({"data": ""}), json!({})),
            (json!({"a": "1", "data": {"A": "2"}}), json!({"a": "2"})),
            (json!({"car": {"make": "Ford"}}), json!({"car": "{\"make\":\"Ford\"}"})),
            // In data everything is a token, and none of them is the parameter.
            (json!({"data": {"caller_id": "x", "status": "won"}}), json!({"caller_id": "x", "status": "won"})),
            (json!({"__": 1, "": 2}), json!({})),
        ] {
            assert_eq!(check(value.clone()), expected, "{value}");
        }
    }

    #[test]
    fn there_are_so_many_of_such_a_size() {
        let many = |count: usize| (0..count).map(|at| (format!("t{at}"), json!("x"))).collect::<Map<_, _>>();
        assert_eq!(check(json!({"data": many(200)})).as_object().map(Map::len), Some(200));
        assert_eq!(check(json!({"data": many(201)})), json!(["data too_long"]));
        assert_eq!(check(json!({"data": {"x": "y".repeat(4096)}})).as_object().map(Map::len), Some(1));
        assert_eq!(
            check(json!({"data": {"x": "y".repeat(4097)}, "z": "y".repeat(5000)})),
            json!(["z too_long", "data too_long"])
        );
        assert_eq!(check(json!({"x".repeat(65): 1})), json!([format!("{} too_long", "x".repeat(64))]));
        assert_eq!(check(json!({"data": {"x": "\0"}})), json!(["data nul_character"]));
        for data in [json!([1]), json!("[1]"), json!("x"), json!(7), json!(true)] {
            assert_eq!(check(json!({"data": data})).as_array().map(Vec::len), Some(1), "{data}");
        }
    }

    #[test]
    fn nested_bodies_are_looked_through() {
        let mut members = given(json!({
            "lead": {"contact": {"Phone Number": "713 784 0258", "emailAddress": "a@b.example", "first_name": "Ana"}},
            "cars": [{"make": "Ford"}, {"make": "Kia"}], "blocked": "0", "answers": ["a", "b"],
            "more": {"blocked": "1", "caller_id": ""},
        }))
        .members;
        unnest(&mut members);
        assert_eq!(
            Value::Object(members),
            json!({
                "blocked": "0", "caller_id": "713 784 0258", "email": "a@b.example", "Phone Number": "713 784 0258",
                "emailAddress": "a@b.example", "first_name": "Ana", "make": "Ford", "answers": ["a", "b"],
            })
        );
    }

    #[test]
    fn a_name_is_found() {
        for (data, expected) in [
            (json!({"first_name": " Ana ", "last_name": "Ruiz"}), Some("Ana Ruiz")),
            (json!({"full_name": "Ana María", "first_name": "x"}), Some("Ana María")),
            (json!({"last_name": "Ruiz", "name": " "}), Some("Ruiz")),
            (json!({}), None),
        ] {
            assert_eq!(name_in(&read(&mut given(json!({ "data": data })))).as_deref(), expected);
        }
    }
}
