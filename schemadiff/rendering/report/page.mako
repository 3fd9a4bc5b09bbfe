<%def name="side(pieces)">\
% for text, changed in pieces or ():
% if changed:
<mark>${shown(text)}</mark>\
% else:
${shown(text)}\
% endif
% endfor
</%def>\
<%def name="rows(parts, caption)">\
<table><caption class="sr">${caption}</caption><thead><tr><th scope="col">Object</th><th scope="col">Before</th><th scope="col">After</th></tr></thead><tbody>
% for part in parts:
<% before, after = pair(part) %>\
<tr class="${classes[part.sign]}"><th scope="row"><i>${part.kind}</i> ${shown(part.name)}</th><td>${side(before)}</td><td>${side(after)}</td></tr>
% endfor
</tbody></table>
</%def>\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="schemadiff ${version}">
<title>Schema changes: ${shown(source)} → ${shown(target)}</title>
<link rel="icon" href="data:,">
<style>${sheet | n}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the changes</a>
<header class="top">
<div class="wide">
<h1>Schema changes</h1>
<p class="ends"><bdi>${shown(source)}</bdi> <span aria-label="to">→</span> <bdi>${shown(target)}</bdi></p>
</div>
</header>
<div class="bar" role="toolbar" aria-label="Filter and view">
<div class="wide">
<label class="find"><span class="sr">Filter tables and objects</span><input id="filter" type="search" placeholder="Filter tables and objects   ( / )" autocomplete="off" spellcheck="false"></label>
<span class="group" role="group" aria-label="Kinds of changes">
<button type="button" class="toggle added" data-sign="added" aria-pressed="true">+ <span class="word">added</span></button>
<button type="button" class="toggle dropped" data-sign="dropped" aria-pressed="true">− <span class="word">dropped</span></button>
<button type="button" class="toggle changed" data-sign="changed" aria-pressed="true">~ <span class="word">changed</span></button>
</span>
<span id="found" role="status" aria-live="polite"></span>
<span class="space"></span>
<button type="button" id="unfold">Unfold<span class="word"> all</span></button>
<button type="button" id="fold">Fold<span class="word"> all</span></button>
<button type="button" id="theme" aria-label="Switch between light and dark" title="Light or dark">◐</button>
</div>
</div>
<main id="main">
% for section in sections:
<section class="database wide" aria-label="${shown(section.database or "database")}">
% if section.database is not None:
<h2 class="name">${shown(section.database)}</h2>
% endif
<nav class="jump" aria-label="Parts">
<a href="#changes-${section.number}">Changes</a>
% if section.diagram:
<a href="#diagram-${section.number}">Diagram</a>
% endif
% if section.things:
<a href="#code-${section.number}">SQL and Python</a>
% endif
</nav>
<div class="cards">
% for sign, word in (("+", "added"), ("-", "dropped"), ("~", "changed")):
<div class="card ${word}"><b>${section.count(sign)}</b> ${word}</div>
% endfor
<div class="card"><b>${sum(thing.is_table for thing in section.things)}</b> ${"table" if sum(thing.is_table for thing in section.things) == 1 else "tables"} touched</div>
<div class="card ${"risk" if section.hazards else ""}"><b>${len(section.hazards)}</b> ${"hazard" if len(section.hazards) == 1 else "hazards"}</div>
</div>
% if section.warnings:
<ul class="warnings">
% for warning in section.warnings:
<li>${shown(warning)}</li>
% endfor
</ul>
% endif
% if section.hazards:
<details class="hazards"${"" if len(section.hazards) > 12 else " open"}><summary><h3>Before you upgrade</h3></summary>
<ul>
% for hazard in section.hazards:
<li class="${hazard.kind.replace(" ", "-")}"><span class="tag">${hazard.kind}</span> <span class="kind">${hazard.what}</span> <b><bdi>${shown(hazard.qualified)}</bdi></b> <span class="words">${shown(hazard.words)}</span></li>
% endfor
</ul></details>
% endif
<h3 id="changes-${section.number}">Changes</h3>
% if not section.things:
<p class="empty">No differences.</p>
% endif
<div class="things">
% for thing in section.things:
<details class="thing ${classes[thing.sign]}" data-sign="${classes[thing.sign]}" data-table="${shown(thing.name) if thing.is_table else ""}"${" open" if section.unfolded else ""}>
<summary><span class="glyph" aria-hidden="true">${{"+": "+", "-": "−", "~": "~"}[thing.sign]}</span><span class="sr">${classes[thing.sign]}</span> <span class="kind">${thing.kind}</span> <b><bdi>${shown(thing.name)}</bdi></b>
% if thing.sign == "~":
<span class="counts">\
% for sign, glyph in (("+", "+"), ("-", "−"), ("~", "~")):
% if thing.count(sign):
 <span class="${classes[sign]}">${glyph}${thing.count(sign)}</span>\
% endif
% endfor
</span>
% endif
% if section.hazards_of(thing):
<span class="tag ${section.hazards_of(thing)[0].kind.replace(" ", "-")}">${section.hazards_of(thing)[0].kind}</span>
% endif
</summary>
% if thing.parts:
${rows(thing.parts, "What changes of " + shown(thing.name))}\
% else:
<p class="empty">Nothing more is known of it.</p>
% endif
% if thing.same:
<details class="same"><summary>${len(thing.same)} unchanged</summary>
${rows(thing.same, "What stays of " + shown(thing.name))}\
</details>
% endif
</details>
% endfor
</div>
<p class="empty nothing" hidden>Nothing here has that in it.</p>
% if section.diagram:
<h3 id="diagram-${section.number}">Diagram</h3>
<div class="picture">
<div class="zoom" role="group" aria-label="Zoom"><button type="button" data-zoom="out" aria-label="Smaller">−</button><button type="button" data-zoom="fit">Fit</button><button type="button" data-zoom="full">100 %</button><button type="button" data-zoom="in" aria-label="Larger">+</button></div>
<div class="paper" tabindex="0" role="group" aria-label="Diagram; move with the arrow keys">
${section.diagram | n}</div>
<p class="legend"><span class="key">PK</span> primary key <span class="key">FK</span> foreign key <span class="key">UQ</span> unique <span class="nn">NN</span> not null <span class="added">+ added</span> <span class="dropped">− dropped</span> <span class="changed">~ changed</span></p>
</div>
% endif
% if section.things:
<h3 id="code-${section.number}">SQL and Python</h3>
% for language, name, code in section.codes:
<details class="code"><summary><b>${language}</b> <span class="kind">${name}</span></summary><button type="button" class="copy">Copy</button><pre tabindex="0"><code>${code | n}</code></pre></details>
% endfor
% endif
</section>
% endfor
</main>
<footer class="wide">Made by schemadiff ${version}</footer>
<script>${script | n}</script>
</body>
</html>
