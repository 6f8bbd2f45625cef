import { chmod, mkdir } from 'node:fs/promises'

/** A new folder, 0755 whatever the umask; one that is there is left as it is. */
export async function makeFolder(path: string): Promise<void> {
  if ((await mkdir(path, { recursive: true })) !== undefined) await chmod(path, 0o755)
}
