/*
 * What the parts of the page are made of: elements, copy buttons, tabs, and JSON that keeps its
 * numbers as they were written. What comes from a server is put on the page as text, never as
 * markup.
 */

export const $ = (id) => document.getElementById(id);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];
export const plural = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;


/* An element with attributes and children; what is false, null, undefined or '' is left out. */
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);

  for (const [key, value] of Object.entries(attributes || {})) {
    if (typeof value === 'function') {
      node.addEventListener(key, value);
    } else if (key === 'value') {
      node.value = value;
    } else if (value !== false && value !== null && value !== undefined && value !== '') {
      node.setAttribute(key, value);
    }
  }
  node.append(...children.flat().filter((child) => child || child === 0));
  return node;
}


/* A table in a box that scrolls, also from the keyboard. */
export const tableBox = (label, ...children) =>
  el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label }, el('table', {}, children));


/* ---- Copying ---- */

export async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    /* Without https, on a name that is not local, there is no clipboard but this. */
    const area = el('textarea', { value: text });
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    button.focus();
  }

  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = 'Copy'; }, 1500);
}


/* Puts a copy button on a <pre>, and makes it scrollable from the keyboard. */
export function withCopy(pre) {
  const button = el('button', { type: 'button', 'aria-live': 'polite',
                                click: () => copy(pre.textContent, button) }, 'Copy');
  const frame = el('div', { class: 'code' });

  pre.tabIndex = 0;
  pre.replaceWith(frame);
  frame.append(pre, button);
  return frame;
}


/* ---- Tabs ---- */

let tabCount = 0;

/* Makes tabs in `box` of [title, panel]s, the first of them open. */
export function makeTabs(box, label, entries) {
  const list = el('div', { role: 'tablist', 'aria-label': label });
  const open = (tab, focus) => {
    for (const other of list.children) {
      const on = other === tab;
      other.setAttribute('aria-selected', on);
      other.tabIndex = on ? 0 : -1;
      $(other.getAttribute('aria-controls')).hidden = !on;
    }
    if (focus) {
      tab.focus();
      tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
  };

  for (const [title, panel] of entries) {
    const id = `tab-${++tabCount}`;
    panel.id ||= `${id}-panel`;
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', id);
    list.append(el('button', { type: 'button', role: 'tab', id, 'aria-controls': panel.id,
                               click: (event) => open(event.currentTarget) }, title));
  }

  list.addEventListener('keydown', (event) => {
    const tabs = [...list.children];
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      open(tabs.at(to % tabs.length), true);
    }
  });

  box.replaceChildren(list, ...entries.map(([, panel]) => panel));
  open(list.firstElementChild);
}


/* ---- JSON, with numbers as they were written: 84000.0 stays so, and long integers are exact ---- */

export class Num {
  constructor(text) { this.text = text; }
  toString() { return this.text; }
}

export const parse = (text) => JSON.parse(text, (key, value, context) =>
  typeof value === 'number' ? new Num(context?.source ?? String(value)) : value);

export const isScalar = (value) => value === null || typeof value !== 'object' || value instanceof Num;
export const isObject = (value) => !isScalar(value) && !Array.isArray(value);
export const compact = (value) => pieces(value, null).map(([, text]) => text).join('');


/* A value as [class, text] pieces, indented; on one line where indent is null or it is short. */
function pieces(value, indent) {
  if (isScalar(value)) {
    const text = value instanceof Num ? value.text : JSON.stringify(value);
    return [[typeof value === 'string' ? 's' : 'n', text]];
  }

  const list = Array.isArray(value);
  const flat = indent === null || (list && value.every(isScalar));
  const inner = flat ? null : indent + '  ';
  const out = [['', list ? '[' : '{']];

  Object.entries(value).forEach(([key, member], i) => {
    out.push(['', (i === 0 ? '' : flat ? ', ' : ',') + (flat ? '' : '\n' + inner)]);
    if (!list) {
      out.push(['k', JSON.stringify(key)], ['', ': ']);
    }
    pieces(member, inner).forEach((piece) => out.push(piece));
  });
  out.push(['', (flat || out.length === 1 ? '' : '\n' + indent) + (list ? ']' : '}')]);
  return out;
}


export function jsonBlock(value) {
  const out = pieces(value, '');
  const coloured = out.length < 8000;
  const code = el('code', {}, coloured
    ? out.map(([name, text]) => name ? el('span', { class: name }, text) : text)
    : out.map(([, text]) => text).join(''));

  return el('pre', {}, code);
}
