/* Searches the parts below search/, newest releases first, and shows the results as text. */
"use strict";
(() => {
  const MONTHS = "January February March April May June July August September October November December".split(" ");
  const ENOUGH = 50;
  const element = (id) => document.getElementById(id);
  const form = element("search"), said = element("said"), list = element("results"), more = element("more");
  const arriving = new Map();
  let names = [], wanted = null, next = 0, found = 0;

  /* As the parts are made (pages/search_files.py, words_of). */
  const wordsOf = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/ς/g, "σ").match(/[\p{L}\p{N}]+/gu) || [];

  /* The language of queries is that of store/search.py, where it is explained.  A term is its words
     between spaces, without the last one where any ending will do; a test takes a text in this form. */
  const TOKEN = /"([^"]*)"?(\*?)|([()]|-(?=["(]))|([^\s()"]+)/g;
  const tokensOf = (query) => [...query.matchAll(TOKEN)].slice(0, 200).flatMap(([, phrase, star, bracket, word]) => {
    if (bracket || ["AND", "OR", "NOT"].includes(word)) return [bracket === "-" ? "NOT" : bracket || word];
    const words = wordsOf(word ?? phrase).join(" ");
    const term = words ? [" " + words + (star || word?.endsWith("*") ? "" : " ")] : [];
    return /^-./.test(word || "") ? ["NOT", ...term] : term;
  });
  const all = (tests) => tests.length ? (text) => tests.every((test) => test(text)) : null;
  const any = (tests) => tests.length ? (text) => tests.some((test) => test(text)) : null;

  const either = (tokens, depth) => {
    const parts = [together(tokens, depth)];
    while (tokens[0] === "OR" && tokens.shift()) parts.push(together(tokens, depth));
    return any(parts.filter(Boolean));
  };
  const together = (tokens, depth) => {
    const wanted = [], unwanted = [];
    let isNegated = false;
    while (tokens.length && tokens[0] !== "OR" && tokens[0] !== ")") {
      const token = tokens.shift();
      const isOperator = token === "AND" || token === "NOT";
      const test = isOperator ? null : token === "(" ? bracketed(tokens, depth) : (text) => text.includes(token);
      if (test) (isNegated ? unwanted : wanted).push(test);
      isNegated = token === "NOT";
    }
    const others = any(unwanted);
    if (wanted.length && others) wanted.push((text) => !others(text));
    if (depth === 0 && tokens[0] === ")" && tokens.shift()) wanted.push(...[together(tokens, depth)].filter(Boolean));
    return all(wanted);
  };
  const bracketed = (tokens, depth) => {
    if (depth >= 20) tokens.length = 0;
    const inner = tokens.length ? either(tokens, depth + 1) : null;
    tokens.shift();
    return inner;
  };

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
          if (wanted(" " + wordsOf(entry[2]).join(" ") + " . " + entry[4] + " ")) {
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
    wanted = query.includes("\ufffd") ? null : either(tokensOf(query), 0);
    if (!wanted) {
      said.textContent = query.includes("\ufffd") ? "The address of this search is damaged; enter the words again." : query ? "This query has no word to search for." : "";
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
