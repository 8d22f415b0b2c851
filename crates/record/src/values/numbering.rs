//! The world's numbering plans, from libphonenumber's data, and the national variants of one line.
//!
//! The data comes from the `phonenumber` crate; its own parser is not used, as it damages lines such as
//! +7 800 555 35 35 (the 8 is taken for a trunk digit) and accepts numbers that are too long.

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock, PoisonError},
};

use phonenumber::metadata::{DATABASE, Descriptor, Metadata};

/// Why digits are no line.
pub(super) enum Failure {
    NoCountry,
    UnknownCountry,
    NoSuchNumber,
}

/// The line written as `digits`: calling code and national significant number, in its canonical variant.
pub(super) fn line(digits: &str, plus: bool, region: Option<&str>) -> Result<(u16, String), Failure> {
    let region = region.and_then(Plan::of_region);
    let readings = if plus {
        international(digits.strip_prefix("00").unwrap_or(digits)).ok_or(Failure::UnknownCountry)?
    } else {
        // 00 is understood everywhere, whatever the region dials itself.
        let prefixes = [region.and_then(|plan| plan.without_international_prefix(digits)), digits.strip_prefix("00")];
        let abroad = prefixes.into_iter().flatten().filter_map(international).flatten();
        let readings: Vec<_> = abroad.chain(region.into_iter().flat_map(|plan| plan.national(digits))).collect();
        if readings.is_empty() {
            return Err(Failure::NoCountry);
        }
        readings
    };
    // A reading in a range the plan knows beats a likelier one that only has the shape.
    let best = readings
        .iter()
        .find(|reading| reading.is(Plan::knows))
        .or_else(|| readings.iter().find(|reading| reading.is(Plan::fits)));
    best.map(|reading| (reading.code, reading.national.clone())).ok_or(Failure::NoSuchNumber)
}

