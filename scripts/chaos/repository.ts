// Manifests as an operator has them: an author commits in one repository, and the node's clone, which the daemon
// watches, pulls. What the switch should hold is kept beside them, whatever is done to the clone.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runOrThrow } from '../../test/support/processes.js'
import { filesOf, FIRST_WISHES, type Wishes } from './manifests.js'

/** The user's own git configuration (identity, signing, hooks) stays out. */
const GIT_SETTINGS = [
  ...['user.name=Chaos', 'user.email=chaos@example.invalid', 'commit.gpgSign=false'],
  ...['core.hooksPath=/dev/null', 'gc.auto=0'],
]

export class ChaosRepository {
  /** What the daemon watches. */
  readonly clone: string
  /** What the checker compares the switch with. */
  readonly wanted: string
  readonly #author: string
  #wishes = FIRST_WISHES

  private constructor(folder: string) {
    this.#author = join(folder, 'author')
    this.clone = join(folder, 'clone')
    this.wanted = join(folder, 'wanted')
  }

  static async create(folder: string): Promise<ChaosRepository> {
    const repository = new ChaosRepository(folder)
    await mkdir(folder)
    await git(folder, 'init', '--quiet', '--initial-branch=main', repository.#author)
    await repository.#record('first')
    await git(folder, 'clone', '--quiet', repository.#author, repository.clone)
    await repository.#want(FIRST_WISHES)
    return repository
  }

  get wishes(): Wishes {
    return this.#wishes
  }

  /** Commits, and lets the clone follow. */
  async deploy(wishes: Wishes, message: string): Promise<void> {
    this.#wishes = wishes
    await this.#record(message)
    await this.#want(wishes)
    await git(this.clone, 'pull', '--quiet', '--ff-only')
  }

  /** A branch with other wishes is checked out in the clone; `back` checks main out again. */
  async visit(wishes: Wishes): Promise<{ readonly back: () => Promise<void> }> {
    const before = this.#wishes
    await git(this.#author, 'checkout', '--quiet', '-B', 'side')
    this.#wishes = wishes
    await this.#record('side')
    await git(this.#author, 'checkout', '--quiet', 'main')
    this.#wishes = before
    await git(this.clone, 'fetch', '--quiet', 'origin', '+side:refs/remotes/origin/side')
    await this.#want(wishes)
    await git(this.clone, 'checkout', '--quiet', '--detach', 'origin/side')
    return {
      back: async () => {
        await this.#want(before)
        await git(this.clone, 'checkout', '--quiet', 'main')
      },
    }
  }

  /** Spoils a file of the clone; `restore` makes it as it was. What is wanted stays. */
  async spoil(
    file: string,
    change: (text: string) => string,
  ): Promise<{ readonly restore: () => Promise<void> }> {
    const path = join(this.clone, file)
    const before = await readFile(path, 'utf8')
    await writeFile(path, change(before))
    return { restore: () => writeFile(path, before) }
  }

  async #record(message: string): Promise<void> {
    for (const folder of ['marked', 'spares', 'extras'])
      await rm(join(this.#author, folder), { recursive: true, force: true })
    await writeFiles(this.#author, this.#wishes)
    await git(this.#author, 'add', '--all')
    await git(this.#author, 'commit', '--quiet', '--allow-empty', '--message', message)
  }

  /** Swapped in one step, as the checker may be reading. */
  async #want(wishes: Wishes): Promise<void> {
    const next = `${this.wanted}.next`
    await writeFiles(next, wishes)
    await rm(`${this.wanted}.old`, { recursive: true, force: true })
    await rename(this.wanted, `${this.wanted}.old`).catch(() => undefined) // there is none at first
    await rename(next, this.wanted)
  }
}

async function writeFiles(folder: string, wishes: Wishes): Promise<void> {
  for (const [name, text] of filesOf(wishes)) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
}

async function git(folder: string, ...args: readonly string[]): Promise<string> {
  return runOrThrow('git', ['-C', folder, ...GIT_SETTINGS.flatMap((setting) => ['-c', setting]), ...args])
}
