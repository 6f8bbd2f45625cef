import { IngotError } from '../image/error.ts'

/** An image name in Docker's sense, complete. */
export interface DockerName {
  /** Host, with a port if there is one: `docker.io`, `localhost:5000`. */
  readonly domain: string
  /** `library/debian` */
  readonly path: string
  readonly tag: string
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const host = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domainForm = new RegExp(`^(?:${host}(?:\\.${host})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const pathForm = new RegExp(`^${component}(?:/${component})*$`)
const tagForm = /^\w[\w.-]{0,127}$/

/**
 * Parses `[HOST[:PORT]/]PATH[:TAG]` by the grammar of github.com/distribution/reference; without a host it is Docker
 * Hub's, without a tag `latest`. Undefined when it is no such name, names a digest, or is longer than 255 characters.
 */
export function parseDockerName(text: string): DockerName | undefined {
  const slash = text.indexOf('/')
  const first = slash < 0 ? '' : text.slice(0, slash)
  const hasDomain = /[.:]|[A-Z]/.test(first) || first === 'localhost'
  const rest = hasDomain ? text.slice(slash + 1) : text
  const colon = rest.indexOf(':')
  const name = colon < 0 ? rest : rest.slice(0, colon)
  const tag = colon < 0 ? 'latest' : rest.slice(colon + 1)
  const domain = hasDomain && first !== 'index.docker.io' ? first : 'docker.io'
  const path = domain === 'docker.io' && !name.includes('/') ? `library/${name}` : name
  if (!domainForm.test(domain) || !pathForm.test(path) || !tagForm.test(tag)) return undefined
  return domain.length + path.length + 1 > 255 ? undefined : { domain, path, tag }
}

/** As parseDockerName, but throws 'usage'. */
export function requireDockerName(text: string): DockerName {
  const name = parseDockerName(text)
  if (name) return name
  throw new IngotError('usage', `${JSON.stringify(text)} cannot be the name of a Docker image`, {
    hint: 'Names look like [HOST[:PORT]/]path/in/lower-case[:TAG], without a digest; give another with --name.',
  })
}

/** `docker.io/library/debian:12` */
export function fullName({ domain, path, tag }: DockerName): string {
  return `${domain}/${path}:${tag}`
}

/** As people write it and docker shows it: `debian:12`. */
export function familiarName({ domain, path, tag }: DockerName): string {
  if (domain !== 'docker.io') return `${domain}/${path}:${tag}`
  return `${path.replace(/^library\//, '')}:${tag}`
}
