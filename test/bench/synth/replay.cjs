// The app in JavaScript: makes, natively and in one process, the very construct
// calls that the Go app makes through jsii, in the same order and with the same
// arguments. They are read from a recording of the Go app, so that the two are
// the same app by construction and can't drift apart.
//
//   node replay.cjs RECORDING.json
//
// Left out are what only Go needs, and so counts against Go alone: reading the
// configuration, finding the functions' packages, and the checks at the end.
'use strict';

const { readFileSync } = require('node:fs');

const objects = new Map();

// tokens stand for values that are known at deploy time; their numbers differ
// from run to run.
const tokens = new Map();
const token = /[$#]\{Token\[[^\]]*\]\}/g;

function lookup(fqn) {
  const [library, ...names] = fqn.split('.');
  return names.reduce((found, name) => found[name], require(library));
}

// native turns what jsii sends into values of this process.
function native(value) {
  if (Array.isArray(value)) return value.map(native);
  if (value === null) return undefined;
  if (typeof value === 'string') return value.replace(token, (text) => tokens.get(text) ?? text);
  if (typeof value !== 'object') return value;
  if ('$jsii.byref' in value) return objects.get(value['$jsii.byref']);
  if ('$jsii.enum' in value) {
    const [type, name] = value['$jsii.enum'].split('/');
    return lookup(type)[name];
  }
  if ('$jsii.struct' in value) return native(value['$jsii.struct'].data);
  if ('$jsii.map' in value) return native(value['$jsii.map']);
  return Object.fromEntries(Object.entries(value).filter(([, content]) => content !== null).map(([key, content]) => [key, native(content)]));
}

// remember binds the references in a recorded answer to the objects that came
// back here in their place.
function remember(answer, result) {
  if (typeof answer === 'string' && typeof result === 'string') {
    const here = result.match(token) ?? [];
    (answer.match(token) ?? []).forEach((text, i) => tokens.set(text, here[i]));
  }
  if (answer === null || typeof answer !== 'object' || result === undefined || result === null) return;
  if ('$jsii.byref' in answer) {
    objects.set(answer['$jsii.byref'], result);
    return;
  }
  const content = answer['$jsii.map'] ?? answer['$jsii.struct']?.data ?? answer;
  for (const key of Object.keys(content)) remember(content[key], result[key]);
}

const calls = {
  create: (call) => new (lookup(call.fqn))(...(call.args ?? []).map(native)),
  invoke: (call) => native(call.objref)[call.method](...(call.args ?? []).map(native)),
  sinvoke: (call) => lookup(call.fqn)[call.method](...(call.args ?? []).map(native)),
  get: (call) => native(call.objref)[call.property],
  sget: (call) => lookup(call.fqn)[call.property],
  set: (call) => { native(call.objref)[call.property] = native(call.value); },
};

for (const { call, answer } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  remember(answer, calls[call.api](call));
}
