import { z } from 'zod'
import { environment, oneOf, strictMap, text } from '../fields.ts'

export const engineNames = ['buildah', 'buildx', 'podman', 'docker'] as const

/** An image that a container engine builds. */
export interface DockerfileBase {
  readonly kind: 'dockerfile'
  /** The Dockerfile, relative to the recipe's folder. */
  readonly file: string
  /** What it may copy from, relative to the recipe's folder; undefined: the Dockerfile's own folder. */
  readonly context: string | undefined
  /** Values of its ARGs. */
  readonly args: Readonly<Record<string, string>>
  /** The stage that is wanted; undefined: the last. */
  readonly target: string | undefined
  /** As `linux/arm64`; undefined: the recipe's architecture, else the engine's own. */
  readonly platform: string | undefined
  /** Undefined: the first one that is there. */
  readonly engine: (typeof engineNames)[number] | undefined
}

export const dockerfileForm = strictMap({
  dockerfile: text.describe('Dockerfile, relative to the folder of the recipe'),
  context: text.optional().describe('Folder that it copies from; default: its own'),
  args: environment.default({}).describe('Values of its ARGs'),
  target: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'expected the name of a stage')
    .optional(),
  platform: z
    .string()
    .regex(/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9]+)?$/, 'expected a platform, like linux/arm64')
    .optional(),
  engine: oneOf(engineNames).optional().describe('Default: the first of them that is there'),
}).transform(
  ({ dockerfile: file, ...rest }): DockerfileBase => ({
    kind: 'dockerfile',
    file,
    args: rest.args,
    context: rest.context,
    target: rest.target,
    platform: rest.platform,
    engine: rest.engine,
  }),
)

export function shortDockerfile(dockerfile: string): DockerfileBase {
  return dockerfileForm.parse({ dockerfile })
}
