/** What `dotline doctor` says, in English: what it found, and the remedy. */

export const englishDoctor = {
  well: 'Nothing is broken.',
  broken: (count: number) => `Broken: ${count}. The lines marked ✗ say what to do.`,
  argument: (given: string) => `doctor takes no arguments, only options: "${given}"`,

  cores: (cores: number, name: string) => `processor: ${cores} cores (${name})`,
  memory: (free: string, total: string) => `memory: ${free} GiB of ${total} GiB are free`,
  moreMemory: 'Close other programs, or hold less at once: --slots 4, and --memory for registered models.',
  node: (version: string) => `Node ${version}`,
  newerNode: 'Dotline needs Node 24 or newer. npm start fetches one by itself.',
  runtime: (providers: string) => `ONNX Runtime loads; providers: ${providers}`,
  noRuntime: (problem: string) => `ONNX Runtime does not load: ${problem}`,
  install: 'Install the packages again: npm ci. On Linux it needs glibc 2.28 or newer.',

  opens: (name: string, window: string, seconds: string) =>
    `model ${name}: opens in ${seconds} s, window ${window} tokens`,
  opensNot: (name: string, problem: string) => `model ${name} does not open: ${problem}`,
  mendModel: (folder: string) =>
    `Bring back the files of ${folder}, or take the model out: dotline model remove. A checkout's own come back with git checkout.`,
  tooLarge: (name: string, needs: string, free: string) =>
    `model ${name} needs ${needs} GiB, but ${free} GiB of memory are free`,
  elsewhere: (name: string, url: string) => `model ${name} is answered at ${url}, which was not asked`,
  registry: (problem: string) => `the list of models cannot be read: ${problem}`,
  mendRegistry: (folder: string) => `Mend the file registry.json in ${folder}, or remove it and add the models again.`,
  noModels: 'there is no model here',
  getModel: (how: string) => `Name a folder with dotline model add FOLDER, or train one:\n${how}`,

  portFree: (port: number) => `port ${port} is free`,
  portOurs: (port: number) => `port ${port}: Dotline is running there`,
  portTaken: (port: number) => `port ${port} is taken by another program`,
  portDenied: (port: number) => `this user may not listen on port ${port}`,
  otherPort: 'Stop it, or choose another: dotline serve --port 8788, or --port 0 for any free one.',
  disk: (folder: string, free: string) => `disk: ${free} GiB are free at ${folder}`,
  moreDisk: 'Free some space, or keep your data elsewhere: --data FOLDER, or the variable DOTLINE_DATA.',
  unwritable: (folder: string) => `this user may not write in ${folder}`,
  writable: 'Give this user leave to write there, or name another folder: --data FOLDER.',
  page: 'the page is built',
  noPage: 'the page has not been built: only the API would be served',
  build: 'Build it: npm run build',
  limits: (waiting: number, mebibytes: string, connections: number) =>
    `limits: ${waiting} answers may wait, a request may be ${mebibytes} MiB, ${connections} connections at once`,
  files: (files: number) => `this process may open ${files} files, fewer than the connections that it would take`,
  moreFiles: (files: number) => `Raise the limit before starting: ulimit -n ${files}`,
}
