//! What becomes of two trees that claim the same name.

use super::{LONGEST_LIST, List, Object, Tree, index};

/// One after the other: elements where they are lists. An object that was a list too long goes on.
pub fn combine(earlier: Tree, later: Tree) -> Tree {
    match earlier {
        Tree::Object(mut object) if object.overflow.is_some() => {
            let later = match later {
                Tree::List(list) => list.items,
                other => vec![Some(other)],
            };
            for item in later {
                object.append(item);
            }
            Tree::Object(object)
        }
        earlier => {
            let mut items = elements(earlier);
            items.extend(elements(later));
            let fits = items.len() <= LONGEST_LIST;
            let list = List { items, clash: None };
            if fits { Tree::List(list) } else { Tree::Object(list.overflowing()) }
        }
    }
}

fn elements(tree: Tree) -> Vec<Option<Tree>> {
    match tree {
        Tree::List(list) => list.items,
        other => vec![Some(other)],
    }
}

/// Puts what was read later into what was read before.
pub fn merge(target: Tree, source: Tree) -> Tree {
    match (target, source) {
        (target, Tree::Text(text)) if text.is_empty() => target,
        (Tree::List(list), source @ Tree::Text(_)) => list.with_text(source),
        (Tree::Object(object), source @ Tree::Text(_)) => object.with_text(source),
        (target @ Tree::Text(_), Tree::Object(object)) if object.overflow.is_some() => {
            Tree::Object(object.behind(target))
        }
        (target @ Tree::Text(_), source) => combine(target, source),
        (Tree::List(target), Tree::List(source)) => target.with_list(source),
        (Tree::List(target), Tree::Object(source)) => {
            let clash = target.clash.map(|_| (target.items.len() as u64).saturating_sub(1));
            let object = Object { clash, overflow: None, ..target.overflowing() };
            Tree::Object(object.with_members(source.members, source.overflow))
        }
        (Tree::Object(target), Tree::List(source)) => {
            let members = source.overflowing().members;
            Tree::Object(target.with_members(members, None))
        }
        (Tree::Object(target), Tree::Object(source)) => {
            Tree::Object(target.with_members(source.members, source.overflow))
        }
    }
}

impl List {
    /// The object a list becomes that is too long.
    fn overflowing(self) -> Object {
        let overflow = Some((self.items.len() as u64).saturating_sub(1));
        let named = |(at, item): (usize, Option<Tree>)| Some((at.to_string(), item?));
        Object { members: self.items.into_iter().enumerate().filter_map(named).collect(), overflow, clash: None }
    }

    fn count(&self) -> usize {
        self.items.iter().flatten().count()
    }

    fn with_text(mut self, text: Tree) -> Tree {
        let full = self.count() >= LONGEST_LIST;
        self.items.push(Some(text));
        if full { Tree::Object(self.overflowing()) } else { Tree::List(self) }
    }

    /// Elements fill what is empty; two trees in the same place are merged; whatever else there is comes at the end.
    fn with_list(mut self, source: Self) -> Tree {
        for (at, item) in source.items.into_iter().enumerate() {
            let Some(item) = item else { continue };
            match self.items.get_mut(at) {
                Some(place @ Some(Tree::List(_) | Tree::Object(_))) if !matches!(item, Tree::Text(_)) => {
                    *place = place.take().map(|there| merge(there, item));
                }
                Some(Some(_)) => self.items.push(Some(item)),
                Some(place) => *place = Some(item),
                None => {
                    self.items.resize(at, None);
                    self.items.push(Some(item));
                }
            }
        }
        if self.count() > LONGEST_LIST { Tree::Object(self.overflowing()) } else { Tree::List(self) }
    }
}

impl Object {
    /// One more element of what was a list.
    fn append(&mut self, item: Option<Tree>) {
        let at = self.overflow.map_or(0, |last| last + 1);
        self.overflow = Some(at);
        if let Some(item) = item {
            self.members.insert(at.to_string(), item);
        }
    }

    fn with_text(mut self, text: Tree) -> Tree {
        if self.overflow.is_some() {
            self.append(Some(text));
        } else if let Some(last) = self.clash {
            self.members.insert((last + 1).to_string(), text);
            self.clash = Some(last + 1);
        } else {
            return Tree::List(List { items: vec![Some(Tree::Object(self)), Some(text)], clash: Some(1) });
        }
        Tree::Object(self)
    }

    /// The same numbers, each one higher, behind what came first.
    fn behind(self, first: Tree) -> Self {
        let moved = self.members.into_iter().filter_map(|(name, item)| Some(((index(&name)? + 1).to_string(), item)));
        let members = [("0".to_owned(), first)].into_iter().chain(moved).collect();
        Self { members, overflow: self.overflow.map(|last| last + 1), clash: None }
    }

    fn with_members(mut self, members: std::collections::BTreeMap<String, Tree>, overflow: Option<u64>) -> Self {
        for (name, item) in members {
            let number = index(&name);
            let item = match self.members.remove(&name) {
                Some(there) => merge(there, item),
                None => item,
            };
            self.members.insert(name, item);
            if let (Some(last), None) = (overflow, self.overflow) {
                let highest = self.members.keys().filter_map(|name| index(name)).max();
                self.overflow = Some(last.max(highest.unwrap_or_default()));
            }
            self.overflow = self.overflow.map(|last| last.max(number.unwrap_or_default()));
            self.clash = self.clash.map(|last| last.max(number.unwrap_or_default()));
        }
        self
    }
}
