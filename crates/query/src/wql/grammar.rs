//! The grammar, by recursive descent. By hand: what was expected where is half of what this gives, and words, phones and
//! values end differently depending on what stands before them.

use super::{
    ast::{Clause, Expr, Form, Literal, Relation, Test, Words},
    scan::{Cursor, Fault, LONGEST, code, ends_value, ends_word, is_quote, name_length, phone_length},
};

/// How deep parentheses and negations may nest.
pub const DEEPEST: usize = 20;

type Parsed<T> = Result<T, Fault>;

/// Reads a search; an empty one is the conjunction of nothing.
pub fn read(text: &str) -> Parsed<Expr> {
    if text.len() > LONGEST {
        let says = format!("A search may be {} KiB long.", LONGEST >> 10);
        return Err(Fault::new(LONGEST, code::TOO_LONG, says));
    }
    let mut reader = Reader { cursor: Cursor { text, at: 0 }, depth: 0 };
    reader.cursor.skip_spaces();
    if reader.cursor.rest().is_empty() {
        return Ok(Expr::And(Vec::new()));
    }
    let expr = reader.or()?;
    match reader.cursor.peek() {
        None => Ok(expr),
        Some(_) => Err(reader.expected("no \")\", since no \"(\" is open")),
    }
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    depth: usize,
}

