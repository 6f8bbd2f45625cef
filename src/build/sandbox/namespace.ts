import type { CommandOptions } from '../../host/command.ts'
import { run } from '../../host/run.ts'
import { everyStatus } from './exit-status.ts'

/**
 * `end` stops the program first, so that it starts nothing more; its child is the first process of its namespace, with which all others go. dash
 * reads the last line of a file without a line feed, but calls that a failure.
 */
const script = `
umask 022
exec 3<&0 </dev/null
"$@" 3<&- 2>&1 &
outer=$!
end() {
  kill -STOP $outer || return
  while read -r _ _ state _ <"/proc/$outer/stat"; do case $state in [TZX]) break ;; esac; done
  read -r inner <"/proc/$outer/task/$outer/children"
  [ -z "$inner" ] || kill -KILL $inner
  kill -KILL $outer
}
{ read -r _ <&3; end; } >/dev/null 2>&1 &
watcher=$!
trap 'end 2>/dev/null; kill $watcher; trap - TERM; kill -TERM $$' TERM
exec 3<&-
wait $outer
status=$?
kill $watcher
exit $status`

/**
 * Runs a program that makes a process namespace for its child (bwrap, unshare --fork), with umask 022, and resolves to its exit status; what
 * is written to either output comes to `onLine` in the order in which it is. All of it ends when Ingot does, at whatever moment: such
 * programs ask for a signal at their parent's death only some milliseconds after their start, and stay for ever when it has died by then.
 * Throws as `run` does when it cannot be started or is ended by a signal.
 */
export async function runNamespace(
  command: readonly string[],
  onLine: (line: string) => void,
  env: CommandOptions['env'] = {},
): Promise<number> {
  // In a session of its own: what ends a whole process group leaves the watcher.
  const args = ['sh', '-c', script, 'sh', ...command]
  return (await run('setsid', args, { onLine, env, accept: everyStatus, keep: false, lifeline: true })).exitCode
}
