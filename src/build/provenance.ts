import { basename } from 'node:path'
import type { Attachment } from '../formats/oci/attachment.ts'
import { run } from '../host/run.ts'
import { findTool } from '../host/tools.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { fileDigest } from './cache/content.ts'
import type { PreparedBuild } from './plan.ts'
import { everyStatus } from './sandbox/exit-status.ts'

/** What in-toto statements are attached as (in-toto attestation spec, "Bundle"; as buildkit and cosign do). */
const provenanceType = 'application/vnd.in-toto+json'
const predicateType = 'https://slsa.dev/provenance/v1'

export interface ProvenanceFacts {
  /** What was made. */
  readonly subjects: readonly Subject[]
  /** Of the image, in seconds since the epoch. */
  readonly timeCeiling: number
  /** Of Ingot. */
  readonly version: string
}

/** A file or image by its name and SHA-256. */
export interface Subject {
  readonly name: string
  /** In hexadecimal digits. */
  readonly sha256: string
}

/**
 * How an image came to be: an in-toto statement v1 with SLSA provenance v1 (slsa.dev/spec/v1.0/provenance): the recipe and its files, the
 * base, the key of each step, and the programs that did it. The same build says the same: there are no times and no names of the
 * host in it.
 */
export async function provenanceOf(
  recipe: Recipe,
  { plan, home, epoch }: PreparedBuild,
  { subjects, timeCeiling, version }: ProvenanceFacts,
): Promise<Attachment> {
  const [base, ...steps] = plan.layers
  const programs = [...plan.base.programs, ...(steps.length > 0 ? ['bwrap'] : [])]
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType,
    predicate: {
      buildDefinition: {
        buildType: 'urn:ingot:recipe:v1',
        externalParameters: {
          recipe: basename(recipe.file),
          ...(recipe.architecture !== undefined && { architecture: recipe.architecture }),
          ...(epoch !== undefined && { sourceDateEpoch: epoch }),
        },
        internalParameters: {
          timeCeiling,
          steps: plan.layers.map(({ title, key }) => ({ title, key })),
        },
        resolvedDependencies: [
          ...recipe.sources.map(({ path, sha256 }) => ({ name: 'recipe', uri: path, digest: { sha256 } })),
          baseDependency(base!.title, plan.baseContent),
          ...(await Promise.all(programs.map((name) => programDependency(name, home.digests)))).flat(),
        ],
      },
      runDetails: { builder: { id: 'urn:ingot', version: { ingot: version, node: process.versions.node } } },
    },
  }
  const content = Buffer.from(JSON.stringify(statement))
  return { artifactType: provenanceType, annotations: { 'in-toto.io/predicate-type': predicateType }, content }
}

/** With the digest of what it is made from where that is one thing, else with all that it hangs on. */
function baseDependency(title: string, content: unknown): object {
  const only = Array.isArray(content) && content.length === 1 ? content[0] : content
  const isDigest = typeof only === 'string' && /^[0-9a-f]{64}$/.test(only)
  const found = isDigest ? { digest: { sha256: only } } : { annotations: { identity: JSON.stringify(content) } }
  return { name: 'base', uri: title, ...found }
}

/** None for a program that is not there: then what it made was there before. */
async function programDependency(name: string, digests: string): Promise<readonly object[]> {
  const path = await findTool(name)
  if (path === undefined) return []
  const sha256 = await fileDigest(path, digests)
  return [{ name, uri: path, digest: { sha256 }, annotations: { version: await versionOf(path) } }]
}

async function versionOf(path: string): Promise<string> {
  const said = await run(path, ['--version'], { accept: everyStatus })
  return /\d[\w.~+-]*/.exec(said.stdout)?.[0] ?? 'unknown'
}
