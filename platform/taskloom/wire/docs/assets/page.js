// Loads and shows the API documents with the key that the visitor entered, which stays in this tab.
"use strict";

const STORED = "taskloom-key";
const SCHEME = "key";

const field = document.getElementById("key");
const notice = document.getElementById("notice");

function key() {
  return sessionStorage.getItem(STORED) || "";
}

function say(text) {
  notice.textContent = text;
  notice.hidden = !text;
}

async function load(address) {
  const headers = { Accept: "application/json" };
  if (key()) headers.Authorization = `Bearer ${key()}`;
  const answer = await fetch(address, { headers, credentials: "omit" });
  if (answer.status === 401) {
    throw new Error(key() ? "This API key is unknown or was revoked." : "Enter an API key to load this.");
  }
  if (answer.status === 404) throw new Error("There is no such workflow, or not for this API key.");
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return answer.json();
}

async function showDocument(address) {
  const ui = window.SwaggerUIBundle({
    spec: await load(address),
    dom_id: "#document",
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    onComplete: () => key() && ui.preauthorizeApiKey(SCHEME, key()),
  });
}

function card(workflow) {
  const link = document.createElement("a");
  link.href = `/docs/workflows/${encodeURIComponent(workflow.id)}`;
  const name = document.createElement("strong");
  name.textContent = workflow.name;
  const about = document.createElement("span");
  about.textContent = workflow.id;
  link.append(name, " ", about);
  const item = document.createElement("li");
  item.append(link);
  return item;
}

async function showIndex() {
  const empty = document.getElementById("workflows-empty");
  const cards = document.getElementById("workflows");
  if (!key()) {
    cards.replaceChildren();
    empty.hidden = false;
    return;
  }
  const workflows = await load("/api/v1/workflows");
  cards.replaceChildren(...workflows.map(card));
  empty.hidden = workflows.length > 0;
  empty.textContent = "There are no workflows yet.";
}

async function show() {
  say("");
  const address = document.body.dataset.document;
  try {
    if (address) await showDocument(address);
    else if (document.getElementById("workflows")) await showIndex();
  } catch (error) {
    say(error.message);
  }
}

document.getElementById("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(STORED, field.value.trim());
  show();
});
document.getElementById("forget").addEventListener("click", () => {
  sessionStorage.removeItem(STORED);
  location.reload();
});
field.value = key();
show();
