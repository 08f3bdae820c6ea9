// Turns what jsii prints with JSII_DEBUG=1 into a recording for replay.cjs.
'use strict';

// record pairs each request ('> {...}') with its answer ('< {...}'). jsii writes
// its debug output by two ways into one pipe, so that they may begin within a
// line of other text; where text has broken into one of them, JSON.parse throws.
function record(output) {
  const calls = [];
  let call;
  for (const line of output.split('\n')) {
    const asked = line.indexOf('> {"api":');
    if (asked >= 0) {
      call = JSON.parse(line.slice(asked + 2));
      continue;
    }
    const answered = line.search(/< \{"(ok|error|callback)":/);
    if (answered < 0 || call === undefined) continue;
    const answer = JSON.parse(line.slice(answered + 2));
    if (answer.callback !== undefined) throw new Error(`${call.api}: a callback into Go can't be replayed`);
    if (!['load', 'del', 'stats', 'naming'].includes(call.api) && answer.ok !== undefined) {
      calls.push({ call, answer: 'result' in answer.ok ? answer.ok.result : 'value' in answer.ok ? answer.ok.value : answer.ok });
    }
    call = undefined;
  }
  return calls;
}

module.exports = { record };
