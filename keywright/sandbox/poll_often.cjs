// The CDK command line polls a stack's status every five seconds. An account on this machine answers within a second:
// poll ten times a second instead. No other timer is changed.
"use strict";
const wait = globalThis.setTimeout;
const POLL_INTERVAL = 5_000;
const SHORT_INTERVAL = 100;
globalThis.setTimeout = Object.assign(
  (done, milliseconds, ...rest) => wait(done, milliseconds === POLL_INTERVAL ? SHORT_INTERVAL : milliseconds, ...rest),
  wait,
);
