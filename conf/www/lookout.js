/*
 * The page's script. The manifest is the only source on tools: the list of tools, the console's
 * forms and what the page shows of workflows follow it.
 */

import { MCP, tools } from './call.js';
import { setCall, startConsole, typeWords } from './console.js';
import { $, all, el, makeTabs, plural, tableBox, withCopy } from './parts.js';
import { fill, startToken } from './token.js';

const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(location.hostname);


/* ---- The manifest: the list of tools, and what of the page is true here ---- */

/* A schema's members as [path, schema, required], those of the objects in an array after it. */
function members(schema, prefix = '') {
  return Object.entries(schema?.properties || {}).flatMap(([name, member]) => [
    [prefix + name, member, (schema.required || []).includes(name)],
    ...members(member.items, `${prefix}${name}[].`),
  ]);
}


function toolCard(tool) {
  const rows = members(tool.inputSchema);
  const count = Object.keys(tool.inputSchema.properties || {}).length;
  const gives = Object.keys(tool.outputSchema?.properties || {});
  const tryIt = () => {
    setCall(tool.name, {});
    $('try').scrollIntoView();
    $('tool').focus({ preventScroll: true });
  };

  return el('article', { class: 'tool', id: `tool-${tool.name}` },
    el('h3', {}, el('code', {}, tool.name), el('span', {}, tool.title || ''),
      el('button', { type: 'button', class: 'link', 'aria-label': `Try it: ${tool.name}`, click: tryIt }, 'Try it')),
    el('p', {}, tool.description || ''),
    el('details', {},
      el('summary', {}, `${plural(count, 'argument')}, and what it gives`),
      count > 0 && tableBox(`Arguments of ${tool.name}`,
        el('thead', {}, el('tr', {}, ['Argument', 'Takes', 'About'].map((text) =>
          el('th', { scope: 'col' }, text)))),
        el('tbody', {}, rows.map(([path, schema, required]) => el('tr', {},
          el('td', {}, el('code', {}, path), required && ' required'),
          el('td', {}, typeWords(schema)),
          el('td', {}, schema.description || ''))))),
      gives.length > 0 && el('p', { class: 'small' }, 'Gives ',
        gives.flatMap((name, i) => [i ? ', ' : '', el('code', {}, name)]), '.')));
}


/* Tool names in the table of workflows lead to the list of tools. */
function linkTools() {
  for (const code of all('#workflows code')) {
    if (tools.has(code.textContent)) {
      const link = el('a', { href: `#tool-${code.textContent}` });
      code.replaceWith(link);
      link.append(code);
    }
  }
}


async function readManifest() {
  let manifest;

  try {
    const response = await fetch('/manifest.json');
    manifest = await response.json();
    manifest.tools.forEach((tool) => tools.set(tool.name, tool));
  } catch {
    $('server').textContent = 'The server’s manifest cannot be read. Is it running?';
    $('tool-list').append(el('p', { class: 'note' },
      'The list of tools could not be read from /manifest.json. Reload the page to try again.'));
    return;
  }

  $('server').textContent = `${plural(tools.size, 'tool')}, read-only, version ${manifest.version}`;
  $('server').classList.add('live');
  for (const node of all('[data-needs]')) {
    node.hidden = !node.dataset.needs.split(' ').every((name) => tools.has(name));
  }
  $('tool-list').replaceChildren(...[...tools.values()].map(toolCard));
  linkTools();
  startConsole();
}


/* ---- Begin ---- */

fill('url', MCP, true);
fill('allow-http', location.protocol === 'http:' && !LOCAL ? ' "--allow-http",' : '', false);
all('pre').forEach(withCopy);
for (const box of all('[data-tabs]')) {
  makeTabs(box, box.dataset.tabs, all(':scope > section', box).map((section) => {
    const heading = section.querySelector('h4');
    heading.remove();
    return [heading.textContent, section];
  }));
}

startToken();
readManifest();
