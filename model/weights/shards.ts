/** A checkpoint's tensors, whether they lie in one file or in many. */
import path from 'node:path'
import { openSafetensors, type SafetensorsFile, type TensorInfo } from '../safetensors.ts'
import { ModelFolderError, WeightFileError } from './error.ts'
import { findFile, indexFile, readJsonFile, weightFile } from './folder.ts'
import { isJsonObject } from './json.ts'

/** A published model of a trillion parameters has fewer than 100; each is an open file. */
const mostShards = 1000

export class Shards implements AsyncDisposable {
  private readonly files: readonly SafetensorsFile[]
  private readonly owners: ReadonlyMap<string, SafetensorsFile>

  constructor(files: readonly SafetensorsFile[], owners: ReadonlyMap<string, SafetensorsFile>) {
    this.files = files
    this.owners = owners
  }

  names(): Iterable<string> {
    return this.owners.keys()
  }

  info(name: string): TensorInfo | undefined {
    return this.owners.get(name)?.tensors.get(name)
  }

  /** Path of the file that holds the tensor, or of the first file. */
  fileOf(name: string): string {
    return (this.owners.get(name) ?? this.files[0]).path
  }

  async read(name: string, shared: boolean): Promise<Float32Array> {
    const owner = this.owners.get(name)
    if (owner === undefined) throw new WeightFileError(this.fileOf(name), name, 'missing')
    return owner.read(name, { shared })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.files) await file.close()
  }
}

/** Opens `folder`'s model.safetensors, or the shards that its index names. Throws WeightFileError, ModelFolderError. */
export async function openShards(folder: string): Promise<Shards> {
  const map = await readIndex(folder)
  const names = map === null ? [weightFile] : [...new Set(map.values())].sort()
  const files: SafetensorsFile[] = []
  const shards = new Map<string, SafetensorsFile>()
  try {
    for (const name of names) {
      const real = await findFile(folder, name)
      if (real === null) throw new ModelFolderError(path.join(folder, name), null, 'missing')
      const file = await openSafetensors(real)
      files.push(file)
      shards.set(name, file)
    }
    return new Shards(files, ownersOf(folder, map, shards))
  } catch (error) {
    for (const file of files) await file.close()
    throw error
  }
}

/** Tensor name → shard's file name, or null where the folder has no index. A single model.safetensors comes first. */
async function readIndex(folder: string): Promise<Map<string, string> | null> {
  if ((await findFile(folder, weightFile)) !== null) return null
  const file = path.join(folder, indexFile)
  const index = await readJsonFile(folder, indexFile)
  if (index === null) throw new ModelFolderError(folder, null, `has neither ${weightFile} nor ${indexFile}`)
  const raw = index.weight_map
  if (!isJsonObject(raw)) throw new ModelFolderError(file, 'weight_map', 'missing, or not an object')
  const map = new Map<string, string>()
  const shards = new Set<string>()
  for (const tensor in raw) {
    const shard = raw[tensor]
    if (typeof shard !== 'string' || !/^[^/\\\0]+\.safetensors$/.test(shard))
      throw new ModelFolderError(
        file,
        'weight_map',
        `${JSON.stringify(shard).slice(0, 200)} is not a plain *.safetensors name`,
      )
    map.set(tensor, shard)
    if (shards.add(shard).size > mostShards)
      throw new ModelFolderError(file, 'weight_map', `more than ${mostShards} shards`)
  }
  if (map.size === 0) throw new ModelFolderError(file, 'weight_map', 'empty')
  return map
}

function ownersOf(
  folder: string,
  map: ReadonlyMap<string, string> | null,
  shards: ReadonlyMap<string, SafetensorsFile>,
): Map<string, SafetensorsFile> {
  const owners = new Map<string, SafetensorsFile>()
  for (const [shard, file] of shards)
    for (const tensor of file.tensors.keys()) {
      if (map !== null && map.get(tensor) !== shard)
        throw new WeightFileError(file.path, tensor, `${indexFile} does not place it in this file`)
      owners.set(tensor, file)
    }
  for (const [tensor, shard] of map ?? [])
    if (!owners.has(tensor))
      throw new WeightFileError(
        path.join(folder, shard),
        tensor,
        `missing, although ${indexFile} places it in this file`,
      )
  return owners
}
