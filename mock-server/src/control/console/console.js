"use strict";
// The console works without this: it makes the list live, keeps the clock going, and adds keys and a theme.
(() => {
  const org = document.body.dataset.org;
  const base = `/_mock/console/${encodeURIComponent(org)}`;
  const $ = (id) => document.getElementById(id);

  // Theme: as the system has it, or the other one.
  const root = document.documentElement;
  const remembered = localStorage.getItem("orgtwin-theme");
  if (remembered) root.dataset.theme = remembered;
  const theme = $("theme");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const named = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  theme.hidden = false;
  named();
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    localStorage.setItem("orgtwin-theme", root.dataset.theme);
    named();
  });

  // The org's clock goes on while the page is open.
  const now = $("now");
  if (now && now.dataset.frozen !== "true") {
    const ahead = Date.parse(now.dateTime) - Date.now();
    const tick = () => { now.textContent = new Date(Date.now() + ahead).toISOString().replace(/\.\d+Z/, "Z"); };
    tick();
    setInterval(tick, 1000);
  }

  // What is shown once is copied by one click, where the browser lets a page copy.
  for (const value of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) break;
    const copy = document.createElement("button");
    copy.type = "button";
    copy.textContent = "Copy";
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(value.textContent);
      copy.textContent = "Copied";
    });
    value.after(copy);
  }

  const rows = $("rows");
  const meters = $("meter-list");
  if (rows || meters) {
    let paused = false;
    let waiting = false;
    let behind = false;
    const pause = $("pause");
    const say = (text) => { const live = $("live"); if (live && pause) pause.title = text; };
    async function fetchText(url) {
      const answer = await fetch(url, { headers: { "x-orgtwin-fragment": "1" } });
      return answer.ok ? answer.text() : null;
    }
    async function refresh() {
      if (paused) { behind = true; return; }
      if (waiting) { behind = true; return; }
      waiting = true;
      behind = false;
      try {
        if (rows && !new URLSearchParams(location.search).has("before")) {
          const html = await fetchText(`${base}/rows?since=${rows.dataset.newest}${rows.dataset.query}`);
          if (html !== null) {
            const fresh = document.createElement("template");
            fresh.innerHTML = html;
            const added = [...fresh.content.querySelectorAll("tr")];
            if (added.length) {
              added.forEach((row) => row.classList.add("new"));
              rows.dataset.newest = Math.max(...added.map((row) => Number(row.dataset.seq)));
              rows.prepend(fresh.content);
              while (rows.rows.length > 500) rows.lastElementChild.remove();
              $("nothing")?.remove();
            }
          }
        }
        if (meters) {
          const html = await fetchText(`${base}/meters`);
          if (html !== null) meters.innerHTML = html;
        }
      } finally {
        setTimeout(() => { waiting = false; if (behind) refresh(); }, 250);
      }
    }
    const stream = new EventSource(`/_mock/orgs/${encodeURIComponent(org)}/ledger/stream`);
    stream.onmessage = refresh;
    stream.onopen = () => { say("live"); refresh(); };
    stream.onerror = () => say("the connection is lost");
    addEventListener("pagehide", () => stream.close());
    if (pause) {
      pause.hidden = false;
      pause.addEventListener("click", () => {
        paused = !paused;
        pause.setAttribute("aria-pressed", String(paused));
        pause.textContent = paused ? "Go on" : "Pause";
        if (!paused) refresh();
      });
    }
  }

  // Keys: j and k walk through the exchanges, / filters, p pauses, [ and ] turn pages.
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    const links = [...document.querySelectorAll("#rows .seq a, .list td:first-child a")];
    const at = links.indexOf(document.activeElement);
    const go = (link) => { if (link) { link.focus(); event.preventDefault(); } };
    if (event.key === "j") go(links[Math.min(at + 1, links.length - 1)]);
    else if (event.key === "k") go(links[Math.max(at - 1, 0)]);
    else if (event.key === "/") go(document.querySelector(".filter input"));
    else if (event.key === "p") $("pause")?.click();
    else if (event.key === "[") document.querySelector("a[rel=prev]")?.click();
    else if (event.key === "]") document.querySelector("a[rel=next]")?.click();
  });
})();
