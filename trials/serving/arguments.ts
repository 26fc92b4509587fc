/** The whole number above 0 that `--name=` gives. @throws RangeError */
export function whole(args: readonly string[], name: string, otherwise: number): number {
  const given = args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
  const value = Number(given ?? otherwise)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`--${name}=${given} is not a whole number above 0`)
  return value
}
