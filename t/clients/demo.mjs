// What the walks know of the demo company, and how they find their way in it.

import assert from 'node:assert/strict';

// Where the server is.
export const BASE = process.env.LOOKOUT_URL;

export async function mint() {
  const response = await fetch(new URL('/token', BASE));
  assert.equal(response.status, 200);
  return (await response.json()).token;
}

// Tokens that must be refused, and what to say of them.
export const REFUSED = [['without a token', null], ['with a wrong token', 'lk_1.wrong.one']];

// What a person could fill in for the prompts' arguments.
export const WISHES = {
  datasource: 'Sales Pipeline',
  workbook: 'Pipeline Health',
  view: 'Deals by stage',
  topic: 'pipeline',
  period: '2026Q1',
  compare_with: '2025Q1',
  filters: 'region is EMEA',
  question: 'Which stage holds the most money?',
  format: 'svg',
  size: '800x600',
};

// The one item of a list with this very name.
export async function named(session, tool, name, args = {}) {
  const { items } = await session.call(tool, { nameContains: name, ...args });
  const found = items.filter((item) => item.name === name);
  assert.equal(found.length, 1, `${tool} finds "${name}" once`);
  return found[0];
}

export const sales = (session) => named(session, 'list_datasources', 'Sales Pipeline');

export async function viewOf(session, workbookName, viewName) {
  const { id } = await named(session, 'list_workbooks', workbookName);
  return named(session, 'list_views', viewName, { workbookId: id });
}
