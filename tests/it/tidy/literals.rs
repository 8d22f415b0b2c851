//! Takes Rust text apart just far enough to tell its string literals and its code from comments.

/// A string literal of a source file.
#[derive(Debug, PartialEq)]
pub struct Literal {
    /// Line on which it begins, from 1.
    pub line: usize,
    /// What is between the quotes, escapes as written.
    pub text: String,
}

/// Every string literal of `source`, and `source` without its literals and comments.
pub fn split(source: &str) -> (Vec<Literal>, String) {
    let mut literals = Vec::new();
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if rest.starts_with("/*") {
            rest = after_block_comment(rest);
        } else if let Some((text, after)) = string(rest, code.chars().next_back()) {
            let line = 1 + source[..source.len() - rest.len()].matches('\n').count();
            literals.push(Literal { line, text: text.to_owned() });
            code.push_str("\"\"");
            rest = after;
        } else if let Some(after) = char_literal(rest) {
            rest = after;
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    (literals, code)
}

/// What follows the block comment that `text` begins with; they nest.
fn after_block_comment(text: &str) -> &str {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return &text[at..];
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    ""
}

/// The literal that `text` begins with, and what follows it: `".."`, `r#".."#`, either after `b` or `c`.
fn string(text: &str, before: Option<char>) -> Option<(&str, &str)> {
    // The `r` that ends a name opens nothing.
    let in_a_name = before.is_some_and(|before| before.is_alphanumeric() || before == '_');
    let opening = if in_a_name { text } else { text.trim_start_matches(['b', 'c']) };
    if text.len() - opening.len() > 1 {
        return None;
    }
    if let Some(raw) = opening.strip_prefix('r').filter(|_| !in_a_name) {
        let inside = raw.trim_start_matches('#');
        let close = format!("\"{}", "#".repeat(raw.len() - inside.len()));
        let inside = inside.strip_prefix('"')?;
        let end = inside.find(&close)?;
        return Some((&inside[..end], &inside[end + close.len()..]));
    }
    let inside = opening.strip_prefix('"')?;
    let mut escaped = false;
    let end = inside.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    Some((&inside[..end], &inside[end + 1..]))
}

/// What follows the character literal that `text` begins with; a lifetime is none.
fn char_literal(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('\'')?;
    let mut chars = inside.chars();
    match chars.next()? {
        '\\' => {
            // The character after the backslash may itself be a quote.
            let escaped = chars.next()?;
            let after = &inside[1 + escaped.len_utf8()..];
            Some(&after[after.find('\'')? + 1..])
        }
        one => inside[one.len_utf8()..].strip_prefix('\''),
    }
}

#[test]
fn literals_and_code_are_told_apart() {
    let check = |source: &str, texts: &[&str], code: &str| {
        let (literals, rest) = split(source);
        let found: Vec<&str> = literals.iter().map(|literal| literal.text.as_str()).collect();
        assert_eq!(found, texts, "{source}");
        assert_eq!(rest, code, "{source}");
    };
    check(r#"a("x", "y");"#, &["x", "y"], r#"a("", "");"#);
    check(r#"let s = "say \"no\" \\"; t"#, &[r#"say \"no\" \\"#], r#"let s = ""; t"#);
    check(r##"r#"a "quoted" b"# + br"c""##, &[r#"a "quoted" b"#, "c"], r#""" + """#);
    check(r#"f(b"raw") // "not this""#, &["raw"], r#"f("") "#);
    check(r#"a /* "no" /* "nor" */ "this" */ b("yes")"#, &["yes"], r#"a  b("")"#);
    check(r#"if c == '"' { '\'' } else { "s" }"#, &["s"], r#"if c ==  {  } else { "" }"#);
    check(r#"fn f<'a>(x: &'a str) -> &'a str { "b" }"#, &["b"], r#"fn f<'a>(x: &'a str) -> &'a str { "" }"#);
    check(r#"writer"x" é "ü""#, &["x", "ü"], r#"writer"" é """#);

    let (literals, _) = split("one\n\"two\nthree\"\n\"four\"");
    let lines: Vec<usize> = literals.iter().map(|literal| literal.line).collect();
    assert_eq!(lines, [2, 4]);
}
