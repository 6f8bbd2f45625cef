/** What a build says while it goes on. */
export type BuildEvent =
  /** A part of the work begins: the base, or a step. */
  | { readonly type: 'start'; readonly title: string; readonly number: number; readonly count: number }
  /** A part of the work was done before, and its result is used. */
  | { readonly type: 'cached'; readonly title: string; readonly number: number; readonly count: number }
  /** A line that a program wrote. */
  | { readonly type: 'output'; readonly line: string }
  /** Something worth knowing, such as that a cached base was used. */
  | { readonly type: 'note'; readonly message: string }
  /** The part of the work that began last is done; not said of one that failed. */
  | { readonly type: 'finish'; readonly seconds: number }
  /** A test of the recipe was done; `failure` says what was found where it failed. */
  | { readonly type: 'test'; readonly title: string; readonly seconds: number; readonly failure: string | undefined }
  /** A shell is opened for the user; when it ends, so does the build. */
  | { readonly type: 'shell'; readonly message: string }
  /** What the file system could not give or the image cannot hold. */
  | { readonly type: 'warning'; readonly message: string }
