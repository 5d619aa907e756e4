/*
 * The token: asked for at /token or pasted, kept for this tab of the browser, and put into every
 * snippet of the page.
 */

import { $, all, copy, plural } from './parts.js';

export const token = { value: '', expires: 0, waiting: false };

export function fill(name, text, filled) {
  for (const slot of all(`[data-fill="${name}"]`)) {
    slot.textContent = text;
    slot.classList.toggle('filled', filled);
  }
}


function timeLeft(ms) {
  const minutes = Math.round(ms / 60000);

  return minutes < 90 ? plural(Math.max(1, minutes), 'minute')
       : minutes < 2880 ? plural(Math.round(minutes / 60), 'hour')
       : plural(Math.round(minutes / 1440), 'day');
}


function tokenNote(text, trouble) {
  $('token-note').textContent = text;
  $('token-note').classList.toggle('trouble', Boolean(trouble));
}


function tokenWords() {
  const left = token.expires - Date.now();

  if (token.expires === 0) {
    tokenNote(token.value ? 'Your own token. The snippets below carry it.' : '');
  } else if (left <= 0) {
    tokenNote('This token has expired. Get another one.', true);
  } else {
    const date = new Date(token.expires);
    const day = date.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
    const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    tokenNote(`Good for ${timeLeft(left)}, until ${day} at ${time}. The snippets below carry it.`);
  }
}


function setToken(value, expires) {
  token.value = value;
  token.expires = expires;
  $('token').value = value;
  $('token-copy').disabled = !value;
  fill('token', value || 'YOUR_TOKEN', Boolean(value));
  tokenWords();
  try {
    sessionStorage.setItem('lookout-token', JSON.stringify({ value, expires }));
  } catch { /* then it is not kept over a reload */ }
}


function recallToken() {
  try {
    const kept = JSON.parse(sessionStorage.getItem('lookout-token'));
    if (kept?.value && (kept.expires === 0 || kept.expires > Date.now())) {
      setToken(kept.value, kept.expires);
    }
  } catch { /* nothing was kept */ }
}


/* Keeps a button shut for as long as the server asks, saying how long that is; then calls `done`. */
export function pause(button, seconds, done) {
  const label = button.dataset.label ||= button.textContent;
  const end = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `Again in ${left} s` : label;
    if (left > 0) {
      setTimeout(tick, 250);
    } else {
      done?.();
    }
  };

  tick();
}


export const retryAfter = (response) => Number(response.headers.get('Retry-After')) || 1;


export async function mint() {
  if (token.waiting) {
    return false;
  }
  token.waiting = true;
  tokenNote('Asking for a token …');

  try {
    const response = await fetch('/token', { cache: 'no-store', headers: { Accept: 'application/json' } });
    if (response.ok) {
      const answer = await response.json();
      setToken(answer.token, Date.parse(answer.expiresAt) || 0);
      return true;
    }
    if (response.status === 429) {
      const seconds = retryAfter(response);
      tokenNote(`Too many tokens were asked for from your address: please wait ${plural(seconds, 'second')}.`, true);
      pause($('mint'), seconds, tokenWords);
    } else if (response.status === 404) {
      tokenNote('This server hands out no demo tokens. Ask its operator for one, and paste it here.', true);
    } else {
      tokenNote(`The server gave no token: HTTP ${response.status}.`, true);
    }
  } catch {
    tokenNote('The server does not answer. Is it running?', true);
  } finally {
    token.waiting = false;
  }
  return false;
}


export function startToken() {
  $('token-panel').hidden = false;
  $('mint').addEventListener('click', mint);
  $('token').addEventListener('input', (event) => setToken(event.target.value.trim(), 0));
  $('token-copy').addEventListener('click', (event) => copy(token.value, event.currentTarget));
  setInterval(() => token.value && tokenWords(), 30000);
  recallToken();
}
