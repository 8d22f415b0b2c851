//! Parameters read one by one, as leniently as clients write them; what is wrong is gathered.

use forecourt_api::sent::Sent;
use forecourt_record::{FieldError, Instant, calendar::Zone, shape::code};
use serde_json::{Map, Value};

/// The longest text of a parameter, in characters.
const LONGEST: usize = 255;

/// What a request says, and what is wrong with it.
pub struct Given {
    pub members: Map<String, Value>,
    pub wrong: Vec<FieldError>,
    zone: Zone,
}

impl Given {
    /// `zone` is the one that times without an offset are meant in.
    pub fn of(Sent(members): Sent, zone: Zone) -> Self {
        Self { members, wrong: Vec::new(), zone }
    }

    pub fn refuse(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.wrong.push(FieldError::new(name, code, detail));
    }

    /// A text without blanks around it; a number is read as it is written. None for one that is empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let text = match self.members.get(name)? {
            Value::Null => return None,
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                self.refuse(name, code::WRONG_TYPE, "must be a text");
                return None;
            }
        };
        if text.chars().count() > LONGEST {
            self.refuse(name, code::TOO_LONG, format!("is too long (maximum is {LONGEST} characters)"));
            return None;
        }
        if text.contains('\0') {
            self.refuse(name, code::NUL_CHARACTER, "must not hold the character NUL");
            return None;
        }
        Some(text).filter(|text| !text.is_empty())
    }

    /// A phone number. Its plus sign is a blank where it came through an address unescaped.
    pub fn number_of_phone(&mut self, name: &str) -> Option<String> {
        let lost = matches!(self.members.get(name), Some(Value::String(text))
            if text.strip_prefix(' ').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
        self.text(name).map(|text| if lost { format!("+{text}") } else { text })
    }

    /// Yes or no; none where nothing is said.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        if let Some(Value::Bool(flag)) = self.members.get(name) {
            return Some(*flag);
        }
        match self.text(name)?.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Some(true),
            "0" | "false" | "no" | "off" => Some(false),
            _ => {
                self.refuse(name, code::NOT_ALLOWED, "must be one of: 1, true, yes, on, 0, false, no, off");
                None
            }
        }
    }

    /// A whole number within bounds.
    pub fn whole(&mut self, name: &str, least: i64, most: i64) -> Option<i64> {
        let text = self.text(name)?;
        let number = text.parse().ok().or_else(|| {
            let whole = text.parse::<f64>().ok().filter(|number| number.fract() == 0.0 && number.abs() < 1e15);
            whole.map(|number| number as i64)
        });
        let within = number.filter(|number| (least..=most).contains(number));
        if within.is_none() {
            self.refuse(name, code::NOT_ALLOWED, format!("must be a whole number from {least} to {most}"));
        }
        within
    }

    /// A number above zero.
    pub fn positive(&mut self, name: &str, most: f64) -> Option<f64> {
        let within = self.text(name)?.parse::<f64>().ok().filter(|number| *number > 0.0 && *number <= most);
        if within.is_none() {
            self.refuse(name, code::NOT_ALLOWED, format!("must be a number above 0, and {most} at most"));
        }
        within
    }

    /// A point in time.
    pub fn time(&mut self, name: &str) -> Option<Instant> {
        let read = self.text(name).map(|text| self.zone.read(&text))?;
        if read.is_err() {
            self.refuse(name, code::BAD_FORMAT, "is not a valid time, such as 2026-11-21 09:30:00 +0000");
        }
        read.ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given(value: Value) -> Given {
        let members = [("x".to_owned(), value)].into_iter().collect();
        Given::of(Sent(members), Zone::utc())
    }

    /// What is read, or what is wrong.
    fn read<T: std::fmt::Debug>(value: &Value, how: impl Fn(&mut Given) -> Option<T>) -> String {
        let mut given = given(value.clone());
        let read = how(&mut given);
        match given.wrong.as_slice() {
            [] => format!("{read:?}"),
            wrong => wrong.iter().map(|error| error.code).collect::<Vec<_>>().join(" "),
        }
    }

    #[test]
    fn flags_are_read_in_every_form_they_are_written_in() {
        for value in [json!(true), json!(1), json!("1"), json!("TRUE"), json!("Yes"), json!(" on ")] {
            assert_eq!(read(&value, |given| given.flag("x")), "Some(true)", "{value}");
        }
        for value in [json!(false), json!(0), json!("0"), json!("False"), json!("NO"), json!("off")] {
            assert_eq!(read(&value, |given| given.flag("x")), "Some(false)", "{value}");
        }
        for value in [json!(null), json!(""), json!("  ")] {
            assert_eq!(read(&value, |given| given.flag("x")), "None", "{value}");
        }
        for value in [json!(2), json!("y"), json!("t"), json!("null"), json!(1.5)] {
            assert_eq!(read(&value, |given| given.flag("x")), "not_allowed", "{value}");
        }
        for value in [json!([]), json!({"a": 1})] {
            assert_eq!(read(&value, |given| given.flag("x")), "wrong_type", "{value}");
        }
    }

    #[test]
    fn numbers_may_be_texts_and_have_bounds() {
        for (value, expected) in [
            (json!(5), "Some(5)"),
            (json!("5"), "Some(5)"),
            (json!(5.0), "Some(5)"),
            (json!("-3"), "Some(-3)"),
            (json!(""), "None"),
            (json!("5.5"), "not_allowed"),
            (json!("1e99"), "not_allowed"),
            (json!("NaN"), "not_allowed"),
            (json!(11), "not_allowed"),
            (json!("five"), "not_allowed"),
            (json!(true), "wrong_type"),
        ] {
            assert_eq!(read(&value, |given| given.whole("x", -3, 10)), expected, "{value}");
        }
        for (value, expected) in [
            (json!("0.5"), "Some(0.5)"),
            (json!(10), "Some(10.0)"),
            (json!(0), "not_allowed"),
            (json!("inf"), "not_allowed"),
            (json!("NaN"), "not_allowed"),
            (json!(-1), "not_allowed"),
        ] {
            assert_eq!(read(&value, |given| given.positive("x", 10.0)), expected, "{value}");
        }
    }

    #[test]
    fn a_plus_sign_that_became_a_blank_is_one_again() {
        for (value, expected) in [
            (json!("+18004506787"), "Some(\"+18004506787\")"),
            (json!(" 18004506787"), "Some(\"+18004506787\")"),
            (json!("(800) 450-6787"), "Some(\"(800) 450-6787\")"),
            (json!(18_004_506_787_u64), "Some(\"18004506787\")"),
        ] {
            assert_eq!(read(&value, |given| given.number_of_phone("x")), expected, "{value}");
        }
    }

    #[test]
    fn texts_have_an_end() {
        for (value, expected) in [
            (json!("x".repeat(256)), "too_long"),
            (json!("a\0b"), "nul_character"),
            (json!([1]), "wrong_type"),
            (json!(false), "wrong_type"),
        ] {
            assert_eq!(read(&value, |given| given.text("x")), expected);
            assert_eq!(read(&value, |given| given.time("x")), expected);
        }
        assert_eq!(read(&json!("soon"), |given| given.time("x")), "bad_format");
    }
}
