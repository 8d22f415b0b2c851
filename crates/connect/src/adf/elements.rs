//! From a text that is nearly XML to a tree of elements.

use std::borrow::Cow;

use quick_xml::{
    Reader,
    escape::{EscapeError, ParseCharRefError, resolve_html5_entity, resolve_predefined_entity},
    events::{BytesRef, BytesStart, Event},
};

/// How deep elements may nest, and how many there may be.
const DEEPEST: usize = 32;
const MOST: usize = 20_000;

/// An element; its name and the names of its attributes in lower case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Element {
    pub name: String,
    attributes: Vec<(String, String)>,
    text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// The text directly in it, without the white space around; none when there is nothing else.
    pub fn text(&self) -> Option<String> {
        let words: Vec<&str> = self.text.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// The same with its lines kept.
    pub fn lines(&self) -> Option<String> {
        let text = self.text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    pub fn attribute(&self, name: &str) -> Option<String> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value.trim().to_lowercase()).filter(|value| !value.is_empty())
    }

    /// An attribute as it was written.
    pub fn attribute_as_is(&self, name: &str) -> Option<String> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The children of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    pub fn first(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name that has one.
    pub fn text_of(&self, name: &str) -> Option<String> {
        self.children.iter().filter(|child| child.name == name).find_map(Self::text)
    }
}

/// The part of a text from `<adf` to its end tag, with what is not XML in it mended.
pub fn cut<'a>(text: &'a str, warnings: &mut Vec<String>) -> Option<Cow<'a, str>> {
    let mut text = Cow::Borrowed(text);
    if find(&text, "<adf").is_none() {
        find(&text, "&lt;adf")?;
        warnings.push("The markup was escaped.".to_owned());
        text = Cow::Owned(text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"));
    }
    let from = find(&text, "<adf")?;
    let to = if let Some(end) = find(&text[from..], "</adf>") {
        from + end + "</adf>".len()
    } else {
        warnings.push("The end tag of adf is missing.".to_owned());
        text.len()
    };
    Some(match text {
        Cow::Borrowed(text) => mended(&text[from..to], warnings),
        Cow::Owned(text) => Cow::Owned(mended(&text[from..to], warnings).into_owned()),
    })
}

/// Where a tag begins, in whatever case.
fn find(text: &str, tag: &str) -> Option<usize> {
    text.as_bytes().windows(tag.len()).position(|window| window.eq_ignore_ascii_case(tag.as_bytes()))
}

/// Escapes `&` and `<` where they are meant as characters.
fn mended<'a>(text: &'a str, warnings: &mut Vec<String>) -> Cow<'a, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut rest = text.char_indices();
    while let Some((at, character)) = rest.next() {
        let escaped = match character {
            // Inside a CDATA section everything is text already.
            '<' if text[at..].starts_with("<![CDATA[") => {
                let end = text[at..].find("]]>").map_or(text.len(), |end| at + end);
                while rest.clone().next().is_some_and(|(next, _)| next < end) {
                    rest.next();
                }
                continue;
            }
            '<' if !text[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || "/!?".contains(next)) => {
                "&lt;"
            }
            '&' if !is_reference(&text[at + 1..]) => "&amp;",
            _ => continue,
        };
        out.push_str(&text[copied..at]);
        out.push_str(escaped);
        copied = at + 1;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    warnings.push("Characters that have to be escaped were not.".to_owned());
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Whether what follows a `&` names a character.
fn is_reference(rest: &str) -> bool {
    let Some(end) = rest.bytes().take(12).position(|byte| byte == b';') else { return false };
    let name = &rest[..end];
    match name.strip_prefix('#') {
        Some(number) => number.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !number.is_empty(),
        None => !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
    }
}

/// The tree of a text. Elements that are not closed end with the one around them.
///
/// Errors: in a sentence, when it is no such tree, is too deep, or declares a document type.
pub fn parse(text: &str, warnings: &mut Vec<String>) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let mut open = vec![Element::default()];
    let mut count = 0;
    loop {
        let Ok(event) = reader.read_event() else {
            warnings.push("It could not be read to its end.".to_owned());
            break;
        };
        match event {
            Event::Start(start) => {
                open.push(element(&start, warnings));
                count += 1;
                if open.len() > DEEPEST || count > MOST {
                    return Err("The ADF has too many elements, or too many inside each other.".to_owned());
                }
            }
            Event::Empty(start) => {
                let element = element(&start, warnings);
                if let Some(parent) = open.last_mut() {
                    parent.children.push(element);
                }
                count += 1;
            }
            Event::End(end) => {
                let name = String::from_utf8_lossy(end.name().as_ref()).to_lowercase();
                match open.iter().skip(1).rposition(|element| element.name == name) {
                    Some(at) => {
                        if open.len() > at + 2 {
                            warnings.push(format!("An element inside {name} was not closed."));
                        }
                        close(&mut open, at + 1);
                    }
                    None => warnings.push(format!("An end tag of {name} has no beginning.")),
                }
            }
            Event::Text(text) => push(&mut open, &text.decode().unwrap_or_default()),
            Event::CData(data) => push(&mut open, &String::from_utf8_lossy(&data)),
            Event::GeneralRef(reference) => push(&mut open, &resolved(&reference)),
            Event::DocType(_) => return Err("A document type is not taken.".to_owned()),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    close(&mut open, 1);
    let root = open.pop().and_then(|top| top.children.into_iter().find(|child| child.name == "adf"));
    root.ok_or_else(|| "There is no <adf> in it.".to_owned())
}

fn push(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// Ends every element from the one at `from` on.
fn close(open: &mut Vec<Element>, from: usize) {
    while open.len() > from.max(1) {
        if let (Some(closed), Some(parent)) = (open.pop(), open.last_mut()) {
            parent.children.push(closed);
        }
    }
}

fn element(start: &BytesStart<'_>, warnings: &mut Vec<String>) -> Element {
    let name = String::from_utf8_lossy(start.local_name().as_ref()).to_lowercase();
    let mut attributes = Vec::new();
    for attribute in start.html_attributes().with_checks(false) {
        let Ok(attribute) = attribute else {
            warnings.push(format!("An attribute of {name} could not be read."));
            break;
        };
        let value = String::from_utf8_lossy(&attribute.value).into_owned();
        let value = quick_xml::escape::unescape_with(&value, named).map(Cow::into_owned).unwrap_or(value);
        attributes.push((String::from_utf8_lossy(attribute.key.local_name().as_ref()).to_lowercase(), value));
    }
    Element { name, attributes, ..Element::default() }
}

fn named(name: &str) -> Option<&'static str> {
    resolve_predefined_entity(name).or_else(|| resolve_html5_entity(name))
}

/// What a reference stands for; itself when nobody knows.
fn resolved(reference: &BytesRef<'_>) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => return character.to_string(),
        // The zero character: no database takes it in a text.
        Err(quick_xml::Error::Escape(EscapeError::InvalidCharRef(ParseCharRefError::IllegalCharacter(_)))) => {
            return String::new();
        }
        Ok(None) | Err(_) => {}
    }
    let name = String::from_utf8_lossy(reference).into_owned();
    named(&name).map_or_else(|| format!("&{name};"), str::to_owned)
}
