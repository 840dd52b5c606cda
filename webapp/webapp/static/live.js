// SPDX-License-Identifier: GPL-3.0-or-later
// Comments that others write appear by themselves. Where the server has WebSockets it says when there is something new;
// elsewhere the page asks every few seconds. Either way the comments come by an ordinary request.
"use strict";

const POLL_MS = 4000;
const list = document.getElementById("comment-list");
const title = document.getElementById("comments-title");
let looking = null;
let wasOpen = false;
let failed = 0;

function newest() {
  const last = list.querySelector(".comment:last-of-type");
  return last ? last.id.replace("comment-", "") : "0";
}

// One look at a time: a second one meanwhile is made when the first has ended.
function look() {
  looking = (looking || Promise.resolve()).then(fetchNewer).catch(() => {});
}

async function fetchNewer() {
  const answer = await fetch(`${location.pathname}/comments?after=${newest()}`);
  if (!answer.ok) return;
  list.insertAdjacentHTML("beforeend", await answer.text());
  const count = list.querySelectorAll(".comment").length;
  if (count) title.textContent = `${count} comment${count > 1 ? "s" : ""}`;
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}${location.pathname}/live`);
  socket.onopen = () => {
    wasOpen = true;
    failed = 0;
    look(); // what came while nobody listened
  };
  socket.onmessage = look;
  // A server that is restarted says goodbye (1001); another one answers. Not all pages come back at the same moment, and
  // where none answers any more the page asks.
  socket.onclose = () => {
    if (!wasOpen) {
      setInterval(look, POLL_MS);
      return;
    }
    failed += 1;
    setTimeout(connect, Math.min(failed * 1000, POLL_MS) * (0.1 + 0.9 * Math.random()));
    if (failed > 3) look();
  };
}

connect();
