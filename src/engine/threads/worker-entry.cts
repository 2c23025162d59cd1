/**
 * What Piscina loads in a thread, by `require`. Node loads ES modules that way too, but a thread that is ended within it (a run that is stopped, or done,
 * while a thread still starts) takes the whole process with it: "v8::Module::IsGraphAsync must be used on an instantiated module". `import` does not.
 */
const runTask = import("./worker.js").then((worker) => worker.runTask);

export = { runTask };
