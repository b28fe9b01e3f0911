// Keeps the page as the warehouse is: asks now and then whether there is news, and if so puts the new content in place of
// the old, without moving the reader. Writes times in the reader's zone. Without it every page works, as of its loading.
(function () {
  'use strict';
  const LOOK_EVERY = 2000;
  const page = document.querySelector('main');
  const live = document.getElementById('live');
  let known = page.dataset.news;

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  const minute = new Intl.DateTimeFormat('sv-SE', {dateStyle: 'short', timeStyle: 'short', timeZone: zone});
  const named = new Intl.DateTimeFormat('en', {timeZone: zone, timeZoneName: 'short'});

  function localTimes(root) {
    for (const time of root.querySelectorAll('time[data-instant]')) {
      const instant = new Date(time.dateTime);
      const name = named.formatToParts(instant).find(part => part.type === 'timeZoneName').value;
      time.title = time.textContent;
      time.textContent = minute.format(instant) + ' ' + name;
    }
  }

  function remember() {
    for (const input of document.querySelectorAll('input[name=by]')) {
      input.value = input.value || localStorage.getItem('by') || '';
      input.addEventListener('change', () => localStorage.setItem('by', input.value));
    }
  }

  // Filters act at once where there is a script; the button is for those without.
  function filters() {
    for (const form of document.querySelectorAll('form.filters')) {
      form.querySelector('button').hidden = true;
      form.addEventListener('change', () => form.requestSubmit());
    }
  }

  function busy() {
    const at = document.activeElement;
    return document.hidden || (page.contains(at) && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName));
  }

  function replace(text) {
    const fresh = new DOMParser().parseFromString(text, 'text/html').querySelector('main');
    const open = new Set([...page.querySelectorAll('details[open][id]')].map(one => one.id));
    const focus = document.activeElement && document.activeElement.id;
    const x = scrollX, y = scrollY;
    page.replaceChildren(...fresh.childNodes);
    for (const one of page.querySelectorAll('details[id]')) one.open = one.open || open.has(one.id);
    localTimes(page);
    remember();
    filters();
    if (focus && document.getElementById(focus)) document.getElementById(focus).focus({preventScroll: true});
    scrollTo(x, y);
    known = fresh.dataset.news;
    page.dataset.news = known;
  }

  async function look() {
    try {
      const news = await (await fetch('/news', {cache: 'no-store'})).text();
      if (news !== known && !busy()) {
        const answer = await fetch(location.href, {cache: 'no-store'});
        if (answer.ok) {
          replace(await answer.text());
          live.textContent = 'Up to date';
        }
      } else {
        live.textContent = 'Up to date';
      }
    } catch (silent) {
      live.textContent = 'The console does not answer: what is shown is as of the last answer';
    }
    setTimeout(look, LOOK_EVERY);
  }

  localTimes(document);
  remember();
  filters();
  setTimeout(look, LOOK_EVERY);
})();
