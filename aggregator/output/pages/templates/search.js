/* Searches the parts below search/, newest releases first, and shows the results as text. */
"use strict";
(() => {
  const MONTHS = "January February March April May June July August September October November December".split(" ");
  const ENOUGH = 50;
  const element = (id) => document.getElementById(id);
  const form = element("search"), said = element("said"), list = element("results"), more = element("more");
  const arriving = new Map();
  let names = [], wanted = [], next = 0, found = 0;

  /* As the parts are made (pages/search_files.py, words_of). */
  const wordsOf = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/ς/g, "σ").match(/[\p{L}\p{N}]+/gu) || [];

  /* A script works from a disk too, where fetch() does not. */
  const load = (name) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    arriving.set(name, resolve);
    script.src = "search/" + name + ".js";
    script.onload = () => script.remove();
    script.onerror = () => reject(new Error(name));
    document.head.append(script);
  });
  window.part = (name, data) => arriving.get(name)(data);

  const add = (parent, tag, text, kind) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    parent.append(made);
    return made;
  };

  const leads = (address) => /^(https?:\/\/|entries\/)/.test(address);

  const show = ([day, agency, title, address, , language], agencies) => {
    const item = add(list, "li"), heading = add(item, "p", "", "title"), facts = add(item, "p", "", "facts");
    const shown = add(heading, leads(address) ? "a" : "bdi", title);
    shown.dir = "auto";
    if (language) shown.lang = language;
    if (leads(address)) shown.href = address;
    if (leads(address) && address.startsWith("http")) shown.rel = "noopener noreferrer";
    const [year, month, date] = day.split("-").map(Number);
    add(facts, "time", date + " " + MONTHS[month - 1] + " " + year).dateTime = day;
    facts.append(" · ");
    const [name, page] = agencies[agency];
    const link = add(facts, "a", name, "agency");
    link.dir = "auto";
    link.href = page;
  };

  const search = async () => {
    more.textContent = "";
    said.textContent = "Searching…";
    const until = found + ENOUGH;
    try {
      while (next < names.length && found < until) {
        const data = await load(names[next]);
        next += 1;
        for (const entry of data.entries) {
          const words = " " + entry[4];
          if (wanted.every((word) => words.includes(" " + word))) {
            show(entry, data.agencies);
            found += 1;
          }
        }
      }
    } catch (error) {
      said.textContent = "A part of the search could not be loaded; try again later.";
      return;
    }
    const isMore = next < names.length;
    const number = found === 1 ? "1 release" : found + " releases";
    said.textContent = isMore ? number + " so far, newest first." : found ? number + ", newest first." : "No release has these words in its title or its first lines.";
    if (isMore) {
      const button = add(more, "button", "Search older releases");
      button.type = "button";
      button.addEventListener("click", search);
    }
  };

  const begin = async () => {
    element("without").hidden = true;
    form.hidden = false;
    const query = new URLSearchParams(location.search).get("q") || "";
    form.elements.q.value = query;
    wanted = wordsOf(query);
    if (!wanted.length) {
      said.textContent = query ? "This query has no word to search for." : "";
      form.elements.q.focus();
      return;
    }
    document.title = "Search for “" + query.slice(0, 80) + "” · " + document.title.split(" · ").pop();
    try {
      names = await load("index");
    } catch (error) {
      said.textContent = "The search could not be loaded; try again later.";
      return;
    }
    await search();
  };
  begin();
})();
