/**
 * ONNX Runtime's official builds send usage data to their maker, and keep a device number in the home folder, unless
 * this stands in the environment of the process before the first session. Imported before ONNX Runtime itself.
 *
 * Native code reads the environment of the process, which a worker thread's `process.env` is only a copy of. Whoever
 * starts a worker that computes therefore starts it with `env: SHARE_ENV`. It is written only where it is missing,
 * since to change the environment while native threads read it is not safe.
 */
if (process.env.ORT_DISABLE_TELEMETRY !== '1') process.env.ORT_DISABLE_TELEMETRY = '1'
