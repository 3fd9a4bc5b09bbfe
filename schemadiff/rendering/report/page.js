"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;

  // -- light and dark: as the system says, until it is switched

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const remembered = {
    get() { try { return localStorage.getItem("schemadiff-theme"); } catch { return null; } },
    set(value) { try { localStorage.setItem("schemadiff-theme", value); } catch { /* nothing is kept */ } },
  };
  const theme = (value) => { if (value === "light" || value === "dark") root.dataset.theme = value; };
  theme(remembered.get());
  document.getElementById("theme").addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    theme(now === "dark" ? "light" : "dark");
    remembered.set(root.dataset.theme);
  });

  // -- the filter: words that a table or an object has in it, and the kinds of changes

  const things = all(".thing").map((element) => ({ element, text: element.textContent.toLowerCase(), sign: element.dataset.sign }));
  const boxes = all(".erd .box").map((element) => ({ element, text: element.textContent.toLowerCase() }));
  const input = document.getElementById("filter");
  const found = document.getElementById("found");
  const toggles = all(".toggle");

  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const signs = new Set(toggles.filter((each) => each.getAttribute("aria-pressed") === "true").map((each) => each.dataset.sign));
    const matches = (text) => words.every((word) => text.includes(word));
    let count = 0;
    for (const thing of things) {
      const shown = signs.has(thing.sign) && matches(thing.text);
      thing.element.hidden = !shown;
      count += shown;
    }
    for (const box of boxes) box.element.classList.toggle("away", !matches(box.text));
    const filtered = words.length > 0 || signs.size < toggles.length;
    found.textContent = filtered ? `${count} of ${things.length}` : "";
    for (const section of all(".database")) {
      const nothing = section.querySelector(".nothing");
      if (nothing) nothing.hidden = !section.querySelector(".thing") || section.querySelector(".thing:not([hidden])") !== null;
    }
  };
  let waiting = 0;
  input.addEventListener("input", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(apply); });
  for (const each of toggles) {
    each.addEventListener("click", () => {
      each.setAttribute("aria-pressed", String(each.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== input && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
      input.select();
    } else if (event.key === "Escape" && document.activeElement === input) {
      input.value = "";
      apply();
    }
  });

  // -- folding

  const fold = (open) => { for (const { element } of things) if (!element.hidden) element.open = open; };
  document.getElementById("unfold").addEventListener("click", () => fold(true));
  document.getElementById("fold").addEventListener("click", () => fold(false));

  // -- copying

  for (const button of all(".copy")) {
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      } catch {
        getSelection().selectAllChildren(code);
      }
    });
  }

  // -- the diagram: zoom, move, and what a table is connected with

  for (const picture of all(".picture")) {
    const paper = picture.querySelector(".paper");
    const svg = paper.querySelector("svg");
    const { width, height } = svg.viewBox.baseVal;
    let scale = 1;
    const size = (value) => {
      scale = Math.min(3, Math.max(0.02, value));
      svg.setAttribute("width", Math.round(width * scale));
      svg.setAttribute("height", Math.round(height * scale));
    };
    const zoom = (value) => {
      const x = (paper.scrollLeft + paper.clientWidth / 2) / scale;
      const y = (paper.scrollTop + paper.clientHeight / 2) / scale;
      size(value);
      paper.scrollLeft = x * scale - paper.clientWidth / 2;
      paper.scrollTop = y * scale - paper.clientHeight / 2;
    };
    // What is asked of the frame, and not of what is in it, lays nothing out before it is looked at.
    const fit = () => Math.min(1, (picture.clientWidth - 2) / width, (innerHeight * 0.78) / height);
    picture.querySelector(".zoom").addEventListener("click", (event) => {
      const how = event.target.dataset.zoom;
      if (how) zoom({ in: scale * 1.4, out: scale / 1.4, fit: fit(), full: 1 }[how]);
    });
    paper.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(scale * Math.exp(-event.deltaY / 300));
    }, { passive: false });
    size(fit());

    let held = null;
    let moved = false;
    paper.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType !== "mouse") return;
      held = { x: event.clientX + paper.scrollLeft, y: event.clientY + paper.scrollTop };
      moved = false;
    });
    addEventListener("pointermove", (event) => {
      if (!held) return;
      const left = held.x - event.clientX;
      const top = held.y - event.clientY;
      if (Math.abs(left - paper.scrollLeft) + Math.abs(top - paper.scrollTop) > 3) {
        moved = true;
        paper.classList.add("held");
      }
      paper.scrollLeft = left;
      paper.scrollTop = top;
    });
    addEventListener("pointerup", () => { held = null; paper.classList.remove("held"); });

    const lines = all(".line", svg);
    const database = picture.closest(".database");
    const details = new Map(all(".thing", database).filter((each) => each.dataset.table).map((each) => [each.dataset.table, each]));
    for (const box of all(".box", svg)) {
      const name = box.dataset.table;
      box.addEventListener("pointerenter", () => {
        const own = lines.filter((line) => line.dataset.from === name || line.dataset.to === name);
        for (const line of own) line.classList.add("lit");
        svg.classList.toggle("near", own.length > 0);
      });
      box.addEventListener("pointerleave", () => {
        for (const line of lines) line.classList.remove("lit");
        svg.classList.remove("near");
      });
      box.addEventListener("click", () => {
        const thing = details.get(name);
        if (moved || !thing || thing.hidden) return;
        thing.open = true;
        thing.scrollIntoView({ block: "center" });
        thing.querySelector("summary").focus({ preventScroll: true });
      });
    }
  }
})();
