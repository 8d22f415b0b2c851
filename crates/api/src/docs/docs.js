// The API browser: reads OpenAPI documents and shows them. Everything from a document enters the page as text.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
const find = (id) => document.getElementById(id);

/** An element: `h("a", {href: "/"}, "text", child)`. `on...` attributes are listeners, false ones are left out. */
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(9).filter((child) => child != null && child !== false));
  return element;
}

// ---- Theme: the system's until one is chosen.

function applyTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}

function toggleTheme() {
  const shown = document.documentElement.dataset.theme
    ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const theme = shown === "dark" ? "light" : "dark";
  applyTheme(theme);
  try { localStorage.setItem("theme", theme); } catch { /* private browsing: the choice lasts for this page */ }
}

try { applyTheme(localStorage.getItem("theme")); } catch { /* as above */ }
find("theme")?.addEventListener("click", toggleTheme);

// ---- Markdown, as much of it as our descriptions use: paragraphs, lists, fences, `code`, **bold**, [links](/here).

function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/).map((part) => {
    if (/^`.+`$/.test(part)) return h("code", {}, part.slice(1, -1));
    if (/^\*\*.+\*\*$/.test(part)) return h("strong", {}, inline(part.slice(2, -2)));
    const link = part.match(/^\[([^\]]+)\]\(([^)\s]+)\)$/);
    if (link) return /^(https?:|\/|#)/.test(link[2]) ? h("a", { href: link[2], rel: "noreferrer" }, link[1]) : link[1];
    return part;
  });
}

