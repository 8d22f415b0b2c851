//! From a JSON Schema, as schemars writes it, to the tree that is walked.

use std::collections::HashMap;

use serde_json::{Map, Number, Value, json};

use super::{Array, Edge, Node, Object, Range, Shape, Text, Typed, format::Format};

pub(super) fn compile(mut schema: Value) -> Shape {
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("$schema");
    }
    let whole = schema.clone();
    merge(&mut schema, &whole);
    close(&mut schema);
    let mut compiler = Compiler { root: &schema, nodes: Vec::new(), named: HashMap::new() };
    let root = compiler.reference("#");
    let nodes = compiler.nodes.into_iter().map(|node| node.unwrap_or(Node::Anything)).collect();
    let names = schema["properties"].as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default();
    Shape { schema, names, nodes, root }
}

/// Writes an object that is put together from parts (a tagged variant, a flattened struct) as one.
fn merge(schema: &mut Value, whole: &Value) {
    if let Some(parts) = schema.as_object().and_then(|schema| object_parts(schema, whole)) {
        let mut members = Map::new();
        let mut required: Vec<Value> = Vec::new();
        for mut part in parts {
            merge(&mut part, whole);
            members.extend(part["properties"].as_object().cloned().unwrap_or_default());
            required.extend(part["required"].as_array().cloned().unwrap_or_default());
        }
        *schema = json!({"type": "object", "properties": members, "required": required});
    } else if let Some(schema) = schema.as_object_mut() {
        each_part(schema, &mut |part| merge(part, whole));
    }
}

/// The parts of an object schema that has several, each an object with declared members.
fn object_parts(schema: &Map<String, Value>, whole: &Value) -> Option<Vec<Value>> {
    let mut own = schema.clone();
    let named = own.remove("$ref");
    let all = own.remove("allOf");
    let mut parts: Vec<Value> = own.contains_key("properties").then(|| own.into()).into_iter().collect();
    if let Some(Value::String(name)) = named {
        parts.push(whole.pointer(name.strip_prefix('#')?)?.clone());
    }
    for part in all.as_ref().and_then(Value::as_array).into_iter().flatten() {
        let name = part.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
        parts.push(name.map_or(Some(part), |name| whole.pointer(name))?.clone());
    }
    let are_objects = parts.iter().all(|part| part["properties"].is_object());
    (parts.len() > 1 && are_objects).then_some(parts)
}

/// Every schema inside a schema.
fn each_part(schema: &mut Map<String, Value>, act: &mut dyn FnMut(&mut Value)) {
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            ("properties" | "$defs" | "patternProperties", Value::Object(named)) => {
                named.values_mut().for_each(&mut *act);
            }
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(parts)) => {
                parts.iter_mut().for_each(&mut *act);
            }
            ("items" | "additionalProperties" | "not", part) => act(part),
            _ => {}
        }
    }
}

/// Says of every object with declared members that it takes no others, where nothing else is said.
fn close(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    if schema.contains_key("properties") && !schema.contains_key("allOf") {
        schema.entry("additionalProperties").or_insert(json!(false));
    }
    each_part(schema, &mut close);
}

struct Compiler<'a> {
    root: &'a Value,
    /// None while a node is being compiled: a schema may lead back to itself.
    nodes: Vec<Option<Node>>,
    named: HashMap<String, Edge>,
}

