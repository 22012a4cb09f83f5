'use strict';
// The page shows what the sidecar says. Words of agents are text and only text: everything
// goes through textContent.
const $ = (id) => document.getElementById(id);
const token = (() => {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    sessionStorage.setItem('token', given);
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem('token') || '';
})();
let state = null, view = 'agents', chosen = '', incidents = [];

function el(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attributes || {})) {
    if (k === 'class') e.className = v; else if (k === 'text') e.textContent = v; else e.setAttribute(k, v);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

async function ask(path, options = {}) {
  const answer = await fetch('/api/' + path, { ...options, headers: { Authorization: 'Bearer ' + token, 'Content-Type': 'application/json' } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return body;
}

function complain(text) { $('banner').textContent = text; $('banner').hidden = !text; }

const seconds = (ns) => {
  const s = (ns || 0) / 1e9;
  if (s < 1) return Math.round(s * 1000) + ' ms';
  if (s < 90) return s.toFixed(1).replace(/\.0$/, '') + ' s';
  if (s < 5400) return Math.round(s / 60) + ' min';
  return (s / 3600).toFixed(1) + ' h';
};
const bytes = (n) => n >= 2 ** 30 ? (n / 2 ** 30).toFixed(1) + ' GiB' : (n / 2 ** 20).toFixed(0) + ' MiB';
const moment = (t) => new Date(t).toLocaleString();
const tone = (health) => ({ healthy: 'good', finished: 'quiet', stopped: 'quiet', starting: 'quiet', waiting: 'quiet', held: 'bad', gave_up: 'bad' }[health] || 'warn');

// --- agents

function fact(name, value) { return el('span', {}, name + ' ', el('b', { text: value })); }

const acts = {
  start: ['stopped', 'finished', 'gave_up'], stop: null, restart: null, hold: null, isolate: null, release: ['held'],
};

function buttons(a) {
  if (!state.actions) return null;
  const row = el('div', { class: 'acts', role: 'group', 'aria-label': 'Actions on ' + a.agent });
  for (const [name, when] of Object.entries(acts)) {
    if (when && !when.includes(a.health) && !(name === 'release' && a.hold)) continue;
    const b = el('button', { type: 'button', text: name });
    b.addEventListener('click', () => order({ command: name, agent: a.agent }, `${name} ${a.agent}?`));
    row.append(b);
  }
  if (a.health === 'asking') {
    for (const name of ['approve', 'refuse']) {
      const b = el('button', { type: 'button', class: 'strong', text: name });
      b.addEventListener('click', () => order({ command: name, incident: a.incident }, `${name} what is asked about ${a.agent}?`));
      row.append(b);
    }
  } else if (a.incident && !a.acknowledged) {
    const b = el('button', { type: 'button', text: 'ack' });
    b.addEventListener('click', () => order({ command: 'ack', incident: a.incident }, `You know of ${a.incident}?`));
    row.append(b);
  }
  return row;
}

function card(a) {
  const c = el('article', { class: 'card', 'aria-label': a.agent });
  c.append(el('div', { class: 'head' }, el('h3', { text: a.agent }), el('span', { class: 'badge ' + tone(a.health), text: a.health })));
  c.append(el('p', { class: 'facts' }, fact('process', a.process.state + (a.process.pid ? ' ' + a.process.pid : '')), fact('runs', a.runs), fact('up', seconds(a.uptime)), fact('budget', `${a.budget_left}/${a.budget}`)));
  const notes = [a.incident && `${a.incident}: ${a.type || 'not diagnosed yet'}${a.strategy ? ', ' + a.strategy : ''}`, a.hold && 'held: ' + a.hold, a.alarm && 'unwell, and nothing is done',
    ...(a.foreseen || []), ...(a.process.in_force || []), ...(a.unknown || []).map((u) => 'cannot read ' + u)].filter(Boolean);
  for (const n of notes) c.append(el('p', { class: 'note', text: n }));
  c.append(el('div', { class: 'charts' }), ...[buttons(a)].filter(Boolean));
  return c;
}

async function charts(a, into) {
  const h = await ask('history/' + encodeURIComponent(a.agent));
  const series = h.recent && h.recent.memory ? h.recent : null;
  const day = h.day && h.day.memory && h.day.memory.length > 30 ? h.day : null;
  into.replaceChildren();
  const marks = incidents.filter((i) => i.agent === a.agent).map((i) => Date.parse(i.opened));
  const forecast = (a.forecasts || []).find((f) => f.resource === 'memory');
  for (const [s, what] of [[series, 'last 10 minutes'], [day, 'last day']]) {
    if (!s) continue;
    const last = (kind) => s[kind].filter((v) => v !== null).pop();
    if (last('memory') === undefined) continue;
    into.append(el('figure', {}, Charts.draw(s, 'memory', { label: `memory of ${a.agent}, ${what}`, marks, forecast }), el('figcaption', {}, el('span', { text: 'memory, ' + what }), el('span', { text: bytes(last('memory')) }))));
    into.append(el('figure', {}, Charts.draw(s, 'cpu', { label: `processor use of ${a.agent}, ${what}`, marks }), el('figcaption', {}, el('span', { text: 'cpu, ' + what }), el('span', { text: last('cpu').toFixed(0) + ' %' }))));
  }
}

let shown = '';
function showAgents() {
  const s = state;
  $('sidecar').textContent = `${s.version}, up ${seconds(s.uptime)}, ${s.agents.filter((a) => a.health === 'healthy').length} of ${s.agents.length} agents healthy`;
  const warnings = [s.paused && 'healing is paused', s.storm && 'storm: ' + s.storm, s.journal && 'journal: ' + s.journal, s.policy && 'the policy on the disk is not in force: ' + s.policy].filter(Boolean);
  complain(warnings.join('; '));
  const st = s.stats;
  $('sums').replaceChildren(fact('failures', st.errors), fact('in the last hour', st.errors_last_hour), fact('healed', Math.round(100 * st.success_rate) + ' %'), fact('mean time', seconds(st.mean_recovery)));
  const now = JSON.stringify(s.agents.map((a) => ({ ...a, uptime: 0 })));
  if (now !== shown) { // what is focused stays, unless something has changed
    shown = now;
    const focused = document.activeElement && document.activeElement.closest('.card') ? [document.activeElement.closest('.card').getAttribute('aria-label'), document.activeElement.textContent] : null;
    $('cards').replaceChildren(...s.agents.map(card));
    if (focused) [...$('cards').children].filter((c) => c.getAttribute('aria-label') === focused[0]).forEach((c) => [...c.querySelectorAll('button')].filter((b) => b.textContent === focused[1]).forEach((b) => b.focus()));
    drawn = 0;
  }
  if (view === 'agents' && Date.now() - drawn > 2000) {
    drawn = Date.now();
    s.agents.forEach((a, i) => charts(a, $('cards').children[i].querySelector('.charts')).catch(() => {}));
  }
}
let drawn = 0;

// --- incidents

async function showIncidents() {
  incidents = await ask('incidents');
  if (view !== 'incidents') return;
  $('list').replaceChildren(...incidents.map((i) => {
    const b = el('button', { type: 'button' }, el('span', { class: 'head' }, el('b', { text: i.agent }), el('span', { class: 'badge ' + (i.outcome === 'recovered' ? 'good' : i.outcome ? 'quiet' : 'warn'), text: i.outcome || 'open' })),
      el('span', { class: 'quiet', text: `${i.type || 'not diagnosed'}${i.strategy ? ', ' + i.strategy : ''}` }), el('span', { class: 'quiet mono', text: `${moment(i.opened)} ${i.id}` }));
    if (i.id === chosen) b.setAttribute('aria-current', 'true');
    b.addEventListener('click', () => { chosen = i.id; showIncidents().then(() => showStory(true)); });
    return el('li', {}, b);
  }));
  if (incidents.length === 0) $('list').replaceChildren(el('li', { class: 'quiet', text: 'Nothing has failed yet.' }));
}

function facts(pairs) {
  const dl = el('dl');
  for (const [k, v] of pairs) if (v !== undefined && v !== '' && v !== null) dl.append(el('dt', { text: k }), el('dd', { text: String(v) }));
  return dl;
}

function options(plan) {
  const ul = el('ul');
  for (const o of plan.options || []) {
    const gate = (o.verdicts || []).map((v) => `${v.rule}: ${v.reason || v.decision}`).join('; ');
    const text = o.offered ? `${o.strategy}: chance ${(100 * o.success).toFixed(0)} %, risk ${(o.risk || 0).toFixed(2)}${o.index ? ', ' + seconds(o.index) + ' for each success' : ''}${gate ? ' (' + gate + ')' : ''}` : `${o.strategy}: not offered, ${o.why}`;
    ul.append(el('li', { class: o.strategy === plan.strategy ? '' : 'quiet', text }));
  }
  return ul;
}

function tell(e) {
  const when = el('span', { class: 'quiet mono', text: new Date(e.at.wall).toLocaleTimeString() + ' ' });
  const say = (text) => [el('li', {}, when, text)];
  switch (e.kind) {
    case 'signal': return say(`${e.signal.detector} ${e.signal.state}: ${e.signal.text || (e.signal.reading ? e.signal.reading.value + ' of ' + e.signal.reading.limit : '')}`);
    case 'diagnosed': return say(`diagnosed as ${e.diagnosis.type}, ${(100 * e.diagnosis.confidence).toFixed(0)} % sure`);
    case 'planned': return say('planned: ' + (e.note || ''));
    case 'attempt_started': return say(`${e.attempt.undo ? 'take back ' : ''}${e.attempt.strategy || e.attempt.task} begins`);
    case 'attempt_finished': return say('done' + (e.result.error ? ', but: ' + e.result.error : '') + (e.result.in_force ? ': ' + e.result.in_force.join('; ') : ''));
    case 'outcome': return say(`${e.outcome}: ${e.note || ''}`);
    case 'incident_closed': return say(`closed: ${e.outcome}, after ${seconds(e.took)}`);
    case 'agent_exited': return say('the agent ended');
    case 'agent_started': return say('the agent runs');
    default: return say(e.kind.replaceAll('_', ' ') + (e.note ? ': ' + e.note : ''));
  }
}

async function showStory(focus) {
  if (!chosen) return;
  const events = await ask('incidents/' + encodeURIComponent(chosen));
  const diag = events.filter((e) => e.diagnosis && e.kind === 'diagnosed').pop();
  const plan = events.filter((e) => e.plan).pop();
  const story = $('story');
  story.replaceChildren(el('h3', { text: chosen }));
  if (diag) {
    const d = diag.diagnosis;
    story.append(facts([['agent', diag.agent], ['type', d.type], ['cause', d.cause], ['confidence', (100 * d.confidence).toFixed(0) + ' %'], ['severity', d.severity], ['fingerprint', d.fingerprint]]));
    story.append(el('h4', { text: 'Evidence' }), el('ul', {}, ...d.evidence.map((t) => el('li', { text: t }))));
  }
  if (plan) story.append(el('h4', { text: 'What was considered' }), el('p', { class: 'note', text: plan.plan.reason }), options(plan.plan));
  story.append(el('h4', { text: 'What happened' }), el('ol', {}, ...events.flatMap(tell)));
  if (focus) story.focus();
}

// --- patterns and policy

async function showPatterns() {
  const all = await ask('patterns') || [];
  const rows = all.map((p) => el('tr', {}, el('td', { text: p.agent }), el('td', { text: p.type }), el('td', { class: 'mono', text: p.template || p.fingerprint }), el('td', { text: p.outcomes }),
    el('td', { text: Object.entries(p.strategies || {}).map(([s, v]) => `${s}: ${v.recovered} of ${v.recovered + v.relapsed + v.failed}, believed ${(100 * v.chance).toFixed(0)} %`).join('; ') })));
  const head = el('tr', {}, ...['Agent', 'Type', 'Failure', 'Outcomes', 'Remedies'].map((t) => el('th', { scope: 'col', text: t })));
  $('learned').replaceChildren(all.length ? el('table', {}, el('caption', { text: 'Verified outcomes by failure' }), el('thead', {}, head), el('tbody', {}, ...rows)) : el('p', { class: 'quiet', text: 'Nothing was learned yet.' }));
}

async function showPolicy() {
  const all = await ask('policy') || [];
  $('inforce').replaceChildren(...all.map((p) => {
    const c = el('article', { class: 'card', 'aria-label': 'Policy of ' + p.agent }, el('h3', { text: p.agent }), el('p', { class: 'note quiet mono', text: p.file ? `${p.file}:${p.line}` : 'no policy file' }));
    c.append(el('h4', { text: 'From the policy' }), facts([...Object.entries(p.given).sort(), ['detect', (p.detects || []).join(', ')]]));
    c.append(el('details', {}, el('summary', { text: 'Defaults' }), facts(Object.entries(p.defaults).sort())));
    return c;
  }));
}

// --- orders, views, updates

function sure(text) {
  return new Promise((resolve) => {
    $('ask-text').textContent = text;
    // The event of an earlier close may still be on its way: only what is chosen here counts.
    $('ask').oncancel = () => resolve(false);
    $('ask').querySelector('form').onsubmit = (e) => resolve(e.submitter.value === 'yes');
    $('ask').showModal();
  });
}

async function order(o, question) {
  if (!await sure(question)) return;
  try { await ask('orders', { method: 'POST', body: JSON.stringify(o) }); } catch (e) { complain(e.message); }
}

const shows = { agents: async () => state && showAgents(), incidents: async () => { await showIncidents(); await showStory(); }, patterns: showPatterns, policy: showPolicy };

function open(name) {
  view = name;
  for (const s of Object.keys(shows)) $(s).hidden = s !== name;
  for (const b of document.querySelectorAll('nav button')) {
    if (b.dataset.view === name) b.setAttribute('aria-current', 'page'); else b.removeAttribute('aria-current');
  }
  shown = '';
  shows[name]().catch((e) => complain(e.message));
}

async function follow() {
  for (;;) {
    try {
      const answer = await fetch('/api/stream', { headers: { Authorization: 'Bearer ' + token } });
      if (!answer.ok) throw new Error((await answer.json()).error);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '', before = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const parts = (rest + value).split('\n\n');
        rest = parts.pop();
        for (const part of parts) {
          const line = part.split('\n').find((l) => l.startsWith('data: '));
          if (!line) continue;
          state = JSON.parse(line.slice(6));
          const changed = JSON.stringify(state.agents.map((a) => [a.agent, a.health, a.incident, a.runs]));
          showAgents();
          if (changed !== before) {
            before = changed;
            if (view === 'incidents') await shows.incidents(); else incidents = await ask('incidents');
          }
        }
      }
      throw new Error('the sidecar has ended');
    } catch (e) {
      $('sidecar').textContent = 'not connected';
      complain(e.message);
    }
    await new Promise((r) => setTimeout(r, 1000));
  }
}

for (const b of document.querySelectorAll('nav button')) b.addEventListener('click', () => open(b.dataset.view));
follow();
