// Draws the API page from openapi.json. What the document says goes in as text, never as markup.
"use strict";

const methods = ["get", "post", "put", "patch", "delete"];
let description = null;

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== null && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function resolve(value) {
  for (let hops = 0; value && value.$ref && hops < 8; ++hops) {
    value = value.$ref.slice(2).split("/").reduce(
      (place, part) => place && place[part.replaceAll("~1", "/").replaceAll("~0", "~")], description);
  }
  return value || {};
}

// --- A little Markdown: paragraphs, lists, tables, `code`, **strong**, [text](link) --------------

function inline(text) {
  const pieces = text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/);
  return pieces.filter(Boolean).map((piece) => {
    if (piece.length > 2 && piece.startsWith("`")) return element("code", {}, piece.slice(1, -1));
    if (piece.length > 4 && piece.startsWith("**")) return element("strong", {}, piece.slice(2, -2));
    const link = piece.match(/^\[([^\]]+)\]\(((?:https?:|#|\/)[^)\s]*)\)$/);
    return link ? element("a", { href: link[2] }, link[1]) : piece;
  });
}

function table(lines) {
  const rows = lines.filter((line) => !/^\|[\s:|-]+\|$/.test(line))
    .map((line) => line.slice(1, -1).split("|").map((cell) => cell.trim()));
  return element("table", {}, ...rows.map((cells, index) =>
    element("tr", {}, ...cells.map((cell) => element(index ? "td" : "th", {}, ...inline(cell))))));
}

function markdown(text, className) {
  const box = element("div", { class: className });
  for (const block of (text || "").trim().split(/\n\s*\n/)) {
    const lines = block.split("\n");
    if (!block) continue;
    if (lines.every((line) => line.startsWith("|"))) {
      box.append(table(lines));
    } else if (lines[0].startsWith("- ")) {
      const items = block.split(/\n(?=- )/).map((item) => item.slice(2).replace(/\n\s*/g, " "));
      box.append(element("ul", {}, ...items.map((item) => element("li", {}, ...inline(item)))));
    } else {
      box.append(element("p", {}, ...inline(lines.join(" "))));
    }
  }
  return box;
}

// --- Schemas -----------------------------------------------------------------------------------

function typeName(schema) {
  const reference = schema.$ref ? schema.$ref.split("/").pop() : null;
  const s = resolve(schema);
  if (s.const !== undefined) return JSON.stringify(s.const);
  if (s.enum) return s.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (s.oneOf || s.anyOf) return (s.oneOf || s.anyOf).map(typeName).join(" or ");
  let name = Array.isArray(s.type) ? s.type.join(" or ") : s.type || "any JSON value";
  if (s.type === "array") name = "array of " + typeName(s.items || {});
  else if (reference && s.type === "object") name = reference;
  else if (s.additionalProperties && s.additionalProperties.type && !s.properties)
    name = "object of " + s.additionalProperties.type + "s";
  if (s.format) name += " (" + s.format + ")";
  return name;
}

function limits(s) {
  const words = [];
  if (s.default !== undefined) words.push("default " + JSON.stringify(s.default));
  if (s.minimum !== undefined) words.push("at least " + s.minimum);
  if (s.maximum !== undefined) words.push("at most " + s.maximum);
  if (s.minLength > 1) words.push("at least " + s.minLength + " characters");
  if (s.maxLength !== undefined) words.push("at most " + s.maxLength + " characters");
  if (s.maxItems !== undefined) words.push("at most " + s.maxItems + " items");
  if (s.pattern) words.push("pattern " + s.pattern);
  return words.length ? element("p", {}, ...inline(words.map((word) => "`" + word + "`").join(" "))) : null;
}

function members(schema) {
  const s = resolve(schema);
  const merged = { properties: { ...s.properties }, required: [...(s.required || [])] };
  for (const part of s.allOf || []) {
    const inner = members(part);
    merged.properties = { ...inner.properties, ...merged.properties };
    merged.required.push(...inner.required);
  }
  return merged;
}

function shape(schema, depth) {
  let s = resolve(schema);
  while (s.type === "array" && s.items) s = resolve(s.items);
  const choices = s.oneOf || s.anyOf;
  if (choices && !s.properties) {
    const inner = choices.map((choice) => shape(choice, depth)).filter(Boolean);
    return inner.length ? element("div", {}, ...inner) : null;
  }
  const all = members(s);
  const names = Object.keys(all.properties);
  if (!names.length || depth > 4) return null;
  return element("ul", { class: "fields" }, ...names.map((name) => {
    const inner = resolve(all.properties[name]);
    return field(name, all.properties[name], all.required.includes(name),
      all.properties[name].description || inner.description, depth);
  }));
}

function field(name, schema, required, text, depth) {
  const below = shape(schema, depth + 1);
  const item = element("li", {},
    element("span", { class: "field-name" }, name),
    element("span", { class: "type" }, typeName(schema)),
    required ? element("span", { class: "required" }, "required") : null);
  const says = markdown(text, "field-text");
  const bounds = limits(resolve(schema));
  if (bounds) says.append(bounds);
  if (says.childNodes.length) item.append(says);
  if (below) item.append(depth > 0 ? element("details", {}, element("summary", {}, "members"), below) : below);
  return item;
}

// --- Examples ----------------------------------------------------------------------------------

function exampleOf(content) {
  const media = content || {};
  if (media.example !== undefined) return media.example;
  const first = Object.values(media.examples || {})[0];
  if (first) return resolve(first).value;
  const schema = resolve(media.schema || {});
  return schema.example !== undefined ? schema.example : (schema.examples || [])[0];
}

function textOf(example) {
  return typeof example === "string" ? example : JSON.stringify(example, null, 2);
}

function sample(title, text) {
  const copy = element("button", { type: "button" }, "Copy");
  copy.addEventListener("click", () => navigator.clipboard.writeText(text).then(() => {
    copy.textContent = "Copied";
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  }));
  return element("div", { class: "sample" },
    element("header", {}, element("span", {}, title), copy), element("pre", {}, element("code", {}, text)));
}

function shellQuoted(text) {
  return "'" + text.replaceAll("'", "'\\''") + "'";
}

function curl(method, path, operation, parameters) {
  const filled = path.replace(/\{(\w+)\}/g, (whole, name) => {
    const parameter = parameters.find((p) => p.in === "path" && p.name === name);
    const example = parameter && (parameter.example ?? resolve(parameter.schema || {}).example);
    return example !== undefined ? encodeURIComponent(example).replaceAll("%2F", "/") : whole;
  });
  const query = parameters.filter((p) => p.in === "query" && p.required && p.example !== undefined)
    .map((p) => p.name + "=" + encodeURIComponent(p.example)).join("&");
  const url = location.origin.startsWith("http") ? location.origin : "http://127.0.0.1:8080";
  const lines = ["curl -sS" + (method === "get" ? "" : " -X " + method.toUpperCase())
    + " " + shellQuoted(url + filled + (query ? "?" + query : ""))];
  if ((operation.security ?? description.security ?? []).some((s) => Object.keys(s).length))
    lines.push('-H "Authorization: Bearer $SKILLBOX_API_KEY"');
  for (const p of parameters.filter((q) => q.in === "header" && q.required))
    lines.push("-H " + shellQuoted(p.name + ": " + (p.example ?? "…")));
  const body = resolve(operation.requestBody || {}).content;
  if (body && body["application/json"]) {
    lines.push("-H 'Content-Type: application/json'");
    const example = exampleOf(body["application/json"]);
    if (example !== undefined) lines.push("-d " + shellQuoted(JSON.stringify(example)));
  } else if (body && body["application/zip"]) {
    lines.push("-H 'Content-Type: application/zip'", "--data-binary @skill.zip");
  } else if (body && body["multipart/form-data"]) {
    lines.push("-F file=@data.csv");
  }
  return lines.join(" \\\n  ");
}

// --- Operations --------------------------------------------------------------------------------

function pathText(path) {
  return element("span", { class: "path" }, ...path.split(/(\{[^}]+\})/).filter(Boolean).map((piece) =>
    piece.startsWith("{") ? element("span", { class: "parameter" }, piece) : piece));
}

function answer(status, response) {
  const kind = status < "400" ? "ok" : status < "500" ? "refused" : "broken";
  const resolved = resolve(response);
  const [type, content] = Object.entries(resolved.content || {})[0] || [];
  const inner = element("div", { class: "inner" });
  const headers = Object.entries(resolved.headers || {});
  if (headers.length) {
    inner.append(element("ul", { class: "fields" }, ...headers.map(([name, header]) =>
      field(name, resolve(header).schema || {}, false, resolve(header).description, 1))));
  }
  const below = content && content.schema ? shape(content.schema, 0) : null;
  if (below) inner.append(below);
  const example = exampleOf(content);
  if (example !== undefined) inner.append(sample(type, textOf(example)));
  const line = [element("span", { class: "status " + kind }, status), ...inline(resolved.description || ""),
    type ? element("span", { class: "type" }, type) : null].filter(Boolean);
  if (!inner.childNodes.length) return element("details", { class: "bare" }, element("summary", {}, ...line));
  return element("details", {}, element("summary", {}, ...line), inner);
}

function operationSection(path, method, operation, shared) {
  const id = operation.operationId || method + path;
  const parameters = [...(shared || []), ...(operation.parameters || [])].map(resolve);
  const text = element("div", {});
  for (const [place, title] of [["path", "Path"], ["query", "Query"], ["header", "Headers"]]) {
    const here = parameters.filter((parameter) => parameter.in === place);
    if (!here.length) continue;
    text.append(element("h4", {}, title), element("ul", { class: "fields" }, ...here.map((parameter) =>
      field(parameter.name, parameter.schema || {}, parameter.required && place !== "path",
        parameter.description, 0))));
  }
  const body = resolve(operation.requestBody || {});
  for (const [type, content] of Object.entries(body.content || {})) {
    text.append(element("h4", {}, "Body · " + type));
    const below = shape(content.schema || {}, 0);
    if (below) text.append(below);
    else text.append(markdown(resolve(content.schema || {}).description || body.description, "field-text"));
  }
  text.append(element("h4", {}, "Answers"), ...Object.entries(operation.responses).map(([status, response]) =>
    answer(status, response)));

  const samples = element("div", {}, sample("Request", curl(method, path, operation, parameters)));
  for (const [status, response] of Object.entries(operation.responses)) {
    if (status >= "300") continue;
    const [type, content] = Object.entries(resolve(response).content || {})[0] || [];
    const example = exampleOf(content);
    if (example !== undefined) samples.append(sample("Answer " + status + " · " + type, textOf(example)));
  }
  const open = !(operation.security ?? description.security ?? []).some((s) => Object.keys(s).length);
  return element("article", { class: "operation", id },
    element("header", {},
      element("h3", {}, element("a", { href: "#" + id }, operation.summary || id)),
      element("div", { class: "endpoint" }, element("span", { class: "method " + method }, method.toUpperCase()),
        pathText(path),
        element("span", { class: "needs" }, open ? "no key needed" : roleText(operation["x-role"]))),
      markdown(operation.description, "prose")),
    text, samples);
}

function roleText(role) {
  if (!role) return "key needed";
  return role === "auditor" ? "role auditor or admin" : "role " + role + (role === "admin" ? "" : " or higher");
}

function draw() {
  const nav = document.getElementById("nav");
  const content = document.getElementById("content");
  document.title = description.info.title;
  document.getElementById("title").textContent = description.info.title;
  document.getElementById("version").textContent = description.info.version;
  nav.replaceChildren();
  content.replaceChildren(element("h1", {}, description.info.title), markdown(description.info.description, "prose"));
  for (const tag of description.tags) {
    const section = element("section", { id: "tag-" + tag.name },
      element("h2", {}, tag["x-title"] || tag.name), markdown(tag.description, "prose"));
    const list = element("ul", {});
    for (const [path, item] of Object.entries(description.paths)) {
      for (const method of Object.keys(item).filter((key) => methods.includes(key) && item[key].tags[0] === tag.name)) {
        const operation = item[method];
        const article = operationSection(path, method, operation, item.parameters);
        section.append(article);
        const link = element("a", { href: "#" + article.id },
          element("span", { class: "method " + method }, method.toUpperCase()),
          element("span", { class: "label" }, operation.summary || path));
        const words = [path, method, operation.summary, operation.operationId].join(" ").toLowerCase();
        list.append(element("li", { "data-words": words }, link));
        article.dataset.words = words;
      }
    }
    nav.append(element("div", { class: "group" }, element("h2", {}, tag["x-title"] || tag.name), list));
    content.append(section);
  }
  followScroll();
}

// --- Behaviour ---------------------------------------------------------------------------------

function filter(text) {
  const words = text.trim().toLowerCase().split(/\s+/);
  for (const item of document.querySelectorAll("[data-words]"))
    item.hidden = !words.every((word) => item.dataset.words.includes(word));
  for (const group of document.querySelectorAll(".nav .group, main > section"))
    group.hidden = !group.querySelector("[data-words]:not([hidden])");
}

function followScroll() {
  const links = new Map([...document.querySelectorAll(".nav a")].map((a) => [a.getAttribute("href").slice(1), a]));
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.classList.remove("here");
      links.get(entry.target.id).classList.add("here");
    }
  }, { rootMargin: "-15% 0px -75% 0px" });
  for (const article of document.querySelectorAll(".operation")) observer.observe(article);
}

function stored(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

setTheme(stored("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));

document.getElementById("theme").addEventListener("click", () => {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  setTheme(theme);
  try { localStorage.setItem("theme", theme); } catch { /* private mode: for this page only */ }
});
document.getElementById("filter").addEventListener("input", (event) => filter(event.target.value));
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLInputElement;
  if (event.key === "/" && !typing) {
    event.preventDefault();
    document.getElementById("filter").focus();
  } else if (event.key === "Escape" && typing) {
    event.target.value = "";
    filter("");
    event.target.blur();
  }
});
const menu = document.querySelector(".menu");
const nav = document.getElementById("nav");
function openMenu(open) {
  nav.classList.toggle("open", open);
  menu.setAttribute("aria-expanded", open);
}
menu.addEventListener("click", () => openMenu(!nav.classList.contains("open")));
nav.addEventListener("click", () => openMenu(false));

fetch("openapi.json").then((response) => {
  if (!response.ok) throw new Error("the server answered " + response.status);
  return response.json();
}).then((document_) => {
  description = document_;
  draw();
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target) target.scrollIntoView({ behavior: "instant" });
}).catch((error) => {
  document.getElementById("content").replaceChildren(
    element("p", { class: "note" }, "The description of the API could not be read: " + error.message + "."));
});