impl Compiler<'_> {
    fn add(&mut self, node: Node) -> Edge {
        self.nodes.push(Some(node));
        Edge { node: self.nodes.len() - 1, nullable: false }
    }

    /// The node of a `$ref`, compiled once.
    fn reference(&mut self, name: &str) -> Edge {
        if let Some(edge) = self.named.get(name) {
            return *edge;
        }
        let node = self.nodes.len();
        self.nodes.push(None);
        self.named.insert(name.to_owned(), Edge { node, nullable: false });
        let root = self.root;
        let target = name.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
        let edge = self.schema(target.unwrap_or(&Value::Bool(true)));
        // One step more on the walk, for a place that was known before what stands there.
        self.nodes[node] = Some(Node::All(vec![edge]));
        let edge = Edge { node, nullable: edge.nullable };
        self.named.insert(name.to_owned(), edge);
        edge
    }

    fn schema(&mut self, schema: &Value) -> Edge {
        let Some(schema) = schema.as_object() else {
            return match schema {
                Value::Bool(false) => self.add(Node::Values(Vec::new())),
                _ => self.add(Node::Anything),
            };
        };
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            return self.reference(name);
        }
        if let Some(values) = constants(schema) {
            return self.values(values);
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(ways) = schema.get(keyword).and_then(Value::as_array) {
                return self.union(ways);
            }
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            let mut edges: Vec<Edge> = parts.iter().map(|part| self.schema(part)).collect();
            if schema.contains_key("type") {
                edges.push(self.typed(schema));
            }
            let nullable = edges.iter().all(|edge| edge.nullable);
            return match edges.as_slice() {
                [only] => *only,
                _ => Edge { nullable, ..self.add(Node::All(edges)) },
            };
        }
        self.typed(schema)
    }

    /// Constants; null among them is a matter of the way there.
    fn values(&mut self, mut values: Vec<Value>) -> Edge {
        let all = values.len();
        values.retain(|value| !value.is_null());
        let nullable = values.len() < all;
        Edge { nullable, ..self.add(Node::Values(values)) }
    }

    fn union(&mut self, ways: &[Value]) -> Edge {
        let is_null = |way: &&Value| way["type"] == "null" || way.get("const").is_some_and(Value::is_null);
        let (null, ways): (Vec<&Value>, Vec<&Value>) = ways.iter().partition(is_null);
        let edge = match ways.as_slice() {
            [only] => self.schema(only),
            many => {
                // An enum whose variants carry their own words is a list of constants.
                let lists: Option<Vec<_>> = many.iter().map(|way| way.as_object().and_then(constants)).collect();
                if let Some(lists) = lists {
                    self.values(lists.into_iter().flatten().collect())
                } else {
                    let edges: Vec<Edge> = many.iter().map(|way| self.schema(way)).collect();
                    let nullable = edges.iter().any(|edge| edge.nullable);
                    Edge { nullable, ..self.add(Node::Union(edges)) }
                }
            }
        };
        Edge { nullable: edge.nullable || !null.is_empty(), ..edge }
    }

    fn typed(&mut self, schema: &Map<String, Value>) -> Edge {
        let types: Vec<&str> = match schema.get("type") {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ if schema.contains_key("properties") => vec!["object"],
            _ => return self.add(Node::Anything),
        };
        let is = |name: &str| types.contains(&name);
        let number = is("number") || is("integer");
        let node = Typed {
            boolean: is("boolean"),
            text: is("string").then(|| text(schema)),
            number: number.then(|| range(schema, !is("number"))),
            array: if is("array") { Some(self.array(schema)) } else { None },
            object: if is("object") { Some(self.object(schema)) } else { None },
        };
        Edge { nullable: is("null"), ..self.add(Node::Typed(Box::new(node))) }
    }

    fn array(&mut self, schema: &Map<String, Value>) -> Array {
        let items = self.schema(schema.get("items").unwrap_or(&Value::Bool(true)));
        Array { items, min: size(schema, "minItems").unwrap_or(0), max: size(schema, "maxItems") }
    }

    fn object(&mut self, schema: &Map<String, Value>) -> Object {
        let declared = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let mut members: Vec<(String, Edge)> =
            declared.map(|(name, member)| (name.clone(), self.schema(member))).collect();
        members.sort_by(|a, b| a.0.cmp(&b.0));
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let rest = match schema.get("additionalProperties") {
            Some(Value::Bool(false)) => None,
            Some(rest) => Some(self.schema(rest)),
            None => Some(self.add(Node::Anything)),
        };
        Object { members, required: required.filter_map(Value::as_str).map(str::to_owned).collect(), rest }
    }
}

fn constants(schema: &Map<String, Value>) -> Option<Vec<Value>> {
    let one = || schema.get("const").map(|value| vec![value.clone()]);
    schema.get("enum").and_then(Value::as_array).cloned().or_else(one)
}

fn size(schema: &Map<String, Value>, keyword: &str) -> Option<usize> {
    schema.get(keyword).and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok())
}

fn text(schema: &Map<String, Value>) -> Text {
    Text {
        min: size(schema, "minLength").unwrap_or(0),
        max: size(schema, "maxLength"),
        format: schema.get("format").and_then(Value::as_str).and_then(Format::named),
    }
}

/// Bounds said, or else those of the Rust integer that the format names: what passes here must be readable there.
fn range(schema: &Map<String, Value>, integer: bool) -> Range {
    let limit = |keyword: &str| schema.get(keyword).and_then(Value::as_number).cloned();
    let (lowest, highest): (Option<Number>, Option<Number>) = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => (Some(i32::MIN.into()), Some(i32::MAX.into())),
        Some("uint32") => (Some(0.into()), Some(u32::MAX.into())),
        Some("int64" | "int") => (Some(i64::MIN.into()), Some(i64::MAX.into())),
        Some("uint64" | "uint") => (Some(0.into()), Some(u64::MAX.into())),
        _ => (None, None),
    };
    Range {
        integer,
        min: limit("minimum").or(lowest),
        max: limit("maximum").or(highest),
        above: limit("exclusiveMinimum"),
        below: limit("exclusiveMaximum"),
    }
}
