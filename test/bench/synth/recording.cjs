// Turns what jsii prints with JSII_DEBUG=1 into a recording for replay.cjs.
'use strict';

// record pairs each request ('> {...}') with its answer ('< {...}').
function record(output) {
  const calls = [];
  let call;
  for (const line of output.split('\n')) {
    if (line.startsWith('> ')) call = JSON.parse(line.slice(2));
    if (!line.startsWith('< ') || call === undefined) continue;
    const answer = JSON.parse(line.slice(2));
    if (answer.callback !== undefined) throw new Error(`${call.api}: a callback into Go can't be replayed`);
    if (!['load', 'del', 'stats', 'naming'].includes(call.api) && answer.ok !== undefined) {
      calls.push({ call, answer: 'result' in answer.ok ? answer.ok.result : 'value' in answer.ok ? answer.ok.value : answer.ok });
    }
    call = undefined;
  }
  return calls;
}

module.exports = { record };