function markdown(text) {
  return (text ?? "").split(/(```[\s\S]*?```)/).flatMap((chunk) => {
    const fence = chunk.match(/^```\w*\n?([\s\S]*?)```$/);
    if (fence) return h("pre", {}, h("code", {}, fence[1].trimEnd()));
    return chunk.split(/\n\s*\n/).filter((block) => block.trim()).map((block) => {
      const lines = block.trim().split("\n");
      if (lines.every((line) => /^\s*[-*] |^\s{2,}/.test(line)))
        return h("ul", {}, block.trim().split(/\n(?=\s*[-*] )/).map((item) => h("li", {}, inline(item.replace(/^\s*[-*] /, "")))));
      const heading = block.trim().match(/^#+ (.*)$/);
      if (heading) return h("h2", {}, inline(heading[1]));
      return h("p", {}, inline(lines.join(" ")));
    });
  });
}

// ---- Schemas.

let api = null; // the document shown
let dialects = [];
let current = { dialect: null, operation: null };

/** The schema a reference points at, its own members beside it taken over. */
function resolve(schema) {
  const seen = new Set();
  while (schema?.$ref && !seen.has(schema.$ref)) {
    seen.add(schema.$ref);
    const { $ref, ...beside } = schema;
    const target = $ref.slice(2).split("/").reduce((at, step) => at?.[step.replaceAll("~1", "/").replaceAll("~0", "~")], api) ?? {};
    schema = { ...target, ...beside, properties: merge(target.properties, beside.properties) };
  }
  return schema === true || schema == null ? {} : schema;
}

function merge(base, over) {
  if (!over) return base;
  const merged = { ...base };
  for (const [name, schema] of Object.entries(over)) merged[name] = { ...base?.[name], ...schema };
  return merged;
}

/** The alternatives of a schema without null, and whether null is one of them. */
function alternatives(schema) {
  const branches = schema.oneOf ?? schema.anyOf;
  if (!branches) return { branches: [], nullable: [].concat(schema.type ?? []).includes("null") };
  const kept = branches.filter((branch) => branch.type !== "null");
  return { branches: kept, nullable: kept.length < branches.length };
}

/** All properties, those of `allOf` included. */
function properties(schema) {
  const parts = [schema, ...(schema.allOf ?? []).map(resolve)];
  return {
    fields: Object.assign({}, ...parts.map((part) => part.properties ?? {})),
    required: new Set(parts.flatMap((part) => part.required ?? [])),
  };
}

function typeName(raw) {
  const schema = resolve(raw);
  const { branches, nullable } = alternatives(schema);
  const constants = branches.length && branches.every((branch) => "const" in branch) ? branches.map((branch) => branch.const) : null;
  const values = schema.enum ?? constants ?? ("const" in schema ? [schema.const] : null);
  const types = [].concat(schema.type ?? []).filter((type) => type !== "null");
  let name;
  if (values) name = values.filter((value) => value !== null).map((value) => JSON.stringify(value)).join(" | ");
  else if (branches.length) name = [...new Set(branches.map(typeName))].join(" or ");
  else if (types.includes("array")) name = `array of ${schema.items ? typeName(schema.items) : "anything"}`;
  else name = types.join(" or ") || (schema.properties || schema.allOf ? "object" : "anything");
  if (schema.format) name += ` (${schema.format})`;
  return nullable ? `${name} or null` : name;
}

function bounds(raw) {
  const schema = resolve(raw);
  const said = [];
  const range = (low, high, what) => {
    if (low != null && high != null) said.push(low === high ? `exactly ${low}${what}` : `${low} to ${high}${what}`);
    else if (low != null) said.push(`at least ${low}${what}`);
    else if (high != null) said.push(`at most ${high}${what}`);
  };
  range(schema.minimum, schema.maximum, "");
  range(schema.minLength, schema.maxLength, " characters");
  range(schema.minItems, schema.maxItems, " items");
  if (schema.pattern) said.push(`matches ${schema.pattern}`);
  if (schema.default !== undefined && schema.default !== null) said.push(`default ${JSON.stringify(schema.default)}`);
  return said.join(", ");
}

/** The schema whose members are worth unfolding, through arrays and "or null". */
function inner(raw) {
  const schema = resolve(raw);
  if (schema.items) return inner(schema.items);
  const { branches } = alternatives(schema);
  if (branches.length === 1) return inner(branches[0]);
  return schema;
}

function hasMembers(schema) {
  return Object.keys(properties(schema).fields).length > 0
    || alternatives(schema).branches.some((branch) => hasMembers(resolve(branch)))
    || (schema.additionalProperties && typeof schema.additionalProperties === "object");
}

function described(schema) {
  const limits = bounds(schema);
  return [markdown(resolve(schema).description), limits && h("p", { class: "type" }, limits)];
}

function field(name, schema, required) {
  const head = [h("span", { class: "name" }, name), " ", h("span", { class: "type" }, typeName(schema)), " ",
    required && h("span", { class: "need" }, "required")];
  const below = inner(schema);
  if (!hasMembers(below)) return h("div", { class: "field" }, head, described(schema));
  // Filled when first opened: a type may hold itself.
  const open = (event) => {
    if (event.target.open && !event.target.dataset.full) {
      event.target.dataset.full = "yes";
      event.target.append(tree(below));
    }
  };
  return h("details", { class: "field", ontoggle: open }, h("summary", {}, head), described(schema));
}

function tree(raw) {
  const schema = inner(raw);
  const { fields, required } = properties(schema);
  const rows = Object.entries(fields).map(([name, member]) => field(name, member, required.has(name)));
  if (schema.additionalProperties && typeof schema.additionalProperties === "object")
    rows.push(field("<any name>", schema.additionalProperties, false));
  const { branches } = alternatives(schema);
  if (branches.some((branch) => hasMembers(resolve(branch))))
    branches.forEach((branch, at) => rows.push(field(`alternative ${at + 1}`, branch, false)));
  return h("div", { class: "tree" }, rows.length ? rows : h("p", { class: "type" }, typeName(raw)));
}

/** A plausible value of a schema, for when no example is given. */
function sample(raw, depth = 0) {
  const schema = resolve(raw);
  if (schema.examples?.length) return schema.examples[0];
  if ("const" in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.default != null) return schema.default;
  const { branches } = alternatives(schema);
  if (branches.length) return sample(branches[0], depth);
  const type = [].concat(schema.type ?? []).find((name) => name !== "null");
  if (type === "array") return depth > 3 || !schema.items ? [] : [sample(schema.items, depth + 1)];
  if (type === "object" || schema.properties || schema.allOf) {
    const { fields, required } = properties(schema);
    const names = Object.keys(fields).filter((name) => depth < 2 || required.has(name));
    return depth > 4 ? {} : Object.fromEntries(names.map((name) => [name, sample(fields[name], depth + 1)]));
  }
  if (type === "integer" || type === "number") return schema.minimum ?? 0;
  if (type === "boolean") return true;
  if (["instant", "date-time"].includes(schema.format)) return "2026-11-21T09:30:00.000Z";
  if (schema.format === "date") return "2026-11-21";
  return type === "string" ? "text" : null;
}

// ---- Operations.

function operations() {
  return Object.entries(api?.paths ?? {}).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })));
}

