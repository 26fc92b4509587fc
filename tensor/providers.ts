import { listProviders } from './onnx/runtime.ts'

/** The execution providers that come with ONNX Runtime here, such as `cpu`. */
export const providers = (): string[] => listProviders()