/// The region a line belongs to, from its E.164 digits: ISO 3166 alpha-2.
pub(super) fn country(digits: &str) -> Option<&'static str> {
    let (code, national) = split(digits)?;
    let plans = PLANS.get(&code)?;
    let plan = match plans.as_slice() {
        [only] => Some(only),
        many => many.iter().find(|plan| plan.leads(national)).or_else(|| many.iter().find(|plan| plan.fits(national))),
    };
    plan.map(|plan| plan.meta.id()).filter(|id| id.len() == 2 && id.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// E.164 digits without the calling code.
pub(super) fn national(digits: &str) -> &str {
    split(digits).map_or(digits, |(_, national)| national)
}

/// One way to understand what was written.
struct Reading {
    code: u16,
    national: String,
}

impl Reading {
    fn new(code: u16, national: &str) -> Self {
        Self { code, national: canonical(code, national) }
    }

    fn is(&self, matches: fn(&Plan, &str) -> bool) -> bool {
        PLANS.get(&self.code).is_some_and(|plans| plans.iter().any(|plan| matches(plan, &self.national)))
    }
}

/// The readings of digits that begin with a calling code: as they are, then without a trunk prefix.
fn international(digits: &str) -> Option<Vec<Reading>> {
    let (code, national) = split(digits)?;
    let main = PLANS.get(&code)?.first()?;
    let mut readings = vec![Reading::new(code, national)];
    readings.extend(main.without_trunk(national).map(|national| Reading::new(code, &national)));
    Some(readings)
}

/// Calling code and the rest. Calling codes are prefix-free.
fn split(digits: &str) -> Option<(u16, &str)> {
    (1..=3.min(digits.len())).find_map(|length| {
        let (code, national) = digits.split_at(length);
        let code = code.parse().ok()?;
        (!digits.starts_with('0') && PLANS.contains_key(&code)).then_some((code, national))
    })
}

/// The one writing of a national number that stands for its variants.
fn canonical(code: u16, national: &str) -> String {
    let digit_at = |at: usize| national.as_bytes().get(at).copied().unwrap_or_default();
    match (code, national.len()) {
        // Brazil: mobiles (6 to 9) got a ninth digit between 2012 and 2016 (ANATEL resolution 553/2010).
        (55, 10) if matches!(digit_at(2), b'6'..=b'9') => {
            format!("{}9{}", &national[..2], &national[2..])
        }
        // Mexico: 1, 01, 044 and 045 before the ten digits went in August 2019 (IFT, plan of 2018).
        (52, 11) if national.starts_with('1') => national[1..].to_owned(),
        (52, 12) if national.starts_with("01") => national[2..].to_owned(),
        (52, 13) if national.starts_with("044") || national.starts_with("045") => national[3..].to_owned(),
        // Argentina: 9 before the ten digits of a mobile from abroad; often left out in address books.
        (54, 10) if is_argentine_mobile(national) => format!("9{national}"),
        _ => national.to_owned(),
    }
}

/// Whether ten digits without a 9 are taken for a mobile: geographic, and not of the historic landline ranges,
/// whose subscriber number begins with 4 (renumbering of 1999).
fn is_argentine_mobile(national: &str) -> bool {
    const THREE_DIGIT_AREAS: [&str; 39] = [
        "220", "221", "223", "230", "236", "237", "249", "260", "261", "263", "264", "266", "280", "291", "294", "297",
        "298", "299", "336", "341", "342", "343", "345", "348", "351", "353", "358", "362", "364", "370", "376", "379",
        "380", "381", "383", "385", "387", "388", "389",
    ];
    let area = match &national[..3] {
        area if area.starts_with("11") => 2,
        area if THREE_DIGIT_AREAS.contains(&area) => 3,
        _ => 4,
    };
    (area == 2 || matches!(national.as_bytes()[0], b'2' | b'3')) && national.as_bytes()[area] != b'4'
}

/// Tells whether a whole text matches.
type Matcher = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// The plan of one region. Its patterns are compiled when first asked for.
struct Plan {
    meta: &'static Metadata,
    fits: OnceLock<Matcher>,
    knows: OnceLock<Matcher>,
    leads: OnceLock<Matcher>,
}

/// The plans by calling code, the main region first.
static PLANS: LazyLock<HashMap<u16, Vec<Plan>>> = LazyLock::new(|| {
    let plans = |code: u16| {
        let mut regions = DATABASE.by_code(&code)?;
        regions.sort_by_key(|meta| (!meta.is_main_country_for_code(), meta.id().to_owned()));
        let plan = |meta| Plan { meta, fits: OnceLock::new(), knows: OnceLock::new(), leads: OnceLock::new() };
        Some((code, regions.into_iter().map(plan).collect()))
    };
    (1..=999).filter_map(plans).collect()
});

impl Plan {
    fn of_region(region: &str) -> Option<&'static Self> {
        // `001` stands for the codes of no country.
        let region = Some(region.to_ascii_uppercase()).filter(|region| region != "001")?;
        let code = DATABASE.by_id(&region)?.country_code();
        PLANS.get(&code)?.iter().find(|plan| plan.meta.id() == region)
    }

    /// The readings of digits dialled within the region.
    fn national(&self, digits: &str) -> Vec<Reading> {
        let code = self.meta.country_code();
        let mut readings = vec![Reading::new(code, digits)];
        readings.extend(self.without_trunk(digits).map(|national| Reading::new(code, &national)));
        // The calling code without its `+`: how exports and WhatsApp write numbers. Where people dial a trunk 0, its
        // absence makes this the likelier reading.
        let bare = digits.strip_prefix(&code.to_string()).and_then(|_| international(digits)).unwrap_or_default();
        let likelier = self.meta.national_prefix() == Some("0") && !digits.starts_with('0');
        let at = if likelier { 0 } else { readings.len() };
        readings.splice(at..at, bare);
        readings
    }

    fn without_international_prefix<'a>(&self, digits: &'a str) -> Option<&'a str> {
        let found = self.meta.international_prefix()?.find(digits)?;
        (found.start() == 0).then(|| &digits[found.end()..])
    }

    /// The number without its trunk prefix: with the carrier code the plan allows behind it, and without.
    fn without_trunk(&self, digits: &str) -> impl Iterator<Item = String> {
        let plain = self.meta.national_prefix().and_then(|prefix| digits.strip_prefix(prefix));
        let parsed = self.without_prefix_and_carrier(digits);
        parsed.into_iter().chain(plain.map(str::to_owned))
    }

    fn without_prefix_and_carrier(&self, digits: &str) -> Option<String> {
        let prefix = self.meta.national_prefix_for_parsing()?;
        let found = prefix.captures(digits)?;
        let whole = found.get(0).filter(|whole| whole.start() == 0)?;
        let last_group = found.get(found.len() - 1).filter(|_| found.len() > 1);
        match (self.meta.national_prefix_transform_rule(), last_group) {
            (Some(rule), Some(_)) => Some(prefix.replace(digits, rule).into_owned()),
            _ => (whole.end() > 0).then(|| digits[whole.end()..].to_owned()),
        }
    }

    /// Whether the number has the shape of the plan's numbers.
    fn fits(&self, national: &str) -> bool {
        self.fits.get_or_init(|| whole(&[self.meta.descriptors().general()]))(national)
    }

    /// Whether the number lies in a range the plan lists.
    fn knows(&self, national: &str) -> bool {
        let ranges = || {
            let of = self.meta.descriptors();
            let all = [
                of.fixed_line(),
                of.mobile(),
                of.toll_free(),
                of.premium_rate(),
                of.shared_cost(),
                of.voip(),
                of.personal_number(),
                of.pager(),
                of.uan(),
            ];
            whole(&all.into_iter().flatten().collect::<Vec<_>>())
        };
        self.fits(national) && self.knows.get_or_init(ranges)(national)
    }

    /// Whether a number of a shared calling code is this region's.
    fn leads(&self, national: &str) -> bool {
        match self.meta.leading_digits() {
            Some(leading) => self.leads.get_or_init(|| compile(&format!("^(?:{})", leading.as_str())))(national),
            None => self.knows(national),
        }
    }
}

