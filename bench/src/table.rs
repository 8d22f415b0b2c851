//! Markdown tables, padded so that they read as well in a terminal as on a page.

/// Which side a column leans to: names left, figures right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// One table; a row shorter than the head is filled with empty cells.
pub fn markdown(head: &[(&str, Side)], rows: &[Vec<String>]) -> String {
    let cell = |row: &[String], column: usize| row.get(column).map_or("", String::as_str).replace('|', "\\|");
    let width = |column: usize| {
        let widest = rows.iter().map(|row| cell(row, column).chars().count()).max().unwrap_or(0);
        widest.max(head[column].0.chars().count()).max(3)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let pad = |text: &str, column: usize| {
        let blank = " ".repeat(widths[column].saturating_sub(text.chars().count()));
        if head[column].1 == Side::Left { format!("{text}{blank}") } else { format!("{blank}{text}") }
    };
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));

    let mut out = line((0..head.len()).map(|column| pad(head[column].0, column)).collect());
    out += &line(
        (0..head.len())
            .map(|column| match head[column].1 {
                Side::Left => "-".repeat(widths[column]),
                Side::Right => format!("{}:", "-".repeat(widths[column] - 1)),
            })
            .collect(),
    );
    for row in rows {
        out += &line((0..head.len()).map(|column| pad(&cell(row, column), column)).collect());
    }
    out
}

/// `12345.6` as `12,346`; below 100 with one digit, below 10 with two, so that slow rows keep their meaning.
pub fn figure(value: f64) -> String {
    if value < 9.995 {
        return format!("{value:.2}");
    }
    if value < 99.95 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of leads as people say it: `10k`, `1m`, `1,500`.
pub fn size(leads: u64) -> String {
    match leads {
        0 => "0".to_owned(),
        whole if whole % 1_000_000 == 0 => format!("{}m", whole / 1_000_000),
        whole if whole % 1_000 == 0 => format!("{}k", whole / 1_000),
        other => figure(other as f64).trim_end_matches(".00").trim_end_matches(".0").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let head = [("work", Side::Left), ("per s", Side::Right)];
        let rows = [vec!["create".to_owned(), "1,234".to_owned()], vec!["a|b".to_owned()]];
        let expected = "\
| work   | per s |
| ------ | ----: |
| create | 1,234 |
| a\\|b   |       |
";
        assert_eq!(markdown(&head, &rows), expected);
    }

    #[test]
    fn figures_keep_three_digits_of_meaning() {
        for (value, expected) in [
            (0.0, "0.00"),
            (0.456, "0.46"),
            (9.994, "9.99"),
            (9.999, "10.0"),
            (42.25, "42.2"),
            (99.96, "100"),
            (999.6, "1,000"),
            (58_123.4, "58,123"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(figure(value), expected);
        }
    }

    #[test]
    fn sizes_as_people_say_them() {
        for (leads, expected) in
            [(0, "0"), (10_000, "10k"), (1_000_000, "1m"), (2_500_000, "2500k"), (1_234, "1,234"), (50, "50"), (7, "7")]
        {
            assert_eq!(size(leads), expected);
        }
    }
}
