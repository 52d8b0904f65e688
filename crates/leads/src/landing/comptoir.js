// Comptoir on a landing page: session, visit, click, form start, lead. One line embeds it:
//   <script src="https://your-comptoir/public/comptoir.js" data-tenant="demo" data-form="PV-001" data-lp="LP-001" async></script>
// Mark the form with data-comptoir-form, calls to action with data-comptoir-cta, and what to show afterwards with
// data-comptoir-thanks (hidden). The visitor never sees a failure: a lead that could not be sent is kept in his browser
// and sent at his next visit. Listen to the event "comptoir:sent" to redirect or to count a conversion.
(() => {
  "use strict";
  const script = document.currentScript;
  const host = new URL(script.src).origin;
  const settings = script.dataset;
  const query = new URLSearchParams(location.search);
  const OUTBOX = "comptoir.outbox";
  const VISITOR = "comptoir.visitor";

  const store = {
    get(key) {
      try { return localStorage.getItem(key); } catch { return null; }
    },
    set(key, value) {
      try { localStorage.setItem(key, value); } catch { /* a browser without storage only loses the retry */ }
    },
  };

  const address = (path) => host + path + (settings.tenant ? "?tenant=" + encodeURIComponent(settings.tenant) : "");

  // text/plain spares the browser a preflight; the service reads it as JSON.
  const post = (path, body) =>
    fetch(address(path), {
      method: "POST",
      headers: { "content-type": "text/plain;charset=UTF-8" },
      body: JSON.stringify(body),
      keepalive: true,
    });

  const campaign = {};
  for (const name of ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "gclid", "fbclid"]) {
    if (query.get(name)) campaign[name] = query.get(name);
  }
  const codes = {
    form_code: settings.form || "",
    lp_code: query.get("lp") || settings.lp || "",
    liaison_code: query.get("liaison") || settings.liaison || "",
  };

  const uuid = () =>
    crypto.randomUUID ? crypto.randomUUID() : Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

  const openSession = async () => {
    if (query.get("session")) return query.get("session");
    const body = { ...codes, ...campaign, referrer: document.referrer, visitor_id: store.get(VISITOR) || "" };
    const answer = await post("/api/public/track/session", body);
    if (!answer.ok) throw new Error("no session");
    const session = await answer.json();
    store.set(VISITOR, session.visitor_id);
    return session.session_id;
  };
  // Without a session the lead still goes out, under a reference of its own.
  const session = openSession().catch(() => "local-" + uuid());

  const track = async (path, event) => {
    try {
      await post(path, { ...codes, session_id: await session, event });
    } catch { /* a visit that is not counted must not disturb the visitor */ }
  };

  const outbox = () => {
    try { return JSON.parse(store.get(OUTBOX)) || []; } catch { return []; }
  };
  const keep = (lead) => store.set(OUTBOX, JSON.stringify([...outbox().filter((kept) => kept.idempotency_key !== lead.idempotency_key), lead].slice(-20)));
  const forget = (lead) => store.set(OUTBOX, JSON.stringify(outbox().filter((kept) => kept.idempotency_key !== lead.idempotency_key)));
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  // Retry-safe: the key in the lead makes a repetition find the first one. What the service refuses it has kept itself.
  const send = async (lead) => {
    keep(lead);
    for (const wait of [0, 1000, 4000]) {
      await pause(wait);
      try {
        const answer = await post("/api/public/leads", lead);
        if (answer.ok || (answer.status >= 400 && answer.status < 500 && answer.status !== 429)) {
          forget(lead);
          return answer.ok ? await answer.json() : null;
        }
      } catch { /* offline: again, or at the next visit */ }
    }
    return null;
  };

  const start = () => {
    track("/api/public/track/lp-visit", "lp_visit");
    outbox().forEach(send);
    document.addEventListener("click", (event) => {
      if (event.target.closest && event.target.closest("[data-comptoir-cta]")) track("/api/public/track/event", "cta_click");
    });
    for (const form of document.querySelectorAll("form[data-comptoir-form]")) watch(form);
  };

  const watch = (form) => {
    let started = false;
    form.addEventListener("focusin", () => {
      if (!started) track("/api/public/track/event", "form_start");
      started = true;
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const fields = Object.fromEntries(new FormData(form));
      for (const box of form.querySelectorAll("input[type=checkbox]")) fields[box.name] = box.checked;
      const lead = { ...campaign, ...codes, ...fields, session_id: await session, idempotency_key: uuid() };
      const thanks = document.querySelector("[data-comptoir-thanks]");
      if (thanks) {
        form.hidden = true;
        thanks.hidden = false;
      }
      const answer = await send(lead);
      form.dispatchEvent(new CustomEvent("comptoir:sent", { bubbles: true, detail: answer }));
    });
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