/// Matches a whole number against any of the descriptors; their own `is_match` is content with a beginning.
fn whole(descriptors: &[&Descriptor]) -> Matcher {
    let patterns: Vec<String> =
        descriptors.iter().map(|desc| format!("(?:{})", desc.national_number().as_str())).collect();
    compile(&format!("^(?:{})$", patterns.join("|")))
}

/// Compiles by way of the database's cache, which is where the regular expressions of its crate are to be had.
fn compile(pattern: &str) -> Matcher {
    let cache = DATABASE.cache();
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    match cache.configure(pattern, |builder| builder.ignore_whitespace(true)) {
        Ok(regex) => {
            let regex = regex.clone();
            Box::new(move |text| regex.is_match(text))
        }
        // The data is compiled into the binary and every pattern is compiled by a test.
        Err(_) => Box::new(|_| false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_number_of_every_plan_is_read_at_home_and_abroad() {
        let mut seen = 0;
        for plan in PLANS.values().flatten() {
            let of = plan.meta.descriptors();
            let (code, region) = (plan.meta.country_code(), plan.meta.id());
            for example in
                [of.fixed_line(), of.mobile(), of.toll_free()].into_iter().flatten().filter_map(Descriptor::example)
            {
                let expected = Ok((code, canonical(code, example)));
                let read = |digits: &str, plus, region| line(digits, plus, region).map_err(|_| ());
                assert_eq!(read(&format!("{code}{example}"), true, None), expected, "+{code} {example}");
                seen += 1;
                if region == "001" {
                    continue;
                }
                assert_eq!(read(example, false, Some(region)), expected, "{example} in {region}");
                assert_eq!(
                    read(&format!("00{code}{example}"), false, Some(region)),
                    expected,
                    "00 {code} {example} in {region}"
                );
                if let Some(trunk) = plan.meta.national_prefix() {
                    assert_eq!(
                        read(&format!("{trunk}{example}"), false, Some(region)),
                        expected,
                        "{trunk} {example} in {region}"
                    );
                }
            }
        }
        assert!(seen > 500, "only {seen} examples");
    }
}
