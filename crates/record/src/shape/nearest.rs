//! "Did you mean": the known name nearest to a misspelt one.

/// The candidate a misspelt name most likely meant, if any is near enough to be worth saying: other case and
/// separators, or a letter in three wrong.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if name.len() > LONGEST {
        return None;
    }
    let plain =
        |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let asked = plain(name);
    let distance = |candidate: &'a str| (strsim::damerau_levenshtein(&asked, &plain(candidate)), candidate);
    let (distance, candidate) = candidates.into_iter().map(distance).min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= asked.chars().count().max(3)).then_some(candidate)
}
