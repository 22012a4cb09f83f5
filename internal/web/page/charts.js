'use strict';
// Charts draw readings as lines, with marks where incidents began and the line of a forecast.
const Charts = (() => {
  const NS = 'http://www.w3.org/2000/svg';
  const WIDTH = 300, HEIGHT = 64;

  function part(name, attributes) {
    const e = document.createElementNS(NS, name);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    return e;
  }

  function path(values, top, span) {
    let d = '', pen = false;
    values.forEach((v, i) => {
      if (v === null) { pen = false; return; }
      const x = (i / Math.max(span - 1, 1)) * WIDTH, y = HEIGHT - 2 - (v / top) * (HEIGHT - 6);
      d += (pen ? 'L' : 'M') + x.toFixed(1) + ' ' + y.toFixed(1);
      pen = true;
    });
    return d;
  }

  // draw makes a chart of one kind of reading. The right fifth is the future when there is a
  // forecast that reaches into it.
  function draw(series, kind, options) {
    const values = series[kind] || [];
    const svg = part('svg', { class: 'chart', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': options.label });
    const known = values.filter((v) => v !== null);
    if (known.length === 0) return svg;
    const forecast = options.forecast;
    const future = forecast ? Math.ceil(values.length / 4) : 0;
    const span = values.length + future;
    const last = known[known.length - 1];
    const top = Math.max(...known, forecast ? Math.min(forecast.limit, last * 4) : 0, 1e-9) * 1.08;
    const y = (v) => HEIGHT - 2 - (Math.min(v, top) / top) * (HEIGHT - 6);
    const x = (i) => (i / Math.max(span - 1, 1)) * WIDTH;
    if (forecast && forecast.limit) {
      const ahead = forecast.left / 1e9 / series.step;
      const end = last + (forecast.limit - last) * Math.min(future / Math.max(ahead, 1e-9), 1);
      svg.append(part('line', { class: 'limit', x1: 0, x2: WIDTH, y1: y(forecast.limit), y2: y(forecast.limit) }));
      svg.append(part('line', { class: 'forecast', x1: x(values.length - 1), x2: x(span - 1), y1: y(last), y2: y(end) }));
    }
    const begun = Date.parse(series.end) - (values.length - 1) * series.step * 1000;
    for (const at of options.marks || []) {
      const i = (at - begun) / 1000 / series.step;
      if (i >= 0 && i <= values.length) svg.append(part('line', { class: 'mark', x1: x(i), x2: x(i), y1: 0, y2: HEIGHT }));
    }
    svg.append(part('path', { class: kind, d: path(values, top, span) }));
    return svg;
  }

  return { draw };
})();