function matches(operation, words) {
  const text = [operation.path, operation.method, operation.operationId, operation.summary, operation.description, ...(operation.tags ?? []),
    ...(operation.parameters ?? []).map((parameter) => parameter.name)].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

const linkTo = (operation) => `#${current.dialect}/${operation.operationId}`;

function showList() {
  const words = find("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = operations().filter((operation) => matches(operation, words));
  const tags = [...new Set(shown.map((operation) => operation.tags?.[0] ?? "other"))];
  find("operations").replaceChildren(...tags.flatMap((tag) => [
    h("h3", {}, tag),
    ...shown.filter((operation) => (operation.tags?.[0] ?? "other") === tag).map((operation) =>
      h("a", { href: linkTo(operation), "aria-current": operation.operationId === current.operation && "page" },
        h("span", { class: `method ${operation.method}` }, operation.method.toUpperCase()),
        h("span", {}, operation.summary || operation.operationId, h("small", {}, operation.path)))),
  ]));
  if (!shown.length) find("operations").append(h("p", { class: "quiet" }, "Nothing matches."));
}

function say(text) {
  const said = find("said");
  said.textContent = text;
  said.classList.add("shown");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => said.classList.remove("shown"), 1600);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without HTTPS there is no clipboard interface; a selected field does it.
    const area = h("textarea", { class: "hidden" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say("Copied");
}

function block(text, attributes) {
  return h("div", { class: "block", ...attributes },
    h("pre", { tabindex: "0" }, h("code", {}, text)),
    h("button", { type: "button", onclick: () => copy(text) }, "Copy"));
}

const pretty = (value) => JSON.stringify(value, null, 2);
const mediaOf = (content) => Object.values(content ?? {})[0];
const exampleOf = (media) => media.example ?? sample(media.schema);
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curl(operation) {
  const parameters = operation.parameters ?? [];
  const path = operation.path.replace(/\{([^}]+)\}/g, (_, name) => `<${name}>`);
  const query = parameters.filter((parameter) => parameter.in === "query" && parameter.required)
    .map((parameter) => `${encodeURIComponent(parameter.name)}=${encodeURIComponent(sample(parameter.schema))}`).join("&");
  const lines = [`curl ${operation.method === "get" ? "" : `-X ${operation.method.toUpperCase()} `}${quoted(location.origin + path + (query && `?${query}`))}`];
  if (operation.security?.length) lines.push(`-H "Authorization: Bearer $TOKEN"`);
  const body = mediaOf(operation.requestBody?.content);
  if (body) lines.push(`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(exampleOf(body)))}`);
  return lines.join(" \\\n  ");
}

const PLACES = { path: "Path", query: "Query", header: "Header" };

function parameterTable(parameters, place) {
  const rows = parameters.filter((parameter) => parameter.in === place);
  if (!rows.length) return [];
  return [h("h2", {}, PLACES[place]), h("table", {},
    h("thead", {}, h("tr", {}, ["Name", "Type", "Meaning"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, rows.map((parameter) => h("tr", {},
      h("td", {}, h("span", { class: "name" }, parameter.name), " ", parameter.required && h("span", { class: "need" }, "required")),
      h("td", { class: "type" }, typeName(parameter.schema)),
      h("td", {}, markdown(parameter.description), bounds(parameter.schema) && h("p", { class: "type" }, bounds(parameter.schema)))))))];
}

function answer([status, response]) {
  const media = mediaOf(response.content);
  const isProblem = Object.keys(response.content ?? {})[0] === "application/problem+json";
  const headers = Object.entries(response.headers ?? {});
  const summary = isProblem ? (response.description.match(/`[^`]+`/g) ?? []).join(" ") : response.description;
  return h("details", { class: "answer", open: status < 300 },
    h("summary", {}, h("span", { class: `status c${status[0]}` }, status), h("span", {}, inline(summary))),
    h("div", {},
      isProblem && markdown(response.description),
      isProblem && h("p", {}, h("a", { href: "/docs/errors" }, "What an error looks like")),
      headers.length > 0 && h("p", { class: "type" }, "Headers: ", headers.map(([name, header], at) =>
        [at ? ", " : "", h("code", { title: resolve(header).description ?? "" }, name)])),
      media && !isProblem && [tree(media.schema), block(pretty(exampleOf(media)))]));
}

const ACCESS = {
  public: "open to anyone",
  session: "any valid credential",
  signed: "signed by the provider",
};

function showOperation() {
  const operation = operations().find((one) => one.operationId === current.operation);
  const main = find("main");
  if (!operation) {
    const first = api.info.description ? markdown(api.info.description) : h("p", { class: "quiet" }, "Choose an operation, or press j.");
    main.replaceChildren(h("h1", {}, `${api.info.title} ${api.info.version}`), ...[first].flat());
    return;
  }
  const parameters = operation.parameters ?? [];
  const body = mediaOf(operation.requestBody?.content);
  const access = operation["x-access"];
  document.title = `${operation.summary || operation.operationId} · Forecourt API`;
  main.replaceChildren(...[
    h("h1", {}, operation.summary || operation.operationId),
    h("div", { class: "place" },
      h("span", { class: `method ${operation.method}` }, operation.method.toUpperCase()),
      h("code", {}, operation.path.split(/(\{[^}]+\})/).map((part) => part.startsWith("{") ? h("em", {}, part) : part)),
      access && h("span", { class: "access" }, ACCESS[access] ?? ["needs ", h("code", {}, access)])),
    markdown(operation.description),
    block(curl(operation), { id: "curl" }),
    Object.keys(PLACES).map((place) => parameterTable(parameters, place)),
    body && [h("h2", {}, "Body"), tree(body.schema), h("h2", {}, "Example"), block(pretty(exampleOf(body)))],
    h("h2", {}, "Answers"),
    Object.entries(operation.responses ?? {}).map(answer),
  ].flat(9).filter(Boolean));
}

function showDialects() {
  find("dialects").replaceChildren(...dialects.map(({ name, title }) =>
    h("a", { href: `#${name}`, "aria-current": name === current.dialect && "page" }, title)));
  find("raw").href = `/openapi/${current.dialect}.json`;
}

async function route() {
  const [dialect, operation] = decodeURIComponent(location.hash.slice(1)).split("/");
  const known = dialects.find(({ name }) => name === dialect) ?? dialects[0];
  if (!known) return;
  if (known.name !== current.dialect) {
    const answer = await fetch(`/openapi/${known.name}.json`);
    api = await answer.json();
    current.dialect = known.name;
    document.title = `${known.title} · Forecourt API`;
  }
  current.operation = operation ?? null;
  showDialects();
  showList();
  showOperation();
  find("operations").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  scrollTo(0, 0);
}

// ---- Keys.

function step(by) {
  const links = [...find("operations").querySelectorAll("a")];
  const at = links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = links[at < 0 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1)];
  if (next) location.hash = next.hash;
}

function stepDialect(by) {
  const at = dialects.findIndex(({ name }) => name === current.dialect);
  const next = dialects[(at + by + dialects.length) % dialects.length];
  if (next) location.hash = `#${next.name}`;
}

function unfold() {
  const all = [...find("main").querySelectorAll("details")];
  const open = all.some((one) => !one.open);
  for (const one of all) one.open = open;
}

const KEYS = {
  "/": () => find("search").focus(),
  j: () => step(1),
  k: () => step(-1),
  "[": () => stepDialect(-1),
  "]": () => stepDialect(1),
  e: unfold,
  c: () => find("curl")?.querySelector("button").click(),
  t: toggleTheme,
  "?": () => find("help").showModal(),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches?.("input, textarea");
  if (typing) {
    if (event.key === "Escape") event.target.blur();
    if (event.key === "Enter") find("operations").querySelector("a")?.click();
    return;
  }
  if (KEYS[event.key] && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    KEYS[event.key]();
  }
}

async function start() {
  find("search").addEventListener("input", showList);
  find("keys").addEventListener("click", KEYS["?"]);
  addEventListener("keydown", onKey);
  addEventListener("hashchange", route);
  try {
    dialects = await (await fetch("/docs/dialects.json")).json();
    if (dialects.length) await route();
    else find("main").replaceChildren(h("p", { class: "quiet" }, "No dialect is served here."));
  } catch (error) {
    find("main").replaceChildren(h("p", { class: "quiet" }, `The documentation could not be loaded: ${error.message}`));
  }
}

// The page of errors shares this file for its theme only.
if (find("operations")) start();
else addEventListener("keydown", (event) => { if (event.key === "t" && !event.ctrlKey && !event.metaKey) toggleTheme(); });