impl Reader<'_> {
    fn expected(&self, what: &str) -> Fault {
        Fault::new(self.cursor.at, code::SYNTAX, format!("Expected {what}."))
    }

    /// Takes a keyword, unless it is the name of a field.
    fn keyword(&mut self, word: &str) -> bool {
        self.cursor.eat_word(word)
    }

    fn or(&mut self) -> Parsed<Expr> {
        let mut ways = vec![self.and()?];
        while self.keyword("OR") {
            ways.push(self.and()?);
        }
        Ok(if ways.len() == 1 { ways.remove(0) } else { Expr::Or(ways) })
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut parts = vec![self.unary()?];
        loop {
            self.cursor.skip_spaces();
            let ahead = self.cursor;
            let over = self.cursor.peek().is_none_or(|c| c == ')') || self.keyword("OR");
            if over {
                self.cursor = ahead;
                break;
            }
            self.keyword("AND");
            parts.push(self.unary()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::And(parts) })
    }

    /// One level deeper, and back.
    fn deeper(&mut self, at: usize, read: impl Fn(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        if self.depth == DEEPEST {
            let says = format!("Parentheses and negations may be nested {DEEPEST} deep.");
            return Err(Fault::new(at, code::TOO_DEEP, says));
        }
        self.depth += 1;
        let found = read(self)?;
        self.depth -= 1;
        Ok(found)
    }

    fn unary(&mut self) -> Parsed<Expr> {
        self.cursor.skip_spaces();
        let at = self.cursor.at;
        if self.keyword("NOT") {
            return Ok(Expr::Not(Box::new(self.deeper(at, Self::unary)?)));
        }
        if self.cursor.eat("-") {
            if self.cursor.peek().is_none_or(char::is_whitespace) {
                return Err(self.expected("what to exclude, directly behind the \"-\""));
            }
            return Ok(Expr::Not(Box::new(self.deeper(at, Self::unary)?)));
        }
        self.primary()
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let at = self.cursor.at;
        let phone = phone_length(self.cursor.rest());
        if phone > 0 {
            self.cursor.at += phone;
            let text = self.cursor.text[at..self.cursor.at].to_owned();
            return Ok(Expr::Words(Words { text, at, form: Form::Word }));
        }
        if self.cursor.eat("(") {
            let inner = self.deeper(at, Self::or)?;
            if !self.cursor.eat(")") {
                return Err(self.expected("\")\" or another word"));
            }
            return Ok(inner);
        }
        if let Some(clause) = self.clause()? {
            return Ok(Expr::Clause(clause));
        }
        self.words().map(Expr::Words)
    }

    fn words(&mut self) -> Parsed<Words> {
        const TERM: &str = "a word, a quoted text, a field or \"(\"";
        let at = self.cursor.at;
        if let Some(text) = self.quoted()? {
            return Ok(Words { text, at, form: Form::Quoted });
        }
        let ahead = self.cursor;
        if self.keyword("OR") || self.keyword("AND") {
            self.cursor = ahead;
            return Err(self.expected(&format!("{TERM}; a word that joins others is searched for in quotes")));
        }
        // What looks like half a clause is no word; other punctuation ("Smith & Sons") just has nothing to be found by.
        if self.cursor.peek().is_none_or(|c| matches!(c, ')' | ':' | '=' | '<' | '>' | '!' | ',' | '*')) {
            return Err(self.expected(TERM));
        }
        let word = self.cursor.take_until(ends_word);
        Ok(Words { text: word.to_owned(), at, form: Form::Word })
    }

    /// A quoted text, if a quotation mark stands here. `\` takes the next character as it is.
    fn quoted(&mut self) -> Parsed<Option<String>> {
        let opening = self.cursor;
        let Some(mark) = self.cursor.peek().filter(|c| is_quote(*c)) else {
            return Ok(None);
        };
        let closes = |c: char| if mark == '"' { c == '"' } else { c != '"' && is_quote(c) };
        let mut text = String::new();
        let mut characters = opening.rest().char_indices().skip(1);
        while let Some((at, c)) = characters.next() {
            if closes(c) {
                self.cursor.at = opening.at + at + c.len_utf8();
                return Ok(Some(text));
            }
            let plain = if c == '\\' { characters.next().map(|(_, c)| c) } else { Some(c) };
            text.extend(plain);
        }
        Err(Fault::new(opening.at, code::SYNTAX, "Expected a second quotation mark; this one is never closed."))
    }

    /// A field and its test, if a name with `:` or an operator behind it stands here.
    fn clause(&mut self) -> Parsed<Option<Clause>> {
        let at = self.cursor.at;
        let length = name_length(self.cursor.rest());
        let name = self.cursor.rest()[..length].to_owned();
        let ahead = self.cursor;
        self.cursor.at += length;
        self.cursor.skip_spaces();
        if length == 0 {
            self.cursor = ahead;
            return Ok(None);
        }
        if self.cursor.eat(":") {
            return Ok(Some(Clause { name, at, test: self.values()? }));
        }
        let Some(relation) = self.relation() else {
            self.cursor = ahead;
            return Ok(None);
        };
        self.cursor.skip_spaces();
        let value = self.value()?;
        self.end_of_value()?;
        if value.form == Form::Prefix {
            return Err(Fault::new(value.at, code::SYNTAX, "Expected a whole value; \"*\" goes with \":\" only."));
        }
        Ok(Some(Clause { name, at, test: Test::Compare(relation, value) }))
    }

    fn relation(&mut self) -> Option<Relation> {
        // The longer ones first.
        const RELATIONS: [(&str, Relation); 6] = [
            ("!=", Relation::Unequal),
            (">=", Relation::AtLeast),
            ("<=", Relation::AtMost),
            (">", Relation::Above),
            ("<", Relation::Below),
            ("=", Relation::Equal),
        ];
        RELATIONS.iter().find_map(|(text, relation)| self.cursor.eat(text).then_some(*relation))
    }

    fn values(&mut self) -> Parsed<Test> {
        self.cursor.skip_spaces();
        for (word, test) in [("*", Test::Any), ("empty", Test::Empty)] {
            let ahead = self.cursor;
            if self.cursor.eat_word(word) {
                return Ok(test);
            }
            self.cursor = ahead;
        }
        let first = self.value()?;
        if self.cursor.eat("..") {
            let last = self.value()?;
            self.end_of_value()?;
            if let Some(begun) = [&first, &last].iter().find(|value| value.form == Form::Prefix) {
                let says = "Expected a whole value as an end of the range, without \"*\".";
                return Err(Fault::new(begun.at, code::SYNTAX, says));
            }
            return Ok(Test::Between(first, last));
        }
        let mut values = vec![first];
        loop {
            let ahead = self.cursor;
            self.cursor.skip_spaces();
            if !self.cursor.eat(",") {
                self.cursor = ahead;
                break;
            }
            self.cursor.skip_spaces();
            values.push(self.value()?);
        }
        self.end_of_value()?;
        Ok(Test::In(values))
    }

    fn value(&mut self) -> Parsed<Literal> {
        let at = self.cursor.at;
        if let Some(text) = self.quoted()? {
            return Ok(Literal { text, at, form: Form::Quoted });
        }
        let rest = self.cursor.rest();
        let length = rest.find(ends_value).unwrap_or(rest.len());
        let word = &rest[..rest[..length].find("..").unwrap_or(length)];
        let (plain, form) = match word.strip_suffix('*') {
            Some(plain) => (plain, Form::Prefix),
            None => (word, Form::Word),
        };
        if let Some(star) = plain.find('*') {
            let says = "Expected \"*\" at the end of the word only; a text with a \"*\" in it goes in quotes.";
            return Err(Fault::new(at + star, code::SYNTAX, says));
        }
        if plain.is_empty() {
            return Err(self.expected(match word {
                "" => "a value; one with spaces, commas or parentheses goes in quotes",
                _ => "a value; \"*\" stands alone, or at the end of a word",
            }));
        }
        if form == Form::Word && plain.eq_ignore_ascii_case("empty") {
            return Err(self.expected("a value; \"empty\" stands alone, and in quotes it is a word"));
        }
        self.cursor.at += word.len();
        Ok(Literal { text: plain.to_owned(), at, form })
    }

    /// Nothing may be glued to a value.
    fn end_of_value(&self) -> Parsed<()> {
        match self.cursor.peek() {
            None | Some(')') => Ok(()),
            Some(c) if c.is_whitespace() => Ok(()),
            Some(_) => {
                Err(self.expected("a space behind the value; one with spaces, commas or parentheses goes in quotes"))
            }
        }
    }
}
