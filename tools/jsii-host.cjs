// Runs jsii's kernel in the process that jsii starts, and keeps what V8 compiles.
// Both are about time alone; docs/decisions/012 tells how much, and how to go back.
//
// jsii starts `node bin/jsii-runtime.js`, which starts the kernel as a second
// Node and carries each request and answer between its own pipes and the kernel's
// file descriptor 3. Here the kernel is loaded at once, and what it reads and
// writes on 3 is taken to the pipes.
'use strict';

const fs = require('node:fs');
const Module = require('node:module');
const { join, resolve, sep } = require('node:path');
const { Writable } = require('node:stream');

const [entrypoint] = process.argv.slice(2);
const kernel = resolve(entrypoint, '../../lib/program.js');

function serveOnPipes() {
  const { readSync, writeSync } = fs;
  fs.readSync = (fd, ...rest) => readSync(fd === 3 ? 0 : fd, ...rest);
  fs.writeSync = (fd, ...rest) => writeSync(fd === 3 ? 1 : fd, ...rest);
  // Answers have stdout to themselves: what a construct prints goes the way that
  // jsii's own entry point sends it.
  const print = (name) => new Writable({
    write(chunk, _encoding, done) {
      writeSync(2, `${JSON.stringify({ [name]: chunk.toString('base64') })}\n`);
      done();
    },
  });
  for (const name of ['stdout', 'stderr']) Object.defineProperty(process, name, { value: print(name) });
}

// keepCompiled has Node keep compiled modules from one run to the next. It finds
// them by file name, and the kernel links each package into a new folder: the
// name that stays is that of the package cache behind the link.
function keepCompiled() {
  if (!Module.enableCompileCache) return; // Node before 22.1
  Module.enableCompileCache(join(__dirname, '../.cache/jsii'));
  const find = Module._resolveFilename;
  const packages = new Map();
  let links;
  Module._resolveFilename = function (request, parent, isMain, options) {
    // The kernel asks for each package by the folder of links.
    links ??= options?.paths && `${options.paths[0]}${sep}node_modules${sep}`;
    const inLinks = links && options?.paths === undefined && !/^[./]/.test(request) && !Module.isBuiltin(request);
    let file;
    try {
      file = find.call(this, request, parent, isMain, options);
    } catch (error) {
      // A package that lies beside the one that asks, which only the links show.
      if (!inLinks || error.code !== 'MODULE_NOT_FOUND') throw error;
      file = find.call(this, request, parent, isMain, { paths: [links] });
    }
    if (!links || !file.startsWith(links)) return file;
    const name = file.slice(links.length).split(sep, file[links.length] === '@' ? 2 : 1).join(sep);
    if (!packages.has(name)) packages.set(name, fs.realpathSync(links + name));
    return packages.get(name) + file.slice(links.length + name.length);
  };
}

if (!fs.existsSync(kernel)) {
  require(entrypoint); // another jsii than this was written for
} else {
  serveOnPipes();
  keepCompiled();
  require(kernel);
}
