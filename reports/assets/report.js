"use strict";
(function () {
  // Copy buttons. Pages opened from a file may lack the clipboard API: then the text is selected and copied the old way.
  function copyText(element, done) {
    function select() {
      var range = document.createRange();
      range.selectNodeContents(element);
      var selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      done(document.execCommand("copy") ? "Copied" : "Selected");
    }
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(element.textContent).then(function () { done("Copied"); }, select);
    } else {
      select();
    }
  }

  function copyButton(button) {
    var before = Array.from(button.childNodes);
    button.hidden = false;
    button.addEventListener("click", function () {
      copyText(document.getElementById(button.dataset.copy), function (said) {
        document.getElementById("copied").textContent = said;
        button.textContent = said;
        setTimeout(function () { button.replaceChildren.apply(button, before); }, 1600);
      });
    });
  }

  function two(n) { return (n < 10 ? "0" : "") + n; }

  function clock(ms) {
    var s = Math.floor(ms / 1000), h = Math.floor(s / 3600), rest = ms % 1000;
    var text = h > 0 ? h + ":" + two(Math.floor(s / 60) % 60) : String(Math.floor(s / 60));
    text += ":" + two(s % 60);
    return rest ? text + "." + String(1000 + rest).slice(1) : text;
  }

  // The time cursor of a picture: a slider over the bars that tells the exact counts of one column.
  function timeCursor(plot) {
    var data = JSON.parse(plot.querySelector(".counts").textContent);
    var field = plot.querySelector(".field");
    var columns = data.counts.length ? data.counts[0].length : 0;
    if (!columns || !data.step_ms || !data.span_ms) { return; }
    var glass = document.createElement("div"), line = document.createElement("div"), tip = document.createElement("div");
    glass.className = "glass";
    line.className = "cursor";
    tip.className = "tip";
    line.hidden = tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    glass.tabIndex = 0;
    glass.setAttribute("role", "slider");
    glass.setAttribute("aria-label", "Time cursor of: " + field.querySelector("svg").getAttribute("aria-label"));
    glass.setAttribute("aria-valuemin", "0");
    glass.setAttribute("aria-valuemax", String(columns - 1));
    field.append(line, glass, tip);
    var column = 0;

    function row(name, value) {
      var div = document.createElement("div"), label = document.createElement("span"), count = document.createElement("span");
      label.textContent = name;
      count.textContent = value;
      div.append(label, count);
      return div;
    }

    function show(to) {
      column = Math.max(0, Math.min(columns - 1, to));
      var from = column * data.step_ms, when = clock(from) + " to " + clock(from + data.step_ms), total = 0, spoken = [];
      data.counts.forEach(function (counts) { total += counts[column]; });
      var head = document.createElement("b");
      head.textContent = when;
      tip.replaceChildren(head);
      for (var i = data.labels.length - 1; i >= 0; i--) {
        var n = data.counts[i][column];
        if (n > 0) {
          var text = n.toLocaleString("en-US") + " (" + (100 * n / total).toFixed(1) + " %)";
          tip.append(row(data.labels[i], text));
          spoken.push(data.labels[i] + " " + text);
        }
      }
      if (!total) { tip.append(row("no answers", "")); }
      glass.setAttribute("aria-valuenow", String(column));
      glass.setAttribute("aria-valuetext", when + ": " + (spoken.join(", ") || "no answers"));
      var place = Math.min(100, 100 * (column + 0.5) * data.step_ms / data.span_ms);
      line.style.left = place + "%";
      tip.style.left = place < 50 ? "calc(" + place + "% + 10px)" : "auto";
      tip.style.right = place < 50 ? "auto" : "calc(" + (100 - place) + "% + 10px)";
      line.hidden = tip.hidden = false;
    }

    function hide() { line.hidden = tip.hidden = true; }

    function point(event) {
      var box = glass.getBoundingClientRect();
      show(Math.floor((event.clientX - box.left) / box.width * data.span_ms / data.step_ms));
    }

    glass.addEventListener("pointermove", point);
    glass.addEventListener("pointerdown", point);
    glass.addEventListener("pointerleave", function () { if (document.activeElement !== glass) { hide(); } });
    glass.addEventListener("focus", function () { show(column); });
    glass.addEventListener("blur", hide);
    glass.addEventListener("keydown", function (event) {
      var page = Math.max(1, Math.round(columns / 20));
      var to = { ArrowLeft: column - 1, ArrowDown: column - 1, ArrowRight: column + 1, ArrowUp: column + 1,
        PageDown: column - page, PageUp: column + page, Home: 0, End: columns - 1 }[event.key];
      if (to === undefined) {
        if (event.key === "Escape") { hide(); }
        return;
      }
      event.preventDefault();
      show(to);
    });
    glass.setAttribute("aria-valuenow", "0");
    glass.setAttribute("aria-valuetext", clock(0));
  }

  // The filter of the events. Lines across stay, so that what is left still has its place in time.
  function eventFilter(form) {
    var rows = Array.from(document.querySelectorAll("table.events tbody tr:not(.change)"));
    var actor = document.getElementById("filter-actor"), kind = document.getElementById("filter-kind");
    var text = document.getElementById("filter-text"), count = document.getElementById("filter-count");
    var entries = rows.map(function (row) {
      var cells = row.cells;
      return { row: row, actor: cells[1].textContent, kind: cells[2].textContent, text: row.textContent.toLowerCase() };
    });

    function choices(select, key) {
      var seen = new Map();
      entries.forEach(function (e) { seen.set(e[key], (seen.get(e[key]) || 0) + 1); });
      Array.from(seen.keys()).sort().forEach(function (value) {
        select.add(new Option((value || "(none)") + " (" + seen.get(value) + ")", "=" + value));
      });
    }

    function apply() {
      var wanted = text.value.trim().toLowerCase(), shown = 0;
      entries.forEach(function (e) {
        var yes = (!actor.value || actor.value === "=" + e.actor) && (!kind.value || kind.value === "=" + e.kind) &&
          (!wanted || e.text.indexOf(wanted) >= 0);
        e.row.hidden = !yes;
        if (yes) { shown++; }
      });
      count.textContent = shown === entries.length ? "" : shown + " of " + entries.length + " shown";
    }

    choices(actor, "actor");
    choices(kind, "kind");
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(apply, 0); });
  }

  // A link to something that is folded away unfolds it; paper has everything unfolded.
  function unfold(element) {
    for (var at = element; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") { at.open = true; }
    }
  }

  function unfoldTarget() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) { unfold(target); }
  }

  document.querySelectorAll("button.copy").forEach(copyButton);
  document.querySelectorAll(".plot").forEach(timeCursor);
  document.querySelectorAll("form.filter").forEach(eventFilter);
  window.addEventListener("hashchange", unfoldTarget);
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (d) { d.open = true; });
  });
  unfoldTarget();
})();
