// Measures a synth of the Go app beside the same app in JavaScript, in turns,
// and prints a table. Run it by 'make bench-synth' on an otherwise quiet machine.
'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const os = require('node:os');
const { join, resolve } = require('node:path');
const { record } = require('./recording.cjs');

const root = resolve(__dirname, '../../..');
const work = join(root, 'build/bench-synth');
const app = join(work, 'tandem-app');
const recording = join(work, 'recording.json');
const environment = process.env.ENV ?? 'prod';
const runs = Number(process.env.RUNS ?? 7);

// run takes a new folder and deletes none: for half a minute after a deletion,
// ext4 searches what was deleted at each file that it creates.
function run(command, args, variables) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(command, args, { cwd: root, env: { ...process.env, ...variables }, maxBuffer: 1 << 30, encoding: 'utf8' });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr.slice(-4000)}`);
  return { seconds, stderr };
}

let folders = 0;
const folder = (name) => join(work, 'out', `${name}-${folders++}`);
// As tools/app does for 'cdk synth'.
const jsii = { JSII_NODE: join(root, 'tools/jsii-node') };
const go = (nag, variables, out = folder('go')) => run(app, ['-c', `env=${environment}`, '-c', `nag=${nag}`], { CDK_OUTDIR: out, ...jsii, ...variables });
const js = (variables, out = folder('js')) => run(process.execPath, [join(__dirname, 'replay.cjs'), recording], { CDK_OUTDIR: out, ...variables });

function templates(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.template.json')).sort();
  return names.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

function compare(goOut, jsOut) {
  const [ours, theirs] = [templates(goOut), templates(jsOut)];
  if (ours.length === 0 || JSON.stringify(ours.map((t) => t.name)) !== JSON.stringify(theirs.map((t) => t.name))) {
    throw new Error(`other stacks: ${ours.map((t) => t.name)} and ${theirs.map((t) => t.name)}`);
  }
  for (const [i, { name, text }] of ours.entries()) {
    if (text !== theirs[i].text) throw new Error(`${name} differs; compare ${join(goOut, name)} with ${join(jsOut, name)}`);
  }
  return { stacks: ours.length, resources: ours.reduce((sum, t) => sum + Object.keys(JSON.parse(t.text).Resources).length, 0) };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const seconds = (values) => `${median(values).toFixed(2)} s (${Math.min(...values).toFixed(2)}-${Math.max(...values).toFixed(2)})`;

function measure(validation) {
  const variables = { CDK_VALIDATION: String(validation), JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1' };
  const [ours, theirs, withNag] = [[], [], []];
  for (let i = 0; i < runs; i++) {
    ours.push(go(false, variables).seconds);
    theirs.push(js(variables).seconds);
    withNag.push(go(true, variables).seconds);
  }
  const ratio = median(ours.map((value, i) => value / theirs[i]));
  console.log(`| ${validation ? 'on' : 'off'} | ${seconds(ours)} | ${seconds(theirs)} | ${ratio.toFixed(2)} | ${seconds(withNag)} |`);
}

// replayable records until what was recorded can be replayed: now and then
// other output breaks into a line of the recording. Templates of apps that are
// not the same differ every time.
function replayable(attempts = 8) {
  for (let attempt = 1; ; attempt++) {
    try {
      const [goOut, jsOut] = [folder('go'), folder('js')];
      const calls = record(go(false, { CDK_VALIDATION: 'false', JSII_DEBUG: '1' }, goOut).stderr);
      writeFileSync(recording, JSON.stringify(calls));
      js({ CDK_VALIDATION: 'false' }, jsOut);
      return { ...compare(goOut, jsOut), calls: calls.length };
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}

rmSync(join(work, 'out'), { recursive: true, force: true });
mkdirSync(join(work, 'out'), { recursive: true });
execFileSync('go', ['build', '-o', app, '.'], { cwd: root, stdio: 'inherit' });
go(true, { CDK_VALIDATION: 'false' });
const { stacks, resources, calls } = replayable();
console.log(`${environment}: ${stacks} stacks, ${resources} resources, ${calls} calls of jsii, templates identical; Node ${process.version}, ${os.cpus()[0].model}, ${os.cpus().length} cores; median of ${runs} (min-max)\n`);
console.log('| the CDK\'s validation | Go | JavaScript | ratio, pair by pair | Go with cdk-nag |\n|---|---|---|---|---|');
measure(false);
measure(true);
rmSync(join(work, 'out'), { recursive: true, force: true });
