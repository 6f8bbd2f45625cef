import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ingot, type Outcome } from './ingot.ts'
import { giveTo, type OrdinaryUser } from './ordinary-user.ts'

/** Builds nothing but a base, in FOLDER/home-NAME, as anybody; `root`: the tree that came out. The recipe is FOLDER/NAME.yaml. */
export async function buildBase(
  folder: string,
  name: string,
  from: string,
  as?: OrdinaryUser,
): Promise<Outcome & { readonly root: string }> {
  const [recipe, out, home] = [`${name}.yaml`, `out-${name}`, `home-${name}`].map((path) => join(folder, path))
  writeFileSync(recipe!, `name: tiny\nfrom: ${from}\nclean: none\n`)
  for (const path of [out!, home!]) {
    mkdirSync(path)
    if (as) giveTo(as, path)
  }
  const outcome = await ingot(['build', recipe!, '--home', home!, '-o', out!, '--to', 'dir'], { as })
  return { ...outcome, root: join(out!, 'tiny.root') }
}
